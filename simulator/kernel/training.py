"""Retrain: what a run costs, when one is due, how failures drift in between (MODEL.md 6 and 7)."""

from __future__ import annotations

from distributions.jit import lane_kernel
from simulator.kernel.events import NEVER, TOLERANCE
from simulator.kernel.items import pay_owner
from simulator.kernel.layout import (
    CLOCK_EVERY,
    CLOCK_PHASE,
    CLOCK_PLAIN,
    CLOCK_THRESHOLD,
    FAILURE_BASE,
    FAILURE_DRIFT,
    LISTED,
    NONE,
    PER_RUN,
    PLAIN_OWNER,
    RUN_COUNT,
    RUN_LABOR,
    RUN_OTHER,
    RUN_ROWS,
    RUN_TRAINING,
    TRAINING_ATTEMPTS,
    TRAINING_COST,
    TRAINING_MINIMUM,
    TRAINING_PRICE,
    TRIGGER_END,
    TRIGGER_START,
)
from simulator.kernel.masks import list_lanes
from simulator.kernel.occurrence import draw_occurrences


@lane_kernel
def pay_run(plains, items, shared, at, plain, lanes, listed, count, out, base):
    """Pay a training run this month in the lanes of a list: compute, then the items per run.

    Writes: `out` rows base … base + RUN_ROWS - 1 (lane) [currency; runs], added to.
    """
    value = shared.value
    amount, minimum = plains[plain, TRAINING_COST], plains[plain, TRAINING_MINIMUM]
    attempts, price = plains[plain, TRAINING_ATTEMPTS], plains[plain, TRAINING_PRICE]
    for h in range(count):
        lane = lanes[listed, h]
        compute = max(value[minimum, lane], value[amount, lane] * shared.price[price, lane])
        out[base + RUN_TRAINING, lane] += compute * value[attempts, lane]
        out[base + RUN_COUNT, lane] += 1.0
    owner = plains[plain, PLAIN_OWNER]
    labor, other = base + RUN_LABOR, base + RUN_OTHER
    pay_owner(items, value, shared.growth, at, owner, PER_RUN, lanes, listed, count, out, labor, other)


@lane_kernel
def clear_lanes(run, base, lanes, listed, count):
    """Set what a run costs to zero in the lanes of a list.

    Writes: `run` rows base … base + RUN_ROWS - 1 (lane).
    """
    for row in range(base, base + RUN_ROWS):
        for h in range(count):
            run[row, lanes[listed, h]] = 0.0


@lane_kernel
def restart_clock(draws, once, training, clocks, at, clock, lanes, listed, count, last):
    """Count a run after month `last` in the lanes of a list, and draw the interval until the next one is due.

    Writes: `last`, `interval`, `runs` (clock, lane).
    """
    every = training.clocks[clock, CLOCK_EVERY]
    for h in range(count):
        lane = lanes[listed, h]
        once.slot[0, h] = clocks.runs[clock, lane]
        clocks.runs[clock, lane] += 1
        clocks.last[clock, lane] = last
    if every != NONE:
        draw_occurrences(draws, once, at, every, lanes, listed, count)
        for h in range(count):
            clocks.interval[clock, lanes[listed, h]] = once.value[0, h]


@lane_kernel
def begin_clocks(draws, once, training, clocks, active, lanes, at):
    """Set every clock that runs from month 1 to its first run; the others start when they are migrated to.

    Writes: `last`, `interval`, `runs` (clock, lane).
    """
    for c in range(training.clocks.shape[0]):
        phase = training.clocks[c, CLOCK_PHASE]
        for j in range(at.n):
            clocks.runs[c, j] = 0
            clocks.last[c, j] = NEVER
            clocks.interval[c, j] = NEVER
            once.mark[j] = active[phase, j] == 1.0
        count = list_lanes(once.mark, at.n, lanes, LISTED)
        restart_clock(draws, once, training, clocks, at, c, lanes, LISTED, count, 0.0)


@lane_kernel
def retrain(draws, once, plains, items, training, clocks, happening, active, shared, at):
    """Find the lanes of each clock whose model is retrained in month t >= 2, and pay.

    Writes: `paid` (clock, lane + 1), `payments`; `run` (clock * RUN_ROWS, lane) [currency] there; `last`, `interval`,
    `runs`.
    """
    value, last, interval, run, paid = shared.value, clocks.last, clocks.interval, clocks.run, clocks.paid
    now = float(at.t - 1)
    for c in range(training.clocks.shape[0]):
        base = c * RUN_ROWS
        plain = training.clocks[c, CLOCK_PLAIN]
        phase = training.clocks[c, CLOCK_PHASE]
        # the row of the count says for now whether a run is due
        due = base + RUN_COUNT
        for j in range(at.n):
            run[due, j] = now - last[c, j] >= interval[c, j] * (1.0 - TOLERANCE)
        if training.clocks[c, CLOCK_THRESHOLD] != NONE:
            threshold = training.clocks[c, CLOCK_THRESHOLD]
            at_rest, drift = plains[plain, FAILURE_BASE], plains[plain, FAILURE_DRIFT]
            for j in range(at.n):
                failing = min(max(value[at_rest, j] + value[drift, j] * (now - last[c, j]), 0.0), 1.0)
                run[due, j] += failing > value[threshold, j] * (1.0 + TOLERANCE)
        for k in range(training.clocks[c, TRIGGER_START], training.clocks[c, TRIGGER_END]):
            event = training.triggers[k]
            for h in range(happening.hits[event]):
                run[due, happening.hit[event, h]] = 1.0
        for j in range(at.n):
            # a clock taken over this month has had its run, and one that is not in use has none
            once.mark[j] = (run[due, j] > 0.0) & (active[phase, j] == 1.0) & (last[c, j] != now)
        count = list_lanes(once.mark, at.n, paid, c)
        clocks.payments[c] = count
        clear_lanes(run, base, paid, c, count)
        pay_run(plains, items, shared, at, plain, paid, c, count, run, base)
        restart_clock(draws, once, training, clocks, at, c, paid, c, count, now)
