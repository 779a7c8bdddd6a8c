"""Measure peak memory and wall time of the command line, from command to prompt.

`python -m benchmarks.memory COMMAND …` measures one command and prints a JSON object.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Nothing heavy is imported here: this module runs in the small process that starts what is measured.

ROOT = Path(__file__).resolve().parent.parent
MANY = 100
"""How many times the plan's lifetimes the longest run has."""

_BYTES = 1 if sys.platform == "darwin" else 1024
"""Bytes in one unit of ru_maxrss."""


@dataclass(frozen=True)
class Run:
    """One command: its wall time [s] and its peak resident memory [MB, 10^6 bytes]."""

    seconds: float
    peak_mb: float


@dataclass(frozen=True)
class CommandRuns:
    """Runs of `simulate PLAN`.

    Attributes
    ----------
    lifetimes
        Lifetimes of every run but `many`, which has `MANY` times as many.
    first
        With every cache empty, so that it compiles; None if it was left out.
    again
        With the caches that an earlier run has filled.
    many
        The long run; None if it was left out.
    """

    lifetimes: int
    first: Run | None
    again: list[Run]
    many: Run | None

    @property
    def seconds(self) -> float:
        """Median wall time with warm caches [s]."""
        return statistics.median(run.seconds for run in self.again)

    @property
    def peak_mb(self) -> float:
        """Highest peak memory with warm caches [MB]."""
        return max(run.peak_mb for run in self.again)


def measure(
    plan: Path,
    lifetimes: int,
    *,
    again: int,
    with_first: bool,
    with_many: bool,
    environment: Mapping[str, str],
    log: Callable[[str], None] = lambda line: None,
) -> CommandRuns:
    """Run `simulate PLAN` in processes of their own, figures and all, one after the other.

    Parameters
    ----------
    plan
        The plan's file.
    lifetimes
        Lifetimes a run.
    again
        How many runs with warm caches.
    with_first
        Whether to start with empty caches (numba's, matplotlib's); the runs after it use the same ones.
        Without it the user's own caches are used, after a run of one lifetime that warms them.
    with_many
        Whether to end with a run of `MANY` times as many lifetimes.
    environment
        Environment variables of the command.
    log
        Told of each run.
    """
    with tempfile.TemporaryDirectory() as place:
        # As in any shell: without bytecode every run would compile Python sources again.
        own = {key: value for key, value in environment.items() if key != "PYTHONDONTWRITEBYTECODE"}
        if with_first:
            for variable in ("NUMBA_CACHE_DIR", "MPLCONFIGDIR"):
                empty = Path(place, variable)
                empty.mkdir()
                own[variable] = str(empty)

        def simulate(what: str, count: int) -> Run:
            output = Path(place, "result.nc")
            options = ["--lifetimes", str(count), "-o", str(output), "--quiet"]
            command = [sys.executable, "-m", "simulator.cli", str(plan.resolve()), *options]
            run = run_command(command, own)
            log(f"{what}, {count:,} lifetimes: {run.seconds:.1f} s, {run.peak_mb:.0f} MB")
            return run

        first = simulate("first run", lifetimes) if with_first else None
        if first is None:
            simulate("warm-up", 1)
        runs = [simulate("second run", lifetimes) for _ in range(again)]
        many = simulate("long run", MANY * lifetimes) if with_many else None
    return CommandRuns(lifetimes, first, runs, many)


def run_command(command: Sequence[str], environment: Mapping[str, str]) -> Run:
    """Run a command in the root of the repository and measure it.

    Raises
    ------
    RuntimeError
        If the command fails; with what it has written to stderr.

    Notes
    -----
    A process begins its peak memory with what the process that started it held, so a benchmark that has
    already grown would measure itself: the command is started by a small process in between.
    """
    starter = [sys.executable, "-m", "benchmarks.memory", *command]
    done = subprocess.run(starter, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed with code {done.returncode}:\n{done.stderr}")
    return Run(**json.loads(done.stdout))


def _start(command: Sequence[str]) -> int:
    """Run a command, print what it took, give its exit code."""
    silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    started = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ, file_actions=silent)
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "peak_mb": usage.ru_maxrss * _BYTES / 1e6}))
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(abs(_start(sys.argv[1:])))
