"""Read out of a dataset what its verdict and figures rest on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from simulator.precision import ORDERED, UNDECIDED, error_of_chances, neighbours
from simulator.verdict.numerals import Z_95, Estimate

if TYPE_CHECKING:
    import xarray as xr

UNINVOICED = ("failures", "latency")

# Two strategies whose saving is this small a part of their cost are the same (model.md's tie tolerance).
TIE = 1e-9


@dataclass(frozen=True)
class Findings:
    """What a dataset says about the choice between its strategies.

    Parameters
    ----------
    dataset
        The dataset read.
    names, labels
        (strategy,) in file order.
    baseline
        Position of the baseline.
    most_often
        Position of the strategy with the highest chance to be cheapest at the horizon.
    lowest_mean
        Position of the strategy with the lowest mean present cost at the horizon.
    recommended
        Position of the strategy with the lowest expected regret at the horizon.
    order
        Positions of all strategies by expected regret, lowest first.
    """

    dataset: xr.Dataset
    names: tuple[str, ...]
    labels: tuple[str, ...]
    baseline: int
    most_often: int
    lowest_mean: int
    recommended: int
    order: tuple[int, ...]

    @property
    def count(self) -> int:
        """Number of strategies."""
        return len(self.names)

    @property
    def lifetimes(self) -> int:
        """Number of lifetimes behind every number."""
        return int(self.dataset.attrs["lifetimes"])

    @property
    def horizon(self) -> int:
        """Number of months H."""
        return int(self.dataset.sizes["month"])

    @property
    def currency(self) -> str:
        """ISO code of the plan's currency."""
        return str(self.dataset.attrs["currency"])

    @property
    def compares_all(self) -> bool:
        """Whether strategies are compared on all cost components."""
        return set(self.compare_on) >= {str(c) for c in self.dataset["component"].values}

    @property
    def compare_on(self) -> tuple[str, ...]:
        """Names of the components on which strategies are compared."""
        return tuple(
            part.strip() for part in str(self.dataset.attrs["compare_on"]).split(",") if part.strip()
        )

    @cached_property
    def quantiles(self) -> np.ndarray:
        """(quantile,) levels that the dataset holds, ascending."""
        return self.dataset["quantile"].values

    @property
    def dates(self) -> np.ndarray:
        """(month,) first day of each month, datetime64[D]."""
        return self.dataset["date"].values.astype("datetime64[D]")

    @property
    def periods(self) -> tuple[str, ...]:
        """Budget periods: the fiscal years, then "horizon"."""
        return tuple(str(p) for p in self.dataset["budget_period"].values)

    @property
    def has_budget(self) -> bool:
        """Whether the plan gives a budget."""
        return "over_budget_probability" in self.dataset

    @property
    def budget_level(self) -> float:
        """The level held by the dataset that serves as budget: the plan's, or the next above it."""
        wanted = float(self.dataset.attrs["budget_level"])
        above = self.quantiles[self.quantiles >= wanted - 1e-9]
        return float(above.min() if above.size else self.quantiles.max())

    @property
    def shortfall_level(self) -> float:
        """The level of the expected shortfall shown: 0.95, or the held one nearest to it."""
        return self.nearest(0.95)

    @property
    def tolerance(self) -> float | None:
        """The precision that the run was to reach; None where its lifetimes were given."""
        found = self.dataset.attrs.get("precision")
        return None if found is None else float(found)

    @cached_property
    def error_of_chances(self) -> float:
        """The largest error that the run's sequences leave of a chance of being cheapest."""
        shares = self.values("cheapest_probability", "strategy", "month")[:, -1]
        return error_of_chances(shares, self.values("cheapest_probability_sequence", "strategy", "bound"))

    @cached_property
    def ranking(self) -> list[tuple[int, int, str, float]]:
        """Each two strategies that follow one another by mean: cheaper, dearer, what is known of them, gap at most."""
        pair = ("strategy", "rival")
        gap = self.values("mean_gap_bound", *pair)
        sequence = self.values("saving_mean_sequence", *pair, "bound")
        found = neighbours(self.values("saving_mean", *pair), sequence, gap, self.tolerance or 0.0)
        return [(first, second, status, float(gap[first, second])) for first, second, status in found]

    @property
    def is_precise(self) -> bool:
        """Whether the run has reached its precision."""
        return (
            self.tolerance is not None
            and self.error_of_chances <= self.tolerance
            and all(status != UNDECIDED for _, _, status, _ in self.ranking)
        )

    @property
    def year_ends(self) -> tuple[int, ...]:
        """Months 12, 24, … of the plan and its last month."""
        return tuple(sorted({*range(12, self.horizon + 1, 12), self.horizon}))

    def nearest(self, level: float) -> float:
        """Give the level held by the dataset that lies nearest to one wished for."""
        return float(self.quantiles[np.argmin(np.abs(self.quantiles - level))])

    def values(self, name: str, *dims: str) -> np.ndarray:
        """Give a variable's values with its dims in the order asked for."""
        held, values = self._variable(name)
        return values.transpose([held.index(dim) for dim in dims])

    def estimate(self, name: str, **where: object) -> Estimate:
        """
        Read one number of the dataset with its error.

        Parameters
        ----------
        name
            Variable; its companion ``<name>_mcse`` or ``<name>_interval`` gives the error.
        where
            Position (int) along strategy and rival, label along any other dim.

        Returns
        -------
        Estimate
            In the variable's unit.
        """
        value = self._at(name, where)
        if f"{name}_mcse" in self.dataset.variables:
            return Estimate.of(value, self._at(f"{name}_mcse", where))
        low, high = (self._at(f"{name}_interval", where | {"bound": end}) for end in ("low", "high"))
        # The longer arm: the interval of a quantile in a long tail is lopsided.
        return Estimate(value, max(high - value, value - low, 0.0) / Z_95, low, high)

    def level(self, name: str, level: float, **where: object) -> Estimate:
        """Read the quantile at a level that the dataset holds."""
        return self.estimate(name, quantile=level, **where)

    def cash(self, strategy: int, invoiced: bool) -> Estimate:
        """
        Sum a strategy's expected cash over the horizon that is, or is not, invoiced.

        Returns
        -------
        Estimate
            [currency] with the sum of the parts' standard errors, which bounds the sum's own.
        """
        components = [str(c) for c in self.dataset["component"].values]
        kept = [i for i, c in enumerate(components) if (c not in UNINVOICED) == invoiced]
        total, error = (
            float(self.values(name, "strategy", "component", "month")[strategy, kept].sum())
            for name in ("cost_breakdown", "cost_breakdown_mcse")
        )
        return Estimate.of(total, error)

    def budget(self, period: str) -> float:
        """Give the plan's budget for a period [currency]; NaN where there is none."""
        return self._at("budget", {"budget_period": period})

    def contingency(self, strategy: int, period: str) -> Estimate:
        """Give the part of the budget at the budget level that lies above P50 [currency]."""
        upper = self.level("budget_cost", self.budget_level, strategy=strategy, budget_period=period)
        middle = self.level("budget_cost", self.nearest(0.5), strategy=strategy, budget_period=period)
        return Estimate.of(upper.value - middle.value, float(np.hypot(upper.error, middle.error)))

    def ahead_from(self, strategy: int, rival: int) -> int | None:
        """Find the month from which a strategy is more likely than not cheaper, up to the horizon."""
        likely = self.values("win_probability", "strategy", "rival", "month")[strategy, rival] > 0.5
        if not likely[-1]:
            return None
        behind = np.flatnonzero(~likely)
        return int(behind[-1]) + 2 if behind.size else 1

    def half_broken_even(self, strategy: int, rival: int) -> int | None:
        """Find the month by which half of the lifetimes have broken even for good."""
        mass = self.values("break_even_probability", "strategy", "rival", "month")[strategy, rival]
        reached = np.flatnonzero(np.cumsum(mass) >= 0.5 - 1e-12)
        return int(reached[0]) + 1 if reached.size else None

    def identical(self, first: int, second: int) -> bool:
        """Whether two strategies cost the same in every lifetime, as far as the dataset shows."""
        return bool(self._same[first, second])

    @cached_property
    def _same(self) -> np.ndarray:
        pair = ("strategy", "rival")
        gaps = np.abs(self.values("saving", *pair, "quantile")).max(axis=-1)
        mean, error = (self.values(name, *pair) for name in ("saving_mean", "saving_mean_mcse"))
        scale = np.abs(self.values("present_cost_mean", "strategy", "month")[:, -1])
        # An unknown error (of one lifetime) says nothing against it.
        spread = np.maximum(gaps, np.maximum(np.abs(mean), np.nan_to_num(error)))
        return spread <= TIE * scale[:, np.newaxis]

    def alike_on_average(self) -> list[tuple[int, int]]:
        """
        List the pairs whose mean costs cannot be told apart, identical ones left out.

        Notes
        -----
        The test is paired: the 95 % interval of the mean saving of one against the other, lifetime by
        lifetime, holds zero; of a run that was looked at more than once, its confidence sequence does.
        """
        if self.tolerance is not None:
            return [
                (first, second)
                for first, second, status, _ in self.ranking
                if status != ORDERED and not self.identical(first, second)
            ]
        pairs = []
        for place, first in enumerate(self.order):
            for second in self.order[place + 1 :]:
                gap = self.estimate("saving_mean", strategy=first, rival=second)
                if gap.low <= 0 <= gap.high and not self.identical(first, second):
                    pairs.append((first, second))
        return pairs

    def twins(self) -> list[tuple[int, int]]:
        """List the pairs that cost the same in every lifetime."""
        return [
            (first, second)
            for place, first in enumerate(self.order)
            for second in self.order[place + 1 :]
            if self.identical(first, second)
        ]

    @property
    def all_identical(self) -> bool:
        """Whether every strategy costs the same as every other in every lifetime."""
        return bool(self._same[self.recommended].all())

    def rivals_for_first(self) -> list[int]:
        """List the strategies whose interval of the chance to be cheapest reaches the leader's."""
        leader = self.cheapest(self.most_often)
        return [
            other
            for other in self.order
            if other != self.most_often
            and self.cheapest(other).high >= leader.low
            and not self.identical(other, self.most_often)
        ]

    def cheapest(self, strategy: int) -> Estimate:
        """Give the chance to be the cheapest by the horizon."""
        return self.estimate("cheapest_probability", strategy=strategy, month=self.horizon)

    def regret(self, strategy: int) -> Estimate:
        """Give the expected regret at the horizon [currency]."""
        return self.estimate("expected_regret", strategy=strategy, month=self.horizon)

    def mean(self, strategy: int) -> Estimate:
        """Give the mean present cost at the horizon [currency]."""
        return self.estimate("present_cost_mean", strategy=strategy, month=self.horizon)

    def _at(self, name: str, where: dict[str, object]) -> float:
        dims, values = self._variable(name)
        return float(values[tuple(self._position(dim, where[dim]) for dim in dims)])

    def _variable(self, name: str) -> tuple[tuple[str, ...], np.ndarray]:
        if name not in self._read:
            variable = self.dataset.variables[name]
            self._read[name] = (tuple(str(dim) for dim in variable.dims), variable.values)
        return self._read[name]

    @cached_property
    def _read(self) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
        """Values read so far: through xarray a number costs a hundred times as much."""
        return {}

    @cached_property
    def _held(self) -> dict[str, dict[str, int]]:
        """Position of each label, by dim."""
        dims = ("component", "budget_period", "bound")
        return {dim: {str(label): i for i, label in enumerate(self.dataset[dim].values)} for dim in dims}

    def _position(self, dim: str, wanted: object) -> int:
        if dim in ("strategy", "rival"):
            return int(wanted)  # type: ignore[call-overload]
        if dim == "month":
            return int(wanted) - 1  # type: ignore[call-overload]
        if dim == "quantile":
            return int(np.argmin(np.abs(self.quantiles - wanted)))
        return self._held[dim][str(wanted)]


