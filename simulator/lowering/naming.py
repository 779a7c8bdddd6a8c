"""Find the quantities of a plan by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from simulator.plan.forms import Quantity, SameAs
from simulator.plan.schema import Plan


def quantities_by_name(plan: Plan) -> dict[str, Quantity]:
    """Give every quantity of a plan under the name that it was written under, factors of `same_as` included."""
    return {quantity.name: quantity for quantity in _walk(plan)}


def _walk(value: object) -> Iterator[Quantity]:
    if isinstance(value, Quantity):
        yield value
        if isinstance(value.form, SameAs) and value.form.times is not None:
            yield value.form.times
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _walk(getattr(value, name))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _walk(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _walk(inner)
