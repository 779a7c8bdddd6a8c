"""Time lifetimes of a plan, the simulator and its peers in turns, and compare the bytes of its threads."""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from benchmarks import numpy_version
from simulator.dataset import build
from simulator.lowering import lower
from simulator.run import run_blocks

if TYPE_CHECKING:
    import xarray as xr

    from simulator.plan import Plan

ROOT = Path(__file__).resolve().parent.parent
THREADS = (1, 2)
PEER = "NumPy, 1 thread"
SORTING = "NumPy with np.sort"
JAX = "JAX, all cores"
JAX_CHUNK = 4096
"""Lifetimes of one call of JAX: 1,024 to 16,384 were tried."""


def contender(threads: int) -> str:
    """Name the simulator on so many threads."""
    return f"simulate, {threads} thread{'' if threads == 1 else 's'}"


@dataclass(frozen=True)
class Throughput:
    """What one plan took, repetition by repetition.

    Attributes
    ----------
    lifetimes
        Lifetimes in one repetition.
    seconds
        Wall time [s] of each repetition, by contender, the peer first.
    steps
        Of the simulator's wall times [s], by contender, those of lowering, lifetimes and dataset.
    variables
        How many variables and coordinates were compared.
    different
        Those that were not the same bytes in every repetition on every number of threads.
    """

    lifetimes: int
    seconds: dict[str, list[float]]
    steps: dict[str, dict[str, list[float]]]
    variables: int
    different: list[str] = field(default_factory=list)

    def rate(self, name: str) -> float:
        """Give the median lifetimes a second."""
        return self.lifetimes / statistics.median(self.seconds[name])

    def ratio(self, name: str, peer: str = PEER) -> float:
        """Give how many times the peer's median the median rate is."""
        return self.rate(name) / self.rate(peer)

    def kernel_ratio(self, name: str, peer: str = PEER) -> float:
        """Give the same for the lifetimes alone, without lowering and dataset."""
        return statistics.median(self.seconds[peer]) / statistics.median(self.steps[name]["lifetimes"])

    def paired_ratios(self, name: str, peer: str = PEER) -> list[float]:
        """Give the same of each repetition, whose runs stood next to one another."""
        return [theirs / own for theirs, own in zip(self.seconds[peer], self.seconds[name], strict=True)]


def measure(
    plan: Plan,
    *,
    lifetimes: int,
    repetitions: int,
    with_jax: bool = True,
    environment: Mapping[str, str] | None = None,
    log: Callable[[str], None] = lambda line: None,
) -> Throughput:
    """Time all contenders in turns.

    Parameters
    ----------
    plan
        As `load_plan` gives it.
    lifetimes
        Lifetimes a repetition, 2 or more; JAX, whose chunks are full, rounds them up and its time is cut in proportion.
    repetitions
        Repetitions that count, 1 or more; one more comes first and does not, since it compiles or loads
        machine code and makes the process take its memory.
    with_jax
        Whether JAX takes part where it is installed.
    environment
        Environment variables of the process of JAX; those of this process by default.
    log
        Told of each repetition.

    Notes
    -----
    Both sides start from the plan as read and end with every variable of the dataset in memory. The order
    turns by one place a repetition, so that nobody always runs after the same neighbour.
    """
    with _peers(plan, lifetimes, with_jax, environment) as peers:
        return _take_turns(plan, lifetimes, repetitions, peers, log)


