"""Kill a run at random moments, continue it each time, and compare its bytes with those of a run left in peace.

    python -m tests.reference.kill_and_resume [MOMENTS] [LIFETIMES] [PLAN] [KEY=VALUE …]

A plan with a precision takes that many lifetimes at most. Prints how many of the moments fell into the work, the
writing of a record or of the result, and ends with code 1 if the bytes differ. Unix only: the runs are forks of a
process that has everything loaded.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from simulator import storage
from simulator.plan import Plan, load_plan
from simulator.run import simulate
from simulator.running import tallyfile
from simulator.running.checkpoint import Checkpoint

ROOT = Path(__file__).resolve().parents[2]

LATEST_S = 1.5
"""Latest moment after the start of a run [s]."""


def length_of(plan: Plan, lifetimes: int) -> dict[str, int]:
    """Say how long a run is, or how long it may become."""
    return {"lifetimes" if plan.run.precision is None else "max_lifetimes": lifetimes}


def live(plan: Plan, lifetimes: int, result: Path) -> None:
    """Continue the run, with a record as often as it gets to it, and publish the result."""
    kept = Checkpoint(
        result.with_name(f"{result.name}.checkpoint"), resume=True, always=True, every_s=0.02, share=1.0
    )
    storage.write(simulate(plan, **length_of(plan, lifetimes), threads=2, checkpoint=kept), result)
    kept.remove()


def lifetimes_in(checkpoint: Path) -> int:
    """Count the lifetimes in the last whole record."""
    stored = tallyfile.load(checkpoint)
    return 0 if stored.partial is None else stored.partial.lifetimes


def survive(plan: Plan, lifetimes: int, moments: int, seed: int = 1) -> tuple[str, str, dict[str, int]]:
    """Give the digests of a run in peace and of one that was killed, and what was seen at the moments."""
    moment = random.Random(seed)
    peaceful = storage.values_digest(simulate(plan, **length_of(plan, lifetimes), threads=2))
    seen = {"killed": 0, "further than before": 0, "writing a file": 0, "finished": 0}
    kept = 0
    with tempfile.TemporaryDirectory() as place:
        result = Path(place, "result.nc")
        for _ in range(moments):
            child = os.fork()
            if child == 0:
                live(plan, lifetimes, result)
                os._exit(0)
            time.sleep(moment.uniform(0.1, LATEST_S))
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            killed = os.WIFSIGNALED(status)
            seen["killed"] += killed
            seen["finished"] += not killed
            checkpoint = result.with_name("result.nc.checkpoint")
            before, kept = kept, lifetimes_in(checkpoint) if checkpoint.exists() else 0
            seen["further than before"] += kept > before
            seen["writing a file"] += killed and any(result.parent.glob(".simulate-*.partial"))
        live(plan, lifetimes, result)
        left = sorted(path.name for path in result.parent.iterdir())
        if left != ["result.nc"]:
            raise RuntimeError(f"files are left behind: {left}")
        return peaceful, storage.values_digest(storage.read(result)), seen


def main() -> int:
    moments, lifetimes = (int(word) for word in (*sys.argv[1:3], *("50", "4000000")[len(sys.argv[1:3]) :]))
    path = sys.argv[3] if len(sys.argv) > 3 else str(ROOT / "configs" / "smoke.toml")
    peaceful, killed, seen = survive(load_plan(path, sys.argv[4:]), lifetimes, moments)
    print(", ".join(f"{name}: {count}" for name, count in seen.items()))
    print("the same bytes" if killed == peaceful else f"DIFFERENT: {peaceful} {killed}")
    return int(killed != peaceful)


if __name__ == "__main__":
    sys.exit(main())
