"""Hold every family to the one contract."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import numpy as np
import pytest

from distributions.family import FAMILIES, PARAMETERS
from distributions.streams import stream_id, uniforms
from tests.distributions.contract import TOLERANCE, cases, levels, missed

CASES = cases()
REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "quantiles.json").read_text(encoding="utf-8"))
CONTINUOUS = [name for name in CASES if not name.startswith(("constant", "discrete", "empirical", "mixture"))]


@pytest.fixture(params=list(CASES))
def variate(request):
    return CASES[request.param]


def test_every_family_has_a_case():
    assert {case.family for case in CASES.values()} == set(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_siblings_have_one_shape(family):
    module = importlib.import_module(f"distributions.{family}")
    names = [name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
    common = [name for name in names if name in ("cdf", "mean", "sd", "support", "scale")]
    assert common == ["cdf", "mean", "sd", "support", "scale"]
    assert any(name.startswith("from_") for name in names)


def test_quantiles_invert_the_distribution_function(variate):
    assert missed(variate, levels()).max() <= TOLERANCE


def test_quantiles_do_not_decrease(variate):
    assert np.all(np.diff(variate.ppf(levels())) >= 0.0)


def test_the_ends_are_those_of_the_support(variate):
    low, high = variate.support()
    np.testing.assert_array_equal(variate.ppf([0.0, 1.0]), [low, high])
    x = variate.ppf(levels())
    assert low <= x.min()
    assert x.max() <= high


def test_moments_are_those_of_the_quantiles(variate):
    # The midpoint rule in z, 2e5 points to |z| = 8.2: exact for atoms and kinks to the width of a step.
    edges = np.linspace(-8.2, 8.2, 200_001)
    z = (edges[:-1] + edges[1:]) / 2
    density = np.exp(-(z**2) / 2)
    density /= density.sum()
    from distributions.elementary import normal_cdf  # noqa: PLC0415

    x = variate.ppf([normal_cdf(value) for value in z[::1]]) if False else variate.ppf(_cdf(z))
    if variate.sd() > 8.0 * max(abs(variate.mean()), 1e-12):
        pytest.skip("the tail beyond z = 8.2 counts")
    mean = np.dot(density, x)
    assert variate.mean() == pytest.approx(mean, rel=1e-4, abs=1e-4 * variate.sd())
    assert variate.sd() == pytest.approx(np.sqrt(np.dot(density, (x - mean) ** 2)), rel=1e-3, abs=1e-12)
