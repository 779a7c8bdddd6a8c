"""Figures beside a dataset: those that an earlier result has left are named, and stay as they are."""

from __future__ import annotations

import json

import pytest

FOUR = [f"g-{name}.png" for name in ("fan", "cheapest", "saving", "break-even")]
QUICK = ("--lifetimes", "200", "--threads", "1")


def told_of(figures):
    verb = "is" if len(figures) == 1 else "are"
    return f"{', '.join(figures)} {verb} of an earlier result, not of this one."


@pytest.fixture
def drawn(simulate, plan, tmp_path):
    """Run the plan with figures; give what is in each of them."""
    result = simulate(plan, *QUICK, "-o", "g.nc")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return {name: (tmp_path / name).read_bytes() for name in FOUR}


@pytest.mark.parametrize(
    "command",
    [
        ("--seed", "9", "--no-figures"),
        ("crossover", "--no-figures"),
        ("sweep", "--over", "horizon=1 month,2 month"),
    ],
    ids=["run", "crossover", "sweep"],
)
def test_figures_of_an_earlier_result_are_named_and_kept(simulate, plan, tmp_path, drawn, command):
    words = [*command, plan] if command[0].startswith("-") else [command[0], plan, *command[1:]]
    result = simulate(*words, *QUICK, "-o", "g.nc")
    assert result.exit_code == 0, result.output
    assert f"warning: {told_of(FOUR)}" in result.stderr.splitlines()
    told = json.loads(simulate(*words, *QUICK, "-o", "g.nc", "--json").stdout)
    assert told["warnings"] == [told_of(FOUR)]
    assert "earlier result" not in simulate(*words, *QUICK, "-o", "g.nc", "--quiet").stderr
    assert {name: (tmp_path / name).read_bytes() for name in FOUR} == drawn


def test_a_merge_names_them_too(simulate, plan, drawn):
    simulate(plan, "--blocks", "0:1/1", "--lifetimes", "200", "-o", "a.part")
    assert told_of(FOUR) in simulate("merge", "a.part", "-o", "g.nc", "--no-figures").stderr


def test_figures_drawn_anew_are_not_named(simulate, plan, drawn):
    assert "earlier" not in simulate(plan, *QUICK, "--seed", "9", "-o", "g.nc").stderr
    crossed = simulate("crossover", plan, *QUICK, "-o", "g.nc")
    assert crossed.stdout.splitlines()[-1] == "Figure   g.png"
    assert told_of(FOUR) in crossed.stderr
    assert told_of(["g.png"]) in simulate(plan, *QUICK, "-o", "g.nc").stderr


def test_pictures_of_others_and_of_other_results_are_not_named(simulate, plan, tmp_path, drawn):
    for name in FOUR:
        (tmp_path / name).rename(tmp_path / name.replace("g-", "g-2-"))
    (tmp_path / "g-fan.png").write_bytes(b"a photograph")
    assert simulate(plan, *QUICK, "-o", "g.nc", "--no-figures").stderr == ""


def test_a_dataset_that_is_not_written_makes_no_figure_outdated(simulate, plan, drawn, monkeypatch):
    from simulator import storage

    def fail(dataset, path):
        raise storage.StorageError(f"{path}: cannot be written", "make room", 3)

    monkeypatch.setattr(storage, "write", fail)
    result = simulate(plan, *QUICK, "-o", "g.nc", "--no-figures")
    assert result.exit_code == 3
    assert "earlier result" not in result.stderr
