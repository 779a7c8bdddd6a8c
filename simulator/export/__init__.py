"""Export results as tables: tidy rows as CSV or Parquet, sheets as XLSX."""

from __future__ import annotations

from simulator.export.csv_file import write_csv
from simulator.export.errors import ExportError
from simulator.export.parquet_file import require as require_pyarrow
from simulator.export.parquet_file import write_parquet
from simulator.export.rows import COLUMNS, Row, rows
from simulator.export.workbook import write_xlsx

__all__ = [
    "COLUMNS",
    "WRITERS",
    "ExportError",
    "Row",
    "require_pyarrow",
    "rows",
    "write_csv",
    "write_parquet",
    "write_xlsx",
]

WRITERS = {"csv": write_csv, "parquet": write_parquet, "xlsx": write_xlsx}
"""Writer of each format, by its name, which is the suffix of its files too."""
