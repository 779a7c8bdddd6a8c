"""Collect what is wrong with one quantity."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import islice

# A list of ten thousand words in place of numbers is one mistake, not ten thousand.
MOST_PROBLEMS = 20
_WIDEST = 80
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST = 100


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a quantity.

    Parameters
    ----------
    path
        Key below the quantity, such as ``"unit"`` or ``"mixture[1].value"``; empty for the whole.
    message
        The value and what is allowed, without the quantity's name.
    hint
        What to write instead; may be empty.
    is_data_error
        Whether the plan is right and a data file is not.
    """

    path: str
    message: str
    hint: str = ""
    is_data_error: bool = False

    def under(self, parent: str) -> Problem:
        """The same problem, seen from the table that holds the quantity at `parent`."""
        return replace(self, path=f"{parent}.{self.path}" if self.path else parent)


class QuantityError(ValueError):
    """All that is wrong with one quantity.

    Parameters
    ----------
    problems
        At least one.
    name
        Dotted name of the quantity.
    """

    def __init__(self, problems: Iterable[Problem], name: str = "") -> None:
        self.problems = tuple(problems)
        self.name = name
        super().__init__(self.problems, name)

    def __str__(self) -> str:
        return "\n".join(self._line(problem) for problem in self.problems)

    def _line(self, problem: Problem) -> str:
        key = ".".join(part for part in (self.name, problem.path) if part)
        hint = f" ({problem.hint})" if problem.hint else ""
        return f"{key}: {problem.message}{hint}" if key else f"{problem.message}{hint}"


def refuse(message: str, hint: str = "", path: str = "", is_data_error: bool = False) -> QuantityError:
    """Make an error of a single problem."""
    return QuantityError([Problem(path, message, hint, is_data_error)])


def quoted(raw: object) -> str:
    """Show a value on one line of at most 80 characters."""
    text = raw if isinstance(raw, str) else toml(raw)
    if len(text) <= _WIDEST and text.isprintable():
        return text
    text = " ".join(text[: 4 * _WIDEST].split())
    shown = text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
    return "".join(character if character.isprintable() else "?" for character in shown)


def toml(raw: object, depth: int = 4) -> str:
    """Write a value as TOML would, on one line; `…` stands for what is deep or long."""
    if isinstance(raw, str):
        return f'"{raw}"'
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int) and abs(raw) >= 10**30:
        return "a very large number"
    if isinstance(raw, dict):
        pairs = (
            [f"{_key(key)} = {toml(raw[key], depth - 1)}" for key in islice(raw, _LONGEST)] if depth else []
        )
        return f"{{ {_joined(pairs, raw)} }}" if raw else "{}"
    if isinstance(raw, list | tuple):
        return f"[{_joined([toml(one, depth - 1) for one in raw[:_LONGEST]] if depth else [], raw)}]"
    return str(raw)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else f'"{key}"'


def _joined(shown: list[str], every: Collection[object]) -> str:
    return ", ".join(shown if len(shown) == len(every) else [*shown, "…"])
