"""Test plans that take prices from the catalogue: what they get, what they are told, what is kept of it."""

from __future__ import annotations

import json
import pickle
from datetime import date

import pytest

from simulator import provenance
from simulator.catalogue.lookup import find, lookup, package_version
from simulator.explain import describe
from simulator.plan.forms import Constant

TUNED = """
[models.tuned]
catalog = "openai:ft:gpt-4.1-mini"

[strategies.finetuned]
model = "tuned"
prompt = "100 tok/req"

[strategies.finetuned.training]
examples = 1000
tokens_per_example = "1000 tok/example"
epochs = 3
"""
needs_package = pytest.mark.skipif(package_version() is None, reason="genai-prices is not installed")


def amounts(plan, name="base"):
    model = plan.models[name]
    prices = (model.input_price, model.cached_price, model.output_price, model.training_price)
    return tuple(price and price.form.value for price in prices)


def test_prices_become_constants_with_their_names_and_sources(read):
    plan = read()
    price = plan.models["base"].input_price
    assert amounts(plan) == (2.0, 0.2, 10.0, None)
    assert isinstance(price.form, Constant)
    assert (price.name, price.written, price.unit.text) == (
        "models.base.input_price",
        "2.0 USD/Mtok",
        "USD/Mtok",
    )
    assert price.source == (
        "overlay 2026-11-15, openai:gpt-6-sol as of 2026-10-01: litellm wheel snapshot, since 2026-09-22"
    )
    assert plan.models["base"].catalog == "openai:gpt-6-sol"
    assert pickle.loads(pickle.dumps(plan)) == plan


def test_a_fine_tune_brings_the_price_of_its_training(read):
    plan = read(add=TUNED)
    assert amounts(plan, "tuned") == (0.8, 0.2, 3.2, 5.0)
    fields = [price.field for price in plan.resolved_prices if price.model == "tuned"]
    assert fields == ["input_price", "cached_price", "output_price", "training_price"]


def test_prices_beside_catalog_win_key_by_key(read):
    plan = read('models.base.output_price="7 USD/Mtok"')
    assert amounts(plan) == (2.0, 0.2, 7.0, None)
    assert [price.field for price in plan.resolved_prices] == ["input_price", "cached_price"]


def test_a_catalog_that_changes_nothing_is_told(read):
    written = ("input_price", "cached_price", "output_price")
    plan = read(*(f'models.base.{key}="1 USD/Mtok"' for key in written))
    assert plan.warnings == (
        "models.base.catalog changes nothing: every price of 'openai:gpt-6-sol' is written beside it.",
    )


def test_an_override_names_another_model(read):
    assert amounts(read('models.base.catalog="openai:gpt-4.1-nano"'))[:3] == (0.1, 0.025, 0.4)


@needs_package
def test_a_model_that_only_the_package_knows_says_so(read):
    plan = read('models.base.catalog="cohere:command-r-plus"')
    version = package_version()
    assert plan.models["base"].input_price.source == (
        f"genai-prices {version}, cohere:command-r-plus as of 2026-10-01: cohere:command-r-plus"
    )
    assert {(price.origin, price.version) for price in plan.resolved_prices} == {("genai-prices", version)}


def test_without_the_package_plans_of_the_overlay_are_the_same(read, without_package):
    plan = read(add=TUNED)
    assert amounts(plan, "tuned") == (0.8, 0.2, 3.2, 5.0)


def test_with_and_without_the_package_the_digest_is_the_same(read, request):
    digest = read(add=TUNED).digest
    request.getfixturevalue("without_package")
    assert read(add=TUNED).digest == digest


def test_without_the_package_an_unknown_model_says_what_is_missing(errors_of, without_package):
    (error,) = errors_of('models.base.catalog="cohere:command-r-plus"')
    assert error.message == "the catalogue has no model 'cohere:command-r-plus'"
    assert error.hint.endswith("genai-prices is not installed, it knows many more")


def test_an_unknown_model_is_the_only_error_it_makes(errors_of):
    (error,) = errors_of('models.base.catalog="openai:gpt-6-soll"', add=TUNED)
    assert error.key == "models.base.catalog"
    assert "did you mean openai:gpt-6-sol" in error.hint
    assert "simulate prices PATTERN" in error.hint


