"""The JSON Schema of a quantity accepts what the reader accepts."""

from __future__ import annotations

import pytest

from simulator.plan import dimensions as d
from simulator.plan.quantity import QuantityField
from simulator.plan.quantity_schema import quantity_json_schema

jsonschema = pytest.importorskip("jsonschema")


def accepts(raw, dimension, extra_keys=(), **field):
    schema = quantity_json_schema(QuantityField(dimension, **field), extra_keys)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema).is_valid(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "2 to 4 h",
        "-3 h",
        {"p10": 0.5, "p50": "3k", "p90": 15, "unit": "h"},
        {"p2.5": 0.5, "p97.5": 3, "unit": "h"},
        {"min": 20, "mode": 40, "max": 120, "unit": "h", "source": "survey"},
        {"min": 1, "max": 5, "unit": "h"},
        {"dist": "gamma", "mean": 40, "sd": 12, "unit": "h"},
        {"values": [1, 2, 4], "weights": [5, 3, 2], "unit": "h"},
        {"data": "usage.csv", "column": "x", "unit": "h"},
        {"data": "usage.parquet", "column": "x", "unit": "h", "of": "value"},
        {
            "mixture": [
                {"weight": 9, "value": "2 to 4 h"},
                {"weight": 1, "value": {"min": 1, "max": 2, "unit": "h"}},
            ]
        },
        {"same_as": "a.b", "times": "0.6 to 0.9"},
        {"value": "2 to 4 h", "source": "survey", "owner": "Ada"},
    ],
)
def test_every_form_is_accepted(raw):
    assert accepts(raw, d.HOURS)


@pytest.mark.parametrize(
    "raw",
    [
        4,
        True,
        "soon",
        [],
        {},
        {"p10": 1, "unit": "h"},
        {"p10": 1, "p90": 2},
        {"min": 1, "unit": "h"},
        {"p10": 1, "min": 2, "unit": "h"},
        {"dist": "normal", "mean": 1, "sd": 1, "unit": "h"},
        {"values": [], "unit": "h"},
        {"data": "usage.xls", "column": "x", "unit": "h"},
        {"value": "2 h", "unit": "h"},
        {"value": "2 h", "role": "x"},
        {"mixture": [{"weight": 1}]},
    ],
)
def test_what_is_plainly_wrong_is_not(raw):
    assert not accepts(raw, d.HOURS)


def test_bare_numbers_stand_where_the_dimension_has_no_unit():
    assert accepts(0.04, d.SHARE)
    assert accepts({"p10": 0.1, "p90": 0.2}, d.SHARE)
    assert not accepts(0.04, d.RATE)


def test_fields_leave_out_the_forms_that_they_refuse():
    assert not accepts({"same_as": "a.b"}, d.SPAN, same_as=False)
    assert not accepts({"min": 1, "max": 2, "unit": "USD"}, d.BUDGET, constant=True)
    assert accepts("180k USD/year", d.BUDGET, constant=True)


def test_keys_of_the_caller_are_accepted():
    assert accepts({"value": "2 h", "role": "engineer"}, d.ITEM, extra_keys=("role",))
