"""Draw by address: a draw depends on seed, stream, lifetime and slot, and on nothing else."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from distributions import streams
from distributions.elementary import normal_ppf_fast
from distributions.jit import kernel
from distributions.streams import key_words, monthly_uniforms, stream_id, uniforms

SEED = 0x0123456789ABCDEF
GROWTH = stream_id("demand.growth")
N = 200_000


@kernel
def _lanes(key0, key1, stream, first, n, block, uniform, monthly, normals):
    streams.fill_uniforms(key0, key1, stream, first, n, uniform, 1)
    streams.fill_monthly_uniforms(key0, key1, stream, first, n, block, monthly, 1)
    streams.fill_normals(key0, key1, stream, first, n, block, normals, 1)


def _filled(stream, first, n, block, seed=SEED):
    uniform, monthly = np.full((3, 600), np.nan), np.full((6, 600), np.nan)
    normals = np.full((6, 600), np.nan, dtype=np.float32)
    _lanes(*key_words(seed), stream, first, n, block, uniform, monthly, normals)
    return uniform, monthly, normals


@kernel
def _fast(u, out):
    for i in range(u.size):
        out[i] = normal_ppf_fast(u[i])


def test_a_stream_is_the_hash_of_its_name():
    digest = hashlib.blake2b(b"demand.growth", digest_size=4).digest()
    assert stream_id("demand.growth") == int.from_bytes(digest, "little")
    assert 0 <= stream_id("Größe") < 2**32


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_beyond_64_bits_is_refused(seed):
    with pytest.raises(ValueError, match=r"seed must lie in \[0, 18446744073709551615\], got"):
        key_words(seed)


def test_a_uniform_has_the_two_words_of_its_address():
    """Spell the address out for lifetime 5 2^32 + 7: words 0 and 1 of block 0."""
    from tests.distributions.test_philox import _plain

    w0, w1, *_ = _plain([7, 5, GROWTH, 0], [SEED & 0xFFFFFFFF, SEED >> 32])
    expected = ((((w0 << 32) | w1) >> 12) + 0.5) * 2.0**-52
    assert uniforms(SEED, GROWTH, [(5 << 32) + 7])[0] == expected


def test_a_monthly_uniform_has_the_word_of_its_slot():
    from tests.distributions.test_philox import _plain

    u = monthly_uniforms(SEED, GROWTH, [(5 << 32) + 7], range(13))
    for slot in range(13):
        words = _plain([7, 5, GROWTH, slot // 4], [SEED & 0xFFFFFFFF, SEED >> 32])
        assert u[0, slot] == (words[slot % 4] + 0.5) * 2.0**-32


@pytest.mark.parametrize("first", [0, 12_345, 2**32 - 100, 10**12])
def test_lanes_and_single_draws_have_the_same_bits(first):
    uniform, monthly, normals = _filled(GROWTH, first, 500, 3)
    lifetimes = first + np.arange(500)
    expected = monthly_uniforms(SEED, GROWTH, lifetimes, [12, 13, 14, 15]).T
    np.testing.assert_array_equal(uniform[1, :500], uniforms(SEED, GROWTH, lifetimes))
    np.testing.assert_array_equal(monthly[1:5, :500], expected)
    quantiles = np.empty(2000)
    _fast(np.ascontiguousarray(expected).ravel(), quantiles)
    np.testing.assert_array_equal(normals[1:5, :500].ravel(), quantiles.astype(np.float32))


def test_lanes_write_nothing_but_their_own():
    uniform, monthly, normals = _filled(GROWTH, 0, 500, 0)
    for out, rows in ((uniform, [0, 2]), (monthly, [0, 5]), (normals, [0, 5])):
        assert np.isnan(out[rows]).all()
        assert np.isnan(out[:, 500:]).all()
        assert not np.isnan(out[1, :500]).any()


@pytest.mark.parametrize(("first", "n"), [(0, 600), (3, 1), (17, 5), (100, 301)])
def test_a_draw_does_not_depend_on_the_lanes_around_it(first, n):
    whole, part = _filled(GROWTH, 0, 600, 2), _filled(GROWTH, first, n, 2)
    for out, piece in zip(whole, part, strict=True):
        np.testing.assert_array_equal(piece[1, :n], out[1, first : first + n][: 600 - first])


def test_the_order_of_lifetimes_and_slots_does_not_matter():
    lifetimes, slots = np.arange(50), np.arange(20)
    u = monthly_uniforms(SEED, GROWTH, lifetimes, slots)
    np.testing.assert_array_equal(monthly_uniforms(SEED, GROWTH, lifetimes[::-1], slots[::-1]), u[::-1, ::-1])


@pytest.mark.parametrize("other", ["demand.growtH", "demand.volatility", "", "demand.growth "])
def test_streams_of_different_names_are_independent(other):
    """Bound the correlation of 2e5 pairs by 5 standard errors, 0.011."""
    a = uniforms(SEED, GROWTH, np.arange(N))
    b = uniforms(SEED, stream_id(other), np.arange(N))
    assert abs(np.corrcoef(a, b)[0, 1]) <= 5 / np.sqrt(N)


def test_seeds_lifetimes_and_slots_are_independent():
    """Bound the correlations of 2e5 pairs by 5 standard errors, 0.011."""
    a = uniforms(SEED, GROWTH, np.arange(N))
    months = monthly_uniforms(SEED, GROWTH, np.arange(N), [1, 2, 5])
    pairs = [
        (a, uniforms(SEED + 1, GROWTH, np.arange(N))),
        (a, uniforms(SEED ^ (1 << 63), GROWTH, np.arange(N))),
    ]
    pairs += [(a[:-1], a[1:]), (months[:, 0], months[:, 1]), (months[:, 0], months[:, 2]), (a, months[:, 0])]
    for x, y in pairs:
        assert abs(np.corrcoef(x, y)[0, 1]) <= 5 / np.sqrt(N)


@pytest.mark.parametrize(
    "draw", [uniforms, lambda *a: monthly_uniforms(*a, [6])[:, 0]], ids=["once", "monthly"]
)
def test_uniforms_are_uniform(draw):
    """Bound the distance to the uniform at a chance of 6e-7; it sees a bias of 0.006."""
    u = np.sort(draw(SEED, GROWTH, np.arange(N)))
    steps = np.arange(N + 1) / N
    distance = max(np.max(steps[1:] - u), np.max(u - steps[:-1]))
    assert distance <= np.sqrt(np.log(2 / 6e-7) / (2 * N))
    assert u[0] > 0.0
    assert u[-1] < 1.0


def test_normals_have_the_moments_of_the_normal():
    """Bound mean, variance and kurtosis of 2400 x 4 normals by 5 standard errors: 0.05, 0.07, 0.25."""
    z = np.concatenate([_filled(GROWTH, first, 600, 9)[2][1:5].ravel() for first in range(0, 2400, 600)])
    z = z.astype(np.float64)
    assert abs(z.mean()) <= 5 / np.sqrt(z.size)
    assert abs((z**2).mean() - 1) <= 5 * np.sqrt(2 / z.size)
    assert abs((z**4).mean() - 3) <= 5 * np.sqrt(96 / z.size)
