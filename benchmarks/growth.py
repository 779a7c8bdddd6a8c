"""Measure how the time of the kernel grows with lifetimes, months, strategies and monthly processes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simulator.lowering import lower
from simulator.plan import load_plan
from simulator.run import run_blocks

STRAY = 0.15
"""Growth counts as linear while no time lies further from the line than this share of it."""
AXES = ("lifetimes", "months", "strategies", "processes")


@dataclass(frozen=True)
class Growth:
    """Times along one axis.

    Attributes
    ----------
    axis
        What grows.
    sizes
        How much of it.
    seconds
        Median processor time at each size [s], one thread.
    """

    axis: str
    sizes: list[int]
    seconds: list[float]

    @property
    def line(self) -> tuple[float, float]:
        """Start [s] and slope [s each] of the line with the least squares of relative distances."""
        x, y = np.asarray(self.sizes, dtype=float), np.asarray(self.seconds)
        design = np.stack([1.0 / y, x / y], axis=1)
        start, slope = np.linalg.lstsq(design, np.ones_like(y), rcond=None)[0]
        return float(start), float(slope)

    @property
    def stray(self) -> float:
        """Greatest distance from the line, as a share of the time."""
        start, slope = self.line
        return max(
            abs(start + slope * size - seconds) / seconds
            for size, seconds in zip(self.sizes, self.seconds, strict=True)
        )

    @property
    def is_linear(self) -> bool:
        """Whether every time lies near the line."""
        return self.stray <= STRAY


def measure(
    plan: Path, *, lifetimes: int, repeats: int, log: Callable[[str], None] = lambda line: None
) -> list[Growth]:
    """Time plans that grow along one axis each.

    Parameters
    ----------
    plan
        The plan's file, which a strategy that is no part and has a model leads.
    lifetimes
        Lifetimes of every plan; the axis of lifetimes goes from half of it to four times as many.
    repeats
        Repetitions in turns, whose medians count.
    log
        Told of each axis.
    """
    found = []
    for axis, points in _points(plan, lifetimes).items():
        lowered = [(size, lower(load_plan(str(plan), overrides)), count) for size, count, overrides in points]
        times: dict[int, list[float]] = {size: [] for size, _, _ in lowered}
        for repeat in range(-1, repeats):
            for size, ready, count in lowered:
                begin = time.process_time()
                run_blocks(ready, lifetimes=count if repeat >= 0 else 64, seed=1, threads=1)
                if repeat >= 0:
                    times[size].append(time.process_time() - begin)
        grown = Growth(axis, list(times), [statistics.median(kept) for kept in times.values()])
        log(f"{axis}: {grown.stray:.0%} from a line at the most")
        found.append(grown)
    return found


def _points(plan: Path, lifetimes: int) -> dict[str, list[tuple[int, int, tuple[str, ...]]]]:
    """Give size, lifetimes and overrides of each plan, by axis."""
    read = load_plan(str(plan))
    compared = [name for name, strategy in read.strategies.items() if not strategy.part]
    model = next(name for name in compared if hasattr(read.strategies[name], "model"))
    months = [read.horizon * quarter // 4 for quarter in (2, 4, 8)]
    more = (0, len(compared), 2 * len(compared))
    return {
        "lifetimes": [
            (count, count, ()) for count in (lifetimes // 2, lifetimes, 2 * lifetimes, 4 * lifetimes)
        ],
        "months": [(count, lifetimes, (f'horizon="{count} month"',)) for count in months],
        "strategies": [
            (
                len(compared) + extra,
                lifetimes,
                tuple(f'strategies.copy_{n}.extends="{model}"' for n in range(extra)),
            )
            for extra in more
        ],
        "processes": [
            (
                extra,
                lifetimes,
                tuple(f'prices.extra_{n}.volatility="4% / month"' for n in range(extra)),
            )
            for extra in (0, 4, 8, 16)
        ],
    }


def lines(grown: Sequence[Growth]) -> list[str]:
    """Print one line an axis: sizes, times, the line through them."""
    shown = []
    for one in grown:
        start, slope = one.line
        times = ", ".join(
            f"{size:,}: {seconds:.2f} s" for size, seconds in zip(one.sizes, one.seconds, strict=True)
        )
        verdict = "linear" if one.is_linear else "NOT linear"
        each = f"{slope * 1e6:.2f} µs" if one.axis == "lifetimes" else f"{slope * 1e3:.1f} ms"
        shown.append(f"{one.axis:11}{times}")
        shown.append(f"{'':11}{start:.3f} s + {each} each, {one.stray:.0%} off at the most: {verdict}")
    return shown
