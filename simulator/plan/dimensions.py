"""Name the dimensions that fields of a plan may have, each with its units."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn

from simulator.plan.units import (
    BARE,
    SECONDS_PER_MONTH,
    Atom,
    Expression,
    Unit,
    UnitError,
    describe,
    parse_unit,
)

LINEAR_PERIODS = ("s", "min", "h", "day", "month", "quarter", "year")
# A working day is not 24 hours and a working year is not 8,760, so hours of work take no longer units.
WORK_TIMES = ("s", "min", "h")
COMPOUND_PERIODS = ("month", "quarter", "year")
ITEM_CADENCES = {
    "": "upfront", "h": "h", "day": "day", "month": "month", "quarter": "quarter", "year": "year",
    "run": "run", "req": "req", "kreq": "kreq",
}  # fmt: skip
BUDGET_CADENCES = {"": "horizon", "month": "month", "quarter": "quarter", "year": "year"}


@dataclass(frozen=True, eq=False, repr=False)
class Dimension:
    """What the numbers of a field measure.

    Parameters
    ----------
    name
        Identifier, such as ``"token_price"``.
    words
        What a field of this dimension takes, for messages.
    example
        A value that can be written; USD stands for the plan's currency.
    support
        ``"positive"``, ``"share"``, ``"rate"`` or ``"points"``.
    canonical
        The unit in which results name it; USD stands for the plan's currency.
    signatures
        What a unit has to measure (see `Expression.signature`).
    base
        Unit whose factor is 1, divided by `base_scale`; empty where every unit has the factor 1.
    times
        The symbols of time that a unit may hold.
    bare
        Whether a number may stand without a unit.
    cadences
        Denominator -> cadence, where the cadence is kept apart from the factor.
    choices
        Dimensions of which a unit picks one.
    note
        Hint for a unit that measures the right thing over a time that is not taken.
    """

    name: str
    words: str
    example: str
    support: str = "positive"
    canonical: str = "1"
    signatures: tuple[str, ...] = ()
    base: str = ""
    base_scale: int = 1
    times: tuple[str, ...] = LINEAR_PERIODS
    bare: bool = False
    cadences: tuple[tuple[str, str], ...] = ()
    choices: tuple[Dimension, ...] = ()
    note: str = ""

    def __repr__(self) -> str:
        return f"<Dimension {self.name}>"

    def __reduce__(self) -> tuple[object, tuple[str]]:
        # There is one object a dimension, compared by identity, in every process.
        return dimension_named, (self.name,)

    def takes(self, currency: str | None = None) -> str:
        """Say what a field of this dimension takes, with an example in the plan's currency."""
        return f"this field takes {self.words}, for example '{in_currency(self.example, currency)}'"


def in_currency(text: str, currency: str | None) -> str:
    """Write a text about US dollars in the plan's currency."""
    return text.replace("USD", currency) if currency else text


