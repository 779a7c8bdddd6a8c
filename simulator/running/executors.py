"""Send the blocks of a run to any executor of `concurrent.futures`, and gather what comes back."""

from __future__ import annotations

from collections import deque
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait

from simulator.running import ranges
from simulator.running.job import Job, available_threads, join_samples
from simulator.running.partial import Partial, Total
from simulator.running.processes import Processes
from simulator.running.tasks import Order, WorkerError, order_of, run_task
from simulator.running.watch import Watch
from simulator.tally import Tally, collect

TASK_S = 4.0
"""Longest task aimed at [s]; a task is a power of two of blocks, so it takes half of that at least."""

SHORTEST_S = 1.0
"""Shortest task aimed at [s]."""

FIRST_BLOCKS = 8
"""Blocks of the first tasks, by which the others are measured."""

MOST_BLOCKS = 4096

_AHEAD = 2
"""Tasks that each worker holds or finds waiting."""

DEATHS = 3
"""Times in a row that worker processes may die before any of their tasks is done."""

_TICK_S = 0.2


class Tasks:
    """Tasks of a few seconds each; only this process gathers, keeps and writes.

    Parameters
    ----------
    job
        What to live.
    executor
        Runs `tasks.run_task`; its processes must be able to import this package.
    workers
        How many tasks it runs at a time; what it says itself by default, which may change.
    base
        What was done before.
    pool
        Whose executor it is: opens another one when a process has died, which ends the run otherwise.
    """

    def __init__(
        self,
        job: Job,
        executor: Executor,
        workers: int | None = None,
        base: Partial | None = None,
        *,
        pool: Processes | None = None,
    ) -> None:
        self._job = job
        self._executor = executor
        self._given = workers
        self._pool = pool
        self._order: Order = order_of(job)
        self._total = Total(job.statistics, job.histograms)
        self._seconds_per_block: float | None = None
        if base is not None:
            self._total.absorb(base)

    def extend(self, lifetimes: int) -> None:
        """Go on to so many lifetimes (`Job.extended`), whose blocks are then missing."""
        self._job = self._job.extended(lifetimes)
        self._order = order_of(self._job)

    def run(self, watch: Watch) -> None:
        """Live the blocks that are missing.

        Raises
        ------
        simulator.running.watch.StoppedError
            If the watch ends the run.
        simulator.running.tasks.WorkerError
            If a worker does not fit, or worker processes keep dying.
        """
        watch.start()
        waiting = deque(ranges.missing(self._total.blocks, *self._job.range))
        under_way: dict[Future, ranges.Range] = {}
        deaths = 0
        try:
            while waiting or under_way:
                if watch.is_stopped and self._pool is not None:
                    self._pool.close()
                if watch.wants_rest():
                    watch.rest(self.partial)
                died = self._submit(waiting, under_way)
                for future in wait(under_way, _TICK_S, FIRST_COMPLETED).done:
                    task = under_way.pop(future)
                    try:
                        self._gather(task, *future.result())
                    except BrokenExecutor:
                        died = True
                        waiting.appendleft(task)
                    else:
                        deaths = 0
                        watch.advance(self._job.lifetimes_of(*task))
                if died and not under_way:
                    deaths += 1
                    self._replace(deaths)
        except BaseException:
            for future in under_way:
                future.cancel()
            raise

    @property
    def _workers(self) -> int:
        return self._given or getattr(self._executor, "_max_workers", None) or available_threads()

    def partial(self) -> Partial:
        """Give what has come back so far."""
        return self._total.partial()

    def tally(self) -> Tally:
        """Name the tallies of the whole run, all of whose blocks are done."""
        total = self._total
        samples = join_samples(total.samples)
        return collect(
            self._job.lowered, self._job.lifetimes, total.forest.total(), [total.harvest()], samples
        )

    def _submit(self, waiting: deque[ranges.Range], under_way: dict[Future, ranges.Range]) -> bool:
        """Keep the workers busy; tell whether one has died."""
        most = _AHEAD * self._workers
        while waiting and len(under_way) < most:
            start, end = waiting.popleft()
            size = self._size(end - start + ranges.size_of(waiting))
            # up to a multiple of the size: such a task is one node of the tree of sums
            cut = min(end, (start // size + 1) * size)
            if cut < end:
                waiting.appendleft((cut, end))
            try:
                under_way[self._executor.submit(run_task, self._order, start, cut)] = (start, cut)
            except BrokenExecutor:
                waiting.appendleft((start, cut))
                return True
        return False

    def _size(self, remaining: int) -> int:
        """Give the blocks of the next task, a power of two: shorter ones at the end, so that all end together."""
        if self._seconds_per_block is None:
            return FIRST_BLOCKS
        share = remaining * self._seconds_per_block / (_AHEAD * self._workers)
        seconds = min(TASK_S, max(share, SHORTEST_S))
        blocks = min(MOST_BLOCKS, max(1, int(seconds / self._seconds_per_block)))
        return 1 << (blocks.bit_length() - 1)

    def _gather(self, task: ranges.Range, partial: Partial, seconds: float) -> None:
        self._seconds_per_block = max(seconds, 1e-6) / (task[1] - task[0])
        self._total.absorb(partial)

    def _replace(self, deaths: int) -> None:
        if self._pool is None or deaths > DEATHS:
            raise WorkerError(
                "worker processes keep dying" if self._pool else "a worker process has died",
                "they may be short of memory: try fewer workers",
            )
        self._executor = self._pool.open()
