"""Fill the first sheet: who is cheapest, at what cost, how sure that is; with the charts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from simulator.export import source
from simulator.export.workbook import charts
from simulator.export.workbook.book import LINE, Book, Column
from simulator.export.workbook.monthly import Months
from simulator.verdict.words import Sentences, level_name

NAME = "Summary"
HEAD = 2
MERGED = 11
CHARACTERS = 150

LABEL_WIDTH = 64


@dataclass(frozen=True)
class Placed:
    """Where the table stands and where the charts may begin.

    Parameters
    ----------
    rows
        (strategy) row of each strategy in file order; its label is in column 0.
    below
        First free row.
    """

    rows: tuple[int, ...]
    below: int


def write(book: Book) -> Placed:
    """Write title, table and verdict; strategies by expected regret, the best one first."""
    f, sheet = book.findings, book.sheets[NAME]
    book.table(NAME, "", _columns(book), first_row=HEAD)
    sheet.set_row(0, 24)
    book.text(sheet, 0, 0, f.dataset.attrs["plan_name"], "title")
    book.text(sheet, 1, 0, _terms(book), "reading")
    row = HEAD + f.count + 2
    for paragraph in [*Sentences(f, LABEL_WIDTH).paragraphs(), _reading(book)]:
        sheet.set_row(row, LINE * math.ceil(len(paragraph) / CHARACTERS) + 4)
        sheet.merge_range(row, 0, row, MERGED, "", book.styles.of("paragraph"))
        book.text(sheet, row, 0, paragraph, "paragraph")
        row += 1
    rows = tuple(HEAD + 1 + f.order.index(i) for i in range(f.count))
    return Placed(rows, row + 1)


def draw(book: Book, placed: Placed, months: Months) -> None:
    """Draw the chance of being cheapest and the fan of each strategy below the words."""
    charts.draw(book, book.sheets[NAME], placed.below, placed.rows, months)


def _columns(book: Book) -> list[Column]:
    f = book.findings
    order, horizon = f.order, f.horizon

    def values(name: str, **where: object) -> list[float]:
        return [f.estimate(name, strategy=i, **where).value for i in order]

    columns = [Column("Strategy", "text", [book.names[i] for i in order])]

    def add(head: str, style: str, cells: list[Any]) -> None:
        columns.append(Column(head, style, cells))

    if f.count > 1:
        add("Cheapest [chance]", "chance", values("cheapest_probability", month=horizon))
        add(book.money("Expected regret"), "money", values("expected_regret", month=horizon))
    add(book.money("Present cost, mean"), "money", values("present_cost_mean", month=horizon))
    for level in dict.fromkeys((f.nearest(0.05), f.nearest(0.5), f.budget_level, f.nearest(0.95))):
        head = book.money(f"Present cost, {level_name(level)}")
        add(head, "money", values("present_cost", month=horizon, quantile=level))
    level = f.shortfall_level
    head = book.money(f"Present cost, mean beyond {level_name(level)}")
    add(head, "money", values("expected_shortfall", quantile=level))
    if f.count > 1:

        def against(name: str, **where: object) -> list[float | None]:
            where |= {"rival": f.baseline}
            return [None if i == f.baseline else f.estimate(name, strategy=i, **where).value for i in order]

        typical = f.nearest(0.5)
        head = book.money(f"Saves against the baseline, {level_name(typical)}")
        add(head, "money", against("saving", quantile=typical))
        add("Ahead of the baseline [chance]", "chance", against("win_probability", month=horizon))
    level = f.budget_level
    add(book.money("Cost, mean"), "money", values("cumulative_cost_mean", month=horizon))
    add(
        book.money(f"Cost, {level_name(level)}"),
        "money",
        values("cumulative_cost", month=horizon, quantile=level),
    )
    where = {"budget_period": "horizon"}
    head = book.money(f"Budget held in {100 * level:.6g} of 100")
    add(head, "money", values("budget_cost", quantile=level, **where))
    if f.has_budget:
        add("Over budget [chance]", "chance", values("over_budget_probability", **where))
        add(book.money("Expected overrun"), "money", values("expected_overrun", **where))
    add(f"Cost per 1,000 requests [{book.currency}]", "price", values("cost_per_kreq_mean"))
    return columns


def _terms(book: Book) -> str:
    f = book.findings
    said = f"{f.horizon} months from {f.dates[0]}; {f.lifetimes:,} lifetimes; amounts in {f.currency}, "
    said += f"until the end of the horizon; run {source.version(book.dataset)} of {source.created(book.dataset).date()}"
    return f"{said}; the baseline is {book.names[f.baseline]}."


def _reading(book: Book) -> str:
    level = level_name(book.findings.budget_level)
    return (
        f"{level} is the amount that is enough in {100 * book.findings.budget_level:.6g} of 100 futures. "
        "Percentiles do not add up, over periods, components or strategies; the sheets Quarterly and Monthly "
        f"carry an allocated {level} that does."
    )
