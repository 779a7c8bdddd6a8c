"""Turn a result into tidy rows: one amount a row, with everything that it takes to know what it is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.export import source
from simulator.export.allocation import Allocation, allocate
from simulator.export.periods import FISCAL_YEAR, HORIZON, MONTH, Period, Periods, periods_of
from simulator.export.texts import clean
from simulator.verdict import find
from simulator.verdict.words import level_name

if TYPE_CHECKING:
    import xarray as xr

    from simulator.verdict import Findings


class Row(NamedTuple):
    """One amount of a result.

    Parameters
    ----------
    plan, version, as_of
        The plan's name; its hash and seed, as in the default name of a result; the day of the run (UTC).
    strategy
        Its name in the plan; empty for what is the same for all.
    measure
        What is measured, such as ``"cost"``.
    component
        The component of cost, or "all", "budget_covers", "compare_on"; of a price level the price.
    period_kind
        "month", "quarter", "fiscal_year" or "horizon".
    period_start, period_end
        First and last day of the period that lie in the plan.
    fiscal_label
        "FY2027-Q1" for a quarter and its months, "FY2027" for a fiscal year, "horizon".
    statistic
        "mean", "P5" …, "expected shortfall beyond P95", "probability", "given", or "P80 of the …, allocated".
    amount
        [unit], in ones.
    currency
        ISO code; empty for what is no money.
    unit
        "USD", "USD/kreq", "1", "req/month".
    rival
        The strategy it is compared with; empty where there is none.
    strategy_label
        The strategy in words.
    note
        What to know before adding amounts up.
    """

    plan: str
    version: str
    as_of: date
    strategy: str
    measure: str
    component: str
    period_kind: str
    period_start: date
    period_end: date
    fiscal_label: str
    statistic: str
    amount: float
    currency: str
    unit: str
    rival: str
    strategy_label: str
    note: str


COLUMNS = Row._fields
"""Names of the columns, in order."""

ALL, COVERED, COMPARED = "all", "budget_covers", "compare_on"

MEANS_ADD = "Means add up over periods and components."
MEAN_TO_DATE = "Mean from the first month to the end of the period."
PERCENTILES_DO_NOT_ADD = (
    "Percentiles do not add up over periods, components or strategies: this one is of lifetimes, each summed "
    "over the period."
)
PERCENTILES_TO_DATE = "From the first month to the end of the period. Percentiles do not add up."
PERCENTILES_OF_A_MONTH = "Percentiles do not add up."
SHORTFALL = "Mean of the lifetimes beyond the percentile. It does not add up over strategies."
CHANCE = "Share of the lifetimes; does not add up over periods."
CHANCE_TO_DATE = "Share of the lifetimes, from the first month to the end of the period."
CHANCE_OF_THE_MONTH = "Share of the lifetimes; those of all months add up to 1 or less."
CHEAPEST_TO_DATE = f"{CHANCE_TO_DATE} Adds up over strategies to 1."
GIVEN = "The plan's budget, pro rata to the months of the period."


def rows(dataset: xr.Dataset) -> Iterator[Row]:
    """Give the rows of a run, a measure after the other; within it by strategy, rival, period and statistic.

    Parameters
    ----------
    dataset
        A run with the variables of MODEL.md's dataset table.

    Raises
    ------
    ExportError
        If it is no run, or lacks what every run has.
    """
    source.check(dataset)
    builder = _Builder(dataset)
    yield from builder.cost()
    yield from builder.to_date()
    yield from builder.budgets()
    yield from builder.chances()
    yield from builder.regrets()
    yield from builder.savings()
    yield from builder.unit_costs()
    yield from builder.world()


@dataclass(frozen=True)
class _Subject:
    """What a row is about, apart from period and statistic; `strategy` is a position, -1 for none."""

    measure: str
    component: str = ALL
    strategy: int = -1
    rival: int = -1
    unit: str = ""
    is_money: bool = True


class _Builder:
    """Reads variables and makes rows of them."""

    def __init__(self, dataset: xr.Dataset) -> None:
        attrs = dataset.attrs
        self.f: Findings = find(dataset)
        self.periods: Periods = periods_of(dataset)
        self.levels = [level_name(float(q)) for q in self.f.quantiles]
        self.names = ("", *self.f.names)
        self.labels = ("", *(clean(label) for label in self.f.labels))
        self.plan = clean(attrs["plan_name"])
        self.version = source.version(dataset)
        self.as_of = source.created(dataset).date()
        self.currency = self.f.currency

    def row(self, subject: _Subject, period: Period, statistic: str, amount: float, note: str) -> Row:
        """Make one row."""
        return Row(
            self.plan,
            self.version,
            self.as_of,
            self.names[subject.strategy + 1],
            subject.measure,
            subject.component,
            period.kind,
            period.start,
            period.end,
            period.label,
            statistic,
            float(amount),
            self.currency if subject.is_money else "",
            subject.unit or self.currency,
            self.names[subject.rival + 1],
            self.labels[subject.strategy + 1],
            note,
        )

    def distribution(
        self,
        subject: _Subject,
        period: Period,
        mean: float,
        quantiles: np.ndarray,
        notes: tuple[str, str] = (MEANS_ADD, PERCENTILES_DO_NOT_ADD),
    ) -> Iterator[Row]:
        """Make the rows of a mean and the quantiles (quantile) beside it."""
        yield self.row(subject, period, "mean", mean, notes[0])
        for name, amount in zip(self.levels, quantiles, strict=True):
            yield self.row(subject, period, name, amount, notes[1])

    def cost(self) -> Iterator[Row]:
        """Cost of each period, its allocated percentile, and its means by component."""
        f = self.f
        allocations = allocate(f, self.periods)
        groups = (
            ("monthly_cost", "month", self.periods.months),
            ("quarterly_cost", "quarter", self.periods.quarters),
            ("fiscal_year_cost", "fiscal_year", self.periods.fiscal_years),
            ("cumulative_cost", "month", (self.periods.horizon,)),
        )
        parts = f.values("cost_breakdown", "strategy", "component", "month")
        components = [str(name) for name in f.dataset["component"].values]
        for strategy in range(f.count):
            subject = _Subject("cost", strategy=strategy)
            for name, dim, periods in groups:
                means = f.values(f"{name}_mean", "strategy", dim)[strategy, -len(periods) :]
                quantiles = f.values(name, "strategy", dim, "quantile")[strategy, -len(periods) :]
                for place, period in enumerate(periods):
                    yield from self.distribution(subject, period, means[place], quantiles[place])
                    yield from self._allocated(subject, period, allocations)
            for component, name in enumerate(components):
                subject = _Subject("cost", name, strategy)
                yield from self._summed(subject, parts[strategy, component])

    def _allocated(
        self, subject: _Subject, period: Period, allocations: Sequence[Allocation]
    ) -> Iterator[Row]:
        longer = {MONTH: 3, "quarter": 2, FISCAL_YEAR: 1, HORIZON: 0}[period.kind]
        for allocation in allocations[:longer]:
            amount = allocation.within(subject.strategy, period)
            yield self.row(subject, period, allocation.statistic, amount, allocation.note)

    def _summed(self, subject: _Subject, means: np.ndarray) -> Iterator[Row]:
        """Make the rows of a monthly mean (month) that adds up over the months."""
        for period in self.periods.all:
            yield self.row(subject, period, "mean", math.fsum(means[period.months]), MEANS_ADD)

    def to_date(self) -> Iterator[Row]:
        """Cost and present cost from the first month on; the latter's shortfall at the horizon."""
        f = self.f
        notes = (MEAN_TO_DATE, PERCENTILES_TO_DATE)
        shortfall = f.values("expected_shortfall", "strategy", "quantile")
        for measure, name in (("cumulative_cost", "cumulative_cost"), ("present_cost", "present_cost")):
            means = f.values(f"{name}_mean", "strategy", "month")
            quantiles = f.values(name, "strategy", "month", "quantile")
            for strategy in range(f.count):
                subject = _Subject(measure, strategy=strategy)
                for t, period in self._months_and_horizon():
                    mean, levels = means[strategy, t], quantiles[strategy, t]
                    yield from self.distribution(subject, period, mean, levels, notes)
                if measure == "present_cost":
                    for level, amount in zip(self.levels, shortfall[strategy], strict=True):
                        statistic = f"expected shortfall beyond {level}"
                        yield self.row(subject, self.periods.horizon, statistic, amount, SHORTFALL)

    def budgets(self) -> Iterator[Row]:
        """What the budget covers, the budget, and how it is exceeded, by fiscal year and for the horizon."""
        f = self.f
        periods = (*self.periods.fiscal_years, self.periods.horizon)
        pair = ("strategy", "budget_period")
        means, quantiles = f.values("budget_cost_mean", *pair), f.values("budget_cost", *pair, "quantile")
        for strategy in range(f.count):
            subject = _Subject("budget_cost", COVERED, strategy)
            for place, period in enumerate(periods):
                mean, levels = means[strategy, place], quantiles[strategy, place]
                yield from self.distribution(subject, period, mean, levels)
        if not f.has_budget:
            return
        given = f.values("budget", "budget_period")
        held = [(place, period) for place, period in enumerate(periods) if not math.isnan(given[place])]
        for place, period in held:
            yield self.row(_Subject("budget", COVERED), period, "given", given[place], GIVEN)
        over, overrun = f.values("over_budget_probability", *pair), f.values("expected_overrun", *pair)
        for strategy in range(f.count):
            for place, period in held:
                subject = _Subject("over_budget_probability", COVERED, strategy, unit="1", is_money=False)
                yield self.row(subject, period, "probability", over[strategy, place], CHANCE)
                subject = _Subject("overrun", COVERED, strategy)
                note = "Mean of what exceeds the budget, 0 where nothing does; does not add up over periods."
                yield self.row(subject, period, "mean", overrun[strategy, place], note)

    def chances(self) -> Iterator[Row]:
        """Probabilities of being cheapest and of being ahead of each rival, to date, and of break-even."""
        f = self.f
        cheapest = f.values("cheapest_probability", "strategy", "month")
        for strategy in range(f.count):
            subject = _Subject("cheapest_probability", COMPARED, strategy, unit="1", is_money=False)
            for t, period in self._months_and_horizon():
                yield self.row(subject, period, "probability", cheapest[strategy, t], CHEAPEST_TO_DATE)
        for name, note in (
            ("win_probability", CHANCE_TO_DATE),
            ("first_passage_probability", CHANCE_OF_THE_MONTH),
            ("break_even_probability", CHANCE_OF_THE_MONTH),
        ):
            values = f.values(name, "strategy", "rival", "month")
            for strategy, rival in self._pairs():
                subject = _Subject(name, COMPARED, strategy, rival, "1", is_money=False)
                moments = self._months_and_horizon() if name == "win_probability" else self._months()
                for t, period in moments:
                    yield self.row(subject, period, "probability", values[strategy, rival, t], note)
        never = f.values("never_breaks_even", "strategy", "rival")
        for strategy, rival in self._pairs():
            subject = _Subject("never_breaks_even", COMPARED, strategy, rival, "1", is_money=False)
            yield self.row(subject, self.periods.horizon, "probability", never[strategy, rival], CHANCE)

    def regrets(self) -> Iterator[Row]:
        """Cost above the cheapest strategy's: its mean to date, its distribution at the horizon."""
        f = self.f
        means, quantiles = (
            f.values("expected_regret", "strategy", "month"),
            f.values("regret", "strategy", "quantile"),
        )
        for strategy in range(f.count):
            subject = _Subject("regret", COMPARED, strategy)
            for t, period in self._months():
                yield self.row(subject, period, "mean", means[strategy, t], MEAN_TO_DATE)
            notes = (MEAN_TO_DATE, PERCENTILES_TO_DATE)
            horizon = self.periods.horizon
            yield from self.distribution(subject, horizon, means[strategy, -1], quantiles[strategy], notes)

    def savings(self) -> Iterator[Row]:
        """What each strategy saves against each rival until the horizon."""
        f = self.f
        means = f.values("saving_mean", "strategy", "rival")
        quantiles = f.values("saving", "strategy", "rival", "quantile")
        notes = (MEAN_TO_DATE, PERCENTILES_TO_DATE)
        for pair in self._pairs():
            subject = _Subject("saving", COMPARED, *pair)
            yield from self.distribution(subject, self.periods.horizon, means[pair], quantiles[pair], notes)

    def unit_costs(self) -> Iterator[Row]:
        """Cost per thousand requests, and the number of training runs."""
        f = self.f
        means = f.values("cost_per_kreq_mean", "strategy")
        quantiles = f.values("cost_per_kreq", "strategy", "quantile")
        note = "Mean of the lifetimes' cost over their requests; does not add up over strategies."
        for strategy in range(f.count):
            subject = _Subject("cost_per_kreq", strategy=strategy, unit=f"{self.currency}/kreq")
            notes = (note, PERCENTILES_TO_DATE)
            horizon = self.periods.horizon
            yield from self.distribution(subject, horizon, means[strategy], quantiles[strategy], notes)
        runs = f.values("training_runs", "strategy", "month")
        for strategy in range(f.count):
            subject = _Subject("training_runs", "", strategy, unit="1", is_money=False)
            yield from self._summed(subject, runs[strategy])

    def world(self) -> Iterator[Row]:
        """Requests and price levels, the same for every strategy."""
        f = self.f
        means, quantiles = f.values("requests_mean", "month"), f.values("requests", "month", "quantile")
        notes = (MEANS_ADD, PERCENTILES_OF_A_MONTH)
        subject = _Subject("requests", "", unit="req/month", is_money=False)
        for t, period in self._months():
            yield from self.distribution(subject, period, means[t], quantiles[t], notes)
        if "price_level" not in f.dataset.variables:
            return
        means = f.values("price_level_mean", "process", "month")
        quantiles = f.values("price_level", "process", "month", "quantile")
        notes = ("Factor on the price of month 1.", PERCENTILES_OF_A_MONTH)
        for place, name in enumerate(str(name) for name in f.dataset["process"].values):
            subject = _Subject("price_level", name, unit="1", is_money=False)
            for t, period in self._months():
                yield from self.distribution(subject, period, means[place, t], quantiles[place, t], notes)

    def _months(self) -> list[tuple[int, Period]]:
        return list(enumerate(self.periods.months))

    def _months_and_horizon(self) -> list[tuple[int, Period]]:
        return [*self._months(), (-1, self.periods.horizon)]

    def _pairs(self) -> list[tuple[int, int]]:
        size = range(self.f.count)
        return [(strategy, rival) for strategy in size for rival in size if strategy != rival]
