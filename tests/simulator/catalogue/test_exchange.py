"""Test catalogue prices in plans of another currency: every one is multiplied by `finance.usd_rate`."""

from __future__ import annotations

import numpy as np
import pytest

from simulator import run
from simulator.lowering import lower
from simulator.trace import record_lifetimes
from tests.reference_model import simulate

EURO = ('currency = "USD"', 'currency = "EUR"')
TRAINED = """
[models.tuned]
catalog = "openai:ft:gpt-4.1-mini"

[strategies.finetuned]
model = "tuned"
prompt = "100 tok/req"
cached = "20% to 60%"

[strategies.finetuned.training]
examples = 1000
tokens_per_example = "1000 tok/example"
epochs = 3
price = { same_as = "models.tuned.training_price", times = "0.8 to 1.2" }

[strategies.finetuned.costs]
care = "100 EUR/month"
"""


def test_a_dollar_that_costs_two_euros_doubles_every_price_to_the_bit(read):
    dollars = run.simulate(read(), lifetimes=2_000, seed=1)
    euros = run.simulate(read("finance.usd_rate=2", changes=(EURO,)), lifetimes=2_000, seed=1)
    assert euros.attrs["currency"] == "EUR"
    np.testing.assert_array_equal(euros.sample_present_cost, 2 * dollars.sample_present_cost)


def test_in_dollars_the_rate_counts_for_nothing(read):
    with_rate = read('finance.usd_rate="0.5 to 2"')
    assert "finance.usd_rate changes nothing: the plan's currency is USD." in with_rate.warnings
    assert [info.name for info in lower(with_rate).inputs] == ["demand.requests"]
    first, second = (run.simulate(plan, lifetimes=500, seed=1) for plan in (with_rate, read()))
    np.testing.assert_array_equal(first.sample_present_cost, second.sample_present_cost)


def test_written_prices_of_the_plan_are_not_multiplied(read):
    sets = ('models.base.input_price="2 EUR/Mtok"', 'models.base.cached_price="1 EUR/Mtok"')
    written = (*sets, 'models.base.output_price="10 EUR/Mtok"', "finance.usd_rate=7")
    plain = run.simulate(read(), lifetimes=500, seed=1)
    euros = run.simulate(read(*written, changes=(EURO,)), lifetimes=500, seed=1)
    np.testing.assert_array_equal(euros.sample_present_cost, plain.sample_present_cost)


def test_an_uncertain_rate_is_drawn_once_a_lifetime_for_all_prices(read):
    plan = read('finance.usd_rate="0.85 to 0.97 EUR/USD"', changes=(EURO,), add=TRAINED)
    lowered = lower(plan)
    assert "finance.usd_rate" in {info.name for info in lowered.inputs}
    kept = record_lifetimes(lowered, 0, 200, 5)
    expected = simulate(plan, np.arange(200), 5)
    for number, info in enumerate(lowered.inputs):
        np.testing.assert_allclose(kept.inputs[:, number], expected.inputs[info.name], rtol=1e-9)
    np.testing.assert_allclose(kept.totals[..., 2], expected.present(), rtol=1e-9)


def test_a_rate_of_zero_is_refused(errors_of):
    errors = errors_of("finance.usd_rate=0", changes=(EURO,))
    assert [error.key for error in errors] == ["finance.usd_rate"]


@pytest.mark.parametrize("written", ["finance.usd_rate=0.92", 'finance.usd_rate="0.92 EUR/USD"'])
def test_explain_and_results_keep_the_dollar_price(read, written):
    plan = read(written, changes=(EURO,))
    assert plan.models["base"].input_price.unit.text == "USD/Mtok"
    assert {price.unit for price in plan.resolved_prices} == {"USD/Mtok"}
