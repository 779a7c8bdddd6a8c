"""State once what every family promises; the cases are those that the families' own tests build upon."""

from __future__ import annotations

import numpy as np

from distributions import (
    beta,
    constant,
    discrete,
    empirical,
    gamma,
    lognormal,
    logit_normal,
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
        "gamma, small shape": gamma.from_mean_sd(1.0, 50.0),
        "gamma, large shape": gamma.from_mean_sd(1.0, 0.005),
        "beta": beta.from_mean_sd(0.3, 0.1),
        "beta, small shapes": beta.from_mean_sd(0.5, 0.499),
        "beta, large shapes": beta.from_mean_sd(0.5, 0.0005),
        "beta, near 0": beta.from_mean_sd(0.01, 0.05),
        "weibull": weibull.from_mean_sd(10.0, 4.0),
        "weibull, wide": weibull.from_mean_sd(1.0, 30.0),
        "weibull, narrow": weibull.from_mean_sd(1.0, 1e-5),
        "discrete": discrete.from_values([4.0, 1.0, 2.0], [2.0, 5.0, 3.0]),
        "empirical": empirical.from_values([1.0, 2.0, 2.0, 5.0, 9.0]),
        "mixture": mixture.from_members([9.0, 1.0], [_NARROW, _WIDE]),
        "mixture with a constant 0": mixture.from_members([3.0, 1.0], [constant.from_value(0.0), _NARROW]),
        "mixture with a constant inside": mixture.from_members([1.0, 3.0], [constant.from_value(3.0), _NARROW]),
        "mixture with a gap": mixture.from_members(
            [1.0, 1.0], [uniform.from_range(1.0, 2.0), pert.from_range(5.0, 6.0, 9.0)]
        ),
        "mixture of data": mixture.from_members(
            [1.0, 2.0], [empirical.from_values([0.0, 1.0, 1.0, 4.0]), discrete.from_values([1.0, 3.0], [1.0, 1.0])]
        ),
        "rate compounded": uniform.from_range(-0.02, 0.05).compounded(12.0),
        "mixture compounded": mixture.from_members(
            [1.0, 1.0], [constant.from_value(0.0), rate_normal.from_percentiles([(0.05, -0.02), (0.95, 0.03)])]
        ).compounded(12.0),
    }


def levels() -> np.ndarray:
    """Give probabilities, ascending: even ones, random ones and those near 0 and 1."""
    rng = np.random.default_rng(5)
    tails = 10.0 ** rng.uniform(-12.0, -1.0, 300)
    return np.sort(np.concatenate([np.arange(1, 200) / 200, rng.random(1500), tails, 1.0 - tails]))


def missed(variate: Variate, u: np.ndarray) -> np.ndarray:
    """Give by how much u misses [F(x-), F(x)], x = Q(u): 0 where x is exact, an atom or the nearest float.

    A value off by half a unit in its last place may have quite another F where F is steep (near 0 or 1 for small
    shapes), so F is taken one float to either side, and below an atom two floats away.
    """
    x = variate.ppf(u)
    below = variate.cdf(np.nextafter(np.nextafter(x, -np.inf), -np.inf))
    above = variate.cdf(np.nextafter(np.nextafter(x, np.inf), np.inf))
    return np.maximum(np.maximum(below - u, u - above), 0.0)
