"""Both ways in which the NumPy version takes quantiles give the same ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.numpy_version import run
from simulator.plan import load_plan

ROOT = Path(__file__).resolve().parents[2]


def test_quantiles_of_ordered_values_are_those_of_numpy():
    plan = load_plan(ROOT / "configs/smoke.toml")
    quantiles, ordered = (run(plan, 900, 5, chunk=256, sorts=sorts)[0] for sorts in (False, True))
    assert set(quantiles) == set(ordered)
    for name, values in quantiles.items():
        np.testing.assert_allclose(values, ordered[name], rtol=1e-12, atol=1e-9, err_msg=name)
