"""The JAX version that the simulator is timed against estimates what the other two estimate."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import numpy_version
from benchmarks.reference_plan import JAX, has_jax, measure
from simulator.plan import load_plan
from simulator.run import simulate

ROOT = Path(__file__).resolve().parents[2]
PLANS = ("configs/plan.toml", "configs/smoke.toml")
CHUNK = 2048
N = 8 * CHUNK

pytestmark = pytest.mark.skipif(not has_jax(), reason="JAX is not installed (extra `bench`)")


def run_jax(plan: str, *lines: str) -> subprocess.CompletedProcess:
    """Ask a process of its own, as the benchmarks do."""
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.jax_version", plan, str(CHUNK)],
        cwd=ROOT,
        env=os.environ | {"JAX_PLATFORMS": "cpu"},
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module", params=PLANS)
def found(request, tmp_path_factory) -> tuple[object, dict[str, np.ndarray]]:
    file = tmp_path_factory.mktemp("jax") / "found.npz"
    done = run_jax(request.param, f"{N} 11 {file}")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["seconds"] > 0
    with np.load(file) as arrays:
        return load_plan(str(ROOT / request.param)), dict(arrays)


def test_means_and_probabilities_agree_with_the_simulator_within_standard_errors(found):
    """The two draw differently; of some 5,000 numbers chance takes one beyond 6 once in 100,000 plans.

    What happens in a handful of lifetimes is no normal number: its standard error is not known either, so a mean
    counts from an error on that is not itself a guess.
    """
    plan, arrays = found
    dataset = simulate(plan, lifetimes=4 * N, seed=3)
    compared = 0
    for name, values in arrays.items():
        if name.startswith("sample") or name.endswith(("_mcse", "_interval")):
            continue
        expected = dataset[name].values
        assert values.shape == expected.shape, name
        if f"{name}_mcse" in dataset:
            error = np.hypot(dataset[f"{name}_mcse"].values, arrays[f"{name}_mcse"])
            bound = 6 * error + 1e-9 * np.abs(expected)
        elif name.endswith("probability") or name == "never_breaks_even":
            p = (expected * 4 + values) / 5
            bound = 6 * np.sqrt(np.maximum(p * (1 - p), 1 / N) * 1.25 / N)
        else:
            continue
        compared += values.size
        assert (np.isnan(expected) | (np.abs(values - expected) <= bound)).all(), name
    assert compared > 700


def test_quantiles_are_the_simulator_s_to_within_their_own_errors(found):
    """A quantile's standard error is sqrt(q (1 - q) / n) of probability: it lies between those 6 of them away."""
    plan, arrays = found
    levels = np.asarray(plan.run.quantiles)
    samples = simulate(plan, lifetimes=10_000, seed=3)["sample_present_cost"].values
    spread = 6 * np.sqrt(levels * (1 - levels) * (1 / N + 1 / len(samples)))
    low = np.quantile(samples, np.clip(levels - spread, 0, 1), axis=0).T
    high = np.quantile(samples, np.clip(levels + spread, 0, 1), axis=0).T
    at_horizon = arrays["present_cost"][:, -1]
    assert (at_horizon >= low * (1 - 1e-3)).all()
    assert (at_horizon <= high * (1 + 1e-3)).all()


def test_it_estimates_all_that_the_numpy_version_does(found):
    plan, arrays = found
    expected, _ = numpy_version.run(plan, 512, 5)
    assert set(arrays) == set(expected)
    for name, values in expected.items():
        if not name.startswith("sample"):
            assert arrays[name].shape == values.shape, name


def test_the_samples_are_lifetimes_of_the_tallies(found):
    _, arrays = found
    monthly, present = arrays["sample_monthly_cost"], arrays["sample_present_cost"]
    assert monthly.shape[0] == present.shape[0] == 10_000
    np.testing.assert_allclose(
        monthly[:, :, 5].mean(axis=0),
        arrays["monthly_cost_mean"][:, 5],
        atol=6 * monthly[:, :, 5].std(axis=0).max() / 100,
    )
    assert np.isfinite(arrays["sample_input"]).all()


def test_lifetimes_that_fill_no_chunk_and_a_curve_that_it_does_not_know_are_refused(tmp_path):
    done = run_jax("configs/smoke.toml", "1000 1")
    assert "must be a multiple of 2048, got 1000" in done.stderr
    text = (ROOT / "configs/smoke.toml").read_text()
    plan = tmp_path / "logistic.toml"
    plan.write_text(
        text.replace("demand   = {", 'demand   = { curve = "logistic", ceiling = "1M req/month",')
    )
    done = run_jax(str(plan), f"{CHUNK} 1")
    assert "compound growth alone" in done.stderr


def test_it_takes_turns_with_the_others():
    found = measure(load_plan(str(ROOT / "configs/smoke.toml")), lifetimes=1000, repetitions=1)
    assert found.seconds[JAX][0] > 0
    assert len(found.seconds) == 5
