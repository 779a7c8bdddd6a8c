"""Read the quantities that a column of data gives."""

from __future__ import annotations

from math import fsum, sqrt
from pathlib import Path

from simulator.plan.columns import SUFFIXES, read_column
from simulator.plan.errors import listing
from simulator.plan.fields import INSIDE, SUPPORT_WORDS, form_problems, outside, show_value
from simulator.plan.forms import Constant, Empirical, MeanOf
from simulator.plan.problems import quoted, refuse
from simulator.plan.table_numbers import Numbers
from simulator.plan.texts import Parsed


def read_sample(numbers: Numbers, base_directory: Path | None) -> Parsed:
    """Read what a data column says of a quantity: of its mean, or with ``of = "value"`` of itself.

    Parameters
    ----------
    numbers
        The table with `data` and `column`.
    base_directory
        Directory against which the path is resolved; the current one where None.

    Raises
    ------
    QuantityError
        If the table, the file or a cell is wrong.

    Notes
    -----
    The standard error is s / sqrt(n), s^2 = sum (x - mean)^2 / (n - 1).
    """
    name = numbers.text("data")
    column = numbers.text("column")
    of = numbers.text("of", ("mean", "value")) if "of" in numbers.raw else "mean"
    field, unit = numbers.field, numbers.unit
    path = Path(base_directory or ".") / name
    if name and (path.suffix.lower() not in SUFFIXES or not name.isprintable()):
        numbers.note("data", f'data = "{quoted(name)}" is not the path of a {listing(SUFFIXES)} file')
    if field.constant:
        numbers.note("", f"'{numbers.written}' is uncertain, this field takes a constant", "write one number")
    numbers.stop()

    def refusal(value: float) -> str:
        scaled = value / 100 if unit.is_percent else value
        return outside(scaled, field.support, unit, zero=field.zero or of == "mean")

    values = read_column(path, column, refusal)
    if unit.is_percent:
        values = [value / 100 for value in values]
    if of == "value":
        values.sort()
        form = Empirical(tuple(values)) if values[0] < values[-1] else Constant(values[0])
    else:
        form = _mean_of(values, numbers, path.name)
    if isinstance(form, Constant):
        numbers.problems += form_problems(form, field, unit, numbers.written)
        numbers.stop()
    return Parsed(form, unit, numbers.dimension, (path,))


def _mean_of(values: list[float], numbers: Numbers, file: str) -> MeanOf | Constant:
    field, unit = numbers.field, numbers.unit
    count = len(values)
    if count == 1:
        message = f"{file} has one row, which says nothing of the spread of a mean"
        raise refuse(message, "write the number alone", "data", is_data_error=True)
    mean = fsum(values) / count
    deviation = sqrt(fsum((value - mean) ** 2 for value in values) / (count - 1))
    error = deviation / sqrt(count)
    if error <= 1e-14 * abs(mean):
        return Constant(mean)
    shown, spread = show_value(mean, unit), show_value(error, unit)
    if "lognormal" not in INSIDE[field.support]:
        low, high = show_value(mean - 1.645 * error, unit), show_value(mean + 1.645 * error, unit)
        inside = mean - 1.645 * error > 0 and mean + 1.645 * error < 1
        raise refuse(
            f"the lognormal of a column's mean can leave the {SUPPORT_WORDS[field.support]} of this field",
            f"the mean is {shown} with a standard error of {spread}: write "
            + (f"'{low} to {high}', or of = \"value\"" if inside else 'of = "value"'),
            "data",
        )
    if mean <= 0:
        raise refuse(
            f"the mean of column '{quoted(numbers.raw['column'])}' is {shown}, a lognormal needs one above 0",
            'write percentiles, or of = "value"',
            "data",
        )
    return MeanOf(mean, error)
