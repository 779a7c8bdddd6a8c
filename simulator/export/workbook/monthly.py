"""Fill the sheet of months, one row a strategy and month; charts are drawn from it."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.export.workbook.book import HEAD_ROW, Book, Column

NAME = "Monthly"
DATE = "Month begins"
CHEAPEST = "Cheapest so far [chance]"

READING = (
    "Percentiles do not add up, over months or strategies; means and allocated percentiles do (see About). "
    '"So far": from the first month to the end of this one.'
)


@dataclass(frozen=True)
class Months:
    """Where the numbers of the sheet stand.

    Parameters
    ----------
    heads
        Column of each head.
    horizon
        Rows of each strategy.
    """

    heads: dict[str, int]
    horizon: int

    def cells(self, strategy: int, head: str) -> list[str | int]:
        """Give the cells of a strategy (its position) in a column, as charts take them."""
        first = HEAD_ROW + 1 + strategy * self.horizon
        column = self.heads[head]
        return [NAME, first, column, first + self.horizon - 1, column]


def present_cost_head(book: Book, level: float) -> str:
    """Name the column of a percentile of present cost so far."""
    return book.money(f"Present cost so far, {book.levels[book.findings.quantiles.tolist().index(level)]}")


def write(book: Book) -> Months:
    """Write the sheet, strategies in file order."""
    f = book.findings
    each = range(f.count)
    months = range(f.horizon)
    columns = [
        Column("Strategy", "text", [book.names[i] for i in each for _ in months]),
        Column("Month", "count", [t + 1 for _ in each for t in months], 8),
        Column(DATE, "month", [book.periods.months[t].start for _ in each for t in months]),
        Column("Fiscal quarter", "text", [book.periods.months[t].label for _ in each for t in months], 12),
    ]

    def by_month(head: str, style: str, values) -> None:
        columns.append(Column(head, style, [float(values[i, t]) for i in each for t in months]))

    pair = ("strategy", "month")
    for name, text in (("monthly_cost", "Cost"), ("cumulative_cost", "Cost so far")):
        by_month(book.money(f"{text}, mean"), "money", f.values(f"{name}_mean", *pair))
        quantiles = f.values(name, *pair, "quantile")
        for place, level in enumerate(book.levels):
            by_month(book.money(f"{text}, {level}"), "money", quantiles[:, :, place])
        if name == "monthly_cost":
            for allocation in book.allocations:
                by_month(book.money(f"Cost, {allocation.statistic}"), "money", allocation.amounts)
    by_month(book.money("Present cost so far, mean"), "money", f.values("present_cost_mean", *pair))
    quantiles = f.values("present_cost", *pair, "quantile")
    for place, level in enumerate(f.quantiles):
        by_month(present_cost_head(book, float(level)), "money", quantiles[:, :, place])
    by_month(CHEAPEST, "chance", f.values("cheapest_probability", *pair))
    if f.count > 1:
        ahead = f.values("win_probability", "strategy", "rival", "month")[:, f.baseline].copy()
        ahead[f.baseline] = float("nan")
        by_month("Ahead of the baseline so far [chance]", "chance", ahead)
    by_month(book.money("Expected regret so far"), "money", f.values("expected_regret", *pair))
    by_month("Training runs, mean", "figure", f.values("training_runs", *pair))
    book.table(NAME, READING, columns, frozen=3)
    return Months({column.head: place for place, column in enumerate(columns)}, f.horizon)
