"""Constant: one value with certainty.

Parameters: value. Table: none.
"""

from __future__ import annotations

import numpy as np

from distributions.domain import FINITE
from distributions.elementary import expm1, log1p
from distributions.family import Variate


def from_value(value: float) -> Variate:
    """Make a constant.

    Raises
    ------
    ValueError
        If the value is not finite.
    """
    return Variate.of("constant", FINITE.check("value", value))


def cdf(variate: Variate, x: np.ndarray) -> np.ndarray:
    """Compute F(x) = 1 where x >= value, else 0."""
    return np.where(x >= variate.parameters[0], 1.0, 0.0)


def mean(variate: Variate) -> float:
    """Give the value."""
    return variate.parameters[0]


def sd(variate: Variate) -> float:
    """Give 0."""
    return 0.0


def support(variate: Variate) -> tuple[float, float]:
    """Give the value twice."""
    return variate.parameters[0], variate.parameters[0]


def scale(variate: Variate, factor: float) -> Variate:
    """Multiply the value."""
    return from_value(variate.parameters[0] * factor)


def compound(variate: Variate, exponent: float) -> Variate:
    """Compound the value."""
    return from_value(expm1(exponent * log1p(variate.parameters[0])))
