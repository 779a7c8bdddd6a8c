"""Numbers on the command line."""

from __future__ import annotations

import contextlib

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.cli.parameters import Blocks, Count, OutputFile

LARGEST = 2**64 - 1
COUNT = Count(1, LARGEST)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1e6", 10**6), ("1_000_000", 10**6), ("200k", 200_000), ("1M", 10**6), ("2B", 2 * 10**9),
        ("1.5M", 1_500_000), ("2.5e3k", 2_500_000), ("7", 7), ("+7", 7), (" 7 ", 7),
        ("18446744073709551615", LARGEST),
    ],
)  # fmt: skip
def test_counts_are_read_as_people_write_them(written, number):
    assert COUNT.convert(written, None, None) == number


REFUSED = (
    *(
        "",
        "x",
        "-3",
        "0",
        "1.5",
        "1e-3",
        "nan",
        "inf",
        "1 M",
        "10 %",
        "1,000",
        "_1",
        "0x10",
        "1KB",
        "1m",
        "१",
    ),
    *("1e999", "1e99999999999", "18446744073709551616"),
)


@pytest.mark.parametrize("written", REFUSED)
def test_what_is_no_count_in_range_is_refused(written):
    with pytest.raises(click.BadParameter):
        COUNT.convert(written, None, None)


def test_a_refusal_names_the_allowed_interval_and_the_value():
    with pytest.raises(click.BadParameter, match=r"0 is not in \[1, 12\]"):
        Count(1, 12).convert("0", None, None)


@pytest.mark.parametrize("written", ["-1", "-4k", "-1e30", "20"])
def test_a_number_that_is_out_of_range_is_called_that_whatever_its_sign(written):
    with pytest.raises(click.BadParameter, match=rf"^{written} is not in \[0, 12\]\.$"):
        Count(0, 12).convert(written, None, None)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("0:1/1000000000000", "is of 1,000,000,000,000 blocks; N is at most 999,999,999"),
        ("3:2/5", "names no blocks"),
        ("0:10000000000/5", "names no blocks"),
        ("0-250/1000", "is not like 0:250/1000"),
        ("-1:2/5", "is not like 0:250/1000"),
    ],
)
def test_blocks_are_refused_for_what_is_wrong_with_them(written, said):
    with pytest.raises(click.BadParameter, match=said):
        Blocks().convert(written, None, None)


def test_blocks_are_read_up_to_the_largest_number():
    assert Blocks().convert("0:250/1000", None, None) == (0, 250, 1000)
    assert Blocks().convert("0:1/999999999", None, None) == (0, 1, 999_999_999)


@pytest.mark.parametrize("arguments", [["run"], ["crossover"], ["sweep", "--over", "horizon=1 year"]])
@pytest.mark.parametrize(
    ("name", "said"), [("-", "'-' is no name of a file"), ("", "name of the file is empty")]
)
def test_a_dataset_goes_to_no_stream_and_to_no_file_without_a_name(
    simulate, plan, tmp_path, arguments, name, said
):
    result = simulate(*arguments, plan, "-o", name)
    assert result.exit_code == 2
    assert "Invalid value for '-o' / '--output': " in result.stderr
    assert said in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["plan.toml"]


@pytest.mark.parametrize(
    "arguments",
    [["schema", "-o"], ["merge", "x.part", "-o"], ["export", "x.nc", "--to", "csv", "-o"], ["init"]],
)
@pytest.mark.parametrize("name", ["-", "", " "])
def test_no_command_writes_a_file_without_a_name(simulate, tmp_path, arguments, name):
    assert simulate(*arguments, name).exit_code == 2
    assert not list(tmp_path.iterdir())


def test_a_file_may_be_called_by_a_hyphen_in_a_directory():
    assert OutputFile().convert("./-", None, None) == "./-"


@given(st.integers(1, LARGEST))
def test_no_number_loses_a_digit(number):
    assert COUNT.convert(str(number), None, None) == number
    assert COUNT.convert(f"{number:_}", None, None) == number


@given(st.text(max_size=30))
def test_any_text_is_a_count_or_refused(text):
    with contextlib.suppress(click.BadParameter):
        assert 1 <= COUNT.convert(text, None, None) <= LARGEST
