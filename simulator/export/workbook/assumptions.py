"""Fill the sheet of what the plan assumes: every quantity in words, with unit, source and owner."""

from __future__ import annotations

from simulator.export.assumptions import Assumption, assumptions
from simulator.export.workbook.book import Book, Column
from simulator.plan import ReadingError

NAME = "Assumptions"
READING = (
    "Every quantity of the plan. P5 and P95 enclose 9 of 10 lifetimes; strategies that take a quantity over "
    "by `extends` share the one shown."
)
UNREADABLE = (
    "This version of the program does not read the plan of this result any more; here is its text, line by "
    "line."
)


def write(book: Book) -> None:
    """Write the sheet; where the plan cannot be read, its text."""
    try:
        found = assumptions(book.dataset)
    except ReadingError:
        lines = str(book.dataset.attrs["plan"]).splitlines()
        book.table(
            NAME, UNREADABLE, [Column("Plan", "text", [line or None for line in lines], 120)], frozen=0
        )
        return
    book.table(NAME, READING, _columns(found), frozen=2)


def _columns(found: list[Assumption]) -> list[Column]:
    return [
        Column("Table", "text", [one.table for one in found], 26),
        Column("Quantity", "text", [one.name for one in found], 22),
        Column("In words", "words", [one.words for one in found], 52),
        Column("Unit", "text", [one.unit for one in found], 13),
        Column("P5", "figure", [one.p5 for one in found]),
        Column("P50", "figure", [one.p50 for one in found]),
        Column("P95", "figure", [one.p95 for one in found]),
        Column("Mean", "figure", [one.mean for one in found]),
        Column("Distribution", "text", [one.family for one in found], 18),
        Column("Drawn", "text", [one.drawn for one in found], 17),
        Column("Source", "words", [one.source or None for one in found], 48),
        Column("Owner", "words", [one.owner or None for one in found], 20),
    ]
