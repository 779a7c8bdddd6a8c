"""Test what a strategy takes over from the one that it extends."""

from __future__ import annotations

import pytest

from simulator.plan.forms import Constant

BASE = """
[strategies.base]
label = "The base"
part = true
model = "base"
prompt = "1000 to 2000 tok/req"
failures = "4%"
latency = { base = "0.5 s/req", per_input = "0.1 s/ktok" }
source = "the base's note"
[strategies.base.training]
examples = 1000
tokens_per_example = "500 tok/example"
epochs = 3
price = "5 USD/Mtok"
[strategies.base.costs]
store = { value = "2 to 4 h/month", role = "engineer", growth = "5% / year" }
setup = "1000 USD"
"""


def test_what_is_not_written_is_taken_over_with_its_name(read):
    plan = read(add=BASE + '[strategies.child]\nextends = "base"\nfailures = "6%"\n')
    child, base = plan.strategies["child"], plan.strategies["base"]
    assert child.prompt is base.prompt
    assert child.prompt.name == "strategies.base.prompt"
    assert child.failures.name == "strategies.child.failures"
    assert child.costs == base.costs
    assert child.costs["store"].name == "strategies.base.costs.store"
    assert child.training == base.training
    assert child.extends == "base"


def test_neither_label_nor_part_is_taken_over(read):
    child = read(add=BASE + '[strategies.child]\nextends = "base"\n').strategies["child"]
    assert (child.name, child.label, child.part) == ("child", "child", False)


def test_tables_are_completed_key_by_key(read):
    child = read(
        add=BASE + '[strategies.child]\nextends = "base"\nlatency.base = "0.2 s/req"\ntraining.epochs = 1\n'
    ).strategies["child"]
    assert child.latency.base.name == "strategies.child.latency.base"
    assert child.latency.per_input.name == "strategies.base.latency.per_input"
    assert child.training.epochs.form == Constant(1.0)
    assert child.training.price.name == "strategies.base.training.price"


def test_costs_are_completed_item_by_item_and_an_item_is_replaced_whole(read):
    child = read(
        add=BASE
        + '[strategies.child]\nextends = "base"\ncosts = { store = "50 USD/month", new = "10 USD/year" }\n'
    ).strategies["child"]
    assert list(child.costs) == ["store", "setup", "new"]
    assert (child.costs["store"].kind, child.costs["store"].role, child.costs["store"].growth) == (
        "money",
        None,
        None,
    )
    assert child.costs["setup"].name == "strategies.base.costs.setup"


def test_serving_replaces_a_model_and_a_model_replaces_serving(read):
    plan = read(
        add=BASE
        + '[strategies.own]\nextends = "base"\n'
        + 'serving = { gpu_price = "2 USD/GPU-h", capacity = "5 req/s" }\n'
        + '[strategies.back]\nextends = "own"\nmodel = "tuned"\n'
        + '[strategies.more]\nextends = "own"\nserving.gpus = 8\n'
    )
    assert plan.strategies["own"].model is None
    assert plan.strategies["own"].serving.gpus == 1
    assert (plan.strategies["back"].model, plan.strategies["back"].serving) == ("tuned", None)
    assert plan.strategies["more"].serving.gpus == 8
    assert plan.strategies["more"].serving.capacity.name == "strategies.own.serving.capacity"


def test_a_base_may_extend_another_and_may_stand_below(read):
    plan = read(
        add='[strategies.c]\nextends = "b"\n[strategies.b]\nextends = "base"\nprompt = "9 tok/req"\n' + BASE
    )
    assert plan.strategies["c"].prompt.name == "strategies.b.prompt"
    assert plan.strategies["c"].failures.name == "strategies.base.failures"


def test_a_cycle_is_reported_once_with_its_members(errors_of):
    (error,) = errors_of(
        add='[strategies.a]\nextends = "b"\n[strategies.b]\nextends = "c"\n[strategies.c]\nextends = "b"\n'
    )
    assert error.key == "strategies.b.extends"
    assert error.message == "b extends c extends b: a cycle, so none of them has anything to take over"


def test_an_error_of_the_base_is_reported_once_at_the_base(errors_of):
    broken = BASE.replace("epochs = 3\n", "").replace('prompt = "1000 to 2000 tok/req"\n', "")
    broken = broken.replace('failures = "4%"', 'failures = "4 pp"')
    errors = errors_of(
        add=broken + '[strategies.child]\nextends = "base"\n[strategies.grandchild]\nextends = "child"\n'
    )
    assert [(error.key, error.message) for error in errors] == [
        (
            "strategies.base.prompt",
            "the required key 'prompt' is missing (length of the prompt, without the request's own input)",
        ),
        (
            "strategies.base.failures",
            "'4 pp' is percentage points, this field takes a share from 0 to 1, for example '4%'",
        ),
        ("strategies.base.training", "the required key 'epochs' is missing"),
    ]


def test_an_error_of_its_own_is_reported_at_the_strategy(errors_of):
    errors = errors_of(
        add=BASE
        + '[strategies.child]\nextends = "base"\ntraining.gpu_hours = "9 GPU-h"\n'
        + '[strategies.child.costs]\nStore = "1 USD"\n'
    )
    assert [error.key for error in errors] == ["strategies.child.training", "strategies.child.costs.Store"]
    assert "this one has examples, tokens_per_example, epochs, price and gpu_hours" in errors[0].message
    assert errors[1].message == "the names 'store' and 'Store' differ only in case"


WRONG_BASES = {
    "nope": "there is no strategy 'nope'",
    "hybrid": "'hybrid' is a routed strategy, only plain strategies can stand here",
    "prompt": "there is no strategy 'prompt'",
}


@pytest.mark.parametrize("base", WRONG_BASES)
def test_only_a_plain_strategy_can_be_extended(errors_of, base):
    (error,) = errors_of(
        add='[strategies.hybrid]\nroute = { prompting = "rest" }\n'
        f'[strategies.child]\nextends = "{base}"\nmodel = "base"\n'
    )
    assert (error.key, error.message) == ("strategies.child.extends", WRONG_BASES[base])


def test_only_a_plain_strategy_can_extend(errors_of):
    (error,) = errors_of(add='[strategies.h]\nroute = { prompting = "rest" }\nextends = "prompting"\n')
    assert error.key == "strategies.h.extends"
    assert error.message == "'extends' is a key of plain strategies, this one is routed: it has 'route'"


def test_same_as_and_correlations_take_what_was_taken_over_for_the_base_s(read):
    plan = read(
        add=BASE
        + '[strategies.child]\nextends = "base"\n'
        + '[strategies.other]\nmodel = "base"\n'
        + 'prompt = { same_as = "strategies.child.prompt", times = "0.5 to 2" }\n'
        + '[[correlations]]\nbetween = ["strategies.other.prompt", "demand.growth"]\nspearman = 0.1\n'
        + '[[correlations]]\nbetween = ["strategies.child.prompt", "demand.requests"]\nspearman = 0.2\n'
        + '[[correlations]]\nbetween = ["strategies.chi*.costs.*", "strategies.other.prompt.times"]\n'
        + "spearman = 0.3\n"
    )
    assert plan.strategies["other"].prompt.original is plan.strategies["base"].prompt
    assert [(one.first, one.second) for one in plan.correlations] == [
        ("strategies.base.prompt", "demand.growth"),
        ("strategies.base.prompt", "demand.requests"),
        ("strategies.base.costs.store", "strategies.other.prompt.times"),
    ]
