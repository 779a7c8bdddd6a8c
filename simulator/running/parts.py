"""Keep the blocks of a run in part files, one for each job of a scheduler, and merge them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.kernel import layout as k
from simulator.lowering import Lowered, lower
from simulator.plan.reader import parse_plan
from simulator.plan.schema import Plan
from simulator.running import ranges, records, tallyfile
from simulator.running.identity import MismatchError, check, identify
from simulator.running.job import count_blocks, join_samples
from simulator.running.partial import OverlapError, Partial, Total
from simulator.running.tallyfile import Stored
from simulator.tally import collect

if TYPE_CHECKING:
    import xarray as xr

SHOWN = 3
"""Gaps that a message lists."""


@dataclass(frozen=True)
class Merged:
    """A run made of parts: its plan, its dataset, its seed."""

    plan: Plan
    dataset: xr.Dataset
    seed: int


def write_part(
    path: Path, plan: Plan, lowered: Lowered, partial: Partial, *, lifetimes: int, seed: int, seconds: float
) -> None:
    """Write the tally of some blocks, with the plan that they are of.

    Parameters
    ----------
    lifetimes
        Of the whole run.
    seconds
        That the blocks took [s].

    Raises
    ------
    simulator.storage.StorageError
        If the file system refuses; an earlier file of that name is untouched then.
    """
    from simulator.storage import StorageError

    head = identify(plan, lowered, seed) | {"lifetimes": lifetimes}
    try:
        tallyfile.publish(Path(os.path.realpath(path)), head, partial, {"seconds": seconds})
    except OSError as error:
        raise StorageError(
            f"{path}: cannot be written: {error.strerror or error}",
            "check the free space and the permissions; an earlier part of that name is untouched",
        ) from error


def is_part(path: Path) -> bool:
    """Tell whether a file is one of tallies."""
    try:
        return bool(records.find_records(path))
    except (OSError, records.RecordError):
        return False


def merge_parts(paths: Sequence[Path]) -> Merged:
    """Merge parts, in any order, to what one run would have given.

    Raises
    ------
    MismatchError
        If parts are of different runs, blocks are missing or there twice, or this program is not the one that made
        them.
    simulator.running.tallyfile.DamagedError
        If a file is not a part, or damaged.
    simulator.plan.errors.DataErrors
        If a data file of the plan is not there any more.
    OSError
        If a file cannot be read.
    """
    from simulator.dataset import build

    total: Total | None = None
    expected: dict[str, Any] = {}
    seconds = 0.0
    for path in paths:
        if not is_part(path):
            path.open("rb").close()
            raise tallyfile.DamagedError(
                f"{path}: is no part", "name parts that `simulate run --blocks` has written"
            )
        stored = tallyfile.load(path)
        if stored.partial is None:
            raise tallyfile.DamagedError(f"{path}: holds no tally", "run its blocks again")
        if total is None:
            plan, lowered, expected = _open(stored)
            total = Total.like(stored.partial)
        check(expected, stored.head, str(path), "merge parts of one run, with the program that made them")
        if stored.head["lifetimes"] != expected["lifetimes"]:
            raise MismatchError(
                f"{path}: is of a run of {stored.head['lifetimes']:,} lifetimes, not {expected['lifetimes']:,}",
                "merge parts of one run",
            )
        try:
            total.absorb(stored.partial)
        except OverlapError as error:
            raise MismatchError(
                f"{path}: {error}", "name each part once, and parts without overlap"
            ) from None
        seconds += float(stored.values.get("seconds", 0.0))
    if total is None:
        raise ValueError("there are no parts to merge")
    lifetimes, seed = int(expected["lifetimes"]), int(expected["seed"])
    _refuse_gaps(total, plan, lifetimes, seed)
    samples = join_samples(total.samples)
    tally = collect(lowered, lifetimes, total.forest.total(), [total.harvest()], samples)
    return Merged(plan, build(plan, tally, lowered.inputs, seed=seed, wall_s=seconds), seed)


def _open(stored: Stored) -> tuple[Plan, Lowered, dict[str, Any]]:
    """Read the plan that a part holds; say what all parts must agree in."""
    head = stored.head
    plan = parse_plan(head["text"].encode(), head["path"], head["overrides"])
    lowered = lower(plan)
    return plan, lowered, identify(plan, lowered, head["seed"]) | {"lifetimes": head["lifetimes"]}


def _refuse_gaps(total: Total, plan: Plan, lifetimes: int, seed: int) -> None:
    size = count_blocks(lifetimes)
    gaps = ranges.missing(total.blocks, 0, size)
    if gaps:
        listed = ", ".join(f"{start}:{end}" for start, end in gaps[:SHOWN]) + (
            ", …" if len(gaps) > SHOWN else ""
        )
        start, end = gaps[0]
        raise MismatchError(
            f"{ranges.size_of(gaps):,} of {size:,} blocks are missing: {listed}",
            f"run {'them' if len(gaps) == 1 else 'the first of them'}: "
            + shlex.join([*_command_of(plan, lifetimes, seed), "--blocks", f"{start}:{end}/{size}"]),
        )


def _command_of(plan: Plan, lifetimes: int, seed: int) -> list[str]:
    """Write the command that runs blocks of the same run, but for the blocks."""
    words = ["simulate", "run", plan.path]
    for override in plan.overrides:
        words += ["--set", override]
    if seed != plan.run.seed:
        words += ["--seed", str(seed)]
    if lifetimes != count_blocks(lifetimes) * k.BLOCK:
        words += ["--lifetimes", str(lifetimes)]
    return words