@pytest.mark.parametrize(
    "value", ["3", '""', '"openai"', '"openai:"', '":gpt-4"', '"a:b\\u001bc"', '["a:b"]', "{}"]
)
def test_what_is_no_name_is_refused_with_what_may_stand(errors_of, value):
    (error,) = errors_of(f"models.base.catalog={value}")
    assert "this field takes 'provider:model'" in error.message


def test_the_price_is_that_of_the_first_day_of_the_plan(read):
    for start, price in (("2024-02-01", 5.0), ("2024-10-01", 5.0), ("2024-11-01", 2.5)):
        plan = read('models.base.catalog="openai:gpt-4o"', f"start={start}", 'horizon="1 month"')
        assert amounts(plan)[0] == price
        assert plan.resolved_prices[0].date == date.fromisoformat(start)
        assert plan.prices_as_of == ""


def test_a_plan_that_starts_after_all_that_is_known_says_of_which_day_its_prices_are(read):
    plan = read("start=2027-03-01")
    assert plan.prices_as_of == (
        "Catalogue prices as of 2026-11-15 (overlay 2026-11-15): the plan starts later, on 2027-03-01, "
        "so the newest known prices count."
    )
    assert plan.resolved_prices[0].date == date(2026, 11, 15)
    assert plan.models["base"].input_price.source.startswith(
        "overlay 2026-11-15, openai:gpt-6-sol as of 2026-11-15"
    )


@needs_package
def test_the_note_names_every_origin_with_its_own_day(read):
    plan = read("start=2027-03-01", 'models.base.catalog="cohere:command-r-plus"', add=TUNED)
    assert plan.prices_as_of.startswith(
        f"Catalogue prices as of 2026-11-15 (genai-prices {package_version()} of "
    )
    assert ", overlay 2026-11-15)" in plan.prices_as_of


def test_a_start_before_the_first_known_price_is_told(read):
    (warning,) = read('models.base.catalog="openai:gpt-4o"', "start=2023-01-01").warnings
    assert warning == (
        "models.base: no price of openai:gpt-4o is known before 2024-05-13; the plan starts on 2023-01-01 and "
        "takes that one."
    )


@pytest.mark.parametrize(
    ("start", "horizon", "said"),
    [
        ("2027-02-01", 12, "was retired on 2027-01-14, before the plan starts on 2027-02-01"),
        ("2027-01-01", 12, "is retired on 2027-01-14, in month 1 of 12"),
        ("2026-10-01", 12, "is retired on 2027-01-14, in month 4 of 12"),
        ("2026-10-01", 4, "is retired on 2027-01-14, in month 4 of 4"),
        ("2026-10-01", 3, None),
    ],
)
def test_a_model_that_is_retired_is_a_warning_that_says_when(read, start, horizon, said):
    sets = ('models.base.catalog="openai:gpt-4.1-mini"', f"start={start}", f'horizon="{horizon} month"')
    warnings = read(*sets).warnings
    assert [said in warning for warning in warnings] == ([] if said is None else [True])


def test_a_retirement_that_the_plan_counts_with_is_no_warning(read):
    sets = ('models.base.catalog="openai:gpt-4.1-mini"',)
    (warning,) = read(*sets).warnings
    assert warning.endswith("retired_on = 2027-01-14 makes the plan count with it.")
    assert read(*sets, "models.base.retired_on=2027-01-14").warnings == ()
    assert len(read(*sets, "models.base.retired_on=2027-03-14").warnings) == 1


def test_a_fine_tune_that_can_no_longer_be_trained_is_told(read):
    warnings = read(add=TUNED).warnings
    assert (
        "models.tuned: openai:ft:gpt-4.1-mini takes training jobs until 2027-01-06, after that no retraining is "
        "possible there."
    ) in warnings


def test_hosting_is_told_until_an_item_by_the_hour_pays_it(read):
    sets = ('models.tuned.catalog="azure:ft:gpt-4.1"', 'models.tuned.training_price="25 USD/Mtok"')
    (warning,) = read(*sets, add=TUNED).warnings
    assert 'a cost item such as hosting = "1.70 USD/h" can say it' in warning
    assert read(*sets, 'strategies.finetuned.costs.hosting="1.70 USD/h"', add=TUNED).warnings == ()
    assert "hosting costs 1.70 USD/h besides" in read(*sets, add=TUNED).models["tuned"].input_price.source


