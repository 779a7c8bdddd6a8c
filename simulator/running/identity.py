"""Tell runs apart whose tallies must not be added up."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from simulator.errors import USAGE, SimulatorError
from simulator.kernel import layout as k
from simulator.lowering import Lowered
from simulator.plan.schema import Plan

ROOT = Path(__file__).resolve().parent.parent.parent

SOURCES = (
    "distributions",
    "simulator/catalogue",
    "simulator/kernel",
    "simulator/lowering",
    "simulator/plan",
    "simulator/running",
    "simulator/atomic.py",
    "simulator/calendar.py",
    "simulator/errors.py",
    "simulator/histogram.py",
    "simulator/tally.py",
    "simulator/worker.py",
    "simulator/workspace.py",
)
"""All that a process loads to live blocks."""

LIBRARIES = ("numba", "llvmlite", "numpy")
"""What turns these sources into machine code, or computes beside it."""

MISFITS = {
    "plan": "is of another plan, or of one with another number, override or data file",
    "seed": "has seed {found}, not {expected}",
    "sampler": "has the sampler {found}, not {expected}",
    "code": "was made by another version of this program, or with another version of NumPy or Numba",
    "layout": "counts other things: a library has computed other tables from the same plan",
}
"""What to say of each thing that does not fit, most telling first."""


class MismatchError(SimulatorError):
    """A tally belongs to another run."""

    exit_code = USAGE


def identify(plan: Plan, lowered: Lowered, seed: int) -> dict[str, Any]:
    """Say of which run a tally is.

    Notes
    -----
    Two runs must agree in what `MISFITS` names, the number of lifetimes apart, for blocks of one to be blocks of the
    other. The plan's text is there so that parts can be merged without its file.
    """
    return {
        "text": plan.text,
        "path": os.path.abspath(plan.path),
        "overrides": list(plan.overrides),
        "plan": plan.digest,
        "seed": seed,
        "sampler": plan.run.sampler,
        "code": code_digest(),
        "layout": layout_digest(lowered),
    }


def check(expected: Mapping[str, Any], found: Mapping[str, Any], name: str, hint: str) -> None:
    """Refuse a tally that belongs to another run.

    Parameters
    ----------
    expected, found
        As `identify` gives them.
    name
        Of the file, to begin the message with.
    hint
        What to do about it.

    Raises
    ------
    MismatchError
        With the first thing that differs.
    """
    for key, message in MISFITS.items():
        if expected[key] != found.get(key):
            told = message.format(found=found.get(key), expected=expected[key])
            raise MismatchError(f"{name}: {told}", hint)


@cache
def code_digest() -> str:
    """Digest every source that takes part in living a block, and the versions of what compiles it."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update("\0".join(library_versions().values()).encode())
    for source in SOURCES:
        place = ROOT / source
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            content = path.read_bytes()
            digest.update(f"\0{path.relative_to(ROOT).as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def library_versions() -> dict[str, str]:
    """Give the versions of what turns the sources into machine code, or computes beside it."""
    return {library: metadata.version(library) for library in LIBRARIES}


def layout_digest(lowered: Lowered) -> str:
    """Digest the arrays that the kernel reads, and how it divides and counts lifetimes."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(repr((k.BLOCK, k.LANES, k.BATCHES, k.BINS, k.OCTAVES, lowered.rows)).encode())
    for array in _arrays(lowered.plan):
        digest.update(repr((array.dtype.str, array.shape)).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _arrays(node: Any) -> Iterator[np.ndarray]:
    if isinstance(node, tuple):
        for part in node:
            yield from _arrays(part)
    else:
        yield np.asarray(node)
