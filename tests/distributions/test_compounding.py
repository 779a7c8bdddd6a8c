"""Compound rates exactly, draw by draw."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from distributions import (
    constant,
    discrete,
    empirical,
    lognormal,
    mixture,
    normal,
    pert,
    rate_normal,
    uniform,
)
from tests.distributions.contract import levels

MONTHLY = {
    "constant": constant.from_value(0.01),
    "uniform": uniform.from_range(-0.02, 0.05),
    "discrete": discrete.from_values([-0.5, 0.0, 0.2], [1.0, 2.0, 1.0]),
    "empirical": empirical.from_values([-0.1, 0.0, 0.0, 0.2]),
    "rate_normal": rate_normal.from_percentiles([(0.05, -0.02), (0.5, 0.01), (0.95, 0.03)]),
    "pert": pert.from_range(-0.01, 0.0, 0.04),
    "mixture": mixture.from_members([1.0, 1.0], [constant.from_value(0.0), uniform.from_range(0.01, 0.03)]),
}


@pytest.fixture(params=list(MONTHLY))
def stated(request):
    return MONTHLY[request.param]


def test_every_draw_compounds(stated):
    u = levels()
    np.testing.assert_allclose(
        stated.compounded(12.0).ppf(u), (1.0 + stated.ppf(u)) ** 12 - 1.0, rtol=1e-11, atol=1e-13
    )


def test_moments_are_those_of_the_compounded_draws(stated):
    yearly = stated.compounded(12.0)
    u = (np.arange(200_000) + 0.5) / 200_000
    x = (1.0 + stated.ppf(u)) ** 12 - 1.0
    assert yearly.mean() == pytest.approx(x.mean(), rel=1e-4, abs=1e-12)
    assert yearly.sd() == pytest.approx(x.std(), rel=1e-3, abs=1e-12)


def test_the_mean_of_a_compounded_uniform_has_its_closed_form():
    exact, _ = quad(lambda x: (1.0 + x) ** 12 / 0.07, -0.02, 0.05, epsabs=1e-14)
    assert MONTHLY["uniform"].compounded(12.0).mean() == pytest.approx(exact - 1.0, rel=1e-12)


def test_an_exponent_of_one_changes_nothing(stated):
    assert stated.compounded(1.0) is stated


def test_compounding_to_a_quarter_of_the_period_and_back_gives_the_same(stated):
    u = levels()[::20]
    there_and_back = stated.compounded(0.25).compounded(4.0)
    np.testing.assert_allclose(there_and_back.ppf(u), stated.ppf(u), rtol=1e-12, atol=1e-15)


def test_a_rate_of_minus_one_stays():
    assert uniform.from_range(-1.0, 0.0).compounded(12.0).support() == (-1.0, 0.0)


@pytest.mark.parametrize("variate", [normal.from_mean_sd(0.0, 1.0), uniform.from_range(-1.5, 0.0)])
def test_a_rate_that_can_fall_below_minus_one_does_not_compound(variate):
    with pytest.raises(ValueError, match=r"must lie in \[-1, inf\)"):
        variate.compounded(12.0)


@pytest.mark.parametrize("exponent", [0.0, -1.0, np.inf, np.nan])
def test_an_exponent_that_is_not_positive_and_finite_is_refused(exponent):
    with pytest.raises(ValueError, match="exponent must lie in"):
        MONTHLY["uniform"].compounded(exponent)


def test_a_compounded_rate_takes_no_factor():
    with pytest.raises(ValueError, match="scale the rate as stated"):
        MONTHLY["uniform"].compounded(12.0).scaled(2.0)


@pytest.mark.parametrize("factor", [0.0, -2.0, np.inf, np.nan])
def test_a_factor_that_is_not_positive_and_finite_is_refused(factor):
    with pytest.raises(ValueError, match="factor must lie in"):
        lognormal.from_mean_sd(1.0, 1.0).scaled(factor)
