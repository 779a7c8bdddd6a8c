"""Settle the month of one strategy: cash, cumulative and present cost, periods, budgets (MODEL.md 13)."""

from __future__ import annotations

from distributions.jit import float_bits, lane_kernel
from simulator.kernel.expectation import tally_expected
from simulator.kernel.layout import (
    CASH,
    COMPARED,
    COVERED,
    CUMULATIVE,
    DISCOUNTING,
    FISCAL_YEAR,
    FISCAL_YEAR_ENDS,
    NOT_FINITE,
    NOTHING,
    OF_BUDGET,
    OF_CUMULATIVE,
    OF_MONTHLY,
    OF_PER_KREQ,
    OF_PRESENT,
    OF_QUARTER,
    OF_YEAR,
    PRESENT,
    QUARTER,
    QUARTER_COST,
    QUARTER_ENDS,
    RUNNING,
    RUNS,
    STAGED,
    STARTING,
    SUM_BREAKDOWN,
    SUM_COMPARED,
    SUM_OVERRUN,
    SUM_PER_KREQ,
    SUM_PRESENT,
    SUM_RUNS,
    TOTAL_REQUESTS,
    TOTAL_ROWS,
    YEAR_COST,
    YEAR_COVERED,
)
from simulator.kernel.tallying import LARGEST, add_batches, finish_staging, first_place, stage_values


@lane_kernel
def total_components(cost, chosen, out, row, n):
    """Add up the components that are chosen (1.0) and leave out the others (0.0).

    Writes: `out` (row, lane).
    """
    c0, c1, c2, c3 = chosen[0], chosen[1], chosen[2], chosen[3]
    c4, c5, c6, c7 = chosen[4], chosen[5], chosen[6], chosen[7]
    for j in range(n):
        tokens = cost[0, j] * c0 + cost[1, j] * c1
        model = cost[2, j] * c2 + cost[3, j] * c3
        quality = cost[5, j] * c5 + cost[6, j] * c6
        out[row, j] = (tokens + model) + (cost[4, j] * c4 + cost[7, j] * c7) + quality


@lane_kernel
def settle_opening(accounts, costs, at, s):
    """Settle what is paid upfront in month 1, which no one discounts.

    Writes: `total` (strategy * TOTAL_ROWS, lane), `scratch` row STARTING [currency].
    """
    opening, scratch, total = costs.opening, costs.scratch, costs.total
    base = s * TOTAL_ROWS
    total_components(opening, accounts.covered, scratch, STARTING, at.n)
    for j in range(at.n):
        total[base + YEAR_COVERED, j] += scratch[STARTING, j]
        total[base + COVERED, j] += scratch[STARTING, j]
    total_components(opening, accounts.compared, scratch, STARTING, at.n)
    for j in range(at.n):
        total[base + COMPARED, j] += scratch[STARTING, j]
    total_components(opening, accounts.every, scratch, STARTING, at.n)
    for row in range(base + CUMULATIVE, base + YEAR_COST + 1):
        if row != base + COMPARED:
            for j in range(at.n):
                total[row, j] += scratch[STARTING, j]


