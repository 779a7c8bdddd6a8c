"""Discrete: some values with weights.

Parameters: none. Table: the values ascending, then their cumulative weights.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from distributions import constant
from distributions.domain import FINITE, POSITIVE
from distributions.elementary import expm1, log1p
from distributions.family import Variate
from distributions.jit import atom


@atom
def _ppf1(u, tables, start, length):
    """Q(u) = the least value whose cumulative weight reaches u."""
    count = length // 2
    low, high = 0, count - 1
    while low < high:
        middle = (low + high) // 2
        if tables[start + count + middle] < u:
            low = middle + 1
        else:
            high = middle
    return tables[start + low]


def from_values(values: Sequence[float], weights: Sequence[float]) -> Variate:
    """Make a discrete variate; weights are scaled to a sum of 1, a single value is a constant.

    Raises
    ------
    ValueError
        If there are no values, not as many weights, a value is not finite or a weight not positive and
        finite.
    """
    if not len(values) or len(values) != len(weights):
        raise ValueError(f"values and weights must be as many, got {len(values)} and {len(weights)}")
    shares: dict[float, float] = {}
    for value, weight in zip(values, weights, strict=True):
        key = FINITE.check("value", value)
        shares[key] = shares.get(key, 0.0) + POSITIVE.check("weight", weight)
    if len(shares) == 1:
        return constant.from_value(next(iter(shares)))
    ordered = sorted(shares)
    total = math.fsum(shares.values())
    sums = [math.fsum(shares[key] for key in ordered[: i + 1]) / total for i in range(len(ordered) - 1)]
    return Variate.of("discrete", table=[*ordered, *sums, 1.0])


def atoms(variate: Variate) -> tuple[np.ndarray, np.ndarray]:
    """Give the values and their probabilities."""
    values, cumulative = np.split(variate.table, 2)
    return values, np.diff(cumulative, prepend=0.0)


def cdf(variate: Variate, x: np.ndarray) -> np.ndarray:
    """Compute F(x) = the weight of the values up to x."""
    values, cumulative = np.split(variate.table, 2)
    return np.append(0.0, cumulative)[np.searchsorted(values, x, side="right")]


def mean(variate: Variate) -> float:
    """Compute the weighted mean."""
    values, weights = atoms(variate)
    return math.fsum(values * weights)


def sd(variate: Variate) -> float:
    """Compute the weighted standard deviation."""
    values, weights = atoms(variate)
    return math.sqrt(math.fsum(weights * (values - mean(variate)) ** 2))


def support(variate: Variate) -> tuple[float, float]:
    """Give the least and the greatest value."""
    values, _ = atoms(variate)
    return float(values[0]), float(values[-1])


def scale(variate: Variate, factor: float) -> Variate:
    """Multiply the values."""
    values, cumulative = np.split(variate.table, 2)
    return Variate.of("discrete", table=[*(values * factor), *cumulative])


def compound(variate: Variate, exponent: float) -> Variate:
    """Compound the values."""
    values, cumulative = np.split(variate.table, 2)
    compounded = [expm1(exponent * log1p(float(value))) for value in values]
    return Variate.of("discrete", table=[*compounded, *cumulative])
