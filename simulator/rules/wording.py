"""Word what a rule looks at."""

from __future__ import annotations

import math

from simulator.rules.facts import Facts
from simulator.rules.judgement import Input
from simulator.verdict.lettering import shorten

REQUESTS = "req/month"
MOST_DIGITS = 15
MOST_LABEL = 40


def written(value: float, *bounds: float, digits: int = 3, whole: bool = True) -> str:
    """Write a number with few digits, but enough that it stays on its side of each bound.

    Parameters
    ----------
    value
        Any finite number.
    bounds
        Numbers that the value is compared with.
    digits
        Significant digits to begin with.
    whole
        Whether numbers keep all their digits before the point.
    """
    while True:
        is_short = not whole or abs(value) < 10 ** (digits - 1)
        shown = float(f"{value:.{digits}g}") if is_short else float(round(value))
        if digits >= MOST_DIGITS or not any(shown == bound != value for bound in bounds):
            break
        digits += 1
    decimals = max(digits - 1 - math.floor(math.log10(abs(shown))), 0) if shown else 0
    text = f"{shown:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def requests(facts: Facts, *bounds: float) -> Input:
    """Word the volume at the start; a median of what nobody knows better has three digits."""
    said = written(facts.requests, *bounds, whole=facts.is_certain)
    return Input("requests", facts.requests, REQUESTS, f"{said} requests a month")


def quality(facts: Facts, *bounds: float) -> Input:
    """Word how often prompting serves a request well."""
    share = facts.quality
    if share is None:
        return Input("quality of prompting", None, "1", "a quality of prompting that the plan does not give")
    label = shorten(facts.prompting.label, MOST_LABEL)
    said = written(100 * share, *(100 * bound for bound in bounds))
    return Input("quality of prompting", share, "1", f"{label} right in {said} of 100 cases")


def changes(facts: Facts, *bounds: float) -> Input:
    """Word how often requirements change."""
    said = f"requirements that change {written(facts.changes, *bounds)} times a year"
    if facts.changes == 0:
        said = "no change of requirements that would force a retraining"
    return Input("changes of requirements", facts.changes, "1/year", said)


def amount(name: str, value: float, facts: Facts, words: str, per: str = "") -> Input:
    """Word an amount of money; `{}` in the words stands for it."""
    said = f"{written(value, digits=4 if facts.is_certain else 3, whole=facts.is_certain)} {facts.currency}"
    return Input(name, value, facts.currency + per, words.format(said))


def difference(name: str, value: float, facts: Facts, words: tuple[str, str], per: str = "") -> Input:
    """Word an amount that is saved where it is positive: words for that, and for the opposite."""
    saved, lost = words
    size = amount(name, abs(value), facts, saved if value >= 0 else lost)
    return Input(name, value, facts.currency + per, size.words)


def months(name: str, value: float, words: str, *bounds: float) -> Input:
    """Word a time span; `{}` in the words stands for it."""
    said = "never" if math.isinf(value) else f"{written(value, *bounds)} months"
    return Input(name, value, "month", words.format(said))
