"""Write the month of one compared strategy into its ledger, by component (MODEL.md 9, 11, 12 and 13)."""

from __future__ import annotations

from distributions.jit import ceil, lane_kernel
from simulator.kernel.events import TOLERANCE
from simulator.kernel.items import pay_owner
from simulator.kernel.layout import (
    ALL,
    FAILURE_BASE,
    FAILURE_COST,
    FAILURE_DRIFT,
    FAILURES,
    FIXED_LABOR,
    FIXED_OTHER,
    GPU_PRICE,
    HAS_FAILURES,
    HAS_LATENCY,
    HAS_SERVING,
    HAS_TOKENS,
    INFLATION,
    INPUT_TOKENS,
    LABOR,
    LATENCY,
    LEG_CLOCK,
    LEG_END,
    LEG_PHASE,
    LEG_PLAIN,
    LEG_SHARE,
    LEG_START,
    LEG_VOLUME,
    MIGRATION,
    MIN_REPLICAS,
    NONE,
    OPENING_END,
    OPENING_OWNER,
    OPENING_PLAIN,
    OPENING_START,
    OTHER,
    OUTPUT_TOKENS,
    PAYER_END,
    PAYER_OWNER,
    PAYER_PHASE,
    PAYER_START,
    PLAIN_OWNER,
    REPLICA_COST,
    RUN_COUNT,
    RUN_LABOR,
    RUN_OTHER,
    RUN_ROWS,
    RUN_TRAINING,
    RUNS,
    SERVING,
    START_COUNT,
    START_LABOR,
    START_OTHER,
    START_TRAINING,
    TRAINING,
    UNIT_INPUT,
    UNIT_LABOR,
    UNIT_LATENCY,
    UNIT_LOAD,
    UNIT_OTHER,
    UNIT_OUTPUT,
    UNIT_ROWS,
    UPFRONT,
    USE_LABOR,
    USE_OTHER,
    VOLUME,
)
from simulator.kernel.training import pay_run


@lane_kernel
def open_strategy(plains, items, compared, shared, costs, lanes, at, s):
    """Pay what starting a strategy costs in month 1.

    Writes: `opening` (component, lane) [currency]; `scratch` row RUNS, training runs [1].
    """
    opening, scratch = costs.opening, costs.scratch
    for row in range(START_TRAINING, START_TRAINING + RUN_ROWS):
        for j in range(at.n):
            scratch[row, j] = 0.0
    for a in range(compared.strategies[s, OPENING_START], compared.strategies[s, OPENING_END]):
        owner, plain = compared.openings[a, OPENING_OWNER], compared.openings[a, OPENING_PLAIN]
        if owner != NONE:
            pay_owner(items, shared.value, shared.growth, at, owner, UPFRONT, lanes, ALL, at.n, scratch,
                      START_LABOR, START_OTHER)  # fmt: skip
        if plain != NONE:
            pay_run(plains, items, shared, at, plain, lanes, ALL, at.n, scratch, START_TRAINING)
    for c in range(opening.shape[0]):
        for j in range(at.n):
            opening[c, j] = 0.0
    for j in range(at.n):
        opening[TRAINING, j] = scratch[START_TRAINING, j]
    for j in range(at.n):
        opening[LABOR, j] = scratch[START_LABOR, j]
    for j in range(at.n):
        opening[OTHER, j] = scratch[START_OTHER, j]
    for j in range(at.n):
        scratch[RUNS, j] = scratch[START_COUNT, j]


@lane_kernel
def run_strategy(plains, owners, compared, demand, shared, clocks, stages, costs, at, s):
    """Add up what running a strategy costs this month: the use of its legs, its payers' items, runs and moves.

    Writes: `cost` (component, lane) [currency/month]; `scratch` row RUNS, training runs [1] (months t >= 2).
    """
    cost, fixed, scratch, active = costs.cost, costs.fixed, costs.scratch, stages.active
    n = at.n
    for c in range(cost.shape[0]):
        for j in range(n):
            cost[c, j] = 0.0
    if at.t > 1:
        for j in range(n):
            scratch[RUNS, j] = 0.0
    for leg in range(compared.strategies[s, LEG_START], compared.strategies[s, LEG_END]):
        use_plain(plains, owners, compared.legs, demand, shared, costs, active, clocks.last, leg, at)
        clock = compared.legs[leg, LEG_CLOCK]
        if at.t > 1 and clock != NONE:
            add_run(clocks.run, active, cost, scratch, clock * RUN_ROWS, compared.legs[leg, LEG_PHASE], n)
    if at.t > 1 and compared.strategies[s, MIGRATION] != NONE:
        add_run(stages.move, active, cost, scratch, compared.strategies[s, MIGRATION] * RUN_ROWS, 0, n)
    for k in range(compared.strategies[s, PAYER_START], compared.strategies[s, PAYER_END]):
        owner, phase = compared.payers[k, PAYER_OWNER], compared.payers[k, PAYER_PHASE]
        if owners[owner, FIXED_LABOR] == 1:
            for j in range(n):
                cost[LABOR, j] += active[phase, j] * fixed[2 * owner, j]
        if owners[owner, FIXED_OTHER] == 1:
            for j in range(n):
                cost[OTHER, j] += active[phase, j] * fixed[2 * owner + 1, j]


