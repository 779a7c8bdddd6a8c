"""Empirical: the linearly interpolated quantiles of some values.

Parameters: none. Table: the values ascending.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from distributions import constant
from distributions.domain import FINITE
from distributions.family import Variate
from distributions.jit import atom, fma


@atom
def _ppf1(u, tables, start, length):
    """Q(u) = interpolation of the values at position u (n - 1)."""
    position = u * (length - 1)
    below = min(int(position), length - 2)
    value = tables[start + below]
    return fma(position - below, tables[start + below + 1] - value, value)


def from_values(values: Sequence[float]) -> Variate:
    """Make an empirical variate; a constant where all values are one.

    Raises
    ------
    ValueError
        If there are no values or one is not finite.
    """
    if not len(values):
        raise ValueError("values must not be empty")
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    for end in (ordered[0], ordered[-1]):  # NaN sorts last
        FINITE.check("value", end)
    if ordered[0] == ordered[-1]:
        return constant.from_value(float(ordered[0]))
    return Variate.of("empirical", table=ordered)


def atoms(variate: Variate) -> tuple[np.ndarray, np.ndarray]:
    """Give the values that stand m > 1 times, and their probabilities (m - 1) / (n - 1)."""
    values, counts = np.unique(variate.table, return_counts=True)
    return values[counts > 1], (counts[counts > 1] - 1) / (variate.table.size - 1)


def cdf(variate: Variate, x: np.ndarray) -> np.ndarray:
    """Compute F(x) = the greatest u with Q(u) <= x."""
    values = variate.table
    below = np.searchsorted(values, x, side="right") - 1
    node = np.clip(below, 0, values.size - 2)
    rise = values[node + 1] - values[node]
    part = np.divide(x - values[node], rise, out=np.zeros_like(x + rise), where=rise > 0.0)
    inner = (node + np.clip(part, 0.0, 1.0)) / (values.size - 1)
    return np.where(below < 0, 0.0, np.where(below >= values.size - 1, 1.0, inner))


def _steps(variate: Variate) -> tuple[np.ndarray, np.ndarray]:
    """Give Q, compounded, at Gauss-Legendre points of each step: (step, point), and the points' weights."""
    points, weights = np.polynomial.legendre.leggauss(12)
    a, b = variate.table[:-1, None], variate.table[1:, None]
    x = a + (b - a) * (points + 1.0) / 2.0
    k = variate.exponent
    return (x if k == 1.0 else np.expm1(k * np.log1p(x))), weights / 2.0 / (variate.table.size - 1)


def mean(variate: Variate) -> float:
    """Compute the integral of Q, compounding included, step by step."""
    if variate.exponent == 1.0:
        middles = variate.table[:-1] / 2.0 + variate.table[1:] / 2.0
        return math.fsum(middles) / middles.size
    x, weights = _steps(variate)
    return float(math.fsum(x @ weights))


def sd(variate: Variate) -> float:
    """Compute the root of the integral of (Q - mean)^2, compounding included, step by step."""
    x, weights = _steps(variate)
    return math.sqrt(math.fsum((x - mean(variate)) ** 2 @ weights))


def support(variate: Variate) -> tuple[float, float]:
    """Give the least and the greatest value."""
    return float(variate.table[0]), float(variate.table[-1])


def scale(variate: Variate, factor: float) -> Variate:
    """Multiply the values."""
    return Variate.of("empirical", table=variate.table * factor)
