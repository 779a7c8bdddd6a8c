"""Hold every family to the one contract."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtr

from distributions.family import FAMILIES, PARAMETERS
from distributions.streams import stream_id, uniforms
from tests.distributions.contract import TOLERANCE, cases, levels, missed, scipy_cdf

CASES = cases()
REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "quantiles.json").read_text(encoding="utf-8")
)
CONTINUOUS = [name for name in CASES if not name.startswith(("constant", "discrete", "empirical", "mixture"))]

STATED = [name for name, case in CASES.items() if case.exponent == 1.0]
LIGHT = [
    name for name, case in CASES.items() if case.sd() <= 4.0 * abs(case.mean())
]  # the rest has a tail beyond


@pytest.fixture(params=list(CASES))
def variate(request):
    return CASES[request.param]


def test_every_family_has_a_case():
    assert {case.family for case in CASES.values()} == set(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_siblings_have_one_shape(family):
    module = importlib.import_module(f"distributions.{family}")
    names = [
        name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__
    ]
    common = [name for name in names if name in ("cdf", "mean", "sd", "support", "scale")]
    assert common == ["cdf", "mean", "sd", "support", "scale"]
    assert any(name.startswith("from_") for name in names)


def test_quantiles_invert_the_distribution_function(variate):
    assert missed(variate, levels()).max() <= TOLERANCE


def test_distribution_functions_are_those_of_scipy(variate):
    x = np.unique(np.concatenate([variate.ppf(levels()[::7]), np.linspace(-3.0, 13.0, 100)]))
    np.testing.assert_allclose(variate.cdf(x), scipy_cdf(variate, x), atol=TOLERANCE)


def test_quantiles_do_not_decrease(variate):
    assert np.all(np.diff(variate.ppf(levels())) >= 0.0)


def test_the_ends_are_those_of_the_support(variate):
    low, high = variate.support()
    np.testing.assert_array_equal(variate.ppf([0.0, 1.0]), [low, high])
    x = variate.ppf(levels())
    assert low <= x.min()
    assert x.max() <= high


@pytest.mark.parametrize("name", LIGHT)
def test_moments_are_those_of_the_quantiles(name):
    """Integrate by the midpoint rule in z; a jump or kink costs a step's probability, 4e-5 of the range."""
    variate = CASES[name]
    edges = np.linspace(-8.0, 8.0, 160_001)
    z = (edges[:-1] + edges[1:]) / 2
    density = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
    x = variate.ppf(ndtr(z))
    mean = np.dot(density, x)
    sd = np.sqrt(np.dot(density, (x - mean) ** 2))
    assert variate.mean() == pytest.approx(mean, rel=1e-9, abs=1e-4 * sd)
    assert variate.sd() == pytest.approx(sd, rel=5e-4, abs=1e-12)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_a_sample_passes_kolmogorov_and_smirnov(name):
    """Bound sup |F_n - F| at a chance of 6e-7 (Dvoretzky, Kiefer, Wolfowitz): it sees a bias of 0.02 in F."""
    n = 20_000
    u = uniforms(11, stream_id(name), np.arange(n))
    probabilities = np.sort(scipy_cdf(CASES[name], CASES[name].ppf(u)))
    steps = np.arange(n + 1) / n
    distance = max(np.max(steps[1:] - probabilities), np.max(probabilities - steps[:-1]))
    assert distance <= np.sqrt(np.log(2 / 6e-7) / (2 * n))


@pytest.mark.parametrize("case", REFERENCE, ids=lambda case: f"{case['family']} {case['arguments']}")
def test_quantiles_are_those_of_forty_digits(case):
    module = importlib.import_module(f"distributions.{case['family']}")
    make = module.from_range if case["family"] == "pert" else module.from_mean_sd
    variate = make(*case["arguments"])
    expected = np.array([float(x) for x in case["quantiles"]])
    atol = 1e-10 * variate.sd() if case["family"] == "pert" else 0.0  # whose least value may be 0
    np.testing.assert_allclose(variate.ppf(case["levels"]), expected, rtol=2e-9, atol=atol)


@pytest.mark.parametrize("name", STATED)
def test_a_factor_scales_quantiles_and_moments(name):
    variate = CASES[name]
    u = levels()[::40]
    scaled = variate.scaled(3.0)
    np.testing.assert_allclose(scaled.ppf(u), 3.0 * variate.ppf(u), rtol=1e-8, atol=1e-9 * variate.sd())
    assert scaled.mean() == pytest.approx(3.0 * variate.mean(), rel=1e-12)
    assert scaled.sd() == pytest.approx(3.0 * variate.sd(), rel=1e-9)


@pytest.mark.parametrize("name", STATED)
def test_a_factor_of_two_doubles_every_quantile_to_the_bit(name):
    variate = CASES[name]
    u = levels()
    np.testing.assert_array_equal(variate.scaled(2.0).ppf(u), 2.0 * variate.ppf(u))


def test_parameters_fit_the_kernel(variate):
    assert len(variate.parameters) == PARAMETERS
    assert all(isinstance(p, float) for p in variate.parameters)
    assert variate.table is None or (variate.table.dtype == np.float64 and variate.table.ndim == 1)


@pytest.mark.parametrize("u", [-1e-9, 1.0 + 1e-9, np.nan])
def test_a_probability_outside_the_unit_interval_is_refused(u):
    with pytest.raises(ValueError, match=r"u must lie in \[0, 1\], got"):
        CASES["uniform"].ppf(u)
