"""Write numbers with no more digits than their Monte Carlo error supports."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simulator.statistics import decimals

# The half-width of a 95 % interval in standard errors.
Z_95 = 1.959963984540054

# Below this (in 100) a chance is called rare instead of being rounded to nothing.
RARE = 0.1

# Decimals of an exact number before any other limit applies.
FINEST = 12

# Decimal exponent from which on amounts are written as powers of ten: nobody reads 50,800,000,000T.
POWERS = 15

SUFFIXES = ((12, "T"), (9, "B"), (6, "M"), (3, "k"))


@dataclass(frozen=True)
class Estimate:
    """A number with its standard error and the ends of its 95 % interval.

    Parameters
    ----------
    value
        The estimate.
    error
        Standard error, in the unit of `value`; 0 where the value is exact.
    low, high
        Ends of the 95 % interval.
    """

    value: float
    error: float
    low: float
    high: float

    @classmethod
    def of(cls, value: float, error: float = 0.0) -> Estimate:
        """Make an estimate with a normal interval."""
        return cls(value, error, value - Z_95 * error, value + Z_95 * error)

    @property
    def missing(self) -> bool:
        """Whether there is no such number (NaN in the dataset)."""
        return math.isnan(self.value)

    @property
    def drowned(self) -> bool:
        """Whether the number cannot be told from zero."""
        return self.value != 0 and abs(self.value) <= self.error < math.inf


def last_place(value: float, error: float, digits: int = 3) -> int:
    """
    Find the decimal place to which a value may be written.

    Parameters
    ----------
    value
        Anything but zero.
    error
        Standard error of `value`, >= 0; infinite where it is unknown.
    digits
        The most significant digits that a reader can use.

    Returns
    -------
    int
        k: the last digit counts units of 10**k. It is the first digit of the error at the finest
        (`simulator.statistics.decimals`), and never above the first digit of the value.
    """
    leading = math.floor(math.log10(abs(value)) + 1e-12)
    if not math.isfinite(error):
        return leading
    return min(max(leading - digits + 1, -decimals(error, most=FINEST)), leading)


def money(value: float, error: float = 0.0, digits: int = 3) -> str:
    """
    Write an amount of money as in ``1.24M``, ``312k``, ``45``, and above 999T as in ``5.08e22``.

    Parameters
    ----------
    value
        [currency] any; NaN gives ``-``.
    error
        [currency] its standard error, >= 0; NaN or infinite where too few lifetimes tell it.
    digits
        The most significant digits wanted.

    Returns
    -------
    str
        ``~0`` where the error is at least as large as the value, ``~300k`` where the error is unknown,
        ``<0.01`` for less than a cent.
    """
    if math.isnan(value):
        return "-"
    if value == 0:
        return "0"
    if math.isnan(error):
        error = math.inf
    if abs(value) <= error < math.inf:
        return "~0"
    if abs(value) < 0.005:
        return "<0.01" if value > 0 else ">-0.01"
    place = max(last_place(value, error, digits), -2)
    # Halves go away from zero, as people round; the factor forgives the binary form of x.5.
    units = math.floor(abs(value) / 10.0**place * (1 + 1e-12) + 0.5)
    magnitude = units * 10.0**place
    # 999.6k becomes 1.00M, not 1.000M.
    place = max(place, math.floor(math.log10(magnitude) + 1e-12) - digits + 1)
    exponent, suffix = next(((e, s) for e, s in SUFFIXES if magnitude >= 10**e * (1 - 1e-12)), (0, ""))
    if magnitude >= 10.0**POWERS * (1 - 1e-12):
        exponent = math.floor(math.log10(magnitude) + 1e-12)
        suffix = f"e{exponent}"
    said = f"{magnitude / 10.0**exponent:.{max(exponent - place, 0)}f}"
    if error == 0 and "." in said:
        # Zeros at the end say how exact a number is; an exact one need not say so.
        said = said.rstrip("0").rstrip(".")
    return f"{'' if error < math.inf else '~'}{'-' if value < 0 else ''}{said}{suffix}"


def estimated_money(estimate: Estimate, digits: int = 3) -> str:
    """Write an estimate of money, see `money`."""
    return money(estimate.value, estimate.error, digits)


def is_never(estimate: Estimate) -> bool:
    """Whether a chance is exactly zero: it happened in no lifetime."""
    return estimate.value <= 1e-12


def is_always(estimate: Estimate) -> bool:
    """Whether a chance is exactly one: it happened in every lifetime."""
    return estimate.value >= 1 - 1e-12


def chance(estimate: Estimate, dash: str = "-", finer: bool = False) -> str:
    """
    Write a chance in 100, as in ``62``, ``0.4``, ``<0.1``, ``never``.

    Parameters
    ----------
    estimate
        A probability in [0, 1] with its Wilson interval.
    dash
        What stands between the ends of an interval.
    finer
        Whether a decimal is wanted, where the error supports it.

    Returns
    -------
    str
        A range such as ``59-65`` where the standard error is more than one in 100.
    """
    if estimate.missing:
        return "-"
    if is_never(estimate):
        return "never"
    if is_always(estimate):
        return "always"
    percent, error = 100 * estimate.value, 100 * estimate.error
    if error > 1:
        low, high = math.floor(100 * estimate.low + 0.5), math.floor(100 * estimate.high + 0.5)
        return f"{low}{dash}{high}"
    finest = RARE if error <= RARE else 1.0
    if percent < finest:
        return f"<{finest:g}"
    if percent > 100 - finest:
        return f">{100 - finest:g}"
    if finest < 1 and (finer or not 1 <= percent <= 99):
        return f"{percent:.1f}"
    return f"{percent:.0f}"


def lifetimes(count: int) -> str:
    """Write a number of lifetimes: ``1 lifetime``, ``10,000 lifetimes``."""
    return "1 lifetime" if count == 1 else f"{count:,} lifetimes"


def futures(estimate: Estimate, count: int, finer: bool = False) -> str:
    """
    Write a chance as words: ``in 62 of 100 futures``, ``in all of 500 lifetimes (always)``.

    Parameters
    ----------
    estimate
        A probability in [0, 1] with its Wilson interval.
    count
        Number of lifetimes behind it.
    finer
        Whether a decimal is wanted, where the error supports it.
    """
    if estimate.missing:
        return "in an unknown share of futures"
    if is_never(estimate):
        return f"in none of {lifetimes(count)} (never)"
    if is_always(estimate):
        return f"in all of {lifetimes(count)} (always)"
    said = chance(estimate, " to ", finer)
    rare = {"<0.1": "fewer than 1 of 1,000", ">99.9": "more than 999 of 1,000"}
    rare |= {"<1": "fewer than 1 of 100", ">99": "more than 99 of 100"}
    return f"in {rare.get(said, f'{said} of 100')} futures"
