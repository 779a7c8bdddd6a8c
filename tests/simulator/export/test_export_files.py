"""CSV and Parquet files, read back by other programs."""

from __future__ import annotations

import csv
import json
import os
from datetime import date
from pathlib import Path

import pytest

from simulator.export import COLUMNS, WRITERS, ExportError, rows, write_csv, write_parquet
from simulator.export.texts import defused, is_formula


@pytest.fixture(scope="module")
def written(dataset, tmp_path_factory):
    path = tmp_path_factory.mktemp("csv") / "costs.csv"
    assert write_csv(dataset, path) == len(list(rows(dataset)))
    return path


def test_csv_reads_back_as_it_was_by_the_csv_module(written, dataset):
    with written.open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    assert tuple(header) == COLUMNS
    expected = [[str(cell) for cell in row] for row in rows(dataset)]
    assert lines == expected
    amounts = [float(line[COLUMNS.index("amount")]) for line in lines]
    assert amounts == [row.amount for row in rows(dataset)]


def test_csv_and_parquet_read_back_alike_by_pandas(written, dataset, tmp_path):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    write_parquet(dataset, tmp_path / "costs.parquet")
    # before pandas 3.1, its own reading of a number misses the last bits
    text = pandas.read_csv(written, keep_default_na=False, converters={"amount": float})
    table = pandas.read_parquet(tmp_path / "costs.parquet")
    assert tuple(table.columns) == tuple(text.columns) == COLUMNS
    for name in ("as_of", "period_start", "period_end"):
        assert isinstance(table[name][0], date)
        table[name] = table[name].map(date.isoformat)
    for name in COLUMNS:
        assert table[name].tolist() == text[name].tolist(), name


def test_parquet_says_what_made_it_and_that_percentiles_do_not_add_up(dataset, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "costs.parquet"
    write_parquet(dataset, path)
    told = json.loads(parquet.read_schema(path).metadata[b"finetune-odds"])
    assert told["plan_sha256"] == dataset.attrs["plan_sha256"]
    assert told["lifetimes"] == 600
    assert "do not add up" in told["note"]


@pytest.mark.parametrize("kind", WRITERS)
def test_the_same_result_gives_the_same_bytes_with_the_permissions_of_any_file(dataset, kind, tmp_path):
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    for name in ("a", "b"):
        WRITERS[kind](dataset, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    (tmp_path / "ordinary").write_text("")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "ordinary").stat().st_mode


@pytest.mark.parametrize("kind", WRITERS)
def test_a_file_that_fails_leaves_the_earlier_one_and_nothing_else(dataset, kind, tmp_path, monkeypatch):
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    path = tmp_path / "costs"
    path.write_text("earlier")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        WRITERS[kind](dataset, path)
    assert path.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(dataset, tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link.csv").symlink_to(Path("there") / "costs.csv")
    write_csv(dataset, tmp_path / "link.csv")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "there" / "costs.csv").read_text().startswith("plan,version")


def test_parquet_without_pyarrow_is_refused_with_the_extra_that_brings_it(dataset, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(ExportError, match="pyarrow, which is not installed") as refused:
        write_parquet(dataset, tmp_path / "costs.parquet")
    assert "finetune-odds[parquet]" in refused.value.hint
    assert refused.value.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_no_cell_of_a_hostile_csv_begins_a_formula_at_a_comma_or_a_semicolon(hostile, tmp_path):
    write_csv(hostile, tmp_path / "costs.csv")
    for separator in (",", ";"):
        with (tmp_path / "costs.csv").open(encoding="utf-8", newline="") as file:
            fields = {field for line in csv.reader(file, delimiter=separator) for field in line}
        amounts = {field for field in fields if _is_number(field)}
        assert any(field.startswith("-") for field in amounts) == (separator == ",")
        assert [field for field in fields - amounts if field.lstrip().startswith(tuple("=+-@"))] == []
        assert all(field.isprintable() for field in fields)


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Prompting, cached", "Prompting, cached"),
        ("=1+1", "'=1+1"),
        ("  =1+1", "'=1+1"),
        ("-5 % tokens", "'-5 % tokens"),
        ("+1", "'+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "'＝1"),
        ("a; =1", "a;' =1"),
        ("\t=1", "'=1"),
        ("a = b - c", "a = b - c"),
        ("a\x00\x1bb", "ab"),
        ("<b>bold</b>", "<b>bold</b>"),
    ],
)
def test_texts_that_look_like_formulas_get_an_apostrophe(text, safe):
    assert defused(text) == safe
    assert is_formula(text) == ("'" in safe and text != safe)
    assert not is_formula(defused(text))


def test_parquet_keeps_hostile_texts_as_they_are(hostile, tmp_path):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    write_parquet(hostile, tmp_path / "costs.parquet")
    labels = set(pandas.read_parquet(tmp_path / "costs.parquet")["strategy_label"])
    assert '=HYPERLINK("http://example.com";"click")' in labels
    assert "<b onload=alert(1)>&amp;</b>; =1+1_x0041_" in labels
