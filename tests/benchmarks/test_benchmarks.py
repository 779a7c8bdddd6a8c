"""The benchmarks run on a small plan, and what they print and write is about what was measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from benchmarks import machine, memory, report
from benchmarks.reference_plan import PEER, Throughput, differing, measure
from simulator.plan import load_plan

ROOT = Path(__file__).resolve().parents[2]
SMOKE = ROOT / "configs" / "smoke.toml"
ONE, TWO = "simulate, 1 thread", "simulate, 2 threads"


@pytest.fixture(scope="module")
def smoke() -> Throughput:
    return measure(load_plan(str(SMOKE)), lifetimes=5000, repetitions=2)


def throughput(ours=(0.5, 0.25, 0.5), different=()) -> Throughput:
    """Make one in which NumPy takes 4, 5 and 3 s for 1,000 lifetimes."""
    steps = {name: {"lower": [0.1], "lifetimes": [0.2], "dataset": [0.2]} for name in (ONE, TWO)}
    seconds = {PEER: [4.0, 5.0, 3.0], ONE: [1.0, 1.0, 1.0], TWO: list(ours)}
    return Throughput(1000, seconds, steps, 90, list(different))


def runs(first=80.0, again=(11.0, 13.0, 10.0), many=305.0) -> memory.CommandRuns:
    return memory.CommandRuns(
        1_000_000,
        None if first is None else memory.Run(first, 400.0),
        [memory.Run(seconds, 300.0) for seconds in again],
        None if many is None else memory.Run(200.0, many),
    )


def met(**facts) -> list[bool | None]:
    own = {key: facts.pop(key) for key in ("ours", "different") if key in facts}
    return [row.met for row in report.rows(throughput(**own), runs(**facts))]


def test_every_contender_runs_in_every_repetition(smoke):
    assert list(smoke.seconds) == [PEER, ONE, TWO]
    assert {len(seconds) for seconds in smoke.seconds.values()} == {2}
    assert all(second > 0 for seconds in smoke.seconds.values() for second in seconds)


def test_the_steps_of_a_run_add_up_to_it(smoke):
    for name in (ONE, TWO):
        sums = np.sum(list(smoke.steps[name].values()), axis=0)
        np.testing.assert_allclose(sums, smoke.seconds[name], rtol=1e-9)


def test_one_thread_and_two_give_the_same_bytes(smoke):
    assert smoke.different == []
    assert smoke.variables > 60


def test_a_last_bit_a_sign_a_unit_or_a_missing_variable_makes_datasets_differ():
    values = np.array([0.0, 1.0, np.nan])
    one = xr.Dataset({"cost": ("month", values, {"units": "USD"}), "requests": ("month", values)})
    assert differing(one, one.copy(deep=True)) == []
    for changed in (np.array([-0.0, 1.0, np.nan]), np.array([0.0, np.nextafter(1.0, 2.0), np.nan])):
        assert differing(one, one.assign(requests=("month", changed))) == ["requests"]
    assert differing(one, one.assign(cost=("month", values, {"units": "EUR"}))) == ["cost"]
    assert differing(one, one.drop_vars("cost")) == ["cost"]
    assert differing(one, one.assign_coords(month=np.arange(3))) == ["month"]


def test_ratios_are_those_of_medians_and_of_neighbours():
    found = throughput()
    assert found.rate(PEER) == 250
    assert found.rate(TWO) == 2000
    assert found.ratio(TWO) == 8
    assert found.paired_ratios(TWO) == [8, 20, 6]


def test_a_target_is_met_or_missed_by_what_was_measured():
    assert met(ours=[0.4] * 3) == [True, True, True, True, True, True]
    assert met(ours=[0.41] * 3)[0] is False
    assert met(different=["wins"])[1] is False
    assert met(many=316.0)[3] is False
    assert met(again=(12.1, 12.1, 1.0))[4] is False
    assert met(first=90.0)[5] is False


def test_what_was_not_measured_is_neither_met_nor_missed():
    targets = report.rows(throughput(), runs(first=None, many=None))
    assert [row.name for row in targets if row.met is None] == [
        "Peak memory, 20,000,000 lifetimes",
        "First run, 1,000,000 lifetimes",
    ]
    lines = report.table_lines(targets)
    assert sum("not measured" in line for line in lines) == 2
    assert len(lines) == 1 + len(targets)


def test_the_table_names_who_is_compared_with_whom():
    lines = report.throughput_lines(throughput(different=["wins"]))
    assert [line.partition("  ")[0] for line in lines[2:5]] == [PEER, ONE, TWO]
    assert "8.0 (6.0, 20.0)" in lines[4]
    assert lines[5] == "NOT the same bytes: wins"


def test_a_command_is_not_charged_for_the_memory_of_who_measures_it():
    held = np.ones(50_000_000)  # 400 MB
    run = memory.run_command([sys.executable, "-c", "pass"], os.environ)
    assert held[-1] == 1.0
    assert 1 < run.peak_mb < 100


def test_the_memory_of_a_command_is_its_peak():
    code = "a = bytearray(b'1') * 300_000_000; del a"
    run = memory.run_command([sys.executable, "-c", code], os.environ)
    assert 300 < run.peak_mb < 400
    assert run.seconds > 0


def test_a_command_that_fails_is_no_measurement():
    with pytest.raises(RuntimeError, match="code 3:\nno luck"):
        memory.run_command(
            [sys.executable, "-c", "import sys; print('no luck', file=sys.stderr); sys.exit(3)"], os.environ
        )


def test_the_processor_is_named_with_the_numbers_that_virtual_ones_hide(tmp_path):
    cpuinfo = tmp_path / "cpuinfo"
    one = "vendor_id : Some\ncpu family : 6\nmodel : 143\nmodel name : Some(R) Processor\nstepping : 8\n"
    cpuinfo.write_text(f"processor : 0\n{one}\nprocessor : 1\n{one.replace('Some', 'Other')}")
    assert machine.processor(cpuinfo) == "Some(R) Processor (family 6, model 143, stepping 8)"
    assert machine.processor(tmp_path / "absent")


def test_the_command_measures_a_plan_and_writes_what_it_prints(tmp_path):
    output = tmp_path / "found.json"
    arguments = [str(SMOKE), "--quick", "--lifetimes", "1000", "-o", str(output)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(output.read_text())
    assert [row["name"] for row in found["targets"]] == [
        "Lifetimes/s on 2 threads, in NumPy's",
        "Same bytes on 1 and 2 threads",
        "Peak memory, 20,000 lifetimes",
        "Peak memory, 400,000 lifetimes",
        "Second run, 20,000 lifetimes",
        "First run, 20,000 lifetimes",
    ]
    assert all(row["name"] in done.stdout for row in found["targets"])
    assert found["targets"][1]["measured"] == "yes"
    assert found["machine"]["cpu"] in done.stdout
    assert found["machine"]["versions"]["numba"] in done.stdout
    assert len(found["throughput"]["seconds"][TWO]) == 3
    assert found["command"]["many"] is None
    assert any(line.startswith("Philox word") for line in found["draws"])
    assert all(line in done.stdout for line in found["draws"])
