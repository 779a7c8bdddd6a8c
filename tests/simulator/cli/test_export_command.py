"""simulate export: tables beside a result, and what is refused."""

from __future__ import annotations

import csv
import json
import os
import sys

import pytest

from simulator import storage
from tests.simulator.synthetic import synthetic_dataset


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    dataset = synthetic_dataset(lifetimes=200, horizon=4)
    path = tmp_path_factory.mktemp("results") / "answer.nc"
    storage.write(dataset, path)
    return dataset, path.read_bytes()


@pytest.fixture
def result(stored, tmp_path):
    (tmp_path / "answer.nc").write_bytes(stored[1])
    return "answer.nc"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_tables_go_beside_the_result(simulate, result, tmp_path, kind):
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    told = simulate("export", result, "--to", kind)
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith(f"Wrote answer.{kind}: ")
    assert names(tmp_path) == sorted(["answer.nc", f"answer.{kind}"])


def test_the_suffix_of_the_file_tells_the_format(simulate, result, tmp_path):
    told = simulate("export", result, "-o", "costs.CSV")
    assert told.exit_code == 0, told.output
    with (tmp_path / "costs.CSV").open(encoding="utf-8", newline="") as file:
        count = sum(1 for _ in csv.DictReader(file))
    assert told.stdout == f"Wrote costs.CSV: {count:,} rows.\n"
    assert simulate("export", result, "--to", "csv", "-o", "costs.txt").exit_code == 0


@pytest.mark.parametrize(
    ("kind", "counted", "other"), [("csv", "rows", "sheets"), ("xlsx", "sheets", "rows")]
)
def test_for_programs_it_is_one_object(simulate, result, kind, counted, other):
    told = simulate("export", result, "--to", kind, "--json")
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    words = simulate("export", result, "--to", kind, "--force").stdout
    assert words == f"Wrote {found['file']}: {found[counted]:,} {counted}.\n"
    assert found == {"file": f"answer.{kind}", "format": kind, counted: found[counted], other: None}
    refused = simulate("export", result, "--to", kind, "--json")
    assert refused.exit_code == 2
    assert f"answer.{kind} is there already" in json.loads(refused.stdout)["errors"][0]["message"]


def test_a_file_that_is_there_stays_without_force(simulate, result, tmp_path):
    (tmp_path / "answer.csv").write_text("mine")
    told = simulate("export", result, "--to", "csv")
    assert told.exit_code == 2
    assert "answer.csv is there already and stays as it is without --force." in told.stderr
    assert (tmp_path / "answer.csv").read_text() == "mine"
    assert simulate("export", result, "--to", "csv", "--force").exit_code == 0
    assert (tmp_path / "answer.csv").read_text().startswith("plan,")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["answer.nc"], "Missing the format: --to csv, --to parquet, --to xlsx."),
        (["answer.nc", "-o", "a.txt"], "Missing the format, which a.txt does not tell"),
        (["answer.nc", "--to", "pdf"], "'pdf' is not one of 'csv', 'parquet', 'xlsx'"),
        (["answer.nc", "--to", "xlsx", "-o", "a.csv"], "--to xlsx and -o a.csv name two formats"),
        (["answer.nc", "--to", "csv", "-o", "nowhere/a.csv"], "there is no directory nowhere"),
        (["answer.nc", "--to", "csv", "-o", "answer.nc/a.csv"], "answer.nc is no directory"),
        (["answer.nc", "--to", "csv", "-o", "."], ". is a directory"),
        (["answer.nc", "--to", "csv", "--force", "-o", os.devnull], "is no ordinary file"),
        (["answer.nc", "--to", "csv", "--force", "-o", "answer.nc"], "answer.nc is the result itself"),
        (["answer.nc", "--to", "csv", "--force", "-o", "link"], "link is the result itself"),
        ([".", "--to", "csv"], ". is a directory; name a result in it"),
        (["--to", "csv"], "Missing argument 'RESULT'"),
    ],
)
def test_a_wrong_command_line_is_a_usage_error_that_changes_nothing(
    simulate, result, tmp_path, stored, arguments, said
):
    (tmp_path / "link").symlink_to("answer.nc")
    told = simulate("export", *arguments)
    assert told.exit_code == 2, told.output
    assert said in told.stderr
    assert names(tmp_path) == ["answer.nc", "link"]
    assert (tmp_path / "answer.nc").read_bytes() == stored[1]


def spoiled(stored, tmp_path, how):
    dataset, content = stored
    path = tmp_path / "bad.nc"
    if how == "newer":
        storage.write(dataset.assign_attrs(schema_version=storage.SCHEMA_VERSION + 1), path)
    elif how == "sweep":
        storage.write(dataset.assign_attrs(kind="sweep"), path)
    elif how == "crossover":
        storage.write(dataset.assign_attrs(kind="crossover"), path)
    elif how == "lacking":
        storage.write(dataset.drop_vars("sample_monthly_cost"), path)
    elif how == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif how == "damaged":
        middle = content.rindex(dataset["monthly_cost"].values.tobytes()[:64])
        path.write_bytes(content[:middle] + bytes(64) + content[middle + 64 :])
    elif how == "foreign":
        path.write_text("plan,version\n")
    return path


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("absent", "bad.nc: no such file"),
        ("newer", "has schema version"),
        ("sweep", "is the result of a sweep, and a run is needed"),
        ("crossover", "is the result of a crossover, and a run is needed"),
        ("lacking", "lacks sample_monthly_cost"),
        ("truncated", "is not a result of this program, or is damaged"),
        ("damaged", "the file is damaged"),
        ("foreign", "is not a result of this program"),
    ],
)
def test_a_file_that_is_no_run_is_a_data_error_that_writes_nothing(simulate, stored, tmp_path, how, said):
    spoiled(stored, tmp_path, how)
    before = names(tmp_path)
    told = simulate("export", "bad.nc", "--to", "xlsx")
    assert told.exit_code == 3, told.output
    assert said in told.stderr
    assert "Traceback" not in told.output
    assert names(tmp_path) == before


def test_parquet_without_pyarrow_says_which_extra_brings_it(simulate, result, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    told = simulate("export", result, "--to", "parquet")
    assert told.exit_code == 2
    assert "Parquet needs pyarrow, which is not installed" in told.stderr
    assert "pip install 'finetune-odds[parquet]'" in told.stderr
    assert names(tmp_path) == ["answer.nc"]


def test_a_directory_that_may_not_be_written_to_is_a_data_error(simulate, result, tmp_path, monkeypatch):
    (tmp_path / "locked").mkdir()
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: "locked" not in str(path) and real(path, mode))
    told = simulate("export", result, "-o", "locked/a.csv")
    assert told.exit_code == 3
    assert "no permission to write in this directory" in told.stderr
    assert names(tmp_path / "locked") == []


def test_a_disk_that_fills_up_is_a_data_error_that_leaves_nothing(simulate, result, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    told = simulate("export", result, "--to", "csv")
    assert told.exit_code == 3
    assert "No space left on device" in told.stderr
    assert names(tmp_path) == ["answer.nc"]
