"""Simulate a plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulator.cli import parameters, report
from simulator.cli.background import Ahead, in_background
from simulator.cli.parameters import Count
from simulator.cli.progress import reported

if TYPE_CHECKING:
    import xarray as xr

    from simulator.plan import Plan

RESULTS = Path("results")


@click.command("run", short_help="Simulate a plan (done when no command is named).")
@parameters.plan_argument
@click.option("--lifetimes", type=Count(1, 10**12), help="Lifetimes in place of the plan's: 1e6, 200k, 1M.")
@parameters.seed_option
@click.option("--threads", type=Count(1, 4096), help="Threads to work in; any number gives the same results.")
@parameters.set_option
@click.option("-o", "--output", type=click.Path(), metavar="FILE", help="The dataset; may replace a result.")
@parameters.json_option
@click.option("--quiet", is_flag=True, help="Show no progress and no log.")
@click.option("--no-figures", is_flag=True, help="Write the dataset alone.")
def command(
    plan: str,
    lifetimes: int | None,
    seed: int | None,
    threads: int | None,
    overrides: tuple[str, ...],
    output: str | None,
    as_json: bool,
    quiet: bool,
    no_figures: bool,
) -> None:
    """Simulate PLAN and say which strategy is cheapest, in how many of 100 futures.

    The dataset (netCDF) and, beside it, the figures go to results/<plan>-<hash>-<seed>.nc, or to FILE.

    \b
    Examples:
      simulate plan.toml
      simulate plan.toml --lifetimes 200k --seed 7 -o answer.nc
      simulate plan.toml --set finance.discount="12% / year" --json
    """
    from simulator.plan import load_plan

    read = load_plan(plan, overrides)
    lifetimes = read.run.lifetimes if lifetimes is None else lifetimes
    seed = read.run.seed if seed is None else seed
    path = _target(read, seed, output)
    ahead = Ahead(lambda: _get_ready(figures=not no_figures))
    with reported(quiet) as (log, advance):
        progress = ahead.at_first(advance)
        options = {"lifetimes": lifetimes, "seed": seed, "threads": threads, "progress": progress}
        dataset = in_background(lambda: _simulate(read, log, options))
    ahead.wait()
    from simulator import storage, verdict

    storage.write(dataset, path)
    figures, problems = ([], []) if no_figures else _draw(dataset, path)
    if as_json:
        files = {"plan": plan, "dataset": path, "figures": figures}
        errors = {"errors": report.as_objects(problems)} if problems else {}
        report.print_object({**verdict.summary(dataset), "files": files, **errors})
    else:
        click.echo(verdict.render(dataset, width=report.width()).rstrip("\n"))
        click.echo()
        click.echo(f"Dataset  {path}")
        for position, figure in enumerate(figures):
            click.echo(f"{'' if position else 'Figures':<8} {figure}")
    if problems:
        report.show_problems(problems)
        raise click.exceptions.Exit(report.DATA)


def _target(plan: Plan, seed: int, output: str | None) -> Path:
    """Choose where the dataset goes, and refuse before the work what could not be written after it."""
    from simulator import storage

    if output is None:
        path = RESULTS / f"{Path(plan.path).stem}-{plan.digest[:8]}-{seed}.nc"
        RESULTS.mkdir(exist_ok=True)
    else:
        path = Path(output)
    storage.check_target(path)
    return path


def _simulate(plan: Plan, log: Callable[[str], None], options: dict[str, Any]) -> xr.Dataset:
    from distributions import jit
    from simulator import run

    if not jit.is_compiled("simulate_block"):
        log(report.COMPILING)
    return run.simulate(plan, **options)


def _get_ready(*, figures: bool) -> None:
    """Import what follows the simulation: it takes as long as hundreds of thousands of lifetimes."""
    from simulator import dataset, verdict  # noqa: F401

    dataset.warm_up()
    if figures:
        import simulator.figures  # noqa: F401


def _draw(dataset: xr.Dataset, path: Path) -> tuple[list[Path], list[report.Problem]]:
    """Write the figures beside the dataset; what the file system has against it must not hide the verdict."""
    from simulator import figures

    stem = path.with_suffix("") if path.suffix == ".nc" else path
    try:
        return [Path(figure) for figure in figures.write(dataset, stem)], []
    except OSError as error:
        reason = f"the figures are not written: {error.strerror or error}"
        # A rename names two files, the second one is the figure.
        file = error.filename2 or error.filename
        return [], [report.Problem(reason, file=None if file is None else str(file))]
