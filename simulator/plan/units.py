"""Read unit strings: `USD/Mtok`, `req/month`, `% / year`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

_ISO_4217 = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD "
    "CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
    "GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT "
    "LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR "
    "NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP "
    "STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF "
    "XPF YER ZAR ZMW ZWL "
)
CURRENCIES = frozenset(_ISO_4217.split())


class Atom(NamedTuple):
    """One symbol of a unit: what it measures, and how many base units (tok, req, s) it holds."""

    symbol: str
    kind: str
    scale: int


# Scales are whole numbers, so that a conversion factor is one division and correctly rounded.
ATOMS = {
    atom.symbol: atom
    for atom in (
        Atom("tok", "token", 1),
        Atom("ktok", "token", 1_000),
        Atom("Mtok", "token", 1_000_000),
        Atom("req", "request", 1),
        Atom("kreq", "request", 1_000),
        Atom("Mreq", "request", 1_000_000),
        Atom("s", "time", 1),
        Atom("min", "time", 60),
        Atom("h", "time", 3_600),
        Atom("day", "time", 24 * 3_600),
        Atom("month", "time", 730 * 3_600),
        Atom("quarter", "time", 3 * 730 * 3_600),
        Atom("year", "time", 12 * 730 * 3_600),
        Atom("GPU-h", "gpu", 1),
        Atom("run", "run", 1),
        Atom("failure", "failure", 1),
        Atom("example", "example", 1),
        Atom("%", "percent", 1),
        Atom("pp", "point", 1),
    )
}
SECONDS_PER_MONTH = ATOMS["month"].scale

_ALIASES = {
    symbol: name
    for name, symbols in {
        "h": "hour hours hr hrs",
        "s": "sec secs second seconds",
        "min": "mins minute minutes",
        "month, min or M (million)": "m",
        "day": "d days",
        "month": "mo mth months mon",
        "quarter": "q qtr quarters",
        "year": "y yr yrs years annum a",
        "tok": "t token tokens",
        "ktok": "ktoken ktokens",
        "Mtok": "mtoken mtokens mt",
        "req": "r request requests call calls query queries",
        "GPU-h": "gpuh gpu-hour gpu-hours gpu_h gpu gpu-hr",
        "run": "runs",
        "failure": "failures fail",
        "example": "examples",
        "%": "percent pct",
        "pp": "pps ppt",
        "USD": "$ dollar dollars us$",
        "EUR": "€ euro euros",
        "GBP": "£",
    }.items()
    for symbol in symbols.split()
}
_SUFFIXES = {"k": "k", "K": "k", "M": "M", "MM": "M", "mm": "M", "mn": "M", "Mio": "M", "mio": "M"} | {
    "million": "M", "B": "B", "b": "B", "bn": "B", "billion": "B", "thousand": "k",
}  # fmt: skip
_MOST_PARTS = 4
_LONGEST = 60


class UnitError(ValueError):
    """A unit that cannot be read, or is not one that the field takes."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Expression(NamedTuple):
    """A parsed unit string: one numerator at most, divided by any number of atoms."""

    numerator: Atom | None
    denominators: tuple[Atom, ...]

    @property
    def signature(self) -> str:
        """What the unit measures, such as ``"money/token"``; empty without a unit."""
        return "/".join([self.numerator.kind if self.numerator else "", *(d.kind for d in self.denominators)])

    @property
    def text(self) -> str:
        """The unit in its usual spelling."""
        parts = [atom.symbol for atom in self.denominators]
        symbol = self.numerator.symbol if self.numerator else ""
        if symbol in ("", "%") and parts:
            return f"{symbol} / {'/'.join(parts)}".strip()
        return "/".join([symbol, *parts])

    @property
    def ratio(self) -> tuple[int, int]:
        """Whole numbers n, d: one of this unit is n / d base units."""
        below = 1
        for atom in self.denominators:
            below *= atom.scale
        return (self.numerator.scale if self.numerator else 1), below

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currency codes that the unit names."""
        atoms = (self.numerator, *self.denominators)
        return tuple(atom.symbol for atom in atoms if atom and atom.kind == "money")


@dataclass(frozen=True)
class Unit:
    """The unit in which the numbers of a quantity are written.

    Parameters
    ----------
    text
        Usual spelling, such as ``"req/month"``; empty for bare numbers.
    signature
        What it measures, such as ``"request/time"``.
    factor
        A written number times `factor` is in the canonical unit of its dimension. Compound rates have 1.
    per
        Months of the period of a rate (12 for ``"/ year"``); None where the unit is no rate.
    cadence
        Of a cost item or a budget, how often it is paid; None elsewhere.
    """

    text: str
    signature: str = ""
    factor: float = 1.0
    per: float | None = None
    cadence: str | None = None

    @property
    def is_percent(self) -> bool:
        """Whether 2 of this unit is the fraction 0.02."""
        return self.signature.startswith("percent")


BARE = Expression(None, ())


@lru_cache(maxsize=1024)
def parse_unit(text: str) -> Expression:
    """Parse a unit string.

    Raises
    ------
    UnitError
        If a symbol is unknown, a side of a ``/`` is empty or there are too many parts.
    """
    stripped = text.strip()
    if not stripped:
        return BARE
    if len(stripped) > _LONGEST:
        raise UnitError(
            f"unknown unit {stripped[:_LONGEST] + '…'!r}", "a unit is a few symbols, such as USD/Mtok"
        )
    first, *rest = (part.strip() for part in stripped.split("/"))
    if len(rest) >= _MOST_PARTS or "" in rest:
        raise UnitError(f"{stripped!r} is no unit", "write one symbol on each side of '/', such as USD/Mtok")
    if first == "1" and rest:
        first = ""
    return Expression(
        _atom(first, stripped) if first else None, tuple(_atom(part, stripped) for part in rest)
    )


def _atom(symbol: str, whole: str) -> Atom:
    if symbol in ATOMS:
        return ATOMS[symbol]
    if symbol in CURRENCIES:
        return Atom(symbol, "money", 1)
    raise UnitError(f"unknown unit {symbol!r}", _suggestion(symbol, whole))


def _suggestion(symbol: str, whole: str) -> str:
    first_word, _, others = symbol.partition(" ")
    if first_word in _SUFFIXES:
        suffix = _SUFFIXES[first_word]
        return f"suffixes are k, M and B, right after the number: write '60{suffix}', not '60 {first_word}'"
    if others.startswith("per ") or " per " in others:
        return f"write '/' for 'per': {whole.replace(' per ', '/')!r}"
    if symbol[0].isdigit():
        return "a unit holds no number: write ktok, Mtok, kreq or Mreq"
    near = nearest_unit(symbol)
    if near:
        return f"did you mean {near}?"
    return f"units are {', '.join(ATOMS)} and money by ISO code, such as USD"


def nearest_unit(symbol: str) -> str | None:
    """Name the unit that `symbol` most likely stands for, None where nothing is close."""
    folded = symbol.casefold()
    for known in ATOMS:
        if known.casefold() == folded:
            return known
    if folded in _ALIASES:
        return _ALIASES[folded]
    if symbol.upper() in CURRENCIES:
        return symbol.upper()
    from difflib import get_close_matches

    close = get_close_matches(symbol, [*ATOMS, "USD", "EUR"], n=1, cutoff=0.6)
    return close[0] if close else None


_ABOVE = {
    "": "occurrences", "money": "money", "token": "tokens", "request": "requests", "time": "time",
    "gpu": "GPU hours", "run": "training runs", "failure": "failures", "example": "examples",
    "percent": "percent", "point": "percentage points",
}  # fmt: skip
_BELOW = {
    "money": "money", "token": "token", "request": "request", "time": "time", "gpu": "GPU hour",
    "run": "training run", "failure": "failure", "example": "example", "percent": "percent",
    "point": "percentage point",
}  # fmt: skip
_WHOLE = {
    "": "a number without a unit", "time": "a time span", "percent": "a share",
    "percent/time": "a compound rate", "/time": "a rate of occurrence",
}  # fmt: skip


def describe(expression: Expression, period: bool = False) -> str:
    """Say what a unit measures, such as ``"money per token"``; with `period`, ``"money per year"``."""
    if period:
        names = [_symbol_word(atom) for atom in expression.denominators]
    else:
        if expression.signature in _WHOLE:
            return _WHOLE[expression.signature]
        names = [_BELOW[atom.kind] for atom in expression.denominators]
    head = _ABOVE[expression.numerator.kind if expression.numerator else ""]
    if period and expression.numerator and expression.numerator.kind == "time":
        head = f"{_symbol_word(expression.numerator)}s"
    return " per ".join([head, *names])


def _symbol_word(atom: Atom) -> str:
    if atom.kind == "time":
        return {"s": "second", "min": "minute", "h": "hour"}.get(atom.symbol, atom.symbol)
    return _BELOW[atom.kind]
