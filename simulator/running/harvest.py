"""Read what has been counted, wherever it was counted: the one place that knows how a worker keeps its counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.kernel import layout as k

EXACT = ("wins", "ties", "passage", "even", "cheapest", "overruns")
"""Names of the plain counts, those of `layout.Counts`."""

Pages = tuple[np.ndarray, np.ndarray]
"""Octaves that a histogram holds anything in, (octave,) ascending, and their counts, (octave, 1024) int64."""


@dataclass(frozen=True)
class Harvest:
    """Exact counts: integers, so harvests add up in any order.

    Parameters
    ----------
    exact
        Name of `EXACT` -> counts as `layout.Counts` has them.
    extremes
        (histogram, 2) least and greatest value, as integers that sort like floats.
    not_finite
        Lifetimes with a cost that is not finite.
    pages
        Gives the `Pages` of a histogram by its number; they are the caller's.
    """

    exact: dict[str, np.ndarray]
    extremes: np.ndarray
    not_finite: int
    pages: Callable[[int], Pages]


def harvest(counts: k.Counts) -> Harvest:
    """Read the counts of a worker; they are read when asked for, so the worker must rest meanwhile."""
    # Not the bins as a whole, which hold as much again that is only needed while blocks are lived.
    page = counts.bins.page
    units, carries, rests = (
        digits.reshape(-1, k.BINS) for digits in (counts.bins.units, counts.bins.carries, counts.bins.rests)
    )

    def pages(histogram: int) -> Pages:
        octaves = np.flatnonzero(page[histogram])
        rows = page[histogram, octaves].astype(np.int64)
        found = rests[rows].astype(np.int64)
        found <<= 16
        found += carries[rows]
        found <<= 8
        found += units[rows]
        return octaves, found

    exact = {name: getattr(counts, name) for name in EXACT}
    return Harvest(exact, counts.bins.extremes, int(counts.bins.state[k.NOT_FINITE]), pages)


def no_pages() -> Pages:
    """Give the pages of a histogram that holds nothing."""
    return np.zeros(0, dtype=np.int64), np.zeros((0, k.BINS), dtype=np.int64)


def add_pages(several: Sequence[Pages]) -> Pages:
    """Add up the pages of one histogram in several places."""
    if all(np.array_equal(several[0][0], one[0]) for one in several[1:]):
        total = several[0][1]
        for _, counts in several[1:]:
            total = total + counts
        return several[0][0], total
    octaves = np.flatnonzero(np.bincount(np.concatenate([one[0] for one in several]), minlength=1))
    total = np.zeros((octaves.size, k.BINS), dtype=np.int64)
    for own, counts in several:
        total[np.searchsorted(octaves, own)] += counts
    return octaves, total


def add_extremes(several: Sequence[np.ndarray]) -> np.ndarray:
    """Give the least of the least and the greatest of the greatest, (histogram, 2)."""
    stacked = np.stack(several)
    return np.stack([stacked[:, :, 0].min(axis=0), stacked[:, :, 1].max(axis=0)], axis=1)
