"""Move demand and the lengths of requests through the months (MODEL.md 2 and 3)."""

from __future__ import annotations

from distributions.elementary import exp, log
from distributions.jit import lane_kernel
from simulator.kernel.layout import (
    CEILING,
    EVENT_DEMAND,
    INPUT_FACTOR,
    INPUT_GROWTH,
    INPUT_NOISE,
    INPUT_VARIATION,
    LOG_DEMAND,
    LOG_GROWTH,
    LOG_REQUESTS,
    LOGISTIC,
    NONE,
    OUTPUT_FACTOR,
    OUTPUT_GROWTH,
    OUTPUT_NOISE,
    OUTPUT_VARIATION,
    UNCAPPED,
    VOLATILITY,
    VOLATILITY_NOISE,
    VOLUME,
)
from simulator.kernel.occurrence import draw_occurrences


@lane_kernel
def move_demand(draws, once, demand, seasonality, events, hit, hits, shared, at):
    """Take demand to month t: growth, volatility, jumps, then season and ceiling.

    Writes: `month` rows LOG_DEMAND, UNCAPPED, VOLUME [req/month].
    """
    month, value, noise = shared.month, shared.value, shared.noise
    n, t = at.n, at.t
    if t == 1:
        start = demand[LOG_REQUESTS]
        for j in range(n):
            month[LOG_DEMAND, j] = value[start, j]
    else:
        growth = demand[LOG_GROWTH]
        ceiling = demand[CEILING]
        if demand[LOGISTIC] == 1:
            for j in range(n):
                room = 1.0 - month[UNCAPPED, j] / value[ceiling, j]
                month[LOG_DEMAND, j] += value[growth, j] * room
        else:
            for j in range(n):
                month[LOG_DEMAND, j] += value[growth, j]
        if demand[VOLATILITY_NOISE] != NONE:
            volatility = demand[VOLATILITY]
            row = 4 * demand[VOLATILITY_NOISE] + t % 4
            for j in range(n):
                month[LOG_DEMAND, j] += value[volatility, j] * noise[row, j]
        for e in range(events.shape[0]):
            factor = events[e, EVENT_DEMAND]
            if factor != NONE:
                for h in range(hits[e]):
                    once.slot[0, h] = t
                draw_occurrences(draws, once, at, factor, hit, e, hits[e])
                for h in range(hits[e]):
                    month[LOG_DEMAND, hit[e, h]] += log(once.value[0, h])
    season = seasonality[t - 1]
    for j in range(n):
        month[UNCAPPED, j] = exp(month[LOG_DEMAND, j])
    if demand[CEILING] != NONE and demand[LOGISTIC] == 0:
        ceiling = demand[CEILING]
        for j in range(n):
            month[VOLUME, j] = season * min(month[UNCAPPED, j], value[ceiling, j])
    else:
        for j in range(n):
            month[VOLUME, j] = season * month[UNCAPPED, j]


@lane_kernel
def move_lengths(demand, shared, at):
    """Take the input and output length of a request to month t, as factors on their month-1 means.

    Writes: `month` rows INPUT_FACTOR, OUTPUT_FACTOR [1].
    """
    month, value, growth, noise = shared.month, shared.value, shared.growth, shared.noise
    n, t = at.n, at.t
    for side in range(2):
        out = OUTPUT_FACTOR if side else INPUT_FACTOR
        growing = demand[OUTPUT_GROWTH] if side else demand[INPUT_GROWTH]
        variation = demand[OUTPUT_VARIATION] if side else demand[INPUT_VARIATION]
        noisy = demand[OUTPUT_NOISE] if side else demand[INPUT_NOISE]
        if noisy != NONE:
            row = 4 * noisy + t % 4
            for j in range(n):
                s = value[variation, j]
                month[out, j] = growth[growing, j] * exp(s * noise[row, j] - 0.5 * s * s)
        else:
            for j in range(n):
                month[out, j] = growth[growing, j]
