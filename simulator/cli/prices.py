"""List what the catalogue knows of prices."""

from __future__ import annotations

import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from simulator.cli import parameters, report
from simulator.errors import USAGE, SimulatorError

if TYPE_CHECKING:
    from simulator.catalogue.entries import Entry, Price
    from simulator.catalogue.presets import Preset

_WIDE = 110
_HEADS = ("input", "cached", "output", "training")
_CELL = 9
_DAY = 12


@click.command("prices", short_help="List known prices: models, fine-tunes, GPUs, price processes.")
@click.argument("pattern", default="", metavar="[PATTERN]")
@click.option("--presets", "with_presets", is_flag=True, help="List the named price processes, in full.")
@parameters.json_option
def command(pattern: str, with_presets: bool, as_json: bool) -> None:
    """List prices of models, fine-tunes, training and GPUs, with their sources, and named price processes.

    PATTERN is a part of an id, or a glob such as "openai:ft:*". A plan takes the prices of a model by its id:
    catalog = "openai:gpt-4.1-mini". The tables are part of the program; nothing is looked up on the network.
    Without PATTERN a terminal shows how many models each provider has, a pipe or file gets the whole list.

    \b
    Examples:
      simulate prices gpt-4.1
      simulate prices "openai:ft:*" --json
      simulate prices h100
      simulate prices --presets
    """
    from simulator.catalogue.lookup import find

    processes = _processes(pattern)
    entries = [] if with_presets or (processes and pattern) else find(pattern)
    if not entries and not processes:
        raise SimulatorError(f"nothing in the catalogue fits '{pattern}'", _hint(pattern), USAGE)
    if as_json:
        report.print_object(_object(entries, processes))
        return
    is_short = not pattern and not with_presets and sys.stdout.isatty()
    lines = list((_providers if is_short else _table)(entries, report.width()))
    lines += ([""] if lines else []) + list(_listed(processes, report.width(), bool(pattern) or with_presets))
    click.echo("\n".join(lines).rstrip("\n"))


def _processes(pattern: str) -> list[Preset]:
    from fnmatch import fnmatchcase

    from simulator.catalogue.presets import presets

    wanted = pattern.strip().lower()
    return [one for name, one in presets().items() if not wanted or fnmatchcase(name, wanted)]


def _hint(pattern: str) -> str:
    from simulator.catalogue.lookup import near
    from simulator.plan.errors import listing

    meant = near(pattern)
    return f"did you mean {listing(meant)}?" if meant else "`simulate prices | less` lists everything"


def _day() -> date:
    """Give the day of the list: the newest on which overlay or package know prices; what comes is announced."""
    from simulator.catalogue.lookup import known_until

    return max(day for day in (known_until("overlay"), known_until("genai-prices")) if day is not None)


def _table(entries: Sequence[Entry], width: int) -> Iterator[str]:
    tokens = [entry for entry in entries if not entry.gpus]
    if tokens:
        yield from _tokens(tokens, width)
    gpus = [entry for entry in entries if entry.gpus]
    if gpus:
        if tokens:
            yield ""
        yield from _gpus(gpus, width)
    if entries:
        yield ""
        yield from _foot(entries, width)


