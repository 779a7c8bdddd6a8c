"""Hold what a plan took from the catalogue."""

from __future__ import annotations

import datetime
from dataclasses import dataclass


@dataclass(frozen=True)
class ResolvedPrice:
    """One price of a plan that comes from the catalogue.

    Parameters
    ----------
    model
        Name of the plan's model.
    catalog
        Id of the catalogue's entry.
    field
        Key that it stands for, such as ``"input_price"``.
    value, unit
        The price, in USD whatever the plan's currency.
    source
        Where it was read.
    date
        Effective day: the plan's start or, if that lies after all that the origin knows, its newest day.
    since
        First day of the price; None where it is not known.
    origin, version
        ``"overlay"`` and its day, or ``"genai-prices"`` and its version.
    """

    model: str
    catalog: str
    field: str
    value: float
    unit: str
    source: str
    date: datetime.date
    since: datetime.date | None
    origin: str
    version: str


@dataclass(frozen=True)
class ResolvedPreset:
    """What a price process of a plan took from a named one.

    Parameters
    ----------
    process
        Name of the plan's price process.
    preset
        Name of the one that it takes after.
    source
        Where its numbers come from.
    keys
        Pairs of a key and its value, as TOML; without those that the plan writes itself.
    """

    process: str
    preset: str
    source: str
    keys: tuple[tuple[str, str], ...]
