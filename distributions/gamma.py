"""Gamma by its mean and shape.

Parameters: mean, shape. Table: of ln(x / mean) in z.
"""

from __future__ import annotations

import math

import numpy as np

from distributions import arrays, constant
from distributions.domain import NON_NEGATIVE, POSITIVE, Interval
from distributions.elementary import exp
from distributions.family import Variate
from distributions.jit import atom
from distributions.table import grid, interleave, interpolate, invert, solve

_SPREAD = Interval(1e-3, 100.0, low_belongs=True, high_belongs=True)
_TINY = 1e-280
_LARGE = 2e4  # shapes above which SciPy's inverse fails in the lower tail, and this expansion is good to 1e-8
# lambda = 1 + eta + eta^2 / 3 + ... solves lambda - 1 - ln lambda = eta^2 / 2 (Temme).
_LAMBDA = (1.0, 1 / 3, 1 / 36, -1 / 270, 1 / 4320, 1 / 17010, -139 / 5443200, 1 / 204120, -571 / 2351462400)


@atom
def _ppf1(z, mean, tables, start):
    """Q = mean e^G(z), G the table."""
    return mean * exp(interpolate(tables, start, z))


def _guess(shape: float, z: np.ndarray) -> np.ndarray:
    """Guess ln(x / mean), x = Q(Phi(z)), to some ten digits."""
    if shape > _LARGE:
        first = z / math.sqrt(shape)
        excess = np.polyval(_LAMBDA[::-1], first) - 1.0
        zero = first == 0.0
        correction = np.where(zero, -1 / 3, -np.log1p(excess) / np.where(zero, 1.0, first))
        eta = first + correction / shape
        return np.log1p(eta * np.polyval(_LAMBDA[::-1], eta))
    from scipy.special import gammainccinv, gammaincinv, gammaln, log_ndtr, ndtr

    x = np.where(z < 0.0, gammaincinv(shape, ndtr(z)), gammainccinv(shape, ndtr(-z)))
    first_term = (log_ndtr(z) + gammaln(shape + 1.0)) / shape
    return np.where(x > _TINY, np.log(np.maximum(x, _TINY)), first_term) - math.log(shape)


def from_mean_sd(mean: float, sd: float) -> Variate:
    """Make the gamma of a mean and a standard deviation; a constant where that is 0.

    Raises
    ------
    ValueError
        If the mean is not positive, the standard deviation not finite and at least 0, or sd / mean neither
        0 nor in [0.001, 100].

    Notes
    -----
    shape a = (mean / sd)^2. The table holds the logarithm, which is smooth for small shapes too: ln Q tends
    to (ln u + ln Gamma(a + 1)) / a where u is small.
    """
    POSITIVE.check("mean", mean)
    NON_NEGATIVE.check("sd", sd)
    if sd == 0.0:
        return constant.from_value(mean)
    spread = _SPREAD.check("sd / mean", sd / mean)
    shape = 1.0 / (spread * spread)
    # The density of t = ln(x / mean) is that of e^(a (t - e^t)).
    t, slope = solve(_guess(shape, grid()), lambda t: shape * (t - arrays.expm1(t)))
    return Variate.of("gamma", mean, shape, table=interleave(t, slope))


def cdf(variate: Variate, x: np.ndarray) -> np.ndarray:
    """Compute F(x) = Phi(z), z that of ln(x / mean) in the table."""
    logarithm = arrays.log(np.maximum(x, 0.0) / variate.parameters[0])
    return np.where(x > 0.0, arrays.normal_cdf(invert(variate.table, logarithm)), 0.0)


def mean(variate: Variate) -> float:
    """Give the mean."""
    return variate.parameters[0]


def sd(variate: Variate) -> float:
    """Compute mean / sqrt a."""
    return variate.parameters[0] / math.sqrt(variate.parameters[1])


def support(variate: Variate) -> tuple[float, float]:
    """Give 0 and infinity."""
    return 0.0, math.inf


def scale(variate: Variate, factor: float) -> Variate:
    """Multiply the mean."""
    return Variate.of("gamma", variate.parameters[0] * factor, variate.parameters[1], table=variate.table)
