"""Read and show numbers as plans write them: `60k`, `1_000`, `2.5e6`."""

from __future__ import annotations

import re
from typing import NamedTuple

LARGEST = 1e15

# Every repetition begins with a character that what stands before it cannot hold, so matching is linear.
_NUMERAL = re.compile(
    r"([+-]?(?:[0-9]+(?:_[0-9]+)*(?:\.[0-9]+(?:_[0-9]+)*)?|\.[0-9]+(?:_[0-9]+)*))"
    r"(?:[eE]([+-]?[0-9]+))?"
    r"(?:([kMB])(?![A-Za-z]))?"
)
_EXPONENTS = {"": 0, "k": 3, "M": 6, "B": 9}
_NAMED = re.compile(r"[+-]?(?:nan|inf|infinity)\b", re.IGNORECASE)
_BASED = re.compile(r"[+-]?0[xXoObB][0-9a-fA-F]")
_RANGE = re.compile(r"\s*(?:-|–|—|\.\.+|…|~)\s*[+-]?[0-9.]")
_GROUPED = re.compile(r"[,' ][0-9]{3}(?![0-9])")


class NumeralError(ValueError):
    """A text that is no number of a plan."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Numeral(NamedTuple):
    """A number as it is written, so that suffix and percent sign cost no rounding."""

    mantissa: str
    exponent: int
    suffix: str
    rest: str

    def value(self, percent: bool = False) -> float:
        """The nearest double; with `percent`, of a hundredth of the number."""
        # Adding 0.0 turns -0.0 into 0.0.
        return float(f"{self.mantissa}e{self.exponent + _EXPONENTS[self.suffix] - 2 * percent}") + 0.0


def read_numeral(text: str) -> Numeral:
    """Read the number with which `text` begins.

    Raises
    ------
    NumeralError
        If there is none, or it is not finite, larger than 1e15 or too small for a double.
    """
    match = _NUMERAL.match(text)
    if not match:
        raise NumeralError(*_no_number(text))
    mantissa, exponent, suffix = match.groups(default="")
    rest = text[match.end() :]
    if rest:
        _refuse_rest(text, match.group(), rest)
    numeral = Numeral(mantissa.replace("_", ""), _exponent(exponent), suffix, rest)
    value = numeral.value()
    if not -LARGEST <= value <= LARGEST:
        raise NumeralError("is larger than 1e15 in the unit written", "write it in a larger unit")
    if value == 0 and mantissa.strip("+-0._"):
        raise NumeralError("is too small to be told from 0")
    return numeral


def read_number(raw: object) -> Numeral:
    """Read a TOML number, or a string that holds nothing but a number and its suffix.

    Raises
    ------
    NumeralError
        If it is neither, or not finite, or larger than 1e15.
    """
    if isinstance(raw, str):
        numeral = read_numeral(raw.strip()) if len(raw) <= 60 else None
        if numeral is None:
            raise NumeralError("is not a number")
        if numeral.rest:
            raise NumeralError("is not a bare number", 'give the numbers without a unit and add unit = "…"')
        return numeral
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise NumeralError("is not a number")
    if raw != raw or raw in (float("inf"), float("-inf")):
        raise NumeralError("is not finite")
    if not -LARGEST <= raw <= LARGEST:
        raise NumeralError("is larger than 1e15 in the unit written", "write it in a larger unit")
    return read_numeral(repr(raw))


def show_number(value: float) -> str:
    """Show a number in six digits at most, with a suffix from 10,000 on."""
    for size, suffix in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= max(size, 1e4):
            return f"{value / size:.6g}{suffix}"
    return f"{value:.6g}"


def _exponent(text: str) -> int:
    # Beyond four digits the double is 0 or infinite anyway.
    return max(-9999, min(9999, int(text or 0)))


def _no_number(text: str) -> tuple[str, str]:
    if not text:
        return "holds no number", ""
    if _NAMED.match(text):
        return "is not finite", ""
    hints = {"$": "40 USD", "€": "40 EUR", "£": "40 GBP", "−": "-5", "–": "-5"}
    if text[0] in hints:
        return "does not begin with a number", f"write {hints[text[0]]!r}"
    return "does not begin with a number", "write the number first, then its unit: '40 USD/h'"


def _refuse_rest(text: str, number: str, rest: str) -> None:
    if _BASED.match(text):
        raise NumeralError("is not decimal", "write a decimal number")
    start = rest.lstrip()[:1]
    if start.isalpha() or start in "%/":
        return
    if _RANGE.match(rest):
        raise NumeralError("is no range", "write a range as 'a to b'")
    if _GROUPED.match(rest):
        raise NumeralError("groups its digits", "write 60000, 60_000 or 60k")
    if start in "._,":
        raise NumeralError("is no number", "numbers are written as in TOML: 0.5, 1_000, 1e6")
    if start in "0123456789":
        raise NumeralError("is no number", f"it breaks off after {number!r}")
