"""Allocated percentiles: they add up, and have the shape of the lifetimes near the percentile."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.export.allocation import allocate, near, spread
from simulator.export.periods import periods_of
from simulator.verdict import find
from tests.simulator.export.conftest import make


def test_months_add_up_to_the_percentile_of_every_period_of_every_strategy(dataset):
    found, periods = find(dataset), periods_of(dataset)
    horizon, year, quarter = allocate(found, periods)
    for i, strategy in enumerate(found.names):
        at = {"strategy": strategy, "quantile": 0.8}
        total = float(dataset["cumulative_cost"].sel(**at).values[-1])
        assert math.fsum(horizon.amounts[i]) == pytest.approx(total, rel=1e-14)
        for allocation, spans, name, dim in (
            (year, periods.fiscal_years, "fiscal_year_cost", "fiscal_year"),
            (quarter, periods.quarters, "quarterly_cost", "quarter"),
        ):
            for span in spans:
                total = float(dataset[name].sel(**at, **{dim: span.label}))
                assert allocation.within(i, span) == pytest.approx(total, rel=1e-14), (strategy, span)
        assert math.fsum(horizon.within(i, span) for span in periods.quarters) == pytest.approx(
            horizon.within(i, periods.horizon), rel=1e-14
        )


def test_the_shape_is_that_of_the_lifetimes_near_the_percentile():
    """One lifetime in ten is of a dear kind that pays late; P80 lies among the cheap ones, which pay early."""
    rng = np.random.default_rng(1)
    sample = rng.uniform(0.9, 1.1, (1000, 1)) * np.array([30.0, 10.0])
    sample[::10] = np.array([10.0, 500.0])
    amounts = spread(41.0, sample, sample.mean(axis=0), 0.8)
    assert amounts == pytest.approx([41 * 0.75, 41 * 0.25], rel=1e-12)
    assert sample.mean(axis=0)[1] > sample.mean(axis=0)[0]


def test_lifetimes_near_a_level_are_those_whose_rank_is():
    totals = np.random.default_rng(2).permutation(1000).astype(np.float64)
    chosen = near(np.column_stack([totals, np.zeros(1000)]), 0.8)[:, 0]
    assert sorted(chosen) == list(range(750, 850))
    assert len(near(totals[:1, np.newaxis], 0.99)) == 1
    assert sorted(near(totals[:, np.newaxis], 0.99)[:, 0]) == list(range(980, 1000))


def test_a_total_that_no_sampled_lifetime_pays_is_spread_like_the_mean_or_else_evenly():
    nothing = np.zeros((100, 2))
    assert spread(8.0, nothing, np.array([3.0, 1.0]), 0.8) == pytest.approx([6.0, 2.0])
    assert spread(8.0, nothing, np.zeros(2), 0.8) == pytest.approx([4.0, 4.0])
    assert spread(0.0, nothing, np.zeros(2), 0.8) == pytest.approx([0.0, 0.0])


@pytest.mark.parametrize("lifetimes", [1, 2, 7])
def test_few_lifetimes_add_up_too(lifetimes):
    dataset = make(lifetimes=lifetimes, horizon=5)
    horizon, *_ = allocate(find(dataset), periods_of(dataset))
    totals = dataset["cumulative_cost"].sel(quantile=0.8).values[:, -1]
    assert horizon.amounts.sum(axis=1) == pytest.approx(totals, rel=1e-12)


def test_the_level_is_the_plans_or_the_next_that_the_dataset_keeps():
    dataset = make(quantiles=(0.1, 0.5, 0.9), horizon=5)
    assert [one.statistic for one in allocate(find(dataset), periods_of(dataset))] == [
        "P90 of the horizon, allocated",
        "P90 of the fiscal year, allocated",
        "P90 of the quarter, allocated",
    ]
