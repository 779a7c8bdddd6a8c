"""Help texts: as they were read and approved, with examples that work, and quickly there."""

from __future__ import annotations

import inspect
import resource
import shlex
import subprocess
from pathlib import Path

import click
import pytest

from simulator.cli import main

APPROVED = Path(__file__).parent / "help"
NAMES = ["simulate", *main.commands]


@pytest.mark.parametrize("name", NAMES)
def test_the_help_is_the_one_approved(simulate, name):
    """After a change: read it, then write it with python -m simulator.cli [COMMAND] --help."""
    arguments = [] if name == "simulate" else [name]
    result = simulate(*arguments, "--help", terminal_width=78)
    assert result.exit_code == 0
    assert result.stdout == (APPROVED / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_help_text_is_short_and_has_examples(name):
    lines = (APPROVED / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80
    assert "  Examples:" in lines


def examples():
    for command in (main, *main.commands.values()):
        for line in inspect.cleandoc(command.help).splitlines():
            if line.startswith("  simulate "):
                yield line.strip().split("  ")[0].split(" | ")[0].split(" > ")[0]


@pytest.mark.parametrize("example", list(examples()))
def test_every_example_is_a_command_line_that_can_be_parsed(example):
    words = shlex.split(example)[1:]
    name, *arguments = main._command_first(click.Context(main, **main.context_settings), words)
    with main.commands[name].make_context(name, arguments) as context:
        assert context.params


def processor_seconds(started):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = subprocess.run(**started, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert result.returncode == 0, result.stderr
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.parametrize("arguments", [["--help"], ["validate", "plan.toml"], ["schema"]], ids=" ".join)
def test_what_simulates_nothing_answers_at_once(command_line, plan, tmp_path, arguments):
    """Within twice what Python takes to load what checks plans, which is 0.23 s when idle: half a second.

    Time of the processor from compiled sources, the best of five taken in turns: load counts for both.
    """
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(tmp_path / "compiled")}
    yardstick = command_line(code="import click, pydantic\nclass A(pydantic.BaseModel): pass", **compiled)
    asked = command_line(*arguments, **compiled)
    seconds = [(processor_seconds(asked), processor_seconds(yardstick)) for _ in range(5)]
    ours, theirs = (min(taken) for taken in zip(*seconds, strict=True))
    assert ours < 2 * theirs
