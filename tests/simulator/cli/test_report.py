"""How errors look."""

from __future__ import annotations

import json
from pathlib import Path

import click
import numpy as np
import pytest

from distributions import copula
from simulator.cli import report
from simulator.cli.report import Problem
from simulator.errors import SimulatorError
from simulator.plan.errors import DataErrors, PlanError, PlanErrors


def shown(problem, width=80):
    return [click.unstyle(line) for line in report.lines_of(problem, width)]


@pytest.fixture
def plan(tmp_path):
    def write(text):
        path = tmp_path / "plan.toml"
        path.write_bytes(text.encode())
        report._source.cache_clear()
        return str(path)

    return write


def test_an_error_shows_its_line_and_a_caret_under_its_column(plan):
    path = plan('[demand]\nrequests = "25 USD/Mtok"\n')
    assert shown(PlanError(path, 2, 12, "demand.requests", "wrong unit", "such as '60k req/month'")) == [
        f"{path}:2:12  demand.requests",
        "  wrong unit",
        '     2 | requests = "25 USD/Mtok"',
        "       |            ^",
        "  hint: such as '60k req/month'",
    ]


def test_the_caret_keeps_its_place_after_wide_letters_and_tabs(plan):
    path = plan('\t"費用" = 3\r\n')
    line, caret = shown(PlanError(path, 1, 9, "", "wrong"))[2:4]
    assert line == '     1 |  "費用" = 3'
    # Two of the letters before the caret take two cells each.
    assert caret == "       | " + " " * 10 + "^"


def test_a_byte_order_mark_moves_no_column(plan):
    path = plan("\N{BYTE ORDER MARK}name = 3\n")
    assert shown(PlanError(path, 1, 8, "name", "wrong"))[2:4] == ["     1 | name = 3", "       |        ^"]


def test_a_long_line_is_cut_around_its_column(plan):
    path = plan(f"values = [{', '.join(map(str, range(400)))}]\n")
    text = Path(path).read_text()
    line, caret = shown(PlanError(path, 1, text.index("200") + 1, "", "wrong"), width=80)[2:4]
    assert len(line) <= 80
    assert line[len(caret) - 1 :].startswith("200,")


def test_an_error_without_a_place_in_a_file_is_its_message_alone():
    assert shown(Problem("Interrupted.")) == ["Interrupted."]


@pytest.mark.parametrize(("file", "line"), [("missing.toml", 3), ("--set demand.growth=2", 1), ("x\0y", 1)])
def test_a_place_that_cannot_be_quoted_is_still_named(file, line):
    assert shown(PlanError(file, line, 1, "key", "wrong"))[1:] == ["  wrong"]


def test_a_line_beyond_the_end_of_the_file_is_not_quoted(plan):
    assert len(shown(PlanError(plan("a = 1"), 7, 1, "", "wrong"))) == 2


def test_control_characters_of_a_plan_do_not_reach_the_terminal(plan):
    path = plan('name = "\x1b[35mred"\n')
    lines = report.lines_of(PlanError(path, 1, 8, "na\x1b[1mme", "bad \x07 name"), 80)
    assert all("\x1b[35m" not in line and "\x07" not in line for line in lines)
    assert "na\x1b[1mme" not in lines[0]


def test_a_long_message_is_broken_between_words():
    lines = shown(PlanError("p.toml", None, None, "k", "word " * 40, "hint " * 40), width=60)
    assert max(map(len, lines)) <= 60
    assert " ".join(lines).split().count("word") == 40


def test_what_was_laid_out_by_hand_stays_so():
    matrix = "the nearest one is\n   1.00  0.50\n   0.50  1.00"
    assert shown(PlanError("p.toml", None, None, "k", matrix), width=10)[-2:] == [
        "     1.00  0.50",
        "     0.50  1.00",
    ]


