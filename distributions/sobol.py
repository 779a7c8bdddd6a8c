"""Place lifetimes on scrambled Sobol points, so that a point depends on nothing but its address.

Arrays, for tests and models: `points`, `unscrambled`. In compiled code, lanes: `fill_sobol_uniforms`,
`fill_sobol_words`, `fill_sobol_normals`; what they read: `reversed_directions`.

Lifetime i is point i // 16 of scramble i % 16: 16 independent scrambles of one sequence run side by side, and any
64 consecutive lifetimes hold four points of each. Each dimension of a scramble is permuted by Owen's nested scheme,
seeded by (seed, stream, slot, scramble).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from distributions.directions import BITS, direction_numbers
from distributions.elementary import normal_ppf_fast
from distributions.jit import atom, kernel, lane_kernel, reverse_bits
from distributions.philox import MASK32, philox4x32
from distributions.streams import key_words, uniform_32, uniform_52

__all__ = [
    "SCRAMBLES",
    "SCRATCH_ROWS",
    "fill_sobol_normals",
    "fill_sobol_uniforms",
    "fill_sobol_words",
    "points",
    "reversed_directions",
    "unscrambled",
]

SCRAMBLES = 16
"""Independent scrambles; lifetime i belongs to scramble i % 16."""

SCRATCH_ROWS = 3
"""Rows of the lane array that a point is worked out in."""

_POINT, _ADDEND, _FACTOR = range(SCRATCH_ROWS)
_SCRAMBLE_BITS = 4


@atom
def _scramble(point, addend, factor):
    """Permute the digits of a bit-reversed point, first digit lowest: each depends on those below it alone.

    Notes
    -----
    x ^= x * even, x += anything and x *= odd carry a change upwards only, so together they are one nested
    permutation of 32 digits. The addend is uniform, so each single point is.
    """
    point ^= (point * 0x3D20ADEA) & MASK32
    point = (point + addend) & MASK32
    point = (point * factor) & MASK32
    point ^= (point * 0x05526C56) & MASK32
    point ^= (point * 0x53A22864) & MASK32
    return (reverse_bits(point) >> 32) & MASK32


@atom
def _begin_point(directions, dimension, index):
    """Add up, without carry, the direction numbers of the bits of an index."""
    point = 0
    for bit in range(BITS):
        point ^= directions[dimension, bit] & -((index >> bit) & 1)
    return point


@lane_kernel
def fill_scrambles(key0, key1, stream, slot, directions, dimension, first, n, scratch):
    """Work out the unscrambled points of consecutive lifetimes, and how each one is scrambled.

    Writes: `scratch[:, :n]` (row, lane) int64.

    Notes
    -----
    The counters of the scrambles lie beyond all lifetimes: their second word is 2^32 - 1. From one index to the
    next all bits up to the lowest one that was 0 change. After 2^32 points, which is all there are, a scramble starts
    over with another permutation.
    """
    for lane in range(min(SCRAMBLES, n)):
        lifetime = first + lane
        number = ((lifetime >> (BITS + _SCRAMBLE_BITS)) << _SCRAMBLE_BITS) | (lifetime & (SCRAMBLES - 1))
        addend, factor, _, _ = philox4x32(number, MASK32, stream, slot, key0, key1)
        scratch[_ADDEND, lane] = addend
        scratch[_FACTOR, lane] = factor | 1
    for lane in range(SCRAMBLES, n):
        scratch[_ADDEND, lane] = scratch[_ADDEND, lane - SCRAMBLES]
        scratch[_FACTOR, lane] = scratch[_FACTOR, lane - SCRAMBLES]
    index = (first >> _SCRAMBLE_BITS) & MASK32
    point = _begin_point(directions, dimension, index)
    start = 0
    end = min(SCRAMBLES - (first & (SCRAMBLES - 1)), n)
    while start < n:
        for lane in range(start, end):
            scratch[_POINT, lane] = point
        bit = 0
        while (index >> bit) & 1 and bit < BITS:
            point ^= directions[dimension, bit]
            bit += 1
        if bit < BITS:
            point ^= directions[dimension, bit]
        index = (index + 1) & MASK32
        start = end
        end = min(end + SCRAMBLES, n)


@lane_kernel
def fill_sobol_uniforms(key0, key1, stream, directions, dimension, first, n, scratch, out, row):
    """Draw the once-per-lifetime uniforms of consecutive lifetimes.

    Writes: `out[row, :n]` (lane) [1], float64, multiples of 2^-53 in (0, 1): 32 digits of the point, then 20 random
    ones of the lifetime, which leave it in its cell.
    """
    fill_scrambles(key0, key1, stream, 0, directions, dimension, first, n, scratch)
    for lane in range(n):
        high = _scramble(scratch[_POINT, lane], scratch[_ADDEND, lane], scratch[_FACTOR, lane])
        lifetime = first + lane
        _, low, _, _ = philox4x32(lifetime & MASK32, (lifetime >> 32) & MASK32, stream, 0, key0, key1)
        out[row, lane] = uniform_52(high, low)


@lane_kernel
def fill_sobol_words(key0, key1, stream, slot, directions, dimension, first, n, scratch, out, row):
    """Draw the uniforms of one slot of consecutive lifetimes.

    Writes: `out[row, :n]` (lane) [1], float64, of 32 digits.
    """
    fill_scrambles(key0, key1, stream, slot, directions, dimension, first, n, scratch)
    for lane in range(n):
        out[row, lane] = uniform_32(
            _scramble(scratch[_POINT, lane], scratch[_ADDEND, lane], scratch[_FACTOR, lane])
        )


@lane_kernel
def fill_sobol_normals(key0, key1, stream, slot, directions, dimension, first, n, scratch, out, row):
    """Draw the standard normals of one slot of consecutive lifetimes.

    Writes: `out[row, :n]` (lane) [1], float32: `normal_ppf_fast` of the uniforms, rounded.
    """
    fill_scrambles(key0, key1, stream, slot, directions, dimension, first, n, scratch)
    for lane in range(n):
        out[row, lane] = normal_ppf_fast(
            uniform_32(_scramble(scratch[_POINT, lane], scratch[_ADDEND, lane], scratch[_FACTOR, lane]))
        )


def reversed_directions(dimensions: int) -> NDArray[np.int64]:
    """Give (dimension, bit) direction numbers with the first digit of a point in bit 0, as the kernel reads them."""
    bits = np.arange(BITS, dtype=np.int64)
    digits = (direction_numbers(dimensions)[:, :, np.newaxis] >> bits) & 1
    return (digits << bits[::-1]).sum(axis=-1)


def unscrambled(dimension: int, indices: ArrayLike) -> NDArray[np.int64]:
    """Give points of the Sobol sequence itself.

    Parameters
    ----------
    dimension
        From 0 on.
    indices
        (point) [1] in [0, 2^32): bit k takes direction number k, where SciPy goes through the same points in the
        order of the Gray code.

    Returns
    -------
    x
        (point) [2^-32].
    """
    numbers = np.asarray(indices, dtype=np.int64)
    found = np.zeros_like(numbers)
    for bit, direction in enumerate(direction_numbers(dimension + 1)[dimension].tolist()):
        found ^= direction * ((numbers >> bit) & 1)
    return found


@kernel
def _points(key0, key1, stream, directions, dimension, lifetimes, scratch, out):
    for i in range(lifetimes.size):
        fill_sobol_uniforms(
            key0, key1, stream, directions, dimension, lifetimes[i], 1, scratch, out[i : i + 1], 0
        )


@kernel
def _words(key0, key1, stream, slot, directions, dimension, lifetimes, scratch, out):
    for i in range(lifetimes.size):
        fill_sobol_words(
            key0, key1, stream, slot, directions, dimension, lifetimes[i], 1, scratch, out[i : i + 1], 0
        )


def points(
    seed: int, stream: int, dimension: int, lifetimes: ArrayLike, slot: int | None = None
) -> NDArray[np.float64]:
    """Give one coordinate of the scrambled points of some lifetimes.

    Parameters
    ----------
    seed
        In [0, 2^64).
    stream
        Number of the stream, as of `stream_id`: it seeds the scrambles.
    dimension
        Of the sequence, from 0 on.
    lifetimes
        (lifetime) [1] numbers of lifetimes, whole, in any order.
    slot
        Month or component; None for what is drawn once per lifetime.

    Returns
    -------
    u
        (lifetime) [1] in (0, 1), of 32 bits, or of 52 where there is no slot.
    """
    numbers = np.ascontiguousarray(lifetimes, dtype=np.int64)
    directions = reversed_directions(dimension + 1)
    scratch = np.zeros((SCRATCH_ROWS, SCRAMBLES), dtype=np.int64)
    out = np.empty((numbers.size, 1))
    if slot is None:
        _points(*key_words(seed), stream, directions, dimension, numbers, scratch, out)
    else:
        _words(*key_words(seed), stream, slot, directions, dimension, numbers, scratch, out)
    return out[:, 0]
