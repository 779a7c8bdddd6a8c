"""Meet two or three percentiles exactly, in all four split families."""

from __future__ import annotations

import numpy as np
import pytest

from distributions import logit_normal, lognormal, normal, rate_normal

FAMILIES = [normal, lognormal, logit_normal, rate_normal]
POINTS = [
    [(0.05, 0.1), (0.95, 0.6)],
    [(0.1, 0.1), (0.8, 0.6)],
    [(0.8, 0.1), (0.95, 0.6)],
    [(0.5, 0.1), (0.9, 0.6)],
    [(0.05, 0.1), (0.5, 0.15), (0.95, 0.6)],
    [(0.01, 0.1), (0.5, 0.55), (0.8, 0.6)],
    [(0.1, 0.1), (0.8, 0.4), (0.95, 0.5)],
    [(0.1, 0.1), (0.3, 0.2), (0.95, 0.8)],
]


@pytest.mark.parametrize("points", POINTS)
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_every_percentile_is_met(family, points):
    variate = family.from_percentiles(points)
    for level, value in points:
        assert float(variate.ppf(level)) == pytest.approx(value, rel=1e-13)
        assert float(variate.cdf(value)) == pytest.approx(level, rel=1e-12)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_the_order_of_the_points_does_not_matter(family):
    points = POINTS[4]
    assert family.from_percentiles(points).parameters == family.from_percentiles(points[::-1]).parameters


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_two_points_have_one_spread(family):
    _, s_low, s_high = family.from_percentiles(POINTS[1]).parameters[:3]
    assert s_low == s_high


def test_a_to_b_is_the_plain_lognormal_of_a_ninety_percent_interval():
    median, s, _ = lognormal.from_percentiles([(0.05, 60e3), (0.95, 300e3)]).parameters[:3]
    assert median == pytest.approx(np.sqrt(60e3 * 300e3), rel=1e-15)
    assert s == pytest.approx(np.log(5.0) / (2 * 1.6448536269514722), rel=1e-14)


def test_a_median_is_met_to_the_bit():
    assert float(lognormal.from_percentiles([(0.1, 0.5), (0.5, 3.0), (0.9, 15.0)]).ppf(0.5)) == 3.0


@pytest.mark.parametrize("points", POINTS)
def test_twice_the_values_are_twice_the_lognormal_to_the_bit(points):
    u = np.arange(1, 100) / 100
    once = lognormal.from_percentiles(points)
    twice = lognormal.from_percentiles([(level, 2.0 * value) for level, value in points])
    np.testing.assert_array_equal(twice.ppf(u), 2.0 * once.ppf(u))


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([(0.5, 1.0)], "two or three, got 1"),
        ([(0.1, 1.0), (0.2, 2.0), (0.3, 3.0), (0.4, 4.0)], "two or three, got 4"),
        ([(0.0, 1.0), (0.5, 2.0)], r"level must lie in \(0, 1\), got 0"),
        ([(5.0, 1.0), (95.0, 2.0)], r"level must lie in \(0, 1\), got 5"),
        ([(0.1, 2.0), (0.9, 1.0)], "increase strictly with their levels, got 2 at 0.1 and 1 at 0.9"),
        ([(0.1, 2.0), (0.1, 3.0)], "increase strictly"),
        ([(0.1, 2.0), (0.9, 2.0)], "increase strictly"),
        ([(0.6, 1.0), (0.7, 2.0), (0.8, 3.0)], "one on each side of p50"),
        ([(0.1, 1.0), (0.2, 2.0), (0.3, 3.0)], "one on each side of p50"),
        ([(0.5, 1.0), (0.8, 2.0), (0.9, 3.0)], "one on each side of p50"),
        ([(0.1, 1.0), (0.8, 1.1), (0.9, 500.0)], "no split distribution meets"),
    ],
)
def test_points_that_determine_no_distribution_are_refused(points, message):
    with pytest.raises(ValueError, match=message):
        lognormal.from_percentiles(points)


@pytest.mark.parametrize(
    ("family", "value", "allowed"),
    [
        (normal, np.inf, r"\(-inf, inf\)"),
        (lognormal, 0.0, r"\(0, inf\)"),
        (logit_normal, 0.0, r"\(0, 1\)"),
        (logit_normal, 1.0, r"\(0, 1\)"),
        (rate_normal, -1.0, r"\(-1, inf\)"),
    ],
)
def test_a_value_that_the_family_cannot_take_is_refused_with_the_interval(family, value, allowed):
    with pytest.raises(ValueError, match=f"value must lie in {allowed}, got"):
        family.from_percentiles([(0.05, value), (0.95, 0.5)])
