"""Let events happen: at random, by renewal, in fixed months (MODEL.md 5)."""

from __future__ import annotations

from distributions.jit import lane_kernel
from simulator.kernel.layout import (
    ALL,
    EVENT_CHANCE,
    EVENT_FIRST,
    EVENT_INTERVAL,
    EVENT_KIND,
    EVENT_UNIFORM,
    FIXED,
    LISTED,
    NONE,
    RANDOM,
)
from simulator.kernel.masks import list_lanes
from simulator.kernel.occurrence import draw_occurrences

NEVER = 1e300
TOLERANCE = 1e-12
"""Relative: "reached" and "exceeded" hold up to this, so that whole months and round thresholds behave."""


@lane_kernel
def begin_events(draws, once, events, happening, lanes, at):
    """Set every renewal process to its first occurrence.

    Writes: `renewal` (event, lane) [month], `renewals` (event, lane).
    """
    renewal, renewals = happening.renewal, happening.renewals
    for j in range(at.n):
        once.slot[0, j] = 0
    for e in range(events.shape[0]):
        happening.hits[e] = 0
        interval = events[e, EVENT_INTERVAL]
        known = events[e, EVENT_FIRST]
        for j in range(at.n):
            renewals[e, j] = 0
            # month `known` is the first t with t - 1 >= known - 1; month 1 or earlier never happens
            renewal[e, j] = known - 1.0 if known > 1 else NEVER
        if known == NONE and interval != NONE:
            draw_occurrences(draws, once, at, interval, lanes, ALL, at.n)
            for j in range(at.n):
                renewal[e, j] = once.value[0, j]
                renewals[e, j] = 1


@lane_kernel
def occur(draws, once, events, fixed_months, happening, chance, value, lanes, at):
    """List the lanes in which each event happens in month t >= 2.

    Writes: `hit` (event, lane + 1), `hits` (event,); `renewal`, `renewals`.
    """
    hit, renewal = happening.hit, happening.renewal
    n, t = at.n, at.t
    for e in range(events.shape[0]):
        kind = events[e, EVENT_KIND]
        count = 0
        if kind == RANDOM:
            uniform = 4 * events[e, EVENT_UNIFORM] + t % 4
            probability = events[e, EVENT_CHANCE]
            for j in range(n):
                once.mark[j] = chance[uniform, j] < value[probability, j]
            count = list_lanes(once.mark, n, hit, e)
        elif kind == FIXED:
            if fixed_months[e, t - 1] == 1:
                for j in range(n):
                    hit[e, j] = j
                count = n
        else:
            for j in range(n):
                once.mark[j] = float(t - 1) >= renewal[e, j] * (1.0 - TOLERANCE)
            count = list_lanes(once.mark, n, hit, e)
            for h in range(count):
                lanes[LISTED, h] = hit[e, h]
            renew(draws, once, happening, events[e, EVENT_INTERVAL], lanes, count, e, at)
        happening.hits[e] = count


@lane_kernel
def renew(draws, once, happening, interval, lanes, count, e, at):
    """Draw intervals in the listed lanes until the next occurrence lies ahead; several in one month count once.

    Writes: `renewal`, `renewals` (event, lane); `lanes` row LISTED.
    """
    renewal, renewals = happening.renewal, happening.renewals
    if interval == NONE:
        for h in range(count):
            renewal[e, lanes[LISTED, h]] = NEVER
        return
    while count > 0:
        for h in range(count):
            once.slot[0, h] = renewals[e, lanes[LISTED, h]]
        draw_occurrences(draws, once, at, interval, lanes, LISTED, count)
        behind = 0
        for h in range(count):
            lane = lanes[LISTED, h]
            renewal[e, lane] += once.value[0, h]
            renewals[e, lane] += 1
            lanes[LISTED, behind] = lane
            behind += float(at.t - 1) >= renewal[e, lane] * (1.0 - TOLERANCE)
        count = behind
