"""Number the sums and histograms that a block adds to."""

from __future__ import annotations

import numpy as np

from simulator.kernel import layout as k


def number_sums(
    strategies: int, components: int, months: int, processes: int, periods: int, *, expects: bool
) -> np.ndarray:
    """Give the first row of each statistic in the sums of a block; the last entry is their number.

    Months come first within each, as the kernel comes by: what it adds to lies together then.
    """
    sizes = np.zeros(11, dtype=np.int64)
    sizes[k.SUM_BREAKDOWN] = months * strategies * components
    sizes[k.SUM_PRESENT] = months * strategies
    sizes[k.SUM_COMPARED] = months * strategies
    sizes[k.SUM_LEAST] = months
    sizes[k.SUM_REQUESTS] = months
    sizes[k.SUM_PRICE] = processes * months
    sizes[k.SUM_RUNS] = months * strategies
    sizes[k.SUM_PER_KREQ] = strategies
    sizes[k.SUM_OVERRUN] = strategies * periods
    sizes[k.SUM_EXPECTED] = months * strategies * expects
    return np.concatenate([[0], np.cumsum(sizes[:-1])])


def number_histograms(strategies: int, months: int, quarters: int, years: int, processes: int) -> np.ndarray:
    """Give the first number of each variable's histograms; the last entry is how many there are.

    Those of strategies and months are numbered month by month, as the kernel comes by.
    """
    sizes = np.zeros(12, dtype=np.int64)
    sizes[k.OF_MONTHLY] = sizes[k.OF_CUMULATIVE] = sizes[k.OF_PRESENT] = months * strategies
    sizes[k.OF_QUARTER] = strategies * quarters
    sizes[k.OF_YEAR] = strategies * years
    sizes[k.OF_BUDGET] = strategies * (years + 1)
    sizes[k.OF_PER_KREQ] = sizes[k.OF_REGRET] = strategies
    sizes[k.OF_SAVING] = strategies * strategies
    sizes[k.OF_REQUESTS] = months
    sizes[k.OF_PRICE] = processes * months
    return np.concatenate([[0], np.cumsum(sizes[:-1])])
