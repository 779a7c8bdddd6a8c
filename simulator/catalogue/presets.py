"""Read the named price processes, `presets.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Preset:
    """A price process that plans take by its name.

    Parameters
    ----------
    name
        Its name.
    says
        What it stands for, one sentence.
    source
        Where its numbers come from.
    keys
        Keys of [prices.NAME] as a plan would write them.
    """

    name: str
    says: str
    source: str
    keys: dict[str, Any]

    def written(self) -> dict[str, Any]:
        """Give the keys as tables of their own, each with the source."""
        return {
            key: ({"value": value} if not isinstance(value, dict) else value) | {"source": self.source}
            for key, value in self.keys.items()
        }


@cache
def presets() -> dict[str, Preset]:
    """Read the processes that come with this package; once a process."""
    text = Path(__file__).with_name("presets.toml").read_text(encoding="utf-8")
    return {name: Preset(name=name, **raw) for name, raw in tomllib.loads(text).items()}
