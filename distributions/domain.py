"""Describe the intervals in which parameters must lie."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["FINITE", "NON_NEGATIVE", "OPEN_UNIT", "POSITIVE", "RATE", "UNIT", "Interval"]


@dataclass(frozen=True)
class Interval:
    """Contain numbers between two ends.

    Attributes
    ----------
    low, high
        The ends; infinite ends never belong to the interval.
    low_belongs, high_belongs
        Whether a finite end belongs to the interval.
    """

    low: float
    high: float
    low_belongs: bool = False
    high_belongs: bool = False

    def __contains__(self, value: float) -> bool:
        above = value > self.low or (self.low_belongs and value == self.low)
        below = value < self.high or (self.high_belongs and value == self.high)
        return above and below

    def __str__(self) -> str:
        opening = "[" if self.low_belongs else "("
        closing = "]" if self.high_belongs else ")"
        return f"{opening}{self.low:g}, {self.high:g}{closing}"

    def check(self, name: str, value: float) -> float:
        """Give the value back as a float.

        Raises
        ------
        ValueError
            If the value lies outside (NaN does); the message holds the name, the interval and the value.
        """
        number = float(value)
        if number not in self:
            raise ValueError(f"{name} must lie in {self}, got {number:g}")
        return number

    def inside(self) -> tuple[float, ...]:
        """Propose test points that belong to the interval, the extreme ones first and last, ascending."""
        low = self.low if self.low_belongs else math.nextafter(self.low, math.inf)
        high = self.high if self.high_belongs else math.nextafter(self.high, -math.inf)
        middle = [x for x in (-1e6, -1.0, -0.5, 0.0, 1e-9, 0.5, 1.0, 2.0, 1e6) if low < x < high]
        return (low, *middle, high)

    def outside(self) -> tuple[float, ...]:
        """Propose test points that do not belong to the interval: the nearest ones, infinities and NaN."""
        low = math.nextafter(self.low, -math.inf) if self.low_belongs else self.low
        high = math.nextafter(self.high, math.inf) if self.high_belongs else self.high
        return (-math.inf, low, high, math.inf, math.nan)


FINITE = Interval(-math.inf, math.inf)
POSITIVE = Interval(0.0, math.inf)
NON_NEGATIVE = Interval(0.0, math.inf, low_belongs=True)
OPEN_UNIT = Interval(0.0, 1.0)
UNIT = Interval(0.0, 1.0, low_belongs=True, high_belongs=True)
RATE = Interval(-1.0, math.inf)
