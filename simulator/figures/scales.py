"""Mark axes with money and months."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axis import Axis
from matplotlib.ticker import FixedFormatter, FixedLocator, MaxNLocator, NullLocator

from simulator.calendar import MONTH_NAMES
from simulator.verdict.findings import Findings
from simulator.verdict.numerals import money

# Where the largest strategy is this many times the smallest, a linear axis hides the small ones.
WIDE = 25.0


def needs_logarithm(sizes: np.ndarray, ratio: float = WIDE) -> bool:
    """Whether amounts (any shape) [currency] differ by more than a ratio; zeros do not count."""
    positive = np.abs(sizes[np.isfinite(sizes) & (np.abs(sizes) > 0)])
    return bool(positive.size and positive.max() > ratio * positive.min())


def mark_money(axis: Axis, low: float, high: float, smallest: float | None = None, most: int = 6) -> None:
    """
    Scale an axis for money from `low` to `high` and mark it in k and M.

    Parameters
    ----------
    axis
        The x or y axis.
    low, high
        [currency] its ends.
    smallest
        [currency] > 0: below this size the axis is linear, above it logarithmic; None: linear everywhere.
    most
        The most marks.
    """
    which = axis.axis_name
    if not high > low:
        # Nothing to measure: one mark, in the middle of an x axis and at the foot of a y axis.
        marks = [low]
        low, high = low - (1.0 if which == "x" else 0.02), low + 1.0
    elif smallest is None:
        marks = MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    else:
        set_scale = getattr(axis.axes, f"set_{which}scale")
        set_scale("asinh", linear_width=smallest)
        marks = _decades(low, high, smallest, most)
    marks = [m for m in marks if low - 1e-9 * (high - low) <= m <= high + 1e-9 * (high - low)]
    axis.set_major_locator(FixedLocator(marks))
    said = [money(0.0 if abs(m) < 1e-12 else float(m)).replace("-", "−") for m in marks]
    axis.set_major_formatter(FixedFormatter(said))
    axis.set_minor_locator(NullLocator())
    axis.axes.set(**{f"{which}lim": (low, high)})


def _decades(low: float, high: float, smallest: float, most: int) -> list[float]:
    first = math.ceil(math.log10(smallest) - 1e-9)
    last = math.floor(math.log10(max(abs(low), abs(high))) + 1e-9)
    sides = (low < -smallest) + (high > smallest)
    step = max(1, -(-(last - first + 1) * sides // most))
    sizes = [10.0**k for k in range(last, first - 1, -step)]
    return sorted({0.0, *sizes, *(-s for s in sizes)})


def month_marks(findings: Findings, most: int = 6) -> list[int]:
    """Choose the months to mark: the first, whole or half years, the last; in short plans even steps to the last."""
    horizon = findings.horizon
    step = next(s for s in (1, 2, 3, 6, 12, 24, 36, 60) if horizon / s <= most)
    if step < 6:
        return list(range(horizon, 0, -step))[::-1]
    # Marks that would touch that of month 1 are left out.
    marks = [1, *(m for m in range(step, horizon + 1, step) if m - 1 >= 0.6 * step)]
    if horizon - marks[-1] >= 0.6 * step or marks[-1] == 1 != horizon:
        marks.append(horizon)
    else:
        marks[-1] = horizon
    return sorted(set(marks))


def mark_months(axis: Axis, findings: Findings, most: int = 6, numbered: bool = True) -> None:
    """Mark an x axis with months of the plan, as dates and, where `numbered`, as numbers."""
    marks = month_marks(findings, most)
    axis.set_major_locator(FixedLocator(marks))
    said = []
    for month in marks:
        year, number, _ = str(findings.dates[month - 1]).split("-")
        name = MONTH_NAMES[int(number) - 1][:3]
        said.append(f"{name} {year}\nmonth {month}" if numbered else f"{name} {year[2:]}")
    axis.set_major_formatter(FixedFormatter(said))
    axis.set_minor_locator(NullLocator())
    # A horizon of one month is a point; it gets room to be seen.
    room = 0.5 if findings.horizon == 1 else 0.0
    axis.axes.set_xlim(1 - room, findings.horizon + room)


def spread(centres: np.ndarray, heights: np.ndarray, low: float, high: float) -> np.ndarray:
    """
    Move labels as little as possible so that they do not overlap.

    Parameters
    ----------
    centres
        (label,) where each would stand.
    heights
        (label,) how much room each takes.
    low, high
        Ends of the room; where the labels do not fit, they run over its upper end.

    Returns
    -------
    np.ndarray
        (label,) where each stands, in the order given.

    Notes
    -----
    Least squares under the constraint of a least distance between neighbours: subtracting the room that the
    labels below take leaves an isotonic regression, solved by pooling adjacent violators.
    """
    order = np.argsort(centres, kind="stable")
    sizes = heights[order]
    below = np.concatenate([[0.0], np.cumsum((sizes[:-1] + sizes[1:]) / 2)])
    pools: list[list[float]] = []
    for wish in centres[order] - below:
        pools.append([wish, 1.0])
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            mean, count = pools.pop()
            pools[-1][0] = (pools[-1][0] * pools[-1][1] + mean * count) / (pools[-1][1] + count)
            pools[-1][1] += count
    free = np.repeat([p[0] for p in pools], [int(p[1]) for p in pools])
    least = low + sizes[0] / 2
    most = max(high - sizes[-1] / 2 - below[-1], least)
    placed = np.empty(len(order))
    placed[order] = np.clip(free, least, most) + below
    return placed
