"""Draw when each strategy has broken even for good, and how often it never does."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.figures.colours import legible, tint
from simulator.figures.page import GRID, INK, LEADING, MARGIN, MUTED, TEXT_SIZE, Page, fit, named
from simulator.figures.scales import mark_months, spread
from simulator.verdict.findings import Findings
from simulator.verdict.numerals import chance, futures, is_always, is_never, lifetimes

WIDTH = 11.0
AXIS_ROOM = 0.5
LEAD = 0.22
LABEL_ROOM = 2.3
BAR_ROOM = 2.0
HEAD = 0.5
FOOT = 0.45


def draw(findings: Findings, colours: tuple[str, ...]) -> Figure:
    """
    Draw the chance of having broken even for good by each month, and beside it the chance of never doing so.

    Parameters
    ----------
    findings
        What is drawn: `break_even_probability` added up over the months, and `never_breaks_even`.
    colours
        (strategy,).
    """
    f = findings
    rivals = [i for i in f.order if i != f.baseline]
    height = max(3.8, 0.36 * len(rivals))
    page = Page.open(f, _title(f), _subtitle(f), WIDTH, HEAD + height + FOOT)
    left = MARGIN + AXIS_ROOM
    width = WIDTH - 2 * MARGIN - AXIS_ROOM - LEAD - LABEL_ROOM - BAR_ROOM
    top = page.top + HEAD
    axes = page.axes(left, top, width, height)
    reached = 100 * np.cumsum(
        f.values("break_even_probability", "strategy", "rival", "month")[:, f.baseline], axis=1
    )
    axes.set_ylim(0, 100)
    axes.set_yticks([0, 25, 50, 75, 100])
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.axhline(50, color=MUTED, linewidth=0.7, dashes=(3, 3))
    for i in reversed(rivals):
        _curve(f, axes, reached[i], colours[i], wide=i == f.recommended)
    mark_months(axes.xaxis, f)
    page.write(MARGIN, top - 0.1, ["Ahead for good, in 100 futures"], bold=True, anchor="bottom")
    _never(f, page, rivals, reached[rivals, -1] / 100, colours, (left + width, top, height))
    return page.figure


def _curve(f: Findings, axes: Axes, reached: np.ndarray, colour: str, wide: bool) -> None:
    months = np.arange(1, f.horizon + 1)
    if f.horizon == 1:
        months, reached = np.array([0.8, 1.2]), np.repeat(reached, 2)
    axes.plot(
        months, reached, color=colour, linewidth=2.6 if wide else 1.6, solid_capstyle="butt", clip_on=False
    )


def _never(
    f: Findings,
    page: Page,
    rivals: list[int],
    ends: np.ndarray,
    colours: tuple[str, ...],
    place: tuple[float, float, float],
) -> None:
    """Write each label beside the end of its curve, and draw the chance of never breaking even beside it."""
    right, top, height = place
    crowded = len(rivals) * 0.42 > height
    wrapped = [fit(f.labels[i], LABEL_ROOM - 0.15, TEXT_SIZE, 1 if crowded else 2) for i in rivals]
    need = np.array([max(len(w) * TEXT_SIZE * LEADING / 72 + 0.04, 0.24) / height for w in wrapped])
    places = spread(ends, need, 0.0, 1.03)
    bar_left = right + LEAD + LABEL_ROOM
    longest = BAR_ROOM - 0.55
    page.write(bar_left, top - 0.1, ["Never, in 100 futures"], bold=True, anchor="bottom")
    for i, lines, end, at in zip(rivals, wrapped, ends, places, strict=True):
        y, start = top + height * (1 - at), top + height * (1 - end)
        never = f.estimate("never_breaks_even", strategy=i, rival=f.baseline)
        page.rule((right + 0.04, right + LEAD - 0.05), (start, y), colours[i], 0.9)
        page.write(
            right + LEAD, y, lines, colour=legible(colours[i]), bold=i == f.recommended, anchor="center"
        )
        page.bar(bar_left, y, longest, 0.13, GRID)
        page.bar(bar_left, y, longest * never.value, 0.13, tint(colours[i], 0.85))
        page.write(bar_left + longest + 0.08, y, [chance(never)], bold=True, colour=INK, anchor="center")


def _title(f: Findings) -> str:
    first = f.recommended if f.recommended != f.baseline else next(i for i in f.order if i != f.baseline)
    label, rival = named(f, first), named(f, f.baseline)
    never = f.estimate("never_breaks_even", strategy=first, rival=f.baseline)
    half = f.half_broken_even(first, f.baseline)
    if f.identical(first, f.baseline):
        return f"{label} costs the same as {rival}, the baseline, in every lifetime"
    if is_always(never):
        return f"{label} never breaks even with {rival}, in all of {lifetimes(f.lifetimes)}"
    if half is None:
        said = f"{label} breaks even with {rival} in fewer than half of the futures"
    elif half == 1:
        said = f"In half of the futures {label} is ahead of {rival} from the start"
    else:
        said = f"In half of the futures {label} has broken even with {rival} by month {half}"
    if is_never(never):
        return f"{said}; it always does by month {f.horizon}"
    return f"{said}; {futures(never, f.lifetimes)} it never does"


def _subtitle(f: Findings) -> str:
    said = (
        f"Chance that from some month on, up to month {f.horizon}, the present cost stays at or below that "
        f"of the baseline ({f.labels[f.baseline]}). What is missing to 100 never breaks even in that time."
    )
    if not f.compares_all:
        said += f" Compared on {', '.join(f.compare_on)} only."
    return said