def test_colours_show_on_terminals_alone_and_not_with_no_color(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert report._colour() is None
    monkeypatch.setenv("NO_COLOR", "1")
    assert report._colour() is False
    monkeypatch.setenv("NO_COLOR", "")
    assert report._colour() is None


@pytest.mark.parametrize(("errors", "code"), [(PlanErrors, 2), (DataErrors, 3)])
def test_all_errors_of_a_file_are_told_and_keep_their_fields(errors, code, capsys):
    found = [PlanError("p.toml", 1, 2, "a", "first", "do"), PlanError("p.toml", 3, 4, "b", "second")]
    assert report.failure(errors(found), as_json=True) == code
    out, err = capsys.readouterr()
    assert json.loads(out)["errors"] == [
        {"file": "p.toml", "line": 1, "column": 2, "key": "a", "message": "first", "hint": "do"},
        {"file": "p.toml", "line": 3, "column": 4, "key": "b", "message": "second", "hint": None},
    ]
    assert "first" in err
    assert "second" in err


def test_an_error_of_the_store_brings_its_own_code(capsys):
    from simulator.storage import StorageError

    assert report.failure(StorageError("x.nc: is a directory", "name a file", 2), as_json=False) == 2
    assert capsys.readouterr().err == "x.nc: is a directory\n  hint: name a file\n"


def test_what_an_error_lacks_is_null_for_programs():
    errors = [PlanError("p.toml", None, None, "", "wrong"), Problem("wrong"), SimulatorError("wrong")]
    for error, file in zip(errors, ("p.toml", None, None), strict=True):
        nothing = dict.fromkeys(("line", "column", "key", "hint"))
        assert report.as_objects([error]) == [{"file": file, "message": "wrong", **nothing}]


def test_an_error_of_a_file_names_it_once_for_people_and_always_for_programs(capsys):
    from simulator.storage import StorageError

    assert report.failure(StorageError("x.nc: no such file", "name one", file="x.nc"), as_json=True) == 3
    out, err = capsys.readouterr()
    assert err == "x.nc: no such file\n  hint: name one\n"
    (told,) = json.loads(out)["errors"]
    assert (told["file"], told["message"]) == ("x.nc", "x.nc: no such file")


@pytest.mark.parametrize("option", ["--set demand.growth=2", "--over demand.growth"])
def test_a_value_on_the_command_line_is_no_file(option, capsys):
    assert (
        report.failure(PlanErrors([PlanError(option, None, None, "demand.growth", "wrong")]), as_json=True)
        == 2
    )
    out, err = capsys.readouterr()
    assert err == f"{option}  demand.growth\n  wrong\n"
    (told,) = json.loads(out)["errors"]
    assert told["file"] is None
    assert (told["key"], told["message"]) == ("demand.growth", f"{option}: wrong")


def test_json_keeps_every_digit_and_has_no_word_for_infinity(capsys):
    third = np.float64(1) / 3
    report.print_object(
        {"a": third, "b": np.array([np.nan, 1.0]), "c": Path("x"), "d": np.int64(2**62), "e": np.inf}
    )
    text = capsys.readouterr().out
    assert json.loads(text) == {"a": float(third), "b": [None, 1.0], "c": "x", "d": 2**62, "e": None}


def test_contradicting_correlations_are_an_error_of_the_plan(capsys):
    error = copula.NotPositiveDefiniteError(("a", "b"), np.eye(2))
    assert report.failure(error, as_json=False) == 2
    assert capsys.readouterr().err.startswith("correlations\n  ")


def test_costs_beyond_all_numbers_are_an_error_of_the_plan(capsys):
    assert report.failure(OverflowError("costs are too large"), as_json=False) == 2
    assert capsys.readouterr().err == "costs are too large\n"


def test_several_errors_are_counted(capsys):
    report.show_problems([Problem("one"), Problem("two")])
    assert capsys.readouterr().err == "one\n\ntwo\n\n2 errors\n"
