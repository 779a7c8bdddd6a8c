"""The brute-force statistics on ledgers small enough to count by hand."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from simulator.calendar import Calendar
from tests.reference_model.money import COMPONENTS, Result
from tests.reference_model.statistics import budget_limits, shortfall, statistics


def ledger(cash, upfront=None, budget=None, quantiles=(0.25, 0.5), start=date(2027, 2, 1)) -> Result:
    """Make a result whose (lifetime, strategy, month) running cash is "other", a tenth of it "failures"."""
    cash = np.asarray(cash, dtype=float)
    n, strategies, horizon = cash.shape
    running = np.zeros((n, strategies, len(COMPONENTS), horizon))
    running[:, :, COMPONENTS.index("other")] = 0.9 * cash
    running[:, :, COMPONENTS.index("failures")] = 0.1 * cash
    paid = np.zeros((n, strategies, len(COMPONENTS)))
    if upfront is not None:
        paid[:, :, COMPONENTS.index("other")] = upfront
    finance = SimpleNamespace(compare_on=COMPONENTS, budget_covers=("other",), budget=budget)
    plan = SimpleNamespace(
        run=SimpleNamespace(quantiles=quantiles),
        calendar=Calendar(start, horizon, 1),
        finance=finance,
        horizon=horizon,
    )
    return Result(
        plan=plan,
        lifetimes=np.arange(n),
        strategies=tuple("ab"[:strategies]),
        requests=np.full((n, horizon), 500.0),
        price_level={},
        happens={},
        running=running,
        upfront=paid,
        training_runs=np.zeros((n, strategies, horizon)),
        discount=np.zeros(n),
        failure_share={},
        stage={},
        decided={},
        route_share={},
        inputs={},
    )


def test_identical_strategies_tie_in_every_lifetime():
    found = statistics(ledger(np.ones((4, 2, 3))))
    assert (found["win_probability"] == 0.5).all()
    assert (found["cheapest_probability"] == 0.5).all()
    assert (found["never_breaks_even"] == 0).all()
    assert found["first_passage_probability"][0, 1].tolist() == [1, 0, 0]
    assert found["break_even_probability"][1, 0].tolist() == [1, 0, 0]
    assert (found["expected_regret"] == 0).all()


def test_a_difference_within_rounding_is_a_tie_and_a_larger_one_is_not():
    near, far = 1 + 0.9e-9, 1 + 1.1e-9
    found = statistics(ledger([[[1.0], [near]], [[1.0], [far]]]))
    assert found["win_probability"][:, :, 0].tolist() == [[0.5, 0.75], [0.25, 0.5]]
    assert found["cheapest_probability"][:, 0].tolist() == [0.75, 0.25]


def test_first_passage_is_the_first_month_and_break_even_the_lasting_one():
    # a against b: above, below, above, below, below.
    a, b = [2, -2, 2, -2, 0], [1, 0, 0, 0, 0]
    found = statistics(ledger([[a, b], [b, a]], upfront=[[10, 10], [10, 10]]))
    assert found["first_passage_probability"][0, 1].tolist() == [0.5, 0.5, 0, 0, 0]
    assert found["break_even_probability"][0, 1].tolist() == [0, 0, 0, 0.5, 0]
    assert found["never_breaks_even"].tolist() == [[0, 0.5], [0.5, 0]]


def test_regret_and_saving_are_differences_in_each_lifetime():
    found = statistics(ledger([[[3], [1]], [[2], [6]], [[2], [6]]], quantiles=(0.5,)))
    assert found["expected_regret"][:, 0].tolist() == pytest.approx([2 / 3, 8 / 3])
    assert found["regret"][:, 0].tolist() == [0, 4]
    assert found["saving"][0, 1].tolist() == [4]
    assert found["saving_mean"][1, 0] == -2


def test_shortfall_is_the_mean_of_the_worst_with_the_last_one_cut():
    values = np.arange(1.0, 11.0)
    assert shortfall(values, 0.8) == pytest.approx(9.5)
    assert shortfall(values, 0.85) == pytest.approx((0.5 * 9 + 10) / 1.5)
    assert shortfall(values, 0.99) == pytest.approx(10)


def test_quarters_and_years_are_summed_in_each_lifetime():
    # February 2027 to January 2028: quarters of 2, 3, 3, 3 and 1 months.
    cash = np.broadcast_to(np.arange(1.0, 13.0), (2, 1, 12)) * np.array([1.0, 3.0])[:, None, None]
    found = statistics(ledger(cash, upfront=[[100], [100]]))
    assert found["quarterly_cost_mean"][0].tolist() == [100 + 2 * 3, 2 * 12, 2 * 21, 2 * 30, 2 * 12]
    assert found["fiscal_year_cost_mean"][0].tolist() == [100 + 2 * 66, 2 * 12]
    np.testing.assert_allclose(found["cost_per_kreq_mean"][0], (100 + 2 * 78) / 6)


def test_a_yearly_budget_is_cut_to_the_months_of_the_year_and_of_the_horizon():
    budget = SimpleNamespace(amount=120.0, per="year")
    found = statistics(ledger(np.full((2, 1, 12), [[[10.0]], [[20.0]]]), budget=budget))
    # Only "other", nine tenths of the cash, is covered: 9 and 18 a month against 10.
    assert found["over_budget_probability"][0].tolist() == [0.5, 0.5, 0.5]
    np.testing.assert_allclose(found["expected_overrun"][0], [88 / 2, 8 / 2, 96 / 2])
    np.testing.assert_allclose(found["budget_cost_mean"][0], [13.5 * 11, 13.5, 13.5 * 12])


def test_a_budget_of_the_horizon_has_no_yearly_ones():
    plan = ledger(np.ones((2, 1, 12)), budget=SimpleNamespace(amount=10.0, per="horizon")).plan
    np.testing.assert_array_equal(budget_limits(plan), [np.nan, np.nan, 10.0])
    found = statistics(ledger(np.ones((2, 1, 12)), budget=plan.finance.budget))
    assert np.isnan(found["over_budget_probability"][0, :2]).all()
    assert found["over_budget_probability"][0, 2] == 1.0


def test_exactly_on_budget_is_not_over_it():
    budget = SimpleNamespace(amount=4.5, per="month")
    found = statistics(ledger(np.full((2, 1, 2), 5.0), budget=budget))
    assert (found["over_budget_probability"] == 0).all()
