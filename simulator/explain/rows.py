"""List the quantities of a plan as rows of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.explain.words import family, in_words, shown_unit
from simulator.plan.contents import is_per_occurrence, quantities
from simulator.plan.forms import Quantity, SameAs

if TYPE_CHECKING:
    from simulator.plan import Plan


@dataclass(frozen=True)
class Row:
    """One quantity, for people.

    Parameters
    ----------
    name
        Dotted name under which it was written.
    table
        Table of the plan in which it stands, such as ``"strategies.rag.costs"``.
    words
        What the plan says of it, as a phrase.
    unit
        Unit of the numbers; a percentage is written as 2 with the unit ``"%"``.
    family
        Distribution, such as ``"lognormal"``.
    drawn
        ``"never"`` for a constant, ``"once per lifetime"`` or ``"per occurrence"``.
    p5, p10, p50, p90, p95, mean
        Percentiles and mean [unit].
    approximate
        Whether the numbers come from a finite set of points instead of the distribution itself.
    source, owner
        Notes of the plan.
    """

    name: str
    table: str
    words: str
    unit: str
    family: str
    drawn: str
    p5: float
    p10: float
    p50: float
    p90: float
    p95: float
    mean: float
    approximate: bool
    source: str | None
    owner: str | None

    @property
    def key(self) -> str:
        """Name within the table."""
        return self.name.removeprefix(f"{self.table}.")


def describe(plan: Plan) -> list[Row]:
    """Describe each quantity of a plan once, tables together, in the order of the plan.

    Parameters
    ----------
    plan
        A plan; what a strategy took over by `extends` is described where it was written.

    Returns
    -------
    list of Row
        One row a quantity, constants included.
    """
    found = quantities(plan)
    names = {quantity.name for quantity in found}
    rows = [_row(quantity, names) for quantity in found]
    tables = {row.table: position for position, row in reversed(list(enumerate(rows)))}
    return sorted(rows, key=lambda row: tables[row.table])


def _row(quantity: Quantity, names: set[str]) -> Row:
    from simulator.explain.numbers import numbers_of  # NumPy, which those who only count do without

    drawn = "once per lifetime"
    if quantity.is_constant:
        drawn = "never"
    elif is_per_occurrence(quantity):
        drawn = "per occurrence"
    # The factor of a `same_as` stands beside the quantity, not in a table of its own.
    stem = quantity.name.removesuffix(".times")
    place = stem if stem in names else quantity.name
    origin, factors = _chain(quantity)
    numbers, approximate = numbers_of(origin, factors)
    return Row(
        name=quantity.name,
        table=place.rpartition(".")[0],
        words=in_words(quantity),
        unit=shown_unit(origin.unit.text),
        family=family(quantity),
        drawn=drawn,
        **numbers,
        approximate=approximate,
        source=quantity.source,
        owner=quantity.owner,
    )


def _chain(quantity: Quantity) -> tuple[Quantity, list[Quantity]]:
    """Follow `same_as` to the quantity that is drawn; collect the factors on the way, the innermost first."""
    factors: list[Quantity] = []
    while isinstance(quantity.form, SameAs):
        if quantity.form.times is not None:
            factors.insert(0, quantity.form.times)
        quantity = quantity.original
    return quantity, factors
