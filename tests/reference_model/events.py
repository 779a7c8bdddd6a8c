"""Say in which months events happen and models are retired."""

from __future__ import annotations

import numpy as np

TOLERANCE = 1e-12


def whole(x):
    """Return ceil(x) of the model: what exceeds a whole number by rounding alone does not count."""
    return np.ceil(x * (1.0 - TOLERANCE))


def occurrences(plan, draws) -> dict[str, np.ndarray]:
    """Return (month, lifetime) bool, by "events.NAME" and "models.NAME.retired"."""
    happens = {f"events.{name}": _event(name, event, draws) for name, event in plan.events.items()}
    for name, model in plan.models.items():
        happens[f"models.{name}.retired"] = _retirement(plan, model, draws)
    return happens


def _event(name: str, event, draws) -> np.ndarray:
    if event.rate is not None:
        probability = -np.expm1(-draws.once(event.rate) / 12.0)
        happens = np.array(draws.monthly_happens(f"events.{name}:rate", probability))
        happens[0] = False
        return happens
    if event.every is not None:
        return _renewal(event.every, draws, 0)
    return _in_months(event.at, draws)


def _retirement(plan, model, draws) -> np.ndarray:
    if model.retired_on is None:
        return (
            _in_months((), draws) if model.retired_after is None else _renewal(model.retired_after, draws, 0)
        )
    start = plan.start
    first = (model.retired_on.year - start.year) * 12 + model.retired_on.month - start.month + 1
    if first <= 1:
        return _in_months((), draws)
    happens = _in_months((first,), draws)
    if model.retired_after is not None:
        happens |= _renewal(model.retired_after, draws, first - 1)
    return happens


def _in_months(months, draws) -> np.ndarray:
    happens = np.zeros((draws.horizon, draws.size), dtype=bool)
    for month in months:
        if month <= draws.horizon:
            happens[month - 1] = True
    return happens


def _renewal(interval, draws, origin: int) -> np.ndarray:
    """Happen in the first month t with t - 1 >= origin + S_k, for each k = 1, 2, …"""
    happens = np.zeros((draws.horizon, draws.size), dtype=bool)
    elapsed = np.full(draws.size, float(origin))
    rows = np.arange(draws.size)
    k = 0
    while len(rows):
        elapsed[rows] += draws.intervals(interval, rows, np.full(len(rows), k))
        month = whole(elapsed[rows]) + 1
        rows, month = rows[month <= draws.horizon], month[month <= draws.horizon].astype(int)
        happens[month - 1, rows] = True
        k += 1
    return happens
