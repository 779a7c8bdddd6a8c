"""Read a quantity of the plan, whatever its form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from math import fsum
from pathlib import Path
from typing import Any, TypeVar

from simulator.plan.dimensions import FACTOR
from simulator.plan.fields import QuantityField
from simulator.plan.form_keys import NOTES, form_of
from simulator.plan.forms import Mixture, Quantity, SameAs
from simulator.plan.numerals import NumeralError, read_number
from simulator.plan.problems import MOST_PROBLEMS, Problem, QuantityError, quoted, refuse, toml
from simulator.plan.quantity_tables import read_table, read_weight
from simulator.plan.texts import Parsed, read_text
from simulator.plan.units import Unit

__all__ = ["Problem", "Quantity", "QuantityError", "QuantityField", "adopt", "parse_quantity"]

T = TypeVar("T")

_DEEPEST = 8
_FACTOR = QuantityField(FACTOR, same_as=False)


def parse_quantity(
    raw: object,
    field: QuantityField,
    name: str,
    *,
    currency: str | None,
    base_directory: Path | None = None,
    extra_keys: Iterable[str] = (),
) -> Quantity:
    """Read what the plan gives for a field.

    Parameters
    ----------
    raw
        A string, a table or a number, as a TOML reader returns it.
    field
        What may stand.
    name
        Dotted name of the quantity.
    currency
        ISO code of the plan's currency; None accepts any, where the plan's own is not known.
    base_directory
        Directory against which paths of data files are resolved; the current one by default.
    extra_keys
        Keys that a table may have and the caller reads itself, such as ``"role"``.

    Raises
    ------
    QuantityError
        With all that is wrong with this quantity.
    """
    place = _Place(field, currency, base_directory, tuple(extra_keys))
    try:
        return _read(raw, name, place, depth=0)
    except QuantityError as error:
        raise QuantityError(error.problems, name) from None


def adopt(quantity: Quantity, original: Quantity) -> Quantity:
    """Give a `SameAs` the unit of the quantity that it names.

    Parameters
    ----------
    quantity
        The one that says ``same_as``.
    original
        The quantity it names; itself adopted, where that is a `SameAs` too.

    Returns
    -------
    Quantity
        With dimension and unit of `original`.

    Raises
    ------
    QuantityError
        If the two measure different things.
    """
    dimension = quantity.dimension
    if original.dimension not in (dimension, *dimension.choices):
        raise QuantityError(
            [
                Problem(
                    "same_as",
                    f"'{original.name}' gives {original.dimension.words}, this field takes {dimension.words}",
                )
            ],
            quantity.name,
        )
    return replace(quantity, dimension=original.dimension, unit=original.unit, original=original)


@dataclass(frozen=True)
class _Place:
    """Where a quantity stands: what may stand there, and what its numbers refer to."""

    field: QuantityField
    currency: str | None
    base_directory: Path | None
    extra_keys: tuple[str, ...] = ()

    def inside(self, field: QuantityField) -> _Place:
        """The place of a quantity within this one."""
        return _Place(field, self.currency, self.base_directory)


def _read(raw: object, name: str, place: _Place, depth: int) -> Quantity:
    source = owner = None
    if isinstance(raw, dict):
        if depth > _DEEPEST:
            raise refuse("quantities are nested too deep here")
        source, owner, problems = _notes(raw)
        try:
            reading = _table(raw, name, place, depth)
        except QuantityError as error:
            raise QuantityError((*problems, *error.problems)) from None
        if problems:
            raise QuantityError(problems)
    else:
        reading = _plain(raw, place)
    return Quantity(
        name=name,
        dimension=reading.dimension,
        support=reading.dimension.support,
        form=reading.form,
        unit=reading.unit,
        written=raw if isinstance(raw, str) else toml(raw),
        source=source,
        owner=owner,
        files=reading.files,
    )


def _notes(raw: dict) -> tuple[str | None, str | None, list[Problem]]:
    problems = [
        Problem(key, f"{key} = {quoted(raw[key])} is no text")
        for key in NOTES
        if key in raw and not isinstance(raw[key], str)
    ]
    return raw.get("source"), raw.get("owner"), problems


def _plain(raw: object, place: _Place) -> Parsed:
    field = place.field
    if isinstance(raw, str):
        return read_text(raw, field, place.currency)
    takes = field.takes(place.currency)
    written = quoted(raw)
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise refuse(f"'{written}' is no quantity, {takes}")
    try:
        text = repr(read_number(raw).value())
    except NumeralError as error:
        raise refuse(f"'{written}' {error.message}, {takes}", error.hint) from None
    if not field.dimension.bare:
        raise refuse(f"'{written}' has no unit, {takes}", "write number and unit as one string")
    return read_text(written if len(written) < 40 else text, field, place.currency)


def _table(raw: dict, name: str, place: _Place, depth: int) -> Parsed:
    form = form_of(raw, place.extra_keys)
    if form == "value":
        value = raw["value"]
        if isinstance(value, dict | list):
            raise refuse(
                f"value = {quoted(value)} is no text",
                "write the keys of a table beside source and owner",
                "value",
            )
        return _at("value", _plain, value, place)
    if form == "mixture":
        return _mixture(raw["mixture"], name, place, depth)
    if form == "same_as":
        return _same_as(raw, name, place, depth)
    return read_table(raw, form, place.field, place.currency, place.base_directory)


def _at(path: str, read: Callable[..., T], *arguments: Any) -> T:
    """Read something below the table and name its problems from the table."""
    try:
        return read(*arguments)
    except QuantityError as error:
        raise QuantityError([problem.under(path) for problem in error.problems]) from None


def _mixture(raw: object, name: str, place: _Place, depth: int) -> Parsed:
    if place.field.constant:
        raise refuse("a mixture is uncertain, this field takes a constant", "write one number")
    if not isinstance(raw, list) or not raw:
        raise refuse(
            f"mixture = {quoted(raw)} is no list of members",
            'a member is { weight = 9, value = "2 to 4 h" }',
            "mixture",
        )
    problems: list[Problem] = []
    members: list[tuple[float, Quantity]] = []
    files: list[Path] = []
    inside = place.inside(replace(place.field, same_as=False))
    for index, one in enumerate(raw):
        path = f"mixture[{index}]"
        try:
            weight, member = _at(path, _member, one, f"{name}.{path}", inside, depth)
        except QuantityError as error:
            problems += error.problems
            if len(problems) >= MOST_PROBLEMS:
                break
            continue
        files += member.files
        if isinstance(member.form, Mixture):
            members += [(weight * part, inner) for part, inner in member.form.members]
        else:
            members.append((weight, member))
    if problems:
        raise QuantityError(problems)
    members = [(weight, member) for weight, member in members if weight]
    if not members:
        raise refuse("weights are all 0, one at least must be above 0", path="mixture")
    first = members[0][1]
    _same_kind([member for _, member in members])
    total = fsum(weight for weight, _ in members)
    form = Mixture(tuple((weight / total, member) for weight, member in members))
    if len(members) == 1:
        return Parsed(first.form, first.unit, first.dimension, tuple(files))
    return Parsed(form, first.unit, first.dimension, tuple(files))


def _member(raw: object, name: str, place: _Place, depth: int) -> tuple[float, Quantity]:
    allowed = ("weight", "value", *NOTES)
    if not isinstance(raw, dict):
        raise refuse(f"'{quoted(raw)}' is no member", 'a member is { weight = 9, value = "2 to 4 h" }')
    *_, problems = _notes(raw)
    problems += [
        Problem(key, f"unknown key '{quoted(key)}', a member has weight and value")
        for key in raw
        if key not in allowed
    ]
    problems += [
        Problem("", f"'{quoted(raw)}' has no {key}") for key in ("weight", "value") if key not in raw
    ]
    weight = read_weight(raw["weight"], "weight", problems) if "weight" in raw else 0.0
    member = None
    if "value" in raw:
        try:
            member = _at("value", _read, raw["value"], name, place, depth + 1)
        except QuantityError as error:
            problems += error.problems
    if problems or member is None:
        raise QuantityError(problems)
    return weight, replace(
        member, source=raw.get("source", member.source), owner=raw.get("owner", member.owner)
    )


def _same_kind(members: list[Quantity]) -> None:
    first = members[0]
    for member in members[1:]:
        if (member.dimension, member.unit.cadence) != (first.dimension, first.unit.cadence):
            raise refuse(
                f"members are in {first.unit.text} and {member.unit.text}, all must be of one cadence",
                path="mixture",
            )


def _same_as(raw: dict, name: str, place: _Place, depth: int) -> Parsed:
    field = place.field
    problems: list[Problem] = []
    target = raw.get("same_as")
    if target is None:
        problems.append(Problem("", f"'{quoted(raw)}' has times, but no same_as"))
    elif not isinstance(target, str) or not target.strip():
        problems.append(
            Problem("same_as", f"same_as = {quoted(target)} is no dotted name", 'for example "demand.growth"')
        )
    elif not field.same_as:
        problems.append(
            Problem(
                "same_as",
                "same_as is not allowed here",
                "what is drawn per occurrence, a mixture's member and times have draws of their own",
            )
        )
    elif field.constant:
        problems.append(Problem("same_as", "same_as is not allowed here, this field takes a constant"))
    times = None
    if "times" in raw:
        try:
            times = _at("times", _read, raw["times"], f"{name}.times", place.inside(_FACTOR), depth + 1)
        except QuantityError as error:
            problems += error.problems
    if problems:
        raise QuantityError(problems)
    return Parsed(SameAs(target, times), Unit(text=""), field.dimension, times.files if times else ())
