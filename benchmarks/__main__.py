"""Run the benchmarks side by side, print tables and targets, write JSON and a figure."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "configs" / "plan.toml"
OUTPUT = ROOT / "results" / "benchmarks.json"
SECTIONS = ("peers", "draws", "parts", "steps", "threads", "growth", "command", "sampling")

# NumPy runs in one thread, so its matrix products do too, and so does MKL.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("plan", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=REFERENCE)
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(SECTIONS),
    help="Measure this alone; may be given several times.",
)
@click.option(
    "--lifetimes",
    type=click.IntRange(min=64),
    help="Lifetimes a repetition: 131,072, or 16,384 with --quick.",
)
@click.option("--quick", is_flag=True, help="Few repetitions, and no run that compiles.")
@click.option(
    "--full", is_flag=True, help="Also a run of a hundred times the plan's lifetimes (many minutes)."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=OUTPUT,
    help="The JSON file; results/benchmarks.json by default. The figure is written beside it, as PNG.",
)
def main(
    plan: Path, only: tuple[str, ...], lifetimes: int | None, quick: bool, full: bool, output: Path
) -> None:
    """Measure PLAN (the reference plan): its peers, draws, parts, threads, growth, memory, wall time.

    Takes some ten minutes, two or three with --quick; nothing else should run meanwhile.
    """
    environment = dict(os.environ)  # that of the command line; the peers' is their own
    os.environ |= ONE_THREAD  # read when NumPy is imported, which is below
    from benchmarks import machine, report

    def log(line: str) -> None:
        click.echo(f"  {line}", err=True)

    if output.suffix == ".png":
        raise click.BadParameter("the figure is the PNG; this is the JSON file.", param_hint="-o")
    if not output.parent.is_dir():
        raise click.BadParameter(f"there is no directory {output.parent}.", param_hint="-o")
    where = machine.describe()
    if machine.is_busy(where["load_average"]):
        log(f"load average {where['load_average'][0]}: other work is under way, so times are upper bounds")
    found = _measure(plan, only or SECTIONS, lifetimes, quick, full, environment, log)
    where["load_average_after"] = load_after = machine.load_average()
    output.write_text(json.dumps(report.document(where, found), indent=2) + "\n", encoding="utf-8")
    written = [str(output)]
    from benchmarks import figure

    if figure.is_drawable(found):
        picture = output.with_suffix(".png")
        loads = " to ".join(f"{load[0]:.1f}" for load in (where["load_average"], load_after) if load)
        caption = f"{where['cpu']}, {where['cores']} cores, load average {loads or 'unknown'}"
        figure.write(found, caption, picture)
        written.append(str(picture))
    blocks = [
        [plan.name, *report.machine_lines(where, load_after)],
        *report.blocks(found),
        [f"Written to {' and '.join(written)}"],
    ]
    click.echo("\n\n".join("\n".join(lines) for lines in blocks))


def _measure(plan: Path, chosen, lifetimes, quick: bool, full: bool, environment, log):
    from benchmarks import draws, growth, memory, phases, reference_plan, sampling, threads
    from benchmarks.report import Found
    from simulator.lowering import lower
    from simulator.plan import load_plan

    read = load_plan(str(plan))
    lowered = lower(read)
    found = Found()
    count = lifetimes or (16_384 if quick else 131_072)

    def wants(section: str) -> bool:
        if section in chosen:
            log(f"{section} …")
        return section in chosen

    if wants("peers"):
        repetitions = 3 if quick else 5
        found.peers = reference_plan.measure(
            read, lifetimes=count, repetitions=repetitions, environment=environment, log=log
        )
    if wants("draws"):
        found.draws = draws.measure(repeats=9 if quick else 31)
    if wants("parts"):
        blocks = max(1, min(count, 16_384) // 4096)
        found.parts = phases.measure_parts(lowered, blocks=blocks, repeats=3 if quick else 9)
    if wants("steps"):
        steps = count if quick else read.run.lifetimes
        found.steps = phases.measure_steps(plan, steps, repeats=1 if quick else 3, environment=environment)
    if wants("threads"):
        found.threads = threads.measure(
            lowered, lifetimes=count if quick else 2 * count, repeats=3 if quick else 5
        )
    if wants("growth"):
        found.growth = growth.measure(
            plan, lifetimes=max(64, count // 4 if quick else count // 8), repeats=1 if quick else 5, log=log
        )
    if wants("command"):
        found.command = memory.measure(
            plan,
            count if quick else read.run.lifetimes,
            again=1 if quick else 3,
            with_first=not quick,
            with_many=full,
            environment=environment,
            log=log,
        )
    if wants("sampling"):
        found.sampling = sampling.measure(plan, lifetimes=count)
    return found


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
