"""Offer the simulator on the command line."""

from __future__ import annotations

import sys

try:
    import click

    from simulator.cli.group import Commands, PlanGroup
    from simulator.cli.parameters import version_option
except KeyboardInterrupt:
    # Importing takes long enough for Ctrl-C to come in between, before there is anything to tell of it.
    print("Interrupted.", file=sys.stderr)
    sys.exit(130)

__all__ = ["main"]

COMMANDS = (
    "run", "init", "validate", "explain", "prices", "crossover",
    "sweep", "rules", "trace", "export", "merge", "schema",
)  # fmt: skip


@click.group(
    "simulate",
    cls=PlanGroup,
    default="run",
    commands=Commands(__name__, COMMANDS),
    context_settings={"help_option_names": ["-h", "--help"]},
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
