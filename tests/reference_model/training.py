"""Run the clocks of training: when a strategy is trained again, and how its failures grow meanwhile."""

from __future__ import annotations

import numpy as np

from tests.reference_model.events import TOLERANCE

# Technique -> (time factor, quality factor).
TECHNIQUES = {
    "full": (1.0, 1.0),
    "lora-16": (0.15, 0.98),
    "lora-64": (0.25, 0.99),
    "qlora": (0.20, 0.97),
    "prefix": (0.18, 0.96),
    "prompt-tuning": (0.05, 0.92),
}


class Failures:
    """f = clip(f0 + failure_drift a, 0, 1), f0 = 1 - (1 - failures) x quality factor."""

    def __init__(self, strategy, world):
        quality = TECHNIQUES[strategy.training.technique][1] if strategy.training is not None else 1.0
        failures = world.once(strategy.failures)
        self.initial = failures if quality == 1.0 else 1.0 - (1.0 - failures) * quality
        self.drift = world.once(strategy.failure_drift)

    def share(self, since):
        """Return the share of failed requests, `since` months after the last run."""
        return np.clip(self.initial + self.drift * since, 0.0, 1.0)


class Clock:
    """Months since the last run and the runs after the first, month by month, of one plain strategy.

    Attributes
    ----------
    since
        For each month a float or (lifetime) a_t [month].
    runs
        For each month None or (lifetime) bool: a run in that month, the first one not among them.
    """

    def __init__(self, horizon: int):
        self.since: list = [float(t) for t in range(horizon)]
        self.runs: list = [None] * horizon


class Retraining:
    """The state of one clock: the end of the last run's month, the runs counted, the interval that runs."""

    def __init__(self, strategy, world):
        self.world = world
        self.rule = strategy.retrain
        self.failures = Failures(strategy, world)
        self.last = np.zeros(world.size)
        self.counted = np.zeros(world.size, dtype=np.int64)
        self.interval = np.full(world.size, np.inf)

    def start(self, rows: np.ndarray, last: float) -> None:
        """Count a run of the lifetimes at `rows` as done by the end of month `last`."""
        self.last[rows] = last
        if self.rule is not None and self.rule.every is not None:
            every = self.rule.every
            self.interval[rows] = self.world.draws.intervals(every, rows, self.counted[rows])
        self.counted[rows] += 1

    def since(self, t: int) -> np.ndarray:
        """Return (lifetime) a = (t - 1) - last [month]."""
        return (t - 1) - self.last

    def retrain(self, t: int, eligible=True):
        """Train where it is due in month t and `eligible`; return (lifetime) bool, None for nowhere."""
        rule = self.rule
        if rule is None or t < 2:
            return None
        since = self.since(t)
        due = since >= self.interval * (1.0 - TOLERANCE)
        for event in rule.on:
            due |= self.world.happens[event][t - 1]
        if rule.when_failures_exceed is not None:
            due |= self.failures.share(since) > rule.when_failures_exceed * (1.0 + TOLERANCE)
        due &= eligible
        rows = np.flatnonzero(due)
        if not len(rows):
            return None
        self.start(rows, t - 1)
        return due


def clock(strategy, world) -> Clock:
    """Return the clock of a plain strategy that is in use from month 1 on."""
    kept = Clock(world.horizon)
    if strategy.training is None or strategy.retrain is None:
        return kept
    state = Retraining(strategy, world)
    state.start(np.arange(world.size), 0)
    for t in range(1, world.horizon + 1):
        kept.runs[t - 1] = state.retrain(t)
        kept.since[t - 1] = state.since(t)
    return kept
