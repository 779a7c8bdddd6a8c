"""Measure, shorten and wrap text by the terminal cells that it takes."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

ELLIPSIS = "…"

# Cells that the beginning and the end of a text keep where it is cut in the middle.
LEAST_HEAD = 3
USUAL_HEAD = 8
LEAST_TAIL = 4


def cells(text: str) -> int:
    """Count the terminal cells of a text: 2 for wide characters, 0 for combining ones."""
    return sum(_cell(character) for character in text)


def shorten(text: str, width: int) -> str:
    """
    Cut a text to at most `width` cells.

    Parameters
    ----------
    text
        One line; line breaks and tabs become spaces, other control characters go.
    width
        [cells] >= 1.
    """
    text = plain(text)
    if cells(text) <= width:
        return text
    return _head(text, width - 1).rstrip(" ,;:(-") + ELLIPSIS


def shorten_apart(
    texts: Sequence[str], widths: int | Sequence[int], names: Sequence[str] = ()
) -> tuple[str, ...]:
    """
    Cut texts that stand side by side, so that those which differ still do.

    Parameters
    ----------
    texts
        Lines, as for `shorten`.
    widths
        [cells] >= 1, of each text or of all.
    names
        What stands for each text that no cut tells from the others; none by default.

    Returns
    -------
    tuple of str
        Each as `shorten` gives it, except where that is the same beginning for texts that differ: these keep what
        differs, behind an ellipsis for what they share.
    """
    texts = [plain(text) for text in texts]
    widths = [widths] * len(texts) if isinstance(widths, int) else list(widths)
    found = [shorten(text, width) for text, width in zip(texts, widths, strict=True)]
    group = alike(texts, found)
    if not group:
        return tuple(found)
    distinct = dict.fromkeys(texts[i] for i in group)
    for middle in _middles(list(distinct)):
        tried = found.copy()
        for i in group:
            tried[i] = _cut_middle(texts[i], middle(texts[i]), widths[i])
        if not alike(texts, tried):
            return tuple(tried)
    if names:
        for i in group:
            found[i] = shorten(names[i], widths[i])
    return tuple(found)


def _middles(texts: Sequence[str]) -> Iterator[Callable[[str], int]]:
    """Propose where what differs begins in a text: behind what all share, what any two share, to a word or not."""

    def of_all(_: str) -> int:
        return min(_shared(texts[0], other) for other in texts[1:])

    def of_two(text: str) -> int:
        return max(_shared(text, other) for other in texts if other != text)

    def at_word(found: Callable[[str], int]) -> Callable[[str], int]:
        def start(text: str) -> int:
            # A text that another one continues keeps its last word.
            first = text.rfind(" ", 0, min(found(text), len(text) - 1) + 1) + 1
            # A number alone says little: the word before it stays.
            return first if len(text) - first >= LEAST_TAIL else text.rfind(" ", 0, max(first - 1, 0)) + 1

        return start

    yield from (at_word(of_all), at_word(of_two), of_all, of_two)


def _shared(one: str, other: str) -> int:
    """Count the characters with which both begin."""
    shorter = min(len(one), len(other))
    return next((i for i in range(shorter) if one[i] != other[i]), shorter)


def _cut_middle(text: str, start: int, width: int) -> str:
    """Keep a beginning and what stands from `start` on."""
    if cells(text) <= width or start == 0:
        return shorten(text, width)
    rest = text[start:].lstrip(" ,;:(-")
    least = LEAST_HEAD if width < 2 * USUAL_HEAD else USUAL_HEAD
    head = _head(text, max(width - 1 - cells(rest), least))
    whole = head.rpartition(" ")[0]
    if len(whole) >= least:
        head = whole
    head = head.rstrip(" ,;:(-")
    room = width - cells(head) - 1
    return head + ELLIPSIS + shorten(rest, room) if room > 0 else shorten(text, width)


def alike(texts: Sequence[str], cut: Sequence[str]) -> list[int]:
    """List the positions of texts that differ in full and, cut, no longer do, or by the length of the cut alone."""
    found = set()
    for i, j in combinations(range(len(texts)), 2):
        if texts[i] == texts[j]:
            continue
        ends = [cut[k].removesuffix(ELLIPSIS) for k in (i, j) if cut[k].endswith(ELLIPSIS)]
        begins_alike = len(ends) == 2 and (ends[0].startswith(ends[1]) or ends[1].startswith(ends[0]))
        if cut[i] == cut[j] or begins_alike:
            found |= {i, j}
    return sorted(found)


def pad(text: str, width: int, right: bool = False) -> str:
    """Fill a text with spaces up to `width` cells, on its left where it is flush right."""
    space = " " * max(width - cells(text), 0)
    return space + text if right else text + space


def wrap(text: str, width: int, indent: str = "") -> list[str]:
    """
    Break a text into lines of at most `width` cells, at spaces where possible.

    Parameters
    ----------
    text
        One paragraph.
    width
        [cells] of a line, the indent included.
    indent
        What precedes every line but the first.
    """
    lines, line = [], ""
    for word in text.split():
        while cells(word) > width - len(indent):
            head = _head(word, width - len(indent))
            word = word[len(head) :]
            lines += [line] if line.strip() else []
            lines.append(indent * bool(lines) + head)
            line = indent
        if not line.strip():
            line = (indent if lines else "") + word
        elif cells(line) + 1 + cells(word) <= width:
            line += " " + word
        else:
            lines.append(line)
            line = indent + word
    return [*lines, line] if line.strip() else lines


def plain(text: str) -> str:
    """Reduce a text to one line without control characters."""
    return " ".join("".join(c if c.isprintable() or c.isspace() else "" for c in text).split())


def _head(text: str, width: int) -> str:
    used = 0
    for position, character in enumerate(text):
        used += _cell(character)
        if used > width:
            return text[:position]
    return text


def _cell(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
