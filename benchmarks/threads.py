"""Time the kernel on one thread and on two, in turns, without lowering and dataset."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from simulator.lowering import Lowered
from simulator.run import run_blocks

THREADS = (1, 2)


@dataclass(frozen=True)
class Scaling:
    """Wall times [s] of so many lifetimes, by number of threads."""

    lifetimes: int
    seconds: dict[int, list[float]]

    def median(self, threads: int) -> float:
        """Give the median wall time [s]."""
        return statistics.median(self.seconds[threads])

    @property
    def speedup(self) -> float:
        """How many times as fast two threads are as one."""
        return self.median(1) / self.median(2)

    @property
    def million_s(self) -> float:
        """What a million lifetimes take on two threads [s], in proportion."""
        return self.median(2) / self.lifetimes * 1e6


def measure(lowered: Lowered, *, lifetimes: int, repeats: int) -> Scaling:
    """Time both, after one repetition that does not count.

    Parameters
    ----------
    lowered
        The lowered plan.
    lifetimes
        Lifetimes a repetition.
    repeats
        Repetitions that count, 1 or more.
    """
    seconds: dict[int, list[float]] = {threads: [] for threads in THREADS}
    for repeat in range(-1, repeats):
        order = THREADS if repeat % 2 else THREADS[::-1]
        for threads in order:
            begin = time.perf_counter()
            run_blocks(lowered, lifetimes=lifetimes if repeat >= 0 else 8192, seed=1, threads=threads)
            if repeat >= 0:
                seconds[threads].append(time.perf_counter() - begin)
    return Scaling(lifetimes, seconds)


def lines(scaling: Scaling) -> list[str]:
    """Print one line a number of threads."""
    each = {threads: scaling.median(threads) / scaling.lifetimes * 1e6 for threads in THREADS}
    return [
        *(
            f"{threads} thread{'s' if threads > 1 else ' '} {each[threads]:7.2f} µs a lifetime"
            for threads in THREADS
        ),
        f"2 threads are {scaling.speedup:.2f} times as fast as 1; "
        f"1,000,000 lifetimes take {scaling.million_s:.1f} s",
    ]
