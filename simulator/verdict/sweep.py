"""Say how the answer depends on the keys of a sweep: a table of its grid points, one object for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import xarray as xr

from simulator.verdict.lettering import cells, pad, plain, shorten, shorten_apart, wrap
from simulator.verdict.numerals import Z_95, Estimate, chance, estimated_money, lifetimes

NARROWEST = 60
MOST_VALUE = 24
# Cells of a label: the second number where the table has room for it, those between as they fit.
MOST_NAME = 20
WIDEST_NAME = 48


@dataclass(frozen=True)
class Sweep:
    """What the dataset of a sweep says at each grid point.

    Parameters
    ----------
    dataset
        As `simulator.sweep.sweep` makes it.
    """

    dataset: xr.Dataset

    @cached_property
    def over(self) -> dict[str, list[str]]:
        """Dotted key -> values as they were given."""
        return json.loads(str(self.dataset.attrs["over"]))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """(strategy,) that are compared at any point."""
        return tuple(map(str, self.dataset["strategy"].values))

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """(strategy,) by which people know them; their names where the points differ in the labels."""
        held = self.dataset.coords.get("strategy_label")
        return self.names if held is None or held.dims != ("strategy",) else tuple(map(str, held.values))

    @property
    def baseline(self) -> int:
        """Position of the baseline."""
        return self.names.index(str(self.dataset.attrs["baseline"]))

    @property
    def currency(self) -> str:
        """ISO code of the plan's currency."""
        return str(self.dataset.attrs["currency"])

    def points(self) -> Iterator[tuple[int, ...]]:
        """Yield the position of every point along the keys, the last key moving fastest."""
        return np.ndindex(*(len(values) for values in self.over.values()))

    def values_at(self, point: tuple[int, ...]) -> tuple[str, ...]:
        """Give a point's values as they were given."""
        return tuple(values[i] for i, values in zip(point, self.over.values(), strict=True))

    def present(self, point: tuple[int, ...]) -> list[int]:
        """List the strategies that are compared at a point."""
        regret = self._values("expected_regret")[point][:, self._last(point)]
        return [i for i in range(len(self.names)) if not math.isnan(regret[i])]

    def order(self, point: tuple[int, ...]) -> list[int]:
        """List the strategies of a point by expected regret at its horizon, lowest first."""
        regret, share = (
            self._values(name)[point][:, self._last(point)]
            for name in ("expected_regret", "cheapest_probability")
        )
        cost = self._values("present_cost_mean")[point][:, self._last(point)]
        scale = float(np.nanmax(np.abs(cost))) or 1.0

        def rank(i: int) -> tuple[float, ...]:
            # Rounding makes ties of what differs by accumulated rounding errors only.
            return (round(regret[i] / scale, 9), -round(share[i], 9), i != self.baseline, i)

        return sorted(self.present(point), key=rank)

    def estimate(self, name: str, point: tuple[int, ...], *where: int) -> Estimate:
        """Read a number at a point, at its horizon where it goes by month, with its error."""
        at = (*where, self._last(point)) if "month" in self.dataset[name].dims else where
        value = float(self._values(name)[point][at])
        if f"{name}_mcse" in self.dataset:
            return Estimate.of(value, float(self._values(f"{name}_mcse")[point][at]))
        low, high = (float(end) for end in self._values(f"{name}_interval")[point][at])
        return Estimate(value, max(high - value, value - low, 0.0) / Z_95, low, high)

    def _last(self, point: tuple[int, ...]) -> int:
        months = float(self._values("horizon_months")[point])
        return int(np.flatnonzero(self.dataset["month"].values == months)[0])

    def _values(self, name: str) -> np.ndarray:
        return self.dataset.variables[name].values


