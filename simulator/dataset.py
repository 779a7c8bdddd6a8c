"""Turn the tally of a run into a labelled dataset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from simulator import provenance
from simulator.axes import HORIZON, Input, coordinates
from simulator.histogram import Histogram, Histograms
from simulator.statistics import (
    as_random,
    mean_of,
    quantile_ranks,
    replicates,
    shortfall_error,
    wilson_interval,
)
from simulator.storage import FORMAT, SCHEMA_VERSION

if TYPE_CHECKING:
    from simulator.plan import Plan
    from simulator.precision import Known

AT_ONCE = 24
"""Histograms that are read together: some megabytes of counts, which the cache still holds."""

MONTHS_PER = {"month": 1, "quarter": 3, "year": 12}

# What long_name says of the components that a number holds; budgets name theirs in `budget_covers`.
ALL = "all components"
COMPARED = "components of compare_on"


def build(
    plan: Plan,
    tally: Any,
    inputs: Sequence[Input],
    *,
    seed: int,
    wall_s: float | None = None,
    known: Known | None = None,
) -> xr.Dataset:
    """Label a tally with names, units and provenance.

    Parameters
    ----------
    plan
        The plan that was run.
    tally
        Sums, counts, histograms and samples of all lifetimes (`simulator.tally`).
    inputs
        The quantities in the order of `sample_input`.
    seed
        The seed that was used, 0 … 2^64 - 1.
    wall_s
        Wall-clock time of the run [s], kept as an attribute.
    known
        What a run with a precision has found out; its sequences and its contract are kept.

    Returns
    -------
    The dataset. Every mean has its standard error `<name>_mcse`, every probability and every quantile
    variable its 95 % interval `<name>_interval` (…, bound).

    Raises
    ------
    ValueError
        If a histogram does not hold every lifetime.

    Notes
    -----
    A strategy compared with itself is known without a draw: it ties in every month, so it wins with
    probability 1/2, passes first and breaks even in month 1, and saves nothing. Its intervals have no width.
    """
    builder = _Builder(plan, tally)
    _add_money(builder)
    _add_shortfall(builder)
    _add_comparison(builder)
    _add_differences(builder)
    _add_budget(builder)
    _add_world(builder)
    _add_samples(builder)
    if known is not None:
        _add_sequences(builder, known)
    attributes = {"format": FORMAT, "schema_version": SCHEMA_VERSION, "title": plan.name}
    attributes |= provenance.attributes(plan, lifetimes=builder.lifetimes, seed=seed, wall_s=wall_s)
    if known is not None:
        attributes |= {
            "precision": known.contract.tolerance,
            "rounds": known.rounds,
            "max_lifetimes": known.contract.max_lifetimes,
        }
    sampled = len(tally.samples["sample_input"])
    return xr.Dataset(builder.variables, coordinates(plan, sampled, inputs), attributes)


def warm_up() -> None:
    """Have xarray do once what the first dataset costs: look which other libraries of arrays there are."""
    xr.Dataset({"value": ("place", np.zeros(1))})


def budget_amounts(plan: Plan) -> np.ndarray:
    """Spread the plan's budget over the fiscal years and the horizon.

    Returns
    -------
    (budget_period) [currency]; a budget per month, quarter or year is pro rata to the months of the period
    that lie in the plan; a budget for the horizon has none for the years (NaN).
    """
    budget, calendar = plan.finance.budget, plan.calendar
    if budget.per == HORIZON:
        return np.array([np.nan] * len(calendar.years) + [budget.amount])
    months = [calendar.fiscal_years.count(year) for year in calendar.years] + [plan.horizon]
    return np.array([budget.amount * count / MONTHS_PER[budget.per] for count in months])


class _Builder:
    """Collects variables; knows what belongs to a mean, a probability and a quantile variable."""

    def __init__(self, plan: Plan, tally: Any) -> None:
        self.plan = plan
        self.tally = tally
        self.lifetimes = int(tally.lifetimes)
        self.currency: str = plan.finance.currency
        self.levels = np.array(plan.run.quantiles, dtype=np.float64)
        self.variables: dict[str, tuple[tuple[str, ...], np.ndarray, dict[str, str]]] = {}
        self._parts = replicates(plan.run.sampler)
        self.as_random = as_random(plan.run.sampler)
        self._ranks = np.stack(quantile_ranks(self.lifetimes, self.levels), axis=-1)

    def add(self, name: str, dims: tuple[str, ...], values: np.ndarray, unit: str, text: str) -> None:
        """Add one variable."""
        self.variables[name] = (dims, values, {"units": unit, "long_name": text[0].upper() + text[1:]})

    def add_mean(
        self, name: str, dims: tuple[str, ...], unit: str, text: str, source: str | None = None
    ) -> None:
        """Add the mean of what `text` names and its standard error, from the sums `source` or else `name`."""
        mean, error, how = mean_of(self.tally, source or name, self._parts)
        self.add(name, dims, mean, unit, f"mean {text}{how}")
        self.add(f"{name}_mcse", dims, error, unit, f"standard error of the mean {text}{how}")

    def add_probability(
        self,
        name: str,
        dims: tuple[str, ...],
        successes: np.ndarray,
        text: str,
        certain: float | np.ndarray = np.nan,
    ) -> None:
        """Add a share of the lifetimes and its interval; where `certain` is a number, that and no width."""
        share = np.asarray(successes, dtype=np.float64) / self.lifetimes
        known = np.broadcast_to(certain, share.shape)
        share = np.where(np.isnan(known), share, known)
        interval = np.stack(wilson_interval(successes, self.lifetimes), axis=-1)
        known = known[..., np.newaxis]
        interval = np.where(np.isnan(known), interval, known)
        self.add(name, dims, share, "1", f"probability {text}")
        dims = (*dims, "bound")
        note = f"95 % interval (Wilson{self.as_random}) of the probability {text}"
        self.add(f"{name}_interval", dims, interval, "1", note)

    def add_quantiles(self, name: str, dims: tuple[str, ...], unit: str, text: str) -> None:
        """Add the quantiles of the histograms `name`, their intervals and, where there are sums, the mean."""
        shape = tuple(self.tally.histograms[name].shape)
        values = np.zeros((*shape, self.levels.size))
        bounds = np.zeros((*shape, self.levels.size, 2))
        chosen = np.ones(shape, dtype=bool)
        if dims == ("strategy", "rival"):
            np.fill_diagonal(chosen, False)
        for some in self._groups(chosen):
            histograms = self._histograms(name, some)
            values[some] = histograms.quantiles(self.levels)
            bounds[some] = histograms.order_statistics(self._ranks)
        self.add(name, (*dims, "quantile"), values, unit, f"quantiles of the {text}")
        method = f"order statistics{self.as_random}"
        note = f"95 % interval ({method}; infinite where lifetimes are too few) of the quantiles of the"
        self.add(f"{name}_interval", (*dims, "quantile", "bound"), bounds, unit, f"{note} {text}")
        if np.shape(self.tally.sums[name])[:-1] == shape:
            self.add_mean(f"{name}_mean", dims, unit, text, source=name)

    def histogram(self, name: str, index: tuple[int, ...]) -> Histogram:
        """Take one histogram, cut to its exact extremes where the tally has kept them."""
        histograms = self.tally.histograms[name]
        minimum = getattr(histograms, "minimum", None)
        maximum = getattr(histograms, "maximum", None)
        return Histogram(
            *histograms.bins(*index),
            minimum=None if minimum is None else float(minimum[index]),
            maximum=None if maximum is None else float(maximum[index]),
        )

    @staticmethod
    def _groups(chosen: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
        """Split the indices where `chosen` (any shape) holds into groups that are read at once."""
        every = np.nonzero(chosen)
        for first in range(0, every[0].size, AT_ONCE):
            yield tuple(index[first : first + AT_ONCE] for index in every)

    def _histograms(self, name: str, index: tuple[np.ndarray, ...]) -> Histograms:
        """Take some histograms of a variable, each of which must hold every lifetime."""
        histograms = self.tally.histograms[name]
        extremes = (getattr(histograms, end, None) for end in ("minimum", "maximum"))
        found = Histograms(
            *histograms.runs(np.ravel_multi_index(index, histograms.shape)),
            *(None if extreme is None else np.asarray(extreme)[index] for extreme in extremes),
        )
        for wrong in np.flatnonzero(found.totals != self.lifetimes):
            raise ValueError(
                f"histogram {name}{[int(i[wrong]) for i in index]} holds {found.totals[wrong]} of "
                f"{self.lifetimes} lifetimes"
            )
        return found


def _add_money(builder: _Builder) -> None:
    unit = builder.currency
    for name, other, text in (
        ("monthly_cost", "month", f"cash paid in the month, {ALL}"),
        ("cumulative_cost", "month", f"cash paid until the month, {ALL}"),
        ("present_cost", "month", f"present cost until the month, {ALL}"),
        ("quarterly_cost", "quarter", f"cash paid in the fiscal quarter, {ALL}"),
        ("fiscal_year_cost", "fiscal_year", f"cash paid in the fiscal year, {ALL}"),
    ):
        builder.add_quantiles(name, ("strategy", other), unit, text)
    text = f"cash paid over requests served until the horizon, {ALL}"
    builder.add_quantiles("cost_per_kreq", ("strategy",), f"{unit}/kreq", text)
    builder.add_mean("cost_breakdown", ("strategy", "component", "month"), unit, "cash paid in the month")
    builder.add_mean("training_runs", ("strategy", "month"), "1", "number of training runs in the month")


def _add_shortfall(builder: _Builder) -> None:
    """Add the mean present cost of the dearest lifetimes, from the histograms of the last month."""
    strategies, horizon = builder.tally.histograms["present_cost"].shape
    values = np.empty((strategies, builder.levels.size))
    errors = np.empty_like(values)
    for row in range(strategies):
        histogram = builder.histogram("present_cost", (row, horizon - 1))
        quantiles = histogram.quantiles(builder.levels)
        for column, (level, quantile) in enumerate(zip(builder.levels, quantiles, strict=True)):
            mean, variance = histogram.tail(level)
            values[row, column] = mean
            errors[row, column] = shortfall_error(mean, variance, quantile, level, builder.lifetimes)
    dims = ("strategy", "quantile")
    text = f"expected shortfall: mean present cost until the horizon beyond the quantile, {ALL}"
    builder.add("expected_shortfall", dims, values, builder.currency, text)
    note = f"standard error of the {text}{builder.as_random}"
    builder.add("expected_shortfall_mcse", dims, errors, builder.currency, note)


def _add_comparison(builder: _Builder) -> None:
    counts = builder.tally.counts
    strategies, _, horizon = np.shape(counts["wins"])
    itself = np.where(np.eye(strategies, dtype=bool), 0.0, np.nan)
    by_month = itself[:, :, np.newaxis]
    month_1 = np.arange(horizon) == 0
    pair = ("strategy", "rival")
    for name, successes, certain, text in (
        (
            "win_probability",
            counts["wins"] + 0.5 * counts["ties"],
            by_month + 0.5,
            "that the strategy's present cost until the month is below the rival's, ties half",
        ),
        (
            "first_passage_probability",
            counts["first_passage"],
            by_month + month_1,
            "that the strategy is no dearer than the rival for the first time in this month",
        ),
        (
            "break_even_probability",
            counts["break_even"],
            by_month + month_1,
            "that the strategy is no dearer than the rival from this month to the horizon, and not before",
        ),
    ):
        builder.add_probability(name, (*pair, "month"), successes, f"{text}; {COMPARED}", certain)
    dearer = builder.lifetimes - counts["wins"][:, :, -1] - counts["ties"][:, :, -1]
    text = f"that the strategy is dearer than the rival at the horizon; {COMPARED}"
    builder.add_probability("never_breaks_even", pair, dearer, text, itself)
    # A cheapest strategy among k tied ones scores 1/k, and thirds do not add up to a whole: hence the clip.
    cheapest = np.clip(builder.tally.counts["cheapest"], 0.0, builder.lifetimes)
    text = f"that the strategy's present cost until the month is the lowest, ties shared; {COMPARED}"
    builder.add_probability("cheapest_probability", ("strategy", "month"), cheapest, text)


def _add_differences(builder: _Builder) -> None:
    unit = builder.currency
    text = "present cost above the cheapest strategy's of the same lifetime"
    until = f"{text} until the month, {COMPARED}"
    builder.add_mean("expected_regret", ("strategy", "month"), unit, until, source="regret")
    mean = builder.variables["expected_regret"][1]
    # Sums of differences may miss zero by their rounding; no regret is negative.
    np.maximum(mean, 0.0, out=mean)
    builder.add_quantiles("regret", ("strategy",), unit, f"{text} until the horizon, {COMPARED}")
    text = f"rival's minus strategy's present cost until the horizon, {COMPARED}"
    builder.add_quantiles("saving", ("strategy", "rival"), unit, text)


def _add_budget(builder: _Builder) -> None:
    unit, dims = builder.currency, ("strategy", "budget_period")
    text = "cash of the period, components of budget_covers"
    builder.add_quantiles("budget_cost", dims, unit, text)
    if builder.plan.finance.budget is None:
        return
    amounts = budget_amounts(builder.plan)
    over = builder.tally.counts["over_budget"]
    builder.add("budget", ("budget_period",), amounts, unit, "budget of the period, pro rata to its months")
    builder.add_probability("over_budget_probability", dims, over, f"that the {text}, is above the budget")
    builder.add_mean("expected_overrun", dims, unit, f"{text}, above the budget, else 0", source="overrun")
    for name in ("over_budget_probability", "expected_overrun"):
        for suffix in ("", "_interval", "_mcse"):
            if name + suffix in builder.variables:
                builder.variables[name + suffix][1][:, np.isnan(amounts)] = np.nan


def _add_world(builder: _Builder) -> None:
    builder.add_quantiles("requests", ("month",), "req/month", "requests of the month")
    if builder.plan.prices:
        builder.add_quantiles("price_level", ("process", "month"), "1", "price level, 1 in month 1")


def _add_samples(builder: _Builder) -> None:
    samples, unit = builder.tally.samples, builder.currency
    present = np.asarray(samples["sample_present_cost"], dtype=np.float64)
    text = f"present cost until the horizon of the first lifetimes, {ALL}"
    builder.add("sample_present_cost", ("lifetime", "strategy"), present, unit, text)
    monthly = np.asarray(samples["sample_monthly_cost"], dtype=np.float32)
    text = f"cash paid in the month in the first lifetimes, {ALL}"
    builder.add("sample_monthly_cost", ("lifetime", "strategy", "month"), monthly, unit, text)
    inputs = np.asarray(samples["sample_input"], dtype=np.float64)
    text = "uncertain quantities of the first lifetimes"
    builder.add("sample_input", ("lifetime", "input"), inputs, "see input_unit", text)


def _add_sequences(builder: _Builder, known: Known) -> None:
    sure = "with 95 % at every look of the run, all of them together (confidence sequence)"
    text = f"bounds of the chance of being cheapest at the horizon that hold {sure}; {COMPARED}"
    builder.add("cheapest_probability_sequence", ("strategy", "bound"), known.cheapest_sequence, "1", text)
    pair = ("strategy", "rival")
    text = (
        f"bounds of the mean of the rival's minus strategy's present cost until the horizon that hold {sure}"
    )
    text += f"; {COMPARED}"
    builder.add("saving_mean_sequence", (*pair, "bound"), known.saving_sequence, builder.currency, text)
    text = "largest difference of the two mean costs within saving_mean_sequence, over the lower mean"
    builder.add("mean_gap_bound", pair, known.gap, "1", text)
