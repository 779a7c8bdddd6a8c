"""Read our own dated price table, `overlay.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from simulator.catalogue.entries import OVERLAY, Entry, Gpu, Hosting, Price, Retirement, Training


@dataclass(frozen=True)
class Overlay:
    """The table.

    Parameters
    ----------
    as_of
        Day of the newest source that was read for it.
    entries
        In the order of the file.
    by_name
        Id or alias in lower case -> entry.
    snapshots
        Version of genai-prices -> day of its newest price in force.
    providers
        Other name of a provider -> its name here.
    """

    as_of: date
    entries: tuple[Entry, ...]
    by_name: dict[str, Entry]
    snapshots: dict[str, date]
    providers: dict[str, str]


@cache
def overlay() -> Overlay:
    """Read the table that comes with this package; once a process."""
    text = Path(__file__).with_name("overlay.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    entries = tuple(_entry(raw) for raw in table["entry"])
    return Overlay(
        as_of=table["as_of"],
        entries=entries,
        by_name={name.lower(): entry for entry in entries for name in entry.names},
        snapshots=table["snapshots"],
        providers=table["providers"],
    )


def _entry(raw: dict[str, Any]) -> Entry:
    provider = raw["id"].partition(":")[0]
    return Entry(
        id=raw["id"],
        aliases=tuple(f"{provider}:{alias}" for alias in raw.get("aliases", ())),
        note=raw.get("note", ""),
        prices=tuple(_price(one) for one in raw.get("price", ())),
        training=_training(raw["training"]) if "training" in raw else None,
        hosting=Hosting(**raw["hosting"]) if "hosting" in raw else None,
        gpus=tuple(Gpu(**{"memory_gb": None} | one) for one in raw.get("gpu", ())),
        retired=Retirement(**raw["retired"]) if "retired" in raw else None,
    )


def _price(raw: dict[str, Any]) -> Price:
    cached = raw.get("cached")
    return Price(
        input=float(raw["input"]),
        cached=None if cached is None else float(cached),
        output=float(raw["output"]),
        since=raw["since"],
        source=raw["source"],
        origin=OVERLAY,
    )


def _training(raw: dict[str, Any]) -> Training:
    amounts = {name: raw.get(name) for name in ("usd_per_mtok", "usd_per_hour", "minimum_usd")}
    return Training(
        **{name: None if amount is None else float(amount) for name, amount in amounts.items()},
        ends=raw.get("ends"),
        as_of=raw["as_of"],
        source=raw["source"],
    )
