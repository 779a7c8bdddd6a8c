"""Read the numbers of a table in its one unit."""

from __future__ import annotations

from simulator.plan.dimensions import Dimension, read_unit
from simulator.plan.errors import listing, nearest
from simulator.plan.fields import QuantityField
from simulator.plan.form_keys import FORM_OF
from simulator.plan.numerals import LARGEST, NumeralError, read_number
from simulator.plan.problems import Problem, QuantityError, quoted
from simulator.plan.units import Unit, UnitError


class Numbers:
    """The numbers of one table, and all that is wrong with them.

    Parameters
    ----------
    raw
        The table.
    field
        What may stand.
    currency
        ISO code of the plan's currency; None accepts any.
    """

    def __init__(self, raw: dict, field: QuantityField, currency: str | None) -> None:
        self.raw = raw
        self.field = field
        self.problems: list[Problem] = []
        self.written = quoted(raw)
        self.dimension = field.dimension
        self.unit = Unit(text="")
        try:
            self.unit, self.dimension = self._unit(currency)
        except UnitError as error:
            self.problems.append(Problem("unit" if "unit" in raw else "", error.message, error.hint))

    def _unit(self, currency: str | None) -> tuple[Unit, Dimension]:
        text = self.raw.get("unit", "")
        if not isinstance(text, str):
            raise UnitError(f"unit = {quoted(text)} is no string, {self.field.takes(currency)}")
        if "unit" not in self.raw and not self.field.dimension.bare:
            takes = self.field.takes(currency)
            raise UnitError(f"'{self.written}' has no unit, {takes}", 'add unit = "…"')
        return read_unit(text, self.field.dimension, currency, quoted(text))

    def number(self, raw: object, path: str) -> float | None:
        """One number in the table's unit; None after noting why there is none."""
        percent = self.unit.is_percent
        if type(raw) in (int, float) and -LARGEST <= raw <= LARGEST and not percent:
            return raw + 0.0
        try:
            return read_number(raw).value(percent=percent)
        except NumeralError as error:
            self.problems.append(Problem(path, f"{path} = {quoted(raw)} {error.message}", error.hint))
            return None

    def required(self, *keys: str) -> list[float | None]:
        """The numbers under `keys`, all of which must be there."""
        missing = [key for key in keys if key not in self.raw]
        if missing:
            has = listing([key for key in self.raw if key in FORM_OF], last="and")
            self.problems.append(Problem("", f"'{self.written}' has {has}, but no {listing(missing)}"))
        return [self.number(self.raw[key], key) for key in keys if key in self.raw]

    def text(self, key: str, allowed: tuple[str, ...] = ()) -> str:
        """The string under `key`, one of `allowed`; empty after noting why there is none."""
        if key not in self.raw:
            self.problems.append(Problem("", f"'{self.written}' has no {key}"))
            return ""
        raw = self.raw[key]
        if not isinstance(raw, str) or not raw:
            self.problems.append(Problem(key, f"{key} = {quoted(raw)} is no text"))
            return ""
        if allowed and raw not in allowed:
            near = nearest(raw, allowed)
            message = f'{key} = "{quoted(raw)}" is not one of {listing(allowed)}'
            self.problems.append(Problem(key, message, f"did you mean {near}?" if near else ""))
            return ""
        return raw

    def note(self, path: str, message: str, hint: str = "") -> None:
        """Keep a problem."""
        self.problems.append(Problem(path, message, hint))

    def stop(self) -> None:
        """Raise what was noted, if anything was."""
        if self.problems:
            raise QuantityError(self.problems)
