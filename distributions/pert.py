"""PERT: a beta on [min, max] by its mode, lambda = 4.

Parameters: min, max - min, max, alpha, beta. Table: of (x - min) / (max - min) in z.
"""

from __future__ import annotations

import math

import numpy as np

from distributions import arrays, constant
from distributions.beta import tabulate
from distributions.domain import FINITE
from distributions.family import Variate
from distributions.jit import atom, fma, select
from distributions.table import interleave, interpolate, invert


@atom
def _ppf1(z, low, width, high, tables, start):
    """Q = min + (max - min) B(z), B the table, held inside against rounding."""
    x = fma(width, interpolate(tables, start, z), low)
    return select(x > high, high, x)


def from_range(low: float, mode: float, high: float) -> Variate:
    """Make a PERT variate; a constant where all three are one.

    Raises
    ------
    ValueError
        If a number is not finite or they are in the wrong order.

    Notes
    -----
    alpha = 1 + 4 (mode - min) / (max - min), beta = 6 - alpha; mean = (min + 4 mode + max) / 6.

    References
    ----------
    Malcolm, Roseboom, Clark, Fazar (1959), Operations Research 7, 646-669, doi:10.1287/opre.7.5.646.
    """
    for name, value in (("min", low), ("mode", mode), ("max", high)):
        FINITE.check(name, value)
    if not low <= mode <= high:
        raise ValueError(f"mode must lie in [{low:g}, {high:g}], got {mode:g}")
    if low == high:
        return constant.from_value(low)
    alpha = 1.0 + 4.0 * (mode - low) / (high - low)
    beta = 6.0 - alpha
    t, slope = tabulate(alpha, beta)
    size = arrays.exp(-np.abs(t))
    share = np.where(t < 0.0, size, 1.0) / (1.0 + size)  # of the way from min to max: 1 / (1 + e^-t)
    table = interleave(share, slope * size / (1.0 + size) ** 2)
    return Variate.of("pert", low, high - low, high, alpha, beta, table=table)


def cdf(variate: Variate, x: np.ndarray) -> np.ndarray:
    """Compute F(x) = Phi(z), z that of (x - min) / (max - min) in the table."""
    low, width, high = variate.parameters[:3]
    inside = arrays.normal_cdf(invert(variate.table, (x - low) / width))
    return np.where(x <= low, 0.0, np.where(x >= high, 1.0, inside))


def mean(variate: Variate) -> float:
    """Compute min + (max - min) alpha / 6."""
    low, width, _, alpha, _ = variate.parameters[:5]
    return low + width * alpha / 6.0


def sd(variate: Variate) -> float:
    """Compute (max - min) sqrt(alpha beta / 7) / 6."""
    _, width, _, alpha, beta = variate.parameters[:5]
    return width * math.sqrt(alpha * beta / 7.0) / 6.0


def support(variate: Variate) -> tuple[float, float]:
    """Give both ends."""
    return variate.parameters[0], variate.parameters[2]


def scale(variate: Variate, factor: float) -> Variate:
    """Multiply both ends."""
    low, width, high, alpha, beta = variate.parameters[:5]
    return Variate.of("pert", low * factor, width * factor, high * factor, alpha, beta, table=variate.table)