def render(dataset: xr.Dataset, width: int = 80) -> str:
    """Write a sweep as plain text.

    Parameters
    ----------
    dataset
        As `simulator.sweep.sweep` makes it.
    width
        [cells] of the terminal; widths under 60 are taken as 60. A table that is too wide goes on below.

    Returns
    -------
    str
        Without a line break at the end: for each grid point who has the lowest expected regret and how often that
        one is cheapest, then what the others do against the baseline.
    """
    s, width = Sweep(dataset), max(width, NARROWEST)
    keys = " and ".join(f"{key} ({len(values)} values)" for key, values in s.over.items())
    lines = wrap(f"{plain(str(dataset.attrs['plan_name']))}: sweep over {plain(keys)}", width)
    said = f"{lifetimes(int(dataset.attrs['lifetimes']))} at each point, the same at all; "
    said += f"seed {dataset.attrs['seed']}, money in {s.currency}."
    lines += [*wrap(said, width), ""]
    heads, rows = _recommended(s, width)
    lines += _table(s, heads, rows, width)
    note = "best: lowest expected regret, the mean extra cost over the cheapest of each future; "
    note += "chance: that it is the cheapest, in 100; cost: its mean present cost"
    if any(row[-1].startswith("=") for row in rows):
        note += "; =: these lifetimes cannot tell the two apart"
    lines += wrap(f"{note}.", width)
    others = [i for i in range(len(s.names)) if i != s.baseline]
    if others:
        rival = shorten_apart(s.labels, MOST_VALUE, s.names)[s.baseline]
        short = shorten_apart(s.labels, MOST_NAME, s.names)
        heads = [short[i] for i in others]
        for title, name, write in (
            (f"Chance of ending cheaper than {rival}, in 100", "win_probability", chance),
            (f"Mean saving against {rival}, {s.currency}", "saving_mean", estimated_money),
        ):
            rows = [[write(s.estimate(name, point, i, s.baseline)) for i in others] for point in s.points()]
            lines += ["", *wrap(title, width), *_table(s, heads, rows, width)]
    return "\n".join(lines)


def _recommended(s: Sweep, width: int) -> tuple[list[str], list[list[str]]]:
    """Set a row a point, its labels as long as the width allows and at least `MOST_NAME`."""
    heads = ["best", "chance", "regret", "cost", "second", "regret"]
    margin = _margin(s)
    for most in range(WIDEST_NAME, MOST_NAME - 1, -1):
        labels = shorten_apart(s.labels, most, s.names)
        rows = [_best_two(s, point, labels) for point in s.points()]
        if margin + sum(2 + need for need in _needs(heads, rows)) <= width:
            break
    return heads, rows


def _best_two(s: Sweep, point: tuple[int, ...], labels: tuple[str, ...]) -> list[str]:
    best, *rest = s.order(point)
    lowest = estimated_money(s.estimate("expected_regret", point, best))
    row = [
        labels[best],
        chance(s.estimate("cheapest_probability", point, best)),
        lowest,
        estimated_money(s.estimate("present_cost_mean", point, best)),
    ]
    if not rest:
        return [*row, "-", "-"]
    next_one = estimated_money(s.estimate("expected_regret", point, rest[0]))
    gap = s.estimate("saving_mean", point, best, rest[0])
    # What differs in print needs no mark.
    mark = "= " if next_one == lowest and gap.low <= 0 <= gap.high else ""
    return [*row, labels[rest[0]], mark + next_one]


def _table(s: Sweep, heads: list[str], rows: list[list[str]], width: int) -> list[str]:
    """Set a table with a row a point under the keys' values; what is too wide goes on below."""
    keys, points, sizes = _addresses(s)
    margin = _margin(s)
    parts: list[list[int]] = [[]]
    used = margin
    needs = _needs(heads, rows)
    for column, need in enumerate(needs):
        if parts[-1] and used + 2 + need > width:
            parts.append([])
            used = margin
        parts[-1].append(column)
        used += 2 + need
    lines = []
    for part in parts:
        if lines:
            lines.append("")
        before: list[str] = [""] * len(keys)
        for names, row in zip([keys, *points], [heads, *rows], strict=True):
            # What stands above, and stands for all keys before it too, is not said again.
            same = [names[: k + 1] == before[: k + 1] for k in range(len(names) - 1)] + [False]
            left = [
                pad("" if known else name, size) for known, name, size in zip(same, names, sizes, strict=True)
            ]
            right = [pad(row[column], needs[column], right=True) for column in part]
            lines.append("  ".join([*left, *right]).rstrip())
            before = names
    return lines


