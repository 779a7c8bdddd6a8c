"""Draw the level of every price process."""

from __future__ import annotations

import numpy as np


def price_levels(world) -> dict[str, np.ndarray]:
    """Return (month, lifetime) D_t [1] of each process.

    Notes
    -----
    D_1 = 1; D_t = D_(t-1) (1 + drift)^(1/12) exp(v eps_t) c_t; c_t is the drawn change with probability
    1 - exp(-change_rate/12), else 1, times the scheduled changes of t.
    """
    return {name: _level(world, name, process) for name, process in world.plan.prices.items()}


def _level(world, name: str, process) -> np.ndarray:
    draws = world.draws
    drift = (1.0 + world.once(process.drift)) ** (1.0 / 12.0)
    volatility = world.once(process.volatility)
    shocks = np.zeros((world.horizon, 1))
    if process.volatility is not None:
        shocks = draws.monthly_normals(f"prices.{name}:volatility")
    changed = None
    if process.change_rate is not None and process.change is not None:
        probability = -np.expm1(-world.once(process.change_rate) / 12.0)
        changed = draws.monthly_happens(f"prices.{name}:change_rate", probability)
    level = np.ones((world.horizon, world.size))
    for t in range(2, world.horizon + 1):
        step = drift * np.exp(volatility * shocks[t - 1])
        for change in process.scheduled:
            if change.at == t:
                step = step * change.change
        level[t - 1] = level[t - 2] * step
        if changed is not None:
            rows = np.flatnonzero(changed[t - 1])
            level[t - 1, rows] *= draws.occurrence(process.change, rows, np.full(len(rows), t))
    return level
