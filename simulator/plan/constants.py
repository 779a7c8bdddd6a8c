"""Read constants that are written with a unit: shares, percentiles, spans of months, currencies."""

from __future__ import annotations

from typing import Any

from simulator.plan.keys import LARGEST, Key, key_kind
from simulator.plan.numerals import Numeral, NumeralError, read_numeral
from simulator.plan.positions import Path
from simulator.plan.reading import BAD, Reading, shown
from simulator.plan.units import CURRENCIES, nearest_unit

LEAST_TOLERANCE, MOST_TOLERANCE = 1e-5, 0.1
"""Tolerances that a precision may be: finer ones take longer than anyone waits, wider ones say nothing."""

_MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}


@key_kind
class Fraction(Key):
    """A constant share, ``"8%"`` or 0.08."""

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        allowed = "a share from 0 to 1, for example '8%'"
        numeral = _numeral(raw)
        if numeral is None or numeral.rest.strip() not in ("", "%"):
            reading.fail(path, f"{shown(raw)} is no constant share, this field takes {allowed}")
            return BAD
        value = numeral.value(percent=numeral.rest.strip() == "%")
        if not 0 <= value <= 1:
            hint = f"write '{raw}%'" if 1 < value <= 100 and not numeral.rest else None
            reading.fail(path, f"{shown(raw)} is out of range, this field takes {allowed}", hint)
            return BAD
        return value

    def form(self) -> dict[str, Any]:
        percent = {"type": "string", "pattern": r"^\s*[0-9.][0-9_.]*\s*%?\s*$"}
        return {"anyOf": [percent, {"type": "number", "minimum": 0, "maximum": 1}]}


class ToleranceError(ValueError):
    """What is written is no tolerance."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def read_tolerance(raw: Any) -> float:
    """Read a tolerance, ``"0.2%"`` or 0.002.

    Raises
    ------
    ToleranceError
        If it is none, or out of range.
    """
    allowed = f"a share from {100 * LEAST_TOLERANCE:g}% to {100 * MOST_TOLERANCE:g}%, for example '0.2%'"
    numeral = _numeral(raw)
    if numeral is None or numeral.suffix or numeral.rest.strip() not in ("", "%"):
        raise ToleranceError(f"{shown(raw)} is no tolerance, this field takes {allowed}")
    value = numeral.value(percent=numeral.rest.strip() == "%")
    if not LEAST_TOLERANCE <= value <= MOST_TOLERANCE:
        bare = not numeral.rest.strip() and LEAST_TOLERANCE <= value / 100 <= MOST_TOLERANCE
        hint = f"write '{str(raw).strip()}%'" if bare else None
        raise ToleranceError(f"{shown(raw)} is out of range, this field takes {allowed}", hint)
    return value


@key_kind
class Tolerance(Key):
    """How well something is to be known, ``"0.2%"`` or 0.002."""

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        try:
            return read_tolerance(raw)
        except ToleranceError as error:
            reading.fail(path, error.message, error.hint)
            return BAD

    def form(self) -> dict[str, Any]:
        percent = {"type": "string", "pattern": r"^\s*[0-9.][0-9_.]*\s*%?\s*$"}
        number = {"type": "number", "minimum": LEAST_TOLERANCE, "maximum": MOST_TOLERANCE}
        return {"anyOf": [percent, number]}


@key_kind
class Level(Key):
    """A percentile, such as ``"P80"``."""

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        numeral = _numeral(raw[1:]) if isinstance(raw, str) and raw.startswith("P") else None
        # Read as a percentage, P80 is the same double as the 0.8 in a list of quantiles.
        value = numeral.value(percent=True) if numeral and not numeral.rest else 0.0
        if not 0 < value < 1:
            allowed = "this field takes P1 to P99, for example 'P80'"
            reading.fail(path, f"{shown(raw)} is no percentile, {allowed}")
            return BAD
        return value

    def form(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^P[0-9]{1,2}(\.[0-9]+)?$"}


@key_kind
class Months(Key):
    """A constant span of whole months, such as ``"36 month"``.

    Parameters
    ----------
    low, high
        Smallest and largest allowed number of months.
    """

    low: int = 1
    high: int = LARGEST

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        upper = f"to {self.high}" if self.high < LARGEST else "on"
        example = 36 if self.high < LARGEST else 2
        allowed = f"whole months from {self.low} {upper}, for example '{example} month'"
        numeral = _numeral(raw)
        if numeral is None:
            reading.fail(path, f"{shown(raw)} is no span of time, this field takes {allowed}")
            return BAD
        unit = numeral.rest.strip()
        if not unit:
            hint = f"write '{str(raw).strip()} month'"
            reading.fail(path, f"{shown(raw)} has no unit, this field takes {allowed}", hint)
            return BAD
        if unit not in _MONTHS_IN:
            meant = nearest_unit(unit[:80])
            reading.fail(
                path,
                f"'{unit[:80]}' is not one of month, quarter and year, this field takes {allowed}",
                f"did you mean {meant}?" if meant in _MONTHS_IN else None,
            )
            return BAD
        months = numeral.value() * _MONTHS_IN[unit]
        if not months.is_integer() or not self.low <= months <= self.high:
            reading.fail(path, f"{shown(raw)} is out of range, this field takes {allowed}")
            return BAD
        return int(months)

    def form(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^\s*[0-9][0-9_.]*\s*(month|quarter|year)\s*$"}


@key_kind
class CurrencyCode(Key):
    """An ISO 4217 code of a currency."""

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if isinstance(raw, str) and raw in CURRENCIES:
            return raw
        meant = nearest_unit(raw.strip()[:80]) if isinstance(raw, str) and raw.strip() else None
        reading.fail(
            path,
            f"{shown(raw)} is no currency, this field takes an ISO code such as 'USD'",
            f"did you mean {meant}?" if meant in CURRENCIES else None,
        )
        return BAD

    def form(self) -> dict[str, Any]:
        return {"enum": sorted(CURRENCIES)}


def _numeral(raw: Any) -> Numeral | None:
    """Read the number with which a constant begins; None where it begins with none."""
    if isinstance(raw, bool) or not isinstance(raw, (str, int, float)):
        return None
    try:
        return read_numeral(str(raw).strip())
    except NumeralError:
        return None