def _addresses(s: Sweep) -> tuple[list[str], list[list[str]], list[int]]:
    """Give the keys, their values at each point, and the cells that each key's column takes."""
    keys = _short_keys(list(s.over))
    points = [[shorten(value, MOST_VALUE) for value in s.values_at(point)] for point in s.points()]
    columns = zip(*points, strict=True)
    return keys, points, [max(map(cells, (key, *own))) for key, own in zip(keys, columns, strict=True)]


def _margin(s: Sweep) -> int:
    sizes = _addresses(s)[2]
    return sum(sizes) + 2 * (len(sizes) - 1)


def _needs(heads: list[str], rows: list[list[str]]) -> list[int]:
    return [max(map(cells, column)) for column in zip(heads, *rows, strict=True)]


def _short_keys(keys: list[str]) -> list[str]:
    """Name each key by as many of its last parts as tell it from the others."""
    parts = [key.split(".") for key in keys]
    short = []
    for own in parts:
        length = next(
            n
            for n in range(1, len(own) + 1)
            if n == len(own) or sum(other[-n:] == own[-n:] for other in parts) == 1
        )
        short.append(shorten(".".join(own[-length:]), MOST_VALUE))
    return short


def summary(dataset: xr.Dataset) -> dict:
    """Gather what a sweep says, unrounded, as an object that JSON can hold.

    Parameters
    ----------
    dataset
        As `simulator.sweep.sweep` makes it.

    Returns
    -------
    dict
        ``plan``: name, sha256, currency, lifetimes, seed, baseline. ``over``: values by key. ``points``: a list with,
        for each point, at (value by key), horizon_months, recommended, and by strategy its label, and
        cheapest_probability, expected_regret_money, present_cost_mean_money, win_probability and saving_mean_money
        against the baseline, each {value, standard_error, low, high} at the point's horizon. A strategy that is a
        part there is left out.
    """
    s, attrs = Sweep(dataset), dataset.attrs
    return {
        "plan": {
            "name": str(attrs["plan_name"]),
            "sha256": str(attrs["plan_sha256"]),
            "currency": s.currency,
            "lifetimes": int(attrs["lifetimes"]),
            "seed": int(attrs["seed"]),
            "baseline": str(attrs["baseline"]),
        },
        "over": s.over,
        "points": [
            {
                "at": dict(zip(s.over, s.values_at(point), strict=True)),
                "horizon_months": int(dataset["horizon_months"].values[point]),
                "recommended": s.names[s.order(point)[0]],
                "strategies": {s.names[i]: _strategy(s, point, i) for i in s.present(point)},
            }
            for point in s.points()
        ],
    }


def _strategy(s: Sweep, point: tuple[int, ...], i: int) -> dict:
    return {
        "label": s.labels[i],
        "cheapest_probability": _object(s.estimate("cheapest_probability", point, i)),
        "expected_regret_money": _object(s.estimate("expected_regret", point, i)),
        "present_cost_mean_money": _object(s.estimate("present_cost_mean", point, i)),
        "win_probability": _object(s.estimate("win_probability", point, i, s.baseline)),
        "saving_mean_money": _object(s.estimate("saving_mean", point, i, s.baseline)),
    }


def _object(estimate: Estimate) -> dict:
    return {
        "value": estimate.value,
        "standard_error": estimate.error,
        "low": estimate.low,
        "high": estimate.high,
    }
