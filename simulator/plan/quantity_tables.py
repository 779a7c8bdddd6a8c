"""Read the quantities that are tables: percentiles, ranges, families, values."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import fsum, log, log1p
from pathlib import Path

from simulator.plan.fields import QuantityField, form_problems
from simulator.plan.form_keys import PERCENTILE
from simulator.plan.forms import FAMILIES, Constant, Discrete, Form, Moments, Percentiles, Pert, Uniform
from simulator.plan.numerals import NumeralError, read_number
from simulator.plan.problems import MOST_PROBLEMS, Problem, quoted, toml
from simulator.plan.samples import read_sample
from simulator.plan.table_numbers import Numbers
from simulator.plan.texts import Parsed


def read_table(
    raw: dict, form: str, field: QuantityField, currency: str | None, base_directory: Path | None
) -> Parsed:
    """Read a table whose numbers share one unit.

    Parameters
    ----------
    raw
        The table.
    form
        Its form, one of `WITH_UNIT`.
    field
        What may stand.
    currency
        ISO code of the plan's currency; None accepts any.
    base_directory
        Directory against which paths of data files are resolved.

    Raises
    ------
    QuantityError
        With all that is wrong.
    """
    numbers = Numbers(raw, field, currency)
    if form == "data":
        return read_sample(numbers, base_directory)
    readers: dict[str, Callable[[Numbers], Form]] = {
        "percentiles": _percentiles,
        "range": _range,
        "moments": _moments,
        "values": _values,
    }
    result = readers[form](numbers)
    numbers.stop()
    numbers.problems += form_problems(result, field, numbers.unit, numbers.written)
    numbers.stop()
    return Parsed(result, numbers.unit, numbers.dimension)


def _percentiles(numbers: Numbers) -> Percentiles:
    points: dict[float, tuple[str, float | None]] = {}
    for key, raw in numbers.raw.items():
        match = PERCENTILE.fullmatch(key)
        if not match:
            continue
        level = float(f"{match[1]}e-2")
        if not level:
            numbers.note(key, f"'{key}' is no percentile: levels lie inside (0, 100)", "min is the low end")
        elif level in points:
            numbers.note(key, f"'{points[level][0]}' and '{key}' are the same percentile")
        points[level] = (key, numbers.number(raw, key))
    count = sum(1 for key in numbers.raw if PERCENTILE.fullmatch(key))
    if count not in (2, 3):
        few = "one percentile does" if count == 1 else f"{count} percentiles do"
        numbers.note("", f"'{numbers.written}': {few} not fit, write two or three")
    numbers.stop()
    levels = sorted(points)
    for low, high in pairwise(levels):
        if points[low][1] >= points[high][1]:
            numbers.note(
                points[high][0],
                f"{points[high][0]} = {toml(numbers.raw[points[high][0]])} is not above "
                f"{points[low][0]} = {toml(numbers.raw[points[low][0]])}",
            )
    result = Percentiles(tuple((level, points[level][1]) for level in levels))
    numbers.stop()
    if len(levels) == 3:
        numbers.problems += form_problems(result, numbers.field, numbers.unit, numbers.written)
        numbers.stop()
        _three(result, numbers)
    return result


def _three(form: Percentiles, numbers: Numbers) -> None:
    """Refuse three percentiles that no two-piece family meets."""
    levels = [level for level, _ in form.points]
    if not levels[0] < 0.5 < levels[2]:
        numbers.note(
            "", f"'{numbers.written}' has no percentile {'below' if levels[0] >= 0.5 else 'above'} p50",
            "of three, one must lie on each side of p50; two alone may lie anywhere",
        )  # fmt: skip
        return
    places = [_on_normal_scale(value, numbers.field.support) for _, value in form.points]
    if not places[0] < places[1] < places[2]:
        numbers.note("", f"'{numbers.written}' has percentiles too close together to be told apart")
        return
    if levels[1] == 0.5:
        return
    # Two on one side fix the median; the third must lie beyond it.
    # Imported here because it is slow to load and rarely needed.
    from statistics import NormalDist

    scores = [NormalDist().inv_cdf(level) for level in levels]
    first = 0 if levels[1] < 0.5 else 1
    slope = (places[first + 1] - places[first]) / (scores[first + 1] - scores[first])
    median = places[first] - slope * scores[first]
    meets = median < places[2] if first == 0 else median > places[0]
    if not meets:
        numbers.note(
            "",
            f"'{numbers.written}': the two percentiles {'below' if first == 0 else 'above'} p50 "
            f"put the median {'above' if first == 0 else 'below'} the third",
            "replace one of the two by p50",
        )


def _on_normal_scale(value: float, support: str) -> float:
    if support == "positive":
        return log(value)
    if support == "share":
        return log(value) - log1p(-value)
    return log1p(value) if support == "rate" else value


def _range(numbers: Numbers) -> Form:
    keys = ("min", "mode", "max") if "mode" in numbers.raw else ("min", "max")
    values = numbers.required(*keys)
    numbers.stop()
    for low, high, first, second in zip(values, values[1:], keys, keys[1:], strict=False):
        if low > high:
            numbers.note(
                first, f"{first} = {toml(numbers.raw[first])} is above {second} = {toml(numbers.raw[second])}"
            )
    numbers.stop()
    if values[0] == values[-1]:
        return Constant(values[0])
    return Pert(*values) if len(keys) == 3 else Uniform(*values)


def _moments(numbers: Numbers) -> Moments:
    family = numbers.text("dist", FAMILIES)
    values = numbers.required("mean", "sd")
    numbers.stop()
    return Moments(family, *values)


def _values(numbers: Numbers) -> Form:
    raw = numbers.raw.get("values")
    if not isinstance(raw, list) or not raw:
        shown = "has no values" if raw is None else f"values = {quoted(raw)} is no list of numbers"
        numbers.note("values" if "values" in numbers.raw else "", f"'{numbers.written}' {shown}")
        numbers.stop()
    values = []
    for index, one in enumerate(raw):
        values.append(numbers.number(one, f"values[{index}]"))
        if len(numbers.problems) >= MOST_PROBLEMS:
            numbers.stop()
    weights = [1.0] * len(values)
    if "weights" in numbers.raw:
        weights = read_weights(numbers.raw["weights"], len(values), numbers.problems)
    numbers.stop()
    total: dict[float, float] = {}
    for value, weight in zip(values, weights, strict=True):
        if weight:
            total[value] = total.get(value, 0.0) + weight
    if len(total) == 1:
        return Constant(next(iter(total)))
    scale = fsum(total.values())
    ascending = sorted(total)
    return Discrete(tuple(ascending), tuple(total[value] / scale for value in ascending))


def read_weights(raw: object, count: int, problems: list[Problem]) -> list[float]:
    """Read weights of 0 or more, not all 0; unscaled. Notes what is wrong in `problems`."""
    if not isinstance(raw, list) or len(raw) != count:
        given = f"has {len(raw)}" if isinstance(raw, list) else f"is {quoted(raw)}"
        problems.append(Problem("weights", f"weights {given}, there must be one for each of {count} values"))
        return []
    weights = []
    for index, one in enumerate(raw):
        weights.append(read_weight(one, f"weights[{index}]", problems))
        if len(problems) >= MOST_PROBLEMS:
            return []
    if not any(weights) and not problems:
        problems.append(Problem("weights", "weights are all 0, one at least must be above 0"))
    return weights


def read_weight(raw: object, path: str, problems: list[Problem]) -> float:
    """Read one weight of 0 or more, 0 where it is wrong; notes what is wrong in `problems`."""
    try:
        weight = read_number(raw).value()
    except NumeralError as error:
        problems.append(
            Problem(path, f"{path} = {quoted(raw)} {error.message}", "a weight is a number such as 3")
        )
        return 0.0
    if weight < 0:
        problems.append(Problem(path, f"{path} = {quoted(raw)} is negative, weights are 0 or more"))
    return weight
