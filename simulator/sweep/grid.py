"""Read the plan of every grid point, and say what is wrong with any of them before one is run."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

from simulator.plan.errors import DataErrors, PlanError, PlanErrors, ReadingError, listing, nearest
from simulator.plan.overrides import key_path
from simulator.plan.positions import dotted
from simulator.plan.reader import parse_plan
from simulator.plan.scan import RefusedError
from simulator.plan.schema import Plan

MOST_POINTS = 1_000
"""Points of a grid at the most: a run each, and half a megabyte of results."""

Grid = dict[str, tuple[str, ...]]
"""Dotted key -> values as `--set` takes them."""


@dataclass(frozen=True)
class Point:
    """One point of a grid.

    Parameters
    ----------
    index
        Position along each key.
    words
        Its keys and values, such as ``"horizon = 24 month"``.
    plan
        The plan with these values.
    """

    index: tuple[int, ...]
    words: str
    plan: Plan


def check_grid(base: Plan, grid: Mapping[str, Sequence[str]]) -> Grid:
    """Check the keys of a grid and how many points it has; write every key in one way.

    Raises
    ------
    PlanErrors
        If a key cannot be swept, names what the plan does not have or stands twice, if a value stands twice or there
        is none, or if there are too many points.
    """
    errors = []
    checked: Grid = {}
    if not grid:
        errors.append(
            _wrong("", "there is no key to sweep over", 'for example demand.growth="0%,2% / month"')
        )
    for written, values in grid.items():
        try:
            path = key_path(written)
        except RefusedError as error:
            errors.append(_wrong(written.strip(), error.message, error.hint))
            continue
        key = dotted(path)
        values = tuple(value.strip() for value in values)
        repeated = next((value for i, value in enumerate(values) if value in values[:i]), None)
        if key in checked:
            errors.append(_wrong(key, "the key stands twice", "give all its values at once"))
        elif not values:
            errors.append(_wrong(key, "the key has no value", f"for example {key}=VALUE,VALUE"))
        elif repeated is not None:
            errors.append(_wrong(key, f"the value '{repeated}' stands twice", "each value is one grid point"))
        errors += _unsuitable(base, key, path)
        checked[key] = values
    count = math.prod(len(values) for values in checked.values())
    if count > MOST_POINTS:
        sizes = " x ".join(str(len(values)) for values in checked.values())
        errors.append(
            _wrong("", f"{sizes} values make {count:,} grid points, at most {MOST_POINTS:,} are run", "")
        )
    if errors:
        raise PlanErrors(errors)
    return checked


def read_points(base: Plan, grid: Grid) -> list[Point]:
    """Read the plan of every grid point, the last key moving fastest.

    Parameters
    ----------
    base
        The plan as it stands, overrides included.
    grid
        Checked.

    Raises
    ------
    PlanErrors, DataErrors
        If anything is wrong with any of them; with everything that is, and for which values. If two values of a key
        make one and the same plan.
    """
    points: list[Point] = []
    found: dict[PlanError, list[tuple[int, ...]]] = {}
    only_data = True
    for index in product(*(range(len(values)) for values in grid.values())):
        sets = [f"{key}={values[i]}" for i, (key, values) in zip(index, grid.items(), strict=True)]
        words = ", ".join(
            f"{key} = {values[i]}" for i, (key, values) in zip(index, grid.items(), strict=True)
        )
        try:
            plan = parse_plan(base.text.encode(), base.path, (*base.overrides, *sets))
            points.append(Point(index, words, plan))
        except ReadingError as error:
            only_data &= isinstance(error, DataErrors)
            for one in error:
                found.setdefault(one, []).append(index)
    if found:
        kind = DataErrors if only_data else PlanErrors
        raise kind(_gather(found, grid))
    if repeated := _repeated({point.index: point.plan for point in points}, grid):
        raise PlanErrors(repeated)
    return points


def _repeated(plans: Mapping[tuple[int, ...], Plan], grid: Grid) -> list[PlanError]:
    """Say which values of a key are written in two ways: at the first values of all others they make one plan."""
    errors = []
    for place, (key, values) in enumerate(grid.items()):
        along = [plans[tuple(i if k == place else 0 for k in range(len(grid)))] for i in range(len(values))]
        for i, j in combinations(range(len(values)), 2):
            if _is_same(along[i], along[j]):
                message = f"'{values[i]}' and '{values[j]}' are the same value"
                errors.append(_wrong(key, message, "each value is one grid point"))
    return errors


def _is_same(one: Plan, other: Plan) -> bool:
    said = set(Plan.model_fields) - {"text", "digest", "overrides"}
    return all(getattr(one, name) == getattr(other, name) for name in said)


def _gather(found: dict[PlanError, list[tuple[int, ...]]], grid: Grid) -> list[PlanError]:
    """Say each thing once: of which key and value, or at which points."""
    count = math.prod(len(values) for values in grid.values())
    gathered: dict[PlanError, tuple[list[tuple[int, ...]], int]] = {}
    for error, points in found.items():
        source = next(
            (
                (key, value)
                for key, values in grid.items()
                for value in values
                if error.file.startswith("--set") and error.file == _file("--set", key, value)
            ),
            None,
        )
        if source is None:
            gathered.setdefault(error, ([], count))[0].extend(points)
            continue
        key, value = source
        values = grid[key]
        # What is said of every value alike is wrong with the key.
        alike = all(replace(error, file=_file("--set", key, each)) in found for each in values)
        file = f"--over {key}" if alike and len(values) > 1 else _file("--over", key, value)
        usual = count if alike else count // len(values)
        gathered.setdefault(replace(error, file=file), ([], usual))[0].extend(points)
    return [
        error if len(points) >= usual else replace(error, message=f"{error.message}\n{_where(points, grid)}")
        for error, (points, usual) in gathered.items()
    ]


def _file(option: str, key: str, value: str) -> str:
    # As simulator.plan.overrides names an override.
    return PlanError(f"{option} {_short(f'{key}={value}')}", None, None, "", "").file


def _short(text: str) -> str:
    text = text if len(text) <= 200 else text[:197] + "..."
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


def _where(points: list[tuple[int, ...]], grid: Grid) -> str:
    pairs = zip(points[0], grid.items(), strict=True)
    said = "with " + ", ".join(f"{key} = {values[i]}" for i, (key, values) in pairs)
    others = len(points) - 1
    return said + (f", and at {others} more grid point{'s' * (others > 1)}" if others else "")


def _unsuitable(base: Plan, key: str, path: tuple[str | int, ...]) -> list[PlanError]:
    """Say why a key is not swept over, if there is a reason that the reader of plans does not know."""
    head, *rest = path
    if head == "run":
        advice = "use --lifetimes and --seed" if rest != ["quantiles"] else "write them in the plan"
        return [_wrong(key, "all points of a sweep are run alike, on the same lifetimes", advice)]
    if head == "baseline":
        advice = "the result holds every pair of strategies; --set baseline chooses what is shown"
        return [_wrong(key, "the baseline changes no cost", advice)]
    named = {
        "prices": ("price process", base.prices),
        "models": ("model", base.models),
        "events": ("event", base.events),
        "strategies": ("strategy", base.strategies),
        "people": ("role", base.people.roles),
    }
    if head not in named or not rest or (head == "people" and rest[0] == "raise"):
        return []
    what, names = named[str(head)]
    if rest[0] not in names:
        return [_unknown(key, what, str(rest[0]), list(names))]
    if head != "strategies" or len(rest) < 3:
        return []
    strategy = base.strategies[rest[0]]
    for table, what in (("costs", "cost item"), ("route", "part of the route")):
        names = getattr(strategy, table, {})
        if rest[1] == table and rest[2] not in names:
            return [_unknown(key, what, str(rest[2]), list(names))]
    return []


def _unknown(key: str, what: str, name: str, names: list[str]) -> PlanError:
    near = nearest(name, names)
    hint = f"did you mean {near}?" if near else f"the plan has {listing(names, last='and')}"
    return _wrong(key, f"the plan has no {what} '{name}', so there is nothing to vary", hint)


def _wrong(key: str, message: str, hint: str) -> PlanError:
    return PlanError("--over", None, None, key, message, hint)


def as_coordinate(values: Sequence[str]) -> list[float] | list[str]:
    """Give values as numbers if they all are TOML numbers, else as they were written."""
    numbers = []
    for value in values:
        try:
            number = tomllib.loads(f"value = {value}")["value"]
        except (ValueError, RecursionError):
            return list(values)
        if isinstance(number, bool) or not isinstance(number, int | float):
            return list(values)
        numbers.append(float(number))
    return numbers
