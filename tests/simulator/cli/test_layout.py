"""Columns of numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulator.cli.layout import columns

HEADS = ["month", "requests", "cost"]
ROWS = [["1 2027-01", "60,000", "1.50"], ["2 2027-02", "7", "1,234.00"]]


def test_keys_stand_left_and_numbers_right():
    assert list(columns(HEADS, ROWS, 80)) == [
        "month      requests      cost",
        "1 2027-01    60,000      1.50",
        "2 2027-02         7  1,234.00",
    ]


def test_a_table_that_is_too_wide_goes_on_below_with_its_keys():
    assert list(columns(HEADS, ROWS, 22)) == [
        "month      requests",
        "1 2027-01    60,000",
        "2 2027-02         7",
        "",
        "month          cost",
        "1 2027-01      1.50",
        "2 2027-02  1,234.00",
    ]


cells = st.text("0123456789,.", min_size=1, max_size=12)


@given(
    st.integers(1, 8).flatmap(
        lambda n: st.lists(st.lists(cells, min_size=n, max_size=n), min_size=1, max_size=4)
    )
)
def test_no_line_is_too_wide_and_no_cell_is_lost(rows):
    lines = list(columns(rows[0], rows[1:], 40))
    assert max(map(len, lines)) <= 40
    assert {cell for row in rows for cell in row} == {cell for line in lines for cell in line.split()}
