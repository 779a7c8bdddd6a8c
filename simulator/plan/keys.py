"""Read the values of keys that are plain constants: text, numbers, choices, dates, names."""

from __future__ import annotations

import datetime
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeVar, dataclass_transform

from simulator.plan.errors import listing
from simulator.plan.numerals import NumeralError, read_number
from simulator.plan.positions import Path
from simulator.plan.reading import BAD, Reading, Reference, shown

LARGEST = 10**15
# Characters that turn the direction of text can make a file read otherwise than it shows.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_DAY = re.compile(r"\d{4}[-/]\d{1,2}\b|\d{4}\.\d{1,2}\.\d{1,2}\b|\d{1,2}([-/.])\d{1,2}\1\d{2,4}\b", re.ASCII)

K = TypeVar("K")


@dataclass_transform(eq_default=False, frozen_default=True, kw_only_default=True)
def key_kind(kind: type[K]) -> type[K]:
    """Make a kind of key a data class; without the methods that no one calls, for each takes time at every start."""
    return dataclass(frozen=True, kw_only=True, eq=False, repr=False)(kind)


@key_kind
class Key(ABC):
    """What a key of the plan file holds.

    Parameters
    ----------
    says
        What the key means, one line; editors show it.
    """

    says: str = ""

    @abstractmethod
    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        """Turn a TOML value into the plan's, or report what is wrong with it and return ``BAD``."""

    @abstractmethod
    def form(self) -> dict[str, Any]:
        """Describe the allowed values as a JSON Schema."""

    def example(self, name: str, reading: Reading) -> str:
        """Say how the key can be written; empty where its meaning says it all."""
        return ""


