"""Run the lifetimes of a plan: blocks on threads, sums along a tree, one dataset."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING

import numpy as np

from simulator.kernel import layout as k
from simulator.lowering import Lowered, lower
from simulator.sums import Forest
from simulator.tally import Tally, collect
from simulator.worker import Worker
from simulator.workspace import make_record

if TYPE_CHECKING:
    import xarray as xr

    from simulator.plan.schema import Plan

SAMPLES = 10_000
"""Lifetimes whose inputs and costs are kept one by one."""

Progress = Callable[[int, int], None]


def simulate(
    plan: Plan,
    *,
    lifetimes: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Simulate the lifetimes of a plan.

    Parameters
    ----------
    plan
        As `load_plan` gives it.
    lifetimes
        How many, 1 or more; the plan's own number by default.
    seed
        In [0, 2^64); the plan's own by default.
    threads
        1 or more; as many as the process may use by default. It changes no bit of the result.
    progress
        Called with (lifetimes done, lifetimes in all) as blocks are done.

    Returns
    -------
    xarray.Dataset
        Every variable with `units` and `long_name`; see the README for the list.

    Raises
    ------
    ValueError
        If an argument lies outside its domain, or the plan's correlations contradict one another.
    OverflowError
        If a cost is too large for a float in some lifetime.
    """
    from simulator.dataset import build  # xarray takes half a second to import

    lifetimes = plan.run.lifetimes if lifetimes is None else lifetimes
    seed = plan.run.seed if seed is None else seed
    started = time.perf_counter()
    lowered = lower(plan)
    tally = run_blocks(lowered, lifetimes=lifetimes, seed=seed, threads=threads, progress=progress)
    return build(plan, tally, lowered.inputs, seed=seed, wall_s=time.perf_counter() - started)


def run_blocks(
    lowered: Lowered,
    *,
    lifetimes: int,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Tally:
    """Run lifetimes 0 … lifetimes - 1 in blocks and merge their tallies.

    Raises
    ------
    ValueError
        If `lifetimes` or `threads` is below 1, or the seed outside [0, 2^64).
    OverflowError
        If a cost is not finite.
    """
    threads = available_threads() if threads is None else threads
    for name, number in (("lifetimes", lifetimes), ("threads", threads)):
        if number < 1:
            raise ValueError(f"{name} must be 1 or more, got {number}")
    threads = min(threads, -(-lifetimes // k.BLOCK))
    sampled = min(SAMPLES, lifetimes)
    samples = make_record(lowered, samples=-(-sampled // k.BLOCK) * k.BLOCK)
    nothing = make_record(lowered)
    workers = [Worker(lowered, seed) for _ in range(threads)]
    idle: SimpleQueue[Worker] = SimpleQueue()
    for worker in workers:
        idle.put(worker)
    statistics = int(lowered.plan.accounts.sums[-1])
    forest = Forest((statistics, k.BATCHES))

    def run(block: int, sums: np.ndarray) -> tuple[int, int, np.ndarray]:
        first = block * k.BLOCK
        count = min(k.BLOCK, lifetimes - first)
        record = _slice_record(samples, first) if first < sampled else nothing
        worker = idle.get()
        try:
            worker.run(first, count, record, sums)
        finally:
            idle.put(worker)
        return block, count, sums

    workers[0].run(0, 0, nothing)  # compile, or load what was compiled, before any thread waits for it
    done = 0
    under_way: deque[Future] = deque()
    blocks = iter(range(-(-lifetimes // k.BLOCK)))
    with ThreadPoolExecutor(threads) as pool:
        try:
            while True:
                while len(under_way) < 2 * threads and (block := next(blocks, None)) is not None:
                    under_way.append(pool.submit(run, block, forest.zeros()))
                if not under_way:
                    break
                block, count, sums = under_way.popleft().result()
                forest.add(0, block, sums)
                done += count
                if progress is not None:
                    progress(done, lifetimes)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    if any(worker.counts.bins.state[k.NOT_FINITE] for worker in workers):
        raise OverflowError(
            "costs are too large for a number in some lifetimes: "
            "look for a growth, volatility or factor that is too large over the horizon"
        )
    return collect(
        lowered,
        lifetimes,
        forest.total(),
        [worker.counts for worker in workers],
        {
            "sample_present_cost": samples.present[:sampled],
            "sample_monthly_cost": samples.monthly[:sampled],
            "sample_input": samples.inputs[:sampled],
        },
    )


def available_threads() -> int:
    """Give the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _slice_record(record: k.Record, first: int) -> k.Record:
    """Give the part of the samples that one block fills."""
    part = slice(first, first + k.BLOCK)
    return record._replace(
        inputs=record.inputs[part], present=record.present[part], monthly=record.monthly[part]
    )