def find(dataset: xr.Dataset) -> Findings:
    """
    Read the findings of a dataset.

    Parameters
    ----------
    dataset
        With the variables of MODEL.md's dataset table.

    Raises
    ------
    ValueError
        The attribute `baseline` names no strategy of the dataset.

    Notes
    -----
    The recommended strategy has the lowest expected regret. Regret is cost less the cheapest one's cost,
    lifetime by lifetime, and the latter is the same for all: where all components are compared the lowest
    expected regret is therefore the lowest mean cost. Ties go to the higher chance to be cheapest, then
    to the baseline, then to file order.
    """
    names = tuple(str(n) for n in dataset["strategy"].values)
    labels = tuple(str(n) for n in dataset["strategy_label"].values)
    if dataset.attrs["baseline"] not in names:
        raise ValueError(f"baseline: one of {', '.join(names)} is needed, got {dataset.attrs['baseline']!r}")
    baseline = names.index(dataset.attrs["baseline"])
    horizon = int(dataset.sizes["month"])

    def last(name: str) -> list[float]:
        return [float(v) for v in dataset[name].sel(month=horizon).values]

    regret, share, mean = last("expected_regret"), last("cheapest_probability"), last("present_cost_mean")
    scale = max((abs(m) for m in mean), default=0.0) or 1.0

    def rank(strategy: int) -> tuple[float, ...]:
        # Rounding makes ties of what differs by accumulated rounding errors only.
        return (
            round(regret[strategy] / scale, 9),
            -round(share[strategy], 9),
            strategy != baseline,
            strategy,
        )

    order = tuple(sorted(range(len(names)), key=rank))
    recommended = order[0]

    def best(score: list[float], unit: float) -> int:
        top = max(score)
        tied = [i for i in order if score[i] >= top - TIE * unit]
        return recommended if recommended in tied else tied[0]

    return Findings(
        dataset=dataset,
        names=names,
        labels=labels,
        baseline=baseline,
        most_often=best(share, 1.0),
        lowest_mean=best([-m for m in mean], scale),
        recommended=recommended,
        order=order,
    )
