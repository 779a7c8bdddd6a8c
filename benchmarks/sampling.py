"""Compare random points with Sobol points: standard errors at the same number of lifetimes, time to the same error."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simulator.plan import PlanErrors, load_plan
from simulator.run import simulate

SAMPLERS = ("random", "sobol")


@dataclass(frozen=True)
class Accuracy:
    """What one sampler reaches.

    Attributes
    ----------
    lifetimes
        Those that were lived, after any rounding.
    seconds
        Wall time [s], lowering and dataset included.
    error
        Standard error of the mean present cost at the horizon, the geometric mean over strategies [currency].
    """

    lifetimes: int
    seconds: float
    error: float

    def seconds_to(self, error: float) -> float:
        """Give the time to an error [s], were it to fall with the root of the lifetimes: too long for Sobol."""
        return self.seconds * (self.error / error) ** 2


def measure(plan: Path, *, lifetimes: int) -> dict[str, Accuracy] | None:
    """Run the plan with either sampler; None where the plan reader knows random points alone."""
    try:
        plans = {name: load_plan(str(plan), (f'run.sampler="{name}"',)) for name in SAMPLERS}
    except PlanErrors:
        return None
    found = {}
    for name, read in plans.items():
        simulate(read, lifetimes=4096)
        begin = time.perf_counter()
        dataset = simulate(read, lifetimes=lifetimes)
        seconds = time.perf_counter() - begin
        errors = dataset["present_cost_mean_mcse"].values[:, -1]
        found[name] = Accuracy(
            int(dataset.attrs["lifetimes"]), seconds, float(np.exp(np.log(errors[errors > 0]).mean()))
        )
    return found


def lines(found: dict[str, Accuracy] | None) -> list[str]:
    """Print one line a sampler."""
    if found is None:
        return ["not measured: this version draws random points alone"]
    least = min(accuracy.error for accuracy in found.values())
    return [
        f"{name:8}{accuracy.lifetimes:12,} lifetimes {accuracy.seconds:6.1f} s, standard error {accuracy.error:10.3g}, "
        f"{accuracy.seconds_to(least):8.1f} s to {least:.3g}"
        for name, accuracy in found.items()
    ]
