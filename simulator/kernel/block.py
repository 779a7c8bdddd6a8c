"""Live a block of lifetimes: the months in order, and in each month the paragraphs of the model (MODEL.md)."""

from __future__ import annotations

from distributions.jit import kernel, lane_kernel
from distributions.streams import fill_monthly_uniforms, fill_normals
from simulator.kernel.accounting import settle_month, settle_opening, tally_month
from simulator.kernel.comparison import compare_horizon, compare_month
from simulator.kernel.demand import move_demand, move_lengths
from simulator.kernel.events import begin_events, occur
from simulator.kernel.inputs import derive_values, draw_inputs
from simulator.kernel.items import pay_items
from simulator.kernel.layout import (
    DISCOUNT,
    DISCOUNTING,
    LANES,
    NONE,
    OF_PRICE,
    OF_REQUESTS,
    STAGED,
    SUM_PRICE,
    SUM_REQUESTS,
    TOTAL_REQUESTS,
    VOLUME,
    Span,
)
from simulator.kernel.ledger import open_strategy, run_strategy
from simulator.kernel.migration import begin_migrations, migrate, watch_volume
from simulator.kernel.paths import draw_months_of_points, draw_paths
from simulator.kernel.prices import move_prices
from simulator.kernel.recording import keep_shared, keep_strategy
from simulator.kernel.row_length import of_row_length
from simulator.kernel.tallying import add_batches, stage_values
from simulator.kernel.tokens import grow_prompts
from simulator.kernel.training import begin_clocks, retrain


@kernel
def simulate_block(plan, work, counts, sums, record, key0, key1, first, n):
    """Live lifetimes first … first + n - 1, a lane array of them at a time.

    Parameters
    ----------
    plan, work, counts, record
        `KernelPlan`, `Workspace`, `Counts`, `Record`.
    sums
        (statistic, batch) sums of the block, added to.
    key0, key1
        Low and high word of the seed.
    first
        Number of the block's first lifetime.
    n
        Lifetimes of the block; for their lane arrays there is room in `counts.bins.places`.

    Notes
    -----
    What goes into histograms is staged there, for `count_staged`.
    """
    # By their own names: a tuple that is used in a loop is taken apart, word by word, each time.
    draws, points, derivation, growth = plan.draws, plan.points, plan.derivation, plan.growth
    noises, chances, demand, seasonality = plan.noises, plan.chances, plan.demand, plan.seasonality
    processes, scheduled, events, fixed_months = (
        plan.processes,
        plan.scheduled,
        plan.events,
        plan.fixed_months,
    )
    prompts, plains, items, training = plan.prompts, plan.plains, plan.items, plan.training
    compared, migrations, accounts = plan.compared, plan.migrations, plan.accounts
    work = of_row_length(work)
    uniform, normal, of_points, shared = work.uniform, work.normal, work.points, work.shared
    happening, once, clocks, stages, costs = work.happening, work.once, work.clocks, work.stages, work.costs
    lists, ahead, passed, best = work.lanes, work.ahead, work.passed, work.best
    value, month, bins, overruns = shared.value, shared.month, counts.bins, counts.overruns
    strategies, months = compared.strategies.shape[0], seasonality.shape[0]
    for offset in range(0, n, LANES):
        lanes = min(LANES, n - offset)
        bins.sizes[bins.state[STAGED]] = lanes
        at = Span(key0, key1, first + offset, lanes, 1)
        draw_inputs(draws, points, of_points.words, uniform, normal, value, at)
        if points.are_used:
            draw_paths(points, noises, of_points, at)
        derive_values(derivation, value, lanes)
        begin(growth, shared, costs.total, costs.below, passed, lanes)
        begin_events(draws, once, events, happening, lists, at)
        begin_migrations(migrations, stages, lanes)
        begin_clocks(draws, once, training, clocks, stages.active, lists, at)
        for t in range(1, months + 1):
            at = Span(key0, key1, first + offset, lanes, t)
            if at.t == 1 or at.t % 4 == 0:
                if points.are_used:
                    draw_months_of_points(points, chances, of_points, shared, at)
                else:
                    draw_months(noises, chances, shared, at)
            grow(growth, demand, shared, at)
            grow_prompts(prompts, shared, at)
            if t > 1:
                occur(draws, once, events, fixed_months, happening, shared.chance, value, lists, at)
            move_demand(draws, once, demand, seasonality, events, happening.hit, happening.hits, shared, at)
            move_lengths(demand, shared, at)
            move_prices(draws, once, processes, scheduled, shared, lists, at)
            pay_items(items, shared, happening, costs, at)
            if t > 1:
                migrate(
                    draws,
                    once,
                    plains,
                    items,
                    training,
                    clocks,
                    migrations,
                    stages,
                    happening,
                    shared,
                    lists,
                    at,
                )
                retrain(draws, once, plains, items, training, clocks, happening, stages.active, shared, at)
            tally_shared(accounts, processes.shape[0], shared, bins, sums, at)
            for s in range(strategies):
                if t == 1:
                    open_strategy(plains, items, compared, shared, costs, lists, at, s)
                run_strategy(plains, items.owners, compared, demand, shared, clocks, stages, costs, at, s)
                if t == 1:
                    settle_opening(accounts, costs, at, s)
                settle_month(accounts, month, costs, bins, at, s)
                tally_month(accounts, compared, month, costs, bins, overruns, sums, at, s)
                keep_strategy(record, costs, month, offset, at, s)
            compare_month(accounts, strategies, costs.total, month, ahead, passed, best, counts, sums, at)
            watch_volume(migrations.steps, stages.streak, value, month, lanes)
            keep_shared(record, shared, happening, offset, at)
        compare_horizon(accounts, strategies, costs.total, month, costs.scratch, ahead, counts, at)
        bins.state[STAGED] += 1


