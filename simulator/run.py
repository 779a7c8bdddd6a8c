"""Run the lifetimes of a plan: blocks on threads or on an executor, one dataset."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.lowering import Lowered, lower
from simulator.precision import Contract, Known, contract_of, judge
from simulator.running.balance import balanced
from simulator.running.checkpoint import Checkpoint
from simulator.running.identity import identify
from simulator.running.job import SAMPLES, Job, available_threads, count_blocks
from simulator.running.partial import Partial
from simulator.running.ranges import Range
from simulator.running.threads import Threads
from simulator.running.watch import Progress, Watch
from simulator.tally import Tally

if TYPE_CHECKING:
    import xarray as xr

    from simulator.plan.schema import Plan
    from simulator.running.executors import Tasks

__all__ = ["SAMPLES", "Progress", "available_threads", "run_blocks", "simulate", "tally_blocks"]


def simulate(
    plan: Plan,
    *,
    lifetimes: int | None = None,
    precision: float | None = None,
    max_lifetimes: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    checkpoint: Checkpoint | None = None,
    stop: threading.Event | None = None,
) -> xr.Dataset:
    """Simulate the lifetimes of a plan.

    Parameters
    ----------
    plan
        As `load_plan` gives it.
    lifetimes
        How many, 1 or more; the plan's own number by default, where it gives no precision. Where the plan's sampler is
        "sobol" they are rounded up to 16 · 2^k, and the attribute `lifetimes_asked` holds what was asked for.
    precision
        In place of a number of lifetimes: the tolerance, in [1e-5, 0.1], to which every chance of being cheapest and
        the order of the mean costs are to be known (`simulator.precision`); the plan's own by default.
    max_lifetimes
        After which a run with a precision ends all the same, 65,536 or more; the plan's own by default.
    seed
        In [0, 2^64); the plan's own by default.
    threads
        1 or more; as many as the process may use by default. It changes no bit of the result, nor do the next two.
    workers
        Processes of this machine to live the blocks in, in place of threads; with an executor, how many tasks it runs
        at a time (what the executor says, unless given).
    executor
        Any executor of `concurrent.futures` to send the blocks to, in place of threads.
    progress
        Called with (lifetimes done, lifetimes in all) as blocks are done.
    checkpoint
        Where to keep what is done; to be removed by the caller once the result is safe.
    stop
        Ends the run when it is set.

    Returns
    -------
    xarray.Dataset
        Every variable with `units` and `long_name`; see the README for the list.

    Raises
    ------
    ValueError
        If an argument lies outside its domain, arguments exclude one another, or the plan's correlations contradict
        one another.
    OverflowError
        If a cost is too large for a float in some lifetime.
    simulator.running.identity.MismatchError, simulator.running.tallyfile.DamagedError
        If the checkpoint is to be continued and is that of another run, or damaged.
    simulator.running.tasks.WorkerError
        If a worker process does not fit, or workers keep dying.
    simulator.running.watch.StoppedError
        If `stop` was set.
    """
    contract = contract_of(plan, lifetimes, precision, max_lifetimes)
    asked = plan.run.lifetimes if lifetimes is None else lifetimes
    lifetimes = balanced(asked, plan.run.sampler)
    seed = plan.run.seed if seed is None else seed
    started = time.perf_counter()
    lowered = lower(plan)
    job = Job(lowered, seed, lifetimes if contract is None else contract.max_lifetimes)
    known: Known | None = None
    with _run(plan, job, threads, workers, executor, progress, checkpoint, stop, contract) as runner:
        tally = runner.tally()
        if contract is not None:
            known = judge(contract, tally)
    del runner  # and with it the memory in which lifetimes were lived
    wall_s = time.perf_counter() - started + (checkpoint.seconds_before if checkpoint is not None else 0.0)
    from simulator.dataset import build  # xarray takes a second to import, no block waits for it

    dataset = build(plan, tally, lowered.inputs, seed=seed, wall_s=wall_s, known=known)
    if contract is None and lifetimes != asked:
        dataset.attrs["lifetimes_asked"] = asked
    return dataset


def tally_blocks(
    plan: Plan,
    blocks: Range,
    *,
    lifetimes: int,
    seed: int | None = None,
    threads: int | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    checkpoint: Checkpoint | None = None,
    stop: threading.Event | None = None,
) -> tuple[Lowered, Partial]:
    """Live some blocks of a run of so many lifetimes.

    Parameters
    ----------
    blocks
        (start, end): the blocks start … end - 1, each of 4,096 lifetimes but the last one of the run.

    Returns
    -------
    The lowered plan, and the tally of the blocks. Otherwise as `simulate`.
    """
    seed = plan.run.seed if seed is None else seed
    lowered = lower(plan)
    job = Job(lowered, seed, lifetimes, blocks)
    with _run(plan, job, threads, workers, executor, progress, checkpoint, stop) as runner:
        return lowered, runner.partial()


def run_blocks(
    lowered: Lowered,
    *,
    lifetimes: int,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Tally:
    """Run lifetimes 0 … lifetimes - 1 on threads and name their tallies.

    Raises
    ------
    ValueError
        If `lifetimes` or `threads` is below 1, or the seed outside [0, 2^64).
    OverflowError
        If a cost is not finite.
    """
    job = Job(lowered, seed, lifetimes)
    runner = _on_threads(job, job.size, threads, None)
    runner.run(Watch(lifetimes, progress=progress))
    return runner.tally()


@contextmanager
def _run(
    plan: Plan,
    job: Job,
    threads: int | None,
    workers: int | None,
    executor: Executor | None,
    progress: Progress | None,
    checkpoint: Checkpoint | None,
    stop: threading.Event | None,
    contract: Contract | None = None,
) -> Iterator[Threads | Tasks]:
    """Live the blocks of a job wherever they are to be lived, and give what has lived them.

    Notes
    -----
    With a contract the job is the longest that it allows, and is broken off at the first look that knows enough.
    """
    with ExitStack() as stack:
        base = None
        if checkpoint is not None:
            stack.callback(checkpoint.close)
            base = checkpoint.open(identify(plan, job.lowered, job.seed), job)
        most = job.range[1] - job.range[0]
        looks: tuple[int, ...] = ()
        if contract is not None:
            # a run that is continued has been looked at before its last block was begun
            last = 0 if base is None else base.blocks[-1][1]
            looks = tuple(look for look in contract.looks if count_blocks(look) >= last)
            job = replace(job, lifetimes=looks[0])
        watch = Watch(
            job.lifetimes_of(*job.range),
            done=base.lifetimes if base is not None else 0,
            progress=progress,
            checkpoint=checkpoint,
            stop=stop,
        )
        runner = stack.enter_context(_runner(job, most, threads, workers, executor, base))
        runner.run(watch)
        for look in looks[1:]:
            if judge(contract, runner.tally()).is_enough:
                break
            runner.extend(look)
            watch.extend(look)
            runner.run(watch)
        watch.finish(runner.partial)
        yield runner


@contextmanager
def _runner(
    job: Job,
    most: int,
    threads: int | None,
    workers: int | None,
    executor: Executor | None,
    base: Partial | None,
) -> Iterator[Threads | Tasks]:
    if workers is None and executor is None:
        yield _on_threads(job, most, threads, base)
        return
    from simulator.running.executors import Tasks
    from simulator.running.processes import Processes

    if workers is not None:
        _check_count("workers", workers)
    if executor is not None:
        yield Tasks(job, executor, workers, base)
        return
    # Compiled here once, not in all of them at a time.
    Threads(Job(job.lowered, job.seed, 1), 1).prepare()
    with Processes(workers) as processes:
        yield Tasks(job, processes.open(), workers, base, pool=processes)


def _on_threads(job: Job, most: int, threads: int | None, base: Partial | None) -> Threads:
    """Share a job, which may go on to so many blocks, among threads."""
    threads = available_threads() if threads is None else threads
    _check_count("threads", threads)
    return Threads(job, min(threads, most), base)


def _check_count(name: str, number: int) -> None:
    if number < 1:
        raise ValueError(f"{name} must be 1 or more, got {number}")
