"""The reference model's distributions: percentiles and moments met, quantiles and probabilities inverse."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.plan.dimensions import FACTOR, HOURS, POINTS, RATE, SHARE
from simulator.plan.quantity import QuantityField, parse_quantity
from tests.reference_model.families import MixtureOf, PointMass, distribution_of

U = (np.arange(2000) + 0.5) / 2000
MIXTURE = {
    "mixture": [
        {"weight": 5, "value": "2 to 4 h"},
        {"weight": 3, "value": "3 h"},
        {"weight": 2, "value": {"min": 60, "max": 600, "unit": "min"}},
    ]
}


def of(raw, dimension=HOURS):
    """Return the distribution of what a plan would hold."""
    return distribution_of(parse_quantity(raw, QuantityField(dimension), "x", currency="USD"))


@pytest.mark.parametrize(
    ("raw", "dimension", "expected"),
    [
        ("2 to 4 h", HOURS, {0.05: 2, 0.5: 8**0.5, 0.95: 4}),
        ({"p10": 1, "p50": 3, "p90": 15, "unit": "h"}, HOURS, {0.1: 1, 0.5: 3, 0.9: 15}),
        ({"p10": 1, "p30": 3, "p90": 15, "unit": "h"}, HOURS, {0.1: 1, 0.3: 3, 0.9: 15}),
        ({"p10": 1, "p70": 9, "p90": 15, "unit": "h"}, HOURS, {0.1: 1, 0.7: 9, 0.9: 15}),
        ("2% to 9%", SHARE, {0.05: 0.02, 0.95: 0.09}),
        ("30 to 90 min", HOURS, {0.05: 0.5, 0.95: 1.5}),
        ("1% to 3% / month", RATE, {0.05: 1.01**12 - 1, 0.95: 1.03**12 - 1}),
        ({"min": 0.01, "max": 0.03, "unit": "% / month"}, RATE, {0.5: 1.0002**12 - 1}),
        ("-0.1 to 0.3 pp/month", POINTS, {0.05: -0.001, 0.5: 0.001, 0.95: 0.003}),
        ({"values": [1, 2, 4], "weights": [5, 3, 2]}, FACTOR, {0.49: 1, 0.51: 2, 0.79: 2, 0.81: 4}),
    ],
)
def test_quantiles_are_those_that_the_plan_states(raw, dimension, expected):
    found = of(raw, dimension).from_uniform(np.array(list(expected)))
    np.testing.assert_allclose(found, list(expected.values()), rtol=1e-12)


@pytest.mark.parametrize("family", ["lognormal", "gamma", "weibull", "beta"])
def test_families_have_the_mean_and_sd_that_the_plan_states(family):
    u = np.linspace(0, 1, 400_001)[1:-1]
    x = of({"dist": family, "mean": 0.4, "sd": 0.2, "unit": "h"}).from_uniform(u)
    # The trapezoid cuts off both tails, 2.5e-6 of the probability each.
    assert x.mean() == pytest.approx(0.4, rel=1e-4)
    assert x.std() == pytest.approx(0.2, rel=2e-3)


def test_pert_has_the_mean_of_its_definition():
    u = np.linspace(0, 1, 20_001)[1:-1]
    x = of({"min": 20, "mode": 40, "max": 120, "unit": "h"}).from_uniform(u)
    assert x.mean() == pytest.approx((20 + 4 * 40 + 120) / 6, rel=1e-4)


@pytest.mark.parametrize(
    "raw",
    [
        "2 to 4 h",
        {"p10": 1, "p50": 3, "p90": 15, "unit": "h"},
        {"min": 20, "mode": 40, "max": 120, "unit": "h"},
        {"dist": "weibull", "mean": 20.4, "sd": 8.8, "unit": "h"},
    ],
)
def test_the_cumulative_function_undoes_the_quantile_function(raw):
    family = of(raw)
    np.testing.assert_allclose(family.cumulative(family.from_uniform(U)), U, rtol=1e-11)


def test_a_mixture_has_an_atom_where_a_constant_is_and_is_continuous_elsewhere():
    mixture = of(MIXTURE)
    assert isinstance(mixture, MixtureOf)
    x = mixture.from_uniform(U)
    assert (np.diff(x) >= 0).all()
    assert (x == 3.0).sum() == pytest.approx(0.3 * len(U), abs=1)
    smooth = x != 3.0
    np.testing.assert_allclose(mixture.cumulative(x[smooth]), U[smooth], rtol=1e-9)


def test_samples_of_a_mixture_follow_its_cumulative_function():
    mixture = of(MIXTURE)
    n = 40_000
    sample = mixture.sample(np.random.default_rng(3), n)
    for x in (1.5, 2.5, 3.0, 3.5, 8.0):
        p = float(mixture.cumulative(x))
        assert abs((sample <= x).mean() - p) < 5 * np.sqrt(p * (1 - p) / n)


def test_a_column_s_quantiles_are_interpolated_like_numpy_s(tmp_path):
    values = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0])
    (tmp_path / "c.csv").write_text("x\n" + "\n".join(map(str, values)), encoding="utf-8")
    raw = {"data": "c.csv", "column": "x", "unit": "h", "of": "value"}
    field = QuantityField(HOURS)
    family = distribution_of(parse_quantity(raw, field, "x", currency="USD", base_directory=tmp_path))
    np.testing.assert_allclose(family.from_uniform(U), np.quantile(values, U), rtol=1e-14)
    assert family.cumulative(np.array([0.5, 1.0, 9.0])).tolist() == [0.0, 0.2, 1.0]


def test_a_constant_is_a_point():
    assert of("3 h") == PointMass(3.0)
    assert of("1% / month", RATE).value == pytest.approx(1.01**12 - 1, rel=1e-14)
