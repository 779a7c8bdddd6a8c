"""Lay out a page of a board paper: title, subtitle, footer, and room for axes in inches."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from simulator.verdict.findings import Findings
from simulator.verdict.lettering import ELLIPSIS, alike, cells, plain, shorten_apart
from simulator.verdict.numerals import lifetimes

INK = "#1f2328"
MUTED = "#5f666d"
RULE = "#d9dde1"
GRID = "#eceef0"

MARGIN = 0.45
TITLE_SIZE, SUBTITLE_SIZE, TEXT_SIZE, SMALL_SIZE = 14.5, 9.0, 8.5, 7.5

# A line of text takes this many times its size.
LEADING = 1.28

# Tried after the default font, so that labels in other scripts are drawn where the machine has a font.
FALLBACKS = (
    "Noto Sans",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans",
    "Arial Unicode MS",
    "WenQuanYi Zen Hei",
    "Noto Emoji",
    "Symbola",
)


@lru_cache(maxsize=1)
def families() -> tuple[str, ...]:
    """Give the fonts of all text: the default one, then the fallbacks that are installed."""
    installed = set(fontManager.get_font_names())
    return ("DejaVu Sans", *(name for name in FALLBACKS if name in installed))


@lru_cache(maxsize=1)
def _charset() -> frozenset[int]:
    return frozenset(code for name in families() for code in get_font(findfont(name)).get_charmap())


def drawable(text: str, otherwise: str) -> str:
    """
    Leave out the characters for which the machine has no font.

    Parameters
    ----------
    text
        Any text.
    otherwise
        What stands for a text that would lose more than a third of its characters.
    """
    text = plain(text)
    kept = "".join(c for c in text if c == " " or ord(c) in _charset())
    return " ".join(kept.split()) if 3 * len(kept) >= 2 * len(text) > 0 else otherwise


@lru_cache(maxsize=1)
def _renderer() -> RendererAgg:
    return RendererAgg(16, 16, 72)


@lru_cache(maxsize=4096)
def _advance(character: str, bold: bool) -> float:
    """Measure how far a character moves the pen [in], at 1 pt."""
    font = FontProperties(family=list(families()), size=20, weight="bold" if bold else "normal")
    # Two widths less one: a character alone is measured by its ink, without the space around it.
    both, one = (
        _renderer().get_text_width_height_descent(text, font, False)[0] for text in (f"|{character}|", "||")
    )
    return (both - one) / 72 / 20


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Measure a line of text [in], character by character, kerning neglected."""
    return size * sum(_advance(character, bold) for character in text)


def fit(text: str, width: float, size: float, lines: int = 1, bold: bool = False) -> list[str]:
    """
    Break a text into lines that fit, ending with an ellipsis where they do not hold it.

    Parameters
    ----------
    text
        Any text; it becomes one paragraph.
    width
        [in] of a line.
    size
        [pt] of the text.
    lines
        The most lines.
    bold
        Whether the text is set in bold.

    Returns
    -------
    list of str
        At least one line.
    """
    words = _breakable(plain(text), width, size, bold)
    found, line = [], ""
    for space, word in words:
        longer = f"{line}{space if line else ''}{word}"
        if not line or text_width(longer, size, bold) <= width:
            line = longer
            continue
        found.append(line)
        line = word
    found.append(line)
    if len(found) <= lines:
        return found
    last = found[lines - 1]
    while last and text_width(last + ELLIPSIS, size, bold) > width:
        last = last[:-1]
    return [*found[: lines - 1], last.rstrip(" ,;:(-") + ELLIPSIS]


def fit_apart(
    labels: Sequence[str],
    names: Sequence[str],
    width: float,
    size: float,
    lines: int = 1,
    bold: bool = False,
) -> list[list[str]]:
    """
    Break labels that stand side by side into lines that fit, so that those which differ still do.

    Parameters
    ----------
    labels, names
        Labels, and what stands for each that no cut tells from the others.
    width, size, lines, bold
        As for `fit`.
    """

    def fitted(texts: Sequence[str]) -> list[list[str]]:
        return [fit(text, width, size, lines, bold) for text in texts]

    found = fitted(labels)
    apart = alike(labels, [" ".join(each) for each in found])
    if not apart:
        return found
    for most in range(max(map(cells, labels)), 0, -1):
        short = shorten_apart(labels, most, names)
        tried = fitted(short)
        said = ["".join(each).replace(" ", "") for each in tried]
        if said == [text.replace(" ", "") for text in short]:
            return [tried[i] if i in apart else found[i] for i in range(len(found))]
    return fitted(names)