VOLUME = Dimension(
    "volume", "requests per time", "60k req/month", canonical="req/month",
    signatures=("request/time",), base="req/month",
)  # fmt: skip
TOKENS = Dimension(
    "tokens", "tokens per request", "1700 tok/req", canonical="tok/req",
    signatures=("token/request",), base="tok/req",
)  # fmt: skip
TOKEN_PRICE = Dimension(
    "token_price", "money per token", "2.50 USD/Mtok", canonical="USD/Mtok",
    signatures=("money/token",), base="USD/Mtok",
)  # fmt: skip
WAGE = Dimension(
    "wage", "money per hour of work", "40 USD/h", canonical="USD/h",
    signatures=("money/time",), base="USD/h", times=WORK_TIMES,
    note="divide by the hours that are worked: a calendar year has 8760, a calendar month 730",
)  # fmt: skip
GPU_PRICE = Dimension(
    "gpu_price", "money per GPU hour", "4 USD/GPU-h", canonical="USD/GPU-h",
    signatures=("money/gpu",), base="USD/GPU-h",
)  # fmt: skip
GPU_HOURS = Dimension(
    "gpu_hours", "GPU hours", "64 GPU-h", canonical="GPU-h", signatures=("gpu",), base="GPU-h"
)  # fmt: skip
HOURS = Dimension(
    "hours", "hours of work", "40 h", canonical="h", signatures=("time",), base="h", times=WORK_TIMES,
    note="write hours: a calendar day has 24, not 8",
)  # fmt: skip
SPAN = Dimension(
    "span", "a time span", "6 month", canonical="month", signatures=("time",), base="month"
)  # fmt: skip
RATE = Dimension(
    "rate", "a compound rate (% per month, quarter or year)", "1% / month", support="rate",
    canonical="1/year", signatures=("percent/time",), times=COMPOUND_PERIODS,
    note="compound rates are per month, quarter or year",
)  # fmt: skip
OCCURRENCE = Dimension(
    "occurrence", "occurrences per time", "1 to 6 / year", canonical="1/year",
    signatures=("/time",), base="/year",
)  # fmt: skip
VOLATILITY = Dimension(
    "volatility", "% per month", "12% / month", canonical="1/month",
    signatures=("percent/time",), times=("month",),
    note="standard deviations do not compound like rates: state that of a month",
)  # fmt: skip
NOISE = Dimension(
    "noise", "% (of a month's amount)", "20%", canonical="1",
    signatures=("percent", "percent/time"), times=("month",), bare=True,
    note="standard deviations do not compound like rates: state that of a month",
)  # fmt: skip
SHARE = Dimension(
    "share", "a share from 0 to 1", "4%", support="share", signatures=("percent",), bare=True
)  # fmt: skip
FACTOR = Dimension(
    "factor", "a factor without a unit", "1.5", bare=True, note="as a factor, 20 % more is 1.2"
)  # fmt: skip
POINTS = Dimension(
    "points", "percentage points per time", "0.3 pp/month", support="points", canonical="1/month",
    signatures=("point/time",), base="pp/month", base_scale=100,
)  # fmt: skip
MONEY = Dimension("money", "money", "500 USD", canonical="USD", signatures=("money",), base="USD")
FAILURE_COST = Dimension(
    "failure_cost", "money per failure", "3 USD/failure", canonical="USD/failure",
    signatures=("money/failure",), base="USD/failure",
)  # fmt: skip
SECOND_COST = Dimension(
    "second_cost", "money per second", "0.001 USD/s", canonical="USD/s",
    signatures=("money/time",), base="USD/s",
)  # fmt: skip
RUN_COST = Dimension(
    "run_cost", "money per training run", "4 USD/run", canonical="USD/run",
    signatures=("money/run",), base="USD/run",
)  # fmt: skip
LATENCY = Dimension(
    "latency", "time per request", "0.5 s/req", canonical="s/req", signatures=("time/request",), base="s/req"
)  # fmt: skip
TOKEN_LATENCY = Dimension(
    "token_latency", "time per token", "0.2 s/ktok", canonical="s/ktok",
    signatures=("time/token",), base="s/ktok",
)  # fmt: skip
EXAMPLES = Dimension(
    "examples", "a number of examples", "5000 example", canonical="example",
    signatures=("example",), base="example", bare=True,
)  # fmt: skip
EXAMPLE_TOKENS = Dimension(
    "example_tokens", "tokens per example", "1200 tok/example", canonical="tok/example",
    signatures=("token/example",), base="tok/example",
)  # fmt: skip
COUNT = Dimension("count", "a number without a unit", "3", bare=True)
EXCHANGE = Dimension(
    "exchange", "the plan's currency per USD", "0.92", canonical="USD/USD",
    signatures=("money/money",), bare=True,
)  # fmt: skip
REQUEST_CAPACITY = Dimension(
    "request_capacity", "requests per time", "2 req/s", canonical="req/s",
    signatures=("request/time",), base="req/s",
)  # fmt: skip
TOKEN_CAPACITY = Dimension(
    "token_capacity", "tokens per time", "3000 tok/s", canonical="tok/s",
    signatures=("token/time",), base="tok/s",
)  # fmt: skip
CAPACITY = Dimension(
    "capacity", "requests or tokens per time", "2 req/s", canonical="",
    choices=(REQUEST_CAPACITY, TOKEN_CAPACITY),
)  # fmt: skip
_ITEM = "alone (upfront) or per h, day, month, quarter, year, run, req or kreq"
MONEY_ITEM = Dimension(
    "money_item", f"money {_ITEM}", "500 USD/month", canonical="USD",
    signatures=("money", "money/time", "money/run", "money/request"),
    base="USD", cadences=tuple(ITEM_CADENCES.items()),
)  # fmt: skip
HOURS_ITEM = Dimension(
    "hours_item", f"hours of work {_ITEM}", "10 h/month", canonical="h",
    signatures=("time", "time/time", "time/run", "time/request"),
    base="h", times=WORK_TIMES, cadences=tuple(ITEM_CADENCES.items()),
    note="write hours of work: a calendar day has 24, not 8",
)  # fmt: skip
ITEM = Dimension(
    "item", f"money or hours of work, {_ITEM}", "500 USD/month", canonical="",
    choices=(MONEY_ITEM, HOURS_ITEM),
)  # fmt: skip
BUDGET = Dimension(
    "budget", "money per month, quarter or year, or alone for the horizon", "180k USD/year",
    canonical="USD", signatures=("money", "money/time"), base="USD", cadences=tuple(BUDGET_CADENCES.items()),
)  # fmt: skip

_DIMENSIONS = {one.name: one for one in tuple(globals().values()) if isinstance(one, Dimension)}


def dimension_named(name: str) -> Dimension:
    """Find a dimension by its name."""
    return _DIMENSIONS[name]


