"""Write a result as a workbook for people who plan money: sheets, charts, assumptions."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.atomic import whole
from simulator.export import source

if TYPE_CHECKING:
    import xarray as xr

# Nothing that a plan says becomes a formula, a link or a number, whatever it looks like.
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_xlsx(dataset: xr.Dataset, path: str | Path) -> int:
    """Write a run as an XLSX workbook: Summary, Quarterly, Monthly, Breakdown, Assumptions, About.

    Parameters
    ----------
    dataset
        A run.
    path
        The file; an earlier one of that name is replaced.

    Returns
    -------
    Number of sheets.

    Raises
    ------
    ExportError
        If it is no run, lacks what every run has (3), or a sheet would have more rows than Excel takes (2).
    OSError
        If the file system refuses.

    Notes
    -----
    The workbook is dated by the run, so the same result gives the same bytes.
    """
    source.check(dataset)
    content = _content(dataset)
    with whole(path) as file:
        file.write(content)
    return len(SHEETS)


def _content(dataset: xr.Dataset) -> bytes:
    from xlsxwriter import Workbook

    from simulator.export.workbook import about, assumptions, breakdown, monthly, quarterly, summary
    from simulator.export.workbook.book import Book

    memory = io.BytesIO()
    with Workbook(memory, OPTIONS) as workbook:
        workbook.set_properties(_properties(dataset))
        book = Book(dataset, workbook, SHEETS)
        table = summary.write(book)
        quarterly.write(book)
        months = monthly.write(book)
        breakdown.write(book)
        assumptions.write(book)
        about.write(book)
        summary.draw(book, table, months)
    return memory.getvalue()


SHEETS = ("Summary", "Quarterly", "Monthly", "Breakdown", "Assumptions", "About")
"""Names of the sheets, in order, the same for every plan."""


def _properties(dataset: xr.Dataset) -> dict[str, object]:
    from simulator.export.texts import clean

    title = clean(dataset.attrs["plan_name"])
    made = source.created(dataset).replace(tzinfo=None)
    return {"title": title, "comments": f"Run {source.version(dataset)}", "created": made}
