"""Numbers on the command line."""

from __future__ import annotations

import contextlib

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.cli.parameters import Count

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


@given(st.integers(1, LARGEST))
def test_no_number_loses_a_digit(number):
    assert COUNT.convert(str(number), None, None) == number
    assert COUNT.convert(f"{number:_}", None, None) == number


@given(st.text(max_size=30))
def test_any_text_is_a_count_or_refused(text):
    with contextlib.suppress(click.BadParameter):
        assert 1 <= COUNT.convert(text, None, None) <= LARGEST
