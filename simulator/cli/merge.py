"""Merge the parts of a run."""

from __future__ import annotations

from pathlib import Path

import click

from simulator.cli import parameters, report
from simulator.cli.background import heeding_sigterm, in_background
from simulator.cli.parameters import OutputFile
from simulator.cli.publish import name_of, publish


@click.command("merge", short_help="Merge the parts of a run into its result.")
@click.argument("parts", type=click.Path(readable=False), metavar="PART...", nargs=-1, required=True)
@click.option("-o", "--output", type=OutputFile(), metavar="FILE", help="The dataset; may replace a result.")
@parameters.json_option
@click.option("--no-figures", is_flag=True, help="Write the dataset alone.")
def command(parts: tuple[str, ...], output: str | None, as_json: bool, no_figures: bool) -> None:
    """Merge the PARTs that `simulate run --blocks` has written into what one run would have given.

    They may stand in any order; together they must hold every block of one run once. The dataset and the figures go
    to results/<plan>-<hash>-<seed>.nc, or to FILE, and the verdict is printed as `simulate run` does.

    \b
    Examples:
      simulate run plan.toml --blocks 0:500/1000 -o first.part
      simulate run plan.toml --blocks 500:1000/1000 -o second.part
      simulate merge first.part second.part -o answer.nc
    """
    from simulator import storage
    from simulator.running.parts import merge_parts

    if output is not None:
        storage.check_target(output)
    with heeding_sigterm():
        merged = in_background(lambda: merge_parts([Path(part) for part in parts]))
        path = Path(output) if output is not None else name_of(merged.plan, merged.seed, ".nc")
        storage.check_target(path)
        report.show_notes(merged.plan)
        publish(
            merged.dataset,
            path,
            plan=merged.plan.path,
            as_json=as_json,
            notes=report.notes_of(merged.plan),
            figures=not no_figures,
        )
