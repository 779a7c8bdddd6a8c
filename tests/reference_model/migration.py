"""Decide when the steps of a migrating strategy are taken, and keep the clocks of what it uses."""

from __future__ import annotations

import numpy as np

from tests.reference_model.events import TOLERANCE, whole
from tests.reference_model.training import Clock, Retraining

NEVER = np.iinfo(np.int64).max


class Timeline:
    """The course of one migrating strategy.

    Attributes
    ----------
    decided
        For each step (lifetime) the month tau in which it is decided, 0 for never.
    stage
        (month, lifetime) number of steps that are complete; the strategy in use is that of the last one.
    names
        The strategy in use after 0, 1, … steps.
    clocks
        The clock of every trained plain strategy among its parts, meaningful while it is in use.
    """

    def __init__(self, names: tuple[str, ...], steps: int, horizon: int, size: int):
        self.names = names
        self.decided = [np.zeros(size, dtype=np.int64) for _ in range(steps)]
        self.stage = np.zeros((horizon, size), dtype=np.int64)
        self.clocks: dict[str, Clock] = {}

    def in_use(self, name: str, t: int) -> np.ndarray:
        """Return (lifetime) bool: the strategy `name` is the one paid in month t."""
        return self.is_stage_of(name, self.stage[t - 1])

    def is_stage_of(self, name: str, stage: np.ndarray) -> np.ndarray:
        """Return (lifetime) bool: after `stage` steps the strategy in use is `name`."""
        paid = np.zeros(stage.shape, dtype=bool)
        for number, other in enumerate(self.names):
            if other == name:
                paid |= stage == number
        return paid


def timeline(strategy, world, books: dict, plans: dict) -> Timeline:
    """Walk through the months: complete steps that are due, decide the next one, retrain what is in use."""
    steps = strategy.then
    names = (strategy.start_with, *(step.migrate_to for step in steps))
    course = Timeline(names, len(steps), world.horizon, world.size)
    plain = {name: plans[name] for book in books.values() for name in book.trained}
    state = {name: Retraining(plans[name], world) for name in plain}
    course.clocks = {name: Clock(world.horizon) for name in plain}

    stage = np.zeros(world.size, dtype=np.int64)
    decided = np.zeros(world.size, dtype=np.int64)  # steps decided, complete or not
    complete_in = np.full(world.size, NEVER)  # first month of the new strategy, while a step is under way
    adopted = {name: np.zeros(world.size, dtype=bool) for name in plain}

    def complete(t: int) -> None:
        now = complete_in == t
        stage[now] += 1
        complete_in[now] = NEVER
        for name, book in books.items():
            rows = np.flatnonzero(now & course.is_stage_of(name, stage))
            for part in book.trained:
                state[part].start(rows, t - 1)
                adopted[part][rows] = True

    for part in books[strategy.start_with].trained:
        state[part].start(np.arange(world.size), 0)
    for t in range(1, world.horizon + 1):
        for flags in adopted.values():
            flags[:] = False
        complete(t)
        free = complete_in == NEVER  # at most one step a month: what is decided now is not free below
        for number, step in enumerate(steps):
            now = free & (decided == number) & holds(step.when, t, world)
            free &= ~now
            course.decided[number][now] = t
            decided[now] = number + 1
            takes = np.broadcast_to(whole(world.once(step.takes)), now.shape)
            complete_in[now] = t + takes[now].astype(np.int64)
        complete(t)
        course.stage[t - 1] = stage
        for part in plain:
            used = np.zeros(world.size, dtype=bool)
            for name, book in books.items():
                if part in book.trained:
                    used |= course.is_stage_of(name, stage)
            course.clocks[part].runs[t - 1] = state[part].retrain(t, used & ~adopted[part])
            course.clocks[part].since[t - 1] = state[part].since(t)
    return course


def holds(when, t: int, world):
    """Return whether the condition of a step holds at the start of month t, a bool or (lifetime)."""
    if when.at is not None:
        return t == when.at
    if when.on is not None:
        return world.happens[when.on][t - 1]
    months = 1 if when.for_ is None else when.for_
    if t < 2 or t - 1 < (when.not_before or 0) or t - months < 1:
        return False
    bound = world.once(when.requests_above) * (1.0 + TOLERANCE)
    return (world.volume[t - 1 - months : t - 1] > bound).all(axis=0)
