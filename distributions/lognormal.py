"""Split lognormal: Q = median e^(s z), s = s_low for z < 0 and s_high for z >= 0.

Parameters: median, s_low, s_high. Table: none.
"""

from __future__ import annotations

import math

import numpy as np

from distributions import arrays, constant, percentiles
from distributions.domain import NON_NEGATIVE, POSITIVE
from distributions.elementary import exp, log, log1p, normal_cdf
from distributions.family import Variate
from distributions.jit import atom, select


@atom
def _ppf1(z, median, s_low, s_high):
    """Q = median e^(s z)."""
    return median * exp(select(z < 0.0, s_low, s_high) * z)


def from_percentiles(points: percentiles.Points) -> Variate:
    """Make the split lognormal that meets two or three percentiles exactly.

    Parameters
    ----------
    points
        Pairs of level in (0, 1) and positive value; with two, s_low = s_high.

    Raises
    ------
    ValueError
        If the points do not determine a split lognormal.

    Notes
    -----
    Only ratios of values enter the spreads: a factor of 2 on all values leaves the spreads as they are, to
    the bit.
    """
    ordered = percentiles.check(points, POSITIVE)
    levels = [level for level, _ in ordered]
    values = [value for _, value in ordered]
    centre = levels.index(0.5) if 0.5 in levels else None
    m, s_low, s_high = percentiles.solve(levels, centre, lambda i, j: log(values[j] / values[i]))
    origin = values[centre] if centre is not None else values[0] * math.sqrt(values[-1] / values[0])
    return Variate.of("lognormal", origin * exp(m), s_low, s_high)


def from_mean_sd(mean: float, sd: float) -> Variate:
    """Make the lognormal of a mean and a standard deviation; a constant where that is 0.

    Raises
    ------
    ValueError
        If the mean is not positive or the standard deviation is not finite and at least 0.

    Notes
    -----
    s^2 = ln(1 + (sd / mean)^2), median = mean / sqrt(1 + (sd / mean)^2).
    """
    POSITIVE.check("mean", mean)
    NON_NEGATIVE.check("sd", sd)
    if sd == 0.0:
        return constant.from_value(mean)
    ratio2 = (sd / mean) ** 2
    s = math.sqrt(log1p(ratio2))
    return Variate.of("lognormal", mean / math.sqrt(1.0 + ratio2), s, s)


def cdf(variate: Variate, x: np.ndarray) -> np.ndarray:
    """Compute F(x) = Phi(ln(x / median) / s)."""
    median, s_low, s_high = variate.parameters[:3]
    y = arrays.log(np.maximum(x, 0.0) / median)
    return arrays.normal_cdf(np.where(y < 0.0, y / s_low, y / s_high))


def _moment(order: int, s_low: float, s_high: float) -> float:
    """E[e^(n s z)] = e^(n^2 s_low^2 / 2) Phi(-n s_low) + e^(n^2 s_high^2 / 2) Phi(n s_high)."""
    low, high = order * s_low, order * s_high
    return exp(low * low / 2.0) * normal_cdf(-low) + exp(high * high / 2.0) * normal_cdf(high)


def mean(variate: Variate) -> float:
    """Compute the mean from the halves below and above the median."""
    median, s_low, s_high = variate.parameters[:3]
    return median * _moment(1, s_low, s_high)


def sd(variate: Variate) -> float:
    """Compute the standard deviation from the halves below and above the median."""
    median, s_low, s_high = variate.parameters[:3]
    if s_low == s_high:  # without the difference of two nearly equal moments
        return median * math.exp(s_low**2 / 2.0) * math.sqrt(math.expm1(s_low**2))
    first, second = _moment(1, s_low, s_high), _moment(2, s_low, s_high)
    return median * math.sqrt(max(second - first * first, 0.0))


def support(variate: Variate) -> tuple[float, float]:
    """Give 0 and infinity."""
    return 0.0, math.inf


def scale(variate: Variate, factor: float) -> Variate:
    """Multiply the median."""
    median, s_low, s_high = variate.parameters[:3]
    return Variate.of("lognormal", median * factor, s_low, s_high)
