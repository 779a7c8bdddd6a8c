"""Hold the tally of some of the blocks of a run, so that it can be sent, kept and merged in any order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.running import ranges
from simulator.running.harvest import EXACT, Harvest, Pages, add_extremes, add_pages, no_pages
from simulator.running.packing import pack, unpack
from simulator.running.sums import Forest, Node

Samples = dict[int, dict[str, np.ndarray]]
"""Block -> name of a sample -> (lifetime, …) of its lifetimes; of the first blocks alone."""


class OverlapError(ValueError):
    """Two partial tallies hold the same block."""


@dataclass(frozen=True)
class Partial:
    """The tally of some blocks.

    Parameters
    ----------
    blocks
        Which ones, as joined ranges.
    lifetimes
        How many were lived in them; the last block of a run may be short.
    sums
        (level, index) -> (statistic, 64) sums of the nodes of the tree (`sums`).
    exact
        Name of `harvest.EXACT` -> counts.
    extremes
        (histogram, 2) as integers that sort like floats.
    not_finite
        Lifetimes with a cost that is not finite.
    histograms
        (histogram) packed counts (`packing`).
    samples
        Of the first 10,000 lifetimes those that lie in these blocks.

    Notes
    -----
    Equal blocks make equal partial tallies, to the byte: there is one forest of a set of blocks, and all else are
    integers.
    """

    blocks: tuple[ranges.Range, ...]
    lifetimes: int
    sums: Mapping[Node, np.ndarray]
    exact: Mapping[str, np.ndarray]
    extremes: np.ndarray
    not_finite: int
    histograms: tuple[bytes, ...]
    samples: Samples

    def harvest(self) -> Harvest:
        """Give the counts, unpacked when asked for."""
        return Harvest(
            dict(self.exact), self.extremes, self.not_finite, lambda number: unpack(self.histograms[number])
        )


def condense(
    blocks: Iterable[ranges.Range],
    lifetimes: int,
    forest: Forest,
    harvests: Sequence[Harvest],
    samples: Samples,
) -> Partial:
    """Make a partial tally of what stands in several places; the arrays of sums are not copied."""
    return Partial(
        blocks=ranges.join(blocks),
        lifetimes=lifetimes,
        sums={node: forest.nodes[node] for node in sorted(forest.nodes)},
        exact={name: sum_exact(harvests, name) for name in EXACT},
        extremes=add_extremes([one.extremes for one in harvests]),
        not_finite=sum(one.not_finite for one in harvests),
        histograms=tuple(
            pack(*add_pages([one.pages(number) for one in harvests]))
            for number in range(len(harvests[0].extremes))
        ),
        samples={block: samples[block] for block in sorted(samples)},
    )


def sum_exact(harvests: Sequence[Harvest], name: str) -> np.ndarray:
    """Add up one of the plain counts."""
    return np.sum([one.exact[name] for one in harvests], axis=0)


def merge(partials: Iterable[Partial]) -> Partial:
    """Merge partial tallies of one run: the same bytes in any order.

    Raises
    ------
    OverlapError
        If two of them hold the same block.
    ValueError
        If there is none.
    """
    total: Total | None = None
    for partial in partials:
        total = total or Total.like(partial)
        total.absorb(partial)
    if total is None:
        raise ValueError("there is nothing to merge")
    return total.partial()


class Total:
    """A partial tally that others are added to, kept unpacked so that adding is quick.

    Parameters
    ----------
    statistics
        (statistic, 64) shape of the sums of a block.
    histograms
        How many.

    Attributes
    ----------
    blocks, lifetimes, forest, samples
        As in `Partial`, so far.
    """

    def __init__(self, statistics: tuple[int, ...], histograms: int) -> None:
        self.blocks: tuple[ranges.Range, ...] = ()
        self.lifetimes = 0
        self.forest = Forest(statistics)
        self.samples: Samples = {}
        self._exact: dict[str, np.ndarray] = {}
        self._extremes = np.empty((histograms, 2), dtype=np.int64)
        self._extremes[:] = (np.iinfo(np.int64).max, np.iinfo(np.int64).min)
        self._not_finite = 0
        self._pages: list[Pages] = [no_pages()] * histograms

    @classmethod
    def like(cls, partial: Partial) -> Total:
        """Begin an empty one for partial tallies of the shape of this one."""
        statistics = next(iter(partial.sums.values())).shape
        return cls(statistics, len(partial.histograms))

    def absorb(self, partial: Partial) -> None:
        """Add a partial tally, which stays as it is.

        Raises
        ------
        OverlapError
            If it holds a block that is here already; nothing is added then.
        """
        try:
            self.blocks = ranges.join(self.blocks, partial.blocks)
        except ValueError as error:
            raise OverlapError(str(error)) from None
        self.lifetimes += partial.lifetimes
        self.forest.absorb(partial.sums)
        self.samples |= partial.samples
        for name, counts in partial.exact.items():
            self._exact[name] = self._exact[name] + counts if name in self._exact else counts
        self._extremes = add_extremes([self._extremes, partial.extremes])
        self._not_finite += partial.not_finite
        for number, packed in enumerate(partial.histograms):
            self._pages[number] = _added(self._pages[number], unpack(packed))

    def harvest(self) -> Harvest:
        """Give the counts so far."""
        return Harvest(self._exact, self._extremes, self._not_finite, self._pages.__getitem__)

    def partial(self) -> Partial:
        """Give what is here as a partial tally."""
        return condense(self.blocks, self.lifetimes, self.forest, [self.harvest()], self.samples)


def _added(own: Pages, more: Pages) -> Pages:
    if np.array_equal(own[0], more[0]):
        np.add(own[1], more[1], out=own[1])
        return own
    return add_pages([own, more])


def to_record(partial: Partial) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give a partial tally without its samples as values and arrays (`records`)."""
    values = {
        "blocks": [list(one) for one in partial.blocks],
        "lifetimes": partial.lifetimes,
        "not_finite": partial.not_finite,
        "nodes": [list(node) for node in partial.sums],
    }
    arrays: dict[str, Any] = {f"sums.{level}.{index}": sums for (level, index), sums in partial.sums.items()}
    arrays |= {f"exact.{name}": counts for name, counts in partial.exact.items()}
    arrays["extremes"] = partial.extremes
    arrays["sizes"] = np.array([len(packed) for packed in partial.histograms], dtype=np.int64)
    arrays["histograms"] = partial.histograms
    return values, arrays


def from_record(values: Mapping[str, Any], arrays: Mapping[str, np.ndarray], samples: Samples) -> Partial:
    """Make a partial tally from what `to_record` has given, and from samples.

    Raises
    ------
    KeyError, TypeError, ValueError
        If something is missing or is not what it should be.
    """
    ends = np.cumsum(arrays["sizes"]).tolist()
    packed = arrays["histograms"].tobytes()
    if ends and ends[-1] != len(packed):
        raise ValueError("the histograms have another length than they say")
    nodes = [(int(level), int(index)) for level, index in values["nodes"]]
    return Partial(
        blocks=ranges.join((int(start), int(end)) for start, end in values["blocks"]),
        lifetimes=int(values["lifetimes"]),
        sums={(level, index): arrays[f"sums.{level}.{index}"] for level, index in nodes},
        exact={name: arrays[f"exact.{name}"] for name in EXACT},
        extremes=arrays["extremes"],
        not_finite=int(values["not_finite"]),
        histograms=tuple(packed[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)),
        samples=samples,
    )