@key_kind
class Text(Key):
    """Free text: a name, a label, a note.

    Parameters
    ----------
    longest
        Number of characters at the most.
    lines
        Whether it may have several lines.
    """

    longest: int = 200
    lines: bool = False

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if not isinstance(raw, str):
            reading.fail(path, f"{shown(raw)} is no text", f'write it in quotes: "{shown(raw)}"')
            return BAD
        if not raw.strip():
            reading.fail(path, "the text is empty", "write some text, or leave the key out")
            return BAD
        if len(raw) > self.longest:
            reading.fail(path, f"the text has {len(raw):,} characters, at most {self.longest:,} are allowed")
            return BAD
        allowed = "\n\t\r" if self.lines else ""
        for character in raw:
            if (ord(character) < 32 or 127 <= ord(character) < 160 or character in _TURNING) and (
                character not in allowed
            ):
                code = f"U+{ord(character):04X}"
                reading.fail(path, f"the text holds the control character {code}", "delete it")
                return BAD
        return raw

    def form(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": self.longest}


@key_kind
class Flag(Key):
    """True or false."""

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if isinstance(raw, bool):
            return raw
        reading.fail(path, f"{shown(raw)} is neither true nor false", "write true or false, without quotes")
        return BAD

    def form(self) -> dict[str, Any]:
        return {"type": "boolean"}


@key_kind
class Whole(Key):
    """A whole number.

    Parameters
    ----------
    low, high
        Smallest and largest allowed number.
    """

    low: int
    high: int = LARGEST

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if isinstance(raw, bool) or not isinstance(raw, int):
            hint = _whole_hint(raw)
            if isinstance(raw, str) and raw.strip().isascii() and raw.strip().isdigit():
                hint = f"write {raw.strip()} without quotes"
            reading.fail(path, f"{shown(raw)} is no whole number, this field takes {self._allowed}", hint)
            return BAD
        if not self.low <= raw <= self.high:
            reading.fail(path, f"{raw:_} is out of range, this field takes {self._allowed}")
            return BAD
        return raw

    @property
    def _allowed(self) -> str:
        if self.high >= LARGEST and self.high < 2**64 - 1:
            return f"whole numbers from {self.low:_} on"
        return f"whole numbers from {self.low:_} to {self.high:_}"

    def form(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@key_kind
class Number(Key):
    """A number inside an open interval.

    Parameters
    ----------
    low, high
        Ends of the interval, not in it.
    """

    low: float
    high: float

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        allowed = f"numbers between {self.low:g} and {self.high:g}, the ends left out"
        if isinstance(raw, bool) or not isinstance(raw, (int, float)):
            reading.fail(path, f"{shown(raw)} is no number, this field takes {allowed}")
            return BAD
        # A comparison with nan is false, so nan is out of range too.
        if not self.low < raw < self.high:
            reading.fail(path, f"{shown(raw)} is out of range, this field takes {allowed}")
            return BAD
        return float(raw)

    def form(self) -> dict[str, Any]:
        return {"type": "number", "exclusiveMinimum": self.low, "exclusiveMaximum": self.high}


@key_kind
class Choice(Key):
    """One of a few words.

    Parameters
    ----------
    words
        The allowed words.
    later
        Words that are reserved, each with what to write instead.
    """

    words: tuple[str, ...]
    later: dict[str, str] = field(default_factory=dict)

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if isinstance(raw, str) and raw in self.words:
            return raw
        if isinstance(raw, str) and raw in self.later:
            reading.fail(path, f"not supported yet: '{raw}'", self.later[raw])
            return BAD
        quoted = [f"'{word}'" for word in self.words]
        meant = reading.near(raw, self.words) if isinstance(raw, str) else None
        reading.fail(
            path,
            f"{shown(raw)} is not allowed, this field takes {listing(quoted)}",
            meant and f"did you mean '{meant}'?",
        )
        return BAD

    def form(self) -> dict[str, Any]:
        return {"enum": list(self.words)}


@key_kind
class Day(Key):
    """A date.

    Parameters
    ----------
    first
        Whether it must be the first day of a month.
    """

    first: bool = False

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        example = "2027-01-01"
        if not isinstance(raw, datetime.date) or isinstance(raw, datetime.datetime):
            hint = None
            if isinstance(raw, str):
                hint = day_hint(raw.strip())
                with suppress(ValueError):
                    if re.fullmatch(r"\d{4}-\d\d-\d\d", raw.strip(), re.ASCII):
                        day = datetime.date.fromisoformat(raw.strip())
                        hint = f"write it without quotes: {day.isoformat()}"
            elif isinstance(raw, datetime.datetime):
                hint = f"leave the time of day out: {raw.date().isoformat()}"
            allowed = f"this field takes a TOML date such as {example}"
            reading.fail(path, f"{shown(raw)} is no date, {allowed}", hint)
            return BAD
        if not 1900 <= raw.year <= 2999:
            reading.fail(path, f"{raw.isoformat()} is out of range, this field takes the years 1900 to 2999")
            return BAD
        if self.first and raw.day != 1:
            reading.fail(
                path,
                f"{raw.isoformat()} is not the first day of a month",
                f"write {raw.replace(day=1).isoformat()}",
            )
            return BAD
        return raw

    def form(self) -> dict[str, Any]:
        # TOML editors hand a date to the schema as a string.
        return {"type": "string", "pattern": r"^\d{4}-\d{2}-" + (r"01$" if self.first else r"\d{2}$")}


@key_kind
class Each(Key):
    """An array whose elements are all of one kind.

    Parameters
    ----------
    of
        What each element holds.
    least, most
        Number of elements at least and at the most.
    rule
        What the elements must obey together: takes the values, returns what is wrong, or None.
    takes
        The allowed array in words.
    """

    of: Key
    least: int = 1
    most: int = 10_000
    rule: Callable[[list[Any]], str | None] | None = None
    takes: str = "an array"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if not isinstance(raw, list):
            reading.fail(path, f"{shown(raw)} is no array, this field takes {self.takes}", "write it in [ ]")
            return BAD
        if not self.least <= len(raw) <= self.most:
            number = f"{len(raw)} element" + "s" * (len(raw) != 1)
            reading.fail(path, f"the array has {number}, this field takes {self.takes}")
            return BAD
        values = [self.of.read(one, (*path, index), reading) for index, one in enumerate(raw)]
        if any(value is BAD for value in values):
            return BAD
        wrong = self.rule(values) if self.rule else None
        if wrong:
            reading.fail(path, f"{wrong}, this field takes {self.takes}")
            return BAD
        return values

    def form(self) -> dict[str, Any]:
        return {"type": "array", "items": self.of.form(), "minItems": self.least, "maxItems": self.most}


@key_kind
class Positive(Key):
    """A constant positive factor."""

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        allowed = "this field takes a positive factor such as 1.2"
        if isinstance(raw, bool) or not isinstance(raw, (int, float)) or not math.isfinite(raw):
            reading.fail(path, f"{shown(raw)} is no number, {allowed}")
            return BAD
        if not 0 < raw <= LARGEST:
            reading.fail(path, f"{shown(raw)} is out of range, {allowed}")
            return BAD
        return float(raw)

    def form(self) -> dict[str, Any]:
        return {"type": "number", "exclusiveMinimum": 0}


@key_kind
class Name(Key):
    """A name that stands elsewhere in the plan.

    Parameters
    ----------
    of
        The table in which it stands, such as ``"models"``.
    kinds
        Of a strategy: the kinds that it may be; any where empty.
    """

    of: str
    kinds: tuple[str, ...] = ()

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if not isinstance(raw, str):
            reading.fail(path, f"{shown(raw)} is no name, this field takes a name of [{self.of}]")
            return BAD
        reading.references.append(Reference(path, self.of, raw, self.kinds))
        return raw

    def form(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}


@key_kind
class Trigger(Key):
    """What sets something off: ``"events.NAME"`` or ``"models.NAME.retired"``."""

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if not isinstance(raw, str):
            hint = f"write on = {shown(raw[0])}".replace("'", '"') if isinstance(raw, list) and raw else None
            allowed = "this field takes 'events.NAME' or 'models.NAME.retired'"
            reading.fail(path, f"{shown(raw)} is no event, {allowed}", hint)
            return BAD
        reading.references.append(Reference(path, "triggers", raw))
        return raw

    def form(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^(events\.[A-Za-z0-9_-]+|models\.[A-Za-z0-9_-]+\.retired)$"}


def rising(values: list[float]) -> str | None:
    """Say where numbers do not increase strictly."""
    for before, after in pairwise(values):
        if after <= before:
            return f"{after:g} comes after {before:g}"
    return None


def distinct(values: list[Any]) -> str | None:
    """Say what stands twice."""
    seen = set()
    for value in values:
        if value in seen:
            return f"{shown(value)} stands twice"
        seen.add(value)
    return None


def day_hint(text: str) -> str | None:
    """Say how dates are written, where a text was meant as one; None where it was not."""
    if not _DAY.match(text):
        return None
    return "a date is YYYY-MM-DD, with a month from 01 to 12 and a day that it has: 2027-01-01"


def _whole_hint(raw: Any) -> str | None:
    """Say how to write the whole number that a value amounts to, such as ``"70k"``; None where there is none."""
    try:
        number = read_number(raw).value()
    except NumeralError:
        return None
    return f"write {int(number):_}" if number.is_integer() else None
