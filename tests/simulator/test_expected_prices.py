"""Means on Sobol points take random price changes at their expectation: closed forms, and what stays as it is drawn."""

from __future__ import annotations

from functools import cache
from math import exp
from pathlib import Path

import numpy as np
import pytest

from simulator import storage
from simulator.lowering import lower, strategies, variate
from simulator.plan import Plan, load_plan, parse_plan
from simulator.plan.contents import quantities
from simulator.run import run_blocks, simulate
from simulator.tally import PROPORTIONAL
from simulator.trace import record_lifetimes
from tests.simulator.kernel.small import TEXT, read, read_with_price_changes

REFERENCE = Path(__file__).resolve().parents[2] / "configs" / "plan.toml"
MONTHS = 20

CERTAIN = """
name = "Nothing is uncertain but prices"
start = 2027-01-01
horizon = "20 month"
baseline = "prompting"

[finance]
currency = "USD"
discount = "8% / year"
inflation = "2% / year"
fiscal_start = "April"
budget = "60000 USD/year"

[demand]
requests = "100k req/month"
growth = "20% / year"

[request]
input = "1000 tok/req"
output = "200 tok/req"
input_growth = "5% / year"

[quality]
cost_per_failure = "0.05 USD/failure"

[prices.market]
drift = "-10% / year"
scheduled = [{ at = 7, change = 0.8 }]

[prices.rented]
drift = "4% / year"

[models.large]
input_price = "2 USD/Mtok"
cached_price = "0.5 USD/Mtok"
output_price = "10 USD/Mtok"
prices = "market"

[models.small]
input_price = "0.1 USD/Mtok"
output_price = "0.4 USD/Mtok"

[strategies.prompting]
model = "large"
prompt = "1500 tok/req"
prompt_growth = "6% / year"
retrieved = "300 tok/req"
cached = "40%"
retries = "2%"
batched = "20%"
failures = "5%"
costs.upkeep = "500 USD/month"

[strategies.plain]
model = "small"
prompt = "100 tok/req"
failures = "6%"

[strategies.hosted]
prompt = "100 tok/req"
failures = "4%"
serving = { gpu_price = "2 USD/GPU-h", capacity = "700 tok/s", peak = 2.5, prices = "rented" }
costs.setup = "5000 USD"

[strategies.mixed]
route = { hosted = "70%", prompting = "rest" }

[strategies.moving]
start_with = "prompting"

[[strategies.moving.then]]
migrate_to = "hosted"
when = { at = 9 }
takes = "2 month"
"""
RATES = {"market": 2.0, "rented": 0.5}
CHANGES = {
    "market": ("{ values = [0.5, 2.0], weights = [3, 1] }", (3 * 0.5 + 2.0) / 4),
    "rented": ("{ min = 0.5, mode = 1.2, max = 3.0 }", (0.5 + 4 * 1.2 + 3.0) / 6),
}


def read_certain(
    sampler: str, *, at_random: bool, compare_on: str = "", market: str = CHANGES["market"][0]
) -> Plan:
    """Read the plan with changes at random, or with their expected factor on schedule, every month."""
    text = CERTAIN
    for name, rate in RATES.items():
        written, mean = CHANGES[name]
        written = market if name == "market" else written
        rise = 1.0 + (1.0 - exp(-rate / 12.0)) * (mean - 1.0)
        if at_random:
            more = f'change_rate = "{rate} / year"\nchange = {written}\n'
        else:
            planned = [f"{{ at = {t}, change = {rise!r} }}" for t in range(2, MONTHS + 1)]
            if name == "market":
                planned.append("{ at = 7, change = 0.8 }")
                text = text.replace("scheduled = [{ at = 7, change = 0.8 }]\n", "")
            more = f"scheduled = [{', '.join(planned)}]\n"
        text = text.replace(f"[prices.{name}]\n", f"[prices.{name}]\n{more}")
    text = text.replace("[finance]\n", f"[finance]\n{compare_on}")
    return parse_plan(text.encode(), "plan.toml", [f'run.sampler="{sampler}"'])


@cache
def expected():
    return simulate(read_with_price_changes('run.sampler="sobol"'), lifetimes=16_384)


def means(dataset) -> list[str]:
    return [name.removesuffix("_mcse") for name in dataset.data_vars if name.endswith("_mcse")]


