"""Whole runs, from plan to dataset, against closed forms and arithmetic by hand.

With n = 120,000 lifetimes and k = 5 standard errors, what would be found is a bias of 0.007 of a probability
near one half, of 0.4 % (month 1) to 1.2 % (month 25) of a mean of demand, of 0.3 % of a mean price level, of
0.05 of a rank correlation (10,000 samples) and of 2.3 % of an expected shortfall at 95 %. `test_mutations`
shows which bugs that is enough for.
"""

from __future__ import annotations

import numpy as np
import pytest

from simulator.run import simulate
from tests.simulator.kernel.checks import CHECKS, SIGMAS, plan
from tests.simulator.kernel.small import read

SEED = 20270101


@pytest.mark.parametrize("name", CHECKS)
def test_a_run_agrees_with_its_closed_form(name):
    check = CHECKS[name]
    found = simulate(read(check.text), lifetimes=check.lifetimes, seed=SEED)
    assert np.abs(check.deviations(found)).max() <= SIGMAS


@pytest.mark.parametrize(("interval", "horizon"), [(1, 13), (5, 37), (12, 37), (5, 5), (5, 6), (40, 37)])
def test_a_constant_interval_gives_a_whole_number_of_runs(interval, horizon):
    training = f"""
        retrain.every = "{interval} month"
        [strategies.a.training]
        examples = 1000
        tokens_per_example = "1000 tok/example"
        epochs = 1
        price = "7 USD/Mtok"
    """
    text = plan(training, horizon=horizon)
    found = simulate(read(text), lifetimes=70, threads=1)
    runs = found["training_runs"].sel(strategy="a").values
    months = np.flatnonzero(runs) + 1
    assert months.tolist() == list(range(1, horizon + 1, interval))
    assert len(months) == 1 + (horizon - 1) // interval
    np.testing.assert_allclose(found["monthly_cost_mean"].sel(strategy="a").values, 7.0 * runs, rtol=1e-14)


@pytest.mark.parametrize("interval", [0.4, 1, 2.5, 3, 7.25])
def test_a_constant_renewal_happens_in_the_first_month_that_reaches_it(interval):
    text = plan(
        f'[events.e]\nevery = "{interval} month"\n',
        '[strategies.a.costs]\neach = { value = "1 USD", on = "events.e" }',
        horizon=25,
    )
    found = simulate(read(text), lifetimes=3, threads=1)
    sums = interval * np.arange(1, 100)
    expected = {int(np.ceil(s - 1e-9)) + 1 for s in sums if s <= 24}
    assert set(np.flatnonzero(found["monthly_cost_mean"].sel(strategy="a").values) + 1) == expected


def test_without_spread_probabilities_are_zero_or_a_half_or_one_and_nothing_else():
    """a pays 10 a month, b 120 upfront, c the same 120: by month 12 all three have paid as much."""
    text = plan(
        '[strategies.a.costs]\nrent = "10 USD/month"',
        '[strategies.b.costs]\nsetup = "120 USD"',
        '[strategies.c.costs]\nsetup = "120 USD"',
        horizon=14,
        strategies="abc",
    )
    found = simulate(read(text), lifetimes=777, threads=1)
    a_wins = found["win_probability"].sel(strategy="a", rival="b").values
    np.testing.assert_array_equal(a_wins, [1.0] * 11 + [0.5] + [0.0] * 2)
    np.testing.assert_array_equal(found["win_probability"].sel(strategy="b", rival="a").values, 1.0 - a_wins)
    np.testing.assert_array_equal(found["win_probability"].sel(strategy="b", rival="c").values, 0.5)
    cheapest = found["cheapest_probability"].values
    np.testing.assert_array_equal(cheapest[0, [0, 10, 12, 13]], [1.0, 1.0, 0.0, 0.0])
    np.testing.assert_allclose(cheapest[:, 11], 1.0 / 3.0, rtol=1e-15)
    np.testing.assert_array_equal(cheapest[1:, 12:], 0.5)
    first = found["first_passage_probability"].sel(strategy="b", rival="a").values
    np.testing.assert_array_equal(first, np.arange(1, 15) == 12)
    lasting = found["break_even_probability"].sel(strategy="b", rival="a").values
    np.testing.assert_array_equal(lasting, np.arange(1, 15) == 12)
    np.testing.assert_array_equal(found["never_breaks_even"].values, [[0, 1, 1], [0, 0, 0], [0, 0, 0]])
    for name in ("present_cost", "cumulative_cost"):
        rent = 10.0 * np.arange(1, 15)
        np.testing.assert_array_equal(
            found[name].sel(strategy="a").values, np.broadcast_to(rent[:, None], (14, 9))
        )
        np.testing.assert_array_equal(found[f"{name}_mean"].sel(strategy="b").values, 120.0)
        np.testing.assert_array_equal(found[f"{name}_mean_mcse"].values, 0.0)
    np.testing.assert_array_equal(found["expected_regret"].isel(month=-1).values, [20.0, 0.0, 0.0])
    np.testing.assert_array_equal(found["saving"].sel(strategy="b", rival="a").values, 20.0)


def test_a_first_passage_that_does_not_last_is_no_break_even():
    """b is dearer at first, level by month 3, dearer again from month 4 on, for good."""
    text = plan(
        '[strategies.a.costs]\nrent = "10 USD/month"',
        "[events.e]\nat = [4]",
        '[strategies.b.costs]\nsetup = "25 USD"\nagain = { value = "500 USD", on = "events.e" }',
        horizon=6,
        strategies="ab",
    )
    found = simulate(read(text), lifetimes=100, threads=1)
    pair = {"strategy": "b", "rival": "a"}
    np.testing.assert_array_equal(found["first_passage_probability"].sel(pair).values, [0, 0, 1, 0, 0, 0])
    np.testing.assert_array_equal(found["break_even_probability"].sel(pair).values, 0.0)
    assert found["never_breaks_even"].sel(pair) == 1.0
    back = {"strategy": "a", "rival": "b"}
    np.testing.assert_array_equal(found["first_passage_probability"].sel(back).values, [1, 0, 0, 0, 0, 0])
    np.testing.assert_array_equal(found["break_even_probability"].sel(back).values, [0, 0, 0, 1, 0, 0])
