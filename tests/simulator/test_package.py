"""What `import simulator` offers, and what it does not load before it is asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import simulator
from simulator.plan import load_plan
from simulator.run import simulate

ROOT = Path(__file__).resolve().parents[2]


def test_the_package_offers_the_reader_and_the_simulation():
    assert simulator.__all__ == ["load_plan", "simulate"]
    assert simulator.load_plan is load_plan
    assert simulator.simulate is simulate
    assert set(simulator.__all__) <= set(dir(simulator))
    names = {}
    exec("from simulator import *", names)
    assert (names["load_plan"], names["simulate"]) == (load_plan, simulate)


def test_a_name_that_the_package_lacks_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'simulator' has no attribute 'simulation'"):
        simulator.simulation  # noqa: B018


def test_its_modules_are_still_found():
    from simulator import run

    assert run.simulate is simulate


@pytest.mark.parametrize(
    ("named", "loads", "does_not_load"),
    [
        ("", set(), {"pydantic", "numpy", "simulator.plan", "simulator.run"}),
        (".load_plan", {"simulator.plan"}, {"numpy", "numba", "simulator.run"}),
        (".simulate", {"simulator.run"}, {"xarray", "matplotlib"}),
    ],
)
def test_a_name_is_imported_when_it_is_first_used(named, loads, does_not_load):
    code = f"import simulator, sys; simulator{named}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    loaded = set(done.stdout.split())
    assert loads <= loaded
    assert not does_not_load & loaded
