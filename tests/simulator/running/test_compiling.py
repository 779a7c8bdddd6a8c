"""The kernel is compiled in a process of its own, for all plans alike."""

from __future__ import annotations

from pathlib import Path

import numba
import pytest

from distributions import jit
from simulator import worker
from simulator.lowering import lower
from simulator.plan import load_plan
from simulator.running import compiling
from simulator.workspace import make_record

CONFIGS = Path(__file__).resolve().parents[3] / "configs"


@pytest.mark.parametrize("name", sorted(path.name for path in CONFIGS.glob("*.toml")))
def test_what_is_compiled_ahead_is_what_a_plan_calls(name, monkeypatch):
    called = []
    monkeypatch.setattr(worker, "simulate_block", lambda *arguments: called.append(arguments))
    lowered = lower(load_plan(CONFIGS / name))
    worker.Worker(lowered, 7).run(0, 1, make_record(lowered, samples=1))
    assert [numba.typeof(one) for one in called[0]] == [numba.typeof(one) for one in compiling.arguments()]


def test_a_process_compiles_and_is_waited_for():
    compiling.begin()
    process = compiling._under_way
    compiling.begin()
    assert compiling._under_way is process
    assert process.daemon
    compiling.finish()
    assert process.exitcode == 0
    assert compiling._under_way is None
    compiling.finish()


@pytest.mark.parametrize("why", ["one processor", "no cache"])
def test_without_a_second_processor_or_a_cache_nothing_is_begun(why, monkeypatch):
    if why == "no cache":
        monkeypatch.setattr(jit, "can_cache", lambda: False)
    else:
        monkeypatch.setattr(compiling, "available_threads", lambda: 1)
    compiling.begin()
    assert compiling._under_way is None
