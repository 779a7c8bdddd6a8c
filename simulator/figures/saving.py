"""Draw how much each strategy saves against the baseline, over all futures."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.figures.colours import legible, tint
from simulator.figures.page import (
    GRID,
    INK,
    MARGIN,
    MUTED,
    SMALL_SIZE,
    TEXT_SIZE,
    Page,
    fit_apart,
    named,
    text_width,
)
from simulator.figures.scales import mark_money, needs_logarithm
from simulator.verdict.findings import Findings
from simulator.verdict.numerals import Estimate, chance, estimated_money, futures, is_always, is_never
from simulator.verdict.words import level_name

WIDTH = 11.0
LABEL_ROOM = 2.35
NUMBER_ROOM = 2.05
CHANCE_END = 0.85
SAVING_START = 1.02
HEAD = 0.42
FOOT = 0.42

# Cells of the density's grid, and the sd of its smoothing in cells.
CELLS = 240
SMOOTHING = 3.0


def draw(findings: Findings, colours: tuple[str, ...]) -> Figure:
    """
    Draw one row a strategy: the density of its saving, the spread of it, and the share of futures above zero.

    Parameters
    ----------
    findings
        What is drawn: quantiles of `saving` from all lifetimes. The densities are those of the sampled
        lifetimes, and left out where the plan compares on some components only, as the samples hold all.
    colours
        (strategy,).
    """
    f = findings
    rivals = [i for i in f.order if i != f.baseline]
    row = 1.15 if len(rivals) <= 3 else 0.86 if len(rivals) <= 7 else 0.6
    page = Page.open(f, _title(f), _subtitle(f), WIDTH, HEAD + row * len(rivals) + FOOT)
    left, width = MARGIN + LABEL_ROOM, WIDTH - 2 * MARGIN - LABEL_ROOM - NUMBER_ROOM
    top = page.top + HEAD
    axes = page.axes(left, top, width, row * len(rivals))
    low, high, smallest = _limits(f, rivals)
    mark_money(axes.xaxis, low, high, smallest, most=7)
    axes.set_ylim(len(rivals), 0)
    axes.set_yticks([])
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    most = 2 if row < 0.8 else 3
    labels = fit_apart(f.labels, f.names, LABEL_ROOM - 0.2, TEXT_SIZE + 0.5, most, bold=True)
    for place, i in enumerate(rivals):
        _row(f, axes, i, place, colours[i], (low, high))
        _say(f, page, i, colours[i], (left, left + width), top + row * (place + 0.62), labels[i])
    axes.axvline(0, color=INK, linewidth=1.3)
    heads = top - 0.08
    typical = ["typical saving", f"({level_name(f.nearest(0.5))}), {f.currency}"]
    small = {"size": SMALL_SIZE, "colour": MUTED, "anchor": "bottom"}
    page.write(left + width + CHANCE_END, heads, ["cheaper", "in 100"], align="right", **small)
    page.write(left + width + SAVING_START, heads, typical, **small)
    _ways(page, axes, left, width, heads)
    return page.figure


def _say(
    f: Findings, page: Page, strategy: int, colour: str, ends: tuple[float, float], y: float, label: list[str]
) -> None:
    """Write label, chance and typical saving of one strategy beside its row."""
    size = TEXT_SIZE + 0.5
    page.write(
        ends[0] - 0.15, y, label, size, colour=legible(colour), bold=True, align="right", anchor="center"
    )
    where = {"strategy": strategy, "rival": f.baseline}
    win = chance(f.estimate("win_probability", **where, month=f.horizon))
    said = "tie" if f.identical(strategy, f.baseline) else win
    page.write(ends[1] + CHANCE_END, y, [said], 12, bold=True, align="right", anchor="center")
    typical = f.level("saving", f.nearest(0.5), **where)
    page.write(ends[1] + SAVING_START, y, [_signed(typical)], size, anchor="center")


def _ways(page: Page, axes: Axes, left: float, width: float, y: float) -> None:
    """Say on either side of zero what the side means, where there is room to say it."""
    zero = float(axes.transAxes.inverted().transform(axes.transData.transform((0.0, 0.0)))[0]) * width
    for room, x, texts, align in (
        (zero, left + zero - 0.08, ("← costs more than the baseline", "← costs more", "← dearer"), "right"),
        (width - zero, left + zero + 0.08, ("saves against the baseline →", "saves →"), "left"),
    ):
        text = next((t for t in texts if text_width(t, SMALL_SIZE) < room - 0.1), "")
        page.write(x, y, [text], SMALL_SIZE, colour=MUTED, align=align, anchor="bottom")


def _limits(f: Findings, rivals: list[int]) -> tuple[float, float, float | None]:
    outer = [f.nearest(0.05), f.nearest(0.95)]
    ends = np.array(
        [[f.level("saving", q, strategy=i, rival=f.baseline).value for q in outer] for i in rivals]
    )
    mean = [f.estimate("saving_mean", strategy=i, rival=f.baseline).value for i in rivals]
    low, high = min(0.0, ends.min(), *mean), max(0.0, ends.max(), *mean)
    room = 0.12 * (high - low)
    sizes = np.abs(ends).max(axis=1)
    smallest = float(sizes[sizes > 0].min()) / 2 if needs_logarithm(sizes) else None
    if smallest is not None:
        return (1.5 * low or -smallest / 2), (1.5 * high or smallest / 2), smallest
    return low - room, high + room, smallest


def _row(f: Findings, axes: Axes, strategy: int, place: int, colour: str, ends: tuple[float, float]) -> None:
    """Draw density and spread of one strategy; its row reaches from `place` down to `place + 1`."""
    line = place + 0.8
    where = {"strategy": strategy, "rival": f.baseline}
    if f.identical(strategy, f.baseline):
        axes.text(
            0, place + 0.5, " the same cost in every lifetime", fontsize=SMALL_SIZE, color=MUTED, va="center"
        )
        return
    if f.compares_all:
        _density(f, axes, strategy, line, colour, ends)
    at = {q: f.level("saving", f.nearest(q), **where).value for q in (0.05, 0.25, 0.5, 0.75, 0.95)}
    dark = legible(colour)
    axes.plot([at[0.05], at[0.95]], [line, line], color=dark, linewidth=1.2, solid_capstyle="butt")
    axes.plot([at[0.25], at[0.75]], [line, line], color=dark, linewidth=4.5, solid_capstyle="butt")
    axes.plot(
        [at[0.5]],
        [line],
        "o",
        markersize=6,
        markerfacecolor="white",
        markeredgecolor=dark,
        markeredgewidth=1.6,
    )
    mean = f.estimate("saving_mean", **where).value
    axes.plot([mean], [line], "D", markersize=3.6, color=INK, markeredgewidth=0, clip_on=False)


def _density(
    f: Findings, axes: Axes, strategy: int, line: float, colour: str, ends: tuple[float, float]
) -> None:
    costs = f.values("sample_present_cost", "lifetime", "strategy")
    saving = costs[:, f.baseline] - costs[:, strategy]
    # The grid is even in what the reader sees, so that a density on a logarithmic axis keeps its area.
    to_screen, to_data = axes.transData, axes.transData.inverted()
    screen = to_screen.transform(np.column_stack([saving, np.zeros_like(saving)]))[:, 0]
    first, last = (float(to_screen.transform((end, 0.0))[0]) for end in ends)
    edges = np.linspace(first, last, CELLS + 1)
    counts = np.histogram(screen, edges)[0].astype(float)
    reach = np.arange(-4 * int(SMOOTHING), 4 * int(SMOOTHING) + 1)
    kernel = np.exp(-0.5 * (reach / SMOOTHING) ** 2)
    density = np.convolve(counts, kernel / kernel.sum(), mode="same")
    if density.max() <= 0:
        return
    # Smoothing must not show savings, least of all of the other sign, where no lifetime has any.
    held = np.flatnonzero(counts)
    density[: held[0]] = 0.0
    density[held[-1] + 1 :] = 0.0
    centres = (edges[:-1] + edges[1:]) / 2
    x = to_data.transform(np.column_stack([centres, np.zeros_like(centres)]))[:, 0]
    height = 0.62 * density / density.max()
    axes.fill_between(x, line - 0.1, line - 0.1 - height, where=x >= 0, color=tint(colour, 0.75), linewidth=0)
    axes.fill_between(x, line - 0.1, line - 0.1 - height, where=x <= 0, color=tint(colour, 0.25), linewidth=0)
    seen = height > 0.003
    axes.plot(x[seen], line - 0.1 - height[seen], color=colour, linewidth=0.9)


def _signed(estimate: Estimate) -> str:
    said = estimated_money(estimate)
    return f"+{said}" if estimate.value > 0 and said[0] not in "~<" else said.replace("-", "−")


def _title(f: Findings) -> str:
    first = f.recommended if f.recommended != f.baseline else next(i for i in f.order if i != f.baseline)
    label, rival = named(f, first), named(f, f.baseline)
    if f.identical(first, f.baseline):
        return f"{label} costs the same as {rival}, the baseline, in every lifetime"
    typical = f.level("saving", f.nearest(0.5), strategy=first, rival=f.baseline)
    dearer = f.estimate("win_probability", strategy=f.baseline, rival=first, month=f.horizon)
    size = estimated_money(Estimate.of(abs(typical.value), typical.error)).replace("~", "about ")
    verb = "saves" if typical.value >= 0 else "costs"
    more = "" if typical.value >= 0 else " more"
    said = f"Against {rival}, {label} typically {verb} {size} {f.currency}{more} by month {f.horizon}"
    if is_never(dearer) or is_always(dearer):
        return f"{said}; it {chance(dearer)} ends dearer"
    return f"{said}; {futures(dearer, f.lifetimes)} it ends dearer"


def _subtitle(f: Findings) -> str:
    levels = [level_name(f.nearest(q)) for q in (0.05, 0.95, 0.25, 0.75, 0.5)]
    said = f"Saving in present cost until month {f.horizon} against the baseline, {f.currency}. "
    said += f"Thin bar {levels[0]} to {levels[1]}, thick bar {levels[2]} to {levels[3]}, circle {levels[4]}, "
    said += "diamond mean. "
    if f.compares_all:
        said += "Hills: how often each saving occurs, pale where the strategy costs more; not to one scale."
    else:
        said += f"Compared on {', '.join(f.compare_on)} only."
    rivals = [i for i in f.order if i != f.baseline]
    return said + (" Logarithmic scale on both sides of zero." if _limits(f, rivals)[2] else "")
