"""Draw the monthly requests of a lifetime."""

from __future__ import annotations

import numpy as np


def requests(world) -> np.ndarray:
    """Return (month, lifetime) V_t [req/month].

    Notes
    -----
    x_1 = ln(requests); x_t = x_(t-1) + g_t + volatility eps_t + ln(demand factors of the events in t),
    g_t = ln(1 + growth)/12, times 1 - exp(x_(t-1))/ceiling in the logistic curve;
    V_t = seasonality_t min(exp x_t, ceiling), without the cap in the logistic curve.
    """
    demand = world.plan.demand
    monthly_growth = np.log1p(world.once(demand.growth)) / 12.0
    volatility = world.once(demand.volatility)
    shocks = np.zeros((world.horizon, 1))
    if demand.volatility is not None:
        shocks = world.draws.monthly_normals("demand:volatility")
    ceiling = world.once(demand.ceiling, np.inf)
    logistic = demand.curve == "logistic"
    seasonality = demand.seasonality or (1.0,) * 12
    months = world.plan.calendar.calendar_months
    jumps = event_factors(world)

    volume = np.empty((world.horizon, world.size))
    x = np.log(world.once(demand.requests))
    for t in range(1, world.horizon + 1):
        if t > 1:
            room = 1.0 - np.exp(x) / ceiling if logistic else 1.0
            x = x + monthly_growth * room + volatility * shocks[t - 1]
            for factor in jumps:
                x = x + factor[t - 1]
        level = np.exp(x) if logistic else np.minimum(np.exp(x), ceiling)
        volume[t - 1] = seasonality[months[t - 1]] * level
    return volume


def event_factors(world) -> list[np.ndarray]:
    """Return, for each event with a demand factor, (month, lifetime) its logarithm, 0 where it is absent."""
    factors = []
    for name, event in world.plan.events.items():
        if event.demand is None:
            continue
        happens = world.happens[f"events.{name}"]
        month, lifetime = np.nonzero(happens)
        logs = np.zeros(happens.shape)
        logs[month, lifetime] = np.log(world.draws.occurrence(event.demand, lifetime, month + 1))
        factors.append(logs)
    return factors
