"""Beta on [0, top] by its shapes.

Parameters: top, alpha, beta. Table: of logit(x / top) in z.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from distributions import arrays, constant
from distributions.domain import NON_NEGATIVE, OPEN_UNIT, Interval
from distributions.elementary import exp
from distributions.family import Variate
from distributions.jit import atom
from distributions.table import ROOT_TWO_PI, Values, grid, integral, interleave, interpolate, invert, solve

_SHAPE = Interval(1e-3, 1e6, low_belongs=True, high_belongs=True)
_TINY = 1e-280
# Shapes, those of every PERT among them, for which integrating is quicker than importing SciPy's functions.
_MODERATE = Interval(0.5, 8.0, low_belongs=True, high_belongs=True)
_REACH = 80.0  # e-folds to either side: what lies beyond is nothing beside the tail at the last node
_STEP = 1.0 / 32.0


@atom
def _ppf1(z, top, tables, start):
    """Q = top / (1 + e^-B(z)), B the table."""
    return top / (1.0 + exp(-interpolate(tables, start, z)))


def _guess_log(alpha: float, beta: float, z: np.ndarray) -> np.ndarray:
    """Guess ln x, x = Q(Phi(z)); by the first term of the series where x underflows."""
    from scipy.special import betaincinv, betaln, log_ndtr, ndtr

    x = betaincinv(alpha, beta, ndtr(z))
    first_term = (log_ndtr(z) + math.log(alpha) + betaln(alpha, beta)) / alpha
    return np.where(x > _TINY, np.log(np.maximum(x, _TINY)), first_term)


def _guess_logit(alpha: float, beta: float, log_density: Callable[[Values], Values]) -> Values:
    """Find logit(x), x = Q(Phi(z)), at the nodes of the grid by integrating the density step by step.

    Notes
    -----
    Between two points of an even grid of t the integral is added to that at the first of them; from a straight
    line between the points, right to a thousandth, two Newton steps in z lead to all digits.
    """
    density = lambda t: arrays.exp(log_density(t))  # noqa: E731
    points = np.arange(-_REACH / alpha, _REACH / beta, _STEP)
    masses = integral(density, points[:-1], np.diff(points))
    begin, end = density(points[:1])[0] / alpha, density(points[-1:])[0] / beta
    below = np.cumsum(np.append(begin, masses))
    above = np.cumsum(np.append(end, masses[::-1]))[::-1]
    total = below[-1] + end

    def normal_of(t: Values) -> Values:
        at = np.clip(np.searchsorted(points, t) - 1, 0, points.size - 2)
        part = integral(density, points[at], t - points[at])
        low, high = (below[at] + part) / total, (above[at] - part) / total
        return np.where(low < high, arrays.normal_ppf(low), -arrays.normal_ppf(high))

    z = grid()
    t = np.interp(z, normal_of(points[1:-1]), points[1:-1])
    for _ in range(2):
        found = normal_of(t)
        t = t + (z - found) * total * arrays.exp(-found * found / 2.0 - log_density(t)) / ROOT_TWO_PI
    return t


def tabulate(alpha: float, beta: float) -> tuple[np.ndarray, np.ndarray]:
    """Find logit(x), x = Q(Phi(z)) of the beta on [0, 1], and its slope in z at the nodes of the grid.

    Notes
    -----
    The density of t = logit(x) is that of x^alpha (1 - x)^beta.
    """

    def log_density(t: np.ndarray) -> np.ndarray:
        rest = arrays.log1p(arrays.exp(-np.abs(t)))  # ln x = min(t, 0) - rest, ln(1 - x) = min(-t, 0) - rest
        return alpha * np.minimum(t, 0.0) + beta * np.minimum(-t, 0.0) - (alpha + beta) * rest

    if alpha in _MODERATE and beta in _MODERATE:
        return solve(_guess_logit(alpha, beta, log_density), log_density)
    z = grid()
    low, high = _guess_log(alpha, beta, z), _guess_log(beta, alpha, -z)
    # Each of ln x and ln(1 - x) is precise where it is the smaller; the other follows from x + (1 - x) = 1.
    half = math.log(0.5)
    rising = low - np.log1p(-np.exp(np.minimum(low, half)))
    falling = np.log1p(-np.exp(np.minimum(high, half))) - high
    return solve(np.where(low < half, rising, falling), log_density)


def from_mean_sd(mean: float, sd: float) -> Variate:
    """Make the beta on [0, 1] of a mean and a standard deviation; a constant where that is 0.

    Raises
    ------
    ValueError
        If the mean lies outside (0, 1), the standard deviation outside [0, sqrt(mean (1 - mean))), or a shape
        outside [0.001, 1e6].

    Notes
    -----
    n = mean (1 - mean) / sd^2 - 1, alpha = n mean, beta = n (1 - mean).
    """
    OPEN_UNIT.check("mean", mean)
    NON_NEGATIVE.check("sd", sd)
    if sd == 0.0:
        return constant.from_value(mean)
    Interval(0.0, math.sqrt(mean * (1.0 - mean))).check("sd", sd)
    size = mean * (1.0 - mean) / (sd * sd) - 1.0
    alpha = _SHAPE.check("shape alpha", size * mean)
    beta = _SHAPE.check("shape beta", size * (1.0 - mean))
    return Variate.of("beta", 1.0, alpha, beta, table=interleave(*tabulate(alpha, beta)))


def cdf(variate: Variate, x: np.ndarray) -> np.ndarray:
    """Compute F(x) = Phi(z), z that of logit(x / top) in the table."""
    top = variate.parameters[0]
    y = np.clip(x / top, 0.0, 1.0)
    inside = arrays.normal_cdf(invert(variate.table, arrays.log(y) - arrays.log1p(-y)))
    return np.where(y <= 0.0, 0.0, np.where(y >= 1.0, 1.0, inside))


def mean(variate: Variate) -> float:
    """Compute top alpha / (alpha + beta)."""
    top, alpha, beta = variate.parameters[:3]
    return top * alpha / (alpha + beta)


def sd(variate: Variate) -> float:
    """Compute top sqrt(alpha beta / (alpha + beta + 1)) / (alpha + beta)."""
    top, alpha, beta = variate.parameters[:3]
    return top * math.sqrt(alpha * beta / (alpha + beta + 1.0)) / (alpha + beta)


def support(variate: Variate) -> tuple[float, float]:
    """Give 0 and the top."""
    return 0.0, variate.parameters[0]


def scale(variate: Variate, factor: float) -> Variate:
    """Multiply the top."""
    top, alpha, beta = variate.parameters[:3]
    return Variate.of("beta", top * factor, alpha, beta, table=variate.table)
