"""Write the rows of a result as CSV."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.atomic import whole
from simulator.export.rows import COLUMNS, Row, rows
from simulator.export.texts import defused

if TYPE_CHECKING:
    import xarray as xr

# Columns with what people have written; a name of a strategy may begin with a hyphen.
WRITTEN = tuple(COLUMNS.index(name) for name in ("plan", "strategy", "component", "rival", "strategy_label"))


def write_csv(dataset: xr.Dataset, path: str | Path) -> int:
    """Write the rows of a run as a CSV file: UTF-8, commas, decimal points, ISO dates, a header line.

    Parameters
    ----------
    dataset
        A run.
    path
        The file; an earlier one of that name is replaced.

    Returns
    -------
    Number of rows below the header.

    Raises
    ------
    ExportError
        If it is no run, or lacks what every run has.
    OSError
        If the file system refuses.

    Notes
    -----
    Numbers have as many digits as it takes to read back the same float. Texts that a spreadsheet would take
    for a formula begin with an apostrophe (`simulator.export.texts.defused`).
    """
    count = 0
    with whole(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        safe: dict[str, str] = {}
        for row in rows(dataset):
            writer.writerow(_cells(row, safe))
            count += 1
        # Without this the wrapper would close the file, which is not its own, as soon as it is forgotten.
        text.detach()
    return count


def _cells(row: Row, safe: dict[str, str]) -> list[object]:
    cells = [cell.isoformat() if hasattr(cell, "isoformat") else cell for cell in row]
    for column in WRITTEN:
        written = row[column]
        if written not in safe:
            safe[written] = defused(written)
        cells[column] = safe[written]
    return cells
