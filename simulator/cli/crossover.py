"""Ask how the answer depends on volume."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulator.cli import parameters, report
from simulator.cli.background import in_background
from simulator.cli.parameters import Count, OutputFile
from simulator.cli.progress import reported
from simulator.cli.publish import draw, figures_beside, name_of, tell_outdated

if TYPE_CHECKING:
    import xarray as xr

    from simulator.plan import Plan


@click.command("crossover", short_help="Say from which volume on one strategy beats another.")
@parameters.plan_argument
@click.option(
    "--against", metavar="STRATEGY", help="Hold the others against this one; the baseline unless said."
)
@click.option(
    "--lifetimes",
    type=Count(1, 10**12),
    help="Lifetimes at each volume; the plan's, at most 100k, unless said.",
)
@parameters.seed_option
@click.option("--threads", type=Count(1, 4096), help="Threads to work in; any number gives the same results.")
@parameters.set_option
@click.option("-o", "--output", type=OutputFile(), metavar="FILE", help="The dataset; may replace a result.")
@parameters.json_option
@click.option("--quiet", is_flag=True, help="Show no progress and no log.")
@click.option("--no-figures", is_flag=True, help="Write the dataset alone.")
def command(
    plan: str,
    against: str | None,
    lifetimes: int | None,
    seed: int | None,
    threads: int | None,
    overrides: tuple[str, ...],
    output: str | None,
    as_json: bool,
    quiet: bool,
    no_figures: bool,
) -> None:
    """Say from which volume on the strategies of PLAN become cheaper, and after how many calls and months.

    The same lifetimes are run at 1/100 to 100 times the volume of PLAN. Dataset (netCDF) and figure go to
    results/<plan>-<hash>-<seed>-crossover.nc and .png, or to FILE and beside it.

    \b
    Examples:
      simulate crossover plan.toml
      simulate crossover plan.toml --against finetuned --lifetimes 20k -o v.nc
    """
    from simulator.plan import load_plan

    read = load_plan(plan, overrides)
    against = read.baseline if against is None else against
    _check_strategies(against, read)
    seed = read.run.seed if seed is None else seed
    path = _target(read, seed, against, output)
    report.show_notes(read)
    with reported(quiet) as (log, advance):
        options = {"against": against, "lifetimes": lifetimes, "seed": seed, "threads": threads}
        dataset = in_background(lambda: _simulate(read, log, options | {"progress": advance}))
    from simulator import storage
    from simulator.verdict import crossover as page

    before = figures_beside(path)
    storage.write(dataset, path)
    figures, problems = [], []
    if not no_figures:
        figures, problems = draw(lambda: _figures(dataset, path), "the figure is")
    notes = tell_outdated(before, report.notes_of(read), quiet=quiet)
    if as_json:
        files = {"plan": plan, "dataset": path, "figures": figures}
        errors = {"errors": report.as_objects(problems)} if problems else {}
        report.print_object({**page.summary(dataset), **notes, "files": files, **errors})
    else:
        click.echo(page.render(dataset, width=report.width()))
        click.echo()
        click.echo(f"Dataset  {path}")
        for figure in figures:
            click.echo(f"Figure   {figure}")
    if problems:
        report.show_problems(problems)
        raise click.exceptions.Exit(report.DATA)


def _check_strategies(against: str, plan: Plan) -> None:
    from simulator.plan.errors import nearest

    compared = [known for known, strategy in plan.strategies.items() if not strategy.part]
    if against not in compared:
        near = nearest(against, compared)
        advice = f"Did you mean {near!r}?" if near else f"Strategies: {', '.join(compared)}."
        raise click.BadParameter(
            f"there is no strategy {against!r} to compare with. {advice}", param_hint="--against"
        )
    if len(compared) == 1:
        raise click.UsageError(f"{plan.path} has one strategy, {against}, and nothing to compare it with.")


def _target(plan: Plan, seed: int, against: str, output: str | None) -> Path:
    """Choose where the dataset goes, and refuse before the work what could not be written after it."""
    from simulator import storage

    if output is None:
        rival = "" if against == plan.baseline else f"-{against}"
        path = name_of(plan, seed, f"-crossover{rival}.nc")
    else:
        path = Path(output)
    storage.check_target(path)
    return path


def _simulate(plan: Plan, log: Callable[[str], None], options: dict[str, Any]) -> xr.Dataset:
    from simulator import crossover

    report.tell_compiling(log)
    most = crossover.DEFAULT_LIFETIMES
    if options["lifetimes"] is None and plan.run.lifetimes > most:
        log(
            f"{most:,} lifetimes at each volume, not the plan's {plan.run.lifetimes:,}; --lifetimes sets others."
        )
    asked = options["lifetimes"]
    report.tell_balance(log, min(plan.run.lifetimes, most) if asked is None else asked, plan)
    return crossover.crossover(plan, **options)


def _figures(dataset: xr.Dataset, path: Path) -> list[Path]:
    from simulator import figures

    figure = path.with_suffix(".png") if path.suffix == ".nc" else path.with_name(f"{path.name}.png")
    return figures.write_crossover(dataset, figure)
