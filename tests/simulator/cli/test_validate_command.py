"""simulate validate: what is wrong with a plan, or that nothing is."""

from __future__ import annotations

import json
import os

import pytest


def test_a_valid_plan_is_told_in_one_line(simulate, plan):
    result = simulate("validate", plan)
    assert result.exit_code == 0, result.output
    assert result.stdout == (
        "plan.toml is valid: 2 strategies, 6 months from January 2027, 8 uncertain quantities\n"
    )
    assert result.stderr == ""


def test_json_tells_the_same(simulate, plan):
    found = json.loads(simulate("validate", plan, "--json").stdout)
    assert found.pop("sha256")
    assert found == {
        "valid": True,
        "file": "plan.toml",
        "name": "Two ways",
        "strategies": 2,
        "parts": 0,
        "start": "2027-01-01",
        "horizon_months": 6,
        "uncertain_quantities": 8,
        "warnings": [],
    }


def test_an_override_is_checked_and_counted(simulate, plan):
    assert "7 uncertain" in simulate("validate", plan, "--set", "demand.growth=2% / month").stdout
    result = simulate("validate", plan, "--set", "demand.growth=2 USD")
    assert result.exit_code == 2
    assert "demand.growth" in result.stderr


def test_all_errors_are_told_at_once_with_their_lines(simulate, plan, tmp_path):
    text = (tmp_path / plan).read_text()
    broken = text.replace('"400 tok/req"', '"400 USD/Mtok"').replace('"10 USD/Mtok"', '"10 USD/Mtk"')
    (tmp_path / plan).write_text(broken)
    result = simulate("validate", plan, "--json")
    assert result.exit_code == 2
    errors = json.loads(result.stdout)["errors"]
    assert [error["key"] for error in errors] == ["request.input", "models.big.output_price"]
    for error in errors:
        line = broken.splitlines()[error["line"] - 1]
        assert f"{error['line']:>6} | {line}\n       | {' ' * (error['column'] - 1)}^" in result.stderr


def test_colours_are_for_terminals(simulate, plan, tmp_path):
    (tmp_path / plan).write_text("nme = 3")
    assert "\x1b[" not in simulate("validate", plan).stderr
    assert "\x1b[" in simulate("validate", plan, color=True).stderr
    assert "\x1b[" not in simulate("validate", plan, color=True, env={"NO_COLOR": "1"}).stderr


def test_a_missing_plan_has_no_traceback(process):
    result = process("validate", "missing.toml")
    assert result.returncode in (2, 3)
    assert result.stdout == ""
    assert "missing.toml" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_a_plan_that_may_not_be_read_is_a_file_system_error(simulate, plan, tmp_path):
    (tmp_path / plan).chmod(0)
    result = simulate("validate", plan)
    assert result.exit_code == 3
    assert "the file may not be read" in result.stderr
