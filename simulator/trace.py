"""Replay one lifetime: the kernel's own numbers, month by month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from simulator.kernel import layout as k
from simulator.lowering import Lowered, lower
from simulator.plan.schema import Plan
from simulator.worker import Worker
from simulator.workspace import make_record

MOST_LIFETIMES = 10**12


@dataclass(frozen=True)
class Ledger:
    """One lifetime as the kernel lived it; money in the plan's currency.

    Parameters
    ----------
    lifetime, seed
        Which one.
    inputs
        Dotted name -> (value, unit).
    months
        (month,) first days.
    requests
        (month,) [req/month].
    processes, price_level
        Names; (process, month) [1].
    events
        Dotted name -> (month,) whether it happens.
    strategies, components
        Names.
    cost
        (strategy, component, month) cash of the month.
    upfront
        (strategy, component) the part of month 1 that is paid upfront, so not discounted.
    monthly, cumulative, present
        (strategy, month) cash of the month; sums by the end of the month without and with discount.
    training_runs
        (strategy, month).
    """

    lifetime: int
    seed: int
    inputs: dict[str, tuple[float, str]]
    months: tuple[date, ...]
    requests: np.ndarray
    processes: tuple[str, ...]
    price_level: np.ndarray
    events: dict[str, np.ndarray]
    strategies: tuple[str, ...]
    components: tuple[str, ...]
    cost: np.ndarray
    upfront: np.ndarray
    monthly: np.ndarray
    cumulative: np.ndarray
    present: np.ndarray
    training_runs: np.ndarray


def replay(plan: Plan, lifetime: int, seed: int | None = None) -> Ledger:
    """Live one lifetime again and keep its whole ledger.

    Parameters
    ----------
    plan
        As `load_plan` gives it.
    lifetime
        Its number, from 0 on; it need not have been part of a run.
    seed
        The plan's own by default.

    Raises
    ------
    ValueError
        If the lifetime lies outside [0, 10^12).

    Notes
    -----
    A lifetime is a pure function of plan, seed and number, and lanes do not touch one another: living it alone gives
    the very bits that a run of millions gave it.
    """
    if not 0 <= lifetime < MOST_LIFETIMES:
        raise ValueError(f"lifetime must lie in [0, {MOST_LIFETIMES}), got {lifetime}")
    seed = plan.run.seed if seed is None else seed
    from simulator.plan.schema import COMPONENTS

    lowered = lower(plan)
    kept = record_lifetimes(lowered, lifetime, 1, seed)
    values = kept.inputs[0]
    return Ledger(
        lifetime=lifetime,
        seed=seed,
        inputs={info.name: (float(x), info.unit) for info, x in zip(lowered.inputs, values, strict=True)},
        months=plan.calendar.dates,
        requests=kept.requests[0],
        processes=lowered.processes,
        price_level=kept.price[0],
        events={name: kept.event[0, e] == 1 for e, name in enumerate(lowered.events)},
        strategies=lowered.strategies,
        components=COMPONENTS,
        cost=kept.cost[0],
        upfront=kept.opening[0],
        monthly=kept.totals[0, :, :, 0],
        cumulative=kept.totals[0, :, :, 1],
        present=kept.totals[0, :, :, 2],
        training_runs=kept.runs[0],
    )


def record_lifetimes(lowered: Lowered, first: int, count: int, seed: int) -> k.Record:
    """Keep the whole ledgers of lifetimes first … first + count - 1.

    Raises
    ------
    ValueError
        If they are more than a block.
    """
    if count > k.BLOCK:
        raise ValueError(f"{count} ledgers are more than the {k.BLOCK} of a block: take them in turns")
    record = make_record(lowered, ledgers=count)
    Worker(lowered, seed).run(first, count, record)
    return record
