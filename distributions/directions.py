"""Read the direction numbers of Joe and Kuo, as SciPy ships them."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["BITS", "MOST_DIMENSIONS", "direction_numbers"]

BITS = 32
"""Binary digits of a point."""

MOST_DIMENSIONS = 21_201
"""Dimensions that Joe and Kuo give numbers for."""

_FILE = "stats/_sobol_direction_numbers.npz"


@cache
def direction_numbers(dimensions: int) -> NDArray[np.int64]:
    """Compute the direction numbers of the first dimensions.

    Parameters
    ----------
    dimensions
        In [0, 21201].

    Returns
    -------
    v
        (dimension, bit) [1] in [0, 2^32), read only: what bit k of a point's index contributes to the point, its
        first binary digit in bit 31.

    Raises
    ------
    ValueError
        If there are not so many dimensions.
    RuntimeError
        If this SciPy has no such file.

    Notes
    -----
    A primitive polynomial x^s + a_1 x^(s - 1) + … + a_(s - 1) x + 1 over the field of two elements and odd
    m_1, …, m_s below 2, 4, …, 2^s belong to each dimension but the first; v_k = m_k 2^(32 - k) and

        v_k = a_1 v_(k - 1) ^ … ^ a_(s - 1) v_(k - s + 1) ^ v_(k - s) ^ (v_(k - s) >> s).

    The file is read without `scipy.stats`, which takes longer to import than many a run.

    References
    ----------
    Joe, Kuo (2008), Constructing Sobol sequences with better two-dimensional projections, doi:10.1137/070709359.
    """
    if not 0 <= dimensions <= MOST_DIMENSIONS:
        raise ValueError(f"dimensions must lie in [0, {MOST_DIMENSIONS}], got {dimensions}")
    polynomials, initial = _read(dimensions)
    directions = np.zeros((dimensions, BITS), dtype=np.int64)
    directions[:1] = 1 << np.arange(BITS - 1, -1, -1, dtype=np.int64)
    for row in range(1, dimensions):
        polynomial = polynomials[row]
        degree = polynomial.bit_length() - 1
        v = [m << (BITS - 1 - k) for k, m in enumerate(initial[row][:degree])]
        for k in range(degree, BITS):
            new = v[k - degree] ^ (v[k - degree] >> degree)
            for j in range(1, degree):
                if polynomial >> (degree - j) & 1:
                    new ^= v[k - j]
            v.append(new)
        directions[row] = v
    directions.setflags(write=False)
    return directions


def _read(dimensions: int) -> tuple[list[int], list[list[int]]]:
    """Give the polynomial of each dimension, a bit a coefficient, and its initial numbers m."""
    found = find_spec("scipy")
    path = Path(found.origin).parent / _FILE if found and found.origin else Path(_FILE)
    try:
        with np.load(path) as file:
            return file["poly"][:dimensions].tolist(), file["vinit"][:dimensions].tolist()
    except (OSError, KeyError) as error:
        raise RuntimeError(f"this SciPy has no direction numbers of Sobol points: {path}") from error
