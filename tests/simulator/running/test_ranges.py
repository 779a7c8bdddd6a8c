"""Ranges of blocks."""

from __future__ import annotations

import pytest

from simulator.running.ranges import blocks_of, holds, join, missing, size_of


def test_neighbours_become_one_range_whatever_their_order():
    assert join([(4, 6)], [(0, 2), (9, 10)], [(2, 4)]) == ((0, 6), (9, 10))


@pytest.mark.parametrize("groups", [[[(0, 2)], [(1, 3)]], [[(0, 5)], [(1, 2)]], [[(3, 4), (3, 4)]]])
def test_a_block_that_is_there_twice_is_refused(groups):
    with pytest.raises(ValueError, match=r"block \d is there twice"):
        join(*groups)


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        ((), ((2, 9),)),
        (((2, 9),), ()),
        (((0, 20),), ()),
        (((3, 4), (6, 7)), ((2, 3), (4, 6), (7, 9))),
        (((0, 3), (8, 12)), ((3, 8),)),
        (((0, 1), (10, 12)), ((2, 9),)),
    ],
)
def test_what_is_missing_is_what_lies_between(done, expected):
    assert missing(done, 2, 9) == expected
    held = {block for block in range(2, 9) if holds(done, block)}
    assert set(blocks_of(expected)) == set(range(2, 9)) - held
    assert size_of(expected) == 7 - len(held)
