"""Say why a result cannot be exported."""

from __future__ import annotations

from simulator.errors import SimulatorError


class ExportError(SimulatorError):
    """A result cannot be exported, or only by another command line."""
