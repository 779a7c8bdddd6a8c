"""Describe as a JSON Schema what can be written for a quantity."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from simulator.plan.columns import SUFFIXES
from simulator.plan.fields import INSIDE, QuantityField

# Editors check spelling while one types; whether unit and number fit is left to the reader of the plan.
_STRING = {"type": "string", "pattern": r"^\s*[+-]?[0-9.]", "maxLength": 200}
_NUMBER = {"type": ["number", "string"]}
_TEXT = {"type": "string", "minLength": 1}
_MEMBER = {
    "type": "object",
    "properties": {
        "weight": _NUMBER,
        "value": {"type": ["string", "number", "object"]},
        "source": {"type": "string"},
        "owner": {"type": "string"},
    },
    "required": ["weight", "value"],
    "additionalProperties": False,
}


def quantity_json_schema(field: QuantityField, extra_keys: Iterable[str] = ()) -> dict[str, Any]:
    """Make the JSON Schema of one field.

    Parameters
    ----------
    field
        What may stand.
    extra_keys
        Keys that a table may have beside those of the quantity, such as ``"role"``; not described here.

    Returns
    -------
    dict
        ``{"anyOf": […]}``: a string, a number where one may stand alone, and a table in each form. It accepts
        all that `parse_quantity` accepts, and more.
    """
    bare = field.dimension.bare
    options: list[dict[str, Any]] = [_STRING]
    if bare:
        options.append({"type": "number"})
    notes = {"source": {"type": "string"}, "owner": {"type": "string"}} | {key: {} for key in extra_keys}
    unit = {"unit": {"type": "string"}}
    options.append(_table({"value": {"type": ["string", "number"]}} | notes, ["value"]))
    if not field.constant:
        needed = [] if bare else ["unit"]
        percentiles = _table(unit | notes, needed)
        percentiles["patternProperties"] = {r"^p[0-9]{1,2}(\.[0-9]{1,6})?$": _NUMBER}
        percentiles["minProperties"] = 2 + len(needed)
        numbers = {"type": "array", "items": _NUMBER, "minItems": 1}
        families = {"enum": list(INSIDE[field.support])}
        path = {"type": "string", "pattern": rf"\.({'|'.join(suffix[1:] for suffix in SUFFIXES)})$"}
        options += [
            percentiles,
            _table({"min": _NUMBER, "mode": _NUMBER, "max": _NUMBER} | unit | notes, ["min", "max", *needed]),
            _table(
                {"dist": families, "mean": _NUMBER, "sd": _NUMBER} | unit | notes,
                ["dist", "mean", "sd", *needed],
            ),
            _table({"values": numbers, "weights": numbers} | unit | notes, ["values", *needed]),
            _table(
                {"data": path, "column": _TEXT, "of": {"enum": ["mean", "value"]}} | unit | notes,
                ["data", "column", *needed],
            ),
            _table({"mixture": {"type": "array", "items": _MEMBER, "minItems": 1}} | notes, ["mixture"]),
        ]
    if field.same_as and not field.constant:
        times = {"type": ["string", "number", "object"]}
        options.append(_table({"same_as": _TEXT, "times": times} | notes, ["same_as"]))
    return {"anyOf": options, "description": field.dimension.words, "examples": [field.dimension.example]}


def _table(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
