"""simulate trace: one lifetime as a ledger."""

from __future__ import annotations

import csv
import io
import json
from types import SimpleNamespace

import numpy as np
import pytest

MONTHS = 6
COMPONENTS = (
    *("input_tokens", "output_tokens", "training", "serving"),
    *("labor", "failures", "latency", "other"),
)


@pytest.fixture
def ledger(module):
    """Stand in for the replay with two strategies whose numbers use every digit."""
    from datetime import date

    from simulator.calendar import Calendar

    asked = SimpleNamespace(options=None)
    generator = np.random.default_rng(1)
    cost = generator.random((2, len(COMPONENTS), MONTHS)) * 1e4
    cost[0, 2] = cost[:, 3] = 0.0
    made = SimpleNamespace(
        lifetime=41,
        seed=2**63 + 1,
        inputs={
            "demand.requests": (123456.789, "req/month"),
            "quality.cost": (0.1 + 0.2, "USD/failure"),
        },
        months=Calendar(date(2027, 1, 1), MONTHS).dates,
        requests=generator.random(MONTHS) * 1e5,
        processes=("api",),
        price_level=generator.random((1, MONTHS)),
        events={"events.launch": np.arange(MONTHS) == 2},
        strategies=("prompting", "finetuned"),
        components=COMPONENTS,
        cost=cost,
        upfront=cost[:, :, 0],
        monthly=cost.sum(axis=1),
        cumulative=cost.sum(axis=1).cumsum(axis=1),
        present=cost.sum(axis=1).cumsum(axis=1) * 0.9,
        training_runs=np.array([[0] * MONTHS, [1, 0, 0, 1, 0, 0]]),
    )

    def replay(plan, lifetime, seed=None):
        asked.options = (lifetime, seed)
        return made

    module("distributions.jit", is_compiled=lambda function: True)
    module("simulator.trace", replay=replay)
    made.asked = asked
    return made


def test_lifetime_and_seed_reach_the_replay(simulate, ledger, plan):
    assert simulate("trace", plan, "--lifetime", "1_000", "--seed", "5").exit_code == 0
    assert ledger.asked.options == (1000, 5)
    simulate("trace", plan, "--lifetime", "0")
    assert ledger.asked.options == (0, None)


def test_a_lifetime_must_be_named(simulate, ledger, plan):
    result = simulate("trace", plan)
    assert result.exit_code == 2
    assert "--lifetime" in result.stderr


def test_json_gives_every_digit(simulate, ledger, plan):
    document = json.loads(simulate("trace", plan, "--lifetime", "41", "--json").stdout)
    assert document["seed"] == 2**63 + 1
    assert document["inputs"]["quality.cost"] == {"value": 0.1 + 0.2, "unit": "USD/failure"}
    strategy = document["strategies"]["finetuned"]
    np.testing.assert_array_equal(list(strategy["cost"].values()), ledger.cost[1])
    np.testing.assert_array_equal(strategy["present"], ledger.present[1])
    np.testing.assert_array_equal(document["requests"], ledger.requests)
    assert document["events"]["events.launch"] == [False, False, True, False, False, False]
    assert strategy["training_runs"] == [1, 0, 0, 1, 0, 0]


def test_csv_is_one_row_a_strategy_and_month_with_every_digit(simulate, ledger, plan):
    rows = list(csv.DictReader(io.StringIO(simulate("trace", plan, "--lifetime", "41", "--csv").stdout)))
    assert [(row["strategy"], row["month"]) for row in rows] == [
        (name, str(t + 1)) for name in ("prompting", "finetuned") for t in range(MONTHS)
    ]
    for k, name in enumerate(ledger.strategies):
        own = [row for row in rows if row["strategy"] == name]
        np.testing.assert_array_equal([float(row["cumulative"]) for row in own], ledger.cumulative[k])
        np.testing.assert_array_equal([float(row["input_tokens"]) for row in own], ledger.cost[k, 0])
    assert [row["events.launch"] for row in rows[:MONTHS]] == list("001000")
    assert rows[0]["date"] == "2027-01-01"


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"]])
def test_a_strategy_alone_is_shown_when_it_is_named(simulate, ledger, plan, form):
    result = simulate("trace", plan, "--lifetime", "41", "--strategy", "finetuned", *form)
    assert result.exit_code == 0, result.output
    assert "finetuned" in result.stdout
    assert "\nprompting" not in result.stdout
    assert '"prompting"' not in result.stdout


def test_an_unknown_strategy_is_a_usage_error_that_suggests(simulate, ledger, plan):
    result = simulate("trace", plan, "--lifetime", "41", "--strategy", "finetunde")
    assert result.exit_code == 2
    assert "Did you mean 'finetuned'?" in result.stderr
    assert ledger.asked.options is None


def test_json_and_csv_exclude_each_other(simulate, ledger, plan):
    assert simulate("trace", plan, "--lifetime", "41", "--json", "--csv").exit_code == 2


@pytest.mark.parametrize("width", [80, 120])
def test_the_ledger_stays_within_the_terminal_and_shows_what_was_paid(simulate, ledger, plan, width):
    result = simulate("trace", plan, "--lifetime", "41", env={"COLUMNS": str(width)})
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert lines[0] == "Lifetime 41 of seed 9223372036854775809, amounts in USD"
    assert "  serving" not in result.stdout, "nobody pays for serving"
    for amount in ledger.monthly[0]:
        assert f"{amount:,.0f}" in result.stdout


def test_what_was_drawn_is_shown_in_the_words_of_the_plan(simulate, ledger, plan, tmp_path):
    from simulator.plan import load_plan
    from simulator.plan.contents import quantities

    known = {quantity.name: quantity for quantity in quantities(load_plan(plan))}
    ledger.inputs = dict.fromkeys(known, (0.0518242, "1"))
    shown = simulate("trace", plan, "--lifetime", "41").stdout.split("What happened")[0]
    for name, quantity in known.items():
        (line,) = [line for line in shown.splitlines() if line.split()[:1] == [name]]
        assert line.split(maxsplit=2)[2:] == [quantity.unit.text.replace(" / ", "/")] * bool(
            quantity.unit.text
        )
        if quantity.unit.text == "%":
            assert line.split()[1] == "5.18242"
    assert any(quantity.unit.text == "%" for quantity in known.values())


def test_the_title_says_how_the_lifetime_was_drawn_where_it_is_not_random(simulate, ledger, plan):
    result = simulate("trace", plan, "--lifetime", "41", "--set", 'run.sampler="sobol"')
    assert "of seed 9223372036854775809 on scrambled Sobol points, amounts" in result.stdout.splitlines()[0]


def test_amounts_that_no_float_holds_to_the_unit_have_no_false_digits(simulate, ledger, plan):
    ledger.cumulative[:] = 5.08e22
    result = simulate("trace", plan, "--lifetime", "41")
    assert " 5.08e22 " in result.stdout
    assert "508" not in result.stdout.replace(",", "")
