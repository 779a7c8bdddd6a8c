"""Solve for the split-normal that meets two or three percentiles exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from distributions.domain import OPEN_UNIT, Interval
from distributions.elementary import normal_ppf

__all__ = ["Points", "check", "solve"]

Points = Sequence[tuple[float, float]]
_SYMMETRIC = 1e-12


def check(points: Points, allowed: Interval) -> list[tuple[float, float]]:
    """Give the points by ascending level.

    Raises
    ------
    ValueError
        If there are not two or three, a level lies outside (0, 1) or a value outside the interval, or
        levels or values do not increase strictly.
    """
    if len(points) not in (2, 3):
        raise ValueError(f"percentiles must be two or three, got {len(points)}")
    ordered = sorted(
        (OPEN_UNIT.check("level", level), allowed.check("value", value)) for level, value in points
    )
    for (level, value), (next_level, next_value) in pairwise(ordered):
        if not (level < next_level and value < next_value):
            raise ValueError(
                f"values must increase strictly with their levels, "
                f"got {value:g} at {level:g} and {next_value:g} at {next_level:g}"
            )
    return ordered


def solve(
    levels: Sequence[float], centre: int | None, rise: Callable[[int, int], float]
) -> tuple[float, float, float]:
    """Find m, s_low and s_high such that m + s z(level) meets every point, s = s_low for z < 0, else s_high.

    Parameters
    ----------
    levels
        Two or three, strictly increasing.
    centre
        Index of the point from which m is measured, or None for the middle between the first and the last
        point.
    rise
        Difference of the transformed values of two points, `rise(i, j)` = y_j - y_i.

    Returns
    -------
    m, s_low, s_high
        m is relative to the centre.

    Raises
    ------
    ValueError
        If three points lie on one side of the median, or no positive spread meets all of them.

    Notes
    -----
    Two points: s = (y_2 - y_1) / (z_2 - z_1), m = y_1 - s z_1. Three points: two lie on one side (the
    median on both); they give that side's s and m, the third one the other side's s.
    """
    z = [0.0 if level == 0.5 else normal_ppf(level) for level in levels]
    last = len(z) - 1

    def offset(i: int) -> float:
        return rise(centre, i) if centre is not None else (rise(0, i) - rise(i, last)) / 2

    if last == 1:
        spread = rise(0, 1) / (z[1] - z[0])
        if centre is None and abs(z[0] + z[1]) <= _SYMMETRIC:
            return 0.0, spread, spread
        return offset(0) - spread * z[0], spread, spread
    if z[0] >= 0.0 or z[2] <= 0.0:
        raise ValueError(
            "three percentiles need one on each side of p50, got levels "
            + ", ".join(f"{x:g}" for x in levels)
        )
    if z[1] == 0.0:
        return offset(1), rise(0, 1) / -z[0], rise(1, 2) / z[2]
    if z[1] > 0.0:
        high = rise(1, 2) / (z[2] - z[1])
        median = offset(1) - high * z[1]
        low = (median - offset(0)) / -z[0]
    else:
        low = rise(0, 1) / (z[1] - z[0])
        median = offset(1) - low * z[1]
        high = (offset(2) - median) / z[2]
    if not (low > 0.0 and high > 0.0):
        raise ValueError(
            "no split distribution meets these three percentiles: two of them on one side put the median "
            "beyond the third; give p50 instead"
        )
    return median, low, high
