"""The NumPy version that the simulator is timed against computes what the reference model computes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.numpy_version import run
from simulator.plan import load_plan
from tests.reference_model import simulate
from tests.reference_model.statistics import statistics

PLANS = ("configs/plan.toml", "configs/smoke.toml", "tests/simulator/plan/every_key.toml")
ROOT = Path(__file__).resolve().parents[2]
N = 2048


@pytest.mark.parametrize("path", PLANS)
def test_both_estimate_the_same_numbers(path):
    """The two draw differently, so a bias shows from 6 standard errors on, 16 % of one lifetime's sd.

    Up to 20,000 numbers are compared, of which chance alone takes one beyond 6 once in 25,000 plans.
    """
    plan = load_plan(ROOT / path)
    reference = statistics(simulate(plan, np.arange(N), 5))
    found, seconds = run(plan, 2 * N, 5, chunk=N)
    assert seconds > 0
    assert set(reference) <= set(found)
    for name, expected in reference.items():
        if name.startswith("sample") or name.endswith("_mcse"):
            continue
        assert found[name].shape == expected.shape, name
        difference = np.abs(found[name] - expected)
        if f"{name}_mcse" in reference:
            error = np.hypot(reference[f"{name}_mcse"], found[f"{name}_mcse"])
            bound = 6 * error + 1e-9 * np.abs(expected)
        elif name.endswith("probability") or name == "never_breaks_even":
            p = (expected * N + found[name] * 2 * N) / (3 * N)
            bound = 6 * np.sqrt(np.maximum(p * (1 - p), 1 / N) * 1.5 / N)
        else:
            continue
        assert (np.isnan(expected) | (difference <= bound)).all(), name


def test_quantiles_are_those_of_numpy_and_lifetimes_need_no_full_chunk():
    plan = load_plan(ROOT / "configs/smoke.toml")
    found, _ = run(plan, 1000, 5, chunk=384)
    expected = np.quantile(found["sample_monthly_cost"].astype(float), plan.run.quantiles, axis=0)
    # The sample is of single precision.
    np.testing.assert_allclose(found["monthly_cost"], np.moveaxis(expected, 0, -1), rtol=2e-7)
    np.testing.assert_allclose(
        found["present_cost_mean"][:, -1], found["sample_present_cost"].mean(axis=0), rtol=1e-12
    )
    assert found["win_probability"].shape == (3, 3, plan.horizon)


def test_equal_seeds_give_equal_results():
    plan = load_plan(ROOT / "configs/smoke.toml")
    first, second = run(plan, 500, 5)[0], run(plan, 500, 5)[0]
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name])
