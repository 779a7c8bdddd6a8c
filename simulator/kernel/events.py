"""Let events happen: at random, by renewal, in fixed months (MODEL.md 5)."""

from __future__ import annotations

from distributions.jit import lane_kernel
from simulator.kernel.layout import (
    EVENT_CHANCE,
    EVENT_FIRST,
    EVENT_INTERVAL,
    EVENT_KIND,
    EVENT_UNIFORM,
    FIXED,
    NONE,
    RANDOM,
)
from simulator.kernel.occurrence import draw_occurrence

NEVER = 1e300
TOLERANCE = 1e-12
"""Relative: "reached" and "exceeded" hold up to this, so that whole months and round thresholds behave."""


@lane_kernel
def begin_events(draws, events, happening, at):
    """Set every renewal process to its first occurrence.

    Writes: `renewal` (event, lane) [month], `renewals` (event, lane).
    """
    renewal, renewals = happening.renewal, happening.renewals
    for e in range(events.shape[0]):
        happening.hits[e] = 0
        interval = events[e, EVENT_INTERVAL]
        known = events[e, EVENT_FIRST]
        for j in range(at.n):
            renewals[e, j] = 0
            if known != NONE:
                # month `known` is the first t with t - 1 >= known - 1; month 1 or earlier never happens
                renewal[e, j] = known - 1.0 if known > 1 else NEVER
            elif interval != NONE:
                renewal[e, j] = draw_occurrence(draws, at, interval, j, 0)
                renewals[e, j] = 1
            else:
                renewal[e, j] = NEVER


@lane_kernel
def occur(draws, events, fixed_months, happening, chance, value, at):
    """List the lanes in which each event happens in month t >= 2.

    Writes: `hit` (event, lane + 1), `hits` (event,); `renewal`, `renewals`.

    Notes
    -----
    Lists are filled without a branch: every lane is written at the end of the list, which then grows or does not.
    """
    hit, renewal, renewals = happening.hit, happening.renewal, happening.renewals
    n, t = at.n, at.t
    for e in range(events.shape[0]):
        kind = events[e, EVENT_KIND]
        count = 0
        if kind == RANDOM:
            uniform = 4 * events[e, EVENT_UNIFORM] + t % 4
            probability = events[e, EVENT_CHANCE]
            for j in range(n):
                hit[e, count] = j
                count += chance[uniform, j] < value[probability, j]
        elif kind == FIXED:
            if fixed_months[e, t - 1] == 1:
                for j in range(n):
                    hit[e, j] = j
                count = n
        else:
            now = float(t - 1)
            for j in range(n):
                hit[e, count] = j
                count += now >= renewal[e, j] * (1.0 - TOLERANCE)
            interval = events[e, EVENT_INTERVAL]
            for h in range(count):
                lane = hit[e, h]
                # several occurrences in one month count once
                while now >= renewal[e, lane] * (1.0 - TOLERANCE):
                    if interval == NONE:
                        renewal[e, lane] = NEVER
                    else:
                        k = renewals[e, lane]
                        renewal[e, lane] += draw_occurrence(draws, at, interval, lane, k)
                        renewals[e, lane] = k + 1
        happening.hits[e] = count
