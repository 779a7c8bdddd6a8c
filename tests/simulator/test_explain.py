"""Every quantity of a plan in words and numbers."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pytest

from simulator.explain import describe, quantities
from simulator.explain.words import exact_number, in_words, shown_number
from simulator.plan import parse_plan
from simulator.plan.dimensions import FACTOR, HOURS
from simulator.plan.fields import QuantityField
from simulator.plan.quantity import parse_quantity

PLAN = """
name = "Words"
start = 2027-01-01
horizon = "6 month"
baseline = "prompting"
[finance]
currency = "USD"
[demand]
requests = { value = "60k to 300k req/month", source = "the log of last year", owner = "Ada" }
growth = "1% to 3% / month"
[request]
input = "400 tok/req"
output = { min = 100, mode = 200, max = 600, unit = "tok/req" }
[people]
engineer = "90 USD/h"
raise = "4% / year"
[prices.api]
change_rate = "0.5 / year"
change = "0.4 to 0.9"
[models.big]
input_price = "2.5 USD/Mtok"
output_price = "10 USD/Mtok"
prices = "api"
[strategies.prompting]
model = "big"
prompt = "1000 tok/req"
failures = "2% to 8%"
failure_drift = "0.1 to 0.3 pp/month"
[strategies.prompting.costs]
upkeep = { values = [1, 2, 4], weights = [5, 3, 2], unit = "h/month", role = "engineer" }
[strategies.half]
extends = "prompting"
failures = { same_as = "strategies.prompting.failures", times = 0.5 }
[strategies.some]
model = "big"
prompt = "1000 tok/req"
failures = { same_as = "strategies.prompting.failures", times = "0.6 to 0.9" }
[strategies.double]
model = "big"
prompt = "1000 tok/req"
failures = { same_as = "strategies.prompting.failures", times = 20 }
"""


@pytest.fixture(scope="module")
def plan():
    return parse_plan(PLAN.encode(), "plan.toml")


@pytest.fixture(scope="module")
def rows(plan):
    return {row.name: row for row in describe(plan)}


def numbers(row):
    return np.array([row.p5, row.p10, row.p50, row.p90, row.p95])


def split_normal(low, high, levels=(0.05, 0.1, 0.5, 0.9, 0.95)):
    """Give the normal quantiles whose 5th and 95th percentiles are these."""
    scores = np.array([NormalDist().inv_cdf(level) for level in levels])
    return (low + high) / 2 + (high - low) / 2 * scores / NormalDist().inv_cdf(0.95)


def logit(share):
    return math.log(share / (1 - share))


def test_every_quantity_is_described_once_and_its_table_is_in_one_piece(plan, rows):
    described = describe(plan)
    assert [row.name for row in described] == list(rows)
    assert set(rows) == {quantity.name for quantity in quantities(plan)}
    tables = [row.table for row in described]
    assert sum(a != b for a, b in pairwise(tables)) + 1 == len(set(tables))


def test_a_table_comes_before_the_tables_in_it(plan):
    tables = list(dict.fromkeys(row.table for row in describe(plan)))
    assert tables.index("strategies.prompting") + 1 == tables.index("strategies.prompting.costs")


def test_what_a_strategy_takes_over_is_described_where_it_was_written(rows):
    assert "strategies.prompting.costs.upkeep" in rows
    assert "strategies.half.costs.upkeep" not in rows


def test_the_factor_of_a_same_as_stands_beside_it(rows):
    factor = rows["strategies.some.failures.times"]
    assert (factor.table, factor.key) == ("strategies.some", "failures.times")


def test_two_percentiles_of_a_positive_quantity_are_met_and_the_others_are_lognormal(rows):
    row = rows["demand.requests"]
    expected = np.exp(split_normal(math.log(60e3), math.log(300e3)))
    np.testing.assert_allclose(numbers(row), expected, rtol=1e-9)
    sd = math.log(5) / (2 * NormalDist().inv_cdf(0.95))
    assert row.mean == pytest.approx(math.sqrt(60e3 * 300e3) * math.exp(sd**2 / 2), rel=1e-9)
    assert (row.unit, row.family, row.drawn) == ("req/month", "lognormal", "once per lifetime")
    assert (row.source, row.owner) == ("the log of last year", "Ada")


def test_a_monthly_rate_is_shown_as_it_was_stated(rows):
    row = rows["demand.growth"]
    expected = 100 * np.expm1(split_normal(math.log(1.01), math.log(1.03)))
    np.testing.assert_allclose(numbers(row), expected, rtol=1e-9)
    mu, sd = math.log(1.01 * 1.03) / 2, math.log(1.03 / 1.01) / (2 * NormalDist().inv_cdf(0.95))
    # The mean of what is stated, not the yearly mean turned into months.
    assert row.mean == pytest.approx(100 * math.expm1(mu + sd**2 / 2), rel=1e-7)
    assert row.unit == "%/month"


def test_shares_and_points_are_shown_in_their_own_unit(rows):
    assert (rows["strategies.prompting.failures"].p5, rows["strategies.prompting.failures"].unit) == (
        2.0,
        "%",
    )
    drift = rows["strategies.prompting.failure_drift"]
    assert drift.mean == pytest.approx(0.2, rel=1e-9)
    assert drift.unit == "pp/month"


def test_a_constant_is_the_same_everywhere_and_never_drawn(rows):
    row = rows["people.raise"]
    assert {*numbers(row), row.mean} == {4.0}
    assert (row.drawn, row.family, row.words) == ("never", "constant", "4 %/year, always")


def test_what_is_drawn_at_each_occurrence_says_so(rows):
    assert rows["prices.api.change"].drawn == "per occurrence"
    assert rows["prices.api.change"].words == "0.4 to 0.9 in 9 of 10 occurrences"
    assert rows["prices.api.change_rate"].drawn == "never"


def test_the_same_draw_times_a_constant_has_the_quantiles_times_that(rows):
    base, half = rows["strategies.prompting.failures"], rows["strategies.half.failures"]
    np.testing.assert_allclose(numbers(half), numbers(base) / 2, rtol=1e-12)
    assert half.mean == pytest.approx(base.mean / 2, rel=1e-6)
    assert half.unit == "%"
    assert not half.approximate
    assert half.words == "same draw as strategies.prompting.failures, times 0.5, always"


def test_a_share_times_a_factor_stops_at_one(rows):
    row = rows["strategies.double.failures"]
    assert row.p95 == 100.0
    assert row.p5 == pytest.approx(40.0, rel=1e-9)
    levels = (np.arange(20_000) + 0.5) / 20_000
    logits = split_normal(logit(0.02), logit(0.08), levels)
    # Midpoints of 20,000 strips, of a function that is Lipschitz but for its ends.
    assert row.mean == pytest.approx(100 * np.minimum(20 / (1 + np.exp(-logits)), 1).mean(), rel=1e-5)


def test_a_product_of_two_draws_is_marked_and_right_to_three_digits(rows):
    """Against 10^6 independent products; five standard errors are below 0.5 % of every quantile asked for."""
    row = rows["strategies.some.failures"]
    assert row.approximate
    generator = np.random.default_rng(20270101)
    z = generator.standard_normal((2, 1_000_000))
    score = NormalDist().inv_cdf(0.95)

    share = (logit(0.02) + logit(0.08)) / 2 + (logit(0.08) - logit(0.02)) / (2 * score) * z[0]
    factor = (math.log(0.6) + math.log(0.9)) / 2 + math.log(1.5) / (2 * score) * z[1]
    sample = 100 / (1 + np.exp(-share)) * np.exp(factor)
    expected = np.quantile(sample, [0.05, 0.1, 0.5, 0.9, 0.95])
    np.testing.assert_allclose(numbers(row), expected, rtol=5e-3)
    assert row.mean == pytest.approx(sample.mean(), rel=5e-3)


def test_percentiles_never_fall(rows):
    for row in rows.values():
        assert np.all(np.diff(numbers(row)) >= 0), row.name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("demand.requests", "60k to 300k req/month in 9 of 10 lifetimes"),
        ("request.output", "100 to 600 tok/req, most likely 200"),
        ("strategies.prompting.costs.upkeep", "1 (50%), 2 (30%) or 4 (20%) h/month"),
        ("strategies.some.failures.times", "0.6 to 0.9 in 9 of 10 lifetimes"),
    ],
)
def test_words_read_aloud(rows, name, words):
    assert rows[name].words == words


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"p10": 0.5, "p50": 3, "p90": 15}, "0.5 to 15 h in 8 of 10 lifetimes, 3 in the middle"),
        ({"p5": 1, "p50": 3}, "P5 1 and P50 3 h"),
        ({"min": 1, "max": 5}, "1 to 5 h, all alike"),
        ({"dist": "gamma", "mean": 40, "sd": 12}, "40 h on average, standard deviation 12"),
        (
            {"mixture": [{"weight": 9, "value": "2 to 4 h"}, {"weight": 1, "value": "30 min"}]},
            "90%: 2 to 4 h in 9 of 10 lifetimes; 10%: 30 min, always",
        ),
    ],
)
def test_every_form_has_words(written, words):
    raw = written if "mixture" in written else written | {"unit": "h"}
    assert in_words(parse_quantity(raw, QuantityField(HOURS), "x.y", currency="USD")) == words


def test_members_of_a_mixture_count_what_the_mixture_counts():
    raw = {"mixture": [{"weight": 1, "value": "0.4 to 0.9"}, {"weight": 1, "value": 1}]}
    change = parse_quantity(raw, QuantityField(FACTOR), "prices.api.change", currency="USD")
    assert in_words(change) == "50%: 0.4 to 0.9 in 9 of 10 occurrences; 50%: 1, always"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"), (7, "7"), (0.5, "0.5"), (0.123456, "0.123"), (0.00123, "0.00123"), (1e-9, "1e-09"),
        (-60, "-60"), (99.96, "100"), (999.6, "1,000"), (1234, "1,234"), (9999.9, "10k"), (15000, "15k"),
        (123456, "123k"),
        (999_600, "1M"), (1_234_567, "1.23M"), (1.5e9, "1.5B"), (9.994e11, "999B"), (1e15, "1e15"), (-12_345, "-12.3k"),
    ],
)  # fmt: skip
def test_numbers_have_three_digits_and_the_suffixes_of_the_plan(number, text):
    assert shown_number(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.875, "1.875"),
        (7.000000000000001, "7"),
        (1466, "1,466"),
        (14_660, "14,660"),
        (3e6, "3M"),
        (1 / 3, "0.333333"),
    ],
)
def test_a_constant_loses_no_digit_that_it_was_given(number, text):
    assert exact_number(number) == text
