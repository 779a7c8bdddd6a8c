"""Address uniforms and normals by stream, lifetime and slot, so that a draw depends on nothing else.

Arrays, for tests and models: `uniforms`, `monthly_uniforms`. In compiled code: `uniform_32`, `uniform_52`,
`lifetime_uniform`, `word_uniform` (scalars), `fill_uniforms`, `fill_monthly_uniforms`, `fill_normals` (lanes).

Philox4x32-10 with the key words (seed low, seed high) and the counter words (lifetime low, lifetime high,
stream, slot // 4). What is drawn once per lifetime takes words 0 and 1 of slot block 0, what is drawn per
slot takes word slot % 4. `key0`, `key1` and `stream` are int64 in [0, 2^32), lifetimes int64 in [0, 2^63),
slots int64 in [0, 2^34).
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import ArrayLike, NDArray

from distributions.elementary import normal_ppf_fast
from distributions.jit import atom, bits_float, kernel, lane_kernel, select
from distributions.philox import MASK32, philox4x32

__all__ = [
    "fill_monthly_uniforms",
    "fill_normals",
    "fill_uniforms",
    "key_words",
    "lifetime_uniform",
    "monthly_uniforms",
    "stream_id",
    "uniform_32",
    "uniform_52",
    "uniforms",
    "word_uniform",
]

_TWO_52 = 4503599627370496.0
_BITS_TWO_52 = 0x4330000000000000
_STEP_32 = 2.0**-32
_STEP_52 = 2.0**-52


def stream_id(name: str) -> int:
    """Hash the dotted name of a quantity to the 32-bit number of its stream.

    Notes
    -----
    Two names may share a number; who gives names to several quantities must refuse that.
    """
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "little")


def key_words(seed: int) -> tuple[int, int]:
    """Split a seed into the two words of the key.

    Raises
    ------
    ValueError
        If the seed lies outside [0, 2^64).
    """
    if not 0 <= seed < 2**64:
        raise ValueError(f"seed must lie in [0, 18446744073709551615], got {seed}")
    return seed & MASK32, seed >> 32


@atom
def _exact(integer):
    """Convert an int64 in [0, 2^52) to float64; in vectors this needs no instruction beyond AVX2."""
    return bits_float(integer | _BITS_TWO_52) - _TWO_52


@atom
def uniform_32(word):
    """Give (word + 0.5) 2^-32."""
    return (_exact(word) + 0.5) * _STEP_32


@atom
def uniform_52(high, low):
    """Give ((x >> 12) + 0.5) 2^-52 of the 64-bit x = high << 32 | low."""
    return (_exact((high << 20) | (low >> 12)) + 0.5) * _STEP_52


@atom
def lifetime_uniform(key0, key1, stream, lifetime):
    """Draw the uniform of a quantity that is drawn once per lifetime, of 52 bits."""
    word0, word1, _, _ = philox4x32(lifetime & MASK32, (lifetime >> 32) & MASK32, stream, 0, key0, key1)
    return uniform_52(word0, word1)


@atom
def word_uniform(key0, key1, stream, lifetime, slot):
    """Draw the uniform of one slot, of 32 bits."""
    word0, word1, word2, word3 = philox4x32(
        lifetime & MASK32, (lifetime >> 32) & MASK32, stream, slot >> 2, key0, key1
    )
    place = slot & 3
    early = select(place == 0, word0, word1)
    late = select(place == 2, word2, word3)
    return uniform_32(select(place < 2, early, late))


@lane_kernel
def fill_uniforms(key0, key1, stream, first_lifetime, n, out, row):
    """Draw the once-per-lifetime uniforms of consecutive lifetimes.

    Writes: `out[row, :n]` (lane) [1], float64, multiples of 2^-53 in (0, 1).
    """
    for i in range(n):
        out[row, i] = lifetime_uniform(key0, key1, stream, first_lifetime + i)


@lane_kernel
def fill_monthly_uniforms(key0, key1, stream, first_lifetime, n, slot_block, out, row):
    """Draw the uniforms of slots 4 slot_block to 4 slot_block + 3 of consecutive lifetimes.

    Writes: `out[row : row + 4, :n]` (slot, lane) [1], float64: float32 could not tell the largest uniforms
    from 1 and would move probabilities.
    """
    for i in range(n):
        lifetime = first_lifetime + i
        word0, word1, word2, word3 = philox4x32(
            lifetime & MASK32, (lifetime >> 32) & MASK32, stream, slot_block, key0, key1
        )
        out[row, i] = uniform_32(word0)
        out[row + 1, i] = uniform_32(word1)
        out[row + 2, i] = uniform_32(word2)
        out[row + 3, i] = uniform_32(word3)


@lane_kernel
def fill_normals(key0, key1, stream, first_lifetime, n, slot_block, out, row):
    """Draw the standard normals of slots 4 slot_block to 4 slot_block + 3 of consecutive lifetimes.

    Writes: `out[row : row + 4, :n]` (slot, lane) [1], float32: `normal_ppf_fast` of the uniforms, rounded.
    """
    for i in range(n):
        lifetime = first_lifetime + i
        word0, word1, word2, word3 = philox4x32(
            lifetime & MASK32, (lifetime >> 32) & MASK32, stream, slot_block, key0, key1
        )
        out[row, i] = normal_ppf_fast(uniform_32(word0))
        out[row + 1, i] = normal_ppf_fast(uniform_32(word1))
        out[row + 2, i] = normal_ppf_fast(uniform_32(word2))
        out[row + 3, i] = normal_ppf_fast(uniform_32(word3))


@kernel
def _uniforms(key0, key1, stream, lifetimes, out):
    for i in range(lifetimes.size):
        out[i] = lifetime_uniform(key0, key1, stream, lifetimes[i])


@kernel
def _monthly_uniforms(key0, key1, stream, lifetimes, slots, out):
    for i in range(lifetimes.size):
        for j in range(slots.size):
            out[i, j] = word_uniform(key0, key1, stream, lifetimes[i], slots[j])


def uniforms(seed: int, stream: int, lifetimes: ArrayLike) -> NDArray[np.float64]:
    """Draw the uniform of one stream for each of some lifetimes.

    Parameters
    ----------
    seed
        In [0, 2^64).
    stream
        Number of the stream, as of `stream_id`.
    lifetimes
        (lifetime) [1] numbers of lifetimes, whole, in any order.

    Returns
    -------
    u
        (lifetime) [1] in (0, 1), of 52 bits.
    """
    numbers = np.ascontiguousarray(lifetimes, dtype=np.int64)
    out = np.empty(numbers.size)
    _uniforms(*key_words(seed), stream, numbers, out)
    return out


def monthly_uniforms(seed: int, stream: int, lifetimes: ArrayLike, slots: ArrayLike) -> NDArray[np.float64]:
    """Draw the uniforms of some slots of one stream for each of some lifetimes.

    Parameters
    ----------
    seed
        In [0, 2^64).
    stream
        Number of the stream, as of `stream_id`.
    lifetimes
        (lifetime) [1] numbers of lifetimes, whole, in any order.
    slots
        (slot) [1] months or occurrences, whole, in any order.

    Returns
    -------
    u
        (lifetime, slot) [1] in (0, 1), of 32 bits.
    """
    numbers = np.ascontiguousarray(lifetimes, dtype=np.int64)
    places = np.ascontiguousarray(slots, dtype=np.int64)
    out = np.empty((numbers.size, places.size))
    _monthly_uniforms(*key_words(seed), stream, numbers, places, out)
    return out
