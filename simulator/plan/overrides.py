"""Apply `--set KEY=VALUE` to a plan before it is read."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from simulator.plan.errors import PlanError
from simulator.plan.positions import Path, Positions, dotted
from simulator.plan.reading import shown
from simulator.plan.scan import RefusedError, check

_LONGEST = 10_000
_PART = re.compile(r"""\s*(?:([A-Za-z0-9_-]+)|"([^"\\]*)"|'([^']*)')\s*((?:\[[0-9]{1,6}\]\s*)*)""")
_INDEX = re.compile(r"\[([0-9]+)\]")


def apply(document: dict[str, Any], overrides: tuple[str, ...], positions: Positions) -> list[PlanError]:
    """Write overrides into a parsed plan.

    Parameters
    ----------
    document
        The plan as tomllib returns it; it is changed.
    overrides
        Each ``"dotted.key=TOML value"``, applied in turn. What is no TOML value is taken as a string.
    positions
        Is told what each override wrote.

    Returns
    -------
    list
        What is wrong with the overrides themselves, in their order.
    """
    errors = []
    for override in overrides:
        file = f"--set {_short(override)}"
        key, equals, text = override.partition("=")
        try:
            if not equals:
                raise RefusedError("an override is KEY=VALUE", 'for example demand.growth="1% to 3% / month"')
            path = key_path(key)
            _write(document, path, _value(text), file, positions)
        except RefusedError as error:
            errors.append(PlanError(file, None, None, _short(key.strip()), error.message, error.hint))
    return errors


def key_path(key: str) -> Path:
    """Split a dotted key, such as ``strategies.a.then[0].takes``, into its parts.

    Raises
    ------
    RefusedError
        If it is no dotted key.
    """
    if len(key) > _LONGEST:
        raise RefusedError(f"a key of {len(key):,} characters", "no key of a plan is that long")
    parts: list[str | int] = []
    at = 0
    while True:
        match = _PART.match(key, at)
        if not match:
            raise _no_key(key)
        parts.append(next(group for group in match.groups()[:3] if group is not None))
        parts += [int(index) for index in _INDEX.findall(match[4])]
        if match.end() == len(key):
            return tuple(parts)
        if key[match.end()] != "." or len(parts) > 32:
            raise _no_key(key)
        at = match.end() + 1


def _no_key(key: str) -> RefusedError:
    return RefusedError(
        f"'{_short(key.strip())}' is no dotted key", "write names with dots between them: demand.growth"
    )


def _value(text: str) -> Any:
    """Read a TOML value; what is none is a string."""
    if len(text) > _LONGEST:
        raise RefusedError(f"a value of {len(text):,} characters", f"at most {_LONGEST:,} are allowed")
    check(text)
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text.strip()
    # A line end in the text could have begun a second key.
    return parsed["value"] if list(parsed) == ["value"] else text.strip()


def _write(document: dict[str, Any], path: Path, value: Any, file: str, positions: Positions) -> None:
    holder: Any = document
    for depth, part in enumerate(path[:-1], 1):
        if isinstance(holder, dict) and part not in holder and all(isinstance(one, str) for one in path):
            # None of what follows is there: the tables around the value are as new as the value.
            for missing in reversed(path[depth:]):
                value = {missing: value}
            holder[part] = value
            positions.override(path[:depth], file)
            return
        holder = _inside(holder, part, path[:depth])
        if not isinstance(holder, (dict, list)):
            raise RefusedError(
                f"'{dotted(path[:depth])}' is {shown(holder)}, which has no keys",
                "set the whole value instead",
            )
    last = path[-1]
    if isinstance(last, int):
        _inside(holder, last, path)
    elif isinstance(holder, list):
        raise RefusedError(
            f"'{dotted(path[:-1])}' is an array", f"name one of its elements: {dotted(path[:-1])}[0].{last}"
        )
    holder[last] = value
    positions.override(path, file)


def _inside(holder: Any, part: str | int, path: Path) -> Any:
    table = dotted(path[:-1]) or "the plan"
    if isinstance(part, int):
        if not isinstance(holder, list):
            raise RefusedError(f"'{table}' is no array", f"leave [{part}] out")
        if part >= len(holder):
            number = len(holder)
            raise RefusedError(
                f"'{table}' has {number} element{'s' * (number != 1)}, so there is no [{part}]",
                f"the last one is [{number - 1}]" if number else "",
            )
        return holder[part]
    if isinstance(holder, list):
        raise RefusedError(f"'{table}' is an array", f"name one of its elements: {table}[0].{part}")
    if part not in holder:
        raise RefusedError(f"'{dotted(path)}' is not written in the plan", "write the array in the plan file")
    return holder[part]


def _short(text: str) -> str:
    text = text if len(text) <= 200 else text[:197] + "..."
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
