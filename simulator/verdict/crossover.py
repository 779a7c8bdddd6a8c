"""Say how the answer depends on volume: one page of text, one object for programs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import xarray as xr

from simulator.statistics import decimals
from simulator.verdict.lettering import plain, shorten_apart, wrap
from simulator.verdict.numerals import Estimate, chance, estimated_money, futures, lifetimes, money
from simulator.verdict.tables import Column, set_table

NARROWEST = 60


@dataclass(frozen=True)
class Crossover:
    """What the dataset of a crossover says.

    Parameters
    ----------
    dataset
        As `simulator.crossover.crossover` makes it.
    labels
        (strategy,) in file order; those of the dataset unless given.
    """

    dataset: xr.Dataset
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.labels:
            object.__setattr__(self, "labels", tuple(map(str, self.dataset["strategy_label"].values)))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """(strategy,) in file order."""
        return tuple(map(str, self.dataset["strategy"].values))

    @property
    def count(self) -> int:
        """Number of strategies, the rival included."""
        return len(self.names)

    @cached_property
    def baseline(self) -> int:
        """Position of the rival that all others are held against."""
        return self.names.index(str(self.dataset.attrs["against"]))

    @property
    def lifetimes(self) -> int:
        """Number of lifetimes at each volume."""
        return int(self.dataset.attrs["lifetimes"])

    @property
    def horizon(self) -> int:
        """Number of months H."""
        return int(self.dataset.attrs["horizon"])

    @property
    def currency(self) -> str:
        """ISO code of the plan's currency."""
        return str(self.dataset.attrs["currency"])

    @cached_property
    def now(self) -> int:
        """Position of factor 1."""
        return int(np.flatnonzero(self.dataset["volume_factor"].values == 1.0)[0])

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Positions of all strategies by mean saving against the rival at the plan's volume, greatest first."""
        saving = self.values("saving_mean")[:, self.now]
        return tuple(sorted(range(self.count), key=lambda i: (-saving[i], i != self.baseline, i)))

    @cached_property
    def others(self) -> tuple[int, ...]:
        """All strategies but the rival, in the same order."""
        return tuple(i for i in self.order if i != self.baseline)

    @property
    def volume(self) -> np.ndarray:
        """(volume_factor) [req/month]."""
        return self.values("volume")

    def own_volume(self, level: float) -> float:
        """Give a quantile of the plan's own requests of month 1 [req/month]."""
        return float(self.values("own_volume")[self._level(level)])

    def short(self, width: int) -> tuple[str, ...]:
        """Give all labels, each in at most `width` cells."""
        return shorten_apart(self.labels, width, self.names)

    def values(self, name: str) -> np.ndarray:
        """Give a variable's values."""
        return self.dataset.variables[name].values

    def win(self, strategy: int, point: int | None = None) -> Estimate:
        """Give the chance of being cheaper by the horizon, at the plan's own volume unless a point is named."""
        point = self.now if point is None else point
        return _share(
            self.values("win_probability")[strategy, point],
            self.values("win_probability_interval")[strategy, point],
        )

    def saving(self, strategy: int) -> Estimate:
        """Give the mean saving against the rival at the plan's own volume [currency]."""
        mean, error = (self.values(name)[strategy, self.now] for name in ("saving_mean", "saving_mean_mcse"))
        return Estimate.of(float(mean), float(error))

    def crosses(self, strategy: int) -> Estimate:
        """Give the chance that there is a crossover within the horizon."""
        return _share(
            self.values("crossover_probability")[strategy],
            self.values("crossover_probability_interval")[strategy],
        )

    def crossing(self, name: str, strategy: int, level: float) -> Estimate:
        """Give a quantile of `crossover_calls` or `crossover_months`, where there is a crossover."""
        at = (strategy, self._level(level))
        low, high = (float(end) for end in self.values(f"{name}_interval")[at])
        value = float(self.values(name)[at])
        return Estimate(value, max(high - value, value - low, 0.0) / 1.96, low, high)

    def passing(self, strategy: int, level: int) -> Estimate:
        """Give the volume at which the chance passes a level [req/month], by the level's position."""
        value = float(self.values("volume_at_probability")[strategy, level])
        low, high = (float(end) for end in self.values("volume_at_probability_interval")[strategy, level])
        arms = [arm for arm in (high - value, value - low) if not math.isnan(arm)]
        return Estimate(value, max([*arms, 0.0]) / 1.96, low, high)

    def curve(self, strategy: int) -> str:
        """Name the course of the chance over volume."""
        return str(self.values("curve")[strategy])

    @property
    def has_closed_form(self) -> bool:
        """Whether nothing is uncertain."""
        return "closed_form_calls" in self.dataset

    def closed_form(self, strategy: int) -> tuple[float, float, float, str]:
        """Give calls, months, volume and what is to be said of them."""
        names = ("closed_form_calls", "closed_form_months", "closed_form_volume", "closed_form_note")
        calls, months, volume, note = (self.values(name)[strategy] for name in names)
        return float(calls), float(months), float(volume), str(note)

    def _level(self, level: float) -> int:
        return int(np.argmin(np.abs(self.dataset["quantile"].values - level)))


