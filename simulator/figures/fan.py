"""Draw what each strategy has cost by each month, and how sure that is."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.figures.colours import BASELINE, legible, tint
from simulator.figures.page import (
    GRID,
    INK,
    LEADING,
    MARGIN,
    MUTED,
    SMALL_SIZE,
    TEXT_SIZE,
    Page,
    families,
    fit,
    fit_apart,
    named,
)
from simulator.figures.scales import mark_money, mark_months, needs_logarithm, spread
from simulator.verdict.findings import TIE, Findings
from simulator.verdict.numerals import Estimate, chance, estimated_money, is_always, is_never
from simulator.verdict.words import level_name, month_name

WIDTH = 11.0
AXIS_ROOM = 0.5
LABEL_ROOM = 0.82
HEAD = 0.62
FOOT = 0.32

LABEL_SIZE = 7.0

# Times the lowest typical cost that the highest bad case may reach before the axis turns logarithmic.
FLATTENED = 40.0


def draw(findings: Findings, colours: tuple[str, ...]) -> Figure:
    """
    Draw one panel a strategy, best first, all on one scale.

    Parameters
    ----------
    findings
        What is drawn: present cost by month, at the quantiles that the dataset holds.
    colours
        (strategy,).
    """
    f = findings
    levels = _levels(f)
    smallest = _smallest(f, levels)
    columns = _columns(f.count)
    rows = math.ceil(f.count / columns)
    panel = (5.0, 3.6, 2.9, 2.35, 2.1)[min(rows, 5) - 1] if f.count > 1 else 4.6
    page = Page.open(f, _title(f), _subtitle(f, levels, smallest), WIDTH, rows * panel)
    width = (WIDTH - 2 * MARGIN - AXIS_ROOM) / columns
    low, high = _limits(f, levels)
    heads = _names(f, width - 0.15)
    for place, strategy in enumerate(f.order):
        row, column = divmod(place, columns)
        left, top = MARGIN + AXIS_ROOM + column * width, page.top + row * panel
        axes = page.axes(left, top + HEAD, width - LABEL_ROOM, panel - HEAD - FOOT)
        _panel(f, axes, strategy, colours[strategy], levels)
        mark_money(axes.yaxis, low, high, smallest, most=5)
        if column:
            axes.tick_params(labelleft=False)
        last_in_column = place + columns >= f.count
        mark_months(axes.xaxis, f, most={1: 6, 5: 2}.get(columns, 3), numbered=columns == 1)
        axes.tick_params(labelbottom=last_in_column or rows <= 3)
        _label_ends(f, axes, strategy, colours[strategy], levels)
        _head(f, page, strategy, (left, top, width - 0.15), heads[strategy])
    return page.figure


def _smallest(f: Findings, levels: tuple[float, ...]) -> float | None:
    """Give the size below which the axis is linear, where a linear axis alone would flatten a strategy."""

    def ends(level: float) -> np.ndarray:
        at = {"month": f.horizon}
        return np.array([f.level("present_cost", level, strategy=i, **at).value for i in range(f.count)])

    if not needs_logarithm(np.array([*ends(levels[2]), ends(levels[4]).max()]), FLATTENED):
        return None
    low = ends(levels[0])
    return float(low[low > 0].min()) if (low > 0).any() else None


def _columns(count: int) -> int:
    if count <= 3:
        return count
    if count in (4, 7, 8):
        return 4
    return 3 if count <= 6 else min(5, math.ceil(math.sqrt(count)))


def _levels(f: Findings) -> tuple[float, ...]:
    """Choose outer low, inner low, middle, inner high, outer high among the levels held."""
    return tuple(f.nearest(q) for q in (0.05, 0.25, 0.5, 0.75, 0.95))


def _limits(f: Findings, levels: tuple[float, ...]) -> tuple[float, float]:
    held = [int(np.argmin(np.abs(f.quantiles - q))) for q in (levels[0], levels[-1])]
    costs = f.values("present_cost", "strategy", "month", "quantile")[..., held]
    top = max(float(costs.max()), float(f.values("present_cost_mean", "strategy", "month").max()))
    return min(0.0, float(costs.min())), 1.04 * top if top > 0 else 1.0


def _panel(f: Findings, axes: Axes, strategy: int, colour: str, levels: tuple[float, ...]) -> None:
    months = np.arange(1, f.horizon + 1)
    if f.horizon == 1:
        months = np.array([0.8, 1.2])
    held = [int(np.argmin(np.abs(f.quantiles - q))) for q in levels]

    def drawn(values: np.ndarray) -> np.ndarray:
        return np.repeat(values, 2) if f.horizon == 1 else values

    cost = f.values("present_cost", "strategy", "month", "quantile")
    lines = [drawn(cost[strategy, :, k]) for k in held]
    mean = drawn(f.values("present_cost_mean", "strategy", "month")[strategy])
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.fill_between(months, lines[0], lines[4], color=tint(colour, 0.22), linewidth=0)
    axes.fill_between(months, lines[1], lines[3], color=tint(colour, 0.48), linewidth=0)
    if strategy != f.baseline:
        typical = drawn(cost[f.baseline, :, held[2]])
        axes.plot(months, typical, color=legible(BASELINE), linewidth=1.0, dashes=(4, 2.5))
    axes.plot(months, mean, color=INK, linewidth=1.0, dashes=(1, 1.6))
    axes.plot(months, lines[2], color=legible(colour), linewidth=1.9, solid_capstyle="butt")


def _label_ends(f: Findings, axes: Axes, strategy: int, colour: str, levels: tuple[float, ...]) -> None:
    """Write the costs at the horizon beside the ends of their lines."""
    at = {"strategy": strategy, "month": f.horizon}
    low, middle, high = (
        (level_name(q), f.level("present_cost", q, **at)) for q in (levels[0], levels[2], levels[4])
    )
    shown: list[tuple[str, Estimate]] = [low, middle, ("mean", f.mean(strategy)), high]
    if high[1].value - low[1].value <= TIE * abs(high[1].value):
        shown = [middle]
    # Rounded, so that equal costs keep this order.
    heights = (
        axes.transAxes.inverted()
        .transform(axes.transData.transform([(f.horizon, e.value) for _, e in shown]))[:, 1]
        .round(6)
    )
    figure = axes.get_figure()
    size = axes.get_position().height * figure.get_figheight()
    aside = 1 + 0.06 / (axes.get_position().width * figure.get_figwidth())
    need = np.full(len(shown), LABEL_SIZE * 1.25 / 72 / size)
    for (name, estimate), y in zip(shown, spread(heights, need, -0.03, 1.08), strict=True):
        typical = name == middle[0]
        axes.text(
            aside,
            y,
            f"{name} {estimated_money(estimate)}",
            transform=axes.transAxes,
            fontsize=LABEL_SIZE,
            weight="bold" if typical else "normal",
            color=legible(colour) if typical else INK if name == "mean" else MUTED,
            family=list(families()),
            va="center",
            parse_math=False,
        )


def _names(f: Findings, room: float) -> list[list[str]]:
    """Break the labels into lines that fit above the panels."""

    def marked(texts: tuple[str, ...]) -> list[str]:
        return [text + (" (baseline)" if i == f.baseline else "") for i, text in enumerate(texts)]

    return fit_apart(marked(f.labels), marked(f.names), room, TEXT_SIZE, 2, bold=True)


def _head(
    f: Findings, page: Page, strategy: int, place: tuple[float, float, float], lines: list[str]
) -> None:
    """Write a strategy's label and its chance to be cheapest above its panel."""
    if f.count == 1:
        return
    left, top, room = place
    page.write(left, top + 0.04, lines, bold=True)
    best = f.cheapest(strategy)
    said = f"cheapest in {chance(best, ' to ')} of 100 futures"
    if f.all_identical:
        said = "the same cost as all others"
    elif is_never(best) or is_always(best):
        said = f"{chance(best)} the cheapest"
    below = len(lines) * TEXT_SIZE * LEADING / 72
    page.write(left, top + 0.06 + below, fit(said, room, SMALL_SIZE), SMALL_SIZE, colour=MUTED)


