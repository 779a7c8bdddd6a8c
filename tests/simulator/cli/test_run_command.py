"""simulate PLAN: what it asks of the layers below, writes and prints."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import simulator
import simulator.storage


class FakeCheckpoint:
    """Keeps what it was asked for, and nothing else."""

    def __init__(self, path, **options):
        self.path = path
        self.options = options
        self.lifetimes = 0
        self.removed = False

    def remove(self):
        self.removed = True


@pytest.fixture
def layers(module, monkeypatch):
    """Stand in for everything that simulates and writes; record what it was asked."""
    asked = SimpleNamespace(compiled=True, written=[], figures=[], options=None, width=None)

    def simulate(plan, **options):
        asked.options = options
        for done in (500, 1000):
            if options["progress"] is not None:
                options["progress"](done, 1000)
        return SimpleNamespace(attrs={"lifetimes": options.get("lifetimes")})

    def write(dataset, path):
        asked.written.append(path)
        path.write_text("a result")

    def draw(dataset, stem):
        asked.figures.append(stem)
        return [stem.with_name(stem.name + "-fan.png")]

    def render(dataset, width):
        asked.width = width
        return "prompting is cheapest\n"

    module("distributions.jit", is_compiled=lambda function: asked.compiled)
    module("simulator.running.checkpoint", Checkpoint=FakeCheckpoint)
    module("simulator.run", simulate=simulate)
    module("simulator.figures", write=draw)
    module(
        "simulator.verdict",
        render=render,
        summary=lambda dataset: {"cheapest": {"saving": np.float64(1 / 3)}},
    )
    monkeypatch.setattr(simulator.storage, "write", write)
    monkeypatch.setattr(simulator.storage, "refuse_missing_values", lambda dataset: None)
    return asked


def test_the_verdict_goes_to_stdout_with_the_files_written(simulate, layers, plan):
    result = simulate(plan)
    assert result.exit_code == 0, result.output
    (path,) = layers.written
    assert path.parent == Path("results")
    assert path.name.startswith("plan-")
    assert path.name.endswith("-7.nc")
    assert result.stderr == ""
    assert result.stdout.splitlines() == [
        "prompting is cheapest",
        "",
        f"Dataset  {path}",
        f"Figures  {path.with_suffix('')}-fan.png",
    ]


def test_the_name_of_a_result_holds_plan_hash_and_seed(simulate, layers, plan):
    from simulator.plan import load_plan

    simulate(plan, "--seed", "9")
    assert layers.written == [Path(f"results/plan-{load_plan(plan).digest[:8]}-9.nc")]


def test_a_set_value_is_another_plan_and_another_file(simulate, layers, plan):
    simulate(plan)
    simulate(plan, "--set", "demand.growth=2% / month")
    assert len(set(layers.written)) == 2


@pytest.mark.parametrize("arguments", ["{} --seed 3", "--seed 3 {}", "run --seed 3 {}"])
def test_options_stand_before_or_after_the_plan(simulate, layers, plan, arguments):
    assert simulate(*arguments.format(plan).split()).exit_code == 0
    assert layers.options["seed"] == 3


def test_options_reach_the_simulation(simulate, layers, plan):
    simulate(plan, "--lifetimes", "2k", "--threads", "2")
    asked = layers.options
    assert {name: asked[name] for name in ("lifetimes", "seed", "threads", "workers")} == {
        "lifetimes": 2000,
        "seed": 7,
        "threads": 2,
        "workers": None,
    }
    assert not asked["stop"].is_set()
    assert asked["checkpoint"].path == layers.written[0].with_name(layers.written[0].name + ".checkpoint")


def test_sobol_points_take_balanced_lifetimes_and_say_so(simulate, layers, plan):
    result = simulate(plan, "--sampler", "sobol")
    assert layers.options["lifetimes"] == 1000  # the run rounds them, and keeps what was asked for
    line = "1,024 lifetimes, not 1,000: Sobol points are balanced at 16 times a power of two."
    assert line in result.stderr
    assert line not in simulate(plan, "--sampler", "sobol", "--quiet").stderr
    result = simulate(plan, "--sampler", "sobol", "--lifetimes", "2048")
    assert "balanced" not in result.stderr
    assert "balanced" not in simulate(plan).stderr
    assert len(set(layers.written)) == 2  # the sampler is part of the plan's hash


def test_blocks_of_sobol_points_are_a_power_of_two(simulate, layers, plan):
    result = simulate(plan, "--sampler", "sobol", "--blocks", "0:3/6")
    assert result.exit_code == 2
    assert "write --blocks A:B/8" in " ".join(result.stderr.split())
    assert layers.written == []


def test_without_options_the_plan_decides(simulate, layers, plan):
    simulate(plan)
    assert layers.options["lifetimes"] == 1000
    assert layers.options["threads"] is None


def test_json_is_one_object_with_the_files(simulate, layers, plan):
    result = simulate(plan, "--json")
    (path,) = layers.written
    figures = [f"{path.with_suffix('')}-fan.png"]
    assert json.loads(result.stdout) == {
        "cheapest": {"saving": 1 / 3},
        "warnings": [],
        "files": {"plan": plan, "dataset": str(path), "figures": figures},
    }
    assert result.stderr == ""


def test_figures_stand_beside_the_named_file_whatever_dots_it_has(simulate, layers, plan):
    simulate(plan, "-o", "answer.v2")
    simulate(plan, "-o", "answer.v2.nc")
    assert layers.figures == [Path("answer.v2"), Path("answer.v2")]


def test_no_figures_draws_none(simulate, layers, plan):
    result = simulate(plan, "--no-figures")
    assert layers.figures == []
    assert "Figures" not in result.stdout


def test_the_first_run_says_that_it_compiles(simulate, layers, plan):
    layers.compiled = False
    assert simulate(plan).stderr == "Compiling for this machine (first run only, under a minute) …\n"
    assert simulate(plan, "--quiet", "--seed", "8").stderr == ""


def test_the_verdict_is_as_wide_as_the_terminal(simulate, layers, plan):
    simulate(plan, env={"COLUMNS": "117"})
    assert layers.width == 117


def untouched(layers):
    return layers.options is None and layers.written == [] and layers.figures == []


def test_a_directory_is_no_output(simulate, layers, plan):
    result = simulate(plan, "-o", ".")
    assert result.exit_code == 2
    assert "is a directory" in result.stderr
    assert untouched(layers)


def test_an_output_in_a_missing_directory_is_refused_before_the_work(simulate, layers, plan):
    result = simulate(plan, "-o", "missing/answer.nc", "--json")
    assert result.exit_code == 2
    assert len(json.loads(result.stdout)["errors"]) == 1
    assert untouched(layers)


def test_a_file_that_is_no_result_stays_as_it_is(simulate, layers, plan, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    result = simulate(plan, "-o", "notes.txt")
    assert result.exit_code == 2
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert untouched(layers)


def test_a_file_in_place_of_the_results_directory_is_a_file_system_error(simulate, layers, plan, tmp_path):
    (tmp_path / "results").write_text("mine")
    result = simulate(plan)
    assert result.exit_code == 3
    assert "results" in result.stderr
    assert untouched(layers)


def test_a_bad_plan_is_refused_before_anything_is_simulated_or_made(simulate, layers, plan, tmp_path):
    (tmp_path / plan).write_text("nme = 3")
    result = simulate(plan)
    assert result.exit_code == 2
    assert f"{plan}:1:1" in result.stderr
    assert untouched(layers)
    assert not (tmp_path / "results").exists()


def test_a_missing_plan_is_a_plan_error(simulate, layers):
    result = simulate("missing.toml", "--json")
    assert result.exit_code in (2, 3)
    assert json.loads(result.stdout)["errors"][0]["file"] == "missing.toml"
    assert "No such command" not in result.stderr


def test_an_error_in_the_simulation_reaches_the_caller(simulate, layers, plan, module):
    def fail(*_, **__):
        raise MemoryError

    module("simulator.run", simulate=fail)
    assert simulate(plan).exit_code == 3


def test_figures_that_cannot_be_written_hide_no_verdict(simulate, layers, plan, module):
    def fail(dataset, stem):
        raise FileExistsError(17, "is no figure", f"{stem}-fan.png")

    module("simulator.figures", write=fail)
    result = simulate(plan, "-o", "answer.nc")
    assert result.exit_code == 3
    assert "prompting is cheapest" in result.stdout
    assert "answer-fan.png\n  the figures are not written: is no figure" in result.stderr
    told = json.loads(simulate(plan, "-o", "other.nc", "--json").stdout)
    assert told["cheapest"] == {"saving": 1 / 3}
    assert told["files"]["figures"] == []
    assert told["errors"][0]["file"] == "other-fan.png"


SLOW = """
import sys, time, types
import simulator, distributions

def simulate(plan, **options):
    print("started", file=sys.stderr, flush=True)
    time.sleep(30)

def place(package, last, **contents):
    fake = types.ModuleType(last)
    vars(fake).update(contents)
    sys.modules[f"{package.__name__}.{last}"] = fake
    setattr(package, last, fake)

place(distributions, "jit", is_compiled=lambda function: True)
place(simulator, "run", simulate=simulate)
from simulator.cli import main
main()
"""


def test_an_interrupted_run_ends_within_a_second_and_leaves_no_file(command_line, plan, tmp_path):
    started = command_line(plan, "--no-checkpoint", code=SLOW)
    with subprocess.Popen(**started, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr.readline() == "started\n"
        before = time.monotonic()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=10)
        took = time.monotonic() - before
    assert running.returncode == 130
    assert (out, err) == ("", "Interrupted.\n")
    assert took < 1
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["plan.toml"]
