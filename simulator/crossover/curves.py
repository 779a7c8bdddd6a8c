"""Run a plan at many volumes, on the same lifetimes, and label what comes out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from simulator import provenance
from simulator.crossover.closed_form import closed_form, is_certain
from simulator.crossover.grid import FACTORS, equal_cost, passing, refine, shape
from simulator.crossover.lifetimes import Crossings, find_crossings
from simulator.crossover.volume import scale_volume
from simulator.histogram import Histogram
from simulator.lowering import Lowered, lower
from simulator.run import Progress, run_blocks
from simulator.running.balance import balanced
from simulator.statistics import as_random, mean_of, quantile_ranks, replicates, wilson_interval
from simulator.storage import FORMAT, SCHEMA_VERSION

if TYPE_CHECKING:
    from simulator.plan import Plan
    from simulator.tally import Tally

DEFAULT_LIFETIMES = 100_000
"""Lifetimes at each volume unless said; fewer where the plan asks for fewer."""

LEDGERS = 8_192
"""Lifetimes at the most whose crossing is looked for month by month."""

LEVELS = (0.1, 0.5, 0.9)
"""Chances whose volume is looked for, and quantiles of the crossover that are always there."""

OWN_LEVELS = (0.05, 0.1, 0.5, 0.9, 0.95)


class Point(NamedTuple):
    """What a run at one volume says of each strategy against the rival."""

    successes: np.ndarray  # (strategy) lifetimes in which it is cheaper by the horizon, ties half
    no_dearer: np.ndarray  # (strategy) lifetimes in which it is no dearer by the horizon
    saving: np.ndarray  # (strategy) [currency] mean
    saving_error: np.ndarray  # (strategy) [currency]
    how: str  # what to add to the name of the mean


def crossover(
    plan: Plan,
    *,
    against: str | None = None,
    lifetimes: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    factors: Sequence[float] | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Find how the comparison with a rival depends on volume.

    Parameters
    ----------
    plan
        As `load_plan` gives it.
    against
        Name of the rival, one of the strategies that are compared; the baseline by default.
    lifetimes
        How many at each volume, 1 or more; the plan's own number but at most 100,000 by default.
    seed
        In [0, 2^64); the plan's own by default.
    threads
        1 or more; as many as the process may use by default. It changes no bit of the result.
    factors
        Factors of the plan's volume, positive; 1 is added. A logarithmic grid from 1/100 to 100, refined where a
        curve is steep, by default.
    progress
        Called with (lifetimes done, lifetimes planned so far).

    Returns
    -------
    xarray.Dataset
        Dims `volume_factor`, `strategy`, `probability`, `quantile`, `bound`; see MODEL.md, Crossover.

    Raises
    ------
    ValueError
        If an argument lies outside its domain, or the plan's correlations contradict one another.
    OverflowError
        If a cost is too large for a float in some lifetime.

    Notes
    -----
    The plan is lowered once, and the months' volumes are multiplied by each factor: every point has the very same
    lifetimes, so curves are smooth and differences between points are due to volume alone.
    """
    compared = [name for name, strategy in plan.strategies.items() if not strategy.part]
    against = plan.baseline if against is None else against
    if against not in compared:
        raise ValueError(f"against must be one of {', '.join(compared)}, got {against!r}")
    lifetimes = min(plan.run.lifetimes, DEFAULT_LIFETIMES) if lifetimes is None else lifetimes
    lifetimes = balanced(lifetimes, plan.run.sampler)
    seed = plan.run.seed if seed is None else seed
    grid = _grid(factors)
    started = time.perf_counter()
    lowered = lower(plan)
    rival = compared.index(against)
    points: dict[float, Point] = {}
    own: list[float] = []
    while grid:
        planned = (len(points) + len(grid)) * lifetimes
        for factor in grid:
            done = len(points) * lifetimes
            try:
                tally = run_blocks(
                    scale_volume(lowered, factor),
                    lifetimes=lifetimes,
                    seed=seed,
                    threads=threads,
                    progress=_shifted(progress, done, planned),
                )
            except OverflowError as error:
                raise OverflowError(f"at {factor:g} times the volume: {error}") from error
            points[factor] = _read(tally, rival, replicates(plan.run.sampler))
            if factor == 1.0:
                own = _own_volume(plan, tally)
        points = dict(sorted(points.items()))
        curves = np.array([point.successes for point in points.values()]).T / lifetimes
        grid = refine(np.array(list(points)), curves) if factors is None else []
    sampled = min(lifetimes, LEDGERS)
    crossings = find_crossings(plan, lowered, lifetimes=sampled, seed=seed, against=rival)
    certain = is_certain(lowered)
    builder = _Builder(plan, against, lifetimes, points)
    builder.add_volumes(own)
    builder.add_curves()
    builder.add_passages(certain)
    builder.add_crossings(crossings)
    if certain:
        builder.add_closed_form(lowered)
    attributes = {"format": FORMAT, "schema_version": SCHEMA_VERSION, "title": plan.name, "kind": "crossover"}
    attributes |= {"against": against, "crossover_lifetimes": sampled}
    wall_s = time.perf_counter() - started
    attributes |= provenance.attributes(plan, lifetimes=lifetimes, seed=seed, wall_s=wall_s)
    return xr.Dataset(builder.variables, builder.coordinates(), attributes)


