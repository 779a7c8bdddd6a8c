"""Say which lifetimes a run lives, in which blocks."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

import numpy as np

from simulator.kernel import layout as k
from simulator.lowering import Lowered
from simulator.running.partial import Samples
from simulator.running.ranges import Range

SAMPLES = 10_000
"""Lifetimes whose inputs and costs are kept one by one."""


@dataclass(frozen=True)
class Job:
    """Blocks of a run.

    Parameters
    ----------
    lowered
        The plan to live.
    seed
        In [0, 2^64).
    lifetimes
        Of the whole run, 1 or more; the last block is short where they are no multiple of 4,096.
    blocks
        Which of its blocks; all of them by default.

    Raises
    ------
    ValueError
        If there are no lifetimes, or no such blocks.
    """

    lowered: Lowered
    seed: int
    lifetimes: int
    blocks: Range | None = None

    def __post_init__(self) -> None:
        if self.lifetimes < 1:
            raise ValueError(f"lifetimes must be 1 or more, got {self.lifetimes}")
        start, end = self.range
        if not 0 <= start < end <= self.size:
            raise ValueError(f"blocks must lie in 0 … {self.size - 1}, got {start} … {end - 1}")

    @property
    def size(self) -> int:
        """Number of blocks of the whole run."""
        return count_blocks(self.lifetimes)

    @property
    def range(self) -> Range:
        """The blocks of this job."""
        return self.blocks or (0, self.size)

    @property
    def statistics(self) -> tuple[int, int]:
        """Shape of the sums of a block."""
        return int(self.lowered.plan.accounts.sums[-1]), k.BATCHES

    @property
    def histograms(self) -> int:
        """How many there are."""
        return int(self.lowered.plan.accounts.histograms[-1])

    def extended(self, lifetimes: int) -> Job:
        """Give the job of a run of more lifetimes, all of whose blocks go on to be those of this one.

        Raises
        ------
        ValueError
            If that is not so: blocks were chosen, the last one is short, or samples are still to be kept.
        """
        whole = self.blocks is None and self.lifetimes % k.BLOCK == 0 and self.lifetimes >= SAMPLES
        if not whole or lifetimes < self.lifetimes:
            raise ValueError(f"a run of {self.lifetimes:,} lifetimes cannot go on to {lifetimes:,}")
        return replace(self, lifetimes=lifetimes)

    def lifetimes_of(self, start: int, end: int) -> int:
        """Count the lifetimes of blocks start … end - 1."""
        return min(end * k.BLOCK, self.lifetimes) - start * k.BLOCK

    def sampled_of(self, block: int) -> int:
        """Count the lifetimes of a block that are kept one by one."""
        first = block * k.BLOCK
        return max(0, min(self.lifetimes_of(block, block + 1), SAMPLES - first))


def count_blocks(lifetimes: int) -> int:
    """Count the blocks that so many lifetimes take."""
    return -(-lifetimes // k.BLOCK)


def join_samples(samples: Samples) -> dict[str, np.ndarray]:
    """Put the samples of the first blocks one behind the other: name -> (lifetime, …)."""
    blocks = [samples[block] for block in sorted(samples)]
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def available_threads() -> int:
    """Give the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
