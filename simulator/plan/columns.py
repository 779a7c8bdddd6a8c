"""Read one column of a CSV or Parquet file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from simulator.plan.errors import listing, nearest
from simulator.plan.numerals import LARGEST
from simulator.plan.problems import QuantityError, quoted, refuse

SUFFIXES = (".csv", ".parquet")


class Cell(NamedTuple):
    """A cell of the column: its row below the header, the line in a CSV file, and what it holds."""

    row: int
    line: int | None
    content: object

    @property
    def place(self) -> str:
        """Where it stands, such as ``"row 3 (line 4)"``."""
        return f"row {self.row} (line {self.line})" if self.line else f"row {self.row}"


def read_column(path: Path, column: str, refusal: Callable[[float], str]) -> list[float]:
    """Read the numbers of a column in file order.

    Parameters
    ----------
    path
        A ``.csv`` file in UTF-8 with a header row, or a ``.parquet`` file.
    column
        Name of the column.
    refusal
        Says why a number cannot stand in the field; empty where it can.

    Raises
    ------
    QuantityError
        If the file cannot be read, has no such column or no rows, or a cell is empty, no finite number or
        refused. All are errors of the data, not of the plan.
    """
    cells = _parquet(path, column) if path.suffix.lower() == ".parquet" else _csv(path, column)
    values = []
    bad: list[tuple[Cell, str]] = []
    for cell in cells:
        value, reason = _number(cell.content)
        reason = reason or refusal(value)
        if reason:
            bad.append((cell, reason))
        values.append(value)
    if bad:
        cell, reason = bad[0]
        shown = "" if cell.content in (None, "") else f" holds '{quoted(str(cell.content))}', which"
        others = f" ({len(bad)} such rows)" if len(bad) > 1 else ""
        raise _data_error(f"{path.name}: {cell.place} of column '{column}'{shown} {reason}{others}")
    if not values:
        raise _data_error(f"{path.name}: column '{column}' has no rows")
    return values


def _data_error(message: str, hint: str = "", path: str = "data") -> QuantityError:
    return refuse(message, hint, path, is_data_error=True)


def _number(content: object) -> tuple[float, str]:
    if content is None or content == "":
        return 0.0, "is empty"
    if isinstance(content, bool):
        return 0.0, "is no number"
    try:
        # float() would take digits of other scripts and underscores, which no other reader of the file does.
        if isinstance(content, str) and (not content.isascii() or "_" in content):
            raise ValueError
        value = float(content)  # type: ignore[arg-type]
    except (ValueError, TypeError, OverflowError):
        return 0.0, "is no number"
    if value != value or not -LARGEST <= value <= LARGEST:
        return 0.0, "is not finite or larger than 1e15"
    return value + 0.0, ""


def _csv(path: Path, column: str) -> Iterator[Cell]:
    import csv

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file)
            header = [name.strip() for name in next(rows, [])]
            index = _position(header, column, path)
            number = 0
            for row in rows:
                if not row:
                    continue
                number += 1
                yield Cell(number, rows.line_num, row[index].strip() if index < len(row) else "")
    except OSError as error:
        raise _unreadable(path, error) from None
    except UnicodeDecodeError:
        raise _data_error(f"{path.name} is not UTF-8 text", "save it as CSV in UTF-8") from None
    except csv.Error as error:
        raise _data_error(f"{path.name}: {error}") from None


def _parquet(path: Path, column: str) -> Iterator[Cell]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise _data_error(
            f"{path.name} needs pyarrow, which is not installed",
            "install it with: pip install 'finetune-odds[parquet]', or save the column as CSV",
        ) from None
    try:
        with parquet.ParquetFile(path) as file:
            _position(list(file.schema_arrow.names), column, path)
            number = 0
            for batch in file.iter_batches(columns=[column]):
                for content in batch.column(0).to_pylist():
                    number += 1
                    yield Cell(number, None, content)
    except OSError as error:
        raise _unreadable(path, error) from None
    except ArrowException as error:
        raise _data_error(f"{path.name} is no Parquet file: {quoted(str(error))}") from None


def _unreadable(path: Path, error: OSError) -> QuantityError:
    reason = (error.strerror or str(error)).lower()
    return _data_error(f"{path} cannot be read: {reason}", "data files are looked for beside the plan")


def _position(header: list[str], column: str, path: Path) -> int:
    count = header.count(column)
    if count == 1:
        return header.index(column)
    if count:
        raise _data_error(f"{path.name} has {count} columns '{column}'", path="column")
    near = nearest(column, header)
    columns = quoted(listing(header, last="and"))
    raise _data_error(
        f"{path.name} has no column '{quoted(column)}', its columns are {columns}",
        f"did you mean {near}?" if near else "",
        "column",
    )
