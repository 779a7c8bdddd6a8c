"""Give the plan that `simulate init` writes: commented, complete and ready to run."""

from __future__ import annotations

from importlib.resources import files

NAME = "starter.toml"


def starter() -> str:
    """Return the text of the starter plan."""
    return files("simulator.plan").joinpath(NAME).read_text(encoding="utf-8")