def _providers(entries: Sequence[Entry], width: int) -> Iterator[str]:
    """Count the entries of each provider, in columns."""
    counts = Counter(entry.id.partition(":")[0] for entry in entries)
    cells = [f"{count:>6,}  {provider}" for provider, count in sorted(counts.items())]
    widest = max(map(len, cells)) + 1
    columns = max(1, width // widest)
    rows = -(-len(cells) // columns)
    yield "Entries by provider:"
    for row in range(rows):
        yield "".join(f"{cell:<{widest}}" for cell in cells[row::rows]).rstrip()
    yield ""
    yield from textwrap.wrap(
        '`simulate prices gpt-4.1` shows those with gpt-4.1 in their id, `simulate prices "openai:*"` those of a '
        "provider, `simulate prices | less` all.",
        width,
    )
    yield ""
    yield from _foot(entries, width)


def _tokens(entries: Sequence[Entry], width: int) -> Iterator[str]:
    wide = width >= _WIDE
    longest = 44 if wide else 30
    names = min(longest, max(len(entry.id) for entry in entries))
    heads = "".join(f"{head:>{_CELL}}" for head in _HEADS)
    yield f"{'USD/Mtok':<{names}}{heads}{'retired':>{_DAY}}" + (f"{'since':>{_DAY}}" if wide else "")
    for entry in entries:
        price = entry.price_at(_day())
        training = entry.training and entry.training.usd_per_mtok
        amounts = (price and price.input, price and price.cached, price and price.output, training)
        cells = "".join(f"{_amount(amount):>{_CELL}}" for amount in amounts)
        cells += f"{entry.retired.on.isoformat() if entry.retired else '':>{_DAY}}"
        if wide:
            cells += f"{price.since.isoformat() if price and price.since else '':>{_DAY}}"
        name = entry.id
        if len(name) > names:
            yield name
            name = ""
        yield f"{name:<{names}}{cells}".rstrip()
        yield from _wrapped("; ".join(_notes(entry, price)), width, 4)
        yield from _wrapped("; ".join(_sources(entry, price, wide)), width, 4)


def _notes(entry: Entry, price: Price | None) -> Iterator[str]:
    """Say what has no column."""
    if price is not None and price.input is None and price.output is None:
        yield "not sold by the token"
    following = price and entry.price_after(price)
    if following is not None:
        yield f"from {following.since}: input {_amount(following.input)}, output {_amount(following.output)}"
    training, hosting = entry.training, entry.hosting
    if training is not None:
        if training.usd_per_hour is not None:
            yield f"training {_money(training.usd_per_hour)} USD/h"
        if training.minimum_usd is not None:
            yield f"at least {_money(training.minimum_usd)} USD a training job"
        if training.ends is not None:
            yield f"training jobs until {training.ends}"
    if hosting is not None:
        yield f"hosting {_money(hosting.usd_per_hour)} USD/h"
    if entry.note:
        yield entry.note


def _sources(entry: Entry, price: Price | None, wide: bool) -> Iterator[str]:
    """Say where and when the numbers of the overlay were read."""
    if price is not None and price.origin == "overlay":
        yield f"price: {price.source}" if wide else f"price: since {price.since}, {price.source}"
    for what, one in (("training", entry.training), ("hosting", entry.hosting)):
        if one is not None:
            yield f"{what}: {one.as_of}, {one.source}"
    if entry.retired is not None:
        yield f"retirement: {entry.retired.source}"


def _gpus(entries: Sequence[Entry], width: int) -> Iterator[str]:
    names = max(len(entry.id) for entry in entries)
    yield f"{'USD/GPU-h':<{names}}{'price':>{_CELL}}{'memory':>{_CELL}}   as of"
    for entry in entries:
        for gpu in entry.gpus:
            memory = f"{gpu.memory_gb} GB" if gpu.memory_gb else ""
            row = f"{entry.id:<{names}}{gpu.usd_per_hour:>{_CELL}g}{memory:>{_CELL}}   {gpu.as_of}"
            if len(row) + 2 + len(gpu.source) <= width:
                yield f"{row}  {gpu.source}"
            else:
                yield row
                yield f"    {gpu.source}"


def _foot(entries: Sequence[Entry], width: int) -> Iterator[str]:
    from simulator.catalogue.lookup import known_until, package_version

    version = package_version()
    theirs = (
        f"genai-prices {version} up to {known_until('genai-prices')}, the prices of short prompts"
        if version
        else "genai-prices, which knows many more, is not installed"
    )
    number = f"{len(entries):,} entr{'y' if len(entries) == 1 else 'ies'}"
    text = f"{number}, in USD, from our overlay up to {known_until('overlay')} (rows with a source) and {theirs}."
    if not version:
        text = f"{number}, in USD, from our overlay up to {known_until('overlay')}; {theirs}."
    yield from textwrap.wrap(text, width, break_on_hyphens=False)


def _listed(processes: Sequence[Preset], width: int, in_full: bool) -> Iterator[str]:
    if not processes:
        return
    yield 'Price processes, for [prices.NAME] preset = "…":'
    names = max(len(one.name) for one in processes) + 4
    for one in processes:
        yield from textwrap.wrap(
            one.says, width, initial_indent=f"  {one.name:<{names - 2}}", subsequent_indent=" " * names
        )
        if in_full:
            for key, value in one.keys.items():
                yield from _wrapped(f"{key} = {_toml(value)}", width, names)
            yield from _wrapped(f"source: {one.source}", width, names)
    if not in_full:
        yield "  `simulate prices --presets` shows their numbers."


def _wrapped(text: str, width: int, indent: int) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=" " * indent, subsequent_indent=" " * indent,
        break_on_hyphens=False, break_long_words=False,
    )  # fmt: skip


def _toml(value: Any) -> str:
    from simulator.plan.problems import toml

    return toml(value, depth=8)


def _amount(amount: float | None) -> str:
    return "" if amount is None else f"{amount:g}"


def _money(amount: float) -> str:
    return f"{amount:.0f}" if amount == int(amount) else f"{amount:.2f}"


def _object(entries: Sequence[Entry], processes: Sequence[Preset]) -> dict[str, Any]:
    from simulator.catalogue.lookup import known_until, package_version

    version = package_version()
    package = {"name": "genai-prices", "version": version, "as_of": _iso(known_until("genai-prices"))}
    return {
        "currency": "USD",
        "overlay": {"as_of": _iso(known_until("overlay"))},
        "package": package if version else None,
        "entries": [_plain(entry) for entry in entries],
        "presets": [asdict(one) for one in processes],
    }


def _plain(entry: Entry) -> dict[str, Any]:
    """Give an entry as an object for programs: every key always there, null for what is not known."""
    price, training, hosting = entry.price_at(_day()), entry.training, entry.hosting
    gpu = entry.gpus[-1] if entry.gpus else None
    row = {
        "id": entry.id,
        "aliases": list(entry.aliases),
        "note": entry.note,
        "input_usd_per_mtok": price and price.input,
        "cached_usd_per_mtok": price and price.cached,
        "output_usd_per_mtok": price and price.output,
        "since": price and _iso(price.since),
        "source": price and (price.source or price.origin),
        "origin": price.origin if price else "overlay",
        "training": training and {**asdict(training), "ends": _iso(training.ends)},
        "hosting": hosting and asdict(hosting),
        "gpu": gpu and asdict(gpu),
        "retired_on": entry.retired and _iso(entry.retired.on),
        "retired_source": entry.retired and entry.retired.source,
    }
    row["prices"] = [{**asdict(one), "since": _iso(one.since)} for one in entry.prices]
    return row


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
