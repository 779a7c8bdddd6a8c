"""Test `--set`."""

from __future__ import annotations

import datetime

import pytest

from simulator.plan.forms import Constant, Percentiles


def test_an_override_replaces_what_the_file_says(read):
    plan = read(sets=("demand.growth=1% to 3% / month",))
    assert plan.demand.growth.form == Percentiles(((0.05, 0.01), (0.95, 0.03)))
    assert plan.overrides == ("demand.growth=1% to 3% / month",)


@pytest.mark.parametrize("value", ['"40 USD/h"', "40 USD/h", " '40 USD/h' ", '{ value = "40 USD/h" }'])
def test_a_value_is_toml_or_else_a_string(read, value):
    assert read(sets=(f"people.engineer={value}",)).people.roles["engineer"].form == Constant(40.0)


def test_values_keep_their_toml_types(read):
    plan = read(
        sets=(
            "start=2028-04-01",
            "run.lifetimes=5_000",
            "run.quantiles=[0.1, 0.9]",
            "strategies.finetuned.part=true",
            "name=What if",
        )
    )
    assert plan.start == datetime.date(2028, 4, 1)
    assert plan.run.lifetimes == 5000
    assert plan.run.quantiles == (0.1, 0.9)
    assert plan.strategies["finetuned"].part is True
    assert plan.name == "What if"


def test_keys_and_tables_that_the_file_does_not_have_are_made(read):
    plan = read(
        sets=(
            "finance.inflation=3% / year",
            "strategies.prompting.costs.licence=100 USD/month",
            "strategies.short.extends=prompting",
            "strategies.short.prompt=700 tok/req",
        )
    )
    assert plan.finance.inflation.form == Constant(0.03)
    assert plan.strategies["prompting"].costs["licence"].cadence == "month"
    assert plan.strategies["short"].prompt.name == "strategies.short.prompt"
    assert plan.strategies["short"].failures.name == "strategies.prompting.failures"


def test_elements_of_arrays_are_reached_by_their_index(read):
    plan = read(
        add='[[correlations]]\nbetween = ["demand.requests", "demand.growth"]\nspearman = 0.4\n',
        sets=("correlations[0].spearman=-0.1", "strategies.finetuned.retrain.on[0]=events.launch"),
    )
    assert plan.correlations[0].spearman == -0.1
    assert plan.strategies["finetuned"].retrain.on == ("events.launch",)


def test_later_overrides_win(read):
    assert read(sets=("run.seed=1", "run.seed=2")).run.seed == 2


def test_a_line_end_in_a_value_adds_no_second_key(errors_of):
    (error,) = errors_of(sets=("run.lifetimes=1000\nseed = 3",))
    assert error.message.startswith(r"'1000\nseed = 3' is no whole number")


BAD = {
    "demand.growth": ("demand.growth", "an override is KEY=VALUE"),
    "demand..growth=1": ("demand..growth", "'demand..growth' is no dotted key"),
    "=1": ("", "'' is no dotted key"),
    "name.x=1": ("name.x", "'name' is 'Small', which has no keys"),
    "demand[0].x=1": ("demand[0].x", "'demand' is no array"),
    "correlations[0].spearman=1": ("correlations[0].spearman", "'correlations' is not written in the plan"),
    "strategies.finetuned.retrain.on[3]=x": (
        "strategies.finetuned.retrain.on[3]",
        "'strategies.finetuned.retrain.on' has 1 element, so there is no [3]",
    ),
    "strategies.finetuned.retrain.on.x=1": (
        "strategies.finetuned.retrain.on.x",
        "'strategies.finetuned.retrain.on' is an array",
    ),
    "demand.growth=5%": (
        "demand.growth",
        "'5%' is a share, this field takes a compound rate (% per month, quarter or year), "
        "for example '1% / month'",
    ),
    "demand.grwoth=5% / year": (
        "demand.grwoth",
        "unknown key, [demand] takes requests, growth, volatility, ceiling, curve and seasonality",
    ),
    "strategies.new.model=base": (
        "strategies.new.prompt",
        "the required key 'prompt' is missing (length of the prompt, without the request's own input)",
    ),
    "run.seed=" + "9" * 5000: ("run.seed", "a number of 5,000 digits; numbers are at most 1e15"),
}


@pytest.mark.parametrize("override", BAD, ids=lambda one: one[:40])
def test_errors_name_the_override_as_their_file(errors_of, override):
    key, message = BAD[override]
    (error,) = errors_of(sets=(override,))
    assert error.file.startswith(f"--set {override[:150]}")
    assert (error.line, error.column, error.key, error.message) == (None, None, key, message)


def test_errors_of_the_file_come_before_those_of_overrides(errors_of):
    errors = errors_of(('horizon = "24 month"', "horizon = 24"), sets=("run.seed=-1", "finance=3"))
    assert [(error.file, error.line, error.key) for error in errors] == [
        ("plan.toml", 3, "horizon"),
        ("--set finance=3", None, "finance"),
        ("--set run.seed=-1", None, "run.seed"),
    ]


def test_a_quantity_that_an_override_makes_a_constant_leaves_its_correlations(read):
    pairs = (
        '[[correlations]]\nbetween = ["demand.growth", "demand.requests"]\nspearman = 0.4\n'
        '[[correlations]]\nbetween = ["demand.requests", "people.*"]\nspearman = 0.2\n'
    )
    assert next((one.first, one.second) for one in read(add=pairs).correlations) == (
        "demand.growth",
        "demand.requests",
    )
    fixed = read(add=pairs, sets=("demand.growth=2% / month",)).correlations
    assert {name for one in fixed for name in (one.first, one.second)} == {
        "demand.requests",
        "people.engineer",
    }
