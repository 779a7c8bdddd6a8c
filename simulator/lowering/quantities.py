"""Turn a quantity of the plan into a variate in canonical units."""

from __future__ import annotations

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
from distributions.variate import Variate
from simulator.plan.forms import (
    Constant,
    Discrete,
    Empirical,
    MeanOf,
    Mixture,
    Moments,
    Percentiles,
    Pert,
    Quantity,
    Uniform,
)

# The family that meets percentiles, by the support of the field.
_BY_SUPPORT = {"positive": lognormal, "share": logit_normal, "rate": rate_normal, "points": normal}
_BY_NAME = {"normal": normal, "lognormal": lognormal, "gamma": gamma, "beta": beta, "weibull": weibull}

MONTHS_OF_YEAR = 12


def variate(quantity: Quantity) -> Variate:
    """Give the distribution of a quantity in the canonical unit of its dimension.

    Parameters
    ----------
    quantity
        Any quantity that is not the same as another one.

    Returns
    -------
    Variate
        Money in the plan's currency, volumes in req/month, compound rates per year, shares in [0, 1].

    Notes
    -----
    A compound rate r stated per n months is (1 + r)^(12/n) - 1 a year: monotone, so the quantiles carry over.
    """
    stated = _stated(quantity)
    if isinstance(quantity.form, Mixture):
        return stated
    if quantity.support == "rate":
        periods = MONTHS_OF_YEAR // quantity.unit.per
        return stated if periods == 1 else stated.compounded(periods)
    factor = quantity.unit.factor
    return stated if factor == 1.0 else stated.scaled(factor)


def _stated(quantity: Quantity) -> Variate:
    """Give the distribution of the number as written, before its unit is converted."""
    match quantity.form:
        case Constant(value):
            return constant.from_value(value)
        case Percentiles(points):
            return _BY_SUPPORT[quantity.support].from_percentiles(points)
        case Pert(low, mode, high):
            return pert.from_range(low, mode, high)
        case Uniform(low, high):
            return uniform.from_range(low, high)
        case Moments(family, mean, sd):
            return _BY_NAME[family].from_mean_sd(mean, sd)
        case Discrete(values, weights):
            return discrete.from_values(values, weights)
        case MeanOf(mean, standard_error):
            return lognormal.from_mean_sd(mean, standard_error)
        case Empirical(values):
            return empirical.from_values(values)
        case Mixture(members):
            # members carry units of their own, so each one is converted by itself
            return mixture.from_members(
                [weight for weight, _ in members], [variate(each) for _, each in members]
            )
    raise TypeError(f"{quantity.name}: a quantity that is the same as another has no distribution of its own")
