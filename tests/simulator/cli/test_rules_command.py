"""simulate rules: rules of thumb beside the simulation, for people and for programs."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize("width", [80, 120])
def test_the_page_stays_within_the_terminal_and_ends_with_one_sentence(simulate, plan, width):
    result = simulate("rules", plan, "--lifetimes", "200", env={"COLUMNS": str(width)})
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert lines[0] == "Two ways: rules of thumb"
    assert lines[1].startswith("200 lifetimes, seed 7, money in USD.")
    last = " ".join(result.stdout.rpartition("\n\n")[2].split())
    assert "rules that speak" in last
    assert last.count(". ") == 0


def test_json_is_one_object_with_intervals(simulate, plan):
    result = simulate("rules", plan, "--lifetimes", "200", "--seed", "9", "--json")
    document = json.loads(result.stdout)
    assert document["file"] == plan
    assert (document["plan"]["lifetimes"], document["plan"]["seed"]) == (200, 9)
    assert [rule["source"] for rule in document["rules"]] == sorted(
        rule["source"] for rule in document["rules"]
    )
    followed = [rule for rule in document["rules"] if rule["followed"]]
    assert followed
    for rule in followed:
        chance = rule["cheapest_probability"]
        assert chance["low"] <= chance["value"] <= chance["high"]


def test_a_hundred_thousand_lifetimes_whatever_the_plan_says(simulate, plan, monkeypatch):
    from simulator import run

    asked = {}

    def stop(plan, **options):
        asked.update(options)
        raise OverflowError("stop here")

    monkeypatch.setattr(run, "simulate", stop)
    simulate("rules", plan, "--threads", "2")
    assert asked == {"lifetimes": 100_000, "seed": None, "threads": 2, "progress": None}


def test_what_is_set_is_what_the_rules_see(simulate, plan):
    result = simulate("rules", plan, "--lifetimes", "50", "--set", "demand.requests=900 req/month")
    assert "900 requests a month" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--lifetimes", "0"], 2),
        (["--seed", "-1"], 2),
        (["--set", "demand.nothing=3"], 2),
        (["--csv"], 2),
    ],
)
def test_bad_input_is_refused_before_any_work(simulate, plan, module, arguments, code):
    module("simulator.run")
    result = simulate("rules", plan, *arguments)
    assert result.exit_code == code
    assert "Traceback" not in result.output


def test_a_missing_plan_is_an_error_with_code_3(simulate):
    assert simulate("rules", "nothing.toml").exit_code == 3


def test_nothing_is_written(simulate, plan, tmp_path):
    simulate("rules", plan, "--lifetimes", "50")
    assert [path.name for path in tmp_path.iterdir()] == ["plan.toml"]
