"""Run the command line in this process and in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from simulator.cli import main

PLAN = """
name = "Two ways"
start = 2027-01-01
horizon = "6 month"
baseline = "prompting"

[finance]
currency = "USD"
discount = "10% / year"

[run]
lifetimes = 1_000
seed = 7

[demand]
requests = "60k to 300k req/month"
growth = "1% to 3% / month"

[request]
input = "400 tok/req"
output = "200 tok/req"

[people]
engineer = "90 USD/h"

[models.big]
input_price = "2.5 USD/Mtok"
output_price = "10 USD/Mtok"
training_price = "25 USD/Mtok"

[events.launch]
at = [3]
demand = "1.2 to 1.8"

[strategies.prompting]
model = "big"
prompt = { value = "1500 to 3000 tok/req", source = "a measurement", owner = "Ada" }
failures = "2% to 8%"

[strategies.finetuned]
model = "big"
prompt = "200 tok/req"
failures = { same_as = "strategies.prompting.failures", times = "0.6 to 0.9" }
training = { examples = 1000, tokens_per_example = "1200 tok/example", epochs = 3 }

[strategies.finetuned.costs]
curation = { value = "20 to 80 h", role = "engineer" }
"""

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def simulate(monkeypatch, tmp_path):
    """Run a command line in an empty directory; give what it printed and its exit code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)

    def run(*arguments, **options):
        return CliRunner().invoke(main, [str(argument) for argument in arguments], **options)

    return run


@pytest.fixture
def plan(tmp_path):
    """Write a small plan; give its name in the directory in which command lines run."""
    (tmp_path / "plan.toml").write_text(PLAN)
    return "plan.toml"


@pytest.fixture
def module(monkeypatch):
    """Put a module of the simulator in place of the real one."""

    def replace(name, **contents):
        package, _, last = name.rpartition(".")
        fake = ModuleType(name)
        vars(fake).update(contents)
        monkeypatch.setitem(sys.modules, name, fake)
        monkeypatch.setattr(import_module(package), last, fake, raising=False)

    return replace


@pytest.fixture
def command_line(tmp_path):
    """Give the arguments and options for `subprocess` that run a command line in an empty directory."""

    def build(*arguments, code=None, **environment):
        python = [sys.executable, "-c", code] if code else [sys.executable, "-m", "simulator.cli"]
        inherited = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "NO_COLOR")}
        return {
            "args": [*python, *map(str, arguments)],
            "cwd": tmp_path,
            "env": {**inherited, "PYTHONPATH": str(ROOT), **environment},
        }

    return build


@pytest.fixture
def process(command_line):
    """Run a command line in a process of its own; give what it printed and its exit code."""

    def run(*arguments, code=None, **environment):
        started = command_line(*arguments, code=code, **environment)
        return subprocess.run(**started, capture_output=True, text=True, timeout=60, check=False)

    return run
