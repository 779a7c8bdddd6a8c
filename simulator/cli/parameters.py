"""Declare the arguments that several commands share."""

from __future__ import annotations

import os
import re
from decimal import Decimal
from typing import Any

import click

_COUNT = re.compile(r"\s*([+-]?)([0-9][0-9_]*(?:\.[0-9]+)?)(?:[eE]\+?([0-9]{1,3}))?([kMB]?)\s*")
MOST_BLOCKS = 999_999_999
_SUFFIX = {"": 0, "k": 3, "M": 6, "B": 9}


class Count(click.ParamType):
    """A whole number, written as people write big ones: 1e6, 1_000_000, 200k, 1M.

    Parameters
    ----------
    low, high
        Smallest and largest number taken.
    """

    name = "N"

    def __init__(self, low: int, high: int) -> None:
        self.low = low
        self.high = high

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read `value`, exactly: no number passes through a float."""
        if isinstance(value, int):
            return value
        match = _COUNT.fullmatch(value)
        if match is None:
            self.fail(f"{value!r} is not a whole number such as 1e6, 1_000_000, 200k or 1M.", param, ctx)
        sign, digits, exponent, suffix = match.groups()
        number = Decimal(sign + digits.replace("_", "")).scaleb(int(exponent or 0) + _SUFFIX[suffix])
        if not self.low <= number <= self.high:
            self.fail(f"{value} is not in [{self.low}, {self.high}].", param, ctx)
        if number != number.to_integral_value():
            self.fail(f"{value!r} is not whole.", param, ctx)
        return int(number)


class Tolerance(click.ParamType):
    """How well something is to be known, as plans write it: 0.2% or 0.002."""

    name = "SHARE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read `value`."""
        if isinstance(value, float):
            return value
        from simulator.plan.constants import ToleranceError, read_tolerance

        try:
            return read_tolerance(value)
        except ToleranceError as error:
            message = error.message.replace("this field takes", "--precision takes")
            self.fail(f"{message}; {error.hint}." if error.hint else f"{message}.", param, ctx)


class Blocks(click.ParamType):
    """A range of the blocks of a run, such as 0:250/1000: blocks 0 … 249 of 1,000."""

    name = "A:B/N"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int, int]:
        """Read `value`."""
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(r"([0-9]{1,99}):([0-9]{1,99})/([0-9]{1,99})", value)
        if match is None:
            self.fail(f"{value!r} is not like 0:250/1000, which is the first quarter of a run.", param, ctx)
        start, end, size = map(int, match.groups())
        if size > MOST_BLOCKS:
            self.fail(f"{value!r} is of {size:,} blocks; N is at most {MOST_BLOCKS:,}.", param, ctx)
        if not start < end <= size:
            self.fail(f"{value!r} names no blocks: write START:END/NUMBER, START below END.", param, ctx)
        return start, end, size


class OutputFile(click.Path):
    """A file to write: a name, for what is written whole or not at all cannot go to a stream."""

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """Refuse what is no name of a file, or by habit means the standard output."""
        name = os.fspath(value)
        if not name.strip():
            self.fail("the name of the file is empty.", param, ctx)
        if name == "-":
            self.fail("'-' is no name of a file; write ./- if it is to be called so.", param, ctx)
        return super().convert(value, param, ctx)


def _show_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("finetune-odds")
    except PackageNotFoundError:
        number = "of an uninstalled checkout"
    click.echo(f"simulate {number}")
    ctx.exit()


version_option = click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version,
    help="Show the version and exit.",
)  # fmt: skip
# Whether the plan may be read is for the reader to say, which calls it no usage error.
plan_argument = click.argument("plan", type=click.Path(readable=False), metavar="PLAN")
set_option = click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE",
    help="Put VALUE in place of what the plan says at KEY, such as demand.growth=\"2% / month\".",
)  # fmt: skip
seed_option = click.option("--seed", type=Count(0, 2**64 - 1), help="Seed in place of the plan's.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
