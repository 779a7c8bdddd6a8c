"""Collect what is found while a plan is read: its errors, its quantities and what they refer to."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, NoReturn

from simulator.plan.errors import DataErrors, PlanError, PlanErrors, nearest
from simulator.plan.positions import Path, Positions, dotted

if TYPE_CHECKING:
    from simulator.catalogue.lookup import Found
    from simulator.catalogue.resolved import ResolvedPreset, ResolvedPrice
    from simulator.plan.quantity import Quantity


# No one reads more errors than this at once, and a file that has them is no plan.
MOST_ERRORS = 1_000
MOST_SUGGESTIONS = 100
MOST_WORDS = 1_000


class Bad:
    """What stands for a value that could not be read; its error has been reported."""

    def __repr__(self) -> str:
        return "BAD"


BAD = Bad()


@dataclass(frozen=True)
class Reference:
    """A name that must stand elsewhere in the plan.

    Parameters
    ----------
    path
        Where it was written.
    to
        The table in which it must stand, such as ``"models"``, or ``"triggers"``.
    name
        The name.
    kinds
        Of a strategy: the kinds that it may be.
    at_key
        Whether the name is the key itself and not its value.
    """

    path: Path
    to: str
    name: str
    kinds: tuple[str, ...] = ()
    at_key: bool = False


@dataclass(frozen=True)
class Written:
    """A quantity as it was written.

    Parameters
    ----------
    path
        Where.
    quantity
        The quantity itself.
    per_occurrence
        Whether it is drawn anew at each occurrence.
    zero
        Whether it can be 0.
    """

    path: Path
    quantity: Quantity
    per_occurrence: bool
    zero: bool = True


@dataclass(frozen=True)
class Priced:
    """A model whose prices come from the catalogue.

    Parameters
    ----------
    model
        Its name in the plan.
    found
        What the catalogue has.
    prices
        What was taken of it.
    """

    model: str
    found: Found
    prices: tuple[ResolvedPrice, ...]


@dataclass
class Reading:
    """One plan while it is read.

    Parameters
    ----------
    positions
        Finds the places of keys and values.
    currency
        The plan's currency; None while it is not known.
    folder
        Folder to which paths of data files are relative.
    quantities
        Every quantity that was read, under the name under which it was written.
    unread
        Names of the quantities that could not be read.
    dangling
        Of those, the ones that are `same_as` another: path and name of the other.
    references
        Names that must stand elsewhere in the plan.
    start
        First day of the plan, the day of catalogue prices; None while it is not known.
    has_usd_rate
        Whether the plan says what a USD costs.
    priced
        Models whose prices come from the catalogue.
    presets
        What price processes took from named ones.
    """

    positions: Positions
    currency: str | None
    folder: FilePath
    start: datetime.date | None = None
    has_usd_rate: bool = False
    priced: list[Priced] = field(default_factory=list)
    presets: list[ResolvedPreset] = field(default_factory=list)
    quantities: dict[str, Written] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    dangling: list[tuple[Path, str]] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    _errors: dict[PlanError, bool] = field(default_factory=dict)
    _suggestions: int = 0

    def fail(
        self, path: Path, message: str, hint: str | None = None, *, at_key: bool = False, data: bool = False
    ) -> None:
        """Report an error.

        Parameters
        ----------
        path
            Path of the key that is in error.
        message, hint
            What is wrong, and what to write instead.
        at_key
            Whether the key itself is wrong and not its value.
        data
            Whether it is a data file that is wrong and not the plan.
        """
        place = self.positions.key(path) if at_key else self.positions.value(path)
        self.report(PlanError(place.file, place.line, place.column, dotted(path), message, hint or ""), data)

    def report(self, error: PlanError, data: bool = False) -> None:
        """Note an error; the same one is noted once."""
        self._errors.setdefault(error, data)
        if len(self._errors) >= MOST_ERRORS:
            self.raise_errors()

    def near(self, word: str, allowed: Iterable[str]) -> str | None:
        """Find the allowed word that `word` was probably meant to be, as long as that does not take long."""
        words = list(allowed)
        if self._suggestions >= MOST_SUGGESTIONS or len(words) > MOST_WORDS:
            return None
        self._suggestions += 1
        return nearest(word, words)

    def unknown(self, path: Path, allowed: list[str], message: str, hint: str = "") -> None:
        """Report a key that no table has here, with the nearest one that it has."""
        meant = self.near(str(path[-1]), allowed)
        self.fail(path, message, f"did you mean {meant}?" if meant else hint, at_key=True)

    @property
    def failed(self) -> bool:
        """Whether an error has been reported."""
        return bool(self._errors)

    def raise_errors(self) -> NoReturn:
        """Raise everything that was reported, sorted by position."""
        errors = sorted(self._errors, key=_order)
        if all(self._errors.values()):
            raise DataErrors(errors)
        raise PlanErrors(errors)


def shown(raw: Any) -> str:
    """Write a TOML value as it is quoted in a message."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, dict):
        return "a table"
    if isinstance(raw, list):
        return "an array"
    if isinstance(raw, (datetime.date, datetime.time)):
        return raw.isoformat()
    text = str(raw)
    text = text if len(text) <= 80 else text[:77] + "..."
    text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return f"'{text}'" if isinstance(raw, str) else text


def _order(error: PlanError) -> tuple[bool, int, int]:
    return error.line is None, error.line or 0, error.column or 0
