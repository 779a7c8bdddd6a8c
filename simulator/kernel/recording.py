"""Keep single lifetimes: samples of a run, and the whole ledger of a replay."""

from __future__ import annotations

from distributions.jit import lane_kernel
from simulator.kernel.layout import CASH, CUMULATIVE, PRESENT, RUNS, TOTAL_ROWS, VOLUME


@lane_kernel
def keep_strategy(record, costs, month, offset, at, s):
    """Keep a month of strategy s.

    Writes: `record` arrays (lifetime, strategy, …) whose first dimension is not empty.
    """
    base = s * TOTAL_ROWS
    now = at.t - 1
    if record.monthly.shape[0] > 0:
        for j in range(at.n):
            record.monthly[offset + j, s, now] = month[CASH, j]
            record.present[offset + j, s] = costs.total[base + PRESENT, j]
    if record.cost.shape[0] > 0:
        for j in range(at.n):
            record.totals[offset + j, s, now, 0] = month[CASH, j]
            record.totals[offset + j, s, now, 1] = costs.total[base + CUMULATIVE, j]
            record.totals[offset + j, s, now, 2] = costs.total[base + PRESENT, j]
            record.runs[offset + j, s, now] = costs.scratch[RUNS, j]
            for c in range(costs.cost.shape[0]):
                record.cost[offset + j, s, c, now] = costs.cost[c, j]
                if now == 0:
                    record.opening[offset + j, s, c] = costs.opening[c, j]


@lane_kernel
def keep_shared(record, shared, happening, offset, at):
    """Keep a month of what all strategies share.

    Writes: `record` arrays (lifetime, …) whose first dimension is not empty.
    """
    now = at.t - 1
    if now == 0:
        for i in range(record.inputs.shape[1]):
            for j in range(min(at.n, record.inputs.shape[0])):
                record.inputs[offset + j, i] = shared.value[i, j]
    if record.requests.shape[0] > 0:
        for j in range(at.n):
            record.requests[offset + j, now] = shared.month[VOLUME, j]
        for p in range(record.price.shape[1]):
            for j in range(at.n):
                record.price[offset + j, p, now] = shared.price[p + 1, j]
        if now > 0:
            for e in range(record.event.shape[1]):
                for h in range(happening.hits[e]):
                    record.event[offset + happening.hit[e, h], e, now] = 1
