"""Move the level of each price process through the months (MODEL.md 4)."""

from __future__ import annotations

from distributions.elementary import exp
from distributions.jit import lane_kernel
from simulator.kernel.layout import (
    CHANGE,
    CHANGE_CHANCE,
    CHANGE_MEAN,
    CHANGE_UNIFORM,
    LISTED,
    NONE,
    PRICE_FACTOR,
    PRICE_NOISE,
    PRICE_VOLATILITY,
)
from simulator.kernel.masks import list_lanes
from simulator.kernel.occurrence import draw_occurrences


@lane_kernel
def move_prices(draws, once, processes, scheduled, shared, lanes, at):
    """Take every price level to month t: drift, volatility, changes at random and on schedule.

    Writes: `price` (1 + process, lane) [1]; row 0 stays 1 for prices that follow no process. Where there are more rows,
    (process, lane), they hold the levels that are expected, given all but the changes at random.
    """
    price, value, noise, chance = shared.price, shared.value, shared.noise, shared.chance
    n, t = at.n, at.t
    count = processes.shape[0]
    if t == 1:
        for row in range(1, price.shape[0]):
            for j in range(n):
                price[row, j] = 1.0
        return
    for p in range(count):
        row = p + 1
        factor = processes[p, PRICE_FACTOR]
        planned = scheduled[p, t - 1]
        for level in range(row, price.shape[0], count):
            if processes[p, PRICE_NOISE] != NONE:
                volatility = processes[p, PRICE_VOLATILITY]
                eps = 4 * processes[p, PRICE_NOISE] + t % 4
                for j in range(n):
                    price[level, j] *= value[factor, j] * exp(value[volatility, j] * noise[eps, j]) * planned
            else:
                for j in range(n):
                    price[level, j] *= value[factor, j] * planned
        if processes[p, CHANGE_UNIFORM] != NONE:
            uniform = 4 * processes[p, CHANGE_UNIFORM] + t % 4
            probability = processes[p, CHANGE_CHANCE]
            change = processes[p, CHANGE]
            for j in range(n):
                once.mark[j] = chance[uniform, j] < value[probability, j]
            changed = list_lanes(once.mark, n, lanes, LISTED)
            for h in range(changed):
                once.slot[0, h] = t
            draw_occurrences(draws, once, at, change, lanes, LISTED, changed)
            for h in range(changed):
                price[row, lanes[LISTED, h]] *= once.value[0, h]
        mean = processes[p, CHANGE_MEAN]
        if mean != NONE:
            for j in range(n):
                price[row + count, j] *= value[mean, j]
