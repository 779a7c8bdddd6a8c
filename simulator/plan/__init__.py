"""Read plan files: what the work is, what could serve it, and how sure anyone is of each number."""

from __future__ import annotations

from simulator.plan.errors import DataErrors, PlanError, PlanErrors, ReadingError
from simulator.plan.reader import load_plan, parse_plan
from simulator.plan.schema import Correlation, Plan

__all__ = [
    "Correlation",
    "DataErrors",
    "Plan",
    "PlanError",
    "PlanErrors",
    "ReadingError",
    "load_plan",
    "parse_plan",
]
