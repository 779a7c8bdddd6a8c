"""Compare families with SciPy's and with one another where closed forms tie them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

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
from tests.distributions.contract import levels

U = levels()


def test_normal_is_that_of_scipy():
    variate = normal.from_mean_sd(-2.0, 3.0)
    np.testing.assert_allclose(variate.ppf(U), stats.norm(-2.0, 3.0).ppf(U), rtol=1e-13, atol=1e-14)


def test_lognormal_is_that_of_scipy_and_has_the_moments_asked_for():
    variate = lognormal.from_mean_sd(10.0, 7.0)
    s = np.sqrt(np.log1p(0.49))
    np.testing.assert_allclose(
        variate.ppf(U), stats.lognorm(s, scale=10.0 / np.exp(s * s / 2)).ppf(U), rtol=1e-13
    )
    assert variate.mean() == pytest.approx(10.0, rel=1e-14)
    assert variate.sd() == pytest.approx(7.0, rel=1e-14)


def test_the_logarithm_of_a_lognormal_is_normal():
    points = [(0.1, 0.5), (0.5, 3.0), (0.9, 15.0)]
    logarithm = normal.from_percentiles([(level, np.log(value)) for level, value in points])
    np.testing.assert_allclose(
        np.log(lognormal.from_percentiles(points).ppf(U)), logarithm.ppf(U), rtol=1e-12, atol=1e-13
    )


def test_the_logit_of_a_logit_normal_is_normal():
    points = [(0.1, 0.02), (0.5, 0.05), (0.9, 0.2)]
    logit = normal.from_percentiles([(level, np.log(value / (1 - value))) for level, value in points])
    x = logit_normal.from_percentiles(points).ppf(U)
    np.testing.assert_allclose(np.log(x) - np.log1p(-x), logit.ppf(U), rtol=1e-10, atol=1e-12)


def test_one_plus_a_rate_is_lognormal():
    points = [(0.05, -0.6), (0.5, -0.2), (0.95, 0.1)]
    growth = lognormal.from_percentiles([(level, 1.0 + value) for level, value in points])
    np.testing.assert_allclose(1.0 + rate_normal.from_percentiles(points).ppf(U), growth.ppf(U), rtol=1e-12)


def test_a_rate_of_sixty_percent_less_a_year_is_a_twelfth_root_a_month():
    yearly = rate_normal.from_percentiles([(0.05, -0.7), (0.5, -0.6), (0.95, -0.5)])
    assert float(yearly.compounded(1 / 12).ppf(0.5)) == pytest.approx(0.4 ** (1 / 12) - 1.0, rel=1e-13)


def test_uniform_is_that_of_scipy():
    np.testing.assert_allclose(uniform.from_range(1.0, 5.0).ppf(U), 1.0 + 4.0 * U, rtol=1e-15)


def test_pert_is_the_beta_of_scipy():
    variate = pert.from_range(20.0, 40.0, 120.0)
    np.testing.assert_allclose(variate.ppf(U), stats.beta(1.8, 4.2, 20.0, 100.0).ppf(U), rtol=1e-9)
    assert variate.mean() == pytest.approx((20.0 + 4 * 40.0 + 120.0) / 6, rel=1e-14)
    assert variate.sd() == pytest.approx(stats.beta(1.8, 4.2, 20.0, 100.0).std(), rel=1e-13)


def test_a_pert_turned_round_is_the_pert_of_the_negatives():
    there, back = pert.from_range(0.0, 1.0, 10.0), pert.from_range(-10.0, -1.0, 0.0)
    np.testing.assert_allclose(there.ppf(U), -back.ppf(1.0 - U), atol=1e-7)


def test_gamma_of_shape_one_is_exponential():
    x = gamma.from_mean_sd(5.0, 5.0).ppf(U)
    np.testing.assert_allclose(x, -5.0 * np.log1p(-U), rtol=2e-9)


def test_gamma_of_a_tiny_shape_is_almost_always_almost_zero():
    """Allow 1e-5 of x, which is 4e-9 of u: F rises by the shape, 1/2500, where x rises by itself."""
    u = np.array([0.2, 0.9, 0.99, 0.999, 0.999999])
    x = gamma.from_mean_sd(1.0, 50.0).ppf(u)
    np.testing.assert_allclose(x, stats.gamma(1 / 2500, scale=2500.0).ppf(u), rtol=1e-5)


@pytest.mark.parametrize("spread", [1e-3, 5e-3, 7e-3, 7.2e-3, 0.1])
def test_gamma_of_a_small_spread_keeps_its_skewness(spread):
    """Check the fourth-order Cornish-Fisher expansion; the next term is of the order spread^3 sd."""
    x = (gamma.from_mean_sd(1.0, spread).ppf([0.01, 0.5, 0.99]) - 1.0) / spread
    z = stats.norm.ppf([0.01, 0.5, 0.99])
    expansion = z + spread * (z**2 - 1) / 3 + spread**2 * (z**3 - 7 * z) / 36
    np.testing.assert_allclose(x, expansion, atol=0.2 * spread**3 + 1e-8)


def test_beta_is_that_of_scipy():
    size = 0.3 * 0.7 / 0.01 - 1
    np.testing.assert_allclose(
        beta.from_mean_sd(0.3, 0.1).ppf(U), stats.beta(size * 0.3, size * 0.7).ppf(U), rtol=1e-9
    )


def test_beta_of_the_uniform_moments_is_uniform():
    np.testing.assert_allclose(beta.from_mean_sd(0.5, np.sqrt(1 / 12)).ppf(U), U, rtol=2e-9)


def test_beta_turned_round_is_the_beta_of_the_complement():
    there, back = beta.from_mean_sd(0.1, 0.2), beta.from_mean_sd(0.9, 0.2)
    u = U[(U > 1e-3) & (U < 1 - 1e-3)]
    np.testing.assert_allclose(there.ppf(u), 1.0 - back.ppf(1.0 - u), rtol=1e-8, atol=1e-12)


def test_weibull_is_that_of_scipy():
    variate = weibull.from_mean_sd(10.0, 4.0)
    scale, inverse_shape = variate.parameters[:2]
    frozen = stats.weibull_min(1.0 / inverse_shape, scale=scale)
    np.testing.assert_allclose(variate.ppf(U), frozen.ppf(U), rtol=1e-12)
    assert frozen.mean() == pytest.approx(10.0, rel=1e-12)
    assert frozen.std() == pytest.approx(4.0, rel=1e-12)


@pytest.mark.parametrize("spread", [1e-6, 1e-3, 0.125, 0.13, 0.5, 1.0, 3.0, 100.0, 1e4])
def test_weibull_has_the_moments_asked_for(spread):
    variate = weibull.from_mean_sd(2.0, 2.0 * spread)
    assert variate.mean() == pytest.approx(2.0, rel=1e-13)
    assert variate.sd() == pytest.approx(2.0 * spread, rel=1e-12)


def test_weibull_of_equal_mean_and_sd_is_exponential():
    np.testing.assert_allclose(weibull.from_mean_sd(5.0, 5.0).ppf(U), -5.0 * np.log1p(-U), rtol=1e-12)


def test_discrete_gives_each_value_its_share():
    variate = discrete.from_values([4.0, 1.0, 2.0], [2.0, 5.0, 3.0])
    np.testing.assert_array_equal(
        variate.ppf([0.1, 0.5, 0.5000001, 0.8, 0.8000001, 0.99]), [1, 1, 2, 2, 4, 4]
    )
    assert variate.mean() == pytest.approx(1.9, rel=1e-15)


def test_discrete_of_many_values_counts_as_searching_does():
    rng = np.random.default_rng(2)
    values, weights = np.arange(257.0), rng.random(257)
    cumulative = np.cumsum(weights) / weights.sum()
    x = discrete.from_values(values, weights).ppf(U)
    np.testing.assert_array_equal(x, np.minimum(np.searchsorted(cumulative, U), 256))


def test_values_that_stand_twice_share_their_weights():
    variate = discrete.from_values([1.0, 2.0, 1.0], [1.0, 2.0, 1.0])
    assert variate.table.tolist() == [1.0, 2.0, 0.5, 1.0]


def test_empirical_is_the_quantile_function_of_numpy():
    values = np.random.default_rng(3).normal(size=101)
    np.testing.assert_allclose(
        empirical.from_values(values).ppf(U), np.quantile(values, U), rtol=1e-12, atol=1e-14
    )


def test_a_mixture_of_one_member_with_itself_is_that_member():
    member = lognormal.from_percentiles([(0.05, 2.0), (0.95, 4.0)])
    both = mixture.from_members([1.0, 2.0], [member, member])
    np.testing.assert_allclose(
        both.ppf(U[(U > 1e-9) & (U < 1 - 1e-9)]), member.ppf(U[(U > 1e-9) & (U < 1 - 1e-9)]), rtol=1e-4
    )
    np.testing.assert_allclose(member.cdf(both.ppf(U)), U, atol=5e-9)


def test_a_mixture_of_uniforms_side_by_side_has_corners_and_no_gap():
    variate = mixture.from_members([3.0, 1.0], [uniform.from_range(0.0, 1.0), uniform.from_range(1.0, 2.0)])
    expected = np.where(U < 0.75, U / 0.75, 1.0 + (U - 0.75) / 0.25)
    np.testing.assert_allclose(variate.ppf(U), expected, atol=2e-8)


def test_a_constant_zero_in_a_mixture_takes_exactly_its_share():
    variate = mixture.from_members([3.0, 1.0], [constant.from_value(0.0), uniform.from_range(1.0, 2.0)])
    x = variate.ppf(U)
    off = np.abs(U - 0.75) > 1e-12  # at the step itself rounding decides
    np.testing.assert_array_equal(x[off] == 0.0, U[off] < 0.75)
    assert x[x > 0.0].min() >= 1.0


def test_a_gap_in_a_mixture_is_never_drawn():
    x = mixture.from_members([1.0, 1.0], [uniform.from_range(1.0, 2.0), uniform.from_range(5.0, 6.0)]).ppf(U)
    off = np.abs(U - 0.5) > 1e-12  # at the jump itself rounding decides
    np.testing.assert_array_equal(x[off] <= 2.0, U[off] < 0.5)
    assert not np.any((x > 2.0) & (x < 5.0))


def test_a_mixture_of_constants_is_discrete():
    variate = mixture.from_members([1.0, 3.0], [constant.from_value(2.0), constant.from_value(1.0)])
    assert variate.family == "discrete"
    np.testing.assert_array_equal(variate.ppf([0.74, 0.76]), [1.0, 2.0])


def test_a_mixture_of_mixtures_is_the_mixture_of_all():
    a, b, c = constant.from_value(0.0), uniform.from_range(1.0, 3.0), lognormal.from_mean_sd(4.0, 1.0)
    nested = mixture.from_members([1.0, 3.0], [a, mixture.from_members([1.0, 2.0], [b, c])])
    flat = mixture.from_members([1.0, 1.0, 2.0], [a, b, c])
    np.testing.assert_allclose(flat.cdf(nested.ppf(U[U > 0.25])), U[U > 0.25], atol=5e-9)


@pytest.mark.parametrize(
    "variate",
    [
        uniform.from_range(2.0, 2.0),
        pert.from_range(2.0, 2.0, 2.0),
        normal.from_mean_sd(2.0, 0.0),
        lognormal.from_mean_sd(2.0, 0.0),
        gamma.from_mean_sd(2.0, 0.0),
        weibull.from_mean_sd(2.0, 0.0),
        discrete.from_values([2.0, 2.0], [1.0, 2.0]),
        empirical.from_values([2.0]),
        mixture.from_members([1.0], [constant.from_value(2.0)]),
    ],
)
def test_without_spread_every_family_is_the_constant(variate):
    assert (variate.family, float(variate.ppf(0.3)), variate.sd()) == ("constant", 2.0, 0.0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: constant.from_value(np.nan), r"value must lie in \(-inf, inf\), got nan"),
        (lambda: uniform.from_range(2.0, 1.0), r"max must lie in \[2, inf\), got 1"),
        (lambda: normal.from_mean_sd(1.0, -1.0), r"sd must lie in \[0, inf\), got -1"),
        (lambda: lognormal.from_mean_sd(0.0, 1.0), r"mean must lie in \(0, inf\), got 0"),
        (lambda: pert.from_range(1.0, 5.0, 4.0), r"mode must lie in \[1, 4\], got 5"),
        (lambda: gamma.from_mean_sd(-1.0, 1.0), r"mean must lie in \(0, inf\), got -1"),
        (lambda: gamma.from_mean_sd(1.0, 1e-9), r"sd / mean must lie in \[0.001, 100\], got 1e-09"),
        (lambda: beta.from_mean_sd(1.2, 0.1), r"mean must lie in \(0, 1\), got 1.2"),
        (lambda: beta.from_mean_sd(0.5, 0.5), r"sd must lie in \(0, 0.5\), got 0.5"),
        (lambda: beta.from_mean_sd(0.5, 1e-7), r"shape alpha must lie in \[0.001, 1e\+06\]"),
        (lambda: weibull.from_mean_sd(1.0, 1e5), r"sd / mean must lie in \[1e-06, 10000\], got 100000"),
        (lambda: discrete.from_values([1.0], [0.0]), r"weight must lie in \(0, inf\), got 0"),
        (lambda: discrete.from_values([1.0], []), "must be as many, got 1 and 0"),
        (lambda: empirical.from_values([]), "must not be empty"),
        (lambda: empirical.from_values([1.0, np.nan]), r"value must lie in \(-inf, inf\), got nan"),
        (lambda: mixture.from_members([], []), "must be as many, got 0 and 0"),
        (
            lambda: mixture.from_members([-1.0, 2.0], [constant.from_value(1.0)] * 2),
            r"weight must lie in \(0, inf\)",
        ),
    ],
)
def test_a_parameter_outside_its_interval_is_refused_with_interval_and_value(make, message):
    with pytest.raises(ValueError, match=message):
        make()