def _take_turns(
    plan: Plan,
    lifetimes: int,
    repetitions: int,
    peers: dict[str, Callable[[], float]],
    log: Callable[[str], None],
) -> Throughput:
    seed = plan.run.seed
    own = [contender(threads) for threads in THREADS]
    names = [*peers, *own]
    seconds: dict[str, list[float]] = {name: [] for name in names}
    steps = {name: {"lower": [], "lifetimes": [], "dataset": []} for name in own}
    first: xr.Dataset | None = None
    different: set[str] = set()
    for repetition in range(-1, repetitions):
        shift = (repetition + 1) % len(names)
        for name in names[shift:] + names[:shift]:
            gc.collect()  # so that nobody pays for the garbage of another
            if name in peers:
                took = peers[name]()
                if repetition >= 0:
                    seconds[name].append(took)
                continue
            marks = [time.perf_counter()]
            dataset = _simulate(plan, lifetimes, seed, THREADS[own.index(name)], marks)
            marks.append(time.perf_counter())
            if repetition >= 0:
                seconds[name].append(marks[-1] - marks[0])
            if first is None:
                first = dataset
            different.update(differing(first, dataset))
            if repetition >= 0:
                for step, start, end in zip(steps[name], marks[:-1], marks[1:], strict=True):
                    steps[name][step].append(end - start)
        if repetition >= 0:
            took = ", ".join(f"{name} {seconds[name][-1]:.2f} s" for name in names)
            log(f"repetition {repetition + 1} of {repetitions}: {took}")
    return Throughput(lifetimes, seconds, steps, len(first.variables), sorted(different))


@contextmanager
def _peers(
    plan: Plan, lifetimes: int, with_jax: bool, environment: Mapping[str, str] | None
) -> Iterator[dict[str, Callable[[], float]]]:
    """Give what runs each peer once and says how long that took [s]."""
    seed = plan.run.seed
    peers: dict[str, Callable[[], float]] = {
        PEER: lambda: numpy_version.run(plan, lifetimes, seed)[1],
        SORTING: lambda: numpy_version.run(plan, lifetimes, seed, sorts=True)[1],
    }
    if not (with_jax and has_jax()):
        yield peers
        return
    chunk = min(JAX_CHUNK, -(-lifetimes // 64) * 64)
    count = -(-lifetimes // chunk) * chunk
    command = [sys.executable, "-m", "benchmarks.jax_version", plan.path, str(chunk)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=dict(os.environ if environment is None else environment) | {"JAX_PLATFORMS": "cpu"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        peers[JAX] = lambda: _ask(process.stdin, process.stdout, count, seed) * lifetimes / count
        try:
            yield peers
        finally:
            process.stdin.close()  # it ends when nothing more is asked


def has_jax() -> bool:
    """Tell whether JAX is installed."""
    return importlib.util.find_spec("jax") is not None


def _ask(questions: IO[str], answers: IO[str], lifetimes: int, seed: int) -> float:
    questions.write(f"{lifetimes} {seed}\n")
    questions.flush()
    answer = answers.readline()
    if not answer:
        raise RuntimeError("the process of JAX has ended; stderr says why")
    return json.loads(answer)["seconds"]


def _simulate(plan: Plan, lifetimes: int, seed: int, threads: int, marks: list[float]) -> xr.Dataset:
    """Do what `simulator.run.simulate` does, and note when each step is over."""
    lowered = lower(plan)
    marks.append(time.perf_counter())
    tally = run_blocks(lowered, lifetimes=lifetimes, seed=seed, threads=threads)
    marks.append(time.perf_counter())
    return build(plan, tally, lowered.inputs, seed=seed)


def differing(one: xr.Dataset, other: xr.Dataset) -> list[str]:
    """Name the variables and coordinates that are not the same bytes, dims, types and attributes.

    Attributes of the whole dataset are left out: the time of the run is among them.
    """
    names = {*one.variables, *other.variables}
    return sorted(
        name
        for name in names
        if name not in one.variables
        or name not in other.variables
        or not _is_same(one.variables[name], other.variables[name])
    )


def _is_same(one: xr.Variable, other: xr.Variable) -> bool:
    if (one.dims, one.shape, one.dtype, one.attrs) != (other.dims, other.shape, other.dtype, other.attrs):
        return False
    if one.dtype.hasobject:  # the bytes of objects are addresses
        return bool(np.array_equal(one.values, other.values))
    return one.values.tobytes() == other.values.tobytes()
