"""Keep partial tallies in a file: a head that says of which run, samples, and tallies of all that was done so far."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from simulator import atomic
from simulator.errors import SimulatorError
from simulator.running import ranges, records
from simulator.running.partial import Partial, Samples, from_record, to_record

HEAD, SAMPLES, TALLY = "head", "smpl", "done"


class DamagedError(SimulatorError):
    """A file of tallies cannot be used."""


@dataclass(frozen=True)
class Stored:
    """What a file holds: its head, the last whole tally in it (None without any), values kept beside it."""

    head: dict[str, Any]
    partial: Partial | None
    values: dict[str, Any]


def publish(path: Path, head: Mapping[str, Any], partial: Partial, values: Mapping[str, Any]) -> None:
    """Write a file anew; it appears whole or not at all.

    Raises
    ------
    OSError
        If the file system refuses.
    """
    with atomic.whole(path) as file:
        file.write(records.MAGIC)
        records.write_record(file, HEAD, head, {})
        write_tally(file, partial, values, ())


def write_tally(file: BinaryIO, partial: Partial, values: Mapping[str, Any], known: Collection[int]) -> None:
    """Append the samples of blocks that are not known yet, and the tally."""
    for block, samples in partial.samples.items():
        if block not in known:
            records.write_record(file, SAMPLES, {"block": block}, samples)
    own, arrays = to_record(partial)
    records.write_record(file, TALLY, {**values, **own}, arrays)


def load(path: Path) -> Stored:
    """Read a file; records torn at its end are left out, so that one torn at its start, or empty, holds nothing.

    Raises
    ------
    OSError
        If it cannot be read.
    DamagedError
        If it is none of ours, or damaged.
    """
    try:
        places = [] if records.is_torn(path) else records.find_records(path)
        if not places:
            return Stored({}, None, {})
        if places[0].kind != HEAD:
            raise DamagedError(f"{path}: is damaged")
        head, _ = records.read_record(path, places[0])
        samples: Samples = {}
        for place in places:
            if place.kind == SAMPLES:
                values, arrays = records.read_record(path, place)
                samples[int(values["block"])] = arrays
        for place in reversed(places):
            if place.kind == TALLY:
                try:
                    values, arrays = records.read_record(path, place)
                except records.RecordError:
                    continue  # its bytes are there, but not what was written: the one before holds less
                held = from_record(values, arrays, {})
                kept = {block: samples[block] for block in samples if ranges.holds(held.blocks, block)}
                return Stored(head, from_record(values, arrays, kept), values)
        return Stored(head, None, {})
    except records.RecordError as error:
        raise DamagedError(str(error)) from error
    except (KeyError, TypeError, ValueError) as error:
        # The checksums fit: someone else has written it, or a version with other names.
        raise DamagedError(f"{path}: is damaged") from error
