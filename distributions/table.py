"""Tabulate quantile functions without a closed form on an even grid of the standard normal z.

What is tabulated is t(z), t a function of the quantity (its logarithm, its logit) whose density is smooth.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from distributions import arrays
from distributions.jit import atom, float_bits, fma, select

__all__ = ["LIMIT", "ROOT_TWO_PI", "grid", "integral", "interleave", "interpolate", "invert", "solve"]

Values = NDArray[np.float64]

LIMIT = 8.5  # beyond lies 1e-17 of the probability; the uniforms that are drawn end at z = 8.2
_STEPS = 64  # a unit of z
_LAST_STEP = 2.0 * LIMIT * _STEPS - 1.0
_SHIFTER = 6755399441055744.0
_INDEX = 0xFFFF
_NEWTON_STEPS = 4  # from a straight line between nodes, which is right to a thousandth of a step
_GUESS_BITS = 22  # to which a guess counts, relative to the rise of t by a unit of z
ROOT_TWO_PI = 2.5066282746310002
# Gauss-Legendre on [0, 1], four points: exact to 1e-13 on a step.
_POINTS = (0.06943184420297371, 0.33000947820757187, 0.6699905217924281, 0.9305681557970262)
_WEIGHTS = (0.17392742256872692, 0.32607257743127305, 0.32607257743127305, 0.17392742256872692)


def grid() -> Values:
    """Give the nodes: (node) [1], ascending from -LIMIT to LIMIT."""
    return np.arange(-LIMIT * _STEPS, LIMIT * _STEPS + 1) / _STEPS


def integral(function: Callable[[Values], Values], begin: Values, widths: Values) -> Values:
    """Integrate a smooth function over short intervals (Gauss-Legendre, four points)."""
    total = np.zeros_like(widths)
    for point, weight in zip(_POINTS, _WEIGHTS, strict=True):
        total += weight * function(begin + point * widths)
    return total * widths


def solve(guess: Values, log_density: Callable[[Values], Values]) -> tuple[Values, Values]:
    """Find t(z) and its slope at the nodes from the density of t, starting from a guess.

    Parameters
    ----------
    guess
        (node) [any] t at the nodes of `grid`, increasing, good to a millionth of its rise by a unit of z.
    log_density
        Gives the logarithm of the density of t, up to a constant, for arrays.

    Returns
    -------
    t, slope
        (node) t(z) and dt/dz.

    Notes
    -----
    The guess comes from functions whose last bits depend on the processor; rounded, it only chooses the
    points at which our own arithmetic works. The density is integrated from one guess to the next
    (Gauss-Legendre), which gives F and so z' = Phi^-1(F) at each of them, from the nearer end; then
    t = guess + (z - z') dt/dz, dt/dz = phi(z') / density.
    """
    middle = guess.size // 2
    _, exponent = math.frexp((guess[middle + _STEPS] - guess[middle - _STEPS]) / 2.0)
    quantum = math.ldexp(1.0, exponent - _GUESS_BITS)
    edges = np.round(guess / quantum) * quantum
    logarithms = log_density(edges)
    top = logarithms.max()
    widths = np.diff(edges)
    masses = integral(lambda t: arrays.exp(log_density(t) - top), edges[:-1], widths)
    total = np.cumsum(masses)[-1]
    end = arrays.normal_cdf(-LIMIT) * total
    below = np.cumsum(np.append(end, masses))
    above = np.cumsum(np.append(end, masses[::-1]))[::-1]
    z = np.where(below < above, arrays.normal_ppf(below / total), -arrays.normal_ppf(above / total))
    # Where the density is nothing at all, at an end of the support, the function stands still.
    slope = np.zeros_like(edges)
    there = np.isfinite(logarithms) & np.isfinite(z)
    slope[there] = total * arrays.exp(top - logarithms[there] - z[there] * z[there] / 2.0) / ROOT_TWO_PI
    there &= np.isfinite(slope)
    slope[~there] = 0.0
    step = np.zeros_like(edges)
    step[there] = (grid()[there] - z[there]) * slope[there]
    return edges + step, slope


def interleave(values: Values, slopes: Values) -> Values:
    """Turn an increasing function and its slope at the nodes into a table.

    Parameters
    ----------
    values, slopes
        (node) the function and its derivative in z at the nodes of `grid`.

    Returns
    -------
    table
        (2 node) value and slope a step by turns, the slope held to at most three times the rise to either
        side, which keeps the interpolant monotone.

    Notes
    -----
    Cubic Hermite interpolation errs by h^4 / 384 times the fourth derivative: 1.6e-10 for h = 1/64.

    References
    ----------
    Fritsch, Carlson (1980), Monotone piecewise cubic interpolation, doi:10.1137/0717021.
    """
    values = np.maximum.accumulate(values)
    rises = np.diff(values)
    most = 3.0 * np.minimum(np.append(rises, rises[-1]), np.insert(rises, 0, rises[0]))
    table = np.empty(2 * values.size)
    table[0::2] = values
    table[1::2] = np.minimum(slopes / _STEPS, most)
    return table


def invert(table: Values, values: Values) -> Values:
    """Find the z at which the interpolant of a table takes some values; -LIMIT and LIMIT beyond its ends."""
    nodes, slopes = table[0::2], table[1::2]
    values = np.clip(values, nodes[0], nodes[-1])
    step = np.minimum(np.searchsorted(nodes, values, side="right") - 1, nodes.size - 2)
    start, rise = nodes[step], nodes[step + 1] - nodes[step]
    first, last = slopes[step], slopes[step + 1]
    bend, twist = 3.0 * rise - 2.0 * first - last, first + last - 2.0 * rise
    flat = np.maximum(rise, np.finfo(np.float64).tiny)
    s = np.clip((values - start) / flat, 0.0, 1.0)
    for _ in range(_NEWTON_STEPS):
        error = start + s * (first + s * (bend + s * twist)) - values
        slope = first + s * (2.0 * bend + 3.0 * s * twist)
        s = np.clip(s - error / np.maximum(slope, 0.1 * flat), 0.0, 1.0)
    return (step + s) / _STEPS - LIMIT


@atom
def interpolate(tables, start, z):
    """Interpolate in the table that begins at `start`: v0 + s (d0 + s (a + s b)), s in [0, 1] of the step."""
    bounded = select(z > LIMIT, LIMIT, select(z < -LIMIT, -LIMIT, z))
    position = (bounded + LIMIT) * _STEPS
    # Rounds position - 1/2 to an integer; on a tie either neighbour serves. The last node begins no step.
    shifted = select(position > _LAST_STEP, _LAST_STEP, position - 0.5) + _SHIFTER
    s = position - (shifted - _SHIFTER)
    node = start + 2 * (float_bits(shifted) & _INDEX)
    value = tables[node]
    slope = tables[node + 1]
    rise = tables[node + 2] - value
    next_slope = tables[node + 3]
    bend = fma(s, slope + next_slope - 2.0 * rise, 3.0 * rise - 2.0 * slope - next_slope)
    return fma(s, fma(s, bend, slope), value)
