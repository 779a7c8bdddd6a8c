"""What a command line means, and what it exits with."""

from __future__ import annotations

import json
import subprocess
import sys
from subprocess import PIPE

import click
import pytest
from click.testing import CliRunner

from simulator.cli import group, main


def resolved(arguments):
    """Give the arguments as the group hands them to a command, that one's name first."""
    context = click.Context(main, info_name="simulate", **main.context_settings)
    return main._command_first(context, arguments)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["plan.toml"], ["run", "plan.toml"]),
        (["plans/one"], ["run", "plans/one"]),
        (["plan.toml", "--seed", "3"], ["run", "plan.toml", "--seed", "3"]),
        (["--seed", "3", "plan.toml"], ["run", "--seed", "3", "plan.toml"]),
        (["--seed=3", "plan.toml"], ["run", "--seed=3", "plan.toml"]),
        (["--json", "plan.toml"], ["run", "--json", "plan.toml"]),
        (["-o", "x.nc", "plan.toml"], ["run", "-o", "x.nc", "plan.toml"]),
        (["-ox.nc", "plan.toml"], ["run", "-ox.nc", "plan.toml"]),
        (["--", "plan.toml"], ["run", "--", "plan.toml"]),
        (["run", "plan.toml"], ["run", "plan.toml"]),
        (["validate", "plan.toml"], ["validate", "plan.toml"]),
        (["--json", "validate", "plan.toml"], ["validate", "--json", "plan.toml"]),
        (["--lifetime", "3", "trace", "plan.toml"], ["trace", "--lifetime", "3", "plan.toml"]),
        (["--seed", "validate"], ["run", "--seed", "validate"]),
        (["--version"], ["--version"]),
        (["--help"], ["--help"]),
        (["--json"], ["run", "--json"]),
    ],
)
def test_the_first_word_that_is_no_option_is_a_command_or_a_plan(written, meant):
    assert resolved(written) == meant


def test_a_file_without_suffix_is_a_plan_when_it_exists(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(click.UsageError):
        resolved(["plan"])
    (tmp_path / "plan").touch()
    assert resolved(["plan"]) == ["run", "plan"]


@pytest.mark.parametrize("word", ["missing.toml", "plan.tml", "plans/one", "MISSING.TOML", "plan.toml~"])
def test_a_missing_plan_is_named_however_short_the_command(simulate, word):
    result = simulate(word, "--json")
    assert result.exit_code == 3
    assert f"{word}\n  there is no such file" in result.stderr
    assert json.loads(result.stdout)["errors"][0]["file"] == word


def test_a_mistyped_command_suggests_the_right_one(simulate):
    result = simulate("validat", "plan.toml")
    assert result.exit_code == 2
    assert "No such command 'validat'. Did you mean 'validate'?" in result.stderr
    assert result.stdout == ""


def test_a_word_near_no_command_lists_the_commands(simulate):
    result = simulate("zzz")
    assert result.exit_code == 2
    assert "No such command 'zzz', and no such plan. Commands: run, init," in result.stderr


def test_a_mistyped_option_suggests_the_right_one(simulate):
    result = simulate("plan.toml", "--lifetmes", "3")
    assert result.exit_code == 2
    assert "--lifetimes" in result.stderr


def test_nothing_at_all_shows_the_help_and_is_a_usage_error(simulate):
    result = simulate()
    assert result.exit_code == 2
    assert "Commands:" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    "arguments", [["zzz", "--json"], ["--json", "plan.toml", "--seed", "x"], ["run", "--json"]]
)
def test_with_json_a_usage_error_is_one_object_on_stdout(simulate, arguments):
    result = simulate(*arguments)
    assert result.exit_code == 2
    (error,) = json.loads(result.stdout)["errors"]
    assert set(error) == {"file", "line", "column", "key", "message", "hint"}
    assert error["message"] in result.stderr


def test_a_usage_error_names_its_option(simulate):
    result = simulate("plan.toml", "--threads", "0", "--json")
    assert json.loads(result.stdout)["errors"][0]["key"] == "--threads"


