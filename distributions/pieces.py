"""Represent any quantile function by cubics in z between knots, with its flat parts and jumps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from distributions import arrays
from distributions.family import Variate
from distributions.jit import atom, fma, lane_kernel, select

__all__ = ["evaluate", "fill_pieces", "fit", "scaled"]

_LIMIT = 6.5  # beyond lies 4e-11 of the probability on each side; there the quantile keeps its last value
_TOLERANCE = 2e-9  # of |F(Q(u)) - u| at the points that are checked
_TAIL_TOLERANCE = 1e-3  # of the same, relative to min(u, 1 - u)
_LEAST_WIDTH = 1e-9  # in z, below which a piece is not cut further
_NEAR = 1e-10  # of F(x) - u, relative to min(u, 1 - u), at which x will do
_SAME = 1e-13  # probabilities closer than this are one
_CORNERS = 4096  # the most values of an empirical member that become knots of their own
_COLUMNS = 6
_NODES = np.array([0.0, 1.0, 2.0, 3.0]) / 3.0
_CHECKS = np.array([0.12, 0.5, 0.88])

Parts = tuple[tuple[float, Variate], ...]


@atom
def evaluate(tables, start, length, z):
    """Evaluate the table: columns of equal length hold z, 1 / width, c0, c1, c2, c3 of each piece."""
    count = length // _COLUMNS
    low, high = 0, count - 1
    while low < high:
        middle = (low + high + 1) // 2
        if tables[start + middle] <= z:
            low = middle
        else:
            high = middle - 1
    return _cubic(tables, start + low, count, z)


@atom
def _cubic(tables, place, count, z):
    """Evaluate the piece at `place`, of so many."""
    s = (z - tables[place]) * tables[place + count]
    s = select(s < 0.0, 0.0, select(s > 1.0, 1.0, s))
    c0 = tables[place + 2 * count]
    c1 = tables[place + 3 * count]
    c2 = tables[place + 4 * count]
    return fma(fma(fma(tables[place + 5 * count], s, c2), s, c1), s, c0)


@lane_kernel
def fill_pieces(tables, start, length, z, draw_row, n, out, out_row):
    """Evaluate the table for a row of normals, as `evaluate` does.

    Writes: `out[out_row, :n]` (lane) [the quantity's].

    Notes
    -----
    Bisection for all lanes at once, the piece of each lane in `out`: one by one, a processor guesses every other
    comparison wrong.
    """
    count = length // _COLUMNS
    for i in range(n):
        out[out_row, i] = 0.0
    left = count
    while left > 1:
        half = left >> 1
        left -= half
        for i in range(n):
            low = out[out_row, i]
            is_above = tables[np.uint64(start + half) + np.uint64(low)] <= z[draw_row, i]
            out[out_row, i] = select(is_above, low + half, low)
    for i in range(n):
        place = np.uint64(start) + np.uint64(out[out_row, i])
        out[out_row, i] = _cubic(tables, place, np.uint64(count), z[draw_row, i])


def _cdf(parts: Parts, x: np.ndarray) -> np.ndarray:
    return sum(weight * member.cdf(x) for weight, member in parts)


def _atoms(variate: Variate) -> tuple[np.ndarray, np.ndarray]:
    """Give the values that have a probability of their own, and those probabilities."""
    if variate.family == "constant":
        return np.array(variate.parameters[:1]), np.ones(1)
    if variate.family == "mixture":
        found = [(w, *_atoms(m.compounded(variate.exponent))) for w, m in variate.parts]
        return np.concatenate([v for _, v, _ in found]), np.concatenate([w * p for w, _, p in found])
    if variate.family in ("discrete", "empirical"):
        values, masses = variate._module.atoms(variate)
        return (values if variate.exponent == 1.0 else _compounded(values, variate.exponent)), masses
    return np.empty(0), np.empty(0)


def _compounded(values: np.ndarray, exponent: float) -> np.ndarray:
    return arrays.expm1(exponent * arrays.log1p(values))


def _corners(variate: Variate) -> list[float]:
    """Give the values at which the distribution function may have a corner: ends of supports, data."""
    if variate.family == "mixture":
        return [x for _, m in variate.parts for x in _corners(m.compounded(variate.exponent))]
    ends = [x for x in variate.support() if np.isfinite(x)]
    if variate.family == "empirical" and variate.table.size <= _CORNERS:
        inner = np.unique(variate.table)[1:-1]
        ends.extend(inner if variate.exponent == 1.0 else _compounded(inner, variate.exponent))
    return ends


def _invert(parts: Parts, u: np.ndarray) -> np.ndarray:
    """Find the least x with F(x) >= u between the least and the greatest member quantile.

    Halving alternates with the secant, which a jump of F would hold up on its own.
    """
    ends = np.array([member.ppf(u) for _, member in parts])
    low, high = ends.min(axis=0), ends.max(axis=0)
    below, above = _cdf(parts, low), _cdf(parts, high)
    high = np.where(below >= u, low, high)
    near = _NEAR * np.minimum(u, 1.0 - u)
    found, open_ones = high.copy(), np.arange(u.size)
    for turn in range(200):
        part = 0.5
        if turn % 2:
            part = (u - below) / np.maximum(above - below, np.finfo(np.float64).tiny)
            part = np.clip(part, 0.01, 0.99)
        x = low + part * (high - low)
        settled = (x <= low) | (x >= high)
        if np.all(settled):
            break
        if not turn % 2 and np.any(settled):
            # no number lies between the ends that halving could find: most are done long before the last
            found[open_ones[settled]] = high[settled]
            every = (open_ones, u, near, x, low, high, below, above)
            open_ones, u, near, x, low, high, below, above = (each[~settled] for each in every)
        f = _cdf(parts, x)
        is_above = f >= u
        high, above = np.where(is_above, x, high), np.where(is_above, f, above)
        low, below = np.where(is_above, low, x), np.where(is_above, below, f)
        low = np.where(is_above & (f - u <= near), high, low)
    found[open_ones] = high
    return found


def _knots(parts: Parts) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Give the probabilities at which a piece must end; of each atom its value, F below it and F at it."""
    found = [(weight, *_atoms(member)) for weight, member in parts]
    where = np.concatenate([values for _, values, _ in found])
    masses = np.concatenate([weight * mass for weight, _, mass in found])
    values, index = np.unique(where, return_inverse=True)
    total = np.bincount(index, masses, values.size) if values.size else np.empty(0)
    upto = np.asarray(_cdf(parts, values)) if values.size else np.empty(0)
    below = upto - total
    corners = np.array(sorted({x for _, member in parts for x in _corners(member)}))
    at_corners = np.asarray(_cdf(parts, corners)) if corners.size else np.empty(0)
    ends = arrays.normal_cdf([-_LIMIT, _LIMIT])
    every = np.unique(np.concatenate([ends, below, upto, at_corners]))
    every = every[(every >= ends[0]) & (every <= ends[1])]
    kept = every[np.append(True, np.diff(every) > _SAME)]
    return kept, values, below, upto


def fit(parts: Parts) -> NDArray[np.float64]:
    """Tabulate the quantile function of a mixture.

    Parameters
    ----------
    parts
        Weights, which sum to 1, and members.

    Returns
    -------
    table
        (6 piece) first z of all pieces, then 1 / width, then the four coefficients of the cubic in
        s = (z - first) / width.

    Notes
    -----
    Between two knots Q is continuous: an atom's value where the probability belongs to an atom, else the
    cubic through Q at s = 0, 1/3, 2/3, 1. A piece is halved until F at three points between is within 2e-9
    of Phi(z).
    """
    knots, values, below, upto = _knots(parts)
    middles = (knots[:-1] + knots[1:]) / 2
    z = np.clip(arrays.normal_ppf(knots), -_LIMIT, _LIMIT)
    place = np.searchsorted(upto, middles)
    is_atom = np.zeros(middles.size, dtype=bool)
    if values.size:
        nearest = np.minimum(place, values.size - 1)
        is_atom = (below[nearest] <= middles) & (middles <= upto[nearest])
    pieces = [(z[i], z[i + 1], (values[place[i]], 0.0, 0.0, 0.0)) for i in np.flatnonzero(is_atom)]
    free = np.flatnonzero(~is_atom)
    pieces.extend(_cut(parts, z[free], z[free + 1]))
    pieces.sort(key=lambda piece: piece[0])
    first = np.array([piece[0] for piece in pieces])
    width = np.array([piece[1] for piece in pieces]) - first
    coefficients = np.array([piece[2] for piece in pieces]).T
    return np.concatenate([first, 1.0 / width, *coefficients])


def scaled(table: NDArray[np.float64], factor: float) -> NDArray[np.float64]:
    """Multiply the quantile function of a table."""
    knots, coefficients = np.split(table, [table.size // _COLUMNS * 2])
    return np.concatenate([knots, coefficients * factor])


def _cut(parts: Parts, begin: np.ndarray, end: np.ndarray) -> list[tuple[float, float, tuple[float, ...]]]:
    """Cut intervals of z, on each of which Q is continuous, into pieces with a cubic each."""
    done = []
    # Nudged inward: at an interval's own ends a jump would decide by rounding which side is taken.
    edge = 1e-10 * (end - begin)
    while begin.size:
        width = end - begin
        nodes = begin[:, None] + width[:, None] * _NODES
        inside = np.clip(nodes, begin[:, None] + edge[:, None], end[:, None] - edge[:, None])
        x = _invert(parts, arrays.normal_cdf(inside).ravel()).reshape(nodes.shape)
        coefficients = _through(np.maximum.accumulate(x, axis=1))
        checked = begin[:, None] + width[:, None] * _CHECKS
        u = arrays.normal_cdf(checked)
        c0, c1, c2, c3 = (c[:, None] for c in coefficients.T)
        between = c0 + _CHECKS * (c1 + _CHECKS * (c2 + _CHECKS * c3))
        error = np.abs(_cdf(parts, between.ravel()).reshape(u.shape) - u)
        good = np.all(error <= np.minimum(_TOLERANCE, _TAIL_TOLERANCE * np.minimum(u, 1.0 - u)), axis=1)
        good &= _is_increasing(coefficients)
        small = width <= _LEAST_WIDTH
        straight = np.zeros_like(coefficients)
        straight[:, 0], straight[:, 1] = x[:, 0], x[:, 3] - x[:, 0]
        chosen = np.where((small & ~good)[:, None], straight, coefficients)
        for i in np.flatnonzero(good | small):
            done.append((float(begin[i]), float(end[i]), tuple(chosen[i])))
        rest = np.flatnonzero(~(good | small))
        middle = begin[rest] + width[rest] / 2
        begin, end = np.concatenate([begin[rest], middle]), np.concatenate([middle, end[rest]])
        edge = np.concatenate([edge[rest], edge[rest]])
    return done


def _through(x: np.ndarray) -> np.ndarray:
    """Give the coefficients of the cubics through four values each, at s = 0, 1/3, 2/3, 1: (piece, power)."""
    first, second, third = x[:, 1] - x[:, 0], x[:, 2] - x[:, 1], x[:, 3] - x[:, 2]
    bend, twist = second - first, third - 2.0 * second + first
    c1 = 3.0 * first - 1.5 * bend + twist
    c2 = 4.5 * (bend - twist)
    return np.stack([x[:, 0], c1, c2, 4.5 * twist], axis=1)


def _is_increasing(coefficients: np.ndarray) -> np.ndarray:
    """Tell which cubics have no negative slope on [0, 1]."""
    _, c1, c2, c3 = coefficients.T
    slack = 1e-12 * (np.abs(c1) + np.abs(c2) + np.abs(c3))
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = -c2 / (3.0 * c3)
    least = np.where((turn > 0.0) & (turn < 1.0), c1 + turn * (2.0 * c2 + 3.0 * c3 * turn), 0.0)
    return (np.minimum(least, np.minimum(c1, c1 + 2.0 * c2 + 3.0 * c3))) >= -slack
