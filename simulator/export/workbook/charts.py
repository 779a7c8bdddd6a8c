"""Draw the native charts of a workbook from the cells of its sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.export.workbook.book import Book
from simulator.export.workbook.monthly import CHEAPEST, DATE, NAME, Months, present_cost_head
from simulator.export.workbook.styles import MUTED

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart
    from xlsxwriter.worksheet import Worksheet

MOST_SERIES = 255
"""Series of a chart of Excel."""

ROW_PIXELS = 20
WIDE, TALL = 1000, 380
FAN_WIDE, FAN_TALL, ACROSS = 495, 290, 2
GRID = {"visible": True, "line": {"color": "#d9dee4", "width": 0.75}}
FONT = {"color": MUTED, "size": 9}


def draw(book: Book, sheet: Worksheet, row: int, labels: tuple[int, ...], months: Months) -> None:
    """Draw the chance of being cheapest, and one fan a strategy, the best one first.

    Parameters
    ----------
    book
        The workbook.
    sheet
        Where the charts go.
    row
        First free row of the sheet.
    labels
        (strategy) row of each label in column 0 of the sheet, for the titles.
    months
        Where the numbers are.
    """
    f = book.findings
    if f.count > 1:
        sheet.insert_chart(row, 0, _cheapest(book, months), {"x_offset": 4, "object_position": 2})
        row += TALL // ROW_PIXELS + 1
    top = _nice(
        max(f.level("present_cost", f.nearest(0.95), strategy=i, month=f.horizon).value for i in f.order)
    )
    for place, strategy in enumerate(f.order):
        down, right = divmod(place, ACROSS)
        chart = _fan(book, months, strategy, [sheet.get_name(), labels[strategy], 0], top)
        placed = {
            "x_offset": 4 + right * (FAN_WIDE + 10),
            "y_offset": down * (FAN_TALL + 10),
            "object_position": 2,
        }
        sheet.insert_chart(row, 0, chart, placed)


def _cheapest(book: Book, months: Months) -> Chart:
    f = book.findings
    # An area over a single month has no width.
    kind = "area" if f.horizon > 1 else "column"
    chart = book.workbook.add_chart({"type": kind, "subtype": "stacked"})
    for strategy in f.order[:MOST_SERIES]:
        chart.add_series(
            {
                "name": [NAME, months.cells(strategy, "Strategy")[1], 0],
                "categories": months.cells(strategy, DATE),
                "values": months.cells(strategy, CHEAPEST),
                "fill": {"color": book.colours[strategy]},
                "border": {"color": "#ffffff", "width": 0.75},
            }
        )
    _title(chart, "Chance of being the cheapest so far (present cost)")
    chart.set_y_axis(
        {
            "min": 0,
            "max": 1,
            "major_unit": 0.25,
            "num_format": "0%",
            "num_font": FONT,
            "major_gridlines": GRID,
        }
    )
    _dates(chart, f.horizon, 12)
    chart.set_legend({"position": "right", "font": {"size": 9}})
    chart.set_size({"width": WIDE, "height": TALL})
    return chart


def _fan(book: Book, months: Months, strategy: int, title: list[str | int], top: float) -> Chart:
    f = book.findings
    chart = book.workbook.add_chart({"type": "line"})
    middle = f.nearest(0.5)
    for level in dict.fromkeys((f.nearest(0.95), middle, f.nearest(0.05))):
        solid = level == middle
        line = {"color": book.colours[strategy], "width": 2.5 if solid else 1.25}
        chart.add_series(
            {
                "name": book.levels[f.quantiles.tolist().index(level)],
                "categories": months.cells(strategy, DATE),
                "values": months.cells(strategy, present_cost_head(book, level)),
                "line": line if solid else {**line, "dash_type": "dash"},
                "marker": {"type": "none" if f.horizon > 1 else "diamond"},
            }
        )
    # By reference to its cell: a name that begins with "=" would be taken for one.
    _title(chart, title)
    scale = '#,##0.0,,"M"' if top >= 2e6 else '#,##0,"k"' if top >= 2e4 else "#,##0"
    chart.set_y_axis(
        {"min": 0, "max": top, "num_format": scale, "num_font": FONT, "major_gridlines": GRID,
         "name": f"Present cost so far, {book.currency}", "name_font": {**FONT, "bold": False}}
    )  # fmt: skip
    _dates(chart, f.horizon, 6)
    chart.set_legend({"position": "right", "font": {"size": 9}})
    chart.set_size({"width": FAN_WIDE, "height": FAN_TALL})
    return chart


def _title(chart: Chart, name: str | list[str | int]) -> None:
    chart.set_title({"name": name, "name_font": {"size": 11, "bold": True}, "overlay": False})


def _dates(chart: Chart, horizon: int, marks: int) -> None:
    chart.set_x_axis(
        {
            "date_axis": True,
            "num_format": "mmm yy",
            "num_font": FONT,
            "major_unit": max(1, -(-horizon // marks)),
            "major_unit_type": "months",
        }
    )


def _nice(value: float) -> float:
    """Round up to 1, 1.5, 2, 3, 4, 5, 6 or 8 times a power of ten."""
    power = 1.0
    while power * 10 <= value:
        power *= 10
    while power > value > 0:
        power /= 10
    steps = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)
    return next((step * power for step in steps if step * power >= value), 10 * power)
