"""Find, lifetime by lifetime, the point from which a strategy stays no dearer than its rival."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.kernel import layout as k
from simulator.kernel.comparison import TIE
from simulator.lowering import Lowered, variate
from simulator.plan.forms import Quantity, SameAs
from simulator.plan.schema import Plan
from simulator.trace import record_lifetimes

BATCH = 512
"""Lifetimes whose whole ledgers are held at a time: a few MB."""


class Costs(NamedTuple):
    """What lifetimes cost on the components of `compare_on`."""

    upfront: np.ndarray  # (lifetime, strategy) [currency]
    present: np.ndarray  # (lifetime, strategy, month) [currency] present cost by the end of the month
    requests: np.ndarray  # (lifetime, month) [req]


class Crossings(NamedTuple):
    """Where lifetimes cross; NaN where they do not within the horizon."""

    calls: np.ndarray  # (lifetime, strategy) [req] served until then
    months: np.ndarray  # (lifetime, strategy) [month] since the start


def find_crossings(plan: Plan, lowered: Lowered, *, lifetimes: int, seed: int, against: int) -> Crossings:
    """Live lifetimes 0 … lifetimes - 1 and find where each strategy crosses the rival.

    Parameters
    ----------
    plan, lowered
        The plan, and what it was lowered to.
    lifetimes
        How many, 1 or more.
    seed
        In [0, 2^64).
    against
        Position of the rival among the strategies that are compared.
    """
    found = []
    for first in range(0, lifetimes, BATCH):
        record = record_lifetimes(lowered, first, min(BATCH, lifetimes - first), seed)
        found.append(cross(compared_costs(plan, lowered, record), against))
    return Crossings(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def compared_costs(plan: Plan, lowered: Lowered, record: k.Record) -> Costs:
    """Take from whole ledgers what the comparison looks at.

    Notes
    -----
    Where every component is compared these are the kernel's own sums, to the bit.
    """
    accounts = lowered.plan.accounts
    upfront = (record.opening * accounts.compared).sum(axis=-1)
    if accounts.compares_all:
        return Costs(upfront, record.totals[..., 2], record.requests)
    running = (record.cost * accounts.compared[:, np.newaxis]).sum(axis=2)
    running[..., 0] -= upfront
    months = np.arange(1, plan.horizon + 1)
    rate = _drawn(plan.finance.discount, lowered, record.inputs)
    discounting = (1.0 + rate)[:, np.newaxis] ** (-months / 12)
    present = upfront[..., np.newaxis] + np.cumsum(running * discounting[:, np.newaxis, :], axis=-1)
    return Costs(upfront, present, record.requests)


def cross(costs: Costs, against: int) -> Crossings:
    """Find the sustained crossing of every strategy with a rival, linearly within its month.

    Parameters
    ----------
    costs
        Of some lifetimes.
    against
        Position of the rival.

    Notes
    -----
    With D(0) the difference of the upfront costs (strategy less rival) and D(t) that of the present costs by month t,
    the crossing lies in the month after the last t with D(t) > 0, at the share D(t) / (D(t) - D(t+1)) of that month;
    at 0 where there is no such t, nowhere where it is the horizon. A difference of less than 1e-9 of the larger cost
    is a tie, and a tie is not dearer (MODEL.md, Comparison).
    """
    opening = costs.upfront[..., np.newaxis]
    cost = np.concatenate([opening, costs.present], axis=-1)
    rival = cost[:, against : against + 1, :]
    gap = cost - rival
    dearer = gap > TIE * np.maximum(np.abs(cost), np.abs(rival))
    horizon = costs.present.shape[-1]
    # number of points of time up to and with the last one at which the strategy is dearer
    last = np.where(dearer.any(axis=-1), horizon + 1 - np.argmax(dearer[..., ::-1], axis=-1), 0)
    crosses = (last > 0) & (last <= horizon)
    before = np.where(crosses, last - 1, 0)[..., np.newaxis]
    from_, to = (np.take_along_axis(gap, at, axis=-1)[..., 0] for at in (before, before + 1))
    before = before[..., 0]
    fall = from_ - to
    share = np.clip(np.divide(from_, fall, out=np.ones_like(fall), where=fall > 0), 0.0, 1.0)
    served = np.concatenate([np.zeros((len(costs.requests), 1)), np.cumsum(costs.requests, axis=-1)], axis=-1)
    lifetime = np.arange(len(served))[:, np.newaxis]
    calls = served[lifetime, before] + share * costs.requests[lifetime, before]
    outside = np.where(last == 0, 0.0, np.nan)
    return Crossings(np.where(crosses, calls, outside), np.where(crosses, before + share, outside))


def _drawn(quantity: Quantity | None, lowered: Lowered, inputs: np.ndarray) -> np.ndarray:
    """Give a rate of each lifetime (lifetime) [1/year] from the inputs (lifetime, input) that were recorded."""
    if quantity is None:
        return np.zeros(len(inputs))
    if isinstance(quantity.form, SameAs):
        times = quantity.form.times
        factor = 1.0 if times is None else _drawn(times, lowered, inputs)
        return factor * _drawn(quantity.original, lowered, inputs)
    for column, known in enumerate(lowered.inputs):
        if known.name == quantity.name:
            return inputs[:, column]
    return np.full(len(inputs), variate(quantity).ppf(0.5))
