"""Choose the volumes to look at: a logarithmic grid, finer where a curve is steep."""

from __future__ import annotations

import numpy as np

STEPS_PER_DECADE = 4
FACTORS = tuple(10.0 ** (step / STEPS_PER_DECADE) for step in range(-8, 9))
"""Factors of the plan's own volume, 1/100 to 100."""

STEEP = 0.05
"""Difference of the win probability between neighbouring points above which there is a point between them."""

CLOSEST = 1.01
"""Ratio of neighbouring factors below which no point is put between them."""

MOST_POINTS = 41
"""Points of a grid at the most, refined ones included."""


def refine(factors: np.ndarray, curves: np.ndarray, most: int = MOST_POINTS) -> list[float]:
    """Choose the points that are missing between others.

    Parameters
    ----------
    factors
        (point) of the volume, ascending.
    curves
        (strategy, point) win probability at each.
    most
        Points at the most, those there are included.

    Returns
    -------
    Geometric middles of the steepest gaps, ascending; empty where the grid is fine enough or full.
    """
    jumps = np.abs(np.diff(curves, axis=-1)).max(axis=0)
    gaps = np.flatnonzero((jumps > STEEP) & (factors[1:] > CLOSEST * factors[:-1]))
    steepest = gaps[np.argsort(-jumps[gaps], kind="stable")][: max(most - len(factors), 0)]
    return [float(np.sqrt(factors[gap] * factors[gap + 1])) for gap in sorted(steepest)]


def passing(volume: np.ndarray, curve: np.ndarray, level: float) -> float:
    """Find the volume at which a curve passes a level, linearly in the logarithm of the volume.

    Parameters
    ----------
    volume
        (point) [req/month], ascending.
    curve
        (point) probability at each.
    level
        Inside (0, 1).

    Returns
    -------
    The first volume at which it passes upward; where there is none, the first at which it passes downward; where there
    is none either, NaN.
    """
    above = curve >= level
    for direction in (1, -1):
        passes = np.flatnonzero(np.diff(above.astype(np.int8)) == direction)
        if passes.size:
            i = passes[0]
            share = (level - curve[i]) / (curve[i + 1] - curve[i])
            return float(volume[i] * (volume[i + 1] / volume[i]) ** share)
    return float("nan")


def equal_cost(volume: np.ndarray, saving: np.ndarray) -> float:
    """Find the volume at which a saving passes 0, first upward, else first downward, linearly between neighbours.

    Parameters
    ----------
    volume
        (point) [req/month], ascending.
    saving
        (point) [currency] at each, known without error.

    Returns
    -------
    NaN where it passes 0 nowhere.
    """
    for sign in (1.0, -1.0):
        passes = np.flatnonzero((sign * saving[:-1] < 0) & (sign * saving[1:] >= 0))
        if passes.size:
            i = passes[0]
            share = saving[i] / (saving[i] - saving[i + 1])
            return float(volume[i] + share * (volume[i + 1] - volume[i]))
    return float("nan")


def shape(curve: np.ndarray, lifetimes: int) -> str:
    """Name the course of a win probability over volume: ``rising``, ``falling``, ``flat`` or ``not monotone``.

    Notes
    -----
    Moves of less than one in 100 (or of one lifetime, where they are fewer) count for nothing.
    """
    least = max(0.01, 1.0 / lifetimes)
    rise = float((curve - np.minimum.accumulate(curve)).max())
    fall = float((np.maximum.accumulate(curve) - curve).max())
    if rise <= least and fall <= least:
        return "flat"
    if fall <= least:
        return "rising"
    return "falling" if rise <= least else "not monotone"
