"""Quantities that a data column gives."""

from __future__ import annotations

import math
import statistics
import sys
from pathlib import Path

import pytest

from simulator.plan import dimensions as d
from simulator.plan.forms import Constant, Empirical, MeanOf
from simulator.plan.quantity import QuantityError, QuantityField, parse_quantity

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


@pytest.fixture
def write(tmp_path):
    def write_file(text, name="usage.csv"):
        data = text if isinstance(text, bytes) else text.encode()
        (tmp_path / name).write_bytes(data)
        return {"data": name, "column": "tokens", "unit": "tok/req"}

    return write_file


@pytest.fixture
def read(tmp_path):
    def read_table(raw, dimension=d.TOKENS, **field):
        return parse_quantity(
            raw, QuantityField(dimension, **field), "key", currency="USD", base_directory=tmp_path
        )

    return read_table


@pytest.fixture
def refused(read):
    def problem_of(raw, dimension=d.TOKENS, **field):
        with pytest.raises(QuantityError) as caught:
            read(raw, dimension, **field)
        [problem] = caught.value.problems
        return problem

    return problem_of


def test_a_column_gives_its_mean_and_standard_error(write, read, tmp_path):
    values = [374, 396, 879, 91, 5.5]
    quantity = read(write("tokens\n" + "\n".join(map(str, values)) + "\n"))
    assert quantity.form == MeanOf(
        pytest.approx(statistics.fmean(values), rel=1e-15),
        pytest.approx(statistics.stdev(values) / math.sqrt(5), rel=1e-14),
    )
    assert quantity.files == (tmp_path / "usage.csv",)


def test_a_column_gives_its_own_values(write, read):
    raw = write("day,tokens\n1,30\n2,10\n3,20\n4,10\n") | {"of": "value"}
    assert read(raw).form == Empirical((10.0, 10.0, 20.0, 30.0))


def test_percent_in_a_column_becomes_a_fraction(write, read):
    raw = write("tokens\n2\n4\n") | {"of": "value", "unit": "%"}
    assert read(raw, d.SHARE).form == Empirical((0.02, 0.04))


def test_a_column_without_spread_is_a_constant(write, read):
    raw = write("tokens\n20\n20\n20\n")
    assert read(raw).form == Constant(20.0)
    assert read(raw | {"of": "value"}).form == Constant(20.0)


@pytest.mark.parametrize(
    "text",
    [
        "\ufefftokens\n1\n3\n",
        "tokens\r\n1\r\n3\r\n",
        "tokens\n\n1\n\n3\n\n",
        '"tokens"\n"1"\n" 3 "\n',
        " tokens ,x\n1,a\n3,b\n",
        "tokens\n1\n3",
    ],
)
def test_the_usual_kinds_of_csv_are_read(text, write, read):
    assert read(write(text) | {"of": "value"}).form == Empirical((1.0, 3.0))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('tokens\n1\n""\n3\n', "usage.csv: row 2 (line 3) of column 'tokens' is empty"),
        ("x,tokens\n1,2\n1\n", "usage.csv: row 2 (line 3) of column 'tokens' is empty"),
        (
            "tokens\n1\n\nn/a\n",
            "usage.csv: row 2 (line 4) of column 'tokens' holds 'n/a', which is no number",
        ),
        (
            "tokens\nx\ny\n1\n",
            "row 1 (line 2) of column 'tokens' holds 'x', which is no number (2 such rows)",
        ),
        ("tokens\n1_000\n1\n", "row 1 (line 2) of column 'tokens' holds '1_000', which is no number"),
        ("tokens\n٣\n1\n", "row 1 (line 2) of column 'tokens' holds '٣', which is no number"),
        (
            "tokens\nnan\n1\n",
            "row 1 (line 2) of column 'tokens' holds 'nan', which is not finite or larger than 1e15",
        ),
        ("tokens\n1e16\n1\n", "holds '1e16', which is not finite or larger than 1e15"),
        (
            "tokens\n5\n-1\n",
            "row 2 (line 3) of column 'tokens' holds '-1', which is negative, allowed are numbers of 0",
        ),
        ("tokens\n", "usage.csv: column 'tokens' has no rows"),
        ("", "usage.csv has no column 'tokens', its columns are none"),
        ("token,x\n1,2\n", "usage.csv has no column 'tokens', its columns are token and x"),
        ("tokens,tokens\n1,2\n", "usage.csv has 2 columns 'tokens'"),
        ("tokens\n7\n", "usage.csv has one row, which says nothing of the spread of a mean"),
        (b"tokens\n\xff\n", "usage.csv is not UTF-8 text"),
        ("tokens\n1\x002\n", "holds '1?2', which is no number"),
        ("tokens\n" + "1" * 200_000, "usage.csv: field larger than field limit"),
    ],
)
def test_bad_data_is_an_error_of_the_data_that_names_its_row(text, message, write, refused):
    problem = refused(write(text))
    assert problem.is_data_error
    assert message in problem.message


def test_a_misspelt_column_suggests_the_right_one(write, refused):
    problem = refused(write("token,x\n1,2\n"))
    assert (problem.path, problem.hint) == ("column", "did you mean token?")


def test_a_missing_file_is_an_error_of_the_data(refused):
    problem = refused({"data": "nowhere.csv", "column": "x", "unit": "tok/req"})
    assert problem.is_data_error
    assert problem.path == "data"
    assert "nowhere.csv cannot be read: no such file or directory" in problem.message
    assert problem.hint == "data files are looked for beside the plan"


