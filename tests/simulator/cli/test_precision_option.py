"""A precision on the command line: what goes with it, what is printed, how it is interrupted and continued."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from simulator import storage

ROOT = Path(__file__).resolve().parents[3]
SMOKE = ROOT / "configs" / "smoke.toml"
QUICK = ("--no-figures", "--threads", "1")


def values(path):
    return storage.read(path).attrs["values_sha256"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--precision", "0.2%", "--lifetimes", "1M"], "--lifetimes and --precision exclude one another."),
        (
            ["--max-lifetimes", "1M", "--lifetimes", "1M"],
            "--lifetimes and --max-lifetimes exclude one another.",
        ),
        (["--precision", "0.2%", "--blocks", "0:1/5"], "--blocks and --precision exclude one another."),
        (["--max-lifetimes", "1M"], "--max-lifetimes goes with --precision, or run.precision in the plan."),
        (["--precision", "0.2%", "--max-lifetimes", "1000"], "1000 is not in [65536, 1000000000000]."),
        (
            ["--precision", "0.2"],
            "--precision takes a share from 0.001% to 10%, for example '0.2%'; write '0.2%'.",
        ),
        (["--precision", "2 pp"], "'2 pp' is no tolerance, --precision takes a share"),
        (["--precision", "nan"], "'nan' is no tolerance, --precision takes a share"),
    ],
)
def test_what_does_not_go_with_a_precision_is_refused(simulate, tmp_path, arguments, message):
    result = simulate(SMOKE, *arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_points_that_are_not_random_are_refused_before_the_work(simulate, plan, tmp_path, monkeypatch):
    from simulator import plan as plans

    read = plans.load_plan(SMOKE)
    sobol = read.model_copy(update={"run": read.run.model_copy(update={"sampler": "sobol"})})
    monkeypatch.setattr(plans, "load_plan", lambda *_: sobol)
    result = simulate(plan, "--precision", "0.2%", "-o", "answer.nc")
    assert result.exit_code == 2
    assert '--precision needs run.sampler = "random", not "sobol"' in " ".join(result.stderr.split())
    assert not (tmp_path / "answer.nc").exists()


def test_the_verdict_says_what_is_known(simulate):
    result = simulate(SMOKE, "--precision", "1%", "-o", "answer.nc", *QUICK)
    assert result.exit_code == 0, result.output
    assert "65,536 lifetimes, seed 7" in result.stdout
    assert "Known to 1 %: every chance of being cheapest and the order of mean costs.\n" in result.stdout


def test_the_plan_may_ask_for_it_and_lifetimes_take_its_place(simulate):
    asked = ("--set", 'run.precision="1%"')
    whole = simulate(SMOKE, *asked, "--json", *QUICK)
    assert whole.exit_code == 0, whole.output
    told = json.loads(whole.stdout)
    assert told["plan"]["lifetimes"] == 65_536
    found = told["verdict"]["precision"]
    assert (found["tolerance"], found["reached"], found["rounds"]) == (0.01, True, 1)
    assert found["chances_known_to"] < 0.01
    assert [pair["status"] for pair in found["order"]] == ["ordered", "ordered"]
    few = json.loads(simulate(SMOKE, *asked, "--lifetimes", "1000", "--json", *QUICK).stdout)
    assert few["plan"]["lifetimes"] == 1000
    assert few["verdict"]["precision"] is None


def test_a_run_that_ends_too_early_owns_up_to_it(simulate):
    result = simulate(SMOKE, "--precision", "0.05%", "--max-lifetimes", "70k", "--quiet", *QUICK)
    assert result.exit_code == 0
    assert result.stderr == ""
    assert "Not yet known to 0.05 %: chances of being cheapest to 0.69 %" in result.stdout


def test_an_interrupted_run_is_continued_to_the_same_end(command_line, simulate, tmp_path):
    asked = (str(SMOKE), "--precision", "0.05%", "--max-lifetimes", "5M", "-o", "long.nc", *QUICK)
    kept = tmp_path / "long.nc.checkpoint"
    started = command_line(*asked, "--checkpoint")
    with subprocess.Popen(**started, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        deadline = time.monotonic() + 60
        while not kept.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=20)
    assert running.returncode == 130
    assert out == ""
    said, hint = err.splitlines()
    assert said.endswith(" lifetimes are kept.")
    assert " of " not in said
    assert hint == f"  hint: to continue: simulate {' '.join((*asked, '--checkpoint'))} --resume"
    lifetimes = int(said.split()[1].replace(",", ""))
    most = ("--max-lifetimes", str(max(lifetimes, 65_536) + 9000))
    again = simulate(*asked, *most, "--resume")
    assert again.exit_code == 0, again.output
    assert f"Continuing after {lifetimes:,} lifetimes." in again.stderr
    assert not kept.exists()
    simulate(*asked, *most, "-o", "other.nc")
    assert values("long.nc") == values("other.nc")


def test_worker_processes_give_the_same(simulate):
    for name, where in (("one.nc", ("--threads", "1")), ("two.nc", ("--workers", "2"))):
        result = simulate(SMOKE, "--precision", "0.6%", "-o", name, "--no-figures", *where)
        assert result.exit_code == 0, result.output
    assert storage.read("one.nc").attrs["rounds"] > 1
    assert values("one.nc") == values("two.nc")
