"""Split normal: Q = m + s z, s = s_low for z < 0 and s_high for z >= 0.

Parameters: m, s_low, s_high. Table: none.
"""

from __future__ import annotations

import math

import numpy as np

from distributions import arrays, constant, percentiles
from distributions.domain import FINITE, NON_NEGATIVE
from distributions.family import Variate
from distributions.jit import atom, fma, select


@atom
def _ppf1(z, m, s_low, s_high):
    """Q = m + s z."""
    return fma(select(z < 0.0, s_low, s_high), z, m)


def from_percentiles(points: percentiles.Points) -> Variate:
    """Make the split normal that meets two or three percentiles exactly.

    Parameters
    ----------
    points
        Pairs of level in (0, 1) and value; with two, s_low = s_high.

    Raises
    ------
    ValueError
        If the points do not determine a split normal.
    """
    ordered = percentiles.check(points, FINITE)
    levels = [level for level, _ in ordered]
    values = [value for _, value in ordered]
    centre = levels.index(0.5) if 0.5 in levels else None
    m, s_low, s_high = percentiles.solve(levels, centre, lambda i, j: values[j] - values[i])
    origin = values[centre] if centre is not None else values[0] + (values[-1] - values[0]) / 2
    return Variate.of("normal", origin + m, s_low, s_high)


def from_mean_sd(mean: float, sd: float) -> Variate:
    """Make the normal of a mean and a standard deviation; a constant where that is 0.

    Raises
    ------
    ValueError
        If the mean is not finite or the standard deviation is not finite and at least 0.
    """
    FINITE.check("mean", mean)
    NON_NEGATIVE.check("sd", sd)
    return constant.from_value(mean) if sd == 0.0 else Variate.of("normal", mean, sd, sd)


def cdf(variate: Variate, x: np.ndarray) -> np.ndarray:
    """Compute F(x) = Phi((x - m) / s)."""
    m, s_low, s_high = variate.parameters[:3]
    return arrays.normal_cdf(np.where(x < m, (x - m) / s_low, (x - m) / s_high))


def mean(variate: Variate) -> float:
    """Compute m + (s_high - s_low) / sqrt(2 pi)."""
    m, s_low, s_high = variate.parameters[:3]
    return m + (s_high - s_low) / math.sqrt(2.0 * math.pi)


def sd(variate: Variate) -> float:
    """Compute the root of (s_low^2 + s_high^2) / 2 - (s_high - s_low)^2 / (2 pi)."""
    _, s_low, s_high = variate.parameters[:3]
    return math.sqrt((s_low**2 + s_high**2) / 2.0 - (s_high - s_low) ** 2 / (2.0 * math.pi))


def support(variate: Variate) -> tuple[float, float]:
    """Give the infinities."""
    return -math.inf, math.inf


def scale(variate: Variate, factor: float) -> Variate:
    """Multiply m and both spreads."""
    return Variate.of("normal", *(p * factor for p in variate.parameters[:3]))
