"""Judge the rules of thumb of five articles by the simulation of a plan."""

from __future__ import annotations

from simulator.rules.judge import judge
from simulator.rules.judgement import Input, Judgement
from simulator.rules.object import summary
from simulator.rules.report import render

__all__ = ["Input", "Judgement", "judge", "render", "summary"]
