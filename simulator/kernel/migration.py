"""Migrate: decide the next step, pay for it, hand over to the new strategy (MODEL.md 12)."""

from __future__ import annotations

from distributions.jit import ceil, lane_kernel
from simulator.kernel.events import TOLERANCE
from simulator.kernel.items import pay_owner
from simulator.kernel.layout import (
    ADOPT_END,
    ADOPT_START,
    LISTED,
    NONE,
    OPENING_CLOCK,
    OPENING_OWNER,
    OPENING_PLAIN,
    PHASE_MIGRATION,
    PHASE_STAGES,
    RUN_LABOR,
    RUN_OTHER,
    RUN_ROWS,
    RUN_TRAINING,
    STEP_AT,
    STEP_BOUND,
    STEP_COST,
    STEP_COST_GROWTH,
    STEP_END,
    STEP_EVENT,
    STEP_FOR,
    STEP_KIND,
    STEP_LABOR,
    STEP_LABOR_GROWTH,
    STEP_NOT_BEFORE,
    STEP_START,
    STEP_TAKES,
    UPFRONT,
    VOLUME,
    WHEN_ABOVE,
    WHEN_AT,
    WHEN_EVENT,
)
from simulator.kernel.masks import list_lanes
from simulator.kernel.training import clear_lanes, pay_run, restart_clock


@lane_kernel
def begin_migrations(migrations, stages, n):
    """Set every migrating strategy to its first stage.

    Writes: `stage`, `decided`, `until` (migration, lane); `streak` (step, lane); `active` (phase, lane).
    """
    for m in range(migrations.migrations.shape[0]):
        for j in range(n):
            stages.stage[m, j] = 0
            stages.decided[m, j] = 0
            stages.until[m, j] = 0.0
    for step in range(migrations.steps.shape[0]):
        for j in range(n):
            stages.streak[step, j] = 0.0
    mark_active(migrations.phases, stages.stage, stages.active, n)


@lane_kernel
def mark_active(phases, stage, active, n):
    """Say which phases are paid at the stage that each lane has reached.

    Writes: `active` (phase, lane).
    """
    for phase in range(1, phases.shape[0]):
        m = phases[phase, PHASE_MIGRATION]
        paid = phases[phase, PHASE_STAGES]
        for j in range(n):
            active[phase, j] = (paid >> stage[m, j]) & 1


@lane_kernel
def migrate(draws, once, plains, items, training, clocks, migrations, stages, happening, shared, lanes, at):
    """Complete the steps that are due by month t >= 2, decide new ones and pay for them.

    Writes: `paid` (migration, lane + 1), `payments`; `move` (migration * RUN_ROWS, lane) [currency] there; `stage`,
    `decided`, `until`, `active`; clocks taken over.
    """
    steps = migrations.steps
    for m in range(migrations.migrations.shape[0]):
        stages.payments[m] = 0
        start, end = migrations.migrations[m, STEP_START], migrations.migrations[m, STEP_END]
        for step in range(start, end):
            complete_step(draws, once, training, clocks, migrations, stages, lanes, at, m, step, step - start)
        # From the last step to the first: a lane that takes one step this month is not asked for the next one.
        for step in range(end - 1, start - 1, -1):
            count = decide_step(
                steps, stages, happening, shared.value, once.mark, lanes, at, m, step, step - start
            )
            if count > 0:
                # a lane takes one step a month at the most: it stands in the list once
                for h in range(count):
                    stages.paid[m, stages.payments[m] + h] = lanes[LISTED, h]
                stages.payments[m] += count
                clear_lanes(stages.move, m * RUN_ROWS, lanes, LISTED, count)
                pay_step(plains, items, migrations, stages.move, shared, lanes, at, m, step, count)
                complete_step(
                    draws, once, training, clocks, migrations, stages, lanes, at, m, step, step - start
                )
    mark_active(migrations.phases, stages.stage, stages.active, at.n)


