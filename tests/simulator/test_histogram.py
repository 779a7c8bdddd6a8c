"""Quantiles and tails from bins, against sorting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from simulator.histogram import RELATIVE_ERROR, Histogram, Histograms, bin_bounds, bin_index

LEVELS = np.array([0.05, 0.1, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95, 0.99])
ROUNDING = 1e-12


def binned(values, **extremes):
    index, count = np.unique(bin_index(values), return_counts=True)
    return Histogram(*bin_bounds(index), count, **extremes)


def samples():
    rng = np.random.default_rng(11)
    normal = rng.standard_normal(200_000)
    return {
        "lognormal": np.exp(10 + 0.8 * normal),
        "wide": np.exp(12 * normal[:20_000]),
        "negative": -np.exp(3 + normal),
        "few": np.exp(rng.standard_normal(17)),
        "one": np.array([3.7]),
        "lump at the lower edge": np.full(1000, 1024.0),
        "lump at the upper edge": np.full(1000, np.nextafter(2048.0, 0.0)),
        "lump among others": np.concatenate([np.full(700, 65536.0), np.exp(11 + normal[:2000])]),
        "counts": rng.poisson(3.0, 50_000).astype(float),
        "zeros": np.zeros(100),
        "tiny": np.array([3e-308, 1e-307, 1e-300]),
        "huge": np.array([1e300, 1.7e308]),
    }


@pytest.mark.parametrize("name", samples())
def test_quantiles_are_within_a_twentieth_of_a_percent_of_the_sorted_ones(name):
    values = samples()[name]
    exact = np.quantile(values, LEVELS)
    found = binned(values).quantiles(LEVELS)
    assert np.all(np.abs(found - exact) <= RELATIVE_ERROR * np.abs(exact) * (1 + ROUNDING))
    assert RELATIVE_ERROR <= 0.0005


@pytest.mark.parametrize("shift", [-2.0, -0.5, 0.0, 0.5])
def test_quantiles_of_mixed_signs_with_a_lump_at_zero_are_exact_to_the_size_of_their_neighbours(shift):
    rng = np.random.default_rng(5)
    values = np.where(rng.random(30_000) < 0.3, 0.0, shift + rng.standard_normal(30_000))
    histogram = binned(values)
    levels = np.linspace(0.001, 0.999, 999)
    exact = np.quantile(values, levels)
    around = np.maximum(
        np.abs(np.quantile(values, levels, method="lower")),
        np.abs(np.quantile(values, levels, method="higher")),
    )
    found = histogram.quantiles(levels)
    assert np.all(np.abs(found - exact) <= RELATIVE_ERROR * around * (1 + ROUNDING))
    np.testing.assert_array_equal(found[around == 0.0], 0.0)
    assert np.any(around == 0.0)


def test_quantiles_of_a_smooth_distribution_lie_far_inside_the_bound_on_average():
    """Interpolation matters: mid-points alone would miss by 0.02 % on average."""
    values = np.exp(0.7 * np.random.default_rng(2).standard_normal(1_000_000))
    levels = np.linspace(0.01, 0.99, 981)
    found = binned(values).quantiles(levels)
    assert np.mean(np.abs(found / np.quantile(values, levels) - 1)) < 1.0e-4


finite = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False, allow_subnormal=False)


@given(npst.arrays(np.float64, st.integers(1, 60), elements=finite), st.floats(0.0, 0.999))
def test_any_values_keep_order_bounds_and_shortfall_above_quantile(values, level):
    histogram = binned(values, minimum=values.min(), maximum=values.max())
    ordered = np.sort(values)
    ranks = np.arange(1, values.size + 1)
    found = histogram.order_statistics(ranks)
    assert np.all(np.diff(found) >= 0)
    assert np.all(np.abs(found - ordered) <= RELATIVE_ERROR * np.abs(ordered) * (1 + ROUNDING))
    assert values.min() <= found[0]
    assert found[-1] <= values.max()
    quantile = histogram.quantiles(np.array([level]))[0]
    slack = ROUNDING * np.abs(values).max()
    assert quantile - slack <= histogram.tail(level).mean <= values.max() + slack


@given(finite, st.integers(1, 1000))
def test_equal_values_with_known_extremes_come_back_exactly(value, count):
    histogram = binned(np.full(count, value), minimum=value, maximum=value)
    np.testing.assert_array_equal(histogram.quantiles(LEVELS), value)
    mean, variance = histogram.tail(0.95)
    assert mean == pytest.approx(value, rel=1e-14)
    assert variance <= (1e-14 * value) ** 2


def test_ranks_past_either_end_are_infinite():
    histogram = binned(np.array([1.0, 2.0, 4.0]))
    np.testing.assert_array_equal(
        histogram.order_statistics(np.array([0, 4, -3])), [-np.inf, np.inf, -np.inf]
    )


def test_ranks_count_from_one():
    histogram = binned(np.array([8.0, 1.0, 2.0, 2.0]), minimum=1.0, maximum=8.0)
    found = histogram.order_statistics(np.array([[1, 2], [3, 4]]))
    np.testing.assert_allclose(found, [[1.0, 2.0], [2.0, 8.0]], rtol=RELATIVE_ERROR)


@pytest.mark.parametrize("level", [0.0, 0.05, 0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("size", [1, 7, 100, 9_999])
def test_tail_mean_is_the_integral_of_the_quantile_function(size, level):
    values = np.sort(np.exp(8 + np.random.default_rng(size).standard_normal(size)))
    steps = np.arange(size + 1) / size
    weight = np.diff(np.maximum(steps, level)) / (1 - level)
    exact = np.dot(weight, values)
    mean, variance = binned(values).tail(level)
    assert mean == pytest.approx(exact, rel=RELATIVE_ERROR)
    # The squares of half a bin's width, in every bin at the most.
    assert variance == pytest.approx(np.dot(weight, (values - exact) ** 2), rel=2e-3, abs=(exact / 1024) ** 2)


def test_tail_means_of_an_exponential_match_the_closed_form():
    """ES of Exp(1) is its quantile plus 1; SE = sqrt(39 / n) at 95 %, so a bias above 0.7 % would show."""
    n = 1_000_000
    values = np.random.default_rng(3).exponential(size=n)
    histogram = binned(values)
    for level, factor in ((0.95, 39.0), (0.99, 199.0)):
        exact = 1.0 - np.log1p(-level)
        assert abs(histogram.tail(level).mean - exact) <= 5 * np.sqrt(factor / n) + RELATIVE_ERROR * exact


@given(npst.arrays(np.float64, 20, elements=st.floats(allow_nan=False, allow_infinity=False)))
def test_every_finite_value_lies_in_its_bin(values):
    lower, upper = bin_bounds(bin_index(values))
    assert np.all((lower <= values) & (values <= upper))
    positive = values > 0
    assert np.all(values[positive] < upper[positive])
    np.testing.assert_array_equal(lower[values == 0], 0.0)
    np.testing.assert_array_equal(upper[values == 0], 0.0)


def test_bins_are_a_1024th_of_an_octave():
    lower, upper = bin_bounds(bin_index(np.array([1.0, 1.5, -1.0, 3.0])))
    np.testing.assert_array_equal(lower, [1.0, 1.5, -1.0 - 2**-10, 3.0])
    np.testing.assert_array_equal(upper, [1.0 + 2**-10, 1.5 + 2**-10, -1.0, 3.0 + 2**-9])


@pytest.mark.parametrize("arrays", [([], [], []), ([1.0], [2.0], [1, 2])])
def test_bins_without_values_or_of_unequal_lengths_are_refused(arrays):
    with pytest.raises(ValueError, match=r"histogram|arrays"):
        Histogram(*map(np.array, arrays))


def together(every, length, **extremes):
    """Read many histograms at once, in runs of `length` bins."""
    starts, runs, counts = [0], [], []
    for values in every:
        index, count = np.unique(bin_index(values), return_counts=True)
        run = np.where(index == 0, 0, (index - 1) // length * length + 1) if length > 1 else index
        first = np.unique(run)
        table = np.zeros((first.size, length), dtype=np.int64)
        table[np.searchsorted(first, run), index - run] = count
        runs.append(first)
        counts.append(table)
        starts.append(starts[-1] + first.size)
    return Histograms(np.array(starts), np.concatenate(runs), np.concatenate(counts), **extremes)


@pytest.mark.parametrize("length", [1, 16, 1024])
@pytest.mark.parametrize("knows_extremes", [True, False])
def test_many_histograms_at_once_give_the_bits_of_each_alone(length, knows_extremes):
    mixed = np.concatenate([samples()["negative"], np.zeros(5), samples()["lognormal"]])
    every = [*samples().values(), mixed]
    extremes = {}
    if knows_extremes:
        ends = {"minimum": min, "maximum": max}
        extremes = {name: np.array([end(values) for values in every]) for name, end in ends.items()}
    found = together(every, length, **extremes)
    ranks = np.array([[-3, 0, 1, 2], [3, 17, 100, 10**6]])
    alone = [binned(v, **{name: float(e[i]) for name, e in extremes.items()}) for i, v in enumerate(every)]
    expected = np.array([one.order_statistics(ranks) for one in alone])
    np.testing.assert_array_equal(found.order_statistics(ranks), expected)
    np.testing.assert_array_equal(found.totals, [len(values) for values in every])
    equally_many = [
        rng.standard_normal(999) * scale for rng in [np.random.default_rng(3)] for scale in (1, 9)
    ]
    expected = [binned(values).quantiles(LEVELS) for values in equally_many]
    np.testing.assert_array_equal(together(equally_many, length).quantiles(LEVELS), expected)


def test_a_histogram_without_values_among_many_is_refused():
    with pytest.raises(ValueError, match="without values"):
        Histograms(np.array([0, 1, 1]), np.array([5]), np.array([[2]]))
