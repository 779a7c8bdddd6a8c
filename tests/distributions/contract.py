"""State once what every family promises; the cases are those that the families' own tests build upon."""

from __future__ import annotations

import numpy as np
from scipy import special, stats

from distributions import (
    beta,
    constant,
    discrete,
    empirical,
    gamma,
    logit_normal,
    lognormal,
    mixture,
    normal,
    pert,
    rate_normal,
    uniform,
    weibull,
)
from distributions.family import Variate

TOLERANCE = 1e-8
"""Of |F(Q(u)) - u|, a hundredth of what the design allows."""

_NARROW = lognormal.from_percentiles([(0.05, 2.0), (0.95, 4.0)])
_WIDE = lognormal.from_percentiles([(0.05, 20.0), (0.95, 80.0)])


def cases() -> dict[str, Variate]:
    """Give variates of every family, gentle and extreme ones."""
    return {
        "constant": constant.from_value(3.0),
        "uniform": uniform.from_range(1.0, 5.0),
        "normal": normal.from_mean_sd(-2.0, 3.0),
        "normal, split": normal.from_percentiles([(0.05, -1.0), (0.5, 0.5), (0.95, 4.0)]),
        "lognormal": lognormal.from_percentiles([(0.05, 60e3), (0.95, 300e3)]),
        "lognormal, split": lognormal.from_percentiles([(0.1, 0.5), (0.5, 3.0), (0.9, 15.0)]),
        "logit_normal": logit_normal.from_percentiles([(0.1, 0.02), (0.5, 0.05), (0.9, 0.2)]),
        "rate_normal": rate_normal.from_percentiles([(0.05, -0.6), (0.95, 0.1)]),
        "pert": pert.from_range(20.0, 40.0, 120.0),
        "pert, mode at min": pert.from_range(0.0, 0.0, 1.0),
        "pert, mode at max": pert.from_range(-5.0, 7.0, 7.0),
        "gamma": gamma.from_mean_sd(40.0, 12.0),
        "gamma, small shape": gamma.from_mean_sd(1.0, 5.0),
        "gamma, large shape": gamma.from_mean_sd(1.0, 0.005),
        "beta": beta.from_mean_sd(0.3, 0.1),
        "beta, small shapes": beta.from_mean_sd(0.5, 0.45),
        "beta, large shapes": beta.from_mean_sd(0.5, 0.0005),
        "beta, near 0": beta.from_mean_sd(0.01, 0.05),
        "weibull": weibull.from_mean_sd(10.0, 4.0),
        "weibull, wide": weibull.from_mean_sd(1.0, 30.0),
        "weibull, narrow": weibull.from_mean_sd(1.0, 1e-5),
        "discrete": discrete.from_values([4.0, 1.0, 2.0], [2.0, 5.0, 3.0]),
        "empirical": empirical.from_values([1.0, 2.0, 2.0, 5.0, 9.0]),
        "mixture": mixture.from_members([9.0, 1.0], [_NARROW, _WIDE]),
        "mixture with a constant 0": mixture.from_members([3.0, 1.0], [constant.from_value(0.0), _NARROW]),
        "mixture with a constant inside": mixture.from_members(
            [1.0, 3.0], [constant.from_value(3.0), _NARROW]
        ),
        "mixture with a gap": mixture.from_members(
            [1.0, 1.0], [uniform.from_range(1.0, 2.0), pert.from_range(5.0, 6.0, 9.0)]
        ),
        "mixture of data": mixture.from_members(
            [1.0, 2.0],
            [empirical.from_values([0.0, 1.0, 1.0, 4.0]), discrete.from_values([1.0, 3.0], [1.0, 1.0])],
        ),
        "rate compounded": uniform.from_range(-0.02, 0.05).compounded(12.0),
        "mixture compounded": mixture.from_members(
            [1.0, 1.0],
            [constant.from_value(0.0), rate_normal.from_percentiles([(0.05, -0.02), (0.95, 0.03)])],
        ).compounded(12.0),
    }


def levels() -> np.ndarray:
    """Give probabilities, ascending: even ones, random ones and those near 0 and 1; the same bits everywhere."""
    rng = np.random.default_rng(5)
    tails = np.ldexp(rng.uniform(0.5, 1.0, 300), rng.integers(-39, -2, 300))
    return np.sort(np.concatenate([np.arange(1, 200) / 200, rng.random(1500), tails, 1.0 - tails]))


def scipy_cdf(variate: Variate, x: np.ndarray) -> np.ndarray:
    """Compute F(x) by SciPy and NumPy alone, from nothing but the parameters."""
    if variate.exponent != 1.0:
        with np.errstate(divide="ignore"):
            x = np.expm1(np.log1p(np.maximum(x, -1.0)) / variate.exponent)
    p, q, r, s, t, _ = variate.parameters
    with np.errstate(divide="ignore", over="ignore"):
        match variate.family:
            case "constant":
                return np.where(x >= p, 1.0, 0.0)
            case "uniform":
                return stats.uniform(p, r - p).cdf(x)
            case "weibull":
                return stats.weibull_min(1.0 / q, scale=p).cdf(x)
            case "discrete":
                values, cumulative = np.split(variate.table, 2)
                return sum(
                    w * (x >= v) for v, w in zip(values, np.diff(cumulative, prepend=0.0), strict=True)
                )
            case "empirical":
                # np.interp takes the last of equal values, as the greatest u with Q(u) <= x asks for.
                values = variate.table
                inside = np.interp(x, values, np.linspace(0.0, 1.0, values.size))
                return np.where(x < values[0], 0.0, inside)
            case "normal":
                return _split_normal_cdf(x - p, q, r)
            case "lognormal":
                return _split_normal_cdf(np.log(np.maximum(x, 0.0) / p), q, r)
            case "logit_normal":
                return _split_normal_cdf(special.logit(np.clip(x / s, 0.0, 1.0)) - p, q, r)
            case "rate_normal":
                return _split_normal_cdf(np.log1p(np.maximum(x / s, -1.0)) - p, q, r)
            case "pert":
                return stats.beta(s, t, p, r - p).cdf(x)
            case "gamma":
                return stats.gamma(q, scale=p / q).cdf(x)
            case "beta":
                return stats.beta(q, r, 0.0, p).cdf(x)
    return sum(weight * scipy_cdf(member, x) for weight, member in variate.parts)


def _split_normal_cdf(y: np.ndarray, s_low: float, s_high: float) -> np.ndarray:
    return special.ndtr(np.where(y < 0.0, y / s_low, y / s_high))


def missed(variate: Variate, u: np.ndarray) -> np.ndarray:
    """Give by how much u misses [F(x-), F(x)], x = Q(u): 0 where x is an atom or the nearest float.

    F is steep near 0 and 1 where shapes are small, so that it is taken two floats to either side of x.
    """
    x = variate.ppf(u)
    step = np.maximum(2.0 * np.spacing(np.abs(x)), 1e-290)
    return np.maximum(np.maximum(scipy_cdf(variate, x - step) - u, u - scipy_cdf(variate, x + step)), 0.0)
