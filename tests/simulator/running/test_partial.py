"""Partial tallies: merged in any order they are the same bytes, and those of one run."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from simulator.running.partial import OverlapError, Total, from_record, merge, to_record
from tests.simulator.lived import BLOCKS, LIFETIMES, content_of, partial

SPLITS = [
    [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6)],
    [(0, 3), (3, 6)],
    [(0, 1), (1, 5), (5, 6)],
    [(0, 5), (5, 6)],
]


@pytest.mark.parametrize("split", SPLITS, ids=str)
def test_parts_of_any_split_merge_to_the_whole(split):
    assert content_of(merge(partial(*part) for part in split)) == content_of(partial(0, BLOCKS))


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_the_order_of_a_merge_does_not_matter(order):
    parts = [partial(*part) for part in ((0, 1), (1, 3), (3, 5), (5, 6))]
    assert content_of(merge(parts[place] for place in order)) == content_of(partial(0, BLOCKS))


def test_a_merge_of_merges_is_a_merge():
    left = merge([partial(0, 1), partial(5, 6)])
    right = merge([partial(3, 5), partial(1, 3)])
    assert left.blocks == ((0, 1), (5, 6))
    assert content_of(merge([right, left])) == content_of(partial(0, BLOCKS))


def test_a_merge_leaves_its_parts_as_they_are():
    parts = [partial(0, 3), partial(3, 6)]
    before = [content_of(part) for part in parts]
    merge(parts)
    assert [content_of(part) for part in parts] == before


def test_a_partial_tally_knows_its_lifetimes():
    assert partial(0, BLOCKS).lifetimes == LIFETIMES
    assert partial(BLOCKS - 1, BLOCKS).lifetimes == 300


@pytest.mark.parametrize("other", [(0, 1), (2, 4), (0, BLOCKS)])
def test_a_block_is_added_once(other):
    total = Total.like(partial(0, 3))
    total.absorb(partial(0, 3))
    before = content_of(total.partial())
    with pytest.raises(OverlapError, match="is there twice"):
        total.absorb(partial(*other))
    assert content_of(total.partial()) == before


def test_a_record_of_a_partial_tally_gives_it_back():
    one = partial(1, 5)
    values, arrays = to_record(one)
    arrays["histograms"] = np.frombuffer(b"".join(arrays["histograms"]), dtype=np.uint8)
    assert content_of(from_record(values, arrays, one.samples)) == content_of(one)
    arrays["histograms"] = arrays["histograms"][:-1]
    with pytest.raises(ValueError, match="another length"):
        from_record(values, arrays, one.samples)


def test_nothing_cannot_be_merged():
    with pytest.raises(ValueError, match="nothing to merge"):
        merge([])
