"""simulate crossover: what it asks of the layers below, writes and prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator import storage


@pytest.fixture
def quick(simulate):
    """Run the command on few lifetimes."""

    def run(*arguments):
        return simulate("crossover", *arguments, "--lifetimes", "200", "--threads", "1")

    return run


def test_page_dataset_and_figure(quick, plan):
    result = quick(plan)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Two ways: how the answer depends on volume\n")
    *_, dataset, figure = result.stdout.splitlines()
    path = Path(dataset.removeprefix("Dataset  "))
    assert path.name.startswith("plan-")
    assert path.name.endswith("-7-crossover.nc")
    assert figure == f"Figure   {path.with_suffix('.png')}"
    assert path.with_suffix(".png").is_file()
    assert storage.read(path, kind="crossover").attrs["lifetimes"] == 200


def test_the_rival_is_part_of_the_name(quick, plan):
    result = quick(plan, "--against", "finetuned", "--no-figures")
    (path,) = Path("results").iterdir()
    assert path.name.endswith("-7-crossover-finetuned.nc")
    assert "prompting ends cheaper than finetuned" in " ".join(result.stdout.split())


def test_json_is_one_object(quick, plan):
    result = quick(plan, "--json", "-o", "volume.nc", "--seed", "9")
    told = json.loads(result.stdout)
    assert told["files"] == {"plan": plan, "dataset": "volume.nc", "figures": ["volume.png"]}
    assert told["plan"]["seed"] == 9
    assert told["strategies"]["prompting"]["crossover"]["calls"]["p50"] == 0
    assert told["strategies"]["finetuned"]["closed_form"] is None


def test_it_says_when_the_plans_own_lifetimes_are_too_many(simulate, plan, module):
    asked = {}

    def crossover(plan, **options):
        asked.update(options)
        raise OverflowError("enough")

    module("distributions.jit", is_compiled=lambda function: True)
    module("simulator.crossover", crossover=crossover, DEFAULT_LIFETIMES=100_000)
    result = simulate("crossover", plan, "--set", "run.lifetimes=2_000_000")
    assert result.exit_code == 2
    assert "100,000 lifetimes at each volume, not the plan's 2,000,000" in result.stderr
    assert asked["lifetimes"] is None
    assert "not the plan's" not in simulate("crossover", plan, "--lifetimes", "2M").stderr
    assert asked["lifetimes"] == 2_000_000


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["--against", "finetund"],
            2,
            "there is no strategy 'finetund' to compare with. Did you mean 'finetuned'?",
        ),
        (["--against", "x"], 2, "Strategies: prompting, finetuned."),
        (["--set", "strategies.finetuned.part=true"], 2, "plan.toml has one strategy, prompting"),
        (["--set", "demand.grwth=1% / year"], 2, "did you mean growth?"),
        (["-o", "note.txt"], 2, "exists and is not a result of this program"),
        (["-o", "none/x.nc"], 2, "does not exist"),
        (["-o", "note.txt/x.nc"], 2, "note.txt is no directory"),
        (["-o", "note.txt/y/x.nc"], 2, "note.txt is no directory"),
        (["--lifetimes", "0"], 2, "0 is not in [1, 1000000000000]"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_compiled(simulate, plan, module, arguments, code, message):
    def fail(*arguments, **options):
        raise AssertionError("nothing is to be run")

    module("simulator.crossover", crossover=fail, DEFAULT_LIFETIMES=1)
    Path("note.txt").write_text("mine")
    result = simulate("crossover", plan, *arguments)
    assert result.exit_code == code
    assert message in " ".join(result.stderr.split())
    assert Path("note.txt").read_text() == "mine"
    assert not list(Path().glob("results/*"))


def test_a_figure_that_cannot_be_written_hides_no_answer(quick, plan):
    Path("volume.png").write_text("mine")
    result = quick(plan, "-o", "volume.nc")
    assert result.exit_code == 3
    assert "how the answer depends on volume" in result.stdout
    assert "is no figure of an earlier result" in result.stderr
    assert Path("volume.png").read_text() == "mine"
    assert Path("volume.nc").is_file()
