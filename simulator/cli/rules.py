"""Hold rules of thumb against the simulation of a plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from simulator.cli import parameters, report
from simulator.cli.background import in_background
from simulator.cli.parameters import Count
from simulator.cli.progress import reported

if TYPE_CHECKING:
    import xarray as xr

    from simulator.plan import Plan
    from simulator.rules import Judgement

LIFETIMES = 100_000


@click.command("rules", short_help="Hold five articles' rules of thumb against a plan.")
@parameters.plan_argument
@click.option(
    "--lifetimes",
    type=Count(1, 10**12),
    default=LIFETIMES,
    help="Lifetimes, whatever the plan says; 100k unless given.",
)
@parameters.seed_option
@click.option("--threads", type=Count(1, 4096), help="Threads to work in; any number gives the same results.")
@parameters.set_option
@parameters.json_option
@click.option("--quiet", is_flag=True, help="Show no progress and no log.")
def command(
    plan: str,
    lifetimes: int,
    seed: int | None,
    threads: int | None,
    overrides: tuple[str, ...],
    as_json: bool,
    quiet: bool,
) -> None:
    """Say what rules of thumb would decide for PLAN, and what following them would cost.

    Each rule of five articles sees the plan's medians; beside what it says stand the simulated chance of that
    choice to be cheapest, its expected regret, and whether rule and simulation agree. Writes no file.

    \b
    Examples:
      simulate rules plan.toml
      simulate rules plan.toml --lifetimes 1M
      simulate rules plan.toml --set demand.requests="8k req/month" --json
    """
    from simulator.plan import load_plan

    read = load_plan(plan, overrides)
    with reported(quiet) as (log, advance):
        options = {"lifetimes": lifetimes, "seed": seed, "threads": threads, "progress": advance}
        dataset, judgements = in_background(lambda: _judge(read, log, options))
    from simulator import rules

    if as_json:
        report.print_object({"file": plan, **rules.summary(judgements, dataset)})
    else:
        click.echo(rules.render(judgements, dataset, width=report.width()))


def _judge(
    plan: Plan, log: Callable[[str], None], options: dict[str, Any]
) -> tuple[xr.Dataset, list[Judgement]]:
    from simulator import rules, run

    report.tell_compiling(log)
    report.tell_balance(log, options["lifetimes"], plan)
    dataset = run.simulate(plan, **options)
    return dataset, rules.judge(plan, dataset)
