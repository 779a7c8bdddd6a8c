"""Test what plan objects hold."""

from __future__ import annotations

import copy
import datetime
import hashlib
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from simulator.plan import Correlation, DataErrors, PlanErrors, load_plan, parse_plan
from simulator.plan.forms import (
    Constant,
    Discrete,
    MeanOf,
    Mixture,
    Moments,
    Percentiles,
    Pert,
    SameAs,
    Uniform,
)
from simulator.plan.frozen import FrozenDict
from simulator.plan.schema import COMPONENTS, INVOICED, QUANTILES
from simulator.plan.strategy import Migrating, Plain, Routed
from simulator.plan.tables import keys_of


@pytest.fixture(scope="module")
def plan(every_key):
    return load_plan(every_key)


def test_constants_of_the_plan(plan, every_key):
    assert plan.name == "Support answers, every key"
    assert plan.start == datetime.date(2027, 1, 1)
    assert plan.horizon == 36
    assert plan.baseline == "prompting"
    assert plan.path == str(every_key)
    assert plan.text == every_key.read_text()
    assert plan.overrides == ()
    assert (plan.finance.currency, plan.finance.fiscal_start) == ("USD", "April")
    assert (plan.finance.budget.amount, plan.finance.budget.per) == (480_000.0, "year")
    assert plan.finance.budget_level == 0.8
    assert plan.finance.budget_covers == INVOICED
    assert plan.finance.compare_on == COMPONENTS
    assert (plan.run.lifetimes, plan.run.seed, plan.run.sampler) == (20_000, 2**64 - 1, "random")
    assert plan.run.quantiles == QUANTILES
    assert plan.demand.curve == "compound"
    assert plan.demand.seasonality[-1] == 1.25


def test_the_calendar_follows_start_horizon_and_fiscal_year(plan):
    assert plan.calendar.fiscal_years[0] == "FY2027"
    assert plan.calendar.fiscal_years[3] == "FY2028"
    assert len(plan.calendar.dates) == 36


def test_defaults_of_what_is_not_written(read):
    plan = read()
    assert plan.finance.discount is None
    assert plan.finance.budget is None
    assert plan.finance.fiscal_start == "January"
    assert plan.finance.budget_level == 0.8
    assert plan.finance.budget_covers == INVOICED
    assert plan.finance.compare_on == COMPONENTS
    assert (plan.run.lifetimes, plan.run.seed, plan.run.quantiles) == (1_000_000, 0, QUANTILES)
    assert plan.quality.cost_per_failure is None
    assert plan.people.raise_ is None
    assert plan.models["base"].cached_price is None
    assert plan.strategies["prompting"].latency is None
    assert plan.strategies["finetuned"].training.technique == "full"
    assert plan.strategies["prompting"].label == "prompting"
    assert plan.correlations == ()


def test_every_form_of_a_quantity(plan):
    assert plan.finance.discount.form == Percentiles(((0.05, 0.06), (0.95, 0.1)))
    assert plan.people.roles["domain_expert"].form == Pert(40.0, 60.0, 110.0)
    assert plan.events["season_start"].demand.form == Uniform(0.9, 1.3)
    assert plan.models["base"].retired_after.form == Moments("weibull", 21.0, 8.0)
    assert plan.models["tuned"].retired_after.form == Discrete((12.0, 18.0, 24.0), (0.1, 0.5, 0.4))
    assert isinstance(plan.prices["pinned"].change.form, Mixture)
    assert plan.finance.usd_rate.form == Constant(1.0)
    assert plan.strategies["rag"].retries.form == Constant(0.02)


def test_quantities_have_the_name_under_which_they_are_written(plan):
    assert plan.people.raise_.name == "people.raise"
    assert plan.strategies["hybrid"].route["finetuned"].name == "strategies.hybrid.route.finetuned"
    assert plan.strategies["migrate"].then[0].when.requests_above.name == (
        "strategies.migrate.then[0].when.requests_above"
    )
    assert (
        plan.strategies["prompting"].costs["review"].growth.name == "strategies.prompting.costs.review.growth"
    )
    assert plan.strategies["hosted_twice"].prompt.name == "strategies.self_hosted.prompt"
    assert plan.strategies["hosted_twice"].serving.capacity.name == "strategies.hosted_twice.serving.capacity"


def test_notes_are_kept(plan):
    assert plan.owner == "platform team"
    assert plan.demand.growth.source == "Three years of tickets."
    assert plan.people.roles["domain_expert"].owner == "HR"
    assert list(plan.people.roles) == ["ml_engineer", "domain_expert"]
    assert "owner" not in plan.strategies["prompting"].costs


def test_the_three_kinds_of_strategies(plan):
    kinds = {name: type(one) for name, one in plan.strategies.items()}
    assert kinds == {
        "prompting": Plain,
        "short_prompt": Plain,
        "rag": Plain,
        "finetuned": Plain,
        "self_hosted": Plain,
        "hosted_twice": Plain,
        "hybrid": Routed,
        "migrate": Migrating,
    }
    assert plan.strategies["hybrid"].route["prompting"] is None
    first, second, third = plan.strategies["migrate"].then
    assert (first.migrate_to, first.when.for_, first.when.not_before, first.role) == (
        "hybrid",
        2,
        4,
        "ml_engineer",
    )
    assert (second.when.on, second.takes.form, second.cost) == ("models.tuned.retired", Constant(2.0), None)
    assert (third.when.at, third.when.requests_above) == (30, None)


