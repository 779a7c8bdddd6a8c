"""The benchmarks run on a small plan, and what they print and write is about what was measured; nothing is timed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
import xarray as xr

from benchmarks import draws, figure, growth, machine, memory, phases, report, sampling, threads
from benchmarks.reference_plan import JAX, PEER, SORTING, Throughput, differing, measure
from simulator.lowering import lower
from simulator.plan import load_plan

ROOT = Path(__file__).resolve().parents[2]
SMOKE = ROOT / "configs" / "smoke.toml"
ONE, TWO = "simulate, 1 thread", "simulate, 2 threads"


@pytest.fixture(scope="module")
def smoke() -> Throughput:
    return measure(load_plan(str(SMOKE)), lifetimes=5000, repetitions=2, with_jax=False)


@pytest.fixture(scope="module")
def rows() -> list[draws.Row]:
    return draws.measure(repeats=1)


def throughput(ours=(0.16, 0.16, 0.16), different=(), jax=(1.0, 0.8, 2.0)) -> Throughput:
    """Make one in which NumPy takes 4, 5 and 3 s for 1,000 lifetimes."""
    steps = {name: {"lower": [0.1], "lifetimes": [0.2], "dataset": [0.2]} for name in (ONE, TWO)}
    seconds = {PEER: [4.0, 5.0, 3.0], SORTING: [2.0, 2.0, 2.0]}
    if jax is not None:
        seconds[JAX] = list(jax)
    seconds |= {ONE: [1.0, 1.0, 1.0], TWO: list(ours)}
    return Throughput(1000, seconds, steps, 90, list(different))


def command(first=30.0, again=(5.0, 5.5, 4.0), many=315.0) -> memory.CommandRuns:
    return memory.CommandRuns(
        1_000_000,
        None if first is None else memory.Run(first, 400.0),
        [memory.Run(seconds, 300.0) for seconds in again],
        None if many is None else memory.Run(200.0, many),
    )


def normals(ours=2.6) -> list[draws.Row]:
    return [draws.Row(draws.NORMAL, ours, {"NumPy a": 9.0, "MKL ICDF": 2.0, "MKL BoxMuller": 3.0})]


def everything(**changed) -> report.Found:
    """Make one that meets every target."""
    own = {
        "peers": throughput(),
        "draws": normals(),
        "parts": phases.Parts(whole=1.0, draws=0.2, tallies=0.3, normals=100, uniforms=50),
        "steps": {step: [0.3] for step in phases.STEPS},
        "threads": threads.Scaling(1_000_000, {1: [4.0], 2: [2.0]}),
        "growth": [growth.Growth(axis, [1, 2, 4], [1.0, 2.0, 4.0]) for axis in growth.AXES],
        "command": command(),
        "sampling": {
            "random": sampling.Accuracy(1000, 1.0, {"a": 5.0, "b": 70.0}),
            "sobol": sampling.Accuracy(1024, 2.0, {"a": 1.0, "b": 10.0}),
        },
    }
    return report.Found(**(own | changed))


def test_every_contender_runs_in_every_repetition(smoke):
    assert list(smoke.seconds) == [PEER, SORTING, ONE, TWO]
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
    found = throughput(ours=(0.5, 0.25, 0.5))
    assert found.rate(PEER) == 250
    assert found.rate(TWO) == 2000
    assert found.ratio(TWO) == 8
    assert found.ratio(TWO, JAX) == 2
    assert found.kernel_ratio(TWO) == 20
    assert found.paired_ratios(TWO) == [8, 20, 6]


def test_figures_that_reach_every_target_meet_every_one():
    assert [row.met for row in report.rows(everything())] == [True] * len(report.TARGETS)


@pytest.mark.parametrize(
    ("missed", "changed"),
    [
        ({"numpy"}, {"peers": throughput(ours=[0.161] * 3)}),
        ({"jax"}, {"peers": throughput(jax=[0.79] * 3)}),
        ({"bytes"}, {"peers": throughput(different=["wins"])}),
        ({"normal"}, {"draws": normals(ours=2.61)}),
        ({"kernel"}, {"parts": phases.Parts(1.01, 0.2, 0.3, 100, 50)}),
        ({"threads"}, {"threads": threads.Scaling(1_000_000, {1: [3.6], 2: [2.0]})}),
        ({"million"}, {"threads": threads.Scaling(500_000, {1: [4.0], 2: [1.51]})}),
        ({"months"}, {"growth": [growth.Growth("months", [1, 2, 4], [1.0, 2.0, 8.0])]}),
        ({"start"}, {"steps": {step: [0.4] for step in phases.STEPS}}),
        ({"second"}, {"command": command(again=(5.1, 5.1, 1.0))}),
        ({"first"}, {"command": command(first=30.1)}),
        ({"memory"}, {"command": command(many=316.0)}),
        ({"memory", "peak"}, {"command": command(many=501.0)}),
        (
            {"sobol"},
            {
                "sampling": {
                    "random": sampling.Accuracy(1, 1.0, {"a": 5.0, "b": 49.0}),
                    "sobol": sampling.Accuracy(1, 1.0, {"a": 1.0, "b": 10.0}),
                }
            },
        ),
    ],
    ids=lambda value: "-".join(sorted(value)) if isinstance(value, set) else "",
)
def test_a_figure_beyond_its_bound_misses_it_and_no_other(missed, changed):
    met = dict(zip(report.TARGETS, report.rows(everything(**changed)), strict=True))
    assert {key for key, row in met.items() if row.met is False} == missed


def test_what_was_not_measured_is_neither_met_nor_missed():
    found = report.Found(command=command(first=None, many=None))
    table = report.table_lines(report.rows(found))
    assert [row.met for row in report.rows(found) if row.target.section == "command"] == [
        True,
        None,
        None,
        None,
    ]
    assert sum("not measured" in line for line in table) == len(report.TARGETS) - 1


def test_the_table_says_by_how_much_a_bound_is_missed():
    found = everything(command=command(again=[15.0]), peers=throughput(ours=[0.8] * 3))
    lines = [" ".join(line.split()) for line in report.table_lines(report.rows(found))]
    assert "Command to prompt, caches warm <= 5.0 s 15.0 s missed: 3 times it" in lines
    assert "Lifetimes/s, 2 threads, in NumPy's >= 25.0 x 5.0 x missed: 20% of it" in lines


def test_without_mkl_what_is_held_against_it_is_not_measured():
    bare = [draws.Row(draws.NORMAL, 2.0, {"NumPy a": 9.0})]
    met = dict(zip(report.TARGETS, report.rows(everything(draws=bare)), strict=True))
    assert met["normal"].met is None
    assert met["kernel"].met is None


def test_every_kind_of_draw_is_measured_beside_numpy(rows):
    names = [row.name for row in rows]
    assert {"uniform, one word", draws.NORMAL, "exp", "log"} <= set(names)
    assert all(row.ours > 0 and min(row.peers.values()) > 0 for row in rows)
    assert all(row.fastest("NumPy") or row.fastest("SciPy") for row in rows)
    assert [line.partition("  ")[0].strip() for line in draws.lines(rows)[1:]] == names


def test_normals_are_measured_beside_both_methods_of_mkl(rows):
    pytest.importorskip(
        "mkl_random", reason="Intel MKL is not installed (extra `bench`)", exc_type=ImportError
    )
    row = next(row for row in rows if row.name == draws.NORMAL)
    methods = {name.split()[1] for name in row.peers if name.startswith("MKL")}
    assert methods == {"ICDF", "BoxMuller", "BoxMuller2"}
    assert draws.mkl_normal_ns(rows) == min(ns for name, ns in row.peers.items() if name.startswith("MKL"))


def test_draws_model_and_tallies_are_the_whole_kernel():
    lowered = lower(load_plan(str(SMOKE)))
    parts = phases.measure_parts(lowered, blocks=1, repeats=1)
    assert min(parts.draws, parts.tallies, parts.whole) > 0
    assert parts.draws + parts.model + parts.tallies == pytest.approx(parts.whole)
    # demand, input, output and one price move by 12 monthly normals, one event happens by uniforms
    assert (parts.normals, parts.uniforms) == (4 * 12 + len(lowered.inputs), 12)


def test_the_steps_of_the_command_are_taken_in_a_process_of_their_own():
    steps = phases.measure_steps(SMOKE, 64, repeats=1, environment=os.environ)
    assert tuple(steps) == phases.STEPS
    assert all(len(seconds) == 1 and seconds[0] >= 0 for seconds in steps.values())


def test_a_plan_that_is_refused_is_no_measurement(tmp_path):
    plan = tmp_path / "plan.toml"
    plan.write_text("name = 3")
    with pytest.raises(RuntimeError, match=r"benchmarks\.phases"):
        phases.measure_steps(plan, 64, repeats=1, environment=os.environ)


def test_both_numbers_of_threads_are_timed():
    scaling = threads.measure(lower(load_plan(str(SMOKE))), lifetimes=8192, repeats=1)
    assert {number: len(seconds) for number, seconds in scaling.seconds.items()} == {1: 1, 2: 1}
    assert threads.Scaling(500_000, {1: [3.0], 2: [2.0]}).million_s == 4.0
    assert threads.Scaling(500_000, {1: [3.0], 2: [2.0]}).speedup == 1.5


def test_plans_grow_along_every_axis():
    grown = growth.measure(SMOKE, lifetimes=256, repeats=1)
    assert {one.axis: one.sizes for one in grown} == {
        "lifetimes": [128, 256, 512, 1024],
        "months": [6, 12, 24],
        "strategies": [3, 6, 9],
        "processes": [0, 4, 8, 16],
    }
    assert all(seconds > 0 for one in grown for seconds in one.seconds)


def test_times_on_a_line_are_linear_and_squares_are_not():
    line = growth.Growth("months", [9, 18, 36], [1.0 + 0.5 * n for n in (9, 18, 36)])
    np.testing.assert_allclose(line.line, (1.0, 0.5))
    assert line.is_linear
    assert not growth.Growth("months", [9, 18, 36], [n**2 for n in (9, 18, 36)]).is_linear


def test_either_sampler_is_run_and_the_error_is_that_of_the_dataset():
    found = sampling.measure(SMOKE, lifetimes=8192)
    assert set(found) == {"random", "sobol"}
    assert all(accuracy.error > 0 and accuracy.lifetimes >= 8192 for accuracy in found.values())
    accuracy = sampling.Accuracy(1000, 2.0, {"a": 1.5, "b": 6.0})
    assert accuracy.error == pytest.approx(3.0)
    assert accuracy.seconds_to(1.0) == pytest.approx(18.0)


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


def test_the_figure_has_a_panel_for_what_was_measured(tmp_path):
    found = everything()
    figure.write(found, "a machine", tmp_path / "all.png")
    figure.write(report.Found(draws=normals()), "a machine", tmp_path / "one.png")
    large, small = (matplotlib.image.imread(tmp_path / name) for name in ("all.png", "one.png"))
    assert large.shape[1] > 1.9 * small.shape[1]
    assert large[..., :3].std() > 0
    assert not figure.is_drawable(report.Found(command=command()))


def benchmarks(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", str(SMOKE), "--quick", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_command_measures_what_it_is_told_and_writes_what_it_prints(tmp_path):
    output = tmp_path / "found.json"
    only = [word for section in ("draws", "threads", "command") for word in ("--only", section)]
    done = benchmarks("--lifetimes", "1000", "-o", str(output), *only)
    assert done.returncode == 0, done.stderr
    found = json.loads(output.read_text())
    assert [target["name"] for target in found["targets"]] == [t.name for t in report.TARGETS.values()]
    assert all(target["name"] in done.stdout for target in found["targets"])
    assert found["machine"]["cpu"] in done.stdout
    assert found["machine"]["versions"]["numba"] in done.stdout
    assert found["peers"] is None
    assert found["command"]["many"] is None
    assert len(found["threads"]["seconds"]["2"]) == 3
    assert any(row["name"] == "Philox word" for row in found["draws"])
    assert matplotlib.image.imread(tmp_path / "found.png").shape[0] > 100


def test_a_section_that_does_not_exist_and_a_directory_that_does_not_are_refused(tmp_path):
    assert "'colours'" in benchmarks("--only", "colours").stderr
    done = benchmarks("-o", str(tmp_path / "absent" / "found.json"))
    assert done.returncode == 2
    assert "there is no directory" in done.stderr
