"""Contain, print and propose."""

from __future__ import annotations

import math

import pytest

from distributions.domain import FINITE, NON_NEGATIVE, OPEN_UNIT, POSITIVE, RATE, UNIT, Interval

INTERVALS = [FINITE, NON_NEGATIVE, OPEN_UNIT, POSITIVE, RATE, UNIT, Interval(2.0, 3.0, high_belongs=True)]


@pytest.fixture(params=INTERVALS, ids=str)
def interval(request):
    return request.param


def test_proposed_points_inside_are_accepted(interval):
    assert all(interval.check("x", x) == x for x in interval.inside())


def test_proposed_points_outside_are_refused(interval):
    for x in interval.outside():
        with pytest.raises(ValueError, match="x must lie in"):
            interval.check("x", x)


def test_proposed_points_inside_ascend_to_the_very_ends(interval):
    points = interval.inside()
    assert list(points) == sorted(points)
    assert math.nextafter(points[0], -math.inf) not in interval
    assert math.nextafter(points[-1], math.inf) not in interval


def test_intervals_print_as_in_mathematics():
    assert [str(i) for i in INTERVALS] == [
        "(-inf, inf)",
        "[0, inf)",
        "(0, 1)",
        "(0, inf)",
        "(-1, inf)",
        "[0, 1]",
        "(2, 3]",
    ]


def test_an_error_names_the_parameter_the_interval_and_the_value():
    with pytest.raises(ValueError, match=r"^share must lie in \[0, 1\], got 1\.5$"):
        UNIT.check("share", 1.5)


def test_nan_belongs_nowhere(interval):
    assert math.nan not in interval
