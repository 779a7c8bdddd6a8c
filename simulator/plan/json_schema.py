"""Describe the plan file as a JSON Schema, for editors that complete and check TOML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.plan.quantity_keys import (
    AMOUNT,
    ITEM_KEYS,
    SHARE_OF_REQUESTS,
    WAGE,
    Item,
    Q,
    ShareOrRest,
    Wages,
)
from simulator.plan.quantity_schema import quantity_json_schema
from simulator.plan.schema import Plan
from simulator.plan.strategy import KINDS
from simulator.plan.tables import PlanTable, keys_of, table_form

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """Build the JSON Schema of the plan file.

    Returns
    -------
    dict
        Draft 2020-12. Taplo and Even Better TOML take it through a first line ``#:schema FILE``; a date
        is a string to them.

    Notes
    -----
    It knows every key, its type and the forms of each quantity. Units, names and what keys must obey together
    are left to the reader, which says what is wrong with them in better words.
    """
    quantities = {
        key.definition: quantity_json_schema(key.field)
        for table in (Plan, Item, *KINDS.values())
        for key in _quantities(table)
    }
    return {
        "$schema": DRAFT,
        "title": "Plan of a simulation: fine-tuning or prompting",
        **table_form(Plan),
        "$defs": quantities | {"item": _item()},
    }


def _quantities(table: type[PlanTable]) -> Iterator[Q]:
    """Yield every quantity that a table may hold, at any depth."""
    pending: list[Any] = [key for _, key, _ in keys_of(table).values()]
    while pending:
        key = pending.pop()
        match key:
            case Q():
                yield key
            case Wages():
                pending += [WAGE, *(one for _, one, _ in keys_of(key.model).values())]
            case ShareOrRest():
                pending.append(SHARE_OF_REQUESTS)
            case _ if hasattr(key, "model"):
                pending += [one for _, one, _ in keys_of(key.model).values()]
            case _ if hasattr(key, "of"):
                pending.append(key.of)


def _item() -> dict[str, Any]:
    """Describe a cost item: a quantity whose tables may hold the keys of items."""
    form = quantity_json_schema(AMOUNT.field, ITEM_KEYS)
    more = {name: key.form() for name, (_, key, _) in keys_of(Item).items() if name in ITEM_KEYS}
    for option in form["anyOf"]:
        if "properties" in option:
            option["properties"] |= more
    return form
