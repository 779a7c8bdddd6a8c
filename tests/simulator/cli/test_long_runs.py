"""Long runs on the command line: interrupted, continued, taken apart, merged, and what the file system may do."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time

import pytest

from simulator import storage

QUICK = ("--no-figures", "--threads", "1")


def values(path):
    return storage.read(path).attrs["values_sha256"]


@pytest.fixture
def small(tmp_path):
    """Write a plan of two strategies; give its name."""
    (tmp_path / "small.toml").write_text("""
name = "Small"
start = 2027-01-01
horizon = "3 month"
baseline = "prompting"
finance = { currency = "USD" }
run = { lifetimes = 20_480, seed = 7 }
demand = { requests = "60k to 300k req/month", volatility = "8% / month" }
request = { input = "800 to 1400 tok/req", output = "150 to 300 tok/req" }
models.big = { input_price = "2 USD/Mtok", output_price = "10 USD/Mtok" }
strategies.prompting = { model = "big", prompt = "1500 to 3000 tok/req" }
strategies.short = { model = "big", prompt = "200 tok/req", costs = { work = "1000 to 9000 USD" } }
""")
    return "small.toml"


def test_parts_merge_to_what_one_run_gives(simulate, small, tmp_path):
    whole = simulate(small, "-o", "whole.nc", *QUICK)
    for blocks in ("0:2/5", "2:5/5"):
        made = simulate("run", small, "--blocks", blocks, "-o", f"{blocks[0]}.part")
        assert made.exit_code == 0, made.output
    assert made.stdout == "Part  2.part  blocks 2 … 4 of 5, 12,288 lifetimes\n"
    merged = simulate("merge", "2.part", "0.part", "-o", "merged.nc", "--no-figures")
    assert merged.exit_code == 0, merged.output
    assert values("merged.nc") == values("whole.nc")
    assert merged.stdout == whole.stdout.replace("whole.nc", "merged.nc")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "0.part", "2.part", "merged.nc", "small.toml", "whole.nc",
    ]  # fmt: skip


def test_parts_of_sobol_points_merge_to_what_one_run_gives(simulate, small):
    simulate(small, "--sampler", "sobol", "-o", "whole.nc", *QUICK)
    for blocks in ("0:3/8", "3:8/8"):
        made = simulate(small, "--sampler", "sobol", "--blocks", blocks, "-o", f"{blocks[0]}.part")
        assert made.exit_code == 0, made.output
    assert simulate("merge", "3.part", "0.part", "-o", "merged.nc", "--no-figures").exit_code == 0
    assert values("merged.nc") == values("whole.nc")
    simulate(small, "--blocks", "0:3/8", "-o", "random.part")
    refused = simulate("merge", "3.part", "random.part", "-o", "other.nc")
    assert refused.exit_code == 2
    assert "random.part: is of another plan" in refused.stderr


def test_parts_are_of_so_many_lifetimes_whatever_precision_the_plan_asks_for(simulate, small):
    asked = ("--set", 'run.precision="1%"')
    made = simulate(small, *asked, "--blocks", "0:5/5", "-o", "a.part")
    assert made.exit_code == 0, made.output
    merged = simulate("merge", "a.part", "-o", "merged.nc", "--no-figures")
    assert "20,480 lifetimes" in merged.stdout
    assert "nown to" not in merged.stdout
    simulate(small, *asked, "--lifetimes", "20480", "-o", "whole.nc", *QUICK)
    assert values("merged.nc") == values("whole.nc")


def test_a_part_and_a_merge_have_names_of_their_own(simulate, small):
    made = simulate(small, "--blocks", "0:5/5", "--json")
    told = json.loads(made.stdout)
    assert told["blocks"] == [0, 5]
    assert told["of"] == 5
    assert told["files"]["part"].endswith("-7-0-5-of-5.part")
    merged = simulate("merge", told["files"]["part"], "--json", "--no-figures")
    path = json.loads(merged.stdout)["files"]["dataset"]
    assert path == told["files"]["part"].replace("-0-5-of-5.part", ".nc")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--blocks", "0:250"], "is not like 0:250/1000"),
        (["--blocks", "3:3/5"], "names no blocks"),
        (["--blocks", "3:6/5"], "names no blocks"),
        (["--blocks", "0:1/5", "--lifetimes", "4096"], "--lifetimes 4096 makes 1 blocks, not 5."),
        (["--workers", "2", "--threads", "1"], "--threads and --workers exclude one another."),
        (["--workers", "2", "--cluster", "tcp://a:1"], "--workers and --cluster exclude one another."),
        (["--resume", "--no-checkpoint"], "--resume and --no-checkpoint exclude one another."),
    ],
)
def test_options_that_contradict_one_another_are_refused(simulate, small, arguments, message):
    result = simulate(small, *arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_a_number_of_lifetimes_that_has_these_blocks_is_taken(simulate, small):
    assert simulate(small, "--blocks", "4:5/5", "--lifetimes", "20000", "-o", "a.part").stdout.endswith(
        "3,616 lifetimes\n"
    )


def test_a_merge_says_what_is_wrong_in_a_line_and_a_hint(simulate, small, tmp_path):
    simulate(small, "--blocks", "0:2/5", "-o", "a.part")
    result = simulate("merge", "a.part", "-o", "merged.nc")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[0] == "3 of 5 blocks are missing: 2:5"
    assert result.stderr.splitlines()[1].startswith("  hint: run them: simulate run ")
    assert simulate("merge", small).exit_code == 3
    assert simulate("merge", "none.part").exit_code == 3
    assert not (tmp_path / "merged.nc").exists()


def test_the_command_that_a_merge_names_makes_the_missing_part(simulate, small):
    options = (
        "--seed",
        "9",
        "--set",
        "demand.growth=1% / month",
        "--sampler",
        "random",
        "--lifetimes",
        "8000",
    )
    simulate(small, *options, "--blocks", "0:1/2", "-o", "a.part")
    hint = simulate("merge", "a.part").stderr.splitlines()[1]
    command = shlex.split(hint.removeprefix("  hint: run them: "))
    assert command[0] == "simulate"
    assert simulate(*command[1:], "-o", "b.part").exit_code == 0
    assert simulate("merge", "a.part", "b.part", "-o", "merged.nc", "--no-figures").exit_code == 0
    simulate(small, *options, "-o", "whole.nc", *QUICK)
    assert values("merged.nc") == values("whole.nc")


def test_a_merge_tells_of_the_plan_what_a_run_does(simulate, small):
    sets = ("demand.curve=logistic", "demand.ceiling=900k req/month", "demand.growth=-1% / month")
    options = [word for one in sets for word in ("--set", one)]
    whole = simulate(small, *options, "-o", "whole.nc", *QUICK)
    simulate(small, *options, "--blocks", "0:5/5", "-o", "a.part")
    merged = simulate("merge", "a.part", "-o", "merged.nc", "--no-figures")
    assert "warning: " in whole.stderr
    assert merged.stderr == whole.stderr
    told = json.loads(simulate(small, *options, "--json", "-o", "whole.nc", *QUICK).stdout)
    also = json.loads(simulate("merge", "a.part", "--json", "-o", "merged.nc", "--no-figures").stdout)
    assert told["warnings"]
    assert also["warnings"] == told["warnings"]
    assert list(also) == list(told)


def test_a_part_replaces_a_part_and_nothing_else(simulate, small, tmp_path):
    for _ in range(2):
        assert simulate(small, "--blocks", "0:1/5", "-o", "a.part").exit_code == 0
    (tmp_path / "notes").write_text("mine")
    refused = simulate(small, "--blocks", "0:1/5", "-o", "notes")
    assert refused.exit_code == 2
    assert "exists and is not a part of this program" in refused.stderr
    assert simulate(small, "-o", "a.part").exit_code == 2


LONG = ("--lifetimes", "20M", "-o", "long.nc", "--checkpoint", *QUICK)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_interrupted_run_says_how_to_continue_and_does(command_line, simulate, small, tmp_path, number):
    started = command_line(small, *LONG)
    kept = tmp_path / "long.nc.checkpoint"
    with subprocess.Popen(**started, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        deadline = time.monotonic() + 60
        while not kept.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        before = time.monotonic()
        running.send_signal(number)
        out, err = running.communicate(timeout=20)
        took = time.monotonic() - before
    assert running.returncode == 130
    assert out == ""
    assert took < 1.5  # 1 s, and what a busy machine adds
    said, hint = err.splitlines()
    assert said.startswith("Interrupted. ")
    assert said.endswith(" of 20,000,000 lifetimes are kept.")
    assert hint == f"  hint: to continue: simulate {' '.join((small, *LONG))} --resume"
    lifetimes = int(said.split()[1].replace(",", ""))
    result = simulate(small, "--lifetimes", str(lifetimes + 9000), "-o", "long.nc", "--resume", *QUICK)
    assert result.exit_code == 0, result.output
    assert f"Continuing after {lifetimes:,} lifetimes." in result.stderr
    assert not kept.exists()
    simulate(small, "--lifetimes", str(lifetimes + 9000), "-o", "other.nc", *QUICK)
    assert values("long.nc") == values("other.nc")


def test_a_checkpoint_of_another_seed_is_refused(simulate, small, tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "write", failing("No space left on device"))
    assert simulate(small, "-o", "answer.nc", "--checkpoint", *QUICK).exit_code == 3
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    refused = simulate(small, "-o", "answer.nc", "--seed", "8", "--resume", *QUICK)
    assert refused.exit_code == 2
    assert "answer.nc.checkpoint: has seed 7, not 8" in refused.stderr


def test_a_short_run_leaves_the_checkpoint_of_another_and_says_whether_it_fits(
    simulate, small, tmp_path, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(storage, "write", failing("No space left on device"))
        assert simulate(small, "-o", "answer.nc", "--checkpoint", *QUICK).exit_code == 3
    kept = tmp_path / "answer.nc.checkpoint"
    content = kept.read_bytes()
    for arguments, told in (
        ([], f"--resume would continue {kept.name} after 20,480 lifetimes."),
        (["--seed", "8"], f"--resume would not continue {kept.name}, which has seed 7, not 8."),
        (
            ["--lifetimes", "4k"],
            f"--resume would not continue {kept.name}, which holds 20,480 of 20,480 lifetimes",
        ),
    ):
        result = simulate(small, "-o", "answer.nc", *arguments, *QUICK)
        assert result.exit_code == 0, result.output
        assert result.stderr.startswith(f"Starting at the beginning; {told}")
        assert simulate(small, "-o", "answer.nc", *arguments, *QUICK, "--quiet").stderr == ""
        assert kept.read_bytes() == content
    result = simulate(small, "-o", "answer.nc", "--seed", "8", "--checkpoint", *QUICK)
    assert (
        f"{kept.name} is of this run from now on; the one that was there is now {kept.name}.1."
        in result.stderr
    )
    assert f"{kept.name}.1 is {kept.name} again." in result.stderr
    assert kept.read_bytes() == content
    assert not (tmp_path / f"{kept.name}.1").exists()


def failing(reason):
    def write(dataset, path):
        raise storage.StorageError(f"{path}: cannot be written: {reason}", "make room", 3, file=path)

    return write


def test_a_dataset_that_cannot_be_written_hides_no_verdict_and_costs_no_second_run(
    simulate, small, tmp_path, monkeypatch
):
    usual = simulate(small, "-o", "usual.nc", *QUICK).stdout
    with monkeypatch.context() as patch:
        patch.setattr(storage, "write", failing("No space left on device"))
        result = simulate(small, "-o", "answer.nc", "--checkpoint", *QUICK)
    assert result.exit_code == 3
    assert result.stdout.strip() == usual.replace("Dataset  usual.nc", "").strip()
    assert "answer.nc: cannot be written: No space left on device" in result.stderr
    assert "with --resume then has nothing left to simulate" in " ".join(result.stderr.split())
    again = simulate(small, "-o", "answer.nc", "--resume", *QUICK)
    assert "Continuing after 20,480 lifetimes." in again.stderr
    assert values("answer.nc") == values("usual.nc")
    assert not (tmp_path / "answer.nc.checkpoint").exists()


def test_a_dataset_that_cannot_be_written_is_null_in_json(simulate, small, monkeypatch):
    monkeypatch.setattr(storage, "write", failing("No space left on device"))
    result = simulate(small, "-o", "answer.nc", "--json", *QUICK)
    told = json.loads(result.stdout)
    assert result.exit_code == 3
    assert told["files"]["dataset"] is None
    assert told["errors"][0]["message"] == "answer.nc: cannot be written: No space left on device"
    assert told["errors"][0]["file"] == "answer.nc"
    assert told.keys() - {"files", "errors"}


def test_an_interrupted_run_that_has_kept_nothing_yet_says_so(simulate, small, monkeypatch):
    from simulator import run

    def interrupt(*_, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("simulator.cli.group._leave", lambda code: None)
    monkeypatch.setattr(run, "simulate", interrupt)
    asked = simulate(small, "--checkpoint", *QUICK)
    assert asked.exit_code == 130
    assert asked.stderr == "Interrupted before any lifetimes were kept.\n"
    assert simulate(small, *QUICK).stderr.splitlines() == [
        "Interrupted.", "  hint: of a run of under 30 s nothing is kept; --checkpoint would",
    ]  # fmt: skip


@pytest.fixture
def full_disk(tmp_path):
    """Mount a file system of one megabyte; give its directory."""
    place = tmp_path / "full"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    mounted = (
        shutil.which("mount") and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    )
    if not mounted:
        pytest.skip("a small file system cannot be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_leaves_the_result_before_and_hides_no_verdict(simulate, small, full_disk):
    target = full_disk / "answer.nc"
    simulate(small, "-o", "answer.nc", "--lifetimes", "100", *QUICK)
    shutil.copy("answer.nc", target)
    before = target.read_bytes()
    result = simulate(small, "-o", target, "--checkpoint", *QUICK)
    assert result.exit_code == 3
    lines = [
        line for line in result.stderr.splitlines() if "hint" not in line and line.startswith(("The", "/"))
    ]
    checkpoint, dataset = [line.partition(": ")[2] for line in lines]
    assert checkpoint.startswith("No space left on device. Going on without.")
    assert dataset == "cannot be written: No space left on device"
    assert "is cheapest" in result.stdout or "lowest expected regret" in result.stdout
    assert target.read_bytes() == before
    assert {path.name for path in full_disk.iterdir()} <= {"answer.nc", "answer.nc.checkpoint"}


def test_a_directory_that_vanishes_meanwhile_hides_no_verdict(simulate, small, tmp_path, monkeypatch):
    from simulator import run

    original = run.simulate
    (tmp_path / "place").mkdir()

    def vanish(*arguments, **options):
        found = original(*arguments, **options)
        shutil.rmtree(tmp_path / "place")
        return found

    monkeypatch.setattr(run, "simulate", vanish)
    result = simulate(small, "-o", "place/answer.nc", "--checkpoint", *QUICK)
    assert result.exit_code == 3
    assert "place does not exist" in result.stderr
    assert "lowest expected regret" in result.stdout


@pytest.fixture
def lockable(tmp_path, request):
    """Give a directory for `read_only`: root is only kept out by a file system that takes nothing."""
    if os.geteuid() == 0:
        yield request.getfixturevalue("full_disk")
        return
    place = tmp_path / "place"
    place.mkdir()
    yield place
    place.chmod(0o700)


def read_only(place):
    if os.geteuid() == 0:
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    else:
        place.chmod(0o500)


def test_a_read_only_directory_is_refused_before_the_work(simulate, small, lockable, monkeypatch):
    from simulator import run

    target = lockable / "answer.nc"
    simulate(small, "-o", "answer.nc", "--lifetimes", "100", *QUICK)
    shutil.copy("answer.nc", target)
    before = target.read_bytes()
    read_only(lockable)
    monkeypatch.setattr(run, "simulate", lambda *_, **options: pytest.fail("it was simulated"))
    result = simulate(small, "-o", target, *QUICK)
    assert result.exit_code == 3
    assert result.stderr.splitlines()[0] == f"{target}: cannot write in {lockable}"
    assert target.read_bytes() == before


def test_a_directory_that_becomes_read_only_leaves_the_result_before(simulate, small, lockable, monkeypatch):
    from simulator import run

    original = run.simulate
    target = lockable / "answer.nc"
    simulate(small, "-o", "answer.nc", "--lifetimes", "100", *QUICK)
    shutil.copy("answer.nc", target)
    before = target.read_bytes()

    def freeze(*arguments, **options):
        found = original(*arguments, **options)
        read_only(lockable)
        return found

    monkeypatch.setattr(run, "simulate", freeze)
    result = simulate(small, "-o", target, *QUICK)
    assert result.exit_code == 3
    assert result.stderr.splitlines()[0] == f"{target}: cannot write in {lockable}"
    assert "lowest expected regret" in result.stdout
    assert target.read_bytes() == before


def test_a_missing_scheduler_is_said_in_a_line(simulate, small, monkeypatch):
    pytest.importorskip("distributed", reason="dask.distributed is not installed")
    from simulator.running import cluster

    monkeypatch.setattr(cluster, "CONNECT_S", 0.3)
    result = simulate(small, "--cluster", "tcp://127.0.0.1:9", *QUICK[:1])
    assert result.exit_code == 3
    assert result.stderr.splitlines()[0] == "no scheduler answers at tcp://127.0.0.1:9"


def test_a_cluster_without_dask_says_what_to_install(simulate, small, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    result = simulate(small, "--cluster", "tcp://127.0.0.1:9", *QUICK[:1])
    assert result.exit_code == 3
    assert "dask.distributed is not installed" in result.stderr
    assert "pip install 'finetune-odds[cluster]'" in result.stderr


@pytest.mark.parametrize("sampler", ["random", "sobol"])
def test_worker_processes_give_the_same_bytes(process, simulate, small, sampler):
    simulate(small, "--sampler", sampler, "-o", "threads.nc", *QUICK)
    done = process(small, "--sampler", sampler, "--workers", "2", "-o", "workers.nc", "--no-figures")
    assert done.returncode == 0, done.stderr
    assert values("workers.nc") == values("threads.nc")


CLUSTER = """
import sys
from click.testing import CliRunner
from distributed import LocalCluster
from simulator.cli import main

