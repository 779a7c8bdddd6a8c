"""Run the lifetimes of a plan: blocks on threads or on an executor, one dataset."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from simulator.lowering import Lowered, lower
from simulator.running.balance import balanced
from simulator.running.checkpoint import Checkpoint
from simulator.running.identity import identify
from simulator.running.job import SAMPLES, Job, available_threads
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
        How many, 1 or more; the plan's own number by default. Where the plan's sampler is "sobol" they are rounded up
        to 16 · 2^k, and the attribute `lifetimes_asked` holds what was asked for.
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
        If an argument lies outside its domain, or the plan's correlations contradict one another.
    OverflowError
        If a cost is too large for a float in some lifetime.
    simulator.running.identity.MismatchError, simulator.running.tallyfile.DamagedError
        If the checkpoint is to be continued and is that of another run, or damaged.
    simulator.running.tasks.WorkerError
        If a worker process does not fit, or workers keep dying.
    simulator.running.watch.StoppedError
        If `stop` was set.
    """
    asked = plan.run.lifetimes if lifetimes is None else lifetimes
    lifetimes = balanced(asked, plan.run.sampler)
    seed = plan.run.seed if seed is None else seed
    started = time.perf_counter()
    lowered = lower(plan)
    job = Job(lowered, seed, lifetimes)
    with _run(plan, job, threads, workers, executor, progress, checkpoint, stop) as runner:
        tally = runner.tally()
    wall_s = time.perf_counter() - started + (checkpoint.seconds_before if checkpoint is not None else 0.0)
    from simulator.dataset import build  # xarray takes a second to import, no block waits for it

    dataset = build(plan, tally, lowered.inputs, seed=seed, wall_s=wall_s)
    if lifetimes != asked:
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
    runner = _on_threads(Job(lowered, seed, lifetimes), threads, None)
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
) -> Iterator[Threads | Tasks]:
    """Live the blocks of a job wherever they are to be lived, and give what has lived them."""
    with ExitStack() as stack:
        base = None
        if checkpoint is not None:
            stack.callback(checkpoint.close)
            base = checkpoint.open(identify(plan, job.lowered, job.seed), job)
        watch = Watch(
            job.lifetimes_of(*job.range),
            done=base.lifetimes if base is not None else 0,
            progress=progress,
            checkpoint=checkpoint,
            stop=stop,
        )
        runner = stack.enter_context(_runner(job, threads, workers, executor, base))
        runner.run(watch)
        watch.finish(runner.partial)
        yield runner


@contextmanager
def _runner(
    job: Job, threads: int | None, workers: int | None, executor: Executor | None, base: Partial | None
) -> Iterator[Threads | Tasks]:
    if workers is None and executor is None:
        yield _on_threads(job, threads, base)
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


def _on_threads(job: Job, threads: int | None, base: Partial | None) -> Threads:
    threads = available_threads() if threads is None else threads
    _check_count("threads", threads)
    return Threads(job, min(threads, job.range[1] - job.range[0]), base)


def _check_count(name: str, number: int) -> None:
    if number < 1:
        raise ValueError(f"{name} must be 1 or more, got {number}")
