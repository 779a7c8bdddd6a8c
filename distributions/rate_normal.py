"""Split normal in ln(1 + x) of a rate: Q = unit (e^(m + s z) - 1), s = s_low for z < 0 and s_high for z >= 0.

Parameters: m, s_low, s_high, unit. Table: none.
"""

from __future__ import annotations

import math

import numpy as np

from distributions import arrays, lognormal, percentiles
from distributions.domain import RATE
from distributions.elementary import expm1, log1p
from distributions.family import Variate
from distributions.jit import atom, fma, select


@atom
def _ppf1(z, m, s_low, s_high, unit):
    """Q = unit (e^(m + s z) - 1)."""
    return unit * expm1(fma(select(z < 0.0, s_low, s_high), z, m))


def from_percentiles(points: percentiles.Points) -> Variate:
    """Make the split normal in ln(1 + x) that meets two or three percentiles exactly.

    Parameters
    ----------
    points
        Pairs of level in (0, 1) and rate above -1; with two, s_low = s_high.

    Raises
    ------
    ValueError
        If the points do not determine one.
    """
    ordered = percentiles.check(points, RATE)
    levels = [level for level, _ in ordered]
    growth = [log1p(value) for _, value in ordered]
    centre = levels.index(0.5) if 0.5 in levels else None
    m, s_low, s_high = percentiles.solve(levels, centre, lambda i, j: growth[j] - growth[i])
    origin = growth[centre] if centre is not None else (growth[0] + growth[-1]) / 2
    return Variate.of("rate_normal", origin + m, s_low, s_high, 1.0)


def cdf(variate: Variate, x: np.ndarray) -> np.ndarray:
    """Compute F(x) = Phi((ln(1 + x / unit) - m) / s)."""
    m, s_low, s_high, unit = variate.parameters[:4]
    y = arrays.log1p(np.maximum(x / unit, -1.0)) - m
    return arrays.normal_cdf(np.where(y < 0.0, y / s_low, y / s_high))


def mean(variate: Variate) -> float:
    """Compute the mean: that of the split lognormal 1 + x, less 1."""
    m, s_low, s_high, unit = variate.parameters[:4]
    return unit * (lognormal.mean(Variate.of("lognormal", math.exp(m), s_low, s_high)) - 1.0)


def sd(variate: Variate) -> float:
    """Compute the standard deviation: that of the split lognormal 1 + x."""
    m, s_low, s_high, unit = variate.parameters[:4]
    return unit * lognormal.sd(Variate.of("lognormal", math.exp(m), s_low, s_high))


def support(variate: Variate) -> tuple[float, float]:
    """Give -1 in the rate's unit, and infinity."""
    return -variate.parameters[3], math.inf


def scale(variate: Variate, factor: float) -> Variate:
    """Multiply the unit."""
    m, s_low, s_high, unit = variate.parameters[:4]
    return Variate.of("rate_normal", m, s_low, s_high, unit * factor)


def compound(variate: Variate, exponent: float) -> Variate | None:
    """Compound in closed form: k (m + s z) takes the place of m + s z; None where the unit is not 1."""
    m, s_low, s_high, unit = variate.parameters[:4]
    if unit != 1.0:
        return None
    return Variate.of("rate_normal", exponent * m, exponent * s_low, exponent * s_high, 1.0)
