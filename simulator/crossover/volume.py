"""Scale the volume of a lowered plan."""

from __future__ import annotations

from dataclasses import replace

from simulator.lowering import Lowered


def scale_volume(lowered: Lowered, factor: float) -> Lowered:
    """Multiply the requests of every month, the ceiling of demand with them; nothing else moves.

    Parameters
    ----------
    lowered
        A plan as it was lowered.
    factor
        0 or more [1].

    Notes
    -----
    V_t = factor x season x min(exp x_t, ceiling): the draws, and so the lifetimes, are those of the plan. Bounds of
    migrations (`requests_above`) stay where the plan puts them.
    """
    return replace(lowered, plan=lowered.plan._replace(seasonality=factor * lowered.plan.seasonality))
