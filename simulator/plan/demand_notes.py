"""Say what a reader has to know of demand: growth below 0 on a logistic curve."""

from __future__ import annotations

from math import log1p
from statistics import NormalDist
from typing import Any

from simulator.plan.forms import (
    Constant,
    Discrete,
    Empirical,
    Mixture,
    Percentiles,
    Pert,
    Quantity,
    SameAs,
    Uniform,
)

_NEVER = 1e-9


def warnings(demand: Any) -> tuple[str, ...]:
    """Write the warnings of [demand], one sentence or two each.

    Parameters
    ----------
    demand
        Its values, with every `same_as` resolved.
    """
    growth = demand.get("growth")
    if demand.get("curve") != "logistic" or growth is None or not _falls(growth):
        return ()
    return (
        f"demand.growth = {growth.written} can be below 0, which drives demand that is above the ceiling of a "
        "logistic curve ever further up, until the run ends with costs that are too large. "
        'For demand that shrinks write curve = "compound".',
    )


def _falls(rate: Quantity) -> bool:
    """Tell whether a rate is below 0 in more than one of 10^9 lifetimes."""
    match rate.form:
        case Constant(value):
            return value < 0.0
        case Pert(min=least) | Uniform(min=least):
            return least < 0.0
        case Discrete(values=values) | Empirical(values):
            return values[0] < 0.0
        case Percentiles(points):
            # ln(1 + rate) is normal between the lowest two and below them
            (low, first), (high, second) = points[:2]
            z, z_high = NormalDist().inv_cdf(low), NormalDist().inv_cdf(high)
            slope = (log1p(second) - log1p(first)) / (z_high - z)
            return NormalDist().cdf(z - log1p(first) / slope) > _NEVER
        case Mixture(members):
            return any(_falls(member) for _, member in members)
        case SameAs():
            return rate.original is not None and _falls(rate.original)
    return False  # the families of a rate's mean and sd are positive