def is_expected(name: str) -> bool:
    return name.removesuffix("_mean").removeprefix("expected_") in PROPORTIONAL


# --- closed forms


@pytest.mark.parametrize("compare_on", ["", 'compare_on = ["input_tokens", "serving", "other"]\n'])
def test_means_are_those_of_the_expected_change_on_schedule(compare_on):
    """Nothing else is uncertain, so that there is no error: 1e-12, for rounding."""
    found = simulate(read_certain("sobol", at_random=True, compare_on=compare_on), lifetimes=1024)
    planned = simulate(read_certain("random", at_random=False, compare_on=compare_on), lifetimes=1)
    assert found["present_cost"].isel(month=-1, strategy=0).std() > 100.0  # prices do change
    for name in means(found):
        if name in ("expected_regret", "expected_overrun", "expected_shortfall"):
            continue
        scale = np.abs(planned[name].values).max()
        np.testing.assert_allclose(found[name], planned[name], rtol=1e-12, atol=1e-12 * scale, err_msg=name)
        assert np.all(found[f"{name}_mcse"] <= 1e-12 * scale), name


def test_a_price_level_has_its_closed_form():
    """E[D_t] = ((1 + drift)^(1/12) (1 - p + p E[change]))^(t-1), times the change on schedule."""
    level = simulate(read_certain("sobol", at_random=True), lifetimes=16)["price_level_mean"]
    p = 1.0 - exp(-RATES["market"] / 12.0)
    months = np.arange(MONTHS)
    monthly = 0.9 ** (1 / 12) * (1.0 - p + p * CHANGES["market"][1])
    np.testing.assert_allclose(
        level.sel(process="market"), monthly**months * np.where(months >= 6, 0.8, 1.0), rtol=1e-12
    )


# --- lifetime by lifetime


def test_every_lifetime_has_its_own_expectation():
    """64 lifetimes, one a batch, in NumPy: levels from what is drawn where no price has changed, bills in proportion,
    present cost at 8 % a year."""
    lowered = lower(read_with_price_changes('run.sampler="sobol"'))
    drawn = record_lifetimes(lowered, 0, 64, 11)
    sums = run_blocks(lowered, lifetimes=64, seed=11, threads=1).sums
    level = sums["price_level"][0].T
    names = [info.name for info in lowered.inputs]
    p = 1.0 - np.exp(-drawn.inputs[:, names.index("prices.market.change_rate")] / 12.0)
    written = next(q for q in quantities(read_with_price_changes()) if q.name == "prices.market.change")
    rise = 1.0 + p * (variate(written).mean() - 1.0)
    change = drawn.price[:, 0, 1:] / drawn.price[:, 0, :-1] * rise[:, None] / (level[:, 1:] / level[:, :-1])
    unchanged = np.abs(change - 1.0) < 1e-9
    np.testing.assert_array_equal(level[:, 0], 1.0)
    share = 1.0 - p.mean()
    assert abs(unchanged.mean() - share) < 5 * np.sqrt(share * (1 - share) / unchanged.size)

    cost = drawn.cost[:, 0].copy()
    cost[:, :2] *= (level / drawn.price[:, 0])[:, None, :]
    np.testing.assert_allclose(sums["cost_breakdown"][0].transpose(2, 0, 1), cost, rtol=1e-12)
    present = np.cumsum(cost.sum(axis=1) * 1.08 ** (-np.arange(1, 15) / 12), axis=1)
    np.testing.assert_allclose(sums["present_cost"][0].T, present, rtol=1e-12)
    per_kreq = 1000.0 * cost.sum(axis=(1, 2)) / drawn.requests.sum(axis=1)
    np.testing.assert_allclose(sums["cost_per_kreq"][0], per_kreq, rtol=1e-12)


# --- against what is drawn


def test_means_agree_with_those_of_drawn_prices():
    """Random points, nothing expected: within 5 standard errors of the difference."""
    drawn = simulate(read_with_price_changes(), lifetimes=131_072)
    for name in means(expected()):
        if name == "expected_shortfall":
            continue
        both = np.hypot(expected()[f"{name}_mcse"].values, drawn[f"{name}_mcse"].values)
        apart = np.abs(expected()[name].values - drawn[name].values)
        assert np.all(apart <= 5 * both + 1e-9 * np.abs(drawn[name].values)), name


