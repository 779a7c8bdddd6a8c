"""Packed histograms: every count comes back, equal counts are equal bytes, damage is found."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.kernel import layout as k
from simulator.running.packing import pack, unpack


def pages_of(seed: int, octaves: int, largest: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    numbers = np.sort(rng.choice(k.OCTAVES, octaves, replace=False))
    counts = np.exp(rng.uniform(0.0, np.log(largest), (octaves, k.BINS))).astype(np.int64)
    counts[rng.random(counts.shape) < 0.5] = 0
    counts[:, 0] = 1
    return numbers, counts


@pytest.mark.parametrize("largest", [1, 2, 300, 70_000, 1e9, 1e12])
@pytest.mark.parametrize("octaves", [1, 2, 17])
def test_counts_come_back(octaves, largest):
    numbers, counts = pages_of(octaves, octaves, largest)
    found = unpack(pack(numbers, counts))
    np.testing.assert_array_equal(found[0], numbers)
    np.testing.assert_array_equal(found[1], counts)


@pytest.mark.parametrize("count", [1, 255, 256, 257, 65_535, 65_536, 2**40, 2**62])
def test_counts_at_the_ends_of_bytes_come_back(count):
    counts = np.zeros((2, k.BINS), dtype=np.int64)
    counts[1, 5] = count
    numbers, found = unpack(pack(np.array([3, 9]), counts))
    assert (numbers.tolist(), found[0, 5], found.sum()) == ([9], count, count)


def test_nothing_packs_to_next_to_nothing():
    numbers, counts = unpack(pack(np.zeros(0, dtype=np.int64), np.zeros((0, k.BINS), dtype=np.int64)))
    assert (numbers.size, counts.shape) == (0, (0, k.BINS))


def test_an_octave_of_zeros_leaves_no_trace():
    """Else the bytes would tell who had opened which page."""
    numbers, counts = pages_of(1, 3, 1000)
    more = np.insert(counts, 1, 0, axis=0)
    between = np.insert(numbers, 1, (numbers[0] + numbers[1]) // 2)
    assert pack(between, more) == pack(numbers, counts)


def test_most_bins_take_a_byte_and_a_bit():
    numbers, counts = pages_of(2, 10, 200)
    assert len(pack(numbers, counts)) <= np.count_nonzero(counts) + counts.size // 8 + 24


@pytest.mark.parametrize("change", [lambda p: p[:-1], lambda p: p + b"\0", lambda p: b"\xff\xff" + p[2:]])
def test_bytes_of_another_length_are_refused(change):
    with pytest.raises(ValueError, match=r"packed histogram|buffer"):
        unpack(change(pack(*pages_of(3, 4, 1000))))