@lane_kernel
def settle_month(accounts, month, costs, bins, at, s):
    """Settle a month of strategy s: cash, cumulative and present cost and their histograms, periods, budgets.

    Writes: `total` (strategy * TOTAL_ROWS, lane), `month` row CASH [currency]; `bins`.
    """
    cost, scratch, total, places = costs.cost, costs.scratch, costs.total, bins.places
    base = s * TOTAL_ROWS
    starting = STARTING if at.t == 1 else NOTHING
    chosen = accounts.covered
    c0, c1, c2, c3 = chosen[0], chosen[1], chosen[2], chosen[3]
    c4, c5, c6, c7 = chosen[4], chosen[5], chosen[6], chosen[7]
    histograms = accounts.histograms
    now = (at.t - 1) * (total.shape[0] // TOTAL_ROWS) + s
    of_cash, of_cumulative, of_present = (
        histograms[OF_MONTHLY] + now,
        histograms[OF_CUMULATIVE] + now,
        histograms[OF_PRESENT] + now,
    )
    part = bins.state[STAGED]
    start_cash, start_cumulative, start_present = (
        first_place(bins, of_cash),
        first_place(bins, of_cumulative),
        first_place(bins, of_present),
    )
    least_cash, least_cumulative, least_present = LARGEST, LARGEST, LARGEST
    most_cash, most_cumulative, most_present = -LARGEST - 1, -LARGEST - 1, -LARGEST - 1
    # One loop, so that each component is read once and each total as well.
    for j in range(at.n):
        tokens = (cost[0, j] + cost[1, j]) + (cost[2, j] + cost[3, j])
        running = tokens + (cost[4, j] + cost[7, j]) + (cost[5, j] + cost[6, j])
        covered = (cost[0, j] * c0 + cost[1, j] * c1) + (cost[2, j] * c2 + cost[3, j] * c3)
        covered += (cost[4, j] * c4 + cost[7, j] * c7) + (cost[5, j] * c5 + cost[6, j] * c6)
        cash = running + scratch[starting, j]
        cumulative = total[base + CUMULATIVE, j] + running
        present = total[base + PRESENT, j] + running * month[DISCOUNTING, j]
        month[CASH, j] = cash
        total[base + CUMULATIVE, j] = cumulative
        total[base + PRESENT, j] = present
        total[base + QUARTER_COST, j] += running
        total[base + YEAR_COST, j] += running
        total[base + YEAR_COVERED, j] += covered
        total[base + COVERED, j] += covered
        bits = float_bits(cash)
        least_cash = min(least_cash, bits)
        most_cash = max(most_cash, bits)
        places[part, of_cash, j] = (bits >> 42) - start_cash
        bits = float_bits(cumulative)
        least_cumulative = min(least_cumulative, bits)
        most_cumulative = max(most_cumulative, bits)
        places[part, of_cumulative, j] = (bits >> 42) - start_cumulative
        bits = float_bits(present)
        least_present = min(least_present, bits)
        most_present = max(most_present, bits)
        places[part, of_present, j] = (bits >> 42) - start_present
    finish_staging(bins, of_cash, month, CASH, at, least_cash, most_cash)
    finish_staging(bins, of_cumulative, total, base + CUMULATIVE, at, least_cumulative, most_cumulative)
    finish_staging(bins, of_present, total, base + PRESENT, at, least_present, most_present)
    if not accounts.compares_all:
        total_components(cost, accounts.compared, scratch, RUNNING, at.n)
        for j in range(at.n):
            total[base + COMPARED, j] += scratch[RUNNING, j] * month[DISCOUNTING, j]
    if at.t == 1:
        for c in range(cost.shape[0]):
            for j in range(at.n):
                cost[c, j] += costs.opening[c, j]


@lane_kernel
def tally_month(accounts, compared, month, costs, bins, overruns, sums, at, s):
    """Tally a month of strategy s; at the end of a quarter, a fiscal year and the horizon, these too.

    Writes: `bins`, `overruns`, `sums`; sets the totals of a period that ends back to zero.
    """
    total, scratch, cost = costs.total, costs.scratch, costs.cost
    histograms, calendar = accounts.histograms, accounts.calendar
    months = calendar.shape[0]
    base = s * TOTAL_ROWS
    n, t = at.n, at.t
    now = (t - 1) * compared.strategies.shape[0] + s
    for c in range(cost.shape[0]):
        if compared.components[s, c] == 1:
            add_batches(sums, accounts.sums[SUM_BREAKDOWN] + now * cost.shape[0] + c, cost, c, n)
    for column in range(PRESENT, COMPARED + 1):
        first = accounts.sums[SUM_PRESENT if column == PRESENT else SUM_COMPARED]
        if column == PRESENT or not accounts.compares_all:
            add_batches(sums, first + now, total, base + column, n)
    if compared.trains[s] == 1:
        add_batches(sums, accounts.sums[SUM_RUNS] + now, scratch, RUNS, n)
    for column in range(QUARTER_COST, YEAR_COST + 1):
        is_quarter = column == QUARTER_COST
        if calendar[t - 1, QUARTER_ENDS if is_quarter else FISCAL_YEAR_ENDS] == 1:
            label = QUARTER if is_quarter else FISCAL_YEAR
            number = s * (calendar[months - 1, label] + 1) + calendar[t - 1, label]
            first = histograms[OF_QUARTER if is_quarter else OF_YEAR]
            stage_values(bins, first + number, total, base + column, at)
            for j in range(n):
                total[base + column, j] = 0.0
    if calendar[t - 1, FISCAL_YEAR_ENDS] == 1:
        year = calendar[t - 1, FISCAL_YEAR]
        tally_budget(accounts, bins, overruns, sums, total, base + YEAR_COVERED, scratch, s, year, at)
        for j in range(n):
            total[base + YEAR_COVERED, j] = 0.0
    if t == months:
        horizon = accounts.budgets.shape[0] - 1
        tally_budget(accounts, bins, overruns, sums, total, base + COVERED, scratch, s, horizon, at)
        for j in range(n):
            if total[base + CUMULATIVE, j] - total[base + CUMULATIVE, j] != 0.0:
                bins.state[NOT_FINITE] += 1
            scratch[RUNNING, j] = total[base + CUMULATIVE, j] * 1000.0 / month[TOTAL_REQUESTS, j]
        add_batches(sums, accounts.sums[SUM_PER_KREQ] + s, scratch, RUNNING, n)
        stage_values(bins, histograms[OF_PER_KREQ] + s, scratch, RUNNING, at)
    if compared.expects:
        tally_expected(accounts, compared, month, costs, sums, at, s)


@lane_kernel
def tally_budget(accounts, bins, overruns, sums, total, row, scratch, s, period, at):
    """Hold the covered cost of a budget period against its budget, if there is one.

    Writes: `bins` histogram OF_BUDGET, `overruns` (strategy, budget period); `sums` SUM_OVERRUN [currency].
    """
    number = s * accounts.budgets.shape[0] + period
    stage_values(bins, accounts.histograms[OF_BUDGET] + number, total, row, at)
    budget = accounts.budgets[period]
    if budget == budget:  # not NaN: there is one
        over = 0
        for j in range(at.n):
            scratch[RUNNING, j] = max(total[row, j] - budget, 0.0)
            over += total[row, j] > budget
        overruns[s, period] += over
        add_batches(sums, accounts.sums[SUM_OVERRUN] + number, scratch, RUNNING, at.n)
