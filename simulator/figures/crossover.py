"""Draw how the chance of being cheaper depends on volume."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from simulator.figures.colours import legible, tint
from simulator.figures.page import (
    GRID,
    INK,
    LEADING,
    MARGIN,
    MUTED,
    RULE,
    SMALL_SIZE,
    TEXT_SIZE,
    Page,
    fit_apart,
    named,
    text_width,
)
from simulator.figures.scales import spread
from simulator.verdict.crossover import Crossover
from simulator.verdict.numerals import chance, estimated_money, futures, money

WIDTH = 11.0
AXIS_ROOM = 0.5
LEAD = 0.22
NUMBER_ROOM = 0.62
LABEL_ROOM = 2.2
HEAD = 0.62
AXIS_FOOT = 0.24
RULES_FOOT = 0.52

# Volumes [req/month] at which the articles of configs/sources change their advice, and to what.
THRESHOLDS = (
    (1e3, "TokenRate", "below: prompt"),
    (5e3, "TokenRate", "above: fine-tune"),
    (1e4, "Real Cost", "below: prompt"),
    (1e5, "Real Cost", "likely fine-tune"),
    (1e6, "Real Cost, Cost-Benefit", "above: fine-tune"),
)


def draw(crossover: Crossover, colours: tuple[str, ...]) -> Figure:
    """
    Draw the chance of being cheaper than the rival by the horizon, over the requests of a month.

    Parameters
    ----------
    crossover
        What is drawn: `win_probability` with its interval, the plan's own volume, the articles' thresholds.
    colours
        (strategy,).
    """
    c = crossover
    height = max(4.1, 0.4 * len(c.others))
    body = HEAD + height + AXIS_FOOT + RULES_FOOT
    page = Page.open(c, _title(c), _subtitle(c), WIDTH, body)
    left, top = MARGIN + AXIS_ROOM, page.top + HEAD
    numbers = NUMBER_ROOM * len(_told(c))
    width = WIDTH - 2 * MARGIN - AXIS_ROOM - LEAD - numbers - LABEL_ROOM
    axes = page.axes(left, top, width, height)
    axes.set_xscale("log")
    axes.set_xlim(*_ends(c))
    axes.set_ylim(0, 100)
    axes.set_yticks([0, 25, 50, 75, 100])
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    _mark_requests(axes, c)
    _own_volume(c, page, axes, (left, width, top))
    _thresholds(c, page, axes, (left, width, top + height))
    axes.axhline(50, color=MUTED, linewidth=0.7, dashes=(3, 3))
    for i in reversed(c.others):
        _curve(c, axes, i, colours[i], wide=i == c.others[0])
    page.write(
        MARGIN,
        top - 0.3,
        ["Ends cheaper, in 100 futures, by requests a month (of month 1)"],
        bold=True,
        anchor="bottom",
    )
    _labels(c, page, colours, (left + width, top, height))
    return page.figure


def _mark_requests(axes: Axes, c: Crossover) -> None:
    low, high = np.log10(_ends(c))
    marks = [10.0**decade for decade in np.arange(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)]
    if len(marks) < 3:
        marks = [float(f"{10.0**at:.2g}") for at in np.linspace(low, high, 5)]
    axes.xaxis.set_major_locator(FixedLocator(marks))
    axes.xaxis.set_major_formatter(FixedFormatter([money(mark) for mark in marks]))
    axes.xaxis.set_minor_locator(NullLocator())
    for mark in marks:
        axes.axvline(mark, color=GRID, linewidth=0.8, zorder=0.4)


def _own_volume(c: Crossover, page: Page, axes: Axes, place: tuple[float, float, float]) -> None:
    """Shade the plan's own volume, P5 to P95, and mark its middle."""
    left, width, top = place
    low, middle, high = (c.own_volume(level) for level in (0.05, 0.5, 0.95))
    spreads = high > low * (1 + 1e-9)
    if spreads:
        axes.axvspan(low, high, facecolor=RULE, alpha=0.45, edgecolor="none", zorder=0.5)
    axes.axvline(middle, color=MUTED, linewidth=1.0, zorder=0.6)
    said = f"This plan: {money(middle)}"
    if spreads:
        said += f" a month (P5 {money(low)}, P95 {money(high)})"
    half = text_width(said, SMALL_SIZE) / 2
    x = left + width * _place(c, middle)
    x = min(max(x, left + half), left + width - half)
    page.write(x, top - 0.06, [said], SMALL_SIZE, colour=INK, align="center", anchor="bottom")


def _thresholds(c: Crossover, page: Page, axes: Axes, place: tuple[float, float, float]) -> None:
    """Mark below the axis where rules of thumb change their advice, each led to its label."""
    left, width, bottom = place
    inside = [entry for entry in THRESHOLDS if _ends(c)[0] <= entry[0] <= _ends(c)[1]]
    if not inside:
        return
    texts = [[f"{money(volume)} {source}", advice] for volume, source, advice in inside]
    sizes = np.array([max(text_width(line, SMALL_SIZE) for line in lines) + 0.16 for lines in texts])
    marks = np.array([left + width * _place(c, volume) for volume, _, _ in inside])
    # Labels may reach under those of the curves.
    places = spread(marks, sizes, left - AXIS_ROOM, WIDTH - MARGIN)
    for (volume, _, _), lines, mark, x in zip(inside, texts, marks, places, strict=True):
        axes.axvline(volume, color=MUTED, linewidth=0.7, dashes=(1, 3), zorder=0.7)
        page.rule((mark, x), (bottom + AXIS_FOOT, bottom + AXIS_FOOT + 0.17), MUTED, 0.6)
        page.write(x, bottom + AXIS_FOOT + 0.2, lines, SMALL_SIZE, colour=MUTED, align="center")


