"""Run every grid point of a sweep."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from simulator import provenance
from simulator.plan.reader import load_plan
from simulator.plan.schema import Plan
from simulator.run import Progress, simulate
from simulator.running.balance import balanced
from simulator.storage import FORMAT, SCHEMA_VERSION, refuse_missing_values
from simulator.sweep.grid import Grid, Point, as_coordinate, check_grid, read_points
from simulator.sweep.join import join, without_samples

DEFAULT_LIFETIMES = 100_000
"""Lifetimes at each grid point unless said; fewer where the plan asks for fewer."""


def sweep(
    plan_path: str | os.PathLike[str],
    grid: Mapping[str, Sequence[str]],
    *,
    overrides: Iterable[str] = (),
    lifetimes: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Run a plan at every point of a grid of its keys, on the same lifetimes.

    Parameters
    ----------
    plan_path
        The plan file; it must be valid as it stands.
    grid
        Dotted key -> values, each as `--set` takes it: ``{"demand.growth": ["0% / year", "20% / year"]}``. Of several
        keys every combination is run.
    overrides
        ``"dotted.key=TOML value"`` each, applied before the grid's.
    lifetimes
        How many at each point, 1 or more; the plan's own number but at most 100,000 by default.
    seed
        In [0, 2^64); the plan's own by default.
    threads
        1 or more; as many as the process may use by default. It changes no bit of the result.
    progress
        Called with (lifetimes done, lifetimes in all).

    Returns
    -------
    xarray.Dataset
        All variables of a run but samples, with the keys as first dims; their coordinates are the texts given, or
        numbers where all of them are. `horizon_months` (keys) says where each point ends. What a point does not have
        (months behind its horizon, a strategy that is a part there) is NaN. Attributes are those of the plan as it
        stands; `over` holds the grid as JSON.

    Raises
    ------
    PlanErrors, DataErrors
        If anything is wrong with the plan, the grid or any of its points, before the first one is run.
    ValueError
        If `lifetimes`, `seed` or `threads` lie outside their domains.
    OverflowError
        If a cost is too large for a float in some lifetime of some point.
    """
    prepared = prepare(plan_path, grid, overrides=overrides)
    return run_points(prepared, lifetimes=lifetimes, seed=seed, threads=threads, progress=progress)


@dataclass(frozen=True)
class Prepared:
    """A sweep with nothing wrong in it.

    Parameters
    ----------
    base
        The plan as it stands.
    grid
        Dotted key -> values.
    points
        Every grid point with its plan, the last key moving fastest.
    """

    base: Plan
    grid: Grid
    points: list[Point]

    @property
    def lifetimes(self) -> int:
        """Lifetimes at each point unless said."""
        return min(self.base.run.lifetimes, DEFAULT_LIFETIMES)

    @property
    def digest(self) -> str:
        """Sha256 of the plan as it stands and of the grid."""
        told = json.dumps([self.base.digest, list(self.grid.items())])
        return hashlib.sha256(told.encode()).hexdigest()


def prepare(
    plan_path: str | os.PathLike[str],
    grid: Mapping[str, Sequence[str]],
    *,
    overrides: Iterable[str] = (),
) -> Prepared:
    """Read the plan of every grid point, before anything is run.

    Raises
    ------
    PlanErrors, DataErrors
        As `sweep` does.
    """
    base = load_plan(plan_path, overrides)
    checked = check_grid(base, grid)
    return Prepared(base, checked, read_points(base, checked))


def run_points(
    prepared: Prepared,
    *,
    lifetimes: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Run a sweep that has been prepared; parameters and result are those of `sweep`."""
    base, checked, points = prepared.base, prepared.grid, prepared.points
    lifetimes = balanced(prepared.lifetimes if lifetimes is None else lifetimes, base.run.sampler)
    seed = base.run.seed if seed is None else seed
    started = time.perf_counter()
    results = []
    for number, point in enumerate(points):
        try:
            result = simulate(
                point.plan,
                lifetimes=lifetimes,
                seed=seed,
                threads=threads,
                progress=_shifted(progress, number * lifetimes, len(points) * lifetimes),
            )
        except OverflowError as error:
            raise OverflowError(f"with {point.words}: {error}") from error
        result = without_samples(result)
        refuse_missing_values(result)
        results.append(result)
    keys = {key: np.array(as_coordinate(values)) for key, values in checked.items()}
    order = {dim: list(base.strategies) for dim in ("strategy", "rival")}
    variables, coordinates = join(results, keys, order)
    months = np.array([point.plan.horizon for point in points], dtype=np.float64)
    variables["horizon_months"] = (
        tuple(keys),
        months.reshape([values.size for values in keys.values()]),
        {"units": "month", "long_name": "Months of the plan"},
    )
    attributes = {"format": FORMAT, "schema_version": SCHEMA_VERSION, "title": base.name, "kind": "sweep"}
    attributes["over"] = json.dumps(
        {key: list(values) for key, values in checked.items()}, ensure_ascii=False
    )
    wall_s = time.perf_counter() - started
    attributes |= provenance.attributes(base, lifetimes=lifetimes, seed=seed, wall_s=wall_s)
    return xr.Dataset(variables, coordinates, attributes)


def _shifted(progress: Progress | None, before: int, total: int) -> Progress | None:
    return None if progress is None else lambda done, _: progress(before + done, total)
