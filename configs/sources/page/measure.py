"""Ask the program for the numbers of the page; every run is made once, with the plan's own seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import xarray as xr

from page.words import standing
from simulator.crossover import crossover
from simulator.plan import Plan, load_plan
from simulator.rules.medians import requests_of
from simulator.run import simulate
from simulator.trace import Ledger, replay

PLANS = Path(__file__).resolve().parent.parent

LIFETIMES = 16_384
"""Lifetimes of a run: standard errors of a probability up to 0.4 percentage points, of a quantile some 2 %."""

AT_A_VOLUME = 8_192
"""Lifetimes at each volume: standard errors of a probability up to 0.6 percentage points."""


@cache
def plan(name: str, *overrides: str) -> Plan:
    """Load a plan of this folder, with overrides `KEY=VALUE`."""
    return load_plan(PLANS / f"{name}.toml", overrides)


@cache
def ledger(name: str, *overrides: str) -> Ledger:
    """Live the one lifetime of a plan with point values."""
    return replay(plan(name, *overrides), 0)


@cache
def run(name: str, *overrides: str) -> xr.Dataset:
    """Simulate a plan."""
    levels = "run.quantiles=[0.1, 0.5, 0.9]"  # the others are not shown, and take their time
    return simulate(plan(name, levels, *overrides), lifetimes=LIFETIMES)


@cache
def curves(name: str, against: str, volumes: tuple[float, ...], *overrides: str) -> xr.Dataset:
    """Compare with a rival at the plan's volume and at others [req/month]."""
    own = median_volume(name, *overrides)
    factors = sorted({1.0, *(volume / own for volume in volumes)})
    return crossover(plan(name, *overrides), against=against, lifetimes=AT_A_VOLUME, factors=factors)


@cache
def median_volume(name: str, *overrides: str) -> float:
    """Give the median of `demand.requests` [req/month]."""
    return requests_of(plan(name, *overrides))


@dataclass(frozen=True)
class Crossover:
    """Crossover of a strategy with a rival in closed form."""

    calls: float
    months: float
    volume: float


@cache
def closed_form(name: str, *overrides: str, strategy: str = "finetuned") -> Crossover:
    """Give calls, months and the volume at which running costs are equal, of a plan with point values."""
    found = crossover(plan(name, *overrides), lifetimes=1, factors=[1.0])
    return Crossover(
        *(
            float(found[f"closed_form_{what}"].sel(strategy=strategy))
            for what in ("calls", "months", "volume")
        )
    )


def running(book: Ledger, strategy: str, *components: str) -> float:
    """Give the mean monthly cost of a strategy beside its upfront costs [currency/month]."""
    row = book.strategies.index(strategy)
    kept = [book.components.index(name) for name in components or book.components]
    return float((book.cost[row, kept].sum() - book.upfront[row, kept].sum()) / len(book.months))


def upfront(book: Ledger, strategy: str, *components: str) -> float:
    """Give the upfront cost of a strategy [currency]."""
    row = book.strategies.index(strategy)
    return float(
        sum(book.upfront[row, book.components.index(name)] for name in components or book.components)
    )


def month_cost(data: xr.Dataset, strategy: str, month: int) -> tuple[float, float]:
    """Give P10 and P90 of what a strategy pays in a month, 1 the first [currency]."""
    held = data["monthly_cost"].sel(strategy=strategy, quantile=[0.1, 0.9]).isel(month=month - 1)
    return float(held[0]), float(held[1])


def cheapest(data: xr.Dataset, strategy: str) -> float:
    """Give the chance that a strategy is the cheapest by the horizon."""
    return float(data["cheapest_probability"].sel(strategy=strategy).isel(month=-1))


def beats(data: xr.Dataset, strategy: str, rival: str) -> float:
    """Give the chance that a strategy is cheaper than a rival by the horizon."""
    return float(data["win_probability"].sel(strategy=strategy, rival=rival).isel(month=-1))


def beats_at(data: xr.Dataset, strategy: str, volume: float) -> float:
    """Give the chance that a strategy is cheaper than the rival of the curves at a volume [req/month]."""
    return float(data["win_probability"].sel(strategy=strategy).isel(volume_factor=_nearest(data, volume)))


def saves_at(data: xr.Dataset, strategy: str, volume: float) -> tuple[float, float]:
    """Give what a strategy saves on average against the rival of the curves, and the standard error [currency]."""
    at = {"volume_factor": _nearest(data, volume)}
    names = ("saving_mean", "saving_mean_mcse")
    return tuple(float(data[name].sel(strategy=strategy).isel(at)) for name in names)


def crosses(data: xr.Dataset, strategy: str) -> float:
    """Give the chance that there is a crossover within the horizon at the plan's own volume."""
    return float(data["crossover_probability"].sel(strategy=strategy))


def crossing(data: xr.Dataset, strategy: str, what: str = "calls") -> tuple[float, float]:
    """Give P10 and P90 of the crossover, of the lifetimes that have one, to the digits that stand."""
    at = {"strategy": strategy, "quantile": [0.1, 0.9]}
    held, bounds = (data[f"crossover_{what}{part}"].sel(at).values for part in ("", "_interval"))
    low, high = (standing(float(value), *interval) for value, interval in zip(held, bounds, strict=True))
    return low, high


def volume_at(data: xr.Dataset, strategy: str, level: float) -> float:
    """Give the volume at which the chance to be cheaper passes a level [req/month], to the digits that stand."""
    at = {"strategy": strategy, "probability": level}
    held, bounds = (data[f"volume_at_probability{part}"].sel(at).values for part in ("", "_interval"))
    return standing(float(held), *bounds)


def mean_cost(data: xr.Dataset, strategy: str) -> tuple[float, float]:
    """Give the mean present cost until the horizon, and its standard error [currency]."""
    names = ("present_cost_mean", "present_cost_mean_mcse")
    return tuple(float(data[name].sel(strategy=strategy).isel(month=-1)) for name in names)


def _nearest(data: xr.Dataset, volume: float) -> int:
    return int(abs(data["volume"].values / volume - 1).argmin())
