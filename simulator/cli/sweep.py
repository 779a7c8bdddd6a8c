"""Vary keys of a plan."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulator.cli import parameters, report
from simulator.cli.background import in_background
from simulator.cli.parameters import Count, OutputFile
from simulator.cli.progress import reported
from simulator.cli.publish import figures_beside, name_of, tell_outdated

if TYPE_CHECKING:
    import xarray as xr

    from simulator.sweep import Prepared


@click.command("sweep", short_help="Run a plan for several values of its quantities or constants.")
@parameters.plan_argument
@click.option(
    "--over", "axes", multiple=True, required=True, metavar="KEY=A,B,…",
    help="Values of KEY, each as --set takes it, or one TOML array of them; several keys make a full grid.",
)  # fmt: skip
@click.option(
    "--lifetimes",
    type=Count(1, 10**12),
    help="Lifetimes at each point; the plan's, at most 100k, unless said.",
)
@parameters.seed_option
@click.option("--threads", type=Count(1, 4096), help="Threads to work in; any number gives the same results.")
@parameters.set_option
@click.option("-o", "--output", type=OutputFile(), metavar="FILE", help="The dataset; may replace a result.")
@parameters.json_option
@click.option("--quiet", is_flag=True, help="Show no progress and no log.")
def command(
    plan: str,
    axes: tuple[str, ...],
    lifetimes: int | None,
    seed: int | None,
    threads: int | None,
    overrides: tuple[str, ...],
    output: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Run PLAN at every point of a grid of its own keys, on the same lifetimes.

    Commas within quotes, [ ] and { } separate no values. The dataset (netCDF, a dim for each key) goes to
    results/<plan>-<hash>-<seed>-sweep.nc, or to FILE.

    \b
    Examples:
      simulate sweep plan.toml --over "demand.requests=10k req/month,1M req/month"
      simulate sweep plan.toml --over "horizon=1 year,3 year" --lifetimes 20k
      simulate sweep plan.toml --over 'demand.growth=["0% / year", "1% / month"]'
    """
    grid = read_axes(axes)
    from simulator import sweep

    prepared = sweep.prepare(plan, grid, overrides=overrides)
    seed = prepared.base.run.seed if seed is None else seed
    path = _target(prepared, seed, output)
    report.show_notes(prepared.base)
    with reported(quiet) as (log, advance):
        options = {"lifetimes": lifetimes, "seed": seed, "threads": threads, "progress": advance}
        dataset = in_background(lambda: _simulate(prepared, log, options))
    from simulator import storage
    from simulator.verdict import sweep as page

    before = figures_beside(path)
    storage.write(dataset, path)
    notes = tell_outdated(before, report.notes_of(prepared.base), quiet=quiet)
    if as_json:
        files = {"plan": plan, "dataset": path}
        report.print_object({**page.summary(dataset), **notes, "files": files})
    else:
        click.echo(page.render(dataset, width=report.width()))
        click.echo()
        click.echo(f"Dataset  {path}")


def read_axes(axes: tuple[str, ...]) -> dict[str, list[str]]:
    """Split each ``KEY=A,B,…`` into its key and values.

    Raises
    ------
    click.BadParameter
        If there is no ``=``, a value is empty, or a key stands twice.
    """
    grid: dict[str, list[str]] = {}
    for axis in axes:
        key, equals, text = axis.partition("=")
        key = key.strip()
        if not equals or not key:
            raise click.BadParameter(f"{axis!r} is not KEY=A,B,…", param_hint="--over")
        if key in grid:
            raise click.BadParameter(f"{key} stands twice; give all its values at once.", param_hint="--over")
        values = _array(text) or split(text)
        if not all(values):
            raise click.BadParameter(f"{axis!r} has an empty value.", param_hint="--over")
        grid[key] = values
    return grid


def split(text: str) -> list[str]:
    """Split at the commas that stand in no quotes and no brackets, and strip the parts."""
    parts, depth, quote, start = [], 0, "", 0
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "[{":
            depth += 1
        elif character in "]}":
            depth -= 1
        elif character == "," and depth <= 0:
            parts.append(text[start:at].strip())
            start = at + 1
    return [*parts, text[start:].strip()]


def _array(text: str) -> list[str] | None:
    """Give the elements of a TOML array as `--set` takes them; None where the text is none."""
    if not text.strip().startswith("["):
        return None
    try:
        document = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return None
    value = document.get("value")
    # A line end in the text could have begun a second key.
    return [_as_set(one) for one in value] if isinstance(value, list) and len(document) == 1 else None


def _as_set(value: Any) -> str:
    """Write a value so that `--set` reads it back; text as it is, unless it would read as something else."""
    if not isinstance(value, str):
        return _toml(value)
    try:
        tomllib.loads(f"value = {value}")
    except (ValueError, RecursionError):
        return value if value == value.strip() else _toml(value)
    return _toml(value)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{json.dumps(key)} = {_toml(one)}' for key, one in value.items())} }}"
    if isinstance(value, date | time):
        return value.isoformat()
    return repr(value) if isinstance(value, int | float) else json.dumps(value)


def _target(prepared: Prepared, seed: int, output: str | None) -> Path:
    """Choose where the dataset goes, and refuse before the work what could not be written after it."""
    from simulator import storage

    path = name_of(prepared.base, seed, "-sweep.nc", prepared.digest) if output is None else Path(output)
    storage.check_target(path)
    return path


def _simulate(prepared: Prepared, log: Callable[[str], None], options: dict[str, Any]) -> xr.Dataset:
    from simulator import sweep

    report.tell_compiling(log)
    own = prepared.base.run.lifetimes
    if options["lifetimes"] is None and own > prepared.lifetimes:
        log(
            f"{prepared.lifetimes:,} lifetimes at each point, not the plan's {own:,}; --lifetimes sets others."
        )
    asked = options["lifetimes"]
    report.tell_balance(log, prepared.lifetimes if asked is None else asked, prepared.base)
    return sweep.run_points(prepared, **options)
