"""Lower the cost items of a strategy: add up what is paid alike into buckets (MODEL.md 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.kernel import layout as k
from simulator.lowering.rows import Value
from simulator.plan.quantity_keys import Item
from simulator.plan.strategy import Strategy

if TYPE_CHECKING:
    from simulator.lowering.strategies import Strategies

# Cadence in the kernel, and how many of the plan's periods one payment holds.
CADENCES = {
    "upfront": (k.UPFRONT, 1.0),
    "h": (k.MONTHLY, 730.0),
    "day": (k.MONTHLY, 730.0 / 24.0),
    "month": (k.MONTHLY, 1.0),
    "quarter": (k.QUARTERLY, 1.0),
    "year": (k.YEARLY, 1.0),
    "run": (k.PER_RUN, 1.0),
    "req": (k.PER_REQUEST, 1.0),
    "kreq": (k.PER_REQUEST, 1e-3),
}


def buckets_of(tables: Strategies, strategy: Strategy) -> list[list[int]]:
    """Give the bucket rows of a strategy's own items.

    Notes
    -----
    Items of one cadence, component, growth and event are one amount to the kernel. An item that varies by the month
    has noise of its own, so it stays by itself.
    """
    rows = tables.rows
    amounts: dict[tuple[int, ...], Value] = {}
    for item in strategy.costs.values():
        amount, growth = _amount_and_growth(tables, item)
        cadence, periods = CADENCES[item.cadence]
        event = k.NONE
        if item.on is not None:
            cadence, event = k.PER_EVENT, tables.event(item.on)
        component = k.LABOR if item.kind == "hours" else k.OTHER
        varies = rows.value(item.varies)
        stream, noise = k.NONE, k.NONE
        if varies != 0.0:
            name = f"{item.name}:varies"
            stream = rows.stream(name)
            if cadence in (k.MONTHLY, k.QUARTERLY, k.YEARLY, k.PER_REQUEST):
                noise = rows.noise(name)
        key = (
            cadence,
            component,
            growth,
            k.NONE if varies == 0.0 else rows.row(varies),
            stream,
            noise,
            event,
        )
        amounts[key] = rows.sum(amounts.get(key, 0.0), rows.product(amount, periods))
    buckets = []
    for (cadence, component, growth, varies, stream, noise, event), amount in amounts.items():
        row = [0] * 8
        row[k.CADENCE] = cadence
        row[k.COMPONENT] = component
        row[k.AMOUNT] = rows.row(amount)
        row[k.GROWTH] = growth
        row[k.VARIES] = varies
        row[k.VARIES_STREAM] = stream
        row[k.VARIES_NOISE] = noise
        row[k.BUCKET_EVENT] = event
        buckets.append(row)
    return buckets


def running_buckets(
    buckets: list[list[int]], first: int, is_plain: bool
) -> tuple[list[list[int]], list[list[int]]]:
    """Tell the buckets that are paid in running months: labor and other, by the month and by the request.

    Parameters
    ----------
    buckets
        Those of one owner.
    first
        Number of the first of them.
    is_plain
        Whether the owner serves requests itself; else it pays by the month for those of all its parts.

    Returns
    -------
    fixed, use
        Numbers of the buckets of labor, then of the others.
    """
    fixed: list[list[int]] = [[], []]
    use: list[list[int]] = [[], []]
    for number, bucket in enumerate(buckets, first):
        side = 0 if bucket[k.COMPONENT] == k.LABOR else 1
        if bucket[k.CADENCE] == k.PER_REQUEST and is_plain:
            use[side].append(number)
        elif bucket[k.CADENCE] not in (k.UPFRONT, k.PER_RUN):
            fixed[side].append(number)
    return fixed, use


def _amount_and_growth(tables: Strategies, item: Item) -> tuple[Value, int]:
    """Give the amount of an item in month 1 and its growth class."""
    rows, plan = tables.rows, tables.plan
    amount = rows.value(item.quantity)
    if item.kind == "hours":
        wage = rows.value(plan.people.roles[item.role])
        return rows.product(amount, wage), tables.growth(plan.people.raise_, item.growth)
    return amount, tables.growth(item.growth if item.growth is not None else plan.finance.inflation)
