"""Find the line and column at which each key of a TOML text stands; tomllib does not tell."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

from simulator.plan.lexer import Token, tokens

Path = tuple[str | int, ...]
_BARE = re.compile(r"[A-Za-z0-9_-]{1,80}")


class Location(NamedTuple):
    """Where something was written.

    Parameters
    ----------
    file
        The plan's path, or the override.
    line, column
        Counted from 1; None in an override.
    """

    file: str
    line: int | None
    column: int | None


def dotted(path: Path) -> str:
    """Write a path as a dotted key, such as ``strategies.rag.then[0].when``.

    Parameters
    ----------
    path
        Keys, and indices (from 0) of array elements.
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (part if _BARE.fullmatch(part) else _quoted(part))
    return text


def _quoted(part: str) -> str:
    shown = part if len(part) <= 80 else part[:77] + "..."
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else repr(c)[1:-1] for c in shown) + '"'


class Positions:
    """The places of all keys and values of one plan, overrides included.

    Parameters
    ----------
    text
        Valid TOML text.
    file
        The name under which places in `text` are reported.

    Notes
    -----
    The text is only read when the first place is asked for: a plan without errors never needs it.
    """

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self._overridden: list[tuple[Path, str]] = []

    def override(self, path: Path, name: str) -> None:
        """Note that an override wrote the value at `path` and everything in it.

        Parameters
        ----------
        path
            What was written.
        name
            The override, such as ``--set demand.growth=2``.
        """
        self._overridden.append((path, name))

    def is_overridden(self, path: Path) -> bool:
        """Tell whether an override wrote the value at `path`, or a table around it."""
        return any(path[: len(written)] == written for written, _ in self._overridden)

    def key(self, path: Path) -> Location:
        """Find the key of `path`, or of the innermost table around it that was written."""
        return self._find(path, 0)

    def value(self, path: Path) -> Location:
        """Find the value of `path`; that of a table is its header."""
        return self._find(path, 1)

    def _find(self, path: Path, which: int) -> Location:
        for written, name in reversed(self._overridden):
            if path[: len(written)] == written:
                return Location(name, None, None)
        starts = self._starts
        inner = path
        while inner and inner not in starts:
            inner = inner[:-1]
        # Of a key that was never written, the nearest place is the header of the table that lacks it.
        start = starts[inner][1 if inner != path else which] if inner else 0
        line = bisect_right(self._lines, start)
        return Location(self.file, line, start - self._lines[line - 1] + 1)

    @cached_property
    def _lines(self) -> list[int]:
        starts = [0]
        found = self.text.find("\n")
        while found >= 0:
            starts.append(found + 1)
            found = self.text.find("\n", found + 1)
        return starts

    @cached_property
    def _starts(self) -> dict[Path, tuple[int, int]]:
        return _Walk(self.text).starts


class _Walk:
    """Walk through valid TOML and note at which index each key and value begins."""

    def __init__(self, text: str) -> None:
        self.starts: dict[Path, tuple[int, int]] = {}
        self._stream = tokens(text)
        self._arrays: dict[Path, int] = {}
        self._token = self._next()
        self._document()

    def _next(self) -> Token:
        self._token = next(self._stream, Token("end", "", -1))
        return self._token

    def _document(self) -> None:
        table: Path = ()
        while self._token.kind != "end":
            if self._token.text == "[":
                table = self._header()
            elif self._token.kind == "line":
                self._next()
            else:
                self._pair(table)

    def _header(self) -> Path:
        opening = self._token.start
        repeated = self._next().text == "[" and self._token.start == opening + 1
        if repeated:
            self._next()
        path: Path = ()
        parts = self._parts()
        for number, (part, start) in enumerate(parts, 1):
            path += (part,)
            last = number == len(parts)
            if last and not repeated:
                # A header of its own is a better place for a table than a deeper table's header before it.
                self.starts[path] = (start, opening)
            else:
                self.starts.setdefault(path, (start, opening))
            if last and repeated:
                self._arrays[path] = self._arrays.get(path, -1) + 1
            if path in self._arrays:
                path += (self._arrays[path],)
                self.starts.setdefault(path, (opening, opening))
        while self._token.text == "]":
            self._next()
        return path

    def _parts(self) -> list[tuple[str, int]]:
        """Read a dotted key: its parts and their places."""
        parts = []
        while self._token.kind in ("bare", "string"):
            parts.append((_unquoted(self._token.text), self._token.start))
            if self._next().text != ".":
                break
            self._next()
        return parts

    def _pair(self, table: Path) -> None:
        path = table
        parts = self._parts()
        for part, start in parts:
            path += (part,)
            self.starts.setdefault(path, (start, start))
        if not parts or self._token.text != "=":
            # Only text that is no TOML comes here; going on keeps the walk finite.
            self._next()
            return
        value = self._next().start
        self.starts[path] = (parts[-1][1], value)
        self._value(path)

    def _value(self, path: Path) -> None:
        if self._token.text == "{":
            self._inline_table(path)
        elif self._token.text == "[":
            self._array(path)
        else:
            self._scalar()

    def _inline_table(self, path: Path) -> None:
        self._next()
        while self._token.kind != "end" and self._token.text != "}":
            if self._token.kind in ("bare", "string"):
                self._pair(path)
            else:
                self._next()
        self._next()

    def _array(self, path: Path) -> None:
        index = 0
        self._next()
        while self._token.kind != "end" and self._token.text != "]":
            if self._token.kind == "line" or self._token.text == ",":
                self._next()
                continue
            self.starts[(*path, index)] = (self._token.start, self._token.start)
            self._value((*path, index))
            index += 1
        self._next()

    def _scalar(self) -> None:
        """Pass over a value in one piece; a number or a date may be several tokens."""
        while self._token.kind in ("bare", "string") or self._token.text == ".":
            self._next()


def _unquoted(part: str) -> str:
    if part[:1] == '"' and "\\" in part:
        return next(iter(tomllib.loads(f"{part} = 0")))
    return part[1:-1] if part[:1] in ('"', "'") else part
