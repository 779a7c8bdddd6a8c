"""Rebuild what a plan assumes from the text that a result keeps of it."""

from __future__ import annotations

import csv
import math
import re
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.explain import describe
from simulator.plan import parse_plan
from simulator.plan.contents import quantities
from simulator.plan.forms import SameAs
from simulator.plan.overrides import apply
from simulator.plan.positions import Path, Positions, dotted

if TYPE_CHECKING:
    import xarray as xr

    from simulator.explain import Row
    from simulator.plan import Plan
    from simulator.plan.forms import Quantity

# Named in errors only; the text comes from the result.
FILE = "plan.toml"
STAND_IN = "stand-in.csv"

# Inside the range of every kind of quantity.
PLACEHOLDERS = (0.4, 0.6)

LEVELS = (0.05, 0.5, 0.95)

_KEY = re.compile(r"""\s*["'A-Za-z0-9_-][^=\n]*=""")


@dataclass(frozen=True)
class Assumption:
    """One quantity of the plan.

    Parameters
    ----------
    table, name
        Where it stands: table of the plan, and name in it.
    words
        What the plan says of it.
    unit
        Unit of the numbers; a percentage is written as 2 with the unit "%".
    p5, p50, p95, mean
        [unit]; NaN where they are not known without a data file.
    family, drawn
        Distribution, and how often it is drawn.
    source, owner
        Notes of the plan; empty where there are none.
    """

    table: str
    name: str
    words: str
    unit: str
    p5: float
    p50: float
    p95: float
    mean: float
    family: str
    drawn: str
    source: str
    owner: str


@dataclass(frozen=True)
class _Data:
    """A data column that a plan names: its place in the plan, file and name."""

    path: Path
    file: str
    column: str
    of: str

    @property
    def words(self) -> str:
        what = "like the values" if self.of == "value" else "the mean"
        return f"{what} of the column {self.column} of {self.file}"


def assumptions(dataset: xr.Dataset) -> list[Assumption]:
    """Describe every quantity of the plan behind a result, in the order of the plan.

    Parameters
    ----------
    dataset
        A run.

    Raises
    ------
    ReadingError
        If this version of the program reads the plan no longer.

    Notes
    -----
    Nothing but the result is looked at, so the same result gives the same words anywhere. Data files are not
    in it: a quantity that rests on one is described by file and column, its numbers come from the sampled
    lifetimes and are in the unit in which the dataset keeps them.
    """
    text, sets = str(dataset.attrs["plan"]), _overrides(dataset)
    data = list(_columns(text, sets))
    plan = _plan(text, sets, data)
    on_data = {quantity.name for quantity in quantities(plan) if _rests_on(quantity, data)}
    told = {name: one for name in on_data if (one := _own(name, data)) is not None}
    sampled = _sampled(dataset)
    return [_assumption(row, row.name in on_data, told.get(row.name), sampled) for row in describe(plan)]


def _overrides(dataset: xr.Dataset) -> tuple[str, ...]:
    """Split the overrides at the line ends that join them; a line without a key goes on with the one before."""
    found: list[str] = []
    for line in str(dataset.attrs["overrides"]).split("\n"):
        if _KEY.match(line):
            found.append(line)
        elif found:
            found[-1] += f"\n{line}"
    return tuple(found)


def _columns(text: str, sets: tuple[str, ...]) -> Iterator[_Data]:
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError):
        return
    apply(document, sets, Positions(text, FILE))

    def visit(node: Any, path: Path) -> Iterator[_Data]:
        if isinstance(node, dict):
            file, column = node.get("data"), node.get("column")
            if isinstance(file, str) and isinstance(column, str):
                yield _Data(path, file, column, str(node.get("of", "mean")))
            for key, inner in node.items():
                yield from visit(inner, (*path, key))
        elif isinstance(node, list):
            for place, inner in enumerate(node):
                yield from visit(inner, (*path, place))

    yield from visit(document, ())


def _plan(text: str, sets: tuple[str, ...], data: list[_Data]) -> Plan:
    """Read the plan with a stand-in for every data file."""
    if not data:
        return parse_plan(text.encode(), FILE, sets)
    stand_ins = tuple(f'{dotted(one.path)}.data="{STAND_IN}"' for one in data)
    with tempfile.TemporaryDirectory() as folder:
        columns = sorted({one.column for one in data})
        with open(FilePath(folder) / STAND_IN, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows([value] * len(columns) for value in PLACEHOLDERS)
        return parse_plan(text.encode(), FilePath(folder) / FILE, sets + stand_ins)


def _own(name: str, data: list[_Data]) -> _Data | None:
    """Find the data column that a quantity of this name is, or that is a member of it."""
    for one in data:
        key = dotted(one.path)
        if key == name or key.startswith((f"{name}[", f"{name}.")):
            return one
    return None


def _rests_on(quantity: Quantity, data: list[_Data]) -> bool:
    if isinstance(quantity.form, SameAs):
        times = quantity.form.times
        return _rests_on(quantity.original, data) or (times is not None and _rests_on(times, data))
    return _own(quantity.name, data) is not None


def _sampled(dataset: xr.Dataset) -> dict[str, tuple[str, tuple[float, ...]]]:
    """Give unit, P5, P50, P95 and mean of each input, by name."""
    if "sample_input" not in dataset.variables or not dataset.sizes["lifetime"]:
        return {}
    sample = dataset["sample_input"].transpose("lifetime", "input").values
    names, units = (map(str, dataset[name].values) for name in ("input", "input_unit"))
    return {
        name: (unit, (*map(float, np.quantile(sample[:, place], LEVELS)), float(sample[:, place].mean())))
        for place, (name, unit) in enumerate(zip(names, units, strict=True))
    }


def _assumption(
    row: Row, on_data: bool, data: _Data | None, sampled: dict[str, tuple[str, tuple[float, ...]]]
) -> Assumption:
    words, unit = row.words, row.unit
    numbers: tuple[float, ...] = (row.p5, row.p50, row.p95, row.mean)
    if on_data:
        unit, numbers = sampled.get(row.name, (unit, (math.nan,) * 4))
        if data is not None:
            mixed = f"a mixture that rests on the column {data.column} of {data.file}"
            words = mixed if row.family == "mixture" else data.words
    return Assumption(
        row.table, row.key, words, unit, *numbers, row.family, row.drawn, row.source or "", row.owner or ""
    )