def _title(f: Findings) -> str:
    first, levels = f.recommended, (f.nearest(0.5), f.nearest(0.95))

    def cost(strategy: int, level: float) -> str:
        return estimated_money(f.level("present_cost", level, strategy=strategy, month=f.horizon))

    mine, theirs = ([cost(i, q) for q in levels] for i in (first, f.baseline))
    said = f"By month {f.horizon} {named(f, first)} typically costs {mine[0]} {f.currency}"
    if f.count == 1 or first == f.baseline:
        return said if mine[0] == mine[1] else f"{said}, and {mine[1]} in the bad case"
    said += f", against {theirs[0]} for {named(f, f.baseline)}"
    if mine[0] == mine[1] and theirs[0] == theirs[1]:
        return said
    return f"{said} (in the bad case {mine[1]} against {theirs[1]})"


def _subtitle(f: Findings, levels: tuple[float, ...], smallest: float | None) -> str:
    outer, inner = (f"{level_name(levels[i])} to {level_name(levels[-1 - i])}" for i in (0, 1))
    said = (
        f"Present cost until each month, {f.currency}, to {month_name(f, f.horizon)}. Light band {outer}, "
        f"dark band {inner}, line {level_name(levels[2])} (the typical future), dotted line mean"
    )
    said += f", dashed grey line the baseline's {level_name(levels[2])}. " if f.count > 1 else ". "
    if f.count > 1:
        said += "Lowest expected regret first."
    return said + (" Logarithmic scale." if smallest else "")