if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        for name, *options in (line.split() for line in sys.argv[2:]):
            arguments = [sys.argv[1], *options, "--cluster", cluster.scheduler_address, "--no-figures", "-o", name]
            print(CliRunner().invoke(main, arguments).exit_code, flush=True)
"""


def test_a_cluster_gives_the_same_bytes_whatever_is_asked(command_line, simulate, small, tmp_path):
    pytest.importorskip("distributed", reason="dask.distributed is not installed")
    (tmp_path / "cluster.py").write_text(CLUSTER)
    asked = {
        "fixed.nc": "",
        "sobol.nc": "--sampler sobol",
        "precise.nc": "--precision 0.4% --max-lifetimes 200k",
    }
    started = command_line(small, *(f"{name} {options}" for name, options in asked.items()))
    started["args"][1:3] = ["-W", "ignore", "cluster.py"]
    done = subprocess.run(**started, capture_output=True, text=True, timeout=180, check=False)
    assert done.stdout.split() == ["0"] * len(asked), done.stdout + done.stderr
    for name, options in asked.items():
        result = simulate(small, *options.split(), "-o", f"threads-{name}", *QUICK)
        assert result.exit_code == 0, result.output
        assert values(name) == values(f"threads-{name}")
    assert storage.read("precise.nc").attrs["rounds"] > 1
