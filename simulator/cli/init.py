"""Write a plan to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from simulator.cli import target
from simulator.cli.parameters import OutputFile


@click.command("init", short_help="Write a commented plan to begin with.")
@click.argument("file", type=OutputFile(), default="plan.toml")
@click.option("--force", is_flag=True, help="Replace FILE if it is there already.")
def command(file: str, force: bool) -> None:
    """Write a commented plan to begin with to FILE (plan.toml).

    \b
    Examples:
      simulate init
      simulate init plans/support-bot.toml
    """
    from importlib.resources import files

    # Read without importing the package it lies in, which takes a third of a second.
    starter = files("simulator").joinpath("plan", "starter.toml").read_bytes()
    path = Path(file)
    target.check(path, "FILE", may_replace=lambda _: force, advice="and stays as it is; --force replaces it.")
    target.replace(path, starter)
    click.echo(f"Wrote {path}. Put in your own numbers, then:")
    for line in ("simulate validate", "simulate explain", "simulate"):
        click.echo(f"  {line} {path}")
