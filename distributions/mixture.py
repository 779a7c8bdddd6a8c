"""Mixture of other variates by weights.

Parameters: none. Table: pieces of Q in z, see `pieces.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from distributions import discrete
from distributions.domain import POSITIVE
from distributions.family import Variate
from distributions.jit import atom
from distributions.pieces import evaluate, fit, scaled


@atom
def _ppf1(z, tables, start, length):
    """Q = the cubic of the piece in which z lies."""
    return evaluate(tables, start, length, z)


def from_members(weights: Sequence[float], members: Sequence[Variate]) -> Variate:
    """Make a mixture; weights are scaled to a sum of 1, a single member stands for itself.

    Raises
    ------
    ValueError
        If there are no members, not as many weights, or a weight is not positive and finite.
    """
    if not len(members) or len(members) != len(weights):
        raise ValueError(f"weights and members must be as many, got {len(weights)} and {len(members)}")
    checked = [POSITIVE.check("weight", weight) for weight in weights]
    if len(members) == 1:
        return members[0]
    if all(member.family == "constant" for member in members):
        return discrete.from_values([member.parameters[0] for member in members], checked)
    total = math.fsum(checked)
    parts = tuple((weight / total, member) for weight, member in zip(checked, members, strict=True))
    return Variate.of("mixture", table=fit(parts), parts=parts)


def cdf(variate: Variate, x: np.ndarray) -> np.ndarray:
    """Compute F(x) = the weighted sum of the members' F."""
    return sum(weight * member.cdf(x) for weight, member in variate.parts)


def mean(variate: Variate) -> float:
    """Compute the weighted mean of the members' means."""
    return math.fsum(weight * member.compounded(variate.exponent).mean() for weight, member in variate.parts)


def sd(variate: Variate) -> float:
    """Compute the root of the weighted mean of the members' variances and squared distances from the mean."""
    centre = mean(variate)
    members = [(weight, member.compounded(variate.exponent)) for weight, member in variate.parts]
    return math.sqrt(math.fsum(w * (m.sd() ** 2 + (m.mean() - centre) ** 2) for w, m in members))


def support(variate: Variate) -> tuple[float, float]:
    """Give the least and the greatest end of the members."""
    ends = [member.support() for _, member in variate.parts]
    return min(low for low, _ in ends), max(high for _, high in ends)


def scale(variate: Variate, factor: float) -> Variate:
    """Multiply the members, and the coefficients of the pieces."""
    parts = tuple((weight, member.scaled(factor)) for weight, member in variate.parts)
    return Variate.of("mixture", table=scaled(variate.table, factor), parts=parts)
