"""Read the quantities that are one string: `40 USD/h`, `60k to 300k req/month`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from simulator.plan.dimensions import Dimension, fit
from simulator.plan.fields import QuantityField, form_problems
from simulator.plan.forms import Constant, Form, Percentiles
from simulator.plan.numerals import Numeral, NumeralError, read_numeral
from simulator.plan.problems import QuantityError, quoted, refuse
from simulator.plan.units import BARE, Expression, Unit, UnitError, parse_unit

_LONGEST = 200
_TO = re.compile(r"\sto\s")
_INTERVAL = (0.05, 0.95)


class Parsed(NamedTuple):
    """What was read of a quantity: its form, unit and dimension, and the data files it took."""

    form: Form
    unit: Unit
    dimension: Dimension
    files: tuple[Path, ...] = ()


def read_text(text: str, field: QuantityField, currency: str | None) -> Parsed:
    """Read a string.

    Parameters
    ----------
    text
        A constant (``"40 USD/h"``) or a 90 % interval (``"2 to 4 h"``).
    field
        What may stand.
    currency
        ISO code of the plan's currency; None accepts any.

    Raises
    ------
    QuantityError
        If it cannot stand in the field.
    """
    written = quoted(text)
    if not text.strip():
        raise refuse(f"'{written}' is empty, {field.takes(currency)}")
    if len(text) > _LONGEST:
        raise refuse(f"'{written}' is longer than {_LONGEST} characters, {field.takes(currency)}")
    ends = _TO.split(f" {text} ")
    if len(ends) > 2:
        raise refuse(
            f"'{written}' has more than two ends", "for three percentiles write { p5 = …, p50 = …, p95 = … }"
        )
    try:
        numerals = [read_numeral(end.strip()) for end in ends]
    except NumeralError as error:
        raise refuse(f"'{written}' {error.message}, {field.takes(currency)}", error.hint) from None
    try:
        expressions = [parse_unit(numeral.rest) for numeral in numerals]
    except UnitError as error:
        raise refuse(f"'{written}': {error.message}, {field.takes(currency)}", error.hint) from None
    expression = _common(expressions, numerals, written)
    try:
        unit, dimension = fit(expression, field.dimension, currency, written)
    except UnitError as error:
        raise refuse(error.message, error.hint) from None
    values = [numeral.value(percent=unit.is_percent) for numeral in numerals]
    form = _form(values, numerals, written)
    problems = list(form_problems(form, field, unit, written))
    if problems:
        raise QuantityError(problems)
    return Parsed(form, unit, dimension)


def _common(expressions: list[Expression], numerals: list[Numeral], written: str) -> Expression:
    """The unit of both ends: written at the last one, and at the first in full, without its `/ …`, or not."""
    last = expressions[-1]
    first = expressions[0]
    if first in (BARE, last, Expression(last.numerator, ())):
        return last
    if last == BARE:
        raise refuse(
            f"'{written}' has its unit at the first end only",
            f"write '… to {numerals[-1].mantissa}{numerals[-1].suffix} {first.text}'",
        )
    raise refuse(
        f"'{written}' has two units, {first.text} and {last.text}", "write both ends in the same unit"
    )


def _form(values: list[float], numerals: list[Numeral], written: str) -> Constant | Percentiles:
    if len(values) == 1:
        return Constant(values[0])
    low, high = values
    first, last = numerals
    bare = not (first.rest.strip() or first.suffix or first.exponent)
    if bare and last.suffix and low != 0:
        number = first.mantissa
        end = last.value()
        plain = f"{end:.0f}" if end == int(end) else f"{end:g}"
        raise refuse(
            f"'{written}' leaves open whether it begins at {number} or at {number}{last.suffix}",
            f"write '{number}{last.suffix} to …' or '{number} to {plain} …'",
        )
    if low > high:
        hint = "write the low end first"
        if first.suffix and not last.suffix:
            hint = f"did you mean {last.mantissa}{first.suffix}?"
        raise refuse(f"'{written}' begins above its end", hint)
    if low == high:
        return Constant(low)
    return Percentiles(tuple(zip(_INTERVAL, values, strict=True)))
