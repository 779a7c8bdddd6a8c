"""Intervals and standard errors, against published values and brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from simulator.histogram import Histogram, bin_bounds, bin_index
from simulator.statistics import (
    BATCHES,
    batch_sizes,
    decimals,
    mean_of_batches,
    quantile_ranks,
    round_to_error,
    shortfall_error,
    wilson_interval,
)

# Newcombe (1998), his four cases, to six digits.
NEWCOMBE = [
    (81, 263, 0.255289, 0.366210),
    (15, 148, 0.062386, 0.160487),
    (0, 20, 0.0, 0.161125),
    (1, 29, 0.006113, 0.171755),
]


def test_batches_are_joined_to_independent_parts():
    """16 parts: the sample variance of their means over 16; batches of one part need not be independent."""
    rng = np.random.default_rng(5)
    parts = rng.normal(size=16)
    values = np.tile(parts, 8 * 64 // 16)
    found = mean_of_batches(batch_sums(values), values.size, 16)
    np.testing.assert_allclose(found, (parts.mean(), parts.std(ddof=1) / 4), rtol=1e-12)
    assert mean_of_batches(batch_sums(values), values.size)[1] < 0.6 * found[1]
    np.testing.assert_array_equal(batch_sizes(35, 16), [3] * 3 + [2] * 13)


def batch_sums(values):
    return np.array([values[number::BATCHES].sum() for number in range(BATCHES)])


@pytest.mark.parametrize(("successes", "lifetimes", "low", "high"), NEWCOMBE)
def test_wilson_intervals_are_newcombes(successes, lifetimes, low, high):
    found = wilson_interval(np.array([successes, lifetimes - successes]), lifetimes)
    np.testing.assert_allclose(found[0], [low, 1 - high], atol=5e-7)
    np.testing.assert_allclose(found[1], [high, 1 - low], atol=5e-7)


@pytest.mark.parametrize("lifetimes", [1, 2, 63, 1000, 10**6, 10**12])
def test_wilson_intervals_stay_in_the_unit_interval_and_around_the_share(lifetimes):
    successes = np.array([0.0, 0.5, lifetimes / 3, lifetimes / 2, lifetimes - 0.5, lifetimes])
    low, high = wilson_interval(successes, lifetimes)
    share = successes / lifetimes
    assert np.all((low >= 0) & (low <= share) & (share <= high) & (high <= 1))
    assert low[0] == 0.0
    assert high[-1] == 1.0


def test_wilson_intervals_cover_a_score_with_half_ties():
    """2,000 repetitions at 95 %: SE 0.5 %, so a coverage below 92.6 % would show."""
    rng = np.random.default_rng(17)
    wins, ties, _ = rng.multinomial(400, [0.3, 0.2, 0.5], size=2000).T
    low, high = wilson_interval(wins + 0.5 * ties, 400)
    coverage = np.mean((low <= 0.4) & (high >= 0.4))
    assert coverage >= 0.95 - 5 * np.sqrt(0.95 * 0.05 / 2000)


@pytest.mark.parametrize(
    ("lifetimes", "level", "low", "high"),
    [(100, 0.5, 40, 61), (1000, 0.95, 936, 964), (10**6, 0.99, 989_805, 990_196), (59, 0.95, 52, 60)],
)
def test_quantile_ranks_are_the_tabulated_ones(lifetimes, level, low, high):
    found = quantile_ranks(lifetimes, np.array([level]))
    assert (int(found[0][0]), int(found[1][0])) == (low, high)


@pytest.mark.parametrize("lifetimes", [1, 2, 10, 59, 64, 999, 10**4, 10**6, 10**9, 10**12])
def test_quantile_ranks_are_binomial_quantiles(lifetimes):
    levels = np.array([0.0001, 0.05, 0.1, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95, 0.99, 0.999])
    low, high = quantile_ranks(lifetimes, levels)
    for probability, rank in ((0.025, low), (0.975, high - 1)):
        # not by `ppf`, which misses by some ranks in a million million before SciPy 1.17
        assert np.all(stats.binom.cdf(rank, lifetimes, levels) >= probability)
        assert np.all(stats.binom.cdf(rank - 1, lifetimes, levels) < probability)


def test_order_statistics_cover_the_quantile():
    """2,000 repetitions at 95 % or more: SE 0.5 %, so a coverage below 92.6 % would show."""
    values = np.sort(np.random.default_rng(23).random((2000, 200)), axis=1)
    for level in (0.05, 0.5, 0.9):
        low, high = (int(rank[0]) for rank in quantile_ranks(200, np.array([level])))
        coverage = np.mean((values[:, low - 1] <= level) & (level < values[:, high - 1]))
        assert coverage >= 0.95 - 5 * np.sqrt(0.95 * 0.05 / 2000)


@pytest.mark.parametrize("lifetimes", [1, 63, 64, 65, 1000, 10**12 + 7])
def test_batch_sizes_differ_by_one_at_the_most_and_add_up(lifetimes):
    sizes = batch_sizes(lifetimes)
    assert sizes.sum() == lifetimes
    assert np.ptp(sizes) <= 1
    if lifetimes < 10**6:
        np.testing.assert_array_equal(sizes, np.bincount(np.arange(lifetimes) % BATCHES, minlength=BATCHES))


@pytest.mark.parametrize("lifetimes", [2, 10, 64])
def test_a_batch_per_lifetime_gives_the_standard_error_of_the_sample(lifetimes):
    values = np.random.default_rng(1).exponential(size=lifetimes)
    mean, error = mean_of_batches(batch_sums(values), lifetimes)
    assert mean == pytest.approx(values.mean(), rel=1e-14)
    assert error == pytest.approx(values.std(ddof=1) / math.sqrt(lifetimes), rel=1e-13)


def test_equal_batches_give_the_standard_error_of_their_means():
    values = np.random.default_rng(4).exponential(size=BATCHES * 50)
    means = values.reshape(50, BATCHES).mean(axis=0)
    _, error = mean_of_batches(batch_sums(values), values.size)
    assert error == pytest.approx(means.std(ddof=1) / math.sqrt(BATCHES), rel=1e-13)


@pytest.mark.parametrize("lifetimes", [2, 65, 100, 191, 4096])
def test_squared_standard_errors_are_unbiased_whatever_the_sizes_of_the_batches(lifetimes):
    """4,000 repetitions of Exp(1): the mean of SE^2 is 1/n within 5 of its own standard errors."""
    values = np.random.default_rng(lifetimes).exponential(size=(4000, lifetimes))
    sums = np.stack([values[:, number::BATCHES].sum(axis=1) for number in range(BATCHES)], axis=-1)
    _, error = mean_of_batches(sums, lifetimes)
    squares = np.square(error)
    assert abs(squares.mean() - 1 / lifetimes) <= 5 * squares.std(ddof=1) / math.sqrt(4000)


def test_a_single_lifetime_has_a_mean_and_no_standard_error():
    mean, error = mean_of_batches(batch_sums(np.array([3.5])), 1)
    assert mean == 3.5
    assert np.isnan(error)


@pytest.mark.parametrize("lifetimes", [2, 100, 10_000, 1_000_003])
def test_equal_lifetimes_have_a_standard_error_of_zero(lifetimes):
    value = 1234.1
    sums = np.full(BATCHES, 0.0)
    np.add.at(sums, np.arange(lifetimes) % BATCHES, value)
    mean, error = mean_of_batches(np.stack([sums, 0 * sums]), lifetimes)
    np.testing.assert_allclose(mean, [value, 0.0], rtol=1e-11)
    np.testing.assert_array_equal(error, 0.0)


@pytest.mark.parametrize(("level", "variance"), [(0.95, 39.0), (0.99, 199.0)])
def test_shortfall_error_of_an_exponential_is_the_closed_form(level, variance):
    quantile = -math.log1p(-level)
    error = shortfall_error(quantile + 1.0, 1.0, quantile, level, 10_000)
    assert error == pytest.approx(math.sqrt(variance / 10_000), rel=1e-12)


@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
def test_shortfall_error_is_the_spread_of_repeated_shortfalls(level):
    """400 repetitions: their sd is known to 3.5 %, so an error formula off by 20 % would show."""
    values = np.random.default_rng(8).exponential(size=(400, 4000))
    found = []
    for row in values:
        index, count = np.unique(bin_index(row), return_counts=True)
        histogram = Histogram(*bin_bounds(index), count)
        mean, variance = histogram.tail(level)
        quantile = histogram.quantiles(np.array([level]))[0]
        found.append((mean, shortfall_error(mean, variance, quantile, level, 4000)))
    means, errors = np.array(found).T
    assert errors.mean() == pytest.approx(means.std(ddof=1), rel=5 / math.sqrt(2 * 400))


def test_shortfall_error_is_unknown_from_less_than_two_lifetimes_and_zero_without_spread():
    assert math.isnan(shortfall_error(2.0, 0.0, 1.0, 0.99, 199))
    assert shortfall_error(2.0, 0.0, 1.0, 0.99, 201) > 0
    assert shortfall_error(5e6, 0.0, 5e6, 0.9, 1000) == 0.0


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (0.04, 2),
        (0.3, 1),
        (1.0, 0),
        (9.99, 0),
        (10.0, -1),
        (3456.0, -3),
        (1e-9, 2),
        (0.0, 2),
        (math.nan, 0),
        (math.inf, 0),
    ],
)
def test_decimals_end_where_the_standard_error_begins(error, expected):
    assert decimals(error) == expected


def test_numbers_are_rounded_to_their_standard_error():
    assert round_to_error(123_456.789, 320.0) == 123_500.0
    assert round_to_error(0.123456, 0.0004, most=6) == 0.1235
    assert round_to_error(12.345678, 0.0, most=3) == 12.346
