"""Compare random points with Sobol points: standard errors at the same number of lifetimes, time to the same error."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simulator.plan import PlanErrors, load_plan
from simulator.run import simulate

SAMPLERS = ("random", "sobol")
SEEDS = range(4)
"""The error of an error of 16 scrambles is 18 %: half of that with as many seeds."""


@dataclass(frozen=True)
class Accuracy:
    """What one sampler reaches.

    Attributes
    ----------
    lifetimes
        Those that were lived with each seed, after any rounding.
    seconds
        Median of the wall times [s], lowering and dataset included.
    errors
        Strategy -> standard error of its mean present cost at the horizon, the root mean square over seeds [currency];
        those without an error are left out.
    """

    lifetimes: int
    seconds: float
    errors: dict[str, float]

    @property
    def error(self) -> float:
        """The geometric mean over strategies [currency]."""
        return statistics.geometric_mean(self.errors.values())

    def seconds_to(self, error: float) -> float:
        """Give the time to an error [s], were it to fall with the root of the lifetimes: too long for Sobol."""
        return self.seconds * (self.error / error) ** 2


def gains(found: Mapping[str, Accuracy]) -> dict[str, float]:
    """Give the standard error with random points in that with Sobol points, by strategy."""
    random, sobol = (found[name].errors for name in SAMPLERS)
    return {strategy: random[strategy] / error for strategy, error in sobol.items()}


def measure(plan: Path, *, lifetimes: int) -> dict[str, Accuracy] | None:
    """Run the plan with either sampler and several seeds; None where the plan reader knows random points alone."""
    try:
        load_plan(str(plan), ('run.sampler="sobol"',))
    except PlanErrors:
        return None
    found = {}
    for name in SAMPLERS:
        seconds, squares = [], []
        for seed in SEEDS:
            read = load_plan(str(plan), (f'run.sampler="{name}"', f"run.seed={seed}"))
            if seed == SEEDS[0]:
                simulate(read, lifetimes=4096)
            begin = time.perf_counter()
            dataset = simulate(read, lifetimes=lifetimes)
            seconds.append(time.perf_counter() - begin)
            squares.append(dataset["present_cost_mean_mcse"].values[:, -1] ** 2)
        errors = dict(
            zip(dataset["strategy"].values.tolist(), np.sqrt(np.mean(squares, axis=0)).tolist(), strict=True)
        )
        found[name] = Accuracy(
            int(dataset.attrs["lifetimes"]),
            statistics.median(seconds),
            {strategy: error for strategy, error in errors.items() if error > 0},
        )
    return found


def lines(found: dict[str, Accuracy] | None) -> list[str]:
    """Print one line a sampler, then the gain of every strategy."""
    if found is None:
        return ["not measured: this version draws random points alone"]
    least = min(accuracy.error for accuracy in found.values())
    samplers = [
        f"{name:8}{accuracy.lifetimes:12,} lifetimes {accuracy.seconds:6.1f} s, standard error {accuracy.error:10.3g}, "
        f"{accuracy.seconds_to(least):8.1f} s to {least:.3g}"
        for name, accuracy in found.items()
    ]
    return samplers + [f"{gain:6.1f} times smaller: {strategy}" for strategy, gain in gains(found).items()]
