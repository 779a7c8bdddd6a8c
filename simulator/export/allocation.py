"""Spread a percentile of a period over its months, so that the months add up to it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.export.periods import FISCAL_YEAR, HORIZON, QUARTER, Period, Periods
from simulator.verdict.words import level_name

if TYPE_CHECKING:
    from simulator.verdict import Findings

WINDOW = 0.05
"""Lifetimes this close in rank, as a share of all, count as near the percentile."""

ROUNDING = 1e-6

NAMES = {HORIZON: "horizon", FISCAL_YEAR: "fiscal year", QUARTER: "quarter"}


@dataclass(frozen=True)
class Allocation:
    """A percentile of the cost of each period of one kind, spread over the months.

    Parameters
    ----------
    kind
        Kind of the periods whose percentiles are spread.
    level
        The percentile, in (0, 1).
    amounts
        (strategy, month) [currency]; the months of a period add up to its percentile.
    """

    kind: str
    level: float
    amounts: np.ndarray

    @property
    def statistic(self) -> str:
        """What the amounts are called, such as ``"P80 of the fiscal year, allocated"``."""
        return f"{level_name(self.level)} of the {NAMES[self.kind]}, allocated"

    @property
    def note(self) -> str:
        """What to know before adding them up."""
        level, period = level_name(self.level), NAMES[self.kind]
        return (
            f"Adds up over the months to {level} of the {period}: mean of the lifetimes whose {period} "
            f"costs about {level}, scaled. It is not {level} of a shorter period."
        )

    def within(self, strategy: int, period: Period) -> float:
        """Add up the months of a period [currency]."""
        return math.fsum(self.amounts[strategy, period.months])


def allocate(findings: Findings, periods: Periods) -> tuple[Allocation, ...]:
    """Spread the percentile at the plan's budget level of the horizon, each fiscal year and each quarter.

    Notes
    -----
    With X_t the cost of month t in a sampled lifetime, S its sum over the period and Q(q) the period's
    percentile from all lifetimes, month t gets

        a_t = Q(q) m_t / sum of m over the period,   m_t = mean of X_t where the rank of S is within q ± w

    with w = min(0.05, q, 1 - q). Where no such lifetime pays anything, m_t is the mean of all lifetimes.
    What rounding leaves over goes to the largest month.
    """
    f, level = findings, findings.budget_level
    sample = f.values("sample_monthly_cost", "lifetime", "strategy", "month")
    means = f.values("monthly_cost_mean", "strategy", "month")
    whole = (
        (HORIZON, (periods.horizon,), f.values("cumulative_cost", "strategy", "month", "quantile")[:, -1:]),
        (
            FISCAL_YEAR,
            periods.fiscal_years,
            f.values("fiscal_year_cost", "strategy", "fiscal_year", "quantile"),
        ),
        (QUARTER, periods.quarters, f.values("quarterly_cost", "strategy", "quarter", "quantile")),
    )
    column = int(np.argmin(np.abs(f.quantiles - level)))
    found = []
    for kind, spans, quantiles in whole:
        amounts = np.zeros_like(means)
        for strategy in range(f.count):
            for place, period in enumerate(spans):
                total = float(quantiles[strategy, place, column])
                # Single precision is what is kept of a lifetime; its sums are taken in double.
                inside = sample[:, strategy, period.months].astype(np.float64)
                its_means = means[strategy, period.months]
                amounts[strategy, period.months] = spread(total, inside, its_means, level)
        found.append(Allocation(kind, level, amounts))
    return tuple(found)


def spread(total: float, sample: np.ndarray, means: np.ndarray, level: float) -> np.ndarray:
    """Spread a total over months as lifetimes near it spend theirs.

    Parameters
    ----------
    total
        The percentile to be spread [currency], >= 0.
    sample
        (lifetime, month) cost of sampled lifetimes [currency], >= 0.
    means
        (month) mean cost of all lifetimes [currency], for a total that no sampled lifetime is near.
    level
        The percentile's level in (0, 1).

    Returns
    -------
    (month) [currency], adding up to `total`.
    """
    profile = near(sample, level).mean(axis=0)
    if not profile.sum() > 0:
        profile = means if means.sum() > 0 else np.ones_like(means)
    amounts = total * (profile / profile.sum())
    amounts[np.argmax(amounts)] += total - math.fsum(amounts)
    return amounts


def near(sample: np.ndarray, level: float) -> np.ndarray:
    """Choose the lifetimes (lifetime, month) whose sum over the months ranks near a level."""
    size = len(sample)
    width = min(WINDOW, level, 1.0 - level)
    # 0.8 + 0.05 is a little more than 0.85, which must not let one more lifetime in.
    first = min(math.floor((level - width) * size + ROUNDING), size - 1)
    last = max(math.ceil((level + width) * size - ROUNDING), first + 1)
    order = np.argsort(sample.sum(axis=1), kind="stable")
    # In file order, so that the mean is the same sum whatever sorted them.
    return sample[np.sort(order[first:last])]