def test_a_directory_is_no_data_file(tmp_path, refused):
    (tmp_path / "folder.csv").mkdir()
    problem = refused({"data": "folder.csv", "column": "x", "unit": "tok/req"})
    assert problem.is_data_error
    assert "cannot be read" in problem.message


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"data": "usage.xls"}, "data", 'data = "usage.xls" is not the path of a .csv or .parquet file'),
        ({"data": "a\0.csv"}, "data", 'data = "a?.csv" is not the path of a .csv or .parquet file'),
        ({"data": 3}, "data", "data = 3 is no text"),
        ({"column": ""}, "column", "column =  is no text"),
        ({"of": "median"}, "of", 'of = "median" is not one of mean or value'),
        (
            {"colunm": "x"},
            "colunm",
            "unknown key 'colunm', allowed are data, column, of, unit, source and owner",
        ),
        ({"unit": "USD"}, "unit", "'USD' is money, this field takes tokens per request"),
    ],
)
def test_a_wrong_table_is_an_error_of_the_plan(change, path, message, write, refused):
    problem = refused(write("tokens\n1\n2\n") | change)
    assert not problem.is_data_error
    assert problem.path == path
    assert message in problem.message


def test_a_table_without_column_says_so(refused):
    problem = refused({"data": "usage.csv", "unit": "tok/req"})
    assert problem.message.endswith("has no column")


def test_a_lognormal_mean_cannot_stand_where_it_could_leave_the_support(write, refused):
    raw = write("tokens\n" + "0\n" * 90 + "1\n" * 10) | {"unit": ""}
    problem = refused(raw, d.SHARE)
    assert problem.message == (
        "the lognormal of a column's mean can leave the shares from 0 to 1 of this field"
    )
    assert problem.hint == (
        "the mean is 0.1 with a standard error of 0.0301511: write '0.0504014 to 0.149599', or of = \"value\""
    )


def test_a_mean_below_zero_has_no_lognormal(write, refused):
    raw = write("tokens\n-2\n1\n") | {"unit": "pp/month"}
    assert "is -0.5 pp/month, a lognormal needs one above 0" in refused(raw, d.POINTS).message


def test_a_value_of_zero_is_refused_where_the_field_cannot_bear_it(write, read, refused):
    raw = write("tokens\n0\n2\n") | {"unit": "req/month"}
    assert read(raw, d.VOLUME, zero=False).form == MeanOf(1.0, 1.0)
    assert "is 0, this field must be above 0" in refused(raw | {"of": "value"}, d.VOLUME, zero=False).message
    nothing = write("tokens\n0\n0\n") | {"unit": "req/month"}
    assert "is 0, this field must be above 0" in refused(nothing, d.VOLUME, zero=False).message


def test_members_of_a_mixture_name_their_files(write, read, tmp_path):
    raw = write("tokens\n1\n3\n")
    other = write("tokens\n5\n7\n", "other.csv")
    quantity = read({"mixture": [{"weight": 1, "value": raw}, {"weight": 1, "value": other}]})
    assert quantity.files == (tmp_path / "usage.csv", tmp_path / "other.csv")


def test_parquet_without_pyarrow_says_what_to_install(monkeypatch, write, refused):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    problem = refused(write(b"", "usage.parquet"))
    assert problem.is_data_error
    assert problem.message == "usage.parquet needs pyarrow, which is not installed"
    assert "pip install 'finetune-odds[parquet]'" in problem.hint


def test_a_parquet_column_is_read_like_a_csv_one(tmp_path, read, refused):
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is an extra")
    parquet = pytest.importorskip("pyarrow.parquet")
    columns = {
        "tokens": [30, 10, 20],
        "holes": [1.5, None, 2.0],
        "words": ["a", "b", "c"],
        "flags": [True] * 3,
    }
    parquet.write_table(pyarrow.table(columns), tmp_path / "usage.parquet")
    raw = {"data": "usage.parquet", "column": "tokens", "unit": "tok/req", "of": "value"}
    assert read(raw).form == Empirical((10.0, 20.0, 30.0))
    assert "row 2 of column 'holes' is empty" in refused(raw | {"column": "holes"}).message
    assert "holds 'a', which is no number (3 such rows)" in refused(raw | {"column": "words"}).message
    assert "which is no number (3 such rows)" in refused(raw | {"column": "flags"}).message
    assert refused(raw | {"column": "token"}).hint == "did you mean tokens?"
    (tmp_path / "torn.parquet").write_bytes(b"PAR1 torn")
    problem = refused(raw | {"data": "torn.parquet"})
    assert problem.is_data_error
    assert "torn.parquet is no Parquet file" in problem.message
    assert "cannot be read" in refused(raw | {"data": "gone.parquet"}).message


@pytest.mark.skipif(not SHARED.is_dir(), reason="the folder with real data is not there")
def test_real_logs_give_the_published_mean():
    raw = {"data": "AzureLLMInferenceTrace_conv.csv", "column": "ContextTokens", "unit": "tok/req"}
    field = QuantityField(d.TOKENS)
    form = parse_quantity(raw, field, "key", currency="USD", base_directory=SHARED).form
    assert round(form.mean) == 1155
    values = parse_quantity(
        raw | {"of": "value"}, field, "key", currency="USD", base_directory=SHARED
    ).form.values
    assert len(values) == 19_366
    assert statistics.median(values) == 1020
    assert form.standard_error == pytest.approx(statistics.stdev(values) / math.sqrt(19_366), rel=1e-12)
