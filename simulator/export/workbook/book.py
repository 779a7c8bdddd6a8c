"""Hold what every sheet of a workbook needs: the findings, the formats, one way to write a table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from simulator.errors import USAGE
from simulator.export.allocation import allocate
from simulator.export.errors import ExportError
from simulator.export.periods import periods_of
from simulator.export.texts import clean, is_formula
from simulator.export.workbook.styles import Styles
from simulator.figures.colours import assign
from simulator.verdict import find
from simulator.verdict.lettering import cells
from simulator.verdict.words import level_name

if TYPE_CHECKING:
    import xarray as xr
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_576
"""Rows of a sheet of Excel."""

MOST_CHARACTERS = 32_767
"""Characters of a cell of Excel."""

HEAD_ROW = 1
"""Row of a table's head (from 0), below the line that says how to read it."""

NARROWEST, WIDEST = 9, 44
LINE = 15.0
"""Height of a line of text [points]."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    head
        What stands at its top.
    style
        "text", "words" (wrapped), "date", "month", "money", "price", "chance", "figure" or "count".
    values
        One a row; None or NaN leaves the cell empty.
    width
        [characters]; as wide as its content needs, unless given.
    """

    head: str
    style: str
    values: Sequence[Any]
    width: float | None = None


class Book:
    """A workbook under way.

    Parameters
    ----------
    dataset
        A run.
    workbook
        An open workbook of xlsxwriter.
    sheets
        Names of the sheets, in order.
    """

    def __init__(self, dataset: xr.Dataset, workbook: Workbook, sheets: Iterable[str]) -> None:
        self.dataset = dataset
        self.workbook = workbook
        self.findings = find(dataset)
        self.periods = periods_of(dataset)
        self.allocations = allocate(self.findings, self.periods)
        self.levels = [level_name(float(q)) for q in self.findings.quantiles]
        self.colours = assign(self.findings)
        self.names = _distinct(self.findings.labels, self.findings.names)
        self.styles = Styles(workbook)
        self.sheets: dict[str, Worksheet] = {name: workbook.add_worksheet(name) for name in sheets}

    @property
    def currency(self) -> str:
        """ISO code of the plan's currency."""
        return self.findings.currency

    def money(self, head: str) -> str:
        """Say in a head what currency its column is in."""
        return f"{head} [{self.currency}]"

    def text(self, sheet: Worksheet, row: int, column: int, text: object, style: str = "text") -> None:
        """Write a text as text, whatever it looks like."""
        said = clean(text)
        if len(said) > MOST_CHARACTERS:
            said = said[: MOST_CHARACTERS - 1] + "…"
        # Marked as text, it stays text even when someone edits the cell.
        sheet.write_string(row, column, said, self.styles.of(style, quoted=is_formula(said)))

    def table(
        self,
        name: str,
        reading: str,
        columns: Sequence[Column],
        *,
        first_row: int = HEAD_ROW,
        frozen: int = 1,
    ) -> None:
        """Write a table with a frozen head below a line that says how to read it.

        Parameters
        ----------
        name
            The sheet.
        reading
            The line, in row 0.
        columns
            All of the same length.
        first_row
            Row of the head, from 0.
        frozen
            Number of columns that stay in sight.

        Raises
        ------
        ExportError
            If there are more rows than a sheet of Excel holds (2).
        """
        sheet, count = self.sheets[name], len(columns[0].values)
        if first_row + 1 + count > MOST_ROWS:
            raise ExportError(
                f"the sheet {name} would have {first_row + 1 + count:,} rows, and Excel takes {MOST_ROWS:,}",
                "export --to csv or --to parquet, which have no such limit",
                USAGE,
            )
        self.text(sheet, 0, 0, reading, "reading")
        widths = [column.width or _width(column) for column in columns]
        lines = [
            len(wrap(column.head, int(width) - 1)) for column, width in zip(columns, widths, strict=True)
        ]
        sheet.set_row(first_row, LINE * max(lines) + 4)
        for place, column in enumerate(columns):
            self.text(sheet, first_row, place, column.head, "head")
            sheet.set_column(place, place, widths[place])
            for row, value in enumerate(column.values, first_row + 1):
                self._cell(sheet, row, place, value, column.style)
        sheet.freeze_panes(first_row + 1, frozen)
        if count:
            sheet.autofilter(first_row, 0, first_row + count, len(columns) - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(first_row)

    def _cell(self, sheet: Worksheet, row: int, column: int, value: Any, style: str) -> None:
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return
        if isinstance(value, str):
            self.text(sheet, row, column, value, style)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, self.styles.of(style))
        else:
            sheet.write_number(row, column, value, self.styles.of(self.styles.fitting(style, value)))


def _distinct(labels: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Give each strategy its label, with its name where two have the same one."""
    shown = [clean(label) for label in labels]
    return tuple(
        f"{label} ({name})" if shown.count(label) > 1 else label
        for label, name in zip(shown, names, strict=True)
    )


def _width(column: Column) -> float:
    if column.style in ("text", "words"):
        longest = max((cells(str(value)) for value in column.values if value is not None), default=0)
        return min(max(longest + 2, NARROWEST), WIDEST)
    # Heads wrap, so they need the room of their longest word.
    return max(max(len(word) for word in column.head.split()) + 2, 13 if column.style == "money" else 11)
