"""Live blocks on threads of this process."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue

import numpy as np

from simulator.kernel import layout as k
from simulator.running import ranges
from simulator.running.harvest import Harvest, harvest
from simulator.running.job import SAMPLES, Job, count_blocks
from simulator.running.partial import Partial, Samples, condense
from simulator.running.sums import Forest
from simulator.running.watch import Watch
from simulator.tally import Tally, collect
from simulator.worker import Worker
from simulator.workspace import make_record

_AHEAD = 2
"""Blocks that wait for each thread or are in its hands."""


class Threads:
    """Workers that share a process; each counts in place, and nothing is merged before the end.

    Parameters
    ----------
    job
        What to live.
    threads
        1 or more.
    base
        What was done before.
    """

    def __init__(self, job: Job, threads: int, base: Partial | None = None) -> None:
        self._job = job
        self._workers = [Worker(job.lowered, job.seed) for _ in range(threads)]
        self._idle: SimpleQueue[Worker] = SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._base = base
        self._forest = Forest(job.statistics)
        self._blocks: tuple[ranges.Range, ...] = ()
        self._nothing = make_record(job.lowered)
        first = job.range[0]
        blocks = range(first, min(job.range[1], count_blocks(min(SAMPLES, job.lifetimes))))
        self._kept = make_record(job.lowered, samples=len(blocks) * k.BLOCK)
        self._records = {block: _slice(self._kept, (block - first) * k.BLOCK) for block in blocks}
        if base is not None:
            self._forest.absorb(base.sums)
            self._blocks = base.blocks
            for block, samples in base.samples.items():
                for name, values in _named(self._records[block]).items():
                    values[: len(samples[name])] = samples[name]

    def prepare(self) -> None:
        """Compile, or load what was compiled, before any thread waits for it."""
        self._workers[0].run(0, 0, self._nothing)

    def extend(self, lifetimes: int) -> None:
        """Go on to so many lifetimes (`Job.extended`), whose blocks are then missing."""
        self._job = self._job.extended(lifetimes)

    def run(self, watch: Watch) -> None:
        """Live the blocks that are missing.

        Raises
        ------
        simulator.running.watch.StoppedError
            If the watch ends the run.
        """
        self.prepare()
        watch.start()
        under_way: deque[Future] = deque()
        blocks = iter(ranges.blocks_of(ranges.missing(self._blocks, *self._job.range)))
        with ThreadPoolExecutor(len(self._workers)) as pool:
            try:
                while True:
                    if not watch.wants_rest():
                        while len(under_way) < _AHEAD * len(self._workers):
                            if (block := next(blocks, None)) is None:
                                break
                            under_way.append(pool.submit(self._live, block, self._forest.zeros()))
                    elif watch.is_stopped:
                        # those that wait for a thread go back to the missing ones
                        under_way = deque(block for block in under_way if not block.cancel())
                    if under_way:
                        watch.advance(self._add(*under_way.popleft().result()))
                    elif watch.wants_rest():
                        watch.rest(self.partial)
                    else:
                        break
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def run_here(self, blocks: Iterable[int]) -> None:
        """Live blocks one after the other in the thread of the caller."""
        for block in blocks:
            self._add(*self._live(block, self._forest.zeros()))

    def partial(self) -> Partial:
        """Give what is done so far, while nothing is under way."""
        lifetimes = sum(self._job.lifetimes_of(start, end) for start, end in self._blocks)
        return condense(self._blocks, lifetimes, self._forest, self._harvests(), self._samples())

    def tally(self) -> Tally:
        """Name the tallies of the whole run, all of whose blocks are done."""
        sampled = sum(self._job.sampled_of(block) for block in self._records)
        samples = {name: values[:sampled] for name, values in _named(self._kept).items()}
        return collect(
            self._job.lowered, self._job.lifetimes, self._forest.total(), self._harvests(), samples
        )

    def _live(self, block: int, sums: np.ndarray) -> tuple[int, np.ndarray]:
        count = self._job.lifetimes_of(block, block + 1)
        worker = self._idle.get()
        try:
            worker.run(block * k.BLOCK, count, self._records.get(block, self._nothing), sums)
        finally:
            self._idle.put(worker)
        return block, sums

    def _add(self, block: int, sums: np.ndarray) -> int:
        self._forest.add(0, block, sums)
        self._blocks = ranges.join(self._blocks, [(block, block + 1)])
        return self._job.lifetimes_of(block, block + 1)

    def _harvests(self) -> list[Harvest]:
        before = [] if self._base is None else [self._base.harvest()]
        return before + [harvest(worker.counts) for worker in self._workers]

    def _samples(self) -> Samples:
        return {
            block: {name: values[: self._job.sampled_of(block)] for name, values in _named(record).items()}
            for block, record in self._records.items()
            if ranges.holds(self._blocks, block)
        }


def _slice(record: k.Record, first: int) -> k.Record:
    """Give the part of the samples that one block fills."""
    part = slice(first, first + k.BLOCK)
    return record._replace(
        inputs=record.inputs[part], present=record.present[part], monthly=record.monthly[part]
    )


def _named(record: k.Record) -> dict[str, np.ndarray]:
    """Give the samples by the names that they have in the dataset."""
    return {
        "sample_present_cost": record.present,
        "sample_monthly_cost": record.monthly,
        "sample_input": record.inputs,
    }
