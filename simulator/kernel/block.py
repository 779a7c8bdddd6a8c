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
    draws, points, items, training = plan.draws, plan.points, plan.items, plan.training
    migrations = plan.migrations
    work = of_row_length(work)
    shared, happening, clocks, stages, costs = (
        work.shared,
        work.happening,
        work.clocks,
        work.stages,
        work.costs,
    )
    once, month, bins = work.once, shared.month, counts.bins
    strategies = plan.compared.strategies.shape[0]
    months = plan.seasonality.shape[0]
    for offset in range(0, n, LANES):
        lanes = min(LANES, n - offset)
        bins.sizes[bins.state[STAGED]] = lanes
        at = Span(key0, key1, first + offset, lanes, 1)
        draw_inputs(draws, points, work.points.words, work.uniform, work.normal, shared.value, at)
        if points.are_used:
            draw_paths(points, plan.noises, work.points, at)
        derive_values(plan.derivation, shared.value, lanes)
        begin(plan.growth, shared, costs.total, work.passed, lanes)
        begin_events(draws, once, plan.events, happening, work.lanes, at)
        begin_migrations(migrations, stages, lanes)
        begin_clocks(draws, once, training, clocks, stages.active, work.lanes, at)
        for t in range(1, months + 1):
            at = Span(key0, key1, first + offset, lanes, t)
            if at.t == 1 or at.t % 4 == 0:
                if points.are_used:
                    draw_months_of_points(points, plan.chances, work.points, shared, at)
                else:
                    draw_months(plan.noises, plan.chances, shared, at)
            grow(plan.growth, plan.demand, shared, at)
            grow_prompts(plan.prompts, shared, at)
            if t > 1:
                occur(
                    draws,
                    once,
                    plan.events,
                    plan.fixed_months,
                    happening,
                    shared.chance,
                    shared.value,
                    work.lanes,
                    at,
                )
            move_demand(
                draws,
                once,
                plan.demand,
                plan.seasonality,
                plan.events,
                happening.hit,
                happening.hits,
                shared,
                at,
            )
            move_lengths(plan.demand, shared, at)
            move_prices(draws, once, plan.processes, plan.scheduled, shared, work.lanes, at)
            pay_items(items, shared, happening, costs, at)
            if t > 1:
                migrate(
                    draws,
                    once,
                    plan.plains,
                    items,
                    training,
                    clocks,
                    migrations,
                    stages,
                    happening,
                    shared,
                    work.lanes,
                    at,
                )
                retrain(
                    draws,
                    once,
                    plan.plains,
                    items,
                    training,
                    clocks,
                    happening,
                    stages.active,
                    shared,
                    at,
                )
            tally_shared(plan.accounts, shared, bins, sums, at)
            for s in range(strategies):
                if t == 1:
                    open_strategy(plan.plains, items, plan.compared, shared, costs, work.lanes, at, s)
                run_strategy(
                    plan.plains,
                    items.owners,
                    plan.compared,
                    plan.demand,
                    shared,
                    clocks,
                    stages,
                    costs,
                    at,
                    s,
                )
                if t == 1:
                    settle_opening(plan.accounts, costs, at, s)
                settle_month(plan.accounts, month, costs, bins, at, s)
                tally_month(plan.accounts, plan.compared, month, costs, bins, counts.overruns, sums, at, s)
                keep_strategy(record, costs, month, offset, at, s)
            compare_month(
                plan.accounts,
                strategies,
                costs.total,
                month,
                work.ahead,
                work.passed,
                work.best,
                counts,
                sums,
                at,
            )
            watch_volume(migrations.steps, stages.streak, shared.value, month, lanes)
            keep_shared(record, shared, happening, offset, at)
        compare_horizon(plan.accounts, strategies, costs.total, month, costs.scratch, work.ahead, counts, at)
        bins.state[STAGED] += 1


@lane_kernel
def begin(growth, shared, total, passed, n):
    """Set everything that has a memory to its start; events, migrations and clocks have steps of their own.

    Writes: `growth` (class, lane), `month` rows, `total`, `passed`.
    """
    for g in range(growth.shape[0]):
        for j in range(n):
            shared.growth[g, j] = 1.0
    for row in range(total.shape[0]):
        for j in range(n):
            total[row, j] = 0.0
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
def tally_shared(accounts, shared, bins, sums, at):
    """Tally what all strategies share: requests and price levels.

    Writes: `month` row TOTAL_REQUESTS; `bins`, `sums`.
    """
    month, price = shared.month, shared.price
    months = accounts.calendar.shape[0]
    now = at.t - 1
    for j in range(at.n):
        month[TOTAL_REQUESTS, j] += month[VOLUME, j]
    add_batches(sums, accounts.sums[SUM_REQUESTS] + now, month, VOLUME, at.n)
    stage_values(bins, accounts.histograms[OF_REQUESTS] + now, month, VOLUME, at)
    for p in range(1, price.shape[0]):
        number = (p - 1) * months + now
        add_batches(sums, accounts.sums[SUM_PRICE] + number, price, p, at.n)
        stage_values(bins, accounts.histograms[OF_PRICE] + number, price, p, at)