def test_cadence_and_kind_of_items(plan):
    costs = plan.strategies["prompting"].costs
    assert {name: (item.kind, item.cadence) for name, item in costs.items()} == {
        "build": ("hours", "upfront"),
        "tuning": ("hours", "month"),
        "edge_cases": ("hours", "day"),
        "licence": ("money", "year"),
        "review": ("money", "quarter"),
        "monitoring": ("money", "h"),
        "gateway": ("money", "kreq"),
        "moderation": ("money", "req"),
        "migration": ("hours", "upfront"),
        "relaunch": ("money", "upfront"),
    }
    assert costs["migration"].on == "models.base.retired"
    assert costs["tuning"].varies.form == Constant(0.2)
    assert plan.strategies["finetuned"].costs["evaluation"].cadence == "run"


def test_same_as_has_the_unit_and_cadence_of_its_target(plan):
    item = plan.strategies["finetuned"].costs["operations"]
    target = plan.strategies["rag"].costs["index"]
    assert item.quantity.form == SameAs("strategies.rag.costs.index")
    assert item.quantity.original is target.quantity
    assert (item.kind, item.cadence, item.quantity.unit) == ("hours", "month", target.quantity.unit)
    assert item.quantity.is_constant
    failures = plan.strategies["finetuned"].failures
    assert failures.form.times.name == "strategies.finetuned.failures.times"
    assert not failures.is_constant


def test_chains_of_same_as_are_followed(read):
    plan = read(
        ('failures = "2% to 5%"', 'failures = { same_as = "strategies.third.failures", times = 0.5 }'),
        add='[strategies.third]\nmodel = "base"\nprompt = "9 tok/req"\n'
        'failures = { same_as = "strategies.prompting.failures" }\n'
        '[[correlations]]\nbetween = ["demand.growth", "strategies.finetuned.failures"]\nspearman = -0.5\n',
    )
    first = plan.strategies["finetuned"].failures
    assert first.original.original is plan.strategies["prompting"].failures
    assert plan.correlations == (Correlation("demand.growth", "strategies.prompting.failures", -0.5),)


def test_patterns_stand_for_every_quantity_with_a_draw(read):
    plan = read(
        add='[[correlations]]\nbetween = ["demand.*", "strategies.*.failures", "prices.*.*"]\n'
        "spearman = 0.1\n"
    )
    names = {name for one in plan.correlations for name in (one.first, one.second)}
    assert names == {
        "demand.requests",
        "demand.growth",
        "strategies.prompting.failures",
        "strategies.finetuned.failures",
    }
    assert len(plan.correlations) == 6


def test_a_pattern_does_not_cross_a_dot(errors_of):
    (error,) = errors_of(
        add='[[correlations]]\nbetween = ["strategies.*", "demand.growth"]\nspearman = 0.1\n'
    )
    assert "'strategies.*' matches no quantity" in error.message


def test_data_columns_are_found_beside_the_plan_and_enter_the_digest(tmp_path, small):
    text = small.replace(
        'input = "400 tok/req"', 'input = { data = "use.csv", column = "n", unit = "tok/req" }'
    )
    (tmp_path / "plan.toml").write_text(text)
    (tmp_path / "use.csv").write_text("n\n100\n300\n")
    before = load_plan(tmp_path / "plan.toml")
    assert before.request.input.form == MeanOf(200.0, 100.0)
    (tmp_path / "use.csv").write_text("n\n100\n300.0\n")
    after = load_plan(tmp_path / "plan.toml")
    assert after.request.input.form == before.request.input.form
    assert after.digest != before.digest


def test_the_digest_is_that_of_text_and_overrides(read, small):
    plan = read()
    size = len(small.encode()).to_bytes(8, "little")
    assert plan.digest == hashlib.sha256(size + small.encode()).hexdigest()
    assert read().digest == plan.digest
    assert read(sets=("run.seed=0",)).digest != plan.digest
    assert read(sets=("run.seed=1", "run.seed=2")).digest != read(sets=("run.seed=2", "run.seed=1")).digest


def test_bad_data_alone_is_a_data_error_and_with_a_bad_plan_a_plan_error(errors_of, read):
    data = ('input = "400 tok/req"', 'input = { data = "absent.csv", column = "n", unit = "tok/req" }')
    with pytest.raises(DataErrors, match=r"absent\.csv"):
        read(data)
    with pytest.raises(PlanErrors) as caught:
        read(data, ('horizon = "24 month"', "horizon = 0"))
    assert len(caught.value) == 2


