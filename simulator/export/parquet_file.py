"""Write the rows of a result as Parquet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.atomic import whole
from simulator.errors import USAGE
from simulator.export.errors import ExportError
from simulator.export.rows import COLUMNS, PERCENTILES_DO_NOT_ADD, rows

if TYPE_CHECKING:
    from types import ModuleType

    import pyarrow
    import xarray as xr

METADATA = "finetune-odds"
"""Key of the schema's metadata, a JSON object."""

# What identifies the run, from its attributes.
IDENTITY = ("plan_name", "plan_sha256", "overrides", "seed", "lifetimes", "currency", "created", "versions")
DATES = ("as_of", "period_start", "period_end")


def write_parquet(dataset: xr.Dataset, path: str | Path) -> int:
    """Write the rows of a run as a Parquet file; what made them stands in the metadata of its schema.

    Parameters
    ----------
    dataset
        A run.
    path
        The file; an earlier one of that name is replaced.

    Returns
    -------
    Number of rows.

    Raises
    ------
    ExportError
        If pyarrow is not installed (2), or as `rows` does.
    OSError
        If the file system refuses.
    """
    pa, parquet = require()
    columns = zip(*rows(dataset), strict=True)
    attrs = dataset.attrs
    told = {name: attrs[name] for name in IDENTITY} | {"note": PERCENTILES_DO_NOT_ADD}
    metadata = {METADATA: json.dumps(told, ensure_ascii=False)}
    table = pa.Table.from_arrays(
        [pa.array(values, type=_type(pa, name)) for name, values in zip(COLUMNS, columns, strict=True)],
        schema=pa.schema([pa.field(name, _type(pa, name), nullable=False) for name in COLUMNS], metadata),
    )
    with whole(path) as file:
        parquet.write_table(table, file, compression="zstd")
    return table.num_rows


def require() -> tuple[ModuleType, ModuleType]:
    """Import pyarrow.

    Raises
    ------
    ExportError
        If it is not installed (2).
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise ExportError(
            "Parquet needs pyarrow, which is not installed",
            "install it with: pip install 'finetune-odds[parquet]', or export --to csv",
            USAGE,
        ) from None
    return pyarrow, parquet


def _type(pa: ModuleType, name: str) -> pyarrow.DataType:
    if name == "amount":
        return pa.float64()
    return pa.date32() if name in DATES else pa.string()
