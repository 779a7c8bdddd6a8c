"""Say where the time of a run goes: the steps of the command, and draws, model and tallies within the kernel.

`python -m benchmarks.phases PLAN LIFETIMES` takes the steps in a process of its own and prints them as JSON.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.lowering import Lowered

ROOT = Path(__file__).resolve().parent.parent
STEPS = ("import", "plan", "lowering", "load kernel", "lifetimes", "dataset", "write", "figures", "verdict")
START = STEPS[:4]
"""Steps before the first lifetime."""


@dataclass(frozen=True)
class Parts:
    """What one lifetime costs on one thread [microseconds of processor time].

    Attributes
    ----------
    whole, draws, tallies
        The kernel as it is; its draws alone; its tallies alone. The model is the rest.
    normals, uniforms
        How many of either the draws make for a lifetime: monthly and once per lifetime, the latter being normals.
    """

    whole: float
    draws: float
    tallies: float
    normals: int
    uniforms: int

    @property
    def model(self) -> float:
        """What is left: demand, prices, events, training, costs."""
        return self.whole - self.draws - self.tallies


def measure_parts(lowered: Lowered, *, blocks: int, repeats: int) -> Parts:
    """Time the kernel, its draws and its tallies in turns.

    Parameters
    ----------
    lowered
        The lowered plan.
    blocks
        Blocks of 4,096 lifetimes a repetition, 1 or more.
    repeats
        Repetitions, whose median counts, 1 or more; one more comes first and does not.

    Notes
    -----
    Draws and tallies run over the same arrays in the same order as in the kernel, without the model between them;
    tallies therefore see the values of the last month in every month.
    """
    from benchmarks.phase_kernels import Bench

    bench = Bench(lowered)
    times: dict[str, list[float]] = {"whole": [], "draws": [], "tallies": []}
    for repeat in range(-1, repeats):
        for name, kept in times.items():
            begin = time.thread_time()
            for block in range(blocks):
                getattr(bench, name)(block)
            if repeat >= 0:
                kept.append((time.thread_time() - begin) / blocks / bench.lifetimes * 1e6)
    return Parts(**{name: statistics.median(kept) for name, kept in times.items()}, **bench.numbers)


def measure_steps(
    plan: Path, lifetimes: int, *, repeats: int, environment: Mapping[str, str]
) -> dict[str, list[float]]:
    """Take the steps of `simulate PLAN` one after the other, each time in a new process.

    Parameters
    ----------
    plan
        The plan's file.
    lifetimes
        How many to live, on as many threads as the process may use.
    repeats
        Processes, 1 or more, after one that warms caches and is not counted.
    environment
        Environment variables of the processes.

    Returns
    -------
    Seconds of each step of `STEPS`, by process. The command overlaps some of them, so that they sum to more than it
    takes.

    Raises
    ------
    RuntimeError
        If a process fails; with what it has written to stderr.
    """
    own = {key: value for key, value in environment.items() if key != "PYTHONDONTWRITEBYTECODE"}
    found: dict[str, list[float]] = {step: [] for step in STEPS}
    for repeat in range(-1, repeats):
        count = lifetimes if repeat >= 0 else 1
        command = [
            sys.executable,
            "-m",
            "benchmarks.phases",
            str(plan.resolve()),
            str(count),
            str(time.time()),
        ]
        done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
        if repeat >= 0:
            for step, seconds in json.loads(done.stdout).items():
                found[step].append(seconds)
    return found


def _take_steps(path: str, lifetimes: int, started: float) -> dict[str, float]:
    """Take every step; the first one counts from `started`, when the process was asked for [s since 1970]."""
    seconds: dict[str, float] = {}
    mark = started

    def end(step: str) -> None:
        nonlocal mark
        now = time.time()
        seconds[step] = now - mark
        mark = now

    from simulator import run
    from simulator.plan import load_plan

    end("import")
    plan = load_plan(path)
    end("plan")
    lowered = run.lower(plan)
    end("lowering")
    from simulator.worker import Worker
    from simulator.workspace import make_record

    Worker(lowered, 1).run(0, 0, make_record(lowered))
    end("load kernel")
    tally = run.run_blocks(lowered, lifetimes=lifetimes, seed=plan.run.seed)
    end("lifetimes")
    from simulator import dataset, storage

    result = dataset.build(plan, tally, lowered.inputs, seed=plan.run.seed)
    end("dataset")
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "result.nc")
        storage.write(result, file)
        end("write")
        from simulator import figures

        figures.write(result, file.with_suffix(""))
        end("figures")
    from simulator import verdict

    verdict.render(result)
    end("verdict")
    return seconds


if __name__ == "__main__":
    os.environ.setdefault("MPLBACKEND", "agg")
    print(json.dumps(_take_steps(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))))