@lane_kernel
def begin(growth, shared, total, below, passed, n):
    """Set everything that has a memory to its start; events, migrations and clocks have steps of their own.

    Writes: `growth` (class, lane), `month` rows, `total`, `below`, `passed`.
    """
    for g in range(growth.shape[0]):
        for j in range(n):
            shared.growth[g, j] = 1.0
    for row in range(total.shape[0]):
        for j in range(n):
            total[row, j] = 0.0
    for row in range(below.shape[0]):
        for j in range(n):
            below[row, j] = 0.0
    passed[:] = 0
    for j in range(n):
        shared.month[DISCOUNTING, j] = 1.0
        shared.month[TOTAL_REQUESTS, j] = 0.0


@lane_kernel
def draw_months(noises, chances, shared, at):
    """Draw four months of every monthly process: one Philox call, four words.

    Writes: `noise`, `chance` (4 * process, lane), month t in row t % 4 of each.
    """
    for k in range(noises.shape[0]):
        fill_normals(at.key0, at.key1, noises[k], at.first, at.n, at.t // 4, shared.noise, 4 * k)
    for k in range(chances.shape[0]):
        fill_monthly_uniforms(at.key0, at.key1, chances[k], at.first, at.n, at.t // 4, shared.chance, 4 * k)


@lane_kernel
def grow(classes, demand, shared, at):
    """Compound every growth factor and the discount factor by one month.

    Writes: `growth` (class, lane) from month 2 on; `month` row DISCOUNTING, (1 + discount)^(-t/12).
    """
    value, growth, month = shared.value, shared.growth, shared.month
    if at.t > 1:
        for g in range(1, classes.shape[0]):
            factor = classes[g]
            for j in range(at.n):
                growth[g, j] *= value[factor, j]
    if demand[DISCOUNT] != NONE:
        factor = demand[DISCOUNT]
        for j in range(at.n):
            month[DISCOUNTING, j] /= value[factor, j]


@lane_kernel
def tally_shared(accounts, processes, shared, bins, sums, at):
    """Tally what all strategies share: requests and price levels.

    Writes: `month` row TOTAL_REQUESTS; `bins`, `sums`.
    """
    month, price = shared.month, shared.price
    months = accounts.calendar.shape[0]
    of_means = price.shape[0] - processes  # the expected levels, where there are any
    now = at.t - 1
    for j in range(at.n):
        month[TOTAL_REQUESTS, j] += month[VOLUME, j]
    add_batches(sums, accounts.sums[SUM_REQUESTS] + now, month, VOLUME, at.n)
    stage_values(bins, accounts.histograms[OF_REQUESTS] + now, month, VOLUME, at)
    for p in range(processes):
        number = p * months + now
        add_batches(sums, accounts.sums[SUM_PRICE] + number, price, of_means + p, at.n)
        stage_values(bins, accounts.histograms[OF_PRICE] + number, price, 1 + p, at)