def _share(value: float, interval: np.ndarray) -> Estimate:
    low, high = float(interval[0]), float(interval[1])
    return Estimate(float(value), max(high - value, value - low, 0.0) / 1.96, low, high)


def render(dataset: xr.Dataset, width: int = 80) -> str:
    """Write a crossover as plain text.

    Parameters
    ----------
    dataset
        As `simulator.crossover.crossover` makes it.
    width
        [cells] of the terminal; widths under 60 are taken as 60.

    Returns
    -------
    str
        Lines of at most `width` cells, without a line break at the end.
    """
    c, width = Crossover(dataset), max(width, NARROWEST)
    lines = wrap(f"{plain(str(dataset.attrs['plan_name']))}: how the answer depends on volume", width)
    lines += wrap(_terms(c), width)
    lines += ["", *wrap(_words(c), width)]
    lines += ["", *_volumes(c, width), "", *_crossings(c, width)]
    if c.has_closed_form:
        lines += ["", *_closed_forms(c, width)]
    return "\n".join(lines)


def requests(value: float) -> str:
    """Write a number of requests with three digits: ``1.24M``, ``312k``."""
    return money(value)


def _terms(c: Crossover) -> str:
    at = f"{lifetimes(c.lifetimes)} at each of {c.dataset.sizes['volume_factor']} volumes, the same at all"
    said = f"{at}; seed {c.dataset.attrs['seed']}, money in {c.currency}."
    compared = str(c.dataset.attrs["compare_on"]).split(", ")
    if len(compared) < 8:
        said += f" Compared on {', '.join(compared)} only."
    return said


def _words(c: Crossover) -> str:
    rival = c.short(48)[c.baseline]
    low, middle, high = (c.own_volume(level) for level in (0.05, 0.5, 0.95))
    spread = f" (P5 {requests(low)}, P95 {requests(high)})" if high > low * (1 + 1e-9) else ""
    said = f"The plan begins with {requests(middle)} requests a month{spread}."
    if not c.others:
        return f"{said} {rival} is alone: there is nothing to compare it with."
    first = c.others[0]
    label = c.short(48)[first]
    said += f" There, {label} ends cheaper than {rival} {futures(c.win(first), c.lifetimes)}"
    said += f" by month {c.horizon}."
    even, curve = c.passing(first, 1), c.curve(first)
    if not even.missing and curve in ("rising", "falling"):
        side = "above" if curve == "rising" else "below"
        likely = "ends cheaper" if c.has_closed_form else "is more likely cheaper than not"
        said += f" It {likely} {side} {estimated_money(even)} requests a month."
    return said


def _volumes(c: Crossover, width: int) -> list[str]:
    lowest, highest = (requests(v) for v in (c.volume[0], c.volume[-1]))
    rival = c.short(40)[c.baseline]
    head = f"Requests a month at which the chance of ending cheaper than {rival} passes"
    levels = [f"{100 * level:.0f} %" for level in c.dataset["probability"].values]
    columns = [
        Column(name, tuple(_passing(c, i, at, lowest, highest) for i in c.others), abs(at - 1))
        for at, name in enumerate(levels)
    ]
    columns += [
        Column("now", tuple(chance(c.win(i)) for i in c.others)),
        Column("saving", tuple(estimated_money(c.saving(i)) for i in c.others)),
        Column("curve", tuple(c.curve(i) for i in c.others)),
    ]
    lines = [*wrap(head, width), *_set_rows(c, columns, width)]
    notes = [f"now, saving: chance in 100 and mean saving at the plan's own volume, by month {c.horizon}"]
    curves = {c.curve(i) for i in c.others}
    if "falling" in curves:
        notes.append("falling: ends cheaper below that volume, not above it")
    if "not monotone" in curves:
        notes.append("not monotone: the chance passes there for the first time, and turns round elsewhere")
    if any(text.startswith(("<", ">")) for column in columns[:3] for text in column.entries):
        notes.append(f"< and >: outside the {lowest} to {highest} looked at")
    return [*lines, *wrap("; ".join(notes) + ".", width)]


def _set_rows(c: Crossover, columns: list[Column], width: int) -> list[str]:
    rival = (c.labels[c.baseline],)
    return set_table("", [c.labels[i] for i in c.others], columns, width, beside=rival)


def _passing(c: Crossover, i: int, at: int, lowest: str, highest: str) -> str:
    volume = c.passing(i, at)
    if not volume.missing:
        return estimated_money(volume)
    if c.curve(i) == "flat":
        return "-"
    above = c.values("win_probability")[i, 0] >= c.dataset["probability"].values[at]
    return f"<{lowest}" if above != (c.curve(i) == "falling") else f">{highest}"


