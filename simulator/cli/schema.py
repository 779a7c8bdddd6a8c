"""Print the JSON schema of plan files."""

from __future__ import annotations

import json
from pathlib import Path

import click

from simulator.cli import target
from simulator.cli.parameters import OutputFile


@click.command("schema", short_help="Print the JSON schema of plan files.")
@click.option("-o", "--output", type=OutputFile(), metavar="FILE", help="Where to; may replace a schema.")
def command(output: str | None) -> None:
    """Print the JSON schema of plan files, by which an editor can check and complete them.

    \b
    Examples:
      simulate schema
      simulate schema -o plan.schema.json
    """
    from simulator.plan.json_schema import json_schema

    text = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    if output is None:
        click.echo(text, nl=False)
        return
    path = Path(output)
    target.check(path, "-o", may_replace=_is_schema, advice="and is no JSON schema; it stays as it is.")
    target.replace(path, text.encode())
    click.echo(f"Wrote {path}.")


def _is_schema(path: Path) -> bool:
    try:
        return "$schema" in json.loads(path.read_bytes())
    except (ValueError, TypeError):
        return False
