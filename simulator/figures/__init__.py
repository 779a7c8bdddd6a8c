"""Draw the figures of a board paper."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from simulator.atomic import whole
from simulator.figures import break_even, cheapest, crossover, fan, png, saving
from simulator.figures.colours import assign
from simulator.figures.page import drawable
from simulator.figures.sharing import shared
from simulator.verdict.crossover import Crossover
from simulator.verdict.findings import Findings, find

if TYPE_CHECKING:
    import xarray as xr

DOTS_PER_INCH = 160

# Metadata of the PNG files, by which a later run knows which ones it may replace.
SOFTWARE = "finetune-odds"

# Letters drawn as they are designed: moved onto pixels, they take a third of all the time that drawing takes.
LETTERS = {"text.hinting": "no_hinting"}

# Name of the file, the figure, and whether it compares strategies.
FIGURES = (
    ("fan", fan.draw, False),
    ("cheapest", cheapest.draw, True),
    ("saving", saving.draw, True),
    ("break-even", break_even.draw, True),
)


def draw(dataset: xr.Dataset) -> dict[str, Figure]:
    """
    Draw the figures of a dataset.

    Parameters
    ----------
    dataset
        With the variables of MODEL.md's dataset table.

    Returns
    -------
    dict of str to Figure
        ``fan``, and where there is more than one strategy ``cheapest``, ``saving``, ``break-even``.

    Notes
    -----
    Characters of labels for which the machine has no font are left out; a label in a script without a font
    becomes the strategy's name.
    """
    findings = _drawable(find(dataset))
    return {name: _figure(findings, name) for name in _names(findings)}


def write(dataset: xr.Dataset, stem: Path) -> list[Path]:
    """
    Write the figures of a dataset as PNG files, each whole or not at all.

    Parameters
    ----------
    dataset
        With the variables of MODEL.md's dataset table.
    stem
        Path of the dataset without its suffix; the files are ``<stem>-fan.png`` and so on.

    Returns
    -------
    list of Path
        The files, in the order of `draw`.

    Raises
    ------
    OSError
        If the file system refuses; `FileExistsError`, before any is written, where one of the names is that
        of something else than an earlier figure.
    """
    findings = _drawable(find(dataset))
    names = _names(findings)
    return _write(
        {stem.with_name(f"{stem.name}-{name}.png"): partial(_figure, findings, name) for name in names}
    )


def write_crossover(dataset: xr.Dataset, path: Path) -> list[Path]:
    """
    Write the figure of a crossover as a PNG file, whole or not at all.

    Parameters
    ----------
    dataset
        As `simulator.crossover.crossover` makes it.
    path
        The file.

    Returns
    -------
    list of Path
        The file; empty where there is one strategy only, and nothing to compare.

    Raises
    ------
    OSError
        As `write`.
    """
    found = Crossover(dataset)
    labels = tuple(drawable(*pair) for pair in zip(found.labels, found.names, strict=True))
    found = replace(found, labels=labels)
    return _write({path: partial(crossover.draw, found, assign(found))}) if found.others else []


def _write(figures: dict[Path, Callable[[], Figure]]) -> list[Path]:
    """Write figures, given by what draws them, to their files."""
    for path in figures:
        if path.exists() and not _is_figure(path):
            raise FileExistsError(
                errno.EEXIST, "is no figure of an earlier result, so it stays as it is", str(path)
            )
    # Drawing takes a second: in memory, so that a process killed meanwhile leaves no file behind.
    images = shared(_image, list(figures.values()))
    for path, image in zip(figures, images, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as file:
            file.write(image)
    return list(figures)


def _drawable(findings: Findings) -> Findings:
    labels = zip(findings.labels, findings.names, strict=True)
    return replace(findings, labels=tuple(drawable(label, name) for label, name in labels))


def _names(findings: Findings) -> list[str]:
    return [name for name, _, compares in FIGURES if findings.count > 1 or not compares]


def _figure(findings: Findings, name: str) -> Figure:
    draw_one = next(figure for other, figure, _ in FIGURES if other == name)
    with rc_context(LETTERS):
        return draw_one(findings, assign(findings))


def _image(draw_one: Callable[[], Figure]) -> bytes:
    with rc_context(LETTERS):
        figure = draw_one()
        figure.set_dpi(DOTS_PER_INCH)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    return png.encode(np.asarray(canvas.buffer_rgba()), DOTS_PER_INCH, {"Software": SOFTWARE})


def _is_figure(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        # The texts of a PNG file stand before its pixels.
        return f"Software\0{SOFTWARE}".encode() in file.read(1024)
