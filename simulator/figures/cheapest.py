"""Draw who is cheapest by each month, and what choosing another costs."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.figures.colours import OTHERS, legible
from simulator.figures.page import (
    GRID,
    LEADING,
    MARGIN,
    SMALL_SIZE,
    TEXT_SIZE,
    Page,
    fit_apart,
    named,
)
from simulator.figures.scales import mark_money, mark_months, needs_logarithm, spread
from simulator.verdict.findings import Findings
from simulator.verdict.numerals import chance, estimated_money, futures

WIDTH = 11.0
AXIS_ROOM = 0.55
LABEL_ROOM = 2.75
LEAD = 0.16
NUMBER_ROOM = 0.68

# Strategies that never reach this chance share one band with those that have no colour of their own, so that
# no label stands for a band that cannot be made out.
VISIBLE = 0.015


def draw(findings: Findings, colours: tuple[str, ...]) -> Figure:
    """
    Draw the chance of being cheapest as bands that add up to 100, and below it the expected regret.

    Parameters
    ----------
    findings
        What is drawn: `cheapest_probability` and `expected_regret` by month.
    colours
        (strategy,).
    """
    f = findings
    upper = 3.1
    lower = max(2.5, 0.18 * f.count)
    head, gap = 0.34, 0.62
    page = Page.open(f, _title(f), _subtitle(f), WIDTH, 2 * head + upper + gap + lower + 0.38)
    left, width = MARGIN + AXIS_ROOM, WIDTH - 2 * MARGIN - AXIS_ROOM - LABEL_ROOM

    page.write(MARGIN, page.top, ["Chance of being the cheapest so far, in 100 futures"], bold=True)
    chances = page.axes(left, page.top + head, width, upper)
    _bands(f, page, chances, colours, left + width, page.top + head, upper)
    mark_months(chances.xaxis, f, numbered=False)

    start = page.top + head + upper + gap
    heading = f"Expected regret so far, {f.currency}: mean extra cost over the cheapest of each future"
    regrets = page.axes(left, start + head, width, lower)
    logarithmic = _lines(f, page, regrets, colours, left + width, start + head, lower)
    heading += " (logarithmic scale)" if logarithmic else ""
    page.write(MARGIN, start, [heading], bold=True)
    mark_months(regrets.xaxis, f)
    return page.figure


def _bands(
    f: Findings, page: Page, axes: Axes, colours: tuple[str, ...], right: float, top: float, height: float
) -> None:
    share = f.values("cheapest_probability", "strategy", "month")
    rare = [i for i in f.order if share[i].max() < VISIBLE or colours[i] == OTHERS]
    rare = rare if len(rare) > 1 else []
    shown = [i for i in f.order if i not in rare]
    bands = [share[i] for i in shown] + ([share[rare].sum(axis=0)] if rare else [])
    fills = [colours[i] for i in shown] + [OTHERS] * bool(rare)
    texts = [
        ("tie" if f.all_identical else chance(f.cheapest(i)), f.labels[i], f.names[i], colours[i])
        for i in shown
    ]
    if rare:
        together = f"{len(rare)} others together"
        texts.append((_rare(f, rare), together, together, OTHERS))

    months, stacked = _months(f), np.cumsum(bands, axis=0) * 100
    floor = np.zeros(f.horizon)
    for fill, ceiling in zip(fills, stacked, strict=True):
        axes.fill_between(
            months, _drawn(f, floor), _drawn(f, ceiling), facecolor=fill, edgecolor="white", linewidth=0.9
        )
        floor = ceiling
    axes.set_ylim(0, 100)
    axes.set_yticks([0, 25, 50, 75, 100])
    for line in (25, 50, 75):
        axes.axhline(line, color="white", linewidth=0.6, alpha=0.45)
    edges = np.concatenate([[0.0], stacked[:, -1]]) / 100
    centres = (edges[:-1] + edges[1:]) / 2
    _labels(page, texts, centres, right, top, height)


def _rare(f: Findings, rare: list[int]) -> str:
    total = 100 * sum(f.cheapest(i).value for i in rare)
    if total == 0:
        return "never"
    return "<0.1" if total < 0.1 else f"{total:.1f}" if total < 1 else f"{total:.0f}"


def _lines(
    f: Findings, page: Page, axes: Axes, colours: tuple[str, ...], right: float, top: float, height: float
) -> bool:
    regret = f.values("expected_regret", "strategy", "month")
    logarithmic = needs_logarithm(regret[:, -1])
    ends = regret[:, -1]
    smallest = float(ends[ends > 0].min()) if logarithmic else None
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    months = _months(f)
    # The best ones are drawn last, on top.
    for i in reversed(f.order):
        best = i == f.recommended
        axes.plot(
            months,
            _drawn(f, regret[i]),
            color=colours[i],
            linewidth=2.4 if best else 1.5,
            solid_capstyle="butt",
            clip_on=False,
        )
    high = float(regret.max())
    mark_money(axes.yaxis, 0.0, 1.03 * high, smallest, most=5)
    heights = axes.transAxes.inverted().transform(
        axes.transData.transform([(f.horizon, ends[i]) for i in f.order])
    )[:, 1]
    texts = [(estimated_money(f.regret(i)), f.labels[i], f.names[i], colours[i]) for i in f.order]
    _labels(page, texts, heights, right, top, height)
    return logarithmic


def _labels(
    page: Page,
    texts: list[tuple[str, str, str, str]],
    centres: np.ndarray,
    right: float,
    top: float,
    height: float,
) -> None:
    """Write number and label of each band or line beside its end, led there by a thin rule."""
    room = LABEL_ROOM - LEAD - NUMBER_ROOM - 0.05
    crowded = len(texts) * 2 * SMALL_SIZE > 0.8 * height * 72
    labels = [label for _, label, _, _ in texts]
    wrapped = fit_apart(labels, [name for _, _, name, _ in texts], room, TEXT_SIZE, 1 if crowded else 2)
    need = np.array([(len(lines) * TEXT_SIZE * LEADING + 1.5) / 72 / height for lines in wrapped])
    places = spread(np.asarray(centres), need, -0.01, 1.04)
    for (number, *_, colour), lines, centre, place in zip(texts, wrapped, centres, places, strict=True):
        ends = tuple(top + height * (1 - y) for y in (centre, place))
        page.rule((right + 0.03, right + LEAD - 0.04), ends, colour, 0.9)
        page.write(
            right + LEAD + NUMBER_ROOM - 0.1, ends[1], [number], bold=True, align="right", anchor="center"
        )
        page.write(right + LEAD + NUMBER_ROOM, ends[1], lines, colour=legible(colour), anchor="center")


def _months(f: Findings) -> np.ndarray:
    return np.array([0.5, 1.5]) if f.horizon == 1 else np.arange(1, f.horizon + 1)


def _drawn(f: Findings, values: np.ndarray) -> np.ndarray:
    return np.repeat(values, 2) if f.horizon == 1 else values


def _title(f: Findings) -> str:
    first = f.most_often
    if f.all_identical:
        return f"All {f.count} strategies cost the same in every lifetime"
    said = f"{named(f, first)} is cheapest {futures(f.cheapest(first), f.lifetimes)} by month {f.horizon}"
    if f.recommended != first:
        if {first, f.recommended} in map(set, f.alike_on_average()):
            return f"{said}; on average it cannot be told from {named(f, f.recommended)}"
        regret = f"expected regret {estimated_money(f.regret(f.recommended))} {f.currency}"
        return f"{said}, but {named(f, f.recommended)} is the cheapest on average ({regret})"
    return f"{said}, with an expected regret of {estimated_money(f.regret(first))} {f.currency}"


def _subtitle(f: Findings) -> str:
    said = (
        "Strategies are compared lifetime by lifetime on present cost until each month, under the same "
        "demand and prices. Numbers on the right are those of the last month."
    )
    if not f.compares_all:
        said += f" Compared on {', '.join(f.compare_on)} only."
    return said