def raising(error):
    @click.command("fails")
    @click.option("--json", "as_json", is_flag=True)
    def fails(as_json):
        raise error

    commands = group.PlanGroup("simulate", default="fails")
    commands.add_command(fails)
    return commands


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (PermissionError(13, "Permission denied", "plan.toml"), 3, "plan.toml\n  Permission denied"),
        (OSError(28, "No space left on device"), 3, "No space left on device"),
        (MemoryError(), 3, "out of memory"),
        (KeyboardInterrupt(), 130, "Interrupted."),
        (click.UsageError("wrong"), 2, "wrong"),
    ],
)
def test_what_is_no_bug_is_a_line_on_stderr_and_an_exit_code(error, code, said, monkeypatch):
    monkeypatch.setattr(group, "_leave", sys.exit)
    result = CliRunner().invoke(raising(error), ["fails", "--json"])
    assert result.exit_code == code
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert len(json.loads(result.stdout)["errors"]) == 1


@pytest.mark.parametrize("module", ["click", "typing", "simulator.cli.report", "simulator.cli.validate"])
def test_an_interrupt_while_modules_are_imported_is_a_line_and_an_exit_code(process, module):
    code = f"""
import sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise KeyboardInterrupt

for name in [name for name in sys.modules if name.split(".")[0] == {module!r}]:
    del sys.modules[name]
sys.meta_path.insert(0, Interrupting())
from simulator.cli import main
main()
"""
    result = process("validate", "plan.toml", code=code)
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "Interrupted.\n")


def test_a_bug_keeps_its_traceback():
    result = CliRunner().invoke(raising(ZeroDivisionError("bug")), ["fails"])
    assert isinstance(result.exception, ZeroDivisionError)


def test_completion_offers_commands_and_files(process):
    answer = process(_SIMULATE_COMPLETE="bash_complete", COMP_WORDS="simulate va", COMP_CWORD="1")
    assert answer.stdout.splitlines() == ["plain,validate", "file,va"]


def test_completion_offers_the_options_of_run_after_a_plan(process):
    answer = process(_SIMULATE_COMPLETE="bash_complete", COMP_WORDS="simulate plan.toml --li", COMP_CWORD="2")
    assert answer.stdout.splitlines() == ["plain,--lifetimes"]


def test_a_reader_that_stops_reading_is_no_failure(command_line):
    with subprocess.Popen(**command_line("--help"), stdout=PIPE, stderr=PIPE) as started:
        started.stdout.close()
        assert started.stderr.read() == b""
        assert started.wait(timeout=30) == 0


@pytest.mark.parametrize("arguments", [["schema"], ["--help"], ["--version"], ["prices", "--json"]])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_behind_stdout_is_a_file_system_error(command_line, arguments, unbuffered):
    with open("/dev/full", "w") as full:
        started = command_line(*arguments, PYTHONUNBUFFERED=unbuffered)
        result = subprocess.run(**started, stdout=full, stderr=PIPE, text=True, check=False)
    assert result.returncode == 3
    assert result.stderr == "standard output\n  No space left on device\n"


@pytest.mark.parametrize(
    ("redirection", "arguments", "code"),
    [
        (">&-", "--version", 0),
        (">&-", "validate missing.toml --json", 3),
        ("2>&-", "validate missing.toml", 3),
        ("2>&-", "zzz", 2),
        ("2>/dev/full", "validate missing.toml", 3),
        ("2>/dev/full", "zzz", 2),
        (">/dev/full", "zzz --json", 2),
    ],
)
def test_an_error_that_cannot_be_told_still_has_its_exit_code(command_line, redirection, arguments, code):
    started = command_line(*arguments.split())
    started["args"] = ["sh", "-c", f'exec "$@" {redirection}', "sh", *started["args"]]
    result = subprocess.run(**started, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == code
    assert "Traceback" not in result.stderr


def test_an_error_whose_reader_has_left_is_still_an_error(command_line):
    with subprocess.Popen(**command_line("zzz"), stdout=PIPE, stderr=PIPE) as started:
        started.stderr.close()
        assert started.wait(timeout=30) == 2
