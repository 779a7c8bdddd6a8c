"""Describe the plan file as a JSON Schema, for editors that complete and check TOML."""

from __future__ import annotations

from typing import Any

from simulator.plan.dimensions import ITEM, SHARE
from simulator.plan.forms import FAMILIES
from simulator.plan.quantity_keys import Item
from simulator.plan.schema import Plan
from simulator.plan.tables import NOTES, keys_of, table_form

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_NUMBER = {"type": ["number", "string"]}
_PERCENTILE = r"^p[0-9]{1,2}(\.[0-9]{1,6})?$"
_BARE = r"^\s*[+-]?[0-9.]"


def json_schema() -> dict[str, Any]:
    """Build the JSON Schema of the plan file.

    Returns
    -------
    dict
        Draft 2020-12. Taplo and Even Better TOML take it through a first line ``#:schema FILE``; a date
        is a string to them.

    Notes
    -----
    It knows every key and its type. Units, names and what keys must obey together are left to the reader,
    which says what is wrong with them in better words.
    """
    return {
        "$schema": DRAFT,
        "title": "Plan of a simulation: fine-tuning or prompting",
        **table_form(Plan),
        "$defs": {
            "quantity": {"anyOf": [_text(), {"$ref": "#/$defs/quantity_table"}]},
            "bare_quantity": {
                "anyOf": [_text(), {"type": "number"}, {"$ref": "#/$defs/quantity_table"}],
                "examples": [SHARE.example],
            },
            "item": {"anyOf": [_text(), {"$ref": "#/$defs/item_table"}], "examples": [ITEM.example]},
            "quantity_table": _table({}),
            "item_table": _table({name: key.form() for name, (_, key, _) in keys_of(Item).items()}),
        },
    }


def _text() -> dict[str, Any]:
    """Describe a constant or an interval as it is written in one string."""
    return {"type": "string", "pattern": _BARE}


def _table(more: dict[str, Any]) -> dict[str, Any]:
    member = {
        "type": "object",
        "properties": {
            "weight": _NUMBER,
            "value": {"$ref": "#/$defs/bare_quantity"},
            **{name: note.form() for name, note in NOTES.items()},
        },
        "required": ["weight", "value"],
        "additionalProperties": False,
    }
    properties = {
        "value": {"anyOf": [_text(), {"type": "number"}], "description": "A constant or 'a to b'."},
        "unit": {"type": "string", "description": "Unit of the numbers in this table."},
        "min": _NUMBER,
        "mode": _NUMBER,
        "max": _NUMBER,
        "dist": {"enum": list(FAMILIES)},
        "mean": _NUMBER,
        "sd": _NUMBER,
        "values": {"type": "array", "items": _NUMBER, "minItems": 1},
        "weights": {"type": "array", "items": _NUMBER, "minItems": 1},
        "data": {"type": "string", "description": "CSV or Parquet file, relative to the plan."},
        "column": {"type": "string"},
        "of": {"enum": ["mean", "value"]},
        "mixture": {"type": "array", "items": member, "minItems": 1},
        "same_as": {"type": "string", "description": "Dotted key of the quantity whose draw this is."},
        "times": {"$ref": "#/$defs/bare_quantity"},
        **{name: note.form() for name, note in NOTES.items()},
    }
    return {
        "type": "object",
        "properties": properties | more,
        "patternProperties": {_PERCENTILE: _NUMBER},
        "additionalProperties": False,
        "dependentRequired": {
            "mode": ["min", "max"],
            "min": ["max"],
            "max": ["min"],
            "dist": ["mean", "sd"],
            "mean": ["dist"],
            "sd": ["dist"],
            "weights": ["values"],
            "column": ["data"],
            "times": ["same_as"],
        },
    }
