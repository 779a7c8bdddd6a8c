"""Numbers come back as they were written, and nothing raises an error but the reader's own."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.explain.words import in_words
from simulator.plan import dimensions as d
from simulator.plan.forms import Constant, Discrete, Percentiles
from simulator.plan.quantity import QuantityError, QuantityField, parse_quantity

FIELDS = [QuantityField(one) for one in vars(d).values() if isinstance(one, d.Dimension)]
FIELDS += [
    QuantityField(d.VOLUME, zero=False),
    QuantityField(d.SPAN, same_as=False),
    QuantityField(d.BUDGET, constant=True),
]
SUFFIXES = {"": 1.0, "k": 1e3, "M": 1e6, "B": 1e9}

numbers = st.floats(min_value=1e-9, max_value=9e5, allow_nan=False)
suffixes = st.sampled_from(sorted(SUFFIXES))
spaces = st.sampled_from(["", " ", "  "])
fields = st.sampled_from(FIELDS)
units = st.sampled_from(
    [
        ("req/month", d.VOLUME),
        ("tok/req", d.TOKENS),
        ("USD/Mtok", d.TOKEN_PRICE),
        ("h", d.HOURS),
        ("", d.FACTOR),
        ("USD/quarter", d.ITEM),
        ("/ year", d.OCCURRENCE),
        ("USD/GPU-h", d.GPU_PRICE),
        ("s/ktok", d.TOKEN_LATENCY),
    ]
)


def read(raw, field):
    return parse_quantity(raw, field, "key", currency="USD")


def check_problems(problems):
    assert problems
    for problem in problems:
        assert problem.message
        assert len(problem.message) < 2000


def attempt(raw, field):
    """Read anything, None where it is refused; the words are tried too."""
    try:
        quantity = read(raw, field)
    except QuantityError as error:
        check_problems(error.problems)
        return None
    assert in_words(quantity)
    assert quantity.support in ("positive", "share", "rate", "points")
    return quantity


@given(number=numbers, suffix=suffixes, space=spaces, unit=units)
def test_a_number_comes_back_as_it_was_written(number, suffix, space, unit):
    text, dimension = unit
    # Where the unit begins with a letter, a suffix that touches it is part of the unit.
    space = space or " " if suffix else space
    value = read(f"{number!r}{suffix}{space}{text}", QuantityField(dimension)).form.value
    assert value == pytest.approx(number * SUFFIXES[suffix], rel=4e-16)


@given(
    number=st.floats(min_value=-99.0, max_value=1e6, allow_nan=False),
    period=st.sampled_from(["month", "year"]),
)
def test_a_percentage_is_a_hundredth(number, period):
    quantity = read(f"{number!r}% / {period}", QuantityField(d.RATE))
    assert quantity.form.value == pytest.approx(number / 100, rel=4e-16)
    table = read({"min": number, "max": number, "unit": f"% / {period}"}, QuantityField(d.RATE))
    assert table.form == quantity.form


@given(low=numbers, high=numbers, space=st.sampled_from([" ", "  ", "\t"]), unit=units)
def test_two_ends_come_back_in_order(low, high, space, unit):
    text, dimension = unit
    low, high = sorted((low, high))
    once = read(f"{low!r}{space}to{space}{high!r} {text}", QuantityField(dimension))
    each = read(f"{low!r} {text} to {high!r} {text}", QuantityField(dimension))
    assert once.form == each.form
    expected = Constant(low) if low == high else Percentiles(((0.05, low), (0.95, high)))
    assert once.form == expected


@given(number=st.integers(min_value=-(10**15), max_value=10**15))
def test_whole_numbers_are_exact_to_the_bit(number):
    raw = {"values": [number, number], "unit": "pp/month"}
    assert read(raw, QuantityField(d.POINTS)).form == Constant(float(number))
    assert read(f"{number:_} pp/month", QuantityField(d.POINTS)).form == Constant(float(number))


@given(st.lists(st.tuples(st.integers(0, 50), st.floats(0, 1e6)), min_size=1, max_size=20))
def test_weights_are_scaled_to_one_and_values_ascend(pairs):
    raw = {"values": [value for value, _ in pairs], "weights": [weight for _, weight in pairs], "unit": "h"}
    quantity = attempt(raw, QuantityField(d.HOURS))
    if quantity is None:
        assert not any(weight for _, weight in pairs)
    elif isinstance(quantity.form, Discrete):
        assert math.fsum(quantity.form.weights) == pytest.approx(1.0, abs=1e-15 * len(pairs))
        assert list(quantity.form.values) == sorted(set(quantity.form.values))


@given(text=st.text(max_size=300), field=fields)
def test_any_text_is_read_or_refused(text, field):
    attempt(text, field)


pieces = st.sampled_from(
    [
        "1",
        "60k",
        "-5",
        "0",
        "1e6",
        "1_000",
        "nan",
        "0x1",
        ".5",
        "1.",
        "%",
        "pp",
        "USD",
        "EUR",
        "$",
        "tok",
        "Mtok",
        "mtok",
        "req",
        "kreq",
        "h",
        "s",
        "day",
        "month",
        "year",
        "GPU-h",
        "run",
        "failure",
        "example",
        "/",
        "//",
        "per",
        "to",
        " to ",
        " ",
        "\t",
        "\n",
        "-",
        "–",
        "+",
        ",",
        ".",
        "_",
        "k",
        "M",
        "MM",
        "K",
        "1e999",
        "٣",
        "½",
        "\0",
        "\ud800",
    ]
)


@settings(max_examples=400)
@given(parts=st.lists(pieces, max_size=12), field=fields)
def test_text_that_is_nearly_a_quantity_is_read_or_refused(parts, field):
    attempt("".join(parts), field)


keys = st.sampled_from(
    [
        "value",
        "p5",
        "p50",
        "p95",
        "p2.5",
        "p0",
        "p100",
        "p",
        "min",
        "mode",
        "max",
        "dist",
        "mean",
        "sd",
        "values",
        "weights",
        "data",
        "column",
        "of",
        "unit",
        "mixture",
        "weight",
        "same_as",
        "times",
        "source",
        "owner",
        "x",
        "",
    ]
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates(),
    st.text(max_size=20),
    st.lists(pieces, max_size=4).map("".join),
    st.sampled_from(
        ["h", "%", "2 to 4 h", "gamma", "beta", "mean", "value", "missing.csv", "a.parquet", 1, 2, 0.5]
    ),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=5)),
    max_leaves=20,
)


@settings(max_examples=400)
@given(raw=values, field=fields)
def test_any_toml_value_is_read_or_refused(raw, field):
    attempt(raw, field)


tables = st.one_of(
    st.fixed_dictionaries({"p10": scalars, "p90": scalars}, optional={"p50": scalars, "unit": scalars}),
    st.fixed_dictionaries({"p10": numbers, "p20": numbers, "p90": numbers, "unit": st.just("h")}),
    st.fixed_dictionaries({"min": scalars, "max": scalars}, optional={"mode": scalars, "unit": scalars}),
    st.fixed_dictionaries(
        {"dist": st.sampled_from(["gamma", "beta", "normal", "x"]), "mean": scalars, "sd": scalars},
        optional={"unit": scalars},
    ),
    st.fixed_dictionaries(
        {"values": st.lists(scalars)}, optional={"weights": st.lists(scalars), "unit": scalars}
    ),
    st.fixed_dictionaries(
        {
            "mixture": st.lists(
                st.fixed_dictionaries({"weight": scalars, "value": values}, optional={"owner": scalars})
            )
        }
    ),
    st.fixed_dictionaries({"same_as": scalars}, optional={"times": values}),
)


@settings(max_examples=400)
@given(raw=tables, field=fields)
def test_any_table_of_a_known_form_is_read_or_refused(raw, field):
    attempt(raw, field)


@given(
    low=st.floats(1e-6, 1e6),
    middle=st.floats(1e-6, 1e6),
    high=st.floats(1e-6, 1e6),
    levels=st.lists(st.integers(1, 99), min_size=3, max_size=3, unique=True),
)
def test_percentiles_that_are_taken_have_a_positive_spread_on_both_sides(low, middle, high, levels):
    from statistics import NormalDist

    raw = {
        f"p{level}": value for level, value in zip(sorted(levels), sorted((low, middle, high)), strict=True)
    }
    quantity = attempt(raw | {"unit": "h"}, QuantityField(d.HOURS))
    if quantity is None:
        return
    (a, x), (b, y), (c, w) = quantity.form.points
    a, b, c = (NormalDist().inv_cdf(level) for level in (a, b, c))
    x, y, w = (math.log(value) for value in (x, y, w))
    if b == 0:
        median = y
    elif b < 0:
        median = y - (y - x) / (b - a) * b
    else:
        median = y - (w - y) / (c - b) * b
    assert a < 0 < c
    assert x < median < w
