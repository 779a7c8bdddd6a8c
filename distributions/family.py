"""Hold the distribution of one quantity as the numbers that a kernel needs."""

from __future__ import annotations

import importlib
import math
from dataclasses import dataclass, replace
from functools import cache
from types import ModuleType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from distributions import arrays, elementary
from distributions.domain import FINITE, POSITIVE

__all__ = ["CODES", "FAMILIES", "PARAMETERS", "Variate"]

# The order is the kernel's code. Up to "empirical" the quantile reads the uniform, from "normal" on the
# normal.
FAMILIES = (
    "constant",
    "uniform",
    "weibull",
    "discrete",
    "empirical",
    "normal",
    "lognormal",
    "logit_normal",
    "rate_normal",
    "pert",
    "gamma",
    "beta",
    "mixture",
)
CODES = {name: code for code, name in enumerate(FAMILIES)}
PARAMETERS = 6  # five of the family's own, unused ones 0, and last the exponent of compounding, 1 for none


@cache
def _module_of(family: str) -> ModuleType:
    # The families import this module.
    return importlib.import_module(f"distributions.{family}")


@dataclass(frozen=True, eq=False)
class Variate:
    """Give quantiles, probabilities and moments of one quantity.

    Made by the constructors of the families' modules (`lognormal.from_percentiles` and so on), whose
    docstrings say what the parameters and the table mean.

    Attributes
    ----------
    code
        Index in `FAMILIES`.
    parameters
        (parameter) [the quantity's], five of the family, then the exponent k of compounding: what is drawn is
        (1 + x)^k - 1 of the family's x, and x itself for k = 1.
    table
        (entry) [the family's], or None.
    parts
        Weights and members of a mixture, else empty.
    """

    code: int
    parameters: tuple[float, ...]
    table: NDArray[np.float64] | None = None
    parts: tuple[tuple[float, Variate], ...] = ()

    @classmethod
    def of(cls, family: str, *parameters: float, table: ArrayLike | None = None, parts=()) -> Variate:
        """Make a variate of a family, without compounding; what is not given of the parameters is 0."""
        own = tuple(float(p) for p in parameters) + (0.0,) * (PARAMETERS - 1 - len(parameters))
        if table is not None:
            table = np.array(table, dtype=np.float64)
            table.setflags(write=False)
        return cls(CODES[family], (*own, 1.0), table, parts)

    @property
    def family(self) -> str:
        """Name of the family, which is that of its module."""
        return FAMILIES[self.code]

    @property
    def exponent(self) -> float:
        """Exponent of compounding, 1 for none."""
        return self.parameters[-1]

    @property
    def _module(self) -> ModuleType:
        return _module_of(self.family)

    def _stated(self) -> Variate:
        """Give the variate before compounding."""
        return self if self.exponent == 1.0 else replace(self, parameters=(*self.parameters[:-1], 1.0))

    def ppf(self, u: ArrayLike) -> NDArray[np.float64]:
        """Compute quantiles, by the very code that the kernel runs.

        Parameters
        ----------
        u
            (...) [1] in [0, 1]; at 0 and 1 the ends of the support.

        Raises
        ------
        ValueError
            If a probability lies outside [0, 1].
        """
        from distributions.variate import quantiles  # which imports every family, and they import this module

        probabilities = np.asarray(u, dtype=np.float64)
        if not np.all((probabilities >= 0.0) & (probabilities <= 1.0)):
            raise ValueError(f"u must lie in [0, 1], got {probabilities!r}")
        low, high = self.support()
        values = quantiles(self, np.where((probabilities > 0.0) & (probabilities < 1.0), probabilities, 0.5))
        return np.where(probabilities == 0.0, low, np.where(probabilities == 1.0, high, values))

    def cdf(self, x: ArrayLike) -> NDArray[np.float64]:
        """Compute the probability of at most x.

        Parameters
        ----------
        x
            (...) [the quantity's].
        """
        values = np.asarray(x, dtype=np.float64)
        if self.exponent != 1.0:
            values = arrays.expm1(arrays.log1p(np.maximum(values, -1.0)) / self.exponent)
        return np.asarray(self._module.cdf(self._stated(), values), dtype=np.float64)

    def mean(self) -> float:
        """Compute the mean."""
        return self._module.mean(self) if self._has_moments() else self._integral(lambda x: x)

    def sd(self) -> float:
        """Compute the standard deviation."""
        if self._has_moments():
            return self._module.sd(self)
        centre = self.mean()
        return math.sqrt(self._integral(lambda x: (x - centre) ** 2))

    def _has_moments(self) -> bool:
        return self.exponent == 1.0 or self.family in ("empirical", "mixture")  # which compound on their own

    def _integral(self, function) -> float:
        """Integrate a function of the quantile against the standard normal density."""
        from distributions.variate import normal_integral

        return normal_integral(self, function)

    def support(self) -> tuple[float, float]:
        """Give the least and the greatest value, infinite where there is none."""
        low, high = self._module.support(self._stated())
        return (low, high) if self.exponent == 1.0 else (self._compound(low), self._compound(high))

    def _compound(self, x: float) -> float:
        return elementary.expm1(self.exponent * elementary.log1p(float(x)))

    def scaled(self, factor: float) -> Variate:
        """Multiply the quantity by a positive factor, exactly where the factor is a power of two.

        Raises
        ------
        ValueError
            If the factor is not positive or the variate is compounded already.
        """
        POSITIVE.check("factor", factor)
        if self.exponent != 1.0:
            raise ValueError(f"a compounded {self.family} takes no factor: scale the rate as stated")
        return self if factor == 1.0 else self._module.scale(self, float(factor))

    def compounded(self, exponent: float) -> Variate:
        """Turn a rate x into (1 + x)^k - 1, exactly so in every draw.

        Parameters
        ----------
        exponent
            k > 0, for example 12 / months for the yearly rate of one stated per `months`.

        Raises
        ------
        ValueError
            If the exponent is not positive or the rate can fall below -1.
        """
        POSITIVE.check("exponent", exponent)
        FINITE.check("exponent", exponent)
        low, _ = self.support()
        if not low >= -1.0:
            raise ValueError(
                f"a rate that compounds must lie in [-1, inf), this {self.family} begins at {low:g}"
            )
        if exponent == 1.0:
            return self
        closed_form = getattr(self._module, "compound", None) if self.exponent == 1.0 else None
        result = closed_form(self, float(exponent)) if closed_form else None
        return result or replace(self, parameters=(*self.parameters[:-1], self.exponent * exponent))
