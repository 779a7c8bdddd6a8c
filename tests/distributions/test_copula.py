"""Couple quantities by rank."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from distributions.copula import (
    NotPositiveDefiniteError,
    components,
    nearest_correlations,
    normal_correlation,
)
from distributions.elementary import normal_ppf
from distributions.streams import stream_id, uniforms

TRIANGLE = [("b", "a", 0.5), ("c", "b", -0.3), ("a", "c", 0.2)]


def _matrix(component):
    lower = np.array(component.lower)
    return lower @ lower.T


def test_the_normal_correlation_is_twice_the_sine_of_a_sixth_of_pi_rho():
    for rho in np.linspace(-0.999, 0.999, 101):
        assert normal_correlation(rho) == pytest.approx(2 * np.sin(np.pi * rho / 6), rel=4e-16, abs=1e-300)


def test_the_factor_gives_the_matrix_back():
    (component,) = components(TRIANGLE)
    assert component.names == ("a", "b", "c")
    expected = np.eye(3)
    for first, second, rho in TRIANGLE:
        i, j = "abc".index(first), "abc".index(second)
        expected[i, j] = expected[j, i] = 2 * np.sin(np.pi * rho / 6)
    np.testing.assert_allclose(_matrix(component), expected, atol=1e-15)
    assert np.all(np.triu(np.array(component.lower), 1) == 0.0)


def test_the_order_of_pairs_and_names_changes_no_bit():
    for pairs in itertools.permutations(TRIANGLE):
        assert components(pairs) == components(TRIANGLE)
        assert components([(b, a, rho) for a, b, rho in pairs]) == components(TRIANGLE)


def test_groups_that_no_pair_connects_stand_alone():
    groups = components([("d", "c", 0.1), ("b", "a", 0.4), ("e", "d", 0.1)])
    assert [group.names for group in groups] == [("a", "b"), ("c", "d", "e")]


def test_pairs_that_are_not_named_are_independent():
    (component,) = components([("a", "b", 0.4), ("b", "c", 0.4)])
    assert _matrix(component)[0, 2] == pytest.approx(0.0, abs=1e-16)


def test_draws_have_the_rank_correlations_asked_for():
    """Bound Spearman's coefficient of 1e5 draws by 5 standard errors, 0.016."""
    n = 100_000
    (component,) = components(TRIANGLE)
    e = np.array(
        [[normal_ppf(u) for u in uniforms(3, stream_id(name), np.arange(n))] for name in component.names]
    )
    z = np.array(component.lower) @ e
    for first, second, rho in TRIANGLE:
        measured = stats.spearmanr(z["abc".index(first)], z["abc".index(second)]).statistic
        assert abs(measured - rho) <= 5 / np.sqrt(n)


def test_a_contradiction_names_the_nearest_correlations():
    with pytest.raises(
        NotPositiveDefiniteError, match=r"a and b: 0\.\d{3}; a and c: -0\.\d{3}; b and c"
    ) as caught:
        components([("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9)])
    nearest, names = caught.value.nearest, caught.value.names
    again = [(names[i], names[j], nearest[i, j]) for i in range(3) for j in range(i)]
    assert components(again)[0].names == ("a", "b", "c")
    np.testing.assert_allclose(
        np.abs(nearest[np.triu_indices(3, 1)]), 0.48, atol=0.02
    )  # by symmetry, one half


def test_the_nearest_correlations_of_possible_ones_are_those():
    matrix = _matrix(components(TRIANGLE)[0])
    expected = np.array([[1, 0.5, 0.2], [0.5, 1, -0.3], [0.2, -0.3, 1]])
    np.testing.assert_allclose(nearest_correlations(matrix), expected, atol=5.1e-4)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([("a", "b", 1.0)], r"spearman must lie in \(-1, 1\), got 1"),
        ([("a", "b", np.nan)], "spearman must lie in"),
        ([("a", "a", 0.5)], "a cannot be correlated with itself"),
        ([("a", "b", 0.5), ("b", "a", 0.5)], "the correlation of a and b stands twice"),
    ],
)
def test_pairs_that_make_no_sense_are_refused(pairs, message):
    with pytest.raises(ValueError, match=message):
        components(pairs)
