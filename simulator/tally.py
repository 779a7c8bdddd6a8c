"""Hold the tallies of a run: exact counts, batch sums, histograms, samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from simulator.histogram import bin_bounds
from simulator.kernel import layout as k
from simulator.kernel.tallying import LOWEST_EXPONENT
from simulator.lowering import Lowered
from simulator.running.harvest import Harvest, add_extremes, add_pages
from simulator.running.partial import sum_exact

HALF = k.OCTAVES // 2
COMPONENTS = 8

PROPORTIONAL = frozenset(
    (
        "price_level", "monthly_cost", "cumulative_cost", "present_cost", "cost_breakdown", "quarterly_cost",
        "fiscal_year_cost", "budget_cost", "cost_per_kreq", "compared_cost", "saving", "regret",
    )
)  # fmt: skip
"""Sums of what is proportional to a price level, of what such sums make with what depends on none, and of regret, which
differs between strategies as their costs do."""

# Where octaves stand in the order of their values: negative ones, which lie in the upper half, first and backwards.
_PLACE = np.concatenate([np.arange(HALF, k.OCTAVES), np.arange(HALF - 1, -1, -1)])


class Histograms:
    """The histograms of one variable, merged over the places in which they were counted.

    Parameters
    ----------
    harvests
        What was counted in each place; integers, so their order does not matter.
    numbers
        Number of each histogram of the variable, in its dims without `quantile`.
    """

    def __init__(self, harvests: Sequence[Harvest], numbers: np.ndarray) -> None:
        self.shape = shape = numbers.shape
        self._harvests = harvests
        self._numbers = numbers.ravel()
        ordered = add_extremes([one.extremes[self._numbers] for one in harvests])
        least, greatest = ordered[:, 0], ordered[:, 1]
        # a strategy's saving against itself is counted nowhere: it is 0
        counted = least <= greatest
        self.minimum = _from_ordered(np.where(counted, least, 0)).reshape(shape)
        self.maximum = _from_ordered(np.where(counted, greatest, 0)).reshape(shape)

    def bins(self, *index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give the bins that hold anything, in ascending order.

        Returns
        -------
        lower, upper
            (bin,) edges; both 0 for the bin of zero.
        count
            (bin,) int64.
        """
        flat = int(np.ravel_multi_index(index, self.shape)) if self.shape else 0
        _, runs, count = self.runs(np.array([flat]))
        number = (runs[:, np.newaxis] + np.arange(k.BINS))[count > 0]
        return (*bin_bounds(number), count[count > 0])

    def runs(self, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give what many histograms hold, in runs of 1,024 consecutive bins, empty ones among them.

        Parameters
        ----------
        chosen
            (histogram) their numbers, those of the ravelled `shape`.

        Returns
        -------
        starts
            (histogram + 1) where the runs of each begin in the others, and where the last one's end.
        number
            (run) of the first bin of each, as `bin_index` numbers them; ascending within a histogram.
        count
            (run, bin) int64.
        """
        held = [
            add_pages([one.pages(number) for one in self._harvests])
            for number in self._numbers[chosen].tolist()
        ]
        orders = [np.argsort(_PLACE[octaves]) for octaves, _ in held]
        owner = np.repeat(np.arange(len(held)), [order.size for order in orders])
        octave = np.concatenate([octaves[order] for (octaves, _), order in zip(held, orders, strict=True)])
        total = np.concatenate([counts[order] for (_, counts), order in zip(held, orders, strict=True)])
        magnitude, below = octave % HALF, octave >= HALF
        total[below] = total[below, ::-1]
        number = (magnitude + LOWEST_EXPONENT) * k.BINS + 1
        number = np.where(below, -(number + k.BINS - 1), number)
        zero = magnitude == 0
        if zero.any():
            # all bins of the lowest octave, of either sign, are one bin: that of zero
            total[zero, 0] = total[zero].sum(axis=1)
            total[zero, 1:] = 0
            number[zero] = 0
        return np.searchsorted(owner, np.arange(chosen.size + 1)), number, total


def _from_ordered(ordered: np.ndarray) -> np.ndarray:
    """Turn integers that sort like floats back into floats."""
    bits = ordered ^ ((ordered >> 63) & np.int64(0x7FFFFFFFFFFFFFFF))
    return bits.view(np.float64)


@dataclass
class Tally:
    """What a run leaves behind, whatever its number of lifetimes.

    Parameters
    ----------
    lifetimes
        How many were run.
    sums
        Name -> (*dims, 64) sums over the lifetimes of each batch, lifetime % 64.
    counts
        Name -> (*dims) numbers of lifetimes; `cheapest` counts a tie of n as 1/n.
    histograms
        Name -> `Histograms`.
    samples
        Name -> (lifetime, …) values of the first lifetimes.
    expected
        Names of the sums that take random price changes at their expectation, given everything else; the others are
        of what is drawn.
    """

    lifetimes: int
    sums: dict[str, np.ndarray]
    counts: dict[str, np.ndarray]
    histograms: dict[str, Histograms]
    samples: dict[str, np.ndarray] = field(default_factory=dict)
    expected: frozenset[str] = frozenset()


def collect(
    lowered: Lowered,
    lifetimes: int,
    sums: np.ndarray,
    harvests: Sequence[Harvest],
    samples: dict[str, np.ndarray],
) -> Tally:
    """Name the tallies of a run.

    Parameters
    ----------
    sums
        (statistic, 64) sums of all blocks.
    harvests
        What was counted, in one place or in several.

    Raises
    ------
    OverflowError
        If a cost is not finite in some lifetime, or as it is expected.
    """
    if any(one.not_finite for one in harvests):
        raise OverflowError(
            "costs are too large for a number in some lifetimes: "
            "look for a growth, volatility or factor that is too large over the horizon"
        )
    first = lowered.plan.accounts.sums
    if not np.isfinite(sums[first[k.SUM_PRESENT] : first[k.SUM_COMPARED]]).all():
        raise OverflowError(
            "costs are expected to be too large for a number, though none is in these lifetimes: "
            "look for a price change whose mean is far above its median"
        )
    return Tally(
        lifetimes=lifetimes,
        sums=_name_sums(lowered, sums),
        counts=_name_counts(lowered, harvests, lifetimes),
        histograms=_name_histograms(lowered, harvests),
        samples=samples,
        expected=PROPORTIONAL if lowered.plan.compared.expects else frozenset(),
    )


def _name_sums(lowered: Lowered, sums: np.ndarray) -> dict[str, np.ndarray]:
    plan = lowered.plan
    strategies, months = plan.compared.strategies.shape[0], plan.seasonality.size
    years = plan.accounts.budgets.size - 1

    def block(statistic: int, *shape: int) -> np.ndarray:
        first = plan.accounts.sums[statistic]
        return sums[first : first + int(np.prod(shape))].reshape(*shape, k.BATCHES)

    def by_month(statistic: int, *shape: int) -> np.ndarray:
        return np.ascontiguousarray(np.moveaxis(block(statistic, months, *shape), 0, -2))

    breakdown = by_month(k.SUM_BREAKDOWN, strategies, COMPONENTS)
    monthly = breakdown.sum(axis=1)
    covered = (breakdown * plan.accounts.covered[:, None, None]).sum(axis=1)
    present = by_month(k.SUM_PRESENT, strategies)
    least = block(k.SUM_LEAST, months)
    if plan.compared.expects:
        compared = by_month(k.SUM_EXPECTED, strategies)
        regret = _regret(compared, by_month(k.SUM_COMPARED, strategies) - least)
    else:
        compared = present if plan.accounts.compares_all else by_month(k.SUM_COMPARED, strategies)
        regret = compared - least
    quarter = plan.accounts.calendar[:, k.QUARTER]
    year = plan.accounts.calendar[:, k.FISCAL_YEAR]
    named = {
        "requests": block(k.SUM_REQUESTS, months),
        "price_level": block(k.SUM_PRICE, plan.processes.shape[0], months),
        "monthly_cost": monthly,
        "cumulative_cost": np.cumsum(monthly, axis=1),
        "present_cost": present,
        "regret": regret,
        "training_runs": by_month(k.SUM_RUNS, strategies),
        "cost_breakdown": breakdown,
        "quarterly_cost": _sum_periods(monthly, quarter),
        "fiscal_year_cost": _sum_periods(monthly, year),
        "budget_cost": np.concatenate(
            [_sum_periods(covered, year), covered.sum(axis=1, keepdims=True)], axis=1
        ),
        "cost_per_kreq": block(k.SUM_PER_KREQ, strategies),
        "compared_cost": compared[:, -1],
        "saving": compared[None, :, -1] - compared[:, None, -1],
    }
    if not plan.processes.shape[0]:
        del named["price_level"]
    if not np.isnan(plan.accounts.budgets).all():
        named["overrun"] = block(k.SUM_OVERRUN, strategies, years + 1)
    return named


def _regret(expected: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Give the regrets that belong to expected costs: that of the lowest as it is drawn, above it as costs differ.

    Parameters
    ----------
    expected, drawn
        (strategy, month, batch) sums of costs, and of regrets.
    """
    lowest = expected.sum(axis=-1).argmin(axis=0), np.arange(expected.shape[1])
    return expected - expected[lowest] + drawn[lowest]


def _sum_periods(monthly: np.ndarray, period: np.ndarray) -> np.ndarray:
    """Add up the months (axis 1) of each period."""
    return np.stack([monthly[:, period == p].sum(axis=1) for p in range(period[-1] + 1)], axis=1)


def _name_counts(lowered: Lowered, harvests: Sequence[Harvest], lifetimes: int) -> dict[str, np.ndarray]:
    plan = lowered.plan
    named = {
        name: sum_exact(harvests, field)
        for name, field in (
            ("wins", "wins"),
            ("ties", "ties"),
            ("first_passage", "passage"),
            ("break_even", "even"),
        )
    }
    # a strategy ties with itself from the first month on
    own = np.arange(plan.compared.strategies.shape[0])
    named["ties"][own, own, :] = lifetimes
    named["first_passage"][own, own, 0] = lifetimes
    named["break_even"][own, own, 0] = lifetimes
    shares = 1.0 / np.arange(1, plan.compared.strategies.shape[0] + 1)
    named["cheapest"] = (sum_exact(harvests, "cheapest") * shares).sum(axis=-1)
    if not np.isnan(plan.accounts.budgets).all():
        named["over_budget"] = sum_exact(harvests, "overruns")
    return named


def _name_histograms(lowered: Lowered, harvests: Sequence[Harvest]) -> dict[str, Histograms]:
    plan = lowered.plan
    strategies, months = plan.compared.strategies.shape[0], plan.seasonality.size
    quarters = int(plan.accounts.calendar[-1, k.QUARTER]) + 1
    years = plan.accounts.budgets.size - 1
    processes = plan.processes.shape[0]

    def numbers(variable: int, *shape: int) -> np.ndarray:
        return plan.accounts.histograms[variable] + np.arange(int(np.prod(shape))).reshape(shape)

    named = {
        "monthly_cost": numbers(k.OF_MONTHLY, months, strategies).T,
        "cumulative_cost": numbers(k.OF_CUMULATIVE, months, strategies).T,
        "present_cost": numbers(k.OF_PRESENT, months, strategies).T,
        "quarterly_cost": numbers(k.OF_QUARTER, strategies, quarters),
        "fiscal_year_cost": numbers(k.OF_YEAR, strategies, years),
        "budget_cost": numbers(k.OF_BUDGET, strategies, years + 1),
        "cost_per_kreq": numbers(k.OF_PER_KREQ, strategies),
        "saving": numbers(k.OF_SAVING, strategies, strategies),
        "regret": numbers(k.OF_REGRET, strategies),
        "requests": numbers(k.OF_REQUESTS, months),
        "price_level": numbers(k.OF_PRICE, processes, months),
    }
    return {name: Histograms(harvests, chosen) for name, chosen in named.items() if chosen.size}
