"""Compute the crossover of a plan without any uncertainty in closed form, from the ledgers of its one lifetime."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from distributions.family import CODES
from simulator.crossover.volume import scale_volume
from simulator.kernel import layout as k
from simulator.lowering import Lowered
from simulator.trace import record_lifetimes

PROBES = (0.0, 0.01, 0.1, 1.0, 10.0, 100.0)
"""Factors of volume at which the running cost is looked at; two of them would make any line."""

TOLERANCE = 1e-9
"""Relative difference up to which costs are the same."""


class ClosedForm(NamedTuple):
    """Crossover of each strategy with the rival; NaN where there is none, and why."""

    calls: np.ndarray  # (strategy) [req] at the plan's own volume
    months: np.ndarray  # (strategy) [month]
    volume: np.ndarray  # (strategy) [req/month] at which running costs are equal
    note: list[str]  # (strategy) what the numbers mean, or why there are none


class Running(NamedTuple):
    """What a lifetime costs at some volumes, on the components of `compare_on`."""

    upfront: np.ndarray  # (strategy) [currency]
    monthly: np.ndarray  # (probe, strategy, month) [currency/month]
    requests: np.ndarray  # (probe, month) [req/month]


def is_certain(lowered: Lowered) -> bool:
    """Tell whether every lifetime of a plan is the same."""
    plan = lowered.plan
    drawn = plan.draws.inputs + plan.noises.size + plan.chances.size
    return drawn == 0 and bool((plan.draws.variates[:, k.CODE] == CODES["constant"]).all())


def closed_form(lowered: Lowered, against: int) -> ClosedForm:
    """Compute the crossover of every strategy with a rival.

    Parameters
    ----------
    lowered
        A plan without any uncertainty.
    against
        Position of the rival.

    Notes
    -----
    With U the upfront costs and R the running cost of a month at the plan's volume V, months = (U - U_rival) /
    (R_rival - R) and calls = months x V: no horizon in it. It needs months that are all alike and no discount. Where
    running cost is F + c V at every volume looked at, costs are equal at V = (F - F_rival) / (c_rival - c).
    """
    strategies = len(lowered.strategies)
    running = _run(lowered)
    form = ClosedForm(*(np.full(strategies, np.nan) for _ in range(3)), note=[""] * strategies)
    alike = [_is_constant(running, s) for s in range(strategies)]
    for s in range(strategies):
        if s == against:
            form.calls[s] = form.months[s] = 0.0
            form.note[s] = "itself"
        elif _never_cheaper(running, s, against) and not (alike[s] and alike[against]):
            form.note[s] = "never: dearer upfront and in no month cheaper"
        elif lowered.plan.demand[k.DISCOUNT] != k.NONE:
            form.note[s] = "no closed form: costs are discounted"
        elif not (alike[s] and alike[against]):
            unlike = lowered.strategies[against if alike[s] else s]
            form.note[s] = f"no closed form: the months of {unlike} differ"
        else:
            form.calls[s], form.months[s], first = _time(running, s, against)
            form.volume[s], second = _volume(running, s, against)
            form.note[s] = "; ".join(filter(None, (first, second)))
    return form


def _run(lowered: Lowered) -> Running:
    compared = lowered.plan.accounts.compared
    monthly, requests = [], []
    for factor in PROBES:
        # No draw depends on the seed where nothing is drawn.
        record = record_lifetimes(scale_volume(lowered, factor), 0, 1, 0)
        upfront = (record.opening[0] * compared).sum(axis=-1)
        cash = (record.cost[0] * compared[:, np.newaxis]).sum(axis=1)
        cash[:, 0] -= upfront
        monthly.append(cash)
        requests.append(record.requests[0])
    return Running(upfront, np.array(monthly), np.array(requests))


def _is_constant(running: Running, s: int) -> bool:
    """Tell whether a strategy's months are alike, at every volume looked at."""
    # What rounding leaves of an upfront cost in month 1 is no difference.
    rounding = np.abs(running.monthly[:, s]).max(axis=-1) + abs(running.upfront[s])
    return all(
        bool((np.ptp(values, axis=-1) <= TOLERANCE * scale).all())
        for values, scale in (
            (running.monthly[:, s], rounding),
            (running.requests, running.requests.max(axis=-1)),
        )
    )


def _never_cheaper(running: Running, s: int, rival: int) -> bool:
    """Tell whether a strategy is dearer upfront and cheaper in no month of the plan, at its own volume."""
    own, other = running.monthly[PROBES.index(1.0), [s, rival]]
    return bool(running.upfront[s] > running.upfront[rival] and (own >= other).all())


def _time(running: Running, s: int, rival: int) -> tuple[float, float, str]:
    """Give calls and months to the crossover at the plan's own volume, and a note."""
    now = PROBES.index(1.0)
    requests = running.requests[now, -1]
    own, other = running.monthly[now, s, -1], running.monthly[now, rival, -1]
    upfront = running.upfront[s] - running.upfront[rival]
    saving = other - own
    if abs(upfront) <= TOLERANCE * max(running.upfront[s], running.upfront[rival]):
        upfront = 0.0
    if abs(saving) <= TOLERANCE * max(abs(own), abs(other)):
        saving = 0.0
    if upfront <= 0 and saving >= 0:
        same = upfront == 0 == saving
        return 0.0, 0.0, "costs the same" if same else "no dearer from the start"
    if upfront >= 0 and saving <= 0:
        return (
            np.nan,
            np.nan,
            "never: dearer upfront and no cheaper to run" if upfront else "never: dearer to run",
        )
    months = upfront / saving
    if saving < 0:
        return np.nan, np.nan, f"cheaper at first only, for {months:.3g} months"
    return months * requests, months, ""


def _volume(running: Running, s: int, rival: int) -> tuple[float, str]:
    """Give the volume at which running costs are equal, and a note."""
    lines = [_line(running, each) for each in (s, rival)]
    if None in lines:
        return np.nan, "running cost is not proportional to volume"
    (fixed, slope), (rival_fixed, rival_slope) = lines
    fixed_gap, slope_gap = fixed - rival_fixed, rival_slope - slope
    if abs(fixed_gap) <= TOLERANCE * max(abs(fixed), abs(rival_fixed)):
        fixed_gap = 0.0
    if abs(slope_gap) <= TOLERANCE * max(abs(slope), abs(rival_slope)):
        slope_gap = 0.0
    if slope_gap == 0:
        if fixed_gap == 0:
            return np.nan, "costs the same to run at every volume"
        return np.nan, f"{'dearer' if fixed_gap > 0 else 'cheaper'} to run at every volume"
    volume = fixed_gap / slope_gap
    if volume < 0:
        return np.nan, f"{'dearer' if fixed_gap > 0 else 'cheaper'} to run at every volume"
    if volume == 0:
        return 0.0, f"{'cheaper' if slope_gap > 0 else 'dearer'} to run at every volume"
    return volume, f"cheaper to run {'above' if slope_gap > 0 else 'below'} that volume"


def _line(running: Running, s: int) -> tuple[float, float] | None:
    """Give the fixed cost of a month [currency] and the cost of a request [currency/req], if a line they make."""
    volume, cost = running.requests[:, -1], running.monthly[:, s, -1]
    slope = (cost[-1] - cost[0]) / (volume[-1] - volume[0])
    line = cost[0] + slope * volume
    return (float(cost[0]), float(slope)) if np.allclose(cost, line, rtol=TOLERANCE, atol=0.0) else None
