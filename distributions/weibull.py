"""Weibull by its scale and shape: Q = scale (-ln(1 - u))^(1 / k).

Parameters: scale, 1 / k. Table: none.
"""

from __future__ import annotations

import math

import numpy as np

from distributions import arrays, constant
from distributions.domain import NON_NEGATIVE, POSITIVE, Interval
from distributions.elementary import exp, expm1, log, log1p
from distributions.family import Variate
from distributions.jit import atom

_SPREAD = Interval(1e-6, 1e4, low_belongs=True, high_belongs=True)
_HALF_LOG_TWO_PI = 0.91893853320467274178
# B_2n / (2n (2n - 1)), the coefficients of Stirling's series.
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)
# zeta(n), n = 2 to 24: ln Gamma(1 + e) = -gamma e + sum over n of zeta(n) (-e)^n / n.
_ZETA = (
    1.6449340668482264,
    1.2020569031595942,
    1.0823232337111382,
    1.03692775514337,
    1.0173430619844491,
    1.008349277381923,
    1.0040773561979443,
    1.0020083928260822,
    1.000994575127818,
    1.0004941886041194,
    1.000246086553308,
    1.0001227133475785,
    1.0000612481350588,
    1.000030588236307,
    1.0000152822594086,
    1.000007637197638,
    1.0000038172932649,
    1.0000019082127165,
    1.0000009539620338,
    1.0000004769329869,
    1.0000002384505027,
    1.0000001192199259,
    1.000000059608189,
)


@atom
def _ppf1(u, scale, inverse_shape):
    """Q = scale e^(ln(-ln(1 - u)) / k)."""
    return scale * exp(inverse_shape * log(-log1p(-u)))


def _log_gamma(x: float) -> float:
    """Compute ln Gamma(x), x >= 1, by Stirling's series beyond 12 and the recurrence below."""
    product = 1.0
    while x < 12.0:
        product *= x
        x += 1.0
    series = 0.0
    for coefficient in reversed(_STIRLING):
        series = series / (x * x) + coefficient
    return (x - 0.5) * log(x) - x + _HALF_LOG_TWO_PI + series / x - log(product)


def _log_moment_ratio(e: float) -> float:
    """Compute ln(Gamma(1 + 2 e) / Gamma(1 + e)^2) = ln(1 + (sd / mean)^2), e = 1 / k."""
    if e > 0.1:
        return _log_gamma(1.0 + 2.0 * e) - 2.0 * _log_gamma(1.0 + e)
    total = 0.0  # the series has no cancellation: the terms with n = 0 and 1 drop out
    for n in range(len(_ZETA) + 1, 1, -1):
        total = (-e) * total + _ZETA[n - 2] * (2.0**n - 2.0) / n
    return total * e * e


def from_mean_sd(mean: float, sd: float) -> Variate:
    """Make the Weibull of a mean and a standard deviation; a constant where that is 0.

    Raises
    ------
    ValueError
        If the mean is not positive, the standard deviation not finite and at least 0, or sd / mean neither
        0 nor in [1e-06, 10000].

    Notes
    -----
    k solves Gamma(1 + 2/k) / Gamma(1 + 1/k)^2 = 1 + (sd / mean)^2, by bisection; scale = mean / Gamma(1 +
    1/k).
    """
    POSITIVE.check("mean", mean)
    NON_NEGATIVE.check("sd", sd)
    if sd == 0.0:
        return constant.from_value(mean)
    wanted = log1p(_SPREAD.check("sd / mean", sd / mean) ** 2)
    low, high = 0.0, 40.0
    while low < (middle := low + (high - low) / 2) < high:
        if _log_moment_ratio(middle) < wanted:
            low = middle
        else:
            high = middle
    return Variate.of("weibull", mean * exp(-_log_gamma(1.0 + high)), high)


def cdf(variate: Variate, x: np.ndarray) -> np.ndarray:
    """Compute F(x) = 1 - e^-(x / scale)^k."""
    scale, inverse_shape = variate.parameters[:2]
    logarithm = arrays.log(np.maximum(x, 0.0) / scale)
    return -arrays.expm1(-arrays.exp(logarithm / inverse_shape))


def mean(variate: Variate) -> float:
    """Compute scale Gamma(1 + 1/k)."""
    scale, inverse_shape = variate.parameters[:2]
    return scale * exp(_log_gamma(1.0 + inverse_shape))


def sd(variate: Variate) -> float:
    """Compute mean sqrt(Gamma(1 + 2/k) / Gamma(1 + 1/k)^2 - 1)."""
    return mean(variate) * math.sqrt(expm1(_log_moment_ratio(variate.parameters[1])))


def support(variate: Variate) -> tuple[float, float]:
    """Give 0 and infinity."""
    return 0.0, math.inf


def scale(variate: Variate, factor: float) -> Variate:
    """Multiply the scale."""
    return Variate.of("weibull", variate.parameters[0] * factor, variate.parameters[1])