def _grid(factors: Sequence[float] | None) -> list[float]:
    if factors is None:
        return list(FACTORS)
    wrong = [factor for factor in factors if not (np.isfinite(factor) and factor > 0)]
    if wrong:
        raise ValueError(f"factors must be positive and finite, got {wrong[0]}")
    return sorted({1.0, *map(float, factors)})


def _shifted(progress: Progress | None, before: int, planned: int) -> Progress | None:
    return None if progress is None else lambda done, _: progress(before + done, planned)


def _read(tally: Tally, rival: int, parts: int) -> Point:
    wins, ties = (tally.counts[name][:, rival, -1] for name in ("wins", "ties"))
    mean, error, how = mean_of(tally, "saving", parts)
    return Point(wins + 0.5 * ties, wins + ties, mean[:, rival], error[:, rival], how)


def _own_volume(plan: Plan, tally: Tally) -> list[float]:
    """Give quantiles of the requests of month 1 (quantile) [req/month]."""
    held = tally.histograms["requests"]
    histogram = Histogram(*held.bins(0), minimum=float(held.minimum[0]), maximum=float(held.maximum[0]))
    return list(histogram.quantiles(_quantiles(plan)))


def _quantiles(plan: Plan) -> np.ndarray:
    return np.array(sorted({*plan.run.quantiles, *OWN_LEVELS}))


