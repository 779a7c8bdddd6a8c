"""simulate explain: every quantity of a plan, for people and for programs."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_stays_within_the_terminal(simulate, plan, width):
    result = simulate("explain", plan, env={"COLUMNS": str(width)})
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= width


def test_quantities_stand_under_their_table_with_numbers_words_and_source(simulate, plan):
    lines = simulate("explain", plan, env={"COLUMNS": "80"}).stdout.splitlines()
    assert lines[0].split() == ["P5", "P10", "P50", "P90", "P95", "mean"]
    start = lines.index("[strategies.prompting]")
    assert lines[start + 1].split() == [
        "prompt",
        "1,500",
        "1,619",
        "2,121",
        "2,779",
        "3,000",
        "2,169",
        "tok/req",
    ]
    assert lines[start + 2] == "    1,500 to 3,000 tok/req in 9 of 10 lifetimes (lognormal); source: a"
    assert lines[start + 3] == "    measurement; owner: Ada"


def test_a_constant_is_one_line_with_one_number(simulate, plan):
    lines = simulate("explain", plan).stdout.splitlines()
    start = lines.index("[models.big]")
    assert [line.split() for line in lines[start + 1 : start + 4]] == [
        ["input_price", "2.5", "USD/Mtok"],
        ["output_price", "10", "USD/Mtok"],
        ["training_price", "25", "USD/Mtok"],
    ]


def test_a_product_of_draws_is_marked_and_the_mark_explained(simulate, plan):
    lines = simulate("explain", plan).stdout.splitlines()
    assert [line.split()[0] for line in lines if "~ %" in line] == ["failures"]
    assert lines[-1].startswith("~ ")


def test_json_holds_every_field_of_every_quantity(simulate, plan):
    document = json.loads(simulate("explain", plan, "--json").stdout)
    assert document["file"] == plan
    rows = {row["name"]: row for row in document["quantities"]}
    assert rows["events.launch.demand"]["drawn"] == "per occurrence"
    assert rows["strategies.prompting.prompt"]["source"] == "a measurement"
    assert rows["demand.requests"]["p5"] == 60_000
    assert rows["demand.requests"]["unit"] == "req/month"


def test_an_override_is_explained_in_place_of_the_plan(simulate, plan):
    result = simulate("explain", plan, "--json", "--set", "demand.requests=5k req/month")
    rows = {row["name"]: row for row in json.loads(result.stdout)["quantities"]}
    assert rows["demand.requests"]["words"] == "5,000 req/month, always"


def test_a_bad_plan_is_an_error_without_a_traceback(simulate, plan, tmp_path):
    (tmp_path / plan).write_text("nme = 3")
    result = simulate("explain", plan)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


@pytest.mark.parametrize("width", [80, 120])
def test_long_numbers_do_not_touch(simulate, plan, width):
    written = "strategies.prompting.failures={ p10 = 0.0000312, p50 = 0.0000456, p90 = 0.0000789 }"
    result = simulate("explain", plan, "--set", written, env={"COLUMNS": str(width)})
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    position = next(k for k, line in enumerate(lines) if line.startswith("  failures"))
    numbers = next(line for line in lines[position:] if "0.00456" in line or "4.56e-05" in line)
    assert {"3.12e-05", "4.56e-05", "7.89e-05"} <= set(numbers.split())
    assert max(map(len, lines)) <= width