def test_nothing_in_a_plan_can_be_changed(plan):
    with pytest.raises(ValidationError):
        plan.name = "other"
    with pytest.raises(ValidationError):
        plan.demand.growth = None
    for change in (
        lambda table: table.update(x=1),
        lambda table: table.pop("base"),
        lambda table: table.clear(),
        lambda table: table.__setitem__("x", 1),
        lambda table: table.__delitem__("base"),
    ):
        with pytest.raises(TypeError, match="cannot be changed"):
            change(plan.models)
    assert isinstance(plan.strategies["hybrid"].route, FrozenDict)


def test_plans_can_be_hashed_pickled_and_copied(plan):
    assert hash(plan) == hash(pickle.loads(pickle.dumps(plan)))
    assert pickle.loads(pickle.dumps(plan)) == plan
    assert copy.deepcopy(plan) == plan
    assert pickle.loads(pickle.dumps(plan.models)) == plan.models


def test_the_plan_with_every_key_has_every_key(plan, every_key):
    text = every_key.read_text()
    from simulator.plan import quantity_keys, schema, strategy

    tables = {
        one
        for module in (schema, strategy, quantity_keys)
        for one in vars(module).values()
        if isinstance(one, type) and hasattr(one, "model_fields")
    }
    for table in tables:
        for key in keys_of(table):
            assert f"{key} =" in text or f"[{key}" in text or f".{key}" in text, (table, key)


def test_crlf_and_a_byte_order_mark_change_nothing_but_the_text(small, read):
    plan = parse_plan(b"\xef\xbb\xbf" + small.replace("\n", "\r\n").encode(), "plan.toml")
    assert plan.strategies == read().strategies
    assert plan.demand == read().demand


def test_spans_may_be_given_in_quarters_and_years(read):
    assert read(('horizon = "24 month"', 'horizon = "3 year"')).horizon == 36
    assert read(('horizon = "24 month"', 'horizon = "6 quarter"')).horizon == 18


@pytest.mark.parametrize(
    ("written", "amount", "per"),
    [
        ("180k USD/year", 180e3, "year"),
        ("15_000 USD / month", 15e3, "month"),
        ("0.5M USD/quarter", 5e5, "quarter"),
        ("1e6 USD", 1e6, "horizon"),
    ],
)
def test_budgets(read, written, amount, per):
    budget = read(('currency = "USD"', f'currency = "USD"\nbudget = "{written}"')).finance.budget
    assert (budget.amount, budget.per) == (amount, per)


def test_logistic_demand_and_one_strategy_alone(small):
    text = small[: small.index("[strategies.finetuned]")].replace(
        'growth = "5% to 40% / year"', 'ceiling = "1M req/month"\ncurve = "logistic"'
    )
    plan = parse_plan(text.encode(), "plan.toml")
    assert plan.demand.curve == "logistic"
    assert list(plan.strategies) == ["prompting"]


def test_retired_on_alone_lets_a_model_retire(read):
    plan = read(('retired_after = "18 to 30 month"', "retired_on = 2028-03-15"))
    assert plan.models["tuned"].retired_on == datetime.date(2028, 3, 15)


@pytest.mark.parametrize("name", ["missing.toml", ""])
def test_a_file_that_cannot_be_opened_is_an_error_of_the_file_system(tmp_path, name):
    with pytest.raises(DataErrors) as caught:
        load_plan(tmp_path / name)
    assert caught.value.errors[0].message in ("there is no such file", "this is a directory")


def test_reading_a_plan_loads_no_numerical_package():
    root = Path(__file__).parents[3]
    code = (
        "import sys; from simulator.plan import load_plan; "
        f"load_plan({str(Path(__file__).with_name('every_key.toml'))!r}); "
        "heavy = {'numpy', 'numba', 'scipy', 'xarray', 'click', 'rich', 'matplotlib'}; "
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("growth", "warns"),
    [
        ("-5% / year", True),
        ("0% / year", False),
        ("5% / month", False),
        ("5% to 40% / year", True),  # in one of 70 lifetimes
        ("30% to 40% / year", False),
        ('{ p10 = 30, p50 = 33, p90 = 90, unit = "% / year" }', False),
        ('{ p10 = -1, p50 = 33, p90 = 90, unit = "% / year" }', True),
        ('{ min = -1, mode = 5, max = 9, unit = "% / year" }', True),
        ('{ min = 0, mode = 5, max = 9, unit = "% / year" }', False),
    ],
)
def test_growth_that_can_be_negative_on_a_logistic_curve_is_a_warning(small, growth, warns):
    sets = ('demand.ceiling="400k req/month"', f"demand.growth={growth}")
    warnings = parse_plan(small.encode(), "plan.toml", (*sets, "demand.curve=logistic")).warnings
    assert [warning.startswith("demand.growth = ") for warning in warnings] == [True] * warns
    assert parse_plan(small.encode(), "plan.toml", sets).warnings == ()


def test_parts_may_share_a_label(small):
    """They take part in no figure or table."""
    text = small + '[strategies.other]\nextends = "prompting"\nlabel = "finetuned"\npart = true\n'
    assert parse_plan(text.encode(), "plan.toml").strategies["other"].label == "finetuned"