class _Builder:
    """Collects the variables."""

    def __init__(self, plan: Plan, against: str, lifetimes: int, points: dict[float, Point]) -> None:
        self.plan = plan
        self.compared = [strategy for strategy in plan.strategies.values() if not strategy.part]
        self.rival = [strategy.name for strategy in self.compared].index(against)
        self.lifetimes = lifetimes
        self.factors = np.array(list(points))
        self.points = list(points.values())
        self.levels = _quantiles(plan)
        self.as_random = as_random(plan.run.sampler)
        self.variables: dict[str, tuple[tuple[str, ...], np.ndarray, dict[str, str]]] = {}

    def add(self, name: str, dims: tuple[str, ...], values: np.ndarray, unit: str, text: str) -> None:
        """Add one variable."""
        self.variables[name] = (dims, np.asarray(values), {"units": unit, "long_name": text})

    def add_volumes(self, own: Sequence[float]) -> None:
        """Add the plan's own volume, and that of each factor."""
        median = own[int(np.flatnonzero(self.levels == 0.5)[0])]
        text = "Requests of month 1: P50 of the plan, times the factor"
        self.add("volume", ("volume_factor",), median * self.factors, "req/month", text)
        text = "Quantiles of the requests of month 1 at factor 1"
        self.add("own_volume", ("quantile",), own, "req/month", text)

    def add_curves(self) -> None:
        """Add what depends on volume: win probability and saving."""
        text = (
            f"that the strategy's present cost until the horizon is below the rival's, ties half; {_COMPARED}"
        )
        successes = np.array([point.successes for point in self.points]).T
        self._add_probability("win_probability", ("strategy", "volume_factor"), successes, text, 0.5)
        dims, unit = ("strategy", "volume_factor"), self.plan.finance.currency
        text = f"rival's minus strategy's present cost until the horizon, {_COMPARED}{self.points[0].how}"
        saving = np.array([point.saving for point in self.points]).T
        self.add("saving_mean", dims, saving, unit, f"Mean {text}")
        error = np.array([point.saving_error for point in self.points]).T
        self.add("saving_mean_mcse", dims, error, unit, f"Standard error of the mean {text}")
        curves = self.variables["win_probability"][1]
        shapes = [shape(curve, self.lifetimes) for curve in curves]
        self.add("curve", ("strategy",), np.array(shapes), "1", "Course of the win probability over volume")

    def add_passages(self, certain: bool) -> None:
        """Add the volumes at which the win probability passes a level, and their intervals."""
        volume = self.variables["volume"][1]
        curves = self.variables["win_probability"][1]
        bounds = self.variables["win_probability_interval"][1]
        dims = ("strategy", "probability")
        if certain:
            # The probability jumps from 0 to 1, and the saving says where.
            root = [[equal_cost(volume, saving)] * len(LEVELS) for saving in self.variables["saving_mean"][1]]
            passes, intervals = np.array(root), np.stack([root, root], axis=-1)
        else:
            passes = np.array([[passing(volume, curve, level) for level in LEVELS] for curve in curves])
            # Where the upper end of the interval passes the level, the probability may do so already.
            ends = np.array(
                [
                    [[passing(volume, bound[:, end], level) for end in (1, 0)] for level in LEVELS]
                    for bound in bounds
                ]
            )
            intervals = np.where(np.isnan(passes)[..., np.newaxis], np.nan, np.sort(ends, axis=-1))
        text = "requests of month 1 at which the win probability passes the level: first upward, else first downward"
        self.add("volume_at_probability", dims, passes, "req/month", text[0].upper() + text[1:])
        text = f"95 % interval (from that of the probability; NaN where it leaves the grid) of the {text}"
        self.add("volume_at_probability_interval", (*dims, "bound"), intervals, "req/month", text)

    def add_crossings(self, crossings: Crossings) -> None:
        """Add the crossover at factor 1: that there is one, and where."""
        now = self.points[int(np.flatnonzero(self.factors == 1.0)[0])]
        text = "that from some point within the horizon on the strategy is never dearer than the rival"
        text = f"{text}; {_COMPARED}"
        self._add_probability("crossover_probability", ("strategy",), now.no_dearer, text, 1.0)
        for name, values, unit, what in (
            ("crossover_calls", crossings.calls, "req", "requests served"),
            ("crossover_months", crossings.months, "month", "months"),
        ):
            text = f"{what} until from then on the strategy is never dearer than the rival, where it comes to that"
            found = [_quantiles_of(column[~np.isnan(column)], self.levels) for column in values.T]
            quantiles, bounds = (np.array(part) for part in zip(*found, strict=True))
            self.add(name, ("strategy", "quantile"), quantiles, unit, f"Quantiles of the {text}")
            method = f"order statistics{self.as_random}"
            note = f"95 % interval ({method}; infinite where lifetimes are too few) of the quantiles of the"
            dims = ("strategy", "quantile", "bound")
            self.add(f"{name}_interval", dims, bounds, unit, f"{note} {text}")

    def add_closed_form(self, lowered: Lowered) -> None:
        """Add what needs no simulation where nothing is uncertain."""
        form = closed_form(lowered, self.rival)
        for name, values, unit, text in (
            ("closed_form_calls", form.calls, "req", "Upfront difference over saving per request"),
            ("closed_form_months", form.months, "month", "Upfront difference over monthly saving"),
            (
                "closed_form_volume",
                form.volume,
                "req/month",
                "Monthly volume at which running costs are equal",
            ),
        ):
            self.add(name, ("strategy",), values, unit, text)
        text = "What the closed form means, or why there is none"
        self.add("closed_form_note", ("strategy",), np.array(form.note), "1", text)

    def coordinates(self) -> dict[str, tuple[tuple[str, ...], np.ndarray, dict[str, str]]]:
        """Give the coordinates of every dim."""
        names = np.array([strategy.name for strategy in self.compared])
        labels = np.array([strategy.label for strategy in self.compared])
        return {
            "strategy": (("strategy",), names, {"long_name": "Strategy"}),
            "strategy_label": (("strategy",), labels, {"long_name": "Strategy, in words"}),
            "volume_factor": (
                ("volume_factor",),
                self.factors,
                {"units": "1", "long_name": "Factor on the requests of every month"},
            ),
            "probability": (
                ("probability",),
                np.array(LEVELS),
                {"units": "1", "long_name": "Level of the win probability"},
            ),
            "quantile": (("quantile",), self.levels, {"units": "1", "long_name": "Quantile level"}),
            "bound": (("bound",), np.array(["low", "high"]), {"long_name": "End of an interval"}),
        }

    def _add_probability(
        self, name: str, dims: tuple[str, ...], successes: np.ndarray, text: str, itself: float
    ) -> None:
        """Add a share of the lifetimes and its interval; the rival's against itself is known."""
        share = successes / self.lifetimes
        interval = np.stack(wilson_interval(successes, self.lifetimes), axis=-1)
        share[self.rival] = interval[self.rival] = itself
        self.add(name, dims, share, "1", f"Probability {text}")
        text = f"95 % interval (Wilson{self.as_random}) of the probability {text}"
        self.add(f"{name}_interval", (*dims, "bound"), interval, "1", text)


_COMPARED = "components of compare_on"


def _quantiles_of(values: np.ndarray, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give quantiles (quantile) and their intervals (quantile, bound), NaN where there is no value."""
    if not values.size:
        return np.full(levels.size, np.nan), np.full((levels.size, 2), np.nan)
    ordered = np.concatenate([[-np.inf], np.sort(values), [np.inf]])
    ranks = np.stack(quantile_ranks(values.size, levels), axis=-1)
    return np.quantile(values, levels), ordered[ranks]