@lane_kernel
def decide_step(steps, stages, happening, value, mark, lanes, at, m, step, k):
    """List the lanes that decide on step k this month.

    Writes: `lanes` row LISTED; `decided`, `until` (migration, lane).
    """
    now = float(at.t - 1)
    kind = steps[step, STEP_KIND]
    takes = steps[step, STEP_TAKES]
    if kind == WHEN_AT and at.t != steps[step, STEP_AT]:
        return 0
    if kind == WHEN_ABOVE and now < steps[step, STEP_NOT_BEFORE]:
        return 0
    count = 0
    if kind == WHEN_EVENT:
        event = steps[step, STEP_EVENT]
        for h in range(happening.hits[event]):
            lane = happening.hit[event, h]
            lanes[LISTED, count] = lane
            count += (stages.stage[m, lane] == k) & (stages.decided[m, lane] == k)
    else:
        months = float(steps[step, STEP_FOR]) if kind == WHEN_ABOVE else 0.0
        for j in range(at.n):
            ready = (stages.stage[m, j] == k) & (stages.decided[m, j] == k)
            mark[j] = ready & (stages.streak[step, j] >= months)
        count = list_lanes(mark, at.n, lanes, LISTED)
    for h in range(count):
        lane = lanes[LISTED, h]
        stages.decided[m, lane] = k + 1
        stages.until[m, lane] = now + ceil(value[takes, lane] * (1.0 - TOLERANCE))
    return count


@lane_kernel
def complete_step(draws, once, training, clocks, migrations, stages, lanes, at, m, step, k):
    """Hand over, where step k is decided and its time is up; the new models count as trained when that was.

    Writes: `lanes` row LISTED; `stage` (migration, lane); `last`, `interval`, `runs` of the clocks taken over.
    """
    now = float(at.t - 1)
    for j in range(at.n):
        is_under_way = (stages.stage[m, j] == k) & (stages.decided[m, j] == k + 1)
        once.mark[j] = is_under_way & (now >= stages.until[m, j])
    count = list_lanes(once.mark, at.n, lanes, LISTED)
    if count == 0:
        return
    for h in range(count):
        stages.stage[m, lanes[LISTED, h]] = k + 1
    for a in range(migrations.steps[step, ADOPT_START], migrations.steps[step, ADOPT_END]):
        clock = migrations.adopted[a, OPENING_CLOCK]
        if clock != NONE:
            # the month before this one is the last month of the strategy before
            restart_clock(draws, once, training, clocks, at, clock, lanes, LISTED, count, now)


@lane_kernel
def pay_step(plains, items, migrations, move, shared, lanes, at, m, step, count):
    """Pay for a step in the listed lanes: its cost and hours, and what the new strategy costs upfront this month.

    Writes: `move` (migration * RUN_ROWS, lane) [currency].
    """
    value, growth = shared.value, shared.growth
    steps, adopted = migrations.steps, migrations.adopted
    cost, cost_growth = steps[step, STEP_COST], steps[step, STEP_COST_GROWTH]
    labor, labor_growth = steps[step, STEP_LABOR], steps[step, STEP_LABOR_GROWTH]
    base = m * RUN_ROWS
    for h in range(count):
        lane = lanes[LISTED, h]
        move[base + RUN_OTHER, lane] += value[cost, lane] * growth[cost_growth, lane]
        move[base + RUN_LABOR, lane] += value[labor, lane] * growth[labor_growth, lane]
    for a in range(steps[step, ADOPT_START], steps[step, ADOPT_END]):
        owner, plain = adopted[a, OPENING_OWNER], adopted[a, OPENING_PLAIN]
        if owner != NONE:
            pay_owner(items, value, growth, at, owner, UPFRONT, lanes, LISTED, count, move,
                      base + RUN_LABOR, base + RUN_OTHER)  # fmt: skip
        if plain != NONE:
            pay_run(plains, items, shared, at, plain, lanes, LISTED, count, move, base + RUN_TRAINING)


@lane_kernel
def watch_volume(steps, streak, value, month, n):
    """Count, at the end of a month, how many months in a row the volume has been above each bound.

    Writes: `streak` (step, lane) [month].
    """
    for step in range(steps.shape[0]):
        if steps[step, STEP_KIND] == WHEN_ABOVE:
            bound = steps[step, STEP_BOUND]
            for j in range(n):
                above = month[VOLUME, j] > value[bound, j] * (1.0 + TOLERANCE)
                streak[step, j] = (streak[step, j] + 1.0) * above