def test_all_but_means_of_bills_is_what_is_drawn(monkeypatch):
    """The same bits without expectations; and the means that have them differ."""
    monkeypatch.setattr(strategies, "EXPECTING", ())
    drawn = simulate(read_with_price_changes('run.sampler="sobol"'), lifetimes=16_384)
    bills = {name for name in means(drawn) if is_expected(name)}
    assert len(bills) == len(PROPORTIONAL - {"compared_cost"})
    for name in drawn.data_vars:
        same = np.array_equal(drawn[name].values, expected()[name].values, equal_nan=True)
        assert same == (name.removesuffix("_mcse") not in bills), name
    best = expected()["present_cost_mean"].argmin("strategy")
    np.testing.assert_allclose(
        expected()["expected_regret"].isel(strategy=best),
        drawn["expected_regret"].isel(strategy=best),
        rtol=1e-9,
    )
    trained = {"component": "training"}
    np.testing.assert_array_equal(
        drawn["cost_breakdown"].sel(trained).values, expected()["cost_breakdown"].sel(trained).values
    )


def test_only_the_means_that_take_expectations_say_so():
    for name in means(expected()):
        says = "at their expectation" in expected()[name].attrs["long_name"]
        assert says == is_expected(name), name
    without = simulate(read(TEXT, 'run.sampler="sobol"'), lifetimes=16)
    assert not any("expectation" in without[name].attrs["long_name"] for name in means(without))


def test_means_of_parts_add_up():
    """Components to the month, months to periods, differences to savings and regrets."""
    one = expected()
    monthly = one["cost_breakdown"].sum("component")
    np.testing.assert_allclose(monthly, one["monthly_cost_mean"], rtol=1e-12)
    np.testing.assert_allclose(
        one["monthly_cost_mean"].cumsum("month"), one["cumulative_cost_mean"], rtol=1e-12
    )
    np.testing.assert_allclose(
        one["fiscal_year_cost_mean"].sum("fiscal_year"),
        one["cumulative_cost_mean"].isel(month=-1),
        rtol=1e-12,
    )
    regret, present = one["expected_regret"], one["present_cost_mean"]
    np.testing.assert_allclose(regret - regret.min("strategy"), present - present.min("strategy"), atol=1e-6)
    present = present.isel(month=-1)
    apart = present.rename(strategy="rival") - present
    np.testing.assert_allclose(
        one["saving_mean"].transpose(*apart.dims), apart, atol=1e-9 * float(present.max())
    )


def test_an_expectation_too_large_for_a_number_is_refused():
    """A change of e^58 on average, though the drawn ones stay far below."""
    plan = read_certain("sobol", at_random=True, market="{ p10 = 1e-6, p50 = 1.0, p90 = 1e6 }")
    with pytest.raises(
        OverflowError, match="costs are expected to be too large for a number, though none is"
    ):
        simulate(plan, lifetimes=16)


def test_expectations_need_points_and_price_changes():
    assert lower(read_with_price_changes('run.sampler="sobol"')).plan.compared.expects
    assert not lower(read_with_price_changes()).plan.compared.expects
    assert not lower(read(TEXT, 'run.sampler="sobol"')).plan.compared.expects


# --- bytes and errors


def test_threads_change_no_byte():
    assert storage.values_digest(
        simulate(read_with_price_changes('run.sampler="sobol"'), lifetimes=16_384, threads=1)
    ) == storage.values_digest(expected())


def test_standard_errors_of_the_reference_plan_are_five_times_smaller():
    """At 131,072 lifetimes, for every strategy; root mean square over 2 seeds, whose own error is 13 %: 6.6 and more
    are usual."""
    errors = {}
    for sampler in ("random", "sobol"):
        squares = [
            simulate(
                load_plan(REFERENCE, [f'run.sampler="{sampler}"', f"run.seed={seed}"]), lifetimes=131_072
            )["present_cost_mean_mcse"].values[:, -1]
            ** 2
            for seed in range(2)
        ]
        errors[sampler] = np.sqrt(np.mean(squares, axis=0))
    assert np.all(errors["random"] > 5.0 * errors["sobol"])
