"""List the quantities of a plan."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from simulator.cli import parameters, report
from simulator.cli.background import in_background

if TYPE_CHECKING:
    from simulator.explain import Row
    from simulator.plan import Plan

_COLUMNS = ("P5", "P10", "P50", "P90", "P95", "mean")
_NARROWEST_WIDE = 110


@click.command("explain", short_help="List every quantity of a plan in words and numbers.")
@parameters.plan_argument
@parameters.set_option
@parameters.json_option
def command(plan: str, overrides: tuple[str, ...], as_json: bool) -> None:
    """List every quantity of PLAN: what it says, its percentiles and mean, and where it comes from.

    \b
    Examples:
      simulate explain plan.toml | less
      simulate explain plan.toml --json
    """
    from simulator.plan import load_plan

    read = load_plan(plan, overrides)
    rows = in_background(lambda: _describe(read))
    if as_json:
        quantities = [asdict(row) for row in rows]
        report.print_object({"file": plan, "quantities": quantities, **report.notes_of(read)})
        return
    report.show_notes(read)
    for line in _lines(rows, report.width()):
        click.echo(line)


def _describe(plan: Plan) -> list[Row]:
    from simulator.explain import describe

    return describe(plan)


def _lines(rows: Sequence[Row], width: int) -> Iterator[str]:
    """Lay rows out under the tables of the plan, two lines or more each."""
    name_width, cell = (38, 9) if width >= _NARROWEST_WIDE else (24, 7)
    yield " " * name_width + "".join(f"{column:>{cell}}" for column in _COLUMNS)
    table = None
    for row in rows:
        if row.table != table:
            table = row.table
            yield ""
            yield f"[{table}]" if table else "(plan)"
        yield from _row(row, width, name_width, cell)
    if any(row.approximate for row in rows):
        yield ""
        yield "~ a product of several draws: from evenly spread points, to about three digits"


def _row(row: Row, width: int, name_width: int, cell: int) -> Iterator[str]:
    from simulator.explain.words import exact_number, shown_number

    numbers = (row.p5, row.p10, row.p50, row.p90, row.p95, row.mean)
    shown = [shown_number(number) for number in numbers]
    if row.drawn == "never":
        shown = ["", "", exact_number(row.p50), "", "", ""]
    name = f"  {row.key}"
    # Numbers that would touch take the room of the name, at the price of their place under the heads.
    if touching := max(map(len, shown)) >= cell:
        cell += name_width // len(shown)
    cells = "".join(f"{number:>{cell}}" for number in shown)
    if touching:
        yield name
        name, name_width = "", name_width % len(shown)
    elif len(name) > name_width:
        yield name
        name = ""
    mark = "~ " if row.approximate else "  "
    yield f"{name:<{name_width}}{cells}{mark}{row.unit}".rstrip()
    yield from _notes(row, width)


def _notes(row: Row, width: int) -> Iterator[str]:
    parts = [] if row.drawn == "never" and row.family == "constant" else [f"{row.words} ({row.family})"]
    if row.drawn == "per occurrence":
        parts.append("drawn at each occurrence")
    if row.source:
        parts.append(f"source: {row.source}")
    if row.owner:
        parts.append(f"owner: {row.owner}")
    indent = " " * 4
    yield from textwrap.wrap(
        "; ".join(parts), width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )
