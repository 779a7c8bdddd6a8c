"""Test the JSON Schema that editors check plans with."""

from __future__ import annotations

import copy
import datetime
import json
import tomllib

import pytest
from jsonschema import Draft202012Validator

from simulator.plan import parse_plan
from simulator.plan.json_schema import DRAFT, json_schema
from simulator.plan.starter import starter


def as_editors_see_it(value):
    """Turn dates into strings, as TOML editors do before they ask a schema."""
    if isinstance(value, dict):
        return {key: as_editors_see_it(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_editors_see_it(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


@pytest.fixture(scope="module")
def validator():
    return Draft202012Validator(json_schema())


@pytest.fixture(scope="module")
def good(every_key):
    return as_editors_see_it(tomllib.loads(every_key.read_text()))


def test_the_schema_is_one_of_draft_2020_12():
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == DRAFT
    assert json.loads(json.dumps(schema)) == schema


def test_the_plan_with_every_key_is_valid(validator, good):
    assert list(validator.iter_errors(good)) == []


def test_the_starter_plan_is_valid_and_can_be_read(validator):
    assert list(validator.iter_errors(as_editors_see_it(tomllib.loads(starter())))) == []
    plan = parse_plan(starter().encode(), "plan.toml")
    assert [type(strategy).__name__ for strategy in plan.strategies.values()] == [
        "Plain",
        "Plain",
        "Routed",
        "Migrating",
    ]


def test_every_key_has_a_description(validator):
    missing = [
        name
        for name, form in json_schema()["properties"].items()
        if not form.get("description") and name not in ("source", "owner")
    ]
    assert missing == []


TYPOS = [
    (("demnd",), {}),
    (("demand", "grwoth"), "1% / year"),
    (("demand", "requests"), 60000),
    (("demand", "requests", "p10"), 3),
    (("demand", "requests"), {"p10": 3, "q90": 4, "unit": "req/month"}),
    (("events", "launch"), {"every": {"same_as": "demand.growth"}}),
    (("run", "lifetimes"), "1M"),
    (("run", "quantiles"), [0.5, 1.5]),
    (("run", "sampler"), "sobel"),
    (("finance", "fiscal_start"), "april"),
    (("finance", "budget"), "a lot"),
    (("finance", "budget_level"), 80),
    (("finance", "compare_on"), ["trainin"]),
    (("start",), "2027-01-02"),
    (("horizon",), 36),
    (("models", "base", "catalog"), "gpt-4.1-mini"),
    (("prices", "market", "preset"), "pined"),
    (("models", "base", "input_prise"), "1 USD/Mtok"),
    (("events", "season_start", "at"), [1]),
    (("prices", "market", "scheduled"), [{"at": 6, "chance": 2.0}]),
    (("strategies", "prompting", "promt"), "3 tok/req"),
    (("strategies", "finetuned", "training", "technique"), "lora"),
    (("strategies", "finetuned", "retrain", "on"), ["launch"]),
    (("strategies", "hybrid", "route", "prompting"), "the rest"),
    (("strategies", "migrate", "then"), []),
    (("strategies", "prompting", "costs", "build"), {"value": "3 h", "rle": "x"}),
    (("strategies", "prompting", "costs", "build"), {"dist": "gamma", "mean": 3}),
    (("correlations",), [{"between": ["a", "b"], "spearman": 1}]),
]


@pytest.mark.parametrize(
    ("path", "value"), TYPOS, ids=lambda one: ".".join(one) if isinstance(one, tuple) else ""
)
def test_typos_and_wrong_types_are_rejected(validator, good, path, value):
    bad = copy.deepcopy(good)
    table = bad
    for part in path[:-1]:
        table[part] = table[part] if isinstance(table.get(part), dict) else {}
        table = table[part]
    table[path[-1]] = value
    assert not validator.is_valid(bad)


@pytest.mark.parametrize("path", [("name",), ("finance", "currency"), ("strategies", "rag", "prompt")])
def test_missing_required_keys_are_rejected(validator, good, path):
    bad = copy.deepcopy(good)
    table = bad
    for part in path[:-1]:
        table = table[part]
    del table[path[-1]]
    assert not validator.is_valid(bad)
