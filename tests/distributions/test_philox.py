"""Reproduce the published vectors of Philox4x32-10."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from distributions.jit import kernel
from distributions.philox import philox4x32

VECTORS = [
    [int(word, 16) for word in line.split()[2:]]
    for line in (Path(__file__).parents[1] / "reference" / "philox4x32_10.txt").read_text().splitlines()
    if not line.startswith("#")
]


@kernel
def _words(c0, c1, c2, c3, k0, k1, out):
    for i in range(out.shape[1]):
        w0, w1, w2, w3 = philox4x32(c0 + i, c1, c2, c3, k0, k1)
        out[0, i] = w0
        out[1, i] = w1
        out[2, i] = w2
        out[3, i] = w3


def _plain(counter, key):
    """Follow the published definition with Python's own integers."""
    c, k = list(counter), list(key)
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & 0xFFFFFFFF, (p0 >> 32) ^ c[3] ^ k[1], p0 & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def test_there_are_three_published_vectors():
    assert len(VECTORS) == 3


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector[0]:08x}")
def test_published_vectors(vector):
    out = np.empty((4, 1), dtype=np.int64)
    _words(*vector[:6], out)
    assert out[:, 0].tolist() == vector[6:]


def test_many_lanes_agree_with_plain_integers():
    rng = np.random.default_rng(1)
    for _ in range(20):
        words = [int(word) for word in rng.integers(0, 2**32 - 64, 6)]
        out = np.empty((4, 37), dtype=np.int64)
        _words(*words, out)
        for i in range(37):
            assert out[:, i].tolist() == _plain([words[0] + i, *words[1:4]], words[4:])


def test_words_beyond_32_bits_of_an_argument_do_not_count():
    out, again = np.empty((4, 5), dtype=np.int64), np.empty((4, 5), dtype=np.int64)
    _words(1, 2, 3, 4, 5, 6, out)
    _words(*(x + (7 << 32) for x in (1, 2, 3, 4, 5, 6)), again)
    np.testing.assert_array_equal(out, again)
