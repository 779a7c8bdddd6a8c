"""Collect the quantities of a plan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.plan.forms import Quantity, SameAs

if TYPE_CHECKING:
    from simulator.plan import Plan

# Drawn each time that it happens, instead of once per lifetime (MODEL.md, Events, Prices, Training).
_PER_OCCURRENCE = re.compile(
    r"events\.[^.]+\.(every|demand)|models\.[^.]+\.retired_after|prices\.[^.]+\.change"
    r"|strategies\.[^.]+\.retrain\.every"
)


def quantities(plan: Plan) -> list[Quantity]:
    """Collect the quantities that a plan writes, each name once, in the order of the format.

    Parameters
    ----------
    plan
        A plan.

    Returns
    -------
    list of Quantity
        Constants and the factors of `same_as` included; members of a mixture are no quantities.
    """
    found: dict[str, Quantity] = {}
    for quantity in _walk(plan):
        found.setdefault(quantity.name, quantity)
        if isinstance(quantity.form, SameAs) and quantity.form.times is not None:
            found.setdefault(quantity.form.times.name, quantity.form.times)
    return list(found.values())


def is_per_occurrence(quantity: Quantity) -> bool:
    """Tell whether a quantity is drawn each time that it happens instead of once per lifetime."""
    return _PER_OCCURRENCE.fullmatch(quantity.name) is not None


def _walk(node: Any) -> Iterator[Quantity]:
    if isinstance(node, Quantity):
        yield node
    elif hasattr(type(node), "model_fields"):
        values = [getattr(node, name) for name in type(node).model_fields]
        # A table's own quantities before those of the tables in it.
        for value in sorted(values, key=lambda value: not isinstance(value, Quantity)):
            yield from _walk(value)
    elif isinstance(node, dict):
        for value in node.values():
            yield from _walk(value)
    elif isinstance(node, tuple):
        for value in node:
            yield from _walk(value)