@lane_kernel
def add_run(run, active, cost, scratch, base, phase, n):
    """Add what training runs or a migration cost to the ledger, where the phase is the one paid.

    Writes: `cost` (component, lane), `scratch` row RUNS.
    """
    for j in range(n):
        paid = active[phase, j]
        cost[TRAINING, j] += paid * run[base + RUN_TRAINING, j]
        cost[LABOR, j] += paid * run[base + RUN_LABOR, j]
        cost[OTHER, j] += paid * run[base + RUN_OTHER, j]
        scratch[RUNS, j] += paid * run[base + RUN_COUNT, j]


@lane_kernel
def use_plain(plains, owners, legs, demand, shared, costs, active, last, leg, at):
    """Add what a plain strategy costs for the share of the requests that one leg sends to it.

    Writes: `cost` (component, lane) [currency/month]; `scratch` row LEG_VOLUME, requests of the leg [req/month].
    """
    value, growth, month, price = shared.value, shared.growth, shared.month, shared.price
    unit, cost, scratch = costs.unit, costs.cost, costs.scratch
    n, t = at.n, at.t
    p = legs[leg, LEG_PLAIN]
    base = p * UNIT_ROWS
    share = legs[leg, LEG_SHARE]
    phase = legs[leg, LEG_PHASE]
    for j in range(n):
        scratch[LEG_VOLUME, j] = active[phase, j] * value[share, j] * month[VOLUME, j]
    if plains[p, HAS_TOKENS] == 1:
        for j in range(n):
            volume = scratch[LEG_VOLUME, j]
            cost[INPUT_TOKENS, j] += volume * unit[base + UNIT_INPUT, j]
            cost[OUTPUT_TOKENS, j] += volume * unit[base + UNIT_OUTPUT, j]
    if plains[p, HAS_LATENCY] == 1:
        for j in range(n):
            cost[LATENCY, j] += scratch[LEG_VOLUME, j] * unit[base + UNIT_LATENCY, j]
    if plains[p, HAS_SERVING] == 1:
        replica = plains[p, REPLICA_COST]
        least = plains[p, MIN_REPLICAS]
        gpu = plains[p, GPU_PRICE]
        for j in range(n):
            needed = ceil(scratch[LEG_VOLUME, j] * unit[base + UNIT_LOAD, j] * (1.0 - TOLERANCE))
            replicas = active[phase, j] * max(value[least, j], needed)
            cost[SERVING, j] += replicas * value[replica, j] * price[gpu, j]
    if plains[p, HAS_FAILURES] == 1:
        at_rest = plains[p, FAILURE_BASE]
        drift = plains[p, FAILURE_DRIFT]
        each = plains[p, FAILURE_COST]
        inflation = demand[INFLATION]
        clock = legs[leg, LEG_CLOCK]
        now = float(t - 1)
        if clock == NONE:
            for j in range(n):
                failing = min(max(value[at_rest, j] + value[drift, j] * now, 0.0), 1.0)
                cost[FAILURES, j] += scratch[LEG_VOLUME, j] * failing * value[each, j] * growth[inflation, j]
        else:
            for j in range(n):
                failing = min(max(value[at_rest, j] + value[drift, j] * (now - last[clock, j]), 0.0), 1.0)
                cost[FAILURES, j] += scratch[LEG_VOLUME, j] * failing * value[each, j] * growth[inflation, j]
    owner = plains[p, PLAIN_OWNER]
    if owners[owner, USE_LABOR] == 1:
        for j in range(n):
            cost[LABOR, j] += scratch[LEG_VOLUME, j] * unit[base + UNIT_LABOR, j]
    if owners[owner, USE_OTHER] == 1:
        for j in range(n):
            cost[OTHER, j] += scratch[LEG_VOLUME, j] * unit[base + UNIT_OTHER, j]
