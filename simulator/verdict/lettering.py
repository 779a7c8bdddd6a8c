"""Measure, shorten and wrap text by the terminal cells that it takes."""

from __future__ import annotations

import unicodedata

ELLIPSIS = "…"


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