def _place(c: Crossover, volume: float) -> float:
    """Give where a volume stands on the axis, 0 to 1."""
    low, high = np.log(_ends(c))
    return float((np.log(volume) - low) / (high - low))


def _ends(c: Crossover) -> np.ndarray:
    """Give the ends of the axis [req/month]; a single volume gets room to be seen."""
    ends = c.volume[[0, -1]]
    return ends if ends[1] > ends[0] else ends * [0.5, 2.0]


def _curve(c: Crossover, axes: Axes, i: int, colour: str, wide: bool) -> None:
    volume, share = c.volume, 100 * c.values("win_probability")[i]
    interval = 100 * c.values("win_probability_interval")[i]
    if not c.has_closed_form:
        axes.fill_between(
            volume, interval[:, 0], interval[:, 1], facecolor=tint(colour, 0.35), edgecolor="none", alpha=0.6
        )
    axes.plot(
        volume, share, color=colour, linewidth=2.6 if wide else 1.6, solid_capstyle="butt", clip_on=False
    )
    own = {"marker": "o", "markersize": 5.5, "markerfacecolor": "white", "markeredgewidth": 1.5}
    axes.plot(volume[c.now], share[c.now], markeredgecolor=colour, clip_on=False, **own)


def _labels(c: Crossover, page: Page, colours: tuple[str, ...], place: tuple[float, float, float]) -> None:
    """Write beside the end of each curve the chance there, that at the plan's own volume, and its label."""
    right, top, height = place
    crowded = len(c.others) * 0.42 > height
    labels = fit_apart(c.labels, c.names, LABEL_ROOM - 0.1, TEXT_SIZE, 1 if crowded else 2)
    lines = [labels[i] for i in c.others]
    need = np.array([max(len(each) * TEXT_SIZE * LEADING / 72 + 0.04, 0.24) / height for each in lines])
    ends = c.values("win_probability")[list(c.others), -1]
    places = spread(ends, need, 0.0, 1.03)
    told = _told(c)
    for column, (_, head) in enumerate(told):
        x = right + LEAD + (column + 1) * NUMBER_ROOM - 0.1
        page.write(x, top - 0.16, head, SMALL_SIZE, colour=MUTED, align="right", anchor="bottom")
    for i, text, end, at in zip(c.others, lines, ends, places, strict=True):
        y, start = top + height * (1 - at), top + height * (1 - end)
        best = i == c.others[0]
        page.rule((right + 0.04, right + LEAD - 0.05), (start, y), colours[i], 0.9)
        x = right + LEAD
        for point, _ in told:
            x += NUMBER_ROOM
            said = [chance(c.win(i, point))]
            page.write(x - 0.1, y, said, bold=point == c.now, align="right", anchor="center")
        page.write(x, y, text, colour=legible(colours[i]), bold=best, anchor="center")


def _told(c: Crossover) -> list[tuple[int, list[str]]]:
    """Choose the points whose chances are written: where the curves end, and the plan's own volume (circles)."""
    last = len(c.volume) - 1
    own = (c.now, ["○ at", money(c.own_volume(0.5))])
    return [own] if c.now == last else [(last, ["at", money(c.volume[last])]), own]


def _title(c: Crossover) -> str:
    first = c.others[0]
    label, rival = named(c, first), named(c, c.baseline)
    even, curve = c.passing(first, 1), c.curve(first)
    own = money(c.own_volume(0.5))
    if not even.missing and curve in ("rising", "falling"):
        side = "above" if curve == "rising" else "below"
        likely = "" if c.has_closed_form else "more likely than not "
        said = f"{label} is {likely}cheaper than {rival} {side} {estimated_money(even)} requests a month"
        return f"{said}; the plan begins with {own}"
    said = f"At the plan's {own} requests a month {label} ends cheaper than {rival}"
    return f"{said} {futures(c.win(first), c.lifetimes)}"


def _subtitle(c: Crossover) -> str:
    said = f"Chance that the present cost until month {c.horizon} is below that of {c.labels[c.baseline]}, if the "
    said += "volume of every month is multiplied by the same factor; the same lifetimes at every volume. "
    said += "" if c.has_closed_form else "Bands are 95 % intervals. "
    said += f"Circles: the plan's own {money(c.own_volume(0.5))}; right: chances at the volumes named above them. "
    said += "Dotted lines are volumes at which published rules of thumb change their advice."
    compared = str(c.dataset.attrs["compare_on"]).split(", ")
    if len(compared) < 8:
        said += f" Compared on {', '.join(compared)} only."
    return said
