"""Word numbers and claims: no more digits than a run supports, no sentence that a run contradicts."""

from __future__ import annotations

import math
from dataclasses import dataclass


class ContradictionError(Exception):
    """A sentence of the page that the numbers do not bear out."""


@dataclass(frozen=True)
class Claim:
    """One claim of a source.

    Parameters
    ----------
    what
        What it is about.
    printed
        What the source shows.
    follows
        What its own inputs give, computed by a plan with point values.
    simulated
        What the plan with its uncertainty gives.
    misleads
        Where a reader who follows the claim goes wrong.
    """

    what: str
    printed: str
    follows: str
    simulated: str
    misleads: str


@dataclass(frozen=True)
class Rule:
    """One rule of thumb, for the closing table."""

    source: str
    rule: str
    simulated: str
    misleads: str


@dataclass(frozen=True)
class Section:
    """What the page says of one source."""

    title: str
    plans: tuple[str, ...]
    spread: str
    claims: tuple[Claim, ...]
    text: str
    rules: tuple[Rule, ...]


def holds(condition: bool, sentence: str) -> str:
    """Give a sentence back, if it is true.

    Raises
    ------
    ContradictionError
        If it is not: the sentence has to be written anew.
    """
    if not condition:
        raise ContradictionError(f"the runs no longer bear out: {sentence}")
    return sentence


def exact(number: float, digits: int = 0) -> str:
    """Write a number that no draw has touched, to `digits` decimals."""
    return f"{number:,.{digits}f}"


def about(number: float) -> str:
    """Write a number of a simulation, to two significant digits."""
    if number == 0:
        return "0"
    decimals = 1 - math.floor(math.log10(abs(number)))
    rounded = round(number, decimals)
    return f"{rounded:,.{max(0, 1 - math.floor(math.log10(abs(rounded))))}f}"


def supported(number: float, error: float) -> str:
    """Write a mean to the digit that twice its standard error leaves standing."""
    if error == 0:
        return exact(number)
    decimals = -math.ceil(math.log10(2 * error))
    return f"{round(number, decimals):,.{max(0, decimals)}f}"


def standing(number: float, low: float, high: float) -> float:
    """Round a number to the digit that half its 95 % interval leaves standing, but never to nothing."""
    error = (high - low) / 2
    if not number or not error > 0:
        return number
    finest = math.ceil(math.log10(error))
    return round(number, -min(finest, math.floor(math.log10(abs(number)))))


def span(low: float, high: float) -> str:
    """Write P10 to P90; a digit after the point that is 0 may be one that the runs do not support."""
    return f"{about(low).removesuffix('.0')} to {about(high).removesuffix('.0')}"


def chance(probability: float) -> str:
    """Write a probability as futures in a hundred; the lifetimes of a run know it to less than one."""
    if probability < 0.01 or probability > 0.99:
        return f"{'fewer than 1' if probability < 0.01 else 'more than 99'} of 100 futures"
    return f"{100 * probability:.0f} of 100 futures"


def chances(*probabilities: float) -> str:
    """Write several probabilities that belong together."""
    *first, last = (chance(each).removesuffix(" of 100 futures") for each in probabilities)
    return f"{', '.join(first)} and {last} of 100 futures"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    """Write a Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return ["| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines]
