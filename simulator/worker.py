"""Work through blocks on one thread at a time: lane arrays, counts, and pages for them."""

from __future__ import annotations

import numpy as np

from distributions.streams import key_words
from simulator.kernel import layout as k
from simulator.kernel.block import simulate_block
from simulator.kernel.tallying import count_staged
from simulator.lowering import Lowered
from simulator.workspace import add_pages, make_counts, make_workspace


class Worker:
    """Lane arrays and exact counts of one thread at a time.

    Parameters
    ----------
    lowered
        The plan to live.
    seed
        In [0, 2^64).

    Raises
    ------
    ValueError
        If the seed lies outside [0, 2^64).
    """

    def __init__(self, lowered: Lowered, seed: int) -> None:
        self._plan = lowered.plan
        self._key = key_words(seed)
        self._workspace = make_workspace(lowered)
        self._counts = make_counts(lowered)

    def run(self, first: int, count: int, record: k.Record, sums: np.ndarray | None = None) -> None:
        """Live lifetimes first … first + count - 1.

        Parameters
        ----------
        first, count
            Lifetimes; 0 of them compile the kernel.
        record
            What to keep of them.
        sums
            (statistic, 64) added to; thrown away unless given.
        """
        if sums is None:
            sums = np.zeros((int(self._plan.accounts.sums[-1]), k.BATCHES))
        plan, workspace, key = self._plan, self._workspace, self._key
        bins = self._counts.bins
        # what is staged waits until there is no room for more
        if bins.state[k.STAGED] + -(-count // k.LANES) > bins.sizes.size:
            self._count()
        simulate_block(plan, workspace, self._counts, sums, record, *key, first, count)
        if count == 0:
            self._count()

    @property
    def counts(self) -> k.Counts:
        """What has been counted in all blocks so far."""
        self._count()
        return self._counts

    def _count(self) -> None:
        """Count what is staged; add pages to the histograms when they run out."""
        while not count_staged(self._counts.bins):
            self._counts = add_pages(self._counts)
