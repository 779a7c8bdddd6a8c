"""Name the axes of a result: strategies, months, quarters, quantiles, components, inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from simulator.plan import Plan

COMPONENTS = ("input_tokens", "output_tokens", "training", "serving", "labor", "failures", "latency", "other")
HORIZON = "horizon"
"""Last budget period: all months of the plan."""

Coordinate = tuple[tuple[str, ...], np.ndarray, dict[str, str]]


class Input(Protocol):
    """An uncertain quantity of the plan: its dotted name and its unit."""

    name: str
    unit: str


def coordinates(plan: Plan, sampled: int, inputs: Sequence[Input]) -> dict[str, Coordinate]:
    """Give the coordinates of every dimension, and those that stand beside one.

    Parameters
    ----------
    plan
        The plan; strategies that are only parts of others are left out.
    sampled
        Number of lifetimes whose samples are kept.
    inputs
        The quantities in the order of `sample_input`.

    Returns
    -------
    name -> (dims, values, attributes).
    """
    compared = [strategy for strategy in plan.strategies.values() if not strategy.part]
    names = [strategy.name for strategy in compared]
    calendar = plan.calendar
    axes = {
        "strategy": _labels("strategy", names, "Strategy"),
        "strategy_label": _labels("strategy", [item.label for item in compared], "Strategy, in words"),
        "rival": _labels("rival", names, "Strategy that the first one is compared with"),
        "month": _numbers("month", np.arange(1, plan.horizon + 1), "Month of the plan"),
        "date": (("month",), np.array(calendar.dates, dtype="datetime64[ns]"), {"long_name": "First day"}),
        "fiscal_quarter": _labels("month", calendar.fiscal_quarters, "Fiscal quarter of the month"),
        "quarter": _labels("quarter", calendar.quarters, "Fiscal quarter; first and last may be partial"),
        "quantile": _numbers("quantile", np.array(plan.run.quantiles, dtype=np.float64), "Quantile level"),
        "component": _labels("component", COMPONENTS, "Component of cost"),
        "fiscal_year": _labels("fiscal_year", calendar.years, "Fiscal year; first and last may be partial"),
        "budget_period": _labels("budget_period", [*calendar.years, HORIZON], "Period of a budget"),
        "lifetime": _numbers("lifetime", np.arange(sampled), "Number of the lifetime"),
        "input": _labels("input", [item.name for item in inputs], "Uncertain quantity"),
        "input_unit": _labels("input", [item.unit for item in inputs], "Unit of the uncertain quantity"),
        "bound": _labels("bound", ["low", "high"], "End of an interval"),
    }
    if plan.prices:
        axes["process"] = _labels("process", list(plan.prices), "Price process")
    return axes


def _labels(dim: str, values: Sequence[str], text: str) -> Coordinate:
    return (dim,), np.array(values, dtype=np.str_), {"long_name": text}


def _numbers(dim: str, values: np.ndarray, text: str) -> Coordinate:
    return (dim,), values, {"units": "1", "long_name": text}
