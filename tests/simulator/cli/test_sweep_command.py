"""simulate sweep: how values are written, what is printed, what is refused before anything runs."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from simulator import storage
from simulator.cli.sweep import read_axes, split


def test_a_table_and_a_dataset(simulate, plan):
    axes = ["--over", "demand.growth=0% / year,9% / year", "--over", "horizon=2 month,3 month"]
    result = simulate("sweep", plan, *axes, "--lifetimes", "100")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Two ways: sweep over demand.growth (2 values) and horizon (2 values)\n")
    path = Path(result.stdout.splitlines()[-1].removeprefix("Dataset  "))
    assert path.name.endswith("-7-sweep.nc")
    dataset = storage.read(path, kind="sweep")
    assert dict(dataset.sizes)["demand.growth"] == 2
    assert dataset.attrs["lifetimes"] == 100


def test_another_grid_is_another_file(simulate, plan):
    for values in ("1 month,2 month", "1 month,3 month"):
        simulate("sweep", plan, "--over", f"horizon={values}", "--lifetimes", "10")
    assert len(list(Path("results").iterdir())) == 2


def test_json_is_one_object(simulate, plan):
    result = simulate("sweep", plan, "--over", "horizon=1 month", "--lifetimes", "10", "--json", "-o", "s.nc")
    told = json.loads(result.stdout)
    assert told["files"] == {"plan": plan, "dataset": "s.nc"}
    (point,) = told["points"]
    assert point["at"] == {"horizon": "1 month"}
    assert set(point["strategies"]) == {"prompting", "finetuned"}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a,b , c", ["a", "b", "c"]),
        ('"1,5 to 2",3', ['"1,5 to 2"', "3"]),
        ("{ p10 = 1, p90 = 2 },{ p10 = 1, p90 = 3 }", ["{ p10 = 1, p90 = 2 }", "{ p10 = 1, p90 = 3 }"]),
        ("[1, 2],[3]", ["[1, 2]", "[3]"]),
        ("", [""]),
    ],
)
def test_commas_within_quotes_and_brackets_separate_nothing(text, values):
    assert split(text) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('["1% / year", "2% / year"]', ["1% / year", "2% / year"]),
        ("[1, 2.5, true]", ["1", "2.5", "true"]),
        ('["5", "true", " x"]', ['"5"', '"true"', '" x"']),
        ("[[3], [6, 12]]", ["[3]", "[6, 12]"]),
        ('[{ p10 = 1, "p90" = "a" }]', ['{ "p10" = 1, "p90" = "a" }']),
        ("[2027-01-01]", ["2027-01-01"]),
        ("[1, 2],[3]", ["[1, 2]", "[3]"]),
        ("[oops", ["[oops"]),
    ],
)
def test_a_toml_array_is_a_list_of_values(text, values):
    assert read_axes((f"key={text}",)) == {"key": values}


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        (("demand.growth",), "'demand.growth' is not KEY=A,B,…"),
        (("=1,2",), "'=1,2' is not KEY=A,B,…"),
        (("a=1,,2",), "'a=1,,2' has an empty value."),
        (("a=1", "a =2"), "a stands twice; give all its values at once."),
    ],
)
def test_an_axis_is_a_key_and_values(axes, message):
    with pytest.raises(click.BadParameter) as caught:
        read_axes(axes)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--over", "demand.grwth=1,2"], "unknown key, [demand] takes requests, growth"),
        (["--over", "demand.growth=1% / year,fast"], "--over demand.growth=fast"),
        (["--over", "people.enginer=1 USD/h"], "did you mean engineer?"),
        (["--over", "run.seed=1,2"], "use --lifetimes and --seed"),
        (["--over", "horizon=1 month", "-o", "note.txt"], "exists and is not a result of this program"),
        ([], "Missing option '--over'"),
    ],
)
def test_what_is_wrong_is_said_before_anything_runs(simulate, plan, monkeypatch, arguments, message):
    def fail(*arguments, **options):
        raise AssertionError("nothing is to be run")

    monkeypatch.setattr("simulator.sweep.run_points", fail)
    Path("note.txt").write_text("mine")
    result = simulate("sweep", plan, *arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert not list(Path().glob("results/*"))


def test_errors_are_objects_where_a_program_asks(simulate, plan):
    result = simulate("sweep", plan, "--over", "demand.growth=fast", "--json")
    (error,) = json.loads(result.stdout)["errors"]
    assert error["file"] is None
    assert error["message"].startswith("--over demand.growth=fast: ")
    assert error["key"] == "demand.growth"
