"""Draw what was measured: a figure for the README."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks import draws
from benchmarks.report import Found

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWN, OTHER, THIRD, LIGHT = "#1f5a92", "#b8b8b8", "#d98c3a", "#8fb4d6"
_SHOWN = ("uniform, one word", draws.NORMAL, "exp", "log")


def write(found: Found, caption: str, path: Path) -> None:
    """Draw the sections that were measured and write them as PNG.

    Parameters
    ----------
    found
        What was measured, at least one section that can be drawn.
    caption
        Where it was measured.
    path
        The file.
    """
    panels = [
        (draw, value)
        for draw, value in (
            (_rates, found.peers),
            (_draws, found.draws),
            (_steps, found.steps),
            (_growth, found.growth),
        )
        if value
    ]
    columns = min(2, len(panels)) or 1
    high = -(-len(panels) // columns)
    figure = Figure(figsize=(5.2 * columns, 3.1 * high + 0.3), layout="constrained")
    FigureCanvasAgg(figure)
    for place, (draw, value) in enumerate(panels, start=1):
        axes = figure.add_subplot(high, columns, place)
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes, value)
    figure.supxlabel(caption, fontsize=7, color="0.4")
    figure.savefig(path, dpi=150)


def is_drawable(found: Found) -> bool:
    """Tell whether there is anything to draw."""
    return any((found.peers, found.draws, found.steps, found.growth))


def _rates(axes: Axes, peers) -> None:
    names = list(peers.seconds)[::-1]
    rates = [peers.rate(name) for name in names]
    bars = axes.barh(names, rates, color=[OWN if name in peers.steps else OTHER for name in names])
    axes.bar_label(bars, [f"{rate:,.0f}" for rate in rates], padding=3, fontsize=8)
    axes.set_xlim(0, 1.2 * max(rates))
    axes.set_title(f"Lifetimes a second, {peers.lifetimes:,} lifetimes", fontsize=10, loc="left")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.locator_params(axis="x", nbins=5)
    axes.tick_params(labelsize=8)


def _draws(axes: Axes, rows) -> None:
    chosen = [row for row in rows if row.name in _SHOWN]
    series = [("ours", OWN, [row.ours for row in chosen])]
    for library, colour in (("NumPy", OTHER), ("MKL", THIRD)):
        times = [row.fastest(library) for row in chosen]
        if any(times):
            series.append((library, colour, [0.0 if time is None else time[1] for time in times]))
    width = 0.8 / len(series)
    for place, (name, colour, times) in enumerate(series):
        at = [number + (place - (len(series) - 1) / 2) * width for number in range(len(chosen))]
        bars = axes.bar(at, times, width, color=colour, label=name)
        axes.bar_label(bars, [f"{time:.1f}" if time else "" for time in times], fontsize=7)
    axes.set_xticks(range(len(chosen)), [row.name.replace(", ", "\n") for row in chosen])
    axes.set_title("Nanoseconds each, one thread (fastest of each library)", fontsize=10, loc="left")
    axes.legend(frameon=False, fontsize=8)
    axes.tick_params(labelsize=8)


def _steps(axes: Axes, steps) -> None:
    names = list(steps)[::-1]
    times = [statistics.median(steps[name]) for name in names]
    bars = axes.barh(names, times, color=[OWN if name == "lifetimes" else LIGHT for name in names])
    axes.bar_label(bars, [f"{time:.2f}" for time in times], padding=3, fontsize=8)
    axes.set_xlim(0, 1.15 * max(times))
    axes.set_title("Seconds of each step, one after the other", fontsize=10, loc="left")
    axes.tick_params(labelsize=8)


def _growth(axes: Axes, grown) -> None:
    styles = ("o-", "s-", "^-", "D-")
    for one, style, colour in zip(grown, styles, (OWN, THIRD, "#4b8b5a", "#8a5aa3"), strict=False):
        # as multiples of the second size, so that all axes of growth share one scale; processes start at none
        base = 1
        x = [size / one.sizes[base] for size in one.sizes]
        y = [seconds / one.seconds[base] for seconds in one.seconds]
        axes.plot(x, y, style, color=colour, markersize=4, linewidth=1.2, label=one.axis)
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("how many times as much", fontsize=8)
    axes.set_ylabel("how many times as long", fontsize=8)
    axes.set_title("Growth of the kernel's time", fontsize=10, loc="left")
    axes.legend(frameon=False, fontsize=8)
    axes.tick_params(labelsize=8)