def test_an_announced_price_is_told_until_the_plan_schedules_it(read):
    sets = ('models.base.catalog="google:gemini-3.6-flash"', 'models.base.prices="p"')
    plan = read(*sets, 'prices.p.drift="0% / year"')
    assert amounts(plan)[:3] == (0.75, 0.075, 3.75)
    (warning,) = plan.warnings
    assert "from 2027-01-01, month 4, 1.5 and 7.5" in warning
    assert read(*sets, "prices.p.scheduled=[{ at = 4, change = 2.0 }]").warnings == ()
    assert amounts(read("start=2027-01-01", *sets, 'prices.p.drift="0% / year"'))[:3] == (1.5, 0.15, 7.5)


def test_the_minimum_of_a_job_stands_in_the_source_and_not_in_the_plan(read):
    written = ('models.tuned.input_price="1 USD/Mtok"', 'models.tuned.output_price="1 USD/Mtok"')
    plan = read('models.tuned.catalog="together:lora-16b"', *written, add=TUNED)
    assert plan.models["tuned"].training_price.form.value == 0.48
    assert "a job costs at least 4 USD, which 'minimum' can say" in plan.models["tuned"].training_price.source
    assert plan.strategies["finetuned"].training.minimum is None


def test_the_digest_depends_on_the_resolved_prices(read, monkeypatch):
    before = read().digest
    entry = lookup("openai:gpt-6-sol").entry
    cheaper = type(entry.prices[0])(1.0, 0.2, 10.0, entry.prices[0].since, "a source", "overlay")
    monkeypatch.setattr(
        "simulator.plan.catalogue_prices.lookup",
        lambda name: type(lookup(name))(type(entry)(entry.id, prices=(cheaper,))),
    )
    assert read().digest != before


def test_a_plan_without_catalogue_has_nothing_of_it(read):
    changes = (('catalog = "openai:gpt-6-sol"', 'input_price = "2 USD/Mtok"\noutput_price = "8 USD/Mtok"'),)
    plan = read(changes=changes)
    assert (plan.warnings, plan.prices_as_of, plan.resolved_prices, plan.resolved_presets) == ((), "", (), ())
    assert "catalogue" not in provenance.attributes(plan, lifetimes=1, seed=0)


def test_the_result_says_what_was_resolved(read):
    plan = read("start=2027-03-01", 'prices.p.preset="pinned"', 'models.base.prices="p"')
    kept = json.loads(provenance.attributes(plan, lifetimes=1, seed=0)["catalogue"])
    assert kept["as_of"] == plan.prices_as_of
    assert kept["versions"] == {"overlay": "2026-11-15"}
    assert kept["prices"][0] == {
        "model": "base",
        "catalog": "openai:gpt-6-sol",
        "field": "input_price",
        "value": 2.0,
        "unit": "USD/Mtok",
        "source": "litellm wheel snapshot, since 2026-09-22",
        "date": "2026-11-15",
        "since": "2026-09-22",
        "origin": "overlay",
        "version": "2026-11-15",
    }
    assert kept["presets"][0]["process"] == "p"
    assert kept["presets"][0]["keys"].keys() == {"change_rate", "change"}


def test_explain_shows_resolved_prices_like_any_quantity(read):
    rows = {row.name: row for row in describe(read())}
    row = rows["models.base.cached_price"]
    assert (row.p50, row.unit, row.drawn) == (0.2, "USD/Mtok", "never")
    assert row.source.startswith("overlay 2026-11-15, openai:gpt-6-sol")


def test_same_as_and_another_model_can_name_a_resolved_price(read):
    plan = read(
        'models.tuned.input_price={ same_as = "models.base.input_price", times = 0.5 }',
        'models.tuned.output_price={ same_as = "models.base.output_price" }',
        add=TUNED,
    )
    assert plan.models["tuned"].input_price.original == plan.models["base"].input_price


def test_every_entry_with_prices_can_stand_in_a_plan(read):
    tried = 0
    for entry in find("openai:*"):
        price = entry.price_at(date(2026, 10, 1))
        if price is None or price.input is None or price.output is None:
            continue
        assert amounts(read(f'models.base.catalog="{entry.id}"'))[0] == price.input
        tried += 1
    assert tried > 20
