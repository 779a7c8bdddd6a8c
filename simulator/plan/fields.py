"""Say what a field of the plan takes, and hold numbers to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

from simulator.plan.dimensions import Dimension
from simulator.plan.forms import (
    Constant,
    Discrete,
    Form,
    Moments,
    Percentiles,
    Pert,
    Uniform,
)
from simulator.plan.numerals import show_number
from simulator.plan.problems import Problem
from simulator.plan.units import Unit

# Families that cannot leave the support, in the unit written.
INSIDE = {
    "positive": ("lognormal", "gamma", "weibull", "beta"),
    "share": ("beta",),
    "rate": ("lognormal", "gamma", "weibull", "beta"),
    "points": ("normal", "lognormal", "gamma", "weibull", "beta"),
}
SUPPORT_WORDS = {
    "positive": "numbers of 0 or more",
    "share": "shares from 0 to 1",
    "rate": "rates above -100 %",
    "points": "any numbers",
}
PERCENTILE_FAMILY = {
    "positive": "lognormal",
    "share": "logit-normal",
    "rate": "rate-normal",
    "points": "normal",
}

# Shapes of a beta, and sd / mean of the others, for which `distributions` tabulates quantiles.
BETA_SHAPES = (1e-3, 1e6)
SPREADS = {"gamma": (1e-3, 100.0), "weibull": (1e-6, 1e4)}


@dataclass(frozen=True)
class QuantityField:
    """What one field of the plan takes.

    Parameters
    ----------
    dimension
        What it measures.
    zero
        Whether the value 0 can stand: False where something is divided by it or its logarithm is taken.
    constant
        Whether only a constant can stand.
    same_as
        Whether it can be another quantity's draw: False for what is drawn per occurrence.
    """

    dimension: Dimension
    zero: bool = True
    constant: bool = False
    same_as: bool = True

    @property
    def support(self) -> str:
        """``"positive"``, ``"share"``, ``"rate"`` or ``"points"``."""
        return self.dimension.support

    def takes(self, currency: str | None) -> str:
        """Say what the field takes, with an example."""
        return self.dimension.takes(currency)


def form_problems(form: Form, field: QuantityField, unit: Unit, written: str) -> Iterator[Problem]:
    """Yield what keeps a form of one unit from standing in a field.

    Parameters
    ----------
    form
        Numbers in `unit` as written; no mixture and no `SameAs`.
    field
        What may stand.
    unit
        The unit of the numbers.
    written
        What stands in the plan, for the messages.
    """
    if field.constant and not isinstance(form, Constant):
        yield Problem("", f"'{written}' is uncertain, this field takes a constant", "write one number")
        return
    match form:
        case Constant(value):
            reason = outside(value, field.support, unit, field.zero)
            if reason:
                yield Problem("", f"'{written}' {reason}", _share_hint(value, field, unit))
        case Percentiles(points):
            for _, value in points:
                problem = _percentile_problem(value, field, unit, written)
                if problem:
                    yield problem
                    return
        case Pert(low, _, high) | Uniform(low, high):
            yield from _each((low, high), field, unit, written, zero=True)
        case Discrete(values, _):
            yield from _each(values, field, unit, written, zero=field.zero)
        case Moments(family, mean, sd):
            yield from _moment_problems(family, mean, sd, field, unit)
        # Samples are held to the field cell by cell, where the row can still be named.


def outside(value: float, support: str, unit: Unit, zero: bool = True) -> str:
    """Say why a number cannot stand in a support, such as ``"is negative"``; empty where it can."""
    if support == "positive" and value < 0:
        return f"is negative, allowed are {SUPPORT_WORDS[support]}"
    if support == "share" and not 0 <= value <= 1:
        return f"lies outside the {SUPPORT_WORDS[support]}{' (0% to 100%)' if unit.is_percent else ''}"
    if support == "rate" and value <= -1:
        return f"is too low, allowed are {SUPPORT_WORDS[support]}"
    if value == 0 and not zero:
        return "is 0, this field must be above 0"
    return ""


def _each(
    values: tuple[float, ...], field: QuantityField, unit: Unit, written: str, zero: bool
) -> Iterator[Problem]:
    for value in values:
        reason = outside(value, field.support, unit, zero)
        if reason:
            yield Problem(
                "", f"'{written}': {show_value(value, unit)} {reason}", _share_hint(value, field, unit)
            )
            return


def _share_hint(value: float, field: QuantityField, unit: Unit) -> str:
    if field.support == "share" and not unit.is_percent and 1 < value <= 100:
        return f"write '{value:g}%' for percent"
    return ""


def _percentile_problem(value: float, field: QuantityField, unit: Unit, written: str) -> Problem | None:
    reason = outside(value, field.support, unit)
    if reason:
        shown = show_value(value, unit)
        return Problem("", f"'{written}': {shown} {reason}", _share_hint(value, field, unit))
    edge = (field.support == "positive" and value == 0) or (field.support == "share" and value in (0, 1))
    if not edge:
        return None
    family = PERCENTILE_FAMILY[field.support]
    shown = show_value(value, unit)
    return Problem(
        "",
        f"'{written}' has a percentile at {shown}, which the {family} of percentile forms never reaches",
        f"{{ min = …, max = …{_unit_key(unit)} }} can (a mode makes it PERT), "
        f"so can a mixture with a constant {shown}",
    )


def _unit_key(unit: Unit) -> str:
    return f', unit = "{unit.text}"' if unit.text else ""


def _moment_problems(
    family: str, mean: float, sd: float, field: QuantityField, unit: Unit
) -> Iterator[Problem]:
    inside = INSIDE[field.support]
    if family not in inside:
        yield Problem(
            "dist",
            f"a {family} can leave the {SUPPORT_WORDS[field.support]} of this field",
            f"{_listed(inside)} cannot",
        )
        return
    if sd <= 0:
        yield Problem(
            "sd", f"sd = {show_value(sd, unit)} is not above 0", "for a constant, write the number alone"
        )
        return
    if family == "normal":
        return
    shown = show_value(mean, unit)
    if mean <= 0:
        yield Problem("mean", f"mean = {shown} is not above 0, where a {family} lies")
    elif family == "beta" and mean >= 1:
        yield Problem("mean", f"mean = {shown} is not inside (0, 1), where a beta lies")
    elif family == "beta" and sd * sd >= mean * (1 - mean):
        most = show_value(sqrt(mean * (1 - mean)), unit)
        yield Problem(
            "sd", f"sd = {show_value(sd, unit)} is too large: a beta with mean {shown} has less than {most}"
        )
    else:
        yield from _spread_problems(family, mean, sd, unit)


def _spread_problems(family: str, mean: float, sd: float, unit: Unit) -> Iterator[Problem]:
    """Refuse spreads for which the quantiles of a family are not tabulated."""
    if family == "beta":
        size = mean * (1 - mean) / sd / sd - 1  # sd * sd could be too small for a number
        too_large = size * min(mean, 1 - mean) < BETA_SHAPES[0]
        too_small = size * max(mean, 1 - mean) > BETA_SHAPES[1]
        instead = "for hardly anything but 0 and 1, write { values = [0, 1], weights = [ … ] }"
        bounds = f"a beta has shapes from {BETA_SHAPES[0]:g} to {BETA_SHAPES[1]:g}"
    elif family in SPREADS:
        low, high = SPREADS[family]
        too_small, too_large = sd / mean < low, sd / mean > high
        instead = "a lognormal takes any, a mixture may say more"
        bounds = f"a {family} takes {low:g} to {high:g} times its mean, {show_value(mean, unit)}"
    else:
        return
    if too_large or too_small:
        size_word = "large" if too_large else "small"
        yield Problem(
            "sd",
            f"sd = {show_value(sd, unit)} is too {size_word}: {bounds}",
            instead if too_large else "for a constant, write the number alone",
        )


def _listed(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def show_value(value: float, unit: Unit) -> str:
    """Show a number with its unit, such as ``"60k req/month"`` or ``"2% / year"``."""
    if unit.is_percent:
        return f"{show_number(value * 100)}{unit.text}"
    return f"{show_number(value)} {unit.text}".rstrip()