def _breakable(text: str, width: float, size: float, bold: bool) -> list[tuple[str, str]]:
    """Split a text where a line may end: at spaces, before wide characters, within words too long for it."""
    pieces: list[tuple[str, str]] = []
    for word in text.split(" "):
        space, run, used = " ", "", 0.0
        for character in word:
            advance = size * _advance(character, bold)
            wide = unicodedata.east_asian_width(character) in "WF"
            if run and (wide or used + advance > width):
                pieces.append((space, run))
                space, run, used = "", "", 0.0
            run, used = run + character, used + advance
        pieces.append((space, run))
    return pieces


def named(findings: Findings, strategy: int) -> str:
    """Give a label for use in a title, where two of them and a finding must fit."""
    return shorten_apart(findings.labels, 44, findings.names)[strategy]


@dataclass
class Page:
    """A figure whose parts are placed in inches from its upper left corner.

    Parameters
    ----------
    figure
        The matplotlib figure.
    width, height
        [in] of the page.
    top
        [in] from the upper edge to where the title block ends.
    bottom
        [in] from the upper edge to where the footer begins.
    """

    figure: Figure
    width: float
    height: float
    top: float
    bottom: float

    @classmethod
    def open(cls, findings: Findings, title: str, subtitle: str, width: float, body: float) -> Page:
        """
        Start a page with its title block and footer.

        Parameters
        ----------
        findings
            Whose plan, seed and date the footer names.
        title
            The finding, at most three lines.
        subtitle
            What is drawn and in what unit, at most three lines.
        width
            [in] of the page.
        body
            [in] of height between title block and footer.
        """
        room = width - 2 * MARGIN
        title_lines = fit(title, room, TITLE_SIZE, 3, bold=True)
        subtitle_lines = fit(subtitle, room, SUBTITLE_SIZE, 3)
        footer_lines = fit(_source(findings), room, SMALL_SIZE, 2)
        title_height = len(title_lines) * TITLE_SIZE * LEADING / 72
        top = MARGIN + title_height + 0.06 + len(subtitle_lines) * SUBTITLE_SIZE * LEADING / 72 + 0.18
        height = top + body + 0.22 + len(footer_lines) * SMALL_SIZE * LEADING / 72 + 0.22
        figure = Figure(figsize=(width, height), facecolor="white")
        FigureCanvasAgg(figure)
        page = cls(figure, width, height, top, top + body)
        page.write(MARGIN, MARGIN, title_lines, TITLE_SIZE, bold=True)
        page.write(MARGIN, MARGIN + title_height + 0.06, subtitle_lines, SUBTITLE_SIZE, colour=MUTED)
        page.write(MARGIN, page.bottom + 0.22, footer_lines, SMALL_SIZE, colour=MUTED)
        return page

    def write(
        self,
        x: float,
        y: float,
        lines: list[str],
        size: float = TEXT_SIZE,
        *,
        colour: str = INK,
        bold: bool = False,
        align: str = "left",
        anchor: str = "top",
    ) -> None:
        """Write lines of text at a point [in] of the page."""
        self.figure.text(
            x / self.width,
            1 - y / self.height,
            "\n".join(lines),
            fontsize=size,
            color=colour,
            family=list(families()),
            weight="bold" if bold else "normal",
            ha=align,
            va="center_baseline" if anchor == "center" else anchor,
            linespacing=LEADING - 0.08,
            parse_math=False,
        )

    def rule(self, xs: tuple[float, float], ys: tuple[float, float], colour: str, width: float = 0.7) -> None:
        """Draw a straight line between two points [in] of the page."""
        self.figure.add_artist(
            Line2D(
                [x / self.width for x in xs],
                [1 - y / self.height for y in ys],
                color=colour,
                linewidth=width,
                transform=self.figure.transFigure,
                solid_capstyle="butt",
            )
        )

    def bar(self, left: float, middle: float, width: float, height: float, colour: str) -> None:
        """Draw a horizontal bar [in] whose left end and middle are given."""
        self.figure.add_artist(
            Rectangle(
                (left / self.width, 1 - (middle + height / 2) / self.height),
                width / self.width,
                height / self.height,
                facecolor=colour,
                edgecolor="none",
                transform=self.figure.transFigure,
            )
        )

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Add axes at a place [in] of the page, bare but for a rule below."""
        axes = self.figure.add_axes(
            (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height)
        )
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_color(RULE)
        axes.tick_params(length=0, labelsize=SMALL_SIZE, colors=MUTED, pad=3)
        axes.set_axisbelow(True)
        return axes


def _source(findings: Findings) -> str:
    attrs = findings.dataset.attrs
    name, made = drawable(str(attrs["plan_name"]), "unnamed"), str(attrs["created"])[:10]
    return (
        f"Plan: {name} ({str(attrs['plan_sha256'])[:8]}), seed {attrs['seed']}, "
        f"{lifetimes(findings.lifetimes)}. Made on {made}."
    )