def read_unit(text: str, dimension: Dimension, currency: str | None, written: str) -> tuple[Unit, Dimension]:
    """Read the unit of a field.

    Parameters
    ----------
    text
        The unit string; empty for bare numbers.
    dimension
        Dimension of the field.
    currency
        ISO code of the plan's currency; None accepts any.
    written
        What stands in the plan, for the messages.

    Returns
    -------
    unit, dimension
        The unit with its factor, and the dimension, one of `dimension.choices` where there are any.

    Raises
    ------
    UnitError
        If the unit is unknown, of another dimension or in another currency.
    """
    try:
        expression = parse_unit(text)
    except UnitError as error:
        takes = dimension.takes(currency)
        raise UnitError(f"'{written}': {error.message}, {takes}", error.hint) from None
    return fit(expression, dimension, currency, written)


def fit(
    expression: Expression, dimension: Dimension, currency: str | None, written: str
) -> tuple[Unit, Dimension]:
    """Take a parsed unit as one of a dimension.

    Raises
    ------
    UnitError
        If the unit is of another dimension or in another currency.
    """
    known = _known(expression, dimension, currency)
    if known:
        return known
    takes = dimension.takes(currency)
    fitting = _of_signature(expression, dimension)
    if expression == BARE:
        raise UnitError(f"'{written}' has no unit, {takes}")
    if not fitting:
        raise UnitError(f"'{written}' is {describe(expression)}, {takes}", _hint(expression, dimension))
    if not _same_currency(expression, fitting, currency):
        _refuse_currency(expression, fitting, currency, written)
    raise UnitError(f"'{written}' is {describe(expression, period=True)}, {takes}", fitting.note)


@lru_cache(maxsize=1024)
def _known(
    expression: Expression, dimension: Dimension, currency: str | None
) -> tuple[Unit, Dimension] | None:
    if expression == BARE:
        return (Unit(text=""), dimension) if dimension.bare else None
    fitting = _of_signature(expression, dimension)
    if (
        not fitting
        or not _same_currency(expression, fitting, currency)
        or not _same_times(expression, fitting)
    ):
        return None
    return _unit(expression, fitting), fitting


def _of_signature(expression: Expression, dimension: Dimension) -> Dimension | None:
    for one in dimension.choices or (dimension,):
        if expression.signature in one.signatures:
            return one
    return None


def _hint(expression: Expression, dimension: Dimension) -> str:
    percent = expression.signature.startswith("percent")
    if percent and dimension is FACTOR:
        return dimension.note
    if dimension is RATE and expression.signature == "percent":
        return "add the period: '1% / month' or '12% / year'"
    if dimension is VOLATILITY and expression.signature == "percent":
        return "add the period: '12% / month'"
    if dimension is GPU_PRICE and expression.signature == "money/time":
        return "the hours of a GPU are GPU-h"
    if dimension is GPU_HOURS and expression.signature == "time":
        return "the hours of a GPU are GPU-h"
    return ""


def _same_currency(expression: Expression, dimension: Dimension, currency: str | None) -> bool:
    if currency is None:
        return True
    if dimension is EXCHANGE:
        return expression.currencies == (currency, "USD")
    return all(code == currency for code in expression.currencies)


def _refuse_currency(
    expression: Expression, dimension: Dimension, currency: str | None, written: str
) -> NoReturn:
    if dimension is EXCHANGE:
        raise UnitError(
            f"'{written}' is {expression.text}, this field takes {currency}/USD, for example '0.92'"
        )
    code = next(code for code in expression.currencies if code != currency)
    raise UnitError(
        f"'{written}' is in {code}, this plan is in {currency}, for example "
        f"'{in_currency(dimension.example, currency)}'",
        f"convert it, or change finance.currency: a plan has one currency, {currency}",
    )


def _same_times(expression: Expression, dimension: Dimension) -> bool:
    atoms: tuple[Atom | None, ...] = (expression.numerator,)
    if dimension.cadences:
        if _denominator(expression) not in dict(dimension.cadences):
            return False
    else:
        atoms += expression.denominators
    return all(atom.symbol in dimension.times for atom in atoms if atom and atom.kind == "time")


def _denominator(expression: Expression) -> str:
    return "/".join(atom.symbol for atom in expression.denominators)


def _unit(expression: Expression, dimension: Dimension) -> Unit:
    signature = expression.signature
    cadence = None
    factor = 1.0
    if dimension.base:
        above, below = expression.ratio
        if dimension.cadences:
            cadence = dict(dimension.cadences)[_denominator(expression)]
            below = 1
        base_above, base_below = parse_unit(dimension.base).ratio
        factor = above * base_below / (below * base_above * dimension.base_scale)
    per = None
    if signature in ("percent/time", "point/time", "/time"):
        per = expression.denominators[0].scale / SECONDS_PER_MONTH
    return Unit(expression.text, signature, factor, per, cadence)
