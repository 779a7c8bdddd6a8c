"""Put quantities and numbers into words."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from simulator.plan.contents import is_per_occurrence
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

_BY_SUPPORT = {"positive": "lognormal", "share": "logit-normal", "rate": "rate-normal", "points": "normal"}
_NAMES = {Pert: "PERT", MeanOf: "lognormal", SameAs: "same draw"}


def in_words(quantity: Quantity, draws: str | None = None) -> str:
    """Put into a phrase what a plan says of a quantity, its unit included.

    Parameters
    ----------
    quantity
        The quantity.
    draws
        What a percentage counts: ``"lifetimes"``, or ``"occurrences"`` where it is drawn at each; as its name
        says by default.

    Returns
    -------
    str
        Such as ``"60k to 300k req/month in 9 of 10 lifetimes"``.
    """
    form, number = quantity.form, _writer(quantity)
    draws = draws or ("occurrences" if is_per_occurrence(quantity) else "lifetimes")
    unit = f" {shown_unit(quantity.unit.text)}" if quantity.unit.text else ""
    match form:
        case Constant(value):
            return f"{exact_number(value * 100 if quantity.unit.is_percent else value)}{unit}, always"
        case Percentiles(points):
            return _percentiles(points, number, unit, draws)
        case Pert(low, mode, high):
            return f"{number(low)} to {number(high)}{unit}, most likely {number(mode)}"
        case Uniform(low, high):
            return f"{number(low)} to {number(high)}{unit}, all alike"
        case Moments(_, mean, sd):
            return f"{number(mean)}{unit} on average, standard deviation {number(sd)}"
        case Discrete(values, weights):
            chances = [f"{number(v)} ({w:.0%})" for v, w in zip(values, weights, strict=True)]
            return f"{_listed(chances, 'or')}{unit}"
        case MeanOf(mean, error):
            return f"the mean of the data, {number(mean)} ± {number(error)}{unit}"
        case Empirical(values):
            ends = f"{number(values[0])} to {number(values[-1])}{unit}"
            return f"like the {len(values):,} values of the data, {ends}"
        case Mixture(members):
            return "; ".join(f"{weight:.0%}: {in_words(member, draws)}" for weight, member in members)
        case SameAs(target, times):
            return f"same draw as {target}" + (f", times {in_words(times)}" if times else "")
    raise TypeError(f"no words for the form {type(form).__name__}")


def shown_unit(text: str) -> str:
    """Set a unit close: ``"% / month"`` becomes ``"%/month"``."""
    return text.replace(" / ", "/").replace("/ ", "/")


def shown_number(value: float) -> str:
    """Write a number with three significant digits and the suffixes of the plan: 134k, 2.5, -60, 0.0012."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    size = abs(float(f"{value:.3g}"))
    if size < 1e-4 or size >= 1e12:
        # A plan has no suffix above B.
        return f"{value:.3g}".replace("e+", "e")
    for scale, suffix in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
        if size >= scale:
            # 10,000 and more only: nobody reads 1,200 USD more easily as 1.2k.
            return _plain(value / (1e3 if suffix == "k" else scale)) + suffix
    return _plain(value)


def exact_number(value: float) -> str:
    """Write a constant, which has no error to hide digits behind: as `shown_number` where that says it all.

    Notes
    -----
    Whole numbers keep all their digits and others six: a price of 1.875 is not 1.88.
    """
    if not math.isfinite(value) or math.isclose(value, float(f"{value:.3g}"), rel_tol=1e-12):
        return shown_number(value)
    whole = round(value)
    return f"{whole:,}" if math.isclose(value, whole, rel_tol=1e-12) else f"{value:,.6g}"


def _plain(value: float) -> str:
    digits = max(0, 2 - math.floor(math.log10(abs(float(f"{value:.3g}")))))
    text = f"{float(f'{value:.3g}') if abs(value) < 1000 else value:,.{min(digits, 12)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _writer(quantity: Quantity) -> Callable[[float], str]:
    percent = quantity.unit.is_percent
    return lambda value: shown_number(value * 100 if percent else value)


def _percentiles(
    points: Sequence[tuple[float, float]], number: Callable[[float], str], unit: str, draws: str
) -> str:
    levels = [level for level, _ in points]
    low, high = points[0], points[-1]
    within = high[0] - low[0]
    if math.isclose(low[0], 1 - high[0], abs_tol=1e-12):
        middle = "".join(f", {number(v)} in the middle" for level, v in points[1:-1] if level == 0.5)
        if len(levels) == 2 or middle:
            return f"{number(low[1])} to {number(high[1])}{unit} in {_odds(within)} {draws}{middle}"
    return f"{_listed([f'P{level * 100:.4g} {number(value)}' for level, value in points], 'and')}{unit}"


def _odds(share: float) -> str:
    return (
        f"{share * 10:.0f} of 10"
        if math.isclose(share * 10, round(share * 10))
        else f"{share * 100:.4g} of 100"
    )


def _listed(words: Sequence[str], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def family(quantity: Quantity) -> str:
    """Name the distribution of a quantity, such as ``"lognormal"``."""
    match quantity.form:
        case Moments(name):
            return name
        case Percentiles(points):
            name = _BY_SUPPORT[quantity.support]
            return name if len(points) == 2 else f"split-{name}"
        case form:
            return _NAMES.get(type(form), type(form).__name__.lower())
