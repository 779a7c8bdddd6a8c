"""Read the plans of the sources and ask the program for their figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from simulator.crossover import crossover
from simulator.plan import Plan, load_plan
from simulator.trace import Ledger, replay

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "configs" / "sources"


def source(name: str, *overrides: str) -> Plan:
    """Load a plan of configs/sources, with what `--set` would change."""
    return load_plan(SOURCES / f"{name}.toml", overrides)


def ledger(name: str, *overrides: str) -> Ledger:
    """Live the one lifetime of a plan with point values."""
    return replay(source(name, *overrides), 0)


def upfront(book: Ledger, strategy: str, *components: str) -> float:
    """Add up what a strategy pays upfront, in all components or in those named [USD]."""
    costs = book.upfront[book.strategies.index(strategy)]
    return float(sum(costs[book.components.index(name)] for name in components or book.components))


def running(book: Ledger, strategy: str, *components: str) -> np.ndarray:
    """Give what a strategy pays each month beside its upfront costs (month) [USD]."""
    row = book.strategies.index(strategy)
    costs = book.cost[row].copy()
    costs[:, 0] -= book.upfront[row]
    return sum(costs[book.components.index(name)] for name in components or book.components)


def closed_form(
    name: str, strategy: str, *overrides: str, against: str | None = None
) -> tuple[float, float, float]:
    """Give crossover calls, months and the volume at which running costs are equal."""
    curves = crossover(source(name, *overrides), against=against, lifetimes=1, threads=1, factors=[1.0])
    return tuple(
        float(curves[f"closed_form_{what}"].sel(strategy=strategy)) for what in ("calls", "months", "volume")
    )


def crossing(curves: xr.Dataset, strategy: str, level: float, what: str = "calls") -> float:
    """Give one quantile of the crossover of the simulated lifetimes."""
    return float(curves[f"crossover_{what}"].sel(strategy=strategy, quantile=level))
