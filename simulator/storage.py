"""Keep results on disk, whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simulator import netcdf
from simulator.atomic import in_the_way, whole
from simulator.errors import USAGE, SimulatorError

if TYPE_CHECKING:
    import xarray as xr

FORMAT = "finetune-odds result"
"""Value of the attribute `format` by which a result is known as ours."""

SCHEMA_VERSION = 1
"""Version of the names and dimensions in a result; raised when one of them changes its meaning."""

ENGINE = "h5netcdf"
MAY_BE_MISSING = (
    "_mcse",
    "budget",
    "over_budget_probability",
    "over_budget_probability_interval",
    "expected_overrun",
    "volume_at_probability",
    "volume_at_probability_interval",
    "crossover_calls",
    "crossover_calls_interval",
    "crossover_months",
    "crossover_months_interval",
    "closed_form_calls",
    "closed_form_months",
    "closed_form_volume",
)
"""Ends of names of variables that may hold NaN: an error that few lifetimes cannot tell, no budget, no crossover."""

KINDS = {"run": "simulate run", "sweep": "simulate sweep", "crossover": "simulate crossover"}
"""Kinds of results, the attribute `kind`, and the commands that make them."""


class StorageError(SimulatorError):
    """A result cannot be written or read."""


def check_target(
    path: str | Path, is_ours: Callable[[Path], bool] | None = None, kind: str = "result"
) -> Path:
    """Tell whether a result may be written to a path, before any work is put into it.

    Parameters
    ----------
    path
        The file.
    is_ours
        Tells of a file that exists whether it may be replaced; a result may by default.
    kind
        What such a file is called.

    Returns
    -------
    The path with symbolic links resolved.

    Raises
    ------
    StorageError
        If the directory is missing (2) or not writable (3), or if the path holds anything but a result of
        ours (2).
    """
    # Unlike Path.resolve, it takes a link that leads to itself, and leaves it a link.
    target = Path(os.path.realpath(path))
    directory = target.parent
    obstacle = in_the_way(directory)
    if obstacle is not None:
        raise StorageError(
            f"{path}: {obstacle} is no directory",
            "choose another name, or a directory to put the file in",
            USAGE,
            file=path,
        )
    if not directory.is_dir():
        raise StorageError(
            f"{path}: the directory {directory} does not exist",
            f"make it first: mkdir -p {directory}",
            USAGE,
            file=path,
        )
    if target.is_dir():
        raise StorageError(
            f"{path}: is a directory", "name a file in it, such as result.nc", USAGE, file=path
        )
    # A pipe such as /dev/stdout resolves to a name that does not exist.
    if (target.is_symlink() or target.exists() or Path(path).exists()) and not (is_ours or _is_result)(
        target
    ):
        raise StorageError(
            f"{path}: exists and is not a {kind} of this program",
            f"only {kind}s are replaced; choose another name or remove the file",
            USAGE,
            file=path,
        )
    if not os.access(directory, os.W_OK | os.X_OK):
        raise StorageError(f"{path}: cannot write in {directory}", "choose a directory of yours", file=path)
    return target


def write(dataset: xr.Dataset, path: str | Path) -> Path:
    """Write a result as a netCDF-4 file that appears whole or not at all.

    Parameters
    ----------
    dataset
        A result of any kind, as its builder makes it.
    path
        The file; an earlier result of that name is replaced in one step.

    Returns
    -------
    The path with symbolic links resolved.

    Raises
    ------
    StorageError
        As `check_target`; also if a value is missing that may not be, if the file system refuses, or if what
        reads back is not what was written (3).

    Notes
    -----
    The file is written beside its final name, read back and compared, flushed to the disk,
    renamed, and the directory flushed. A process killed on the way leaves the earlier result and a partial
    file, which the next writer in that directory removes.
    """
    target = check_target(path)
    if kind_of(dataset) != "sweep":  # whose points were checked, before what they do not share became NaN
        refuse_missing_values(dataset)
    dataset = dataset.assign_attrs(values_sha256=values_digest(dataset))
    try:
        # HDF5 itself does not survive a full disk (its library crashes the process), so it only sees memory.
        content = netcdf.encode(dataset)
        with whole(target) as file:
            file.write(content)
            file.flush()
            _verify(dataset, Path(file.name))
    except OSError as error:
        raise StorageError(
            f"{path}: cannot be written: {error.strerror or error}",
            "check the free space and the permissions; an earlier result of that name is untouched",
            file=path,
        ) from error
    return target


def read(path: str | Path, kind: str | None = None) -> xr.Dataset:
    """Read a result into memory.

    Parameters
    ----------
    path
        The file.
    kind
        One of `KINDS`, where the result must be of that one; any kind by default.

    Raises
    ------
    StorageError
        If there is no such file, or it is truncated, damaged, foreign, of a newer schema or of another kind (3).
    """
    target = Path(path)
    if not target.is_file():
        command = KINDS[kind or "run"]
        raise StorageError(f"{path}: no such file", f"name a result that `{command}` has written", file=path)
    if not _is_result(target):
        raise StorageError(
            f"{path}: is not a result of this program, or is damaged",
            "make it again with `simulate run`",
            file=path,
        )
    try:
        dataset = _load(target)
    except Exception as error:
        # Damage surfaces as whatever exception the layer that trips over it happens to raise.
        raise _damaged(path) from error
    version = dataset.attrs.get("schema_version")
    if not isinstance(version, int) or version > SCHEMA_VERSION:
        raise StorageError(
            f"{path}: has schema version {version}; this program reads up to {SCHEMA_VERSION}",
            "update this program, or make the result again",
            file=path,
        )
    if dataset.attrs.get("values_sha256") != values_digest(dataset):
        raise _damaged(path)
    if kind is not None and kind_of(dataset) != kind:
        raise StorageError(
            f"{path}: is the result of a {kind_of(dataset)}, and a {kind} is needed",
            f"name a result that `{KINDS[kind]}` has written",
            file=path,
        )
    return dataset


def kind_of(dataset: xr.Dataset) -> str:
    """Tell of what kind a result is, one of `KINDS`."""
    return str(dataset.attrs.get("kind", "run"))


def values_digest(dataset: xr.Dataset) -> str:
    """Hash names, dimensions, types and values of all variables: sha256 in hex, whatever the file format."""
    digest = hashlib.sha256()
    for name in sorted(map(str, dataset.variables)):
        variable = dataset.variables[name]
        digest.update(repr((name, variable.dims, variable.shape)).encode())
        for part in _canonical(variable.values):
            digest.update(part)
    return digest.hexdigest()


def _canonical(values: np.ndarray) -> tuple[bytes, bytes | memoryview]:
    """Give the same bytes for the same values in memory and in the file: dates are days, text is UTF-8."""
    if values.dtype.kind == "M":
        values = values.astype("datetime64[D]").astype(np.int64)
    if values.dtype.kind in "iuf":
        little = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
        return little.dtype.str.encode(), little.reshape(-1).view(np.uint8).data
    texts = [item if isinstance(item, bytes) else str(item).encode() for item in values.ravel().tolist()]
    return b"", repr(texts).encode()


def refuse_missing_values(dataset: xr.Dataset) -> None:
    """Refuse a result that lacks a number where there must be one.

    Raises
    ------
    StorageError
        If a variable holds NaN that may not (3).
    """
    for name, variable in dataset.variables.items():
        may_be_missing = str(name).endswith(MAY_BE_MISSING)
        if variable.dtype.kind == "f" and not may_be_missing and np.isnan(variable.values).any():
            raise StorageError(
                f"{name} holds values that are not numbers",
                "numbers of the plan are so large that a product overflows; see its growth and volatility",
            )


def _verify(dataset: xr.Dataset, path: Path) -> None:
    """Compare a file with what it should hold, value by value."""
    import h5py

    with h5py.File(path, "r") as file:
        for name, value in dataset.attrs.items():
            if file.attrs.get(name) != value:
                raise OSError(f"the attribute {name} does not read back as it was written")
        for name, variable in dataset.variables.items():
            stored = file.get(str(name))
            same_shape = stored is not None and stored.shape == variable.shape
            if not same_shape or not _same(_canonical(stored[()]), _canonical(variable.values)):
                raise OSError(f"{name} does not read back as it was written")


def _same(found: tuple[bytes, bytes | memoryview], expected: tuple[bytes, bytes | memoryview]) -> bool:
    # NumPy compares blocks of memory ten times faster than Python does.
    bits = (np.frombuffer(part, dtype=np.uint8) for part in (found[1], expected[1]))
    return found[0] == expected[0] and np.array_equal(*bits)


def _load(path: Path) -> xr.Dataset:
    import xarray as xr

    with xr.open_dataset(path, engine=ENGINE) as file:
        dataset = file.load()
    dataset.attrs = {
        name: value.item() if isinstance(value, np.generic) else value
        for name, value in dataset.attrs.items()
    }
    return dataset


def _is_result(path: Path) -> bool:
    if not path.is_file():
        return False
    import h5py

    try:
        with h5py.File(path, "r") as file:
            mark = file.attrs.get("format")
    except (OSError, RuntimeError, KeyError, ValueError):
        return False
    return (mark.decode(errors="replace") if isinstance(mark, bytes) else mark) == FORMAT


def _damaged(path: str | Path) -> StorageError:
    return StorageError(f"{path}: the file is damaged", "make it again with `simulate run`", file=path)
