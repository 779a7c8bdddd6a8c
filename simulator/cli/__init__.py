"""Offer the simulator on the command line."""

from __future__ import annotations

import click

from simulator.cli.crossover import command as crossover
from simulator.cli.explain import command as explain
from simulator.cli.export import command as export
from simulator.cli.group import PlanGroup
from simulator.cli.init import command as init
from simulator.cli.merge import command as merge
from simulator.cli.parameters import version_option
from simulator.cli.prices import command as prices
from simulator.cli.rules import command as rules
from simulator.cli.run import command as run
from simulator.cli.schema import command as schema
from simulator.cli.sweep import command as sweep
from simulator.cli.trace import command as trace
from simulator.cli.validate import command as validate

__all__ = ["main"]


@click.group(
    "simulate", cls=PlanGroup, default="run", context_settings={"help_option_names": ["-h", "--help"]}
)
@version_option
def main() -> None:
    """Say whether fine-tuning will beat prompting, and how sure that is.

    \b
    simulate PLAN simulates a plan; it is short for simulate run PLAN.

    \b
    Examples:
      simulate init                      write a commented plan.toml
      simulate validate plan.toml        check it
      simulate plan.toml                 who is cheapest, in how many futures
      simulate plan.toml --lifetimes 10k --set demand.growth="1% to 3% / month"
    """


for _command in (run, init, validate, explain, prices, crossover, sweep, rules, trace, export, merge, schema):
    main.add_command(_command)
