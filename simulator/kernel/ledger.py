"""Write the month of one compared strategy into its ledger, by component (MODEL.md 9, 11, 12 and 13)."""

from __future__ import annotations

from distributions.jit import lane_kernel
from simulator.kernel.expectation import begin_expecting, expect_bill
from simulator.kernel.items import pay_owner
from simulator.kernel.layout import (
    ALL,
    FIXED_LABOR,
    HAS_SERVING,
    LABOR,
    LEG_CLOCK,
    LEG_END,
    LEG_PHASE,
    LEG_PLAIN,
    LEG_START,
    LEG_VOLUME,
    MIGRATION,
    NONE,
    OPENING_END,
    OPENING_OWNER,
    OPENING_PLAIN,
    OPENING_START,
    OTHER,
    PAYER_END,
    PAYER_OWNER,
    PAYER_PHASE,
    PAYER_START,
    PLAIN_OWNER,
    RUN_COUNT,
    RUN_LABOR,
    RUN_OTHER,
    RUN_ROWS,
    RUN_TRAINING,
    RUNS,
    START_COUNT,
    START_LABOR,
    START_OTHER,
    START_TRAINING,
    TRAINING,
    UPFRONT,
    USE_LABOR,
)
from simulator.kernel.serving import run_replicas
from simulator.kernel.tokens import bill_requests
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

    Writes: `cost` (component, lane) [currency/month]; `scratch` row RUNS, training runs [1] (months t >= 2);
    `below`, where price changes are taken as expected.
    """
    cost, bundle, scratch, active = costs.cost, costs.bundle, costs.scratch, stages.active
    strategies, legs = compared.strategies, compared.legs
    n = at.n
    if at.t > 1:
        for j in range(n):
            scratch[RUNS, j] = 0.0
    if compared.expects:
        begin_expecting(costs.below, n)
    start, end = strategies[s, LEG_START], strategies[s, LEG_END]
    for leg in range(start, end):
        use_plain(plains, owners, legs, demand, shared, costs, active, clocks, leg, at, leg == start)
        if compared.expects:
            expect_bill(plains, legs, shared, costs, leg, at)
        clock = legs[leg, LEG_CLOCK]
        if at.t > 1 and clock != NONE:
            count, phase = clocks.payments[clock], legs[leg, LEG_PHASE]
            add_run(clocks.run, clocks.paid, clock, count, active, phase, cost, scratch)
    migration = strategies[s, MIGRATION]
    if at.t > 1 and migration != NONE:
        count = stages.payments[migration]
        add_run(stages.move, stages.paid, migration, count, active, 0, cost, scratch)
    for k in range(strategies[s, PAYER_START], strategies[s, PAYER_END]):
        owner, phase = compared.payers[k, PAYER_OWNER], compared.payers[k, PAYER_PHASE]
        for side in range(2):
            paid = owners[owner, FIXED_LABOR + side]
            if paid != NONE:
                row = LABOR if side == 0 else OTHER
                for j in range(n):
                    cost[row, j] += active[phase, j] * bundle[paid, j]


@lane_kernel
def add_run(run, paid, number, count, active, phase, cost, scratch):
    """Add what training runs or a migration cost in the lanes that pay, where the phase is the one paid.

    Writes: `cost` (component, lane), `scratch` row RUNS.
    """
    base = number * RUN_ROWS
    for h in range(count):
        lane = paid[number, h]
        share = active[phase, lane]
        cost[TRAINING, lane] += share * run[base + RUN_TRAINING, lane]
        cost[LABOR, lane] += share * run[base + RUN_LABOR, lane]
        cost[OTHER, lane] += share * run[base + RUN_OTHER, lane]
        scratch[RUNS, lane] += share * run[base + RUN_COUNT, lane]


@lane_kernel
def use_plain(plains, owners, legs, demand, shared, costs, active, clocks, leg, at, first):
    """Add what a plain strategy costs for the share of the requests that one leg sends to it.

    Writes: `cost` (component, lane) [currency/month]; `scratch` row LEG_VOLUME.
    """
    bundle, cost, scratch = costs.bundle, costs.cost, costs.scratch
    p = legs[leg, LEG_PLAIN]
    clock = legs[leg, LEG_CLOCK]
    if clock == NONE:
        clock = clocks.last.shape[0] - 1  # the row that stays 0: no run since month 1
    bill_requests(plains, legs, demand, shared, costs, active, clocks.last, clock, leg, at, first)
    if plains[p, HAS_SERVING] == 1:
        run_replicas(plains, legs, shared, costs, active, leg, at)
    owner = plains[p, PLAIN_OWNER]
    for side in range(2):
        paid = owners[owner, USE_LABOR + side]
        if paid != NONE:
            row = LABOR if side == 0 else OTHER
            for j in range(at.n):
                cost[row, j] += scratch[LEG_VOLUME, j] * bundle[paid, j]
