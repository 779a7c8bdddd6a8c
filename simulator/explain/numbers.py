"""Compute the percentiles and the mean of a quantity, in the unit of the plan."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr

from simulator.lowering import variate

if TYPE_CHECKING:
    from simulator.plan.forms import Quantity

LEVELS = (0.05, 0.1, 0.5, 0.9, 0.95)
_POINTS = 2**15


def numbers_of(origin: Quantity, factors: list[Quantity]) -> tuple[dict[str, float], bool]:
    """Give p5 … p95 and the mean as written, and whether they are approximate.

    Notes
    -----
    Percentiles of one draw are its quantile function at the level, as conversions are monotone. Where one is
    not linear (a compound rate that is not per year, a share that stops at 1), the mean is an integral over
    the normal score. A product of several draws is evaluated on 2^15 evenly spread points.
    """
    drawn = [variate(quantity) for quantity in (origin, *factors)]
    free = [position for position, one in enumerate((origin, *factors)) if not one.is_constant]
    fixed = [float(one.ppf(0.5)) for one in drawn]

    def value(levels: np.ndarray) -> np.ndarray:
        """Give the quantity as written at levels (free, point) in (0, 1)."""
        numbers: list[Any] = list(fixed)
        for position, row in zip(free, levels, strict=True):
            numbers[position] = drawn[position].ppf(row)
        product = numbers[0]
        for number in numbers[1:]:
            product = np.minimum(product * number, 1.0) if origin.support == "share" else product * number
        return as_written(origin, product)

    is_linear = (
        origin.unit.per == 12 if origin.support == "rate" else origin.support != "share" or not factors
    )
    if len(free) > 1:
        sample = value(_lattice(len(free)))
        percentiles = np.quantile(sample, LEVELS)
        mean = sample.mean()
    elif free:
        # A falling rate times a larger factor falls further, so the order may turn.
        percentiles = np.sort(value(np.array([LEVELS])))
        is_linear = (
            origin.unit.per == 12 if origin.support == "rate" else origin.support != "share" or not factors
        )
        if is_linear:
            others = math.prod(number for position, number in enumerate(fixed) if position != free[0])
            mean = as_written(origin, others * drawn[free[0]].mean())
        else:
            mean = _mean(value)
    else:
        mean = value(np.empty((0, 1)))
        percentiles = np.full(len(LEVELS), mean)
    names = (*(f"p{round(level * 100)}" for level in LEVELS), "mean")
    numbers = [float(number) for number in (*percentiles, mean)]
    return dict(zip(names, _without_rounding_errors(numbers), strict=True)), len(free) > 1


def _without_rounding_errors(numbers: list[float]) -> list[float]:
    """Hide the last bit, so that 7 % is not shown as 7.000000000000001, nor 0 % beside 20 % as -2.9e-15."""
    least = 1e-14 * max((abs(number) for number in numbers if math.isfinite(number)), default=0.0)
    return [0.0 if abs(number) < least else float(f"{number:.15g}") for number in numbers]


def as_written(quantity: Quantity, canonical: Any) -> Any:
    """Turn numbers of the kernel back into the unit of the plan, percentages as people write them."""
    unit = quantity.unit
    if quantity.support == "rate":
        with np.errstate(divide="ignore"):  # a rate of -100 %
            value = np.expm1(np.log1p(canonical) * unit.per / 12)
    else:
        value = canonical / unit.factor
    return value * 100 if unit.is_percent else value


def _mean(value: Callable[[np.ndarray], np.ndarray]) -> float:
    scores = np.linspace(-8.0, 8.0, 8001)
    return float(np.average(value(ndtr(scores)[np.newaxis]), weights=np.exp(-(scores**2) / 2)))


def _lattice(dimensions: int) -> np.ndarray:
    """Spread points evenly in the unit cube (additive recurrence with the generalised golden ratio)."""
    ratio = 2.0
    for _ in range(60):
        ratio = (1 + ratio) ** (1 / (dimensions + 1))
    steps = ratio ** -np.arange(1.0, dimensions + 1)
    return (0.5 + steps[:, np.newaxis] * np.arange(1, _POINTS + 1)) % 1
