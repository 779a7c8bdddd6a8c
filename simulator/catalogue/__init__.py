"""Know what models cost: a dated overlay of our own, the tables of genai-prices, and named price processes."""

from __future__ import annotations

from simulator.catalogue.entries import Entry, Price
from simulator.catalogue.lookup import (
    Found,
    UnknownModelError,
    find,
    known_until,
    lookup,
    near,
    package_version,
)
from simulator.catalogue.presets import Preset, presets
from simulator.catalogue.resolved import ResolvedPreset, ResolvedPrice

__all__ = [
    "Entry",
    "Found",
    "Preset",
    "Price",
    "ResolvedPreset",
    "ResolvedPrice",
    "UnknownModelError",
    "find",
    "known_until",
    "lookup",
    "near",
    "package_version",
    "presets",
]