def _crossings(c: Crossover, width: int) -> list[str]:
    rival = c.short(40)[c.baseline]
    head = (
        f"Crossover at the plan's own volume: from then on never dearer than {rival}, until month {c.horizon}"
    )
    columns = [Column("chance", tuple(chance(c.crosses(i)) for i in c.others))]
    for name, unit, write in (
        ("crossover_calls", "calls", estimated_money),
        ("crossover_months", "month", _months),
    ):
        columns += [
            Column(
                f"{unit} P{100 * level:.0f}" if level == 0.1 else f"P{100 * level:.0f}",
                tuple(write(c.crossing(name, i, level)) for i in c.others),
                int(level != 0.5),
            )
            for level in (0.1, 0.5, 0.9)
        ]
    sampled = int(c.dataset.attrs["crossover_lifetimes"])
    note = "chance: in 100, that there is one; calls and months: where there is one"
    if not c.has_closed_form:
        note += f", from {lifetimes(sampled)}"
    lines = [*wrap(head, width), *_set_rows(c, columns, width)]
    return [*lines, *wrap(f"{note}.", width)]


def _months(estimate: Estimate) -> str:
    """Write a number of months with no more digits than its error supports, two decimals at the most."""
    if estimate.missing:
        return "-"
    places = decimals(estimate.error) if estimate.error < math.inf else 0
    return f"{estimate.value:.{min(max(places, 0), 2)}f}"


def _closed_forms(c: Crossover, width: int) -> list[str]:
    forms = [c.closed_form(i) for i in c.others]
    columns = [
        Column("calls", tuple(exact(calls) for calls, _, _, _ in forms)),
        Column("months", tuple("-" if math.isnan(m) else f"{m:,.4g}" for _, m, _, _ in forms)),
        Column("equal at req/month", tuple(exact(volume) for _, _, volume, _ in forms)),
    ]
    lines = wrap("Nothing is uncertain: the crossover in closed form, whatever the horizon", width)
    lines += _set_rows(c, columns, width)
    for i, (*_, note) in zip(c.others, forms, strict=True):
        if note:
            lines += wrap(f"{c.short(40)[i]}: {note}.", width, "  ")
    return lines


def exact(value: float) -> str:
    """Write a count in full, to the next whole one: ``119,048``; as ``5.1e22`` where a float does not hold that."""
    if value >= 2**53:
        return money(value)
    return "-" if math.isnan(value) else f"{math.floor(value + 0.5):,}"


def summary(dataset: xr.Dataset) -> dict:
    """Gather what a crossover says, unrounded, as an object that JSON can hold.

    Parameters
    ----------
    dataset
        As `simulator.crossover.crossover` makes it.

    Returns
    -------
    dict
        ``plan``: name, sha256, currency, horizon_months, lifetimes, crossover_lifetimes, seed, against, compare_on.
        ``own_volume``: requests of month 1 by level (``p5`` …). ``volume_factor`` and ``volume``: the grid
        [1, req/month]. ``strategies``: by name, in file order, each with label; over the grid win_probability,
        win_probability_low, win_probability_high, saving_mean_money, saving_standard_error_money;
        volume_at_probability by level (``p10``, ``p50``, ``p90``) [req/month], curve; crossover: probability
        ({value, low, high}), calls and months by level; closed_form: calls, months, volume, note (null where the plan
        is uncertain). What has no value is null.
    """
    c, attrs = Crossover(dataset), dataset.attrs
    levels = [_level_key(q) for q in dataset["quantile"].values]
    return {
        "plan": {
            "name": str(attrs["plan_name"]),
            "sha256": str(attrs["plan_sha256"]),
            "currency": c.currency,
            "horizon_months": c.horizon,
            "lifetimes": c.lifetimes,
            "crossover_lifetimes": int(attrs["crossover_lifetimes"]),
            "seed": int(attrs["seed"]),
            "against": str(attrs["against"]),
            "compare_on": str(attrs["compare_on"]).split(", "),
        },
        "own_volume": dict(zip(levels, c.values("own_volume").tolist(), strict=True)),
        "volume_factor": dataset["volume_factor"].values,
        "volume": c.volume,
        "strategies": {name: _strategy(c, i, levels) for i, name in enumerate(c.names)},
    }


def _strategy(c: Crossover, i: int, levels: list[str]) -> dict:
    crosses = c.crosses(i)
    passes = [_level_key(q) for q in c.dataset["probability"].values]
    form = None
    if c.has_closed_form:
        form = dict(zip(("calls", "months", "volume", "note"), c.closed_form(i), strict=True))
    return {
        "label": c.labels[i],
        "win_probability": c.values("win_probability")[i],
        "win_probability_low": c.values("win_probability_interval")[i, :, 0],
        "win_probability_high": c.values("win_probability_interval")[i, :, 1],
        "saving_mean_money": c.values("saving_mean")[i],
        "saving_standard_error_money": c.values("saving_mean_mcse")[i],
        "volume_at_probability": dict(zip(passes, c.values("volume_at_probability")[i], strict=True)),
        "curve": c.curve(i),
        "crossover": {
            "probability": {"value": crosses.value, "low": crosses.low, "high": crosses.high},
            "calls": dict(zip(levels, c.values("crossover_calls")[i], strict=True)),
            "months": dict(zip(levels, c.values("crossover_months")[i], strict=True)),
        },
        "closed_form": form,
    }


def _level_key(level: float) -> str:
    return f"p{100 * level:.6g}"
