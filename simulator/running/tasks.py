"""Live a range of blocks in some process, perhaps on another machine."""

from __future__ import annotations

import pickle
import platform
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

import llvmlite.binding

from simulator.errors import SimulatorError
from simulator.lowering import Lowered
from simulator.running.identity import LIBRARIES, code_digest, layout_digest, library_versions
from simulator.running.job import Job
from simulator.running.partial import Partial
from simulator.running.threads import Threads

FEATURES = ("avx2", "fma")
"""Features of a processor without which a block takes many times as long."""

_KEPT = 4
_lowered: OrderedDict[str, Lowered] = OrderedDict()
_lock = threading.Lock()


class WorkerError(SimulatorError):
    """A worker cannot take part in a run."""


@dataclass(frozen=True)
class Order:
    """What is the same for all tasks of a run.

    Parameters
    ----------
    lowered
        The arrays, pickled: every process reads the very same ones, whatever its libraries would have computed.
    layout, code
        Digests of the arrays, and of the sources that may live them.
    seed, lifetimes
        Of the run.
    """

    lowered: bytes
    layout: str
    code: str
    seed: int
    lifetimes: int


@dataclass(frozen=True)
class Machine:
    """What a worker says of itself."""

    code: str
    versions: dict[str, str]
    architecture: str
    features: tuple[str, ...]


def order_of(job: Job) -> Order:
    """Describe a job to other processes."""
    lowered = pickle.dumps(job.lowered)
    return Order(lowered, layout_digest(job.lowered), code_digest(), job.seed, job.lifetimes)


def run_task(order: Order, start: int, end: int) -> tuple[Partial, float]:
    """Live blocks start … end - 1; give their tally and how long they took [s], compilation apart.

    Raises
    ------
    WorkerError
        If this process has other sources than the one that gave the order.
    """
    if order.code != code_digest():
        raise WorkerError(
            f"a worker on {platform.node()} has another version of this program, of NumPy or of Numba",
            "install the same versions everywhere, and restart the workers",
        )
    crew = Threads(Job(_lowered_of(order), order.seed, order.lifetimes, (start, end)), 1)
    crew.prepare()
    started = time.perf_counter()
    crew.run_here(range(start, end))
    seconds = time.perf_counter() - started
    return crew.partial(), seconds


def describe() -> Machine:
    """Say what is here: sources, versions, processor."""
    found = llvmlite.binding.get_host_cpu_features()
    features = tuple(name for name in FEATURES if found.get(name))
    return Machine(code_digest(), library_versions(), platform.machine(), features)


def check_machine(own: Machine, other: Machine, name: str) -> None:
    """Refuse a worker that would not do the same, or not as fast.

    Raises
    ------
    WorkerError
        With what differs.
    """
    for library in LIBRARIES:
        if own.versions[library] != other.versions[library]:
            raise WorkerError(
                f"{name} has {library} {other.versions[library]}, here it is {own.versions[library]}",
                "install the same versions everywhere, and restart the workers",
            )
    if own.code != other.code:
        raise WorkerError(
            f"{name} has other sources of this program",
            "install the same version everywhere, and restart the workers",
        )
    if own.architecture != other.architecture:
        raise WorkerError(
            f"{name} is a {other.architecture}, this machine a {own.architecture}",
            "use workers of one architecture",
        )
    lacking = [feature for feature in own.features if feature not in other.features]
    if lacking:
        raise WorkerError(
            f"the processor of {name} lacks {', '.join(lacking)}, so it would be many times slower",
            "leave that worker out, or run everything on such machines",
        )


def _lowered_of(order: Order) -> Lowered:
    """Read the arrays once a process."""
    with _lock:
        found = _lowered.get(order.layout)
        if found is None:
            found = pickle.loads(order.lowered)
            _lowered[order.layout] = found
            while len(_lowered) > _KEPT:
                _lowered.popitem(last=False)
        return found
