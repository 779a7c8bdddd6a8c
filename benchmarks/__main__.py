"""Run the benchmarks side by side, print a table of targets, write JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "configs" / "plan.toml"
OUTPUT = ROOT / "results" / "benchmarks.json"

# The peer runs in one thread, so its matrix products do too.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("plan", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=REFERENCE)
@click.option(
    "--lifetimes", type=click.IntRange(min=64), help="Lifetimes a repetition: 65,536, or 16,384 with --quick."
)
@click.option("--quick", is_flag=True, help="Few repetitions, and no run that compiles.")
@click.option("--full", is_flag=True, help="Also a run of twenty times the plan's lifetimes (minutes).")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=OUTPUT,
    help="The JSON file; results/benchmarks.json by default.",
)
def main(plan: Path, lifetimes: int | None, quick: bool, full: bool, output: Path) -> None:
    """Measure PLAN (the reference plan): lifetimes a second against NumPy, bytes, memory, wall time.

    Takes about five minutes, one with --quick; nothing else should run meanwhile.
    """
    environment = dict(os.environ)  # that of the command line; the peer's is its own
    os.environ |= ONE_THREAD  # read when NumPy is imported, which is below
    from benchmarks import machine, memory, reference_plan, report
    from simulator.plan import load_plan

    def log(line: str) -> None:
        click.echo(f"  {line}", err=True)

    read = load_plan(str(plan))
    if not output.parent.is_dir():
        raise click.BadParameter(f"there is no directory {output.parent}.", param_hint="-o")
    where = machine.describe()
    if machine.is_busy(where["load_average"]):
        log(f"load average {where['load_average'][0]}: other work is under way, so times are upper bounds")
    throughput = reference_plan.measure(
        read,
        lifetimes=lifetimes or (16_384 if quick else 65_536),
        repetitions=3 if quick else 7,
        log=log,
    )
    runs = memory.measure(
        plan,
        read.run.lifetimes,
        again=1 if quick else 3,
        with_first=not quick,
        with_many=full,
        environment=environment,
        log=log,
    )
    draws = _draws()
    found = report.document(where, throughput, runs, draws)
    found["machine"]["load_average_after"] = load_after = machine.load_average()
    output.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")

    blocks = (
        [f"{read.name} ({plan.name})", *report.machine_lines(where, load_after)],
        report.throughput_lines(throughput),
        report.table_lines(report.rows(throughput, runs)),
        ["Nanoseconds an element, one core", *draws],
        [f"Written to {output}"],
    )
    click.echo("\n\n".join("\n".join(lines) for lines in blocks))


def _draws() -> list[str]:
    """Give the lines that `python -m benchmarks.draws` prints."""
    command = [sys.executable, "-m", "benchmarks.draws"]
    return subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    ).stdout.splitlines()


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
