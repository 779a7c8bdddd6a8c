"""Resolve `[[correlations]]` to pairs of quantities that have draws of their own."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from math import fsum, pi, sin, sqrt
from typing import Any

from simulator.plan.forms import Quantity, SameAs
from simulator.plan.positions import Path
from simulator.plan.reading import BAD, Reading
from simulator.plan.schema import Correlation

_MOST_PAIRS = 100_000


def resolve(
    entries: Any, reading: Reading, aliases: dict[str, str], resolved: dict[str, Quantity]
) -> tuple[Correlation, ...]:
    """List every correlated pair.

    Parameters
    ----------
    entries
        The tables as they were read.
    reading
        Holds the quantities and takes the errors.
    aliases
        Names of what was taken over by `extends` -> names under which it was written.
    resolved
        Name -> quantity, with every `same_as` resolved.

    Returns
    -------
    tuple
        One a pair, in the order of the file; every name is that of a root, a quantity with its own draw.

    Notes
    -----
    A constant that the file correlates is an error. One that an override made is not: whoever tries a single
    value of a quantity means the rest of the plan as it stands, and pairs of that quantity fall away.
    """
    pairs: dict[frozenset[str], Correlation] = {}
    places: dict[frozenset[str], int] = {}
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if entry is BAD or entry.get("between", BAD) is BAD:
            continue
        path: Path = ("correlations", index)
        names = _expand(entry["between"], (*path, "between"), reading, aliases, resolved)
        if names is None:
            continue
        if len(names) ** 2 > 2 * _MOST_PAIRS:
            reading.fail((*path, "between"), f"{len(names)} quantities are too many to correlate all at once")
            continue
        for first, second in combinations(names, 2):
            pair = frozenset((first, second))
            if pair in pairs:
                reading.fail(
                    (*path, "between"),
                    f"the pair {first} and {second} stands in correlations[{places[pair]}] already",
                    "give a pair one value, in one place",
                )
                break
            pairs[pair] = Correlation(first, second, entry.get("spearman", BAD))
            places[pair] = index
    result = tuple(pairs.values())
    if not reading.failed and _may_contradict(result):
        _refuse_contradictions(result, places, reading)
    return result


def _may_contradict(pairs: tuple[Correlation, ...]) -> bool:
    """Tell whether the pairs come near to contradicting one another, by a factorisation in plain floats.

    Notes
    -----
    The Cholesky factor of the normal correlations, 2 sin(pi rho / 6), row by row; only a pivot close to 0
    leaves the decision to `distributions.copula`, which the lowered plan will use.
    """
    values = {(one.first, one.second): 2 * sin(pi / 6 * one.spearman) for one in pairs}
    values |= {(second, first): value for (first, second), value in values.items()}
    rows: dict[str, dict[str, float]] = {}
    for name in dict.fromkeys(name for pair in values for name in pair):
        row: dict[str, float] = {}
        for other, factors in rows.items():
            rest = fsum(row[common] * factors[common] for common in row if common in factors)
            value = values.get((name, other), 0.0) - rest
            if value:
                row[other] = value / factors[other]
        pivot = 1.0 - fsum(value * value for value in row.values())
        if pivot < 1e-6:
            return True
        row[name] = sqrt(pivot)
        rows[name] = row
    return False


def _refuse_contradictions(
    pairs: tuple[Correlation, ...], places: dict[frozenset[str], int], reading: Reading
) -> None:
    # Imported here because it brings in numpy, which takes longer than reading a plan.
    from distributions.copula import NotPositiveDefiniteError, components

    try:
        components((one.first, one.second, one.spearman) for one in pairs)
    except NotPositiveDefiniteError as error:
        group = set(error.names)
        first = min(index for pair, index in places.items() if pair <= group)
        reading.fail(("correlations", first), str(error))


def _expand(
    between: list[str],
    path: Path,
    reading: Reading,
    aliases: dict[str, str],
    resolved: dict[str, Quantity],
) -> list[str] | None:
    """Replace patterns and other names by those of roots; None after reporting an error."""
    roots: dict[str, str] = {}
    fine = True
    for index, name in enumerate(between):
        at = (*path, index)
        if "*" in name:
            found = _matches(name, reading, aliases, resolved)
            if found is None:
                reading.fail(
                    at,
                    f"'{name}' matches no quantity that is written in this plan",
                    "`*` matches within one part of a dotted name: strategies.*.failures",
                )
                fine = False
            for root in found or ():
                roots.setdefault(root, name)
            continue
        root = _root(name, at, reading, aliases, resolved)
        if root is None:
            fine = False
        elif root in roots and "*" not in roots[root]:
            both = f"'{name}'" if roots[root] == name else f"'{roots[root]}' and '{name}'"
            reading.fail(at, f"{both} would correlate {root} with itself", "name each quantity once")
            fine = False
        elif root:
            roots[root] = name
    if len(between) == 1 and "*" not in between[0]:
        reading.fail(path, f"a correlation takes two names or more, this one has '{between[0]}' alone")
        fine = False
    return list(roots) if fine else None


def _root(
    name: str, at: Path, reading: Reading, aliases: dict[str, str], resolved: dict[str, Quantity]
) -> str | None:
    """Find the quantity whose draw a name stands for.

    Returns
    -------
    str or None
        Its name; empty if an override left it without a draw; None after reporting why there is none.
    """
    written = aliases.get(name, name)
    if written in reading.unread:
        return None
    if written not in reading.quantities:
        meant = reading.near(name, (*reading.quantities, *aliases))
        reading.fail(
            at,
            f"no quantity '{name[:100]}' is written in this plan",
            f"did you mean {meant}?" if meant else "name a quantity by its dotted key, such as demand.growth",
        )
        return None
    if reading.quantities[written].per_occurrence:
        reading.fail(
            at,
            f"'{name}' is drawn anew at each occurrence, a correlation takes what is drawn once per lifetime",
        )
        return None
    if written not in resolved:
        return None
    quantity = resolved[written]
    while quantity.original is not None:
        quantity = quantity.original
    if quantity.is_constant:
        if _is_overridden(written, quantity, reading):
            return ""
        reading.fail(at, f"'{name}' is a constant, {quantity.written}: nothing moves with it", "leave it out")
        return None
    return quantity.name


def _is_overridden(written: str, quantity: Quantity, reading: Reading) -> bool:
    """Tell whether an override wrote a quantity, or the one that it is the same as."""
    paths = (reading.quantities[one].path for one in (written, quantity.name) if one in reading.quantities)
    return any(map(reading.positions.is_overridden, paths))


def _matches(
    pattern: str, reading: Reading, aliases: dict[str, str], resolved: dict[str, Quantity]
) -> list[str] | None:
    """List the roots that a pattern stands for, passing over what has no draw; None if nothing matches it."""
    found: dict[str, None] = {}
    any_match = False
    for name in (*reading.quantities, *reading.unread, *aliases):
        if not matches(pattern, name):
            continue
        any_match = True
        written = aliases.get(name, name)
        quantity = resolved.get(written)
        if quantity is None or quantity.is_constant or isinstance(quantity.form, SameAs):
            continue
        if not reading.quantities[written].per_occurrence:
            found[written] = None
    return list(found) if any_match else None


def matches(pattern: str, name: str) -> bool:
    """Tell whether a pattern matches a dotted name; `*` stands for anything within one part of it."""
    parts, pieces = pattern.split("."), name.split(".")
    return len(parts) == len(pieces) and all(map(_part_matches, parts, pieces))


def _part_matches(pattern: str, part: str) -> bool:
    # Taking each fixed piece as early as it comes is enough, and linear where a regular expression is not.
    first, *middle = pattern.split("*")
    if not middle:
        return pattern == part
    last = middle.pop()
    if len(part) < len(first) + len(last) or not (part.startswith(first) and part.endswith(last)):
        return False
    return _holds(part[len(first) : len(part) - len(last)], middle)


def _holds(text: str, pieces: Iterable[str]) -> bool:
    at = 0
    for piece in pieces:
        found = text.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return True
