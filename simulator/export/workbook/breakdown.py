"""Fill the sheet of mean cost by component."""

from __future__ import annotations

import math

from simulator.export.workbook.book import HEAD_ROW, Book, Column
from simulator.export.workbook.quarterly import KINDS

NAME = "Breakdown"
READING = (
    "Mean cost by component. Means add up, over components and periods. Failures and latency are what errors "
    "and waiting cost the business; nobody sends an invoice for them."
)
CHART_WIDTH, ROW_HEIGHT = 940, 34

COLOURS = ("#2f4b8f", "#7fb6dd", "#7a5ba6", "#3f9c8f", "#b59a2f", "#a23b63", "#d1743c", "#8a9097")


def write(book: Book) -> None:
    """Write the sheet, the horizon of every strategy first, and draw that as bars below the table."""
    f = book.findings
    periods = (book.periods.horizon, *book.periods.fiscal_years, *book.periods.quarters)
    rows = [(i, period) for period in periods for i in range(f.count)]
    parts = f.values("cost_breakdown", "strategy", "component", "month")
    components = [str(name) for name in f.dataset["component"].values]
    sums = [
        [math.fsum(parts[i, place, period.months]) for i, period in rows] for place in range(len(components))
    ]
    columns = [
        Column("Strategy", "text", [book.names[i] for i, _ in rows]),
        Column("Period", "text", [period.label for _, period in rows], 12),
        Column("Kind", "text", [KINDS[period.kind] for _, period in rows], 11),
        Column("From", "date", [period.start for _, period in rows], 12),
        Column("To", "date", [period.end for _, period in rows], 12),
        *(
            Column(book.money(_in_words(name)), "money", values)
            for name, values in zip(components, sums, strict=True)
        ),
        Column(book.money("Total"), "money", [math.fsum(row) for row in zip(*sums, strict=True)]),
    ]
    book.table(NAME, READING, columns, frozen=3)
    _draw(book, len(components), len(columns))


def _draw(book: Book, components: int, right: int) -> None:
    chart = book.workbook.add_chart({"type": "bar", "subtype": "stacked"})
    first, last = HEAD_ROW + 1, HEAD_ROW + book.findings.count
    for place in range(components):
        column = 5 + place
        chart.add_series(
            {
                "name": [NAME, HEAD_ROW, column],
                "categories": [NAME, first, 0, last, 0],
                "values": [NAME, first, column, last, column],
                "fill": {"color": COLOURS[place % len(COLOURS)]},
                "gap": 60,
            }
        )
    chart.set_title({"name": "Mean cost over the horizon, by component", "name_font": {"size": 12}})
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis(
        {"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#d9dee4"}}}
    )
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": CHART_WIDTH, "height": 160 + ROW_HEIGHT * book.findings.count})
    book.sheets[NAME].insert_chart(HEAD_ROW, right + 1, chart)


def _in_words(component: str) -> str:
    return component.replace("_", " ").capitalize()
