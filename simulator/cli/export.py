"""Export a result as tables for finance."""

from __future__ import annotations

from pathlib import Path

import click

from simulator.cli import parameters, report, target
from simulator.cli.parameters import OutputFile

FORMATS = ("csv", "parquet", "xlsx")
RESULT = ".nc"


@click.command("export", short_help="Write a result as tables: CSV, Parquet, XLSX.")
@click.argument("result", type=click.Path(readable=False), metavar="RESULT")
@click.option(
    "--to", "kind", type=click.Choice(FORMATS), help="Format; told from FILE's suffix unless given."
)
@click.option(
    "-o", "--output", type=OutputFile(), metavar="FILE", help="Where to; beside the result unless given."
)
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
@parameters.json_option
def command(result: str, kind: str | None, output: str | None, force: bool, as_json: bool) -> None:
    """Write a RESULT of simulate run as tables for finance.

    CSV and Parquet hold one amount a row: costs by month, fiscal quarter and year, budgets, chances. XLSX is a
    workbook with a summary, charts and the plan's assumptions. All carry percentiles allocated to months,
    which add up; plain percentiles do not.

    \b
    Examples:
      simulate export results/plan-70475c9b-7.nc --to xlsx
      simulate export answer.nc -o costs.csv --force
    """
    kind = _format(kind, output)
    if Path(result).is_dir():
        raise click.BadParameter(f"{result} is a directory; name a result in it.", param_hint="RESULT")
    path = _beside(Path(result), kind) if output is None else Path(output)
    if Path(result).exists():
        _check(path, Path(result), force)
    from simulator import export, storage

    if kind == "parquet":
        export.require_pyarrow()
    count = export.WRITERS[kind](storage.read(result, "run"), path)
    parts = "sheets" if kind == "xlsx" else "rows"
    if as_json:
        report.print_object(
            {"file": str(path), "format": kind, "rows": None, "sheets": None} | {parts: count}
        )
    else:
        click.echo(f"Wrote {path}: {count:,} {parts}.")


def _format(kind: str | None, output: str | None) -> str:
    """Choose the format by `--to`, or else by the suffix of the file."""
    suffix = Path(output).suffix.lower().removeprefix(".") if output is not None else ""
    if kind is None:
        if suffix not in FORMATS:
            said = f", which {output} does not tell" if output is not None else ""
            raise click.UsageError(f"Missing the format{said}: --to {', --to '.join(FORMATS)}.")
        return suffix
    if suffix in FORMATS and suffix != kind:
        # A spreadsheet refuses, or asks what to make of, a file that is not what its name says.
        raise click.UsageError(
            f"--to {kind} and -o {output} name two formats; leave --to out, or rename FILE."
        )
    return kind


def _beside(result: Path, kind: str) -> Path:
    stem = result.stem if result.suffix == RESULT else result.name
    return result.with_name(f"{stem}.{kind}")


def _check(path: Path, result: Path, force: bool) -> None:
    """Refuse before the work what should not be written after it."""
    if path.exists() and path.samefile(result):
        raise click.BadParameter(f"{path} is the result itself.", param_hint="-o")
    target.check(path, "-o", may_replace=lambda _: force, advice="and stays as it is without --force.")
