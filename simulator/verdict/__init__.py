"""Say what a dataset decides: sentences and tables for people, one object for programs."""

from __future__ import annotations

from simulator.verdict.findings import Findings, find
from simulator.verdict.object import summary
from simulator.verdict.report import render

__all__ = ["Findings", "find", "render", "summary"]
