"""Sums along a tree: the same bytes however the blocks are split, and little memory."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.running.sums import Forest

BLOCKS = 37
RNG = np.random.default_rng(3)
SUMS = RNG.lognormal(0.0, 8.0, (BLOCKS, 5, 3)) * RNG.choice([-1.0, 1.0], (BLOCKS, 5, 3))


def forest_of(blocks) -> Forest:
    forest = Forest(SUMS.shape[1:])
    for block in blocks:
        forest.add(0, block, SUMS[block].copy())
    return forest


def by_recursion(first: int, size: int) -> np.ndarray:
    """Take the sum of a subtree as MODEL.md 15 defines it, blocks beyond the last one being zero."""
    if first >= BLOCKS:
        return np.zeros(SUMS.shape[1:])
    if size == 1:
        return SUMS[first]
    return by_recursion(first, size // 2) + by_recursion(first + size // 2, size // 2)


def test_the_total_is_the_tree_of_the_definition():
    np.testing.assert_array_equal(forest_of(range(BLOCKS)).total(), by_recursion(0, 64))


def test_the_order_of_addition_matters_to_these_numbers():
    """Else none of these tests could fail."""
    assert np.any(SUMS.cumsum(axis=0)[-1] != by_recursion(0, 64))


@pytest.mark.parametrize("seed", range(20))
def test_blocks_may_come_in_any_order(seed):
    shuffled = np.random.default_rng(seed).permutation(BLOCKS).tolist()
    np.testing.assert_array_equal(forest_of(shuffled).total(), by_recursion(0, 64))


@pytest.mark.parametrize("seed", range(20))
def test_any_split_into_forests_gives_the_same_bytes(seed):
    rng = np.random.default_rng(seed)
    owner = rng.integers(0, 4, BLOCKS)
    parts = [forest_of(np.flatnonzero(owner == part).tolist()) for part in range(4)]
    before = [{node: sums.copy() for node, sums in part.nodes.items()} for part in parts]
    whole = Forest(SUMS.shape[1:])
    for part in rng.permutation(4):
        whole.absorb(parts[part].nodes)
    np.testing.assert_array_equal(whole.total(), by_recursion(0, 64))
    for part, nodes in zip(parts, before, strict=True):
        for node, sums in nodes.items():
            np.testing.assert_array_equal(part.nodes[node], sums)


def test_blocks_in_a_row_need_few_arrays():
    forest = Forest((1,))
    most = 0
    for block in range(10_000):
        sums = forest.zeros()
        sums[0] = block
        forest.add(0, block, sums)
        most = max(most, len(forest.nodes) + len(forest._spare))
    assert most <= 15
    assert forest.total()[0] == sum(range(10_000))


def test_an_array_that_is_given_again_holds_zeros():
    forest = Forest((2,))
    for block in range(2):
        forest.add(0, block, np.full(2, 7.0))
    np.testing.assert_array_equal(forest.zeros(), [0.0, 0.0])
    assert list(forest.nodes) == [(1, 0)]


def test_a_middle_range_needs_at_most_two_arrays_a_level():
    assert len(forest_of(range(1, 31)).nodes) == 8
