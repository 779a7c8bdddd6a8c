"""Fill the sheet of fiscal quarters, fiscal years and the horizon."""

from __future__ import annotations

import numpy as np

from simulator.export.periods import Period
from simulator.export.workbook.book import Book, Column

NAME = "Quarterly"
KINDS = {"quarter": "quarter", "fiscal_year": "fiscal year", "horizon": "horizon"}

READING = (
    "Each percentile is of lifetimes summed over that very period: percentiles of quarters do not add up to "
    "those of years; means and allocated percentiles do (see About). Filter Kind to see one kind of period."
)


def write(book: Book) -> None:
    """Write the sheet: of each strategy the quarters, then the fiscal years, then the horizon."""
    f = book.findings
    quarters, years, horizon = book.periods.quarters, book.periods.fiscal_years, book.periods.horizon
    periods = (*quarters, *years, horizon)
    rows: list[tuple[int, Period]] = [(i, period) for i in range(f.count) for period in periods]
    columns = [
        Column("Strategy", "text", [book.names[i] for i, _ in rows]),
        Column("Period", "text", [period.label for _, period in rows], 12),
        Column("Kind", "text", [KINDS[period.kind] for _, period in rows], 11),
        Column("From", "date", [period.start for _, period in rows], 12),
        Column("To", "date", [period.end for _, period in rows], 12),
    ]

    def add(head: str, style: str, values: np.ndarray) -> None:
        """Add a column of values (strategy, period)."""
        columns.append(Column(head, style, [float(value) for value in values.ravel()]))

    def of_cost(suffix: str, *dims: str) -> np.ndarray:
        return np.concatenate(
            [
                f.values(f"quarterly_cost{suffix}", "strategy", "quarter", *dims),
                f.values(f"fiscal_year_cost{suffix}", "strategy", "fiscal_year", *dims),
                f.values(f"cumulative_cost{suffix}", "strategy", "month", *dims)[:, -1:],
            ],
            axis=1,
        )

    def of_budget(values: np.ndarray) -> np.ndarray:
        """Leave the quarters empty: budgets are held against fiscal years and the horizon."""
        return np.concatenate([np.full((f.count, len(quarters)), np.nan), values], axis=1)

    add(book.money("Cost, mean"), "money", of_cost("_mean"))
    quantiles = of_cost("", "quantile")
    for place, level in enumerate(book.levels):
        add(book.money(f"Cost, {level}"), "money", quantiles[:, :, place])
    for allocation, holds in zip(book.allocations, (("quarter", "fiscal_year"), ("quarter",)), strict=False):
        amounts = [
            [allocation.within(i, period) if period.kind in holds else np.nan for period in periods]
            for i in range(f.count)
        ]
        add(book.money(f"Cost, {allocation.statistic}"), "money", np.array(amounts))
    pair = ("strategy", "budget_period")
    covered = f.values("budget_cost", *pair, "quantile")
    add(
        book.money("Cost that the budget covers, mean"),
        "money",
        of_budget(f.values("budget_cost_mean", *pair)),
    )
    for place, level in enumerate(book.levels):
        head = book.money(f"Cost that the budget covers, {level}")
        add(head, "money", of_budget(covered[:, :, place]))
    if f.has_budget:
        given = np.broadcast_to(f.values("budget", "budget_period"), (f.count, len(years) + 1))
        add(book.money("Budget"), "money", of_budget(given))
        add("Over budget [chance]", "chance", of_budget(f.values("over_budget_probability", *pair)))
        add(book.money("Expected overrun"), "money", of_budget(f.values("expected_overrun", *pair)))
    book.table(NAME, READING, columns, frozen=3)
