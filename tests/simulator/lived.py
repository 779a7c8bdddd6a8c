"""Live blocks of one small plan, for tests that take runs apart and put them together again."""

from __future__ import annotations

from functools import cache

import numpy as np

from simulator import storage
from simulator.kernel import layout as k
from simulator.lowering import Lowered, lower
from simulator.plan import Plan
from simulator.run import simulate
from simulator.running.identity import identify
from simulator.running.job import Job
from simulator.running.partial import Partial, to_record
from simulator.running.threads import Threads
from tests.simulator.kernel.small import TEXT, read

BLOCKS = 6
LIFETIMES = (BLOCKS - 1) * k.BLOCK + 300  # the last block is neither whole lane arrays nor whole batches
SEED = 11


@cache
def plan() -> Plan:
    return read(TEXT)


@cache
def lowered() -> Lowered:
    return lower(plan())


def job(blocks: tuple[int, int] | None = None, lifetimes: int = LIFETIMES) -> Job:
    return Job(lowered(), SEED, lifetimes, blocks)


@cache
def partial(start: int, end: int) -> Partial:
    """Give the tally of some blocks, lived one after the other."""
    crew = Threads(job((start, end)), 1)
    crew.run_here(range(start, end))
    return crew.partial()


@cache
def whole() -> str:
    """Give the digest of the values of the whole run."""
    return digest()


def digest(**options) -> str:
    """Give the digest of the values of a run."""
    return storage.values_digest(simulate(plan(), **({"lifetimes": LIFETIMES} | options)))


def identity() -> dict:
    return identify(plan(), lowered(), SEED)


def content_of(one: Partial) -> list:
    """Give everything in a partial tally, arrays as bytes, so that == compares it."""
    values, arrays = to_record(one)
    arrays |= {
        f"{block}.{name}": array for block, samples in one.samples.items() for name, array in samples.items()
    }
    return [
        values,
        *(
            (name, b"".join(array) if isinstance(array, tuple) else array.tobytes())
            for name, array in arrays.items()
        ),
        *(array.shape for array in arrays.values() if isinstance(array, np.ndarray)),
    ]
