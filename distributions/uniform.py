"""Uniform between two ends.

Parameters: min, max - min, max. Table: none.
"""

from __future__ import annotations

import math

import numpy as np

from distributions import constant
from distributions.domain import FINITE
from distributions.family import Variate
from distributions.jit import atom, fma, select


@atom
def _ppf1(u, low, width, high):
    """Q(u) = min + (max - min) u, held below max against rounding."""
    x = fma(u, width, low)
    return select(x > high, high, x)


def from_range(low: float, high: float) -> Variate:
    """Make a uniform variate; a constant where both ends are one.

    Raises
    ------
    ValueError
        If an end is not finite or they are in the wrong order.
    """
    FINITE.check("min", low)
    FINITE.check("max", high)
    if high < low:
        raise ValueError(f"max must lie in [{low:g}, inf), got {high:g}")
    if low == high:
        return constant.from_value(low)
    return Variate.of("uniform", low, high - low, high)


def cdf(variate: Variate, x: np.ndarray) -> np.ndarray:
    """Compute F(x) = (x - min) / (max - min)."""
    low, width = variate.parameters[:2]
    return np.clip((x - low) / width, 0.0, 1.0)


def mean(variate: Variate) -> float:
    """Compute (min + max) / 2."""
    return variate.parameters[0] + variate.parameters[1] / 2


def sd(variate: Variate) -> float:
    """Compute (max - min) / sqrt 12."""
    return variate.parameters[1] / math.sqrt(12.0)


def support(variate: Variate) -> tuple[float, float]:
    """Give both ends."""
    return variate.parameters[0], variate.parameters[2]


def scale(variate: Variate, factor: float) -> Variate:
    """Multiply both ends."""
    low, width, high = (p * factor for p in variate.parameters[:3])
    return Variate.of("uniform", low, width, high)
