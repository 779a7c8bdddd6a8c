"""Say in plain English what a quantity of the plan is."""

from __future__ import annotations

from simulator.plan.fields import PERCENTILE_FAMILY, show_value
from simulator.plan.forms import (
    Constant,
    Discrete,
    Empirical,
    MeanOf,
    Mixture,
    Moments,
    Percentiles,
    Pert,
    Quantity,
    SameAs,
    Uniform,
)
from simulator.plan.numerals import show_number
from simulator.plan.units import Unit

_MOST_VALUES = 6


def family_name(quantity: Quantity) -> str:
    """Name the distribution of a quantity, such as ``"split-lognormal"``."""
    match quantity.form:
        case Percentiles(points):
            family = PERCENTILE_FAMILY[quantity.support]
            return family if len(points) == 2 else f"split-{family}"
        case Moments(family, _, _):
            return family
        case MeanOf():
            return "lognormal"
        case Pert():
            return "PERT"
        case SameAs():
            return "same draw"
        case form:
            return type(form).__name__.lower()


def words(quantity: Quantity) -> str:
    """Describe a quantity, such as ``"between 2 and 4 h (90 % interval), lognormal"``.

    Parameters
    ----------
    quantity
        Any quantity; a `SameAs` need not be adopted.
    """
    unit = quantity.unit
    family = family_name(quantity)
    match quantity.form:
        case Constant(value):
            return show_value(value, unit)
        case Percentiles(points) if len(points) == 2:
            (low, first), (high, last) = points
            return f"between {_pair(first, last, unit)} ({_interval(low, high)}), {family}"
        case Percentiles(points):
            listed = ", ".join(f"p{100 * level:.6g} {show_value(value, unit)}" for level, value in points)
            return f"{listed}, {family}"
        case Pert(low, mode, high):
            return f"between {_pair(low, high, unit)}, most likely {show_value(mode, unit)}, {family}"
        case Uniform(low, high):
            return f"between {_pair(low, high, unit)}, {family}"
        case Moments(_, mean, sd):
            return f"mean {show_value(mean, unit)}, sd {show_value(sd, unit)}, {family}"
        case MeanOf(mean, error):
            shown = show_value(mean, unit)
            return f"mean of a column, {shown} with a standard error of {show_value(error, unit)}, {family}"
        case Empirical(values):
            ends = _pair(values[0], values[-1], unit)
            return f"{len(values)} values of a column between {ends}, {family}"
        case Discrete(values, weights):
            return f"{_listed(values, weights, unit)}, {family}"
        case Mixture(members):
            listed = "; ".join(f"{100 * weight:.3g} %: {words(member)}" for weight, member in members)
            return f"{listed}; {family}"
        case SameAs(target, times):
            return f"the draw of {target}" + (f", times {words(times)}" if times else "")


def _pair(low: float, high: float, unit: Unit) -> str:
    first = f"{show_number(100 * low)}%" if unit.is_percent else show_number(low)
    return f"{first} and {show_value(high, unit)}"


def _interval(low: float, high: float) -> str:
    if abs(low + high - 1) < 1e-9:
        return f"{100 * (high - low):.6g} % interval"
    return f"p{100 * low:.6g} to p{100 * high:.6g}"


def _listed(values: tuple[float, ...], weights: tuple[float, ...], unit: Unit) -> str:
    if len(values) > _MOST_VALUES:
        return f"one of {len(values)} values between {_pair(values[0], values[-1], unit)}"
    pairs = zip(values, weights, strict=True)
    return ", ".join(f"{show_value(value, unit)} ({100 * weight:.3g} %)" for value, weight in pairs)
