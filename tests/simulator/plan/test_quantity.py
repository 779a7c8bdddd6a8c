"""Quantities in every form of the plan file."""

from __future__ import annotations

import pickle

import pytest

from simulator.plan import dimensions as d
from simulator.plan.forms import (
    Constant,
    Discrete,
    Mixture,
    Moments,
    Percentiles,
    Pert,
    SameAs,
    Uniform,
)
from simulator.plan.quantity import QuantityError, QuantityField, adopt, parse_quantity


def read(raw, dimension, name="key", currency="USD", extra_keys=(), **field):
    return parse_quantity(
        raw, QuantityField(dimension, **field), name, currency=currency, extra_keys=extra_keys
    )


def form(raw, dimension, **field):
    return read(raw, dimension, **field).form


def refused(raw, dimension, **field):
    with pytest.raises(QuantityError) as caught:
        read(raw, dimension, **field)
    return [(problem.path, problem.message, problem.hint) for problem in caught.value.problems]


def interval(low, high):
    return Percentiles(((0.05, low), (0.95, high)))


@pytest.mark.parametrize(
    ("text", "dimension", "expected", "unit"),
    [
        ("40 USD/h", d.WAGE, Constant(40.0), "USD/h"),
        ("40USD/h", d.WAGE, Constant(40.0), "USD/h"),
        ("60k to 300k req/month", d.VOLUME, interval(60_000.0, 300_000.0), "req/month"),
        ("60k req/month to 300k req/month", d.VOLUME, interval(60_000.0, 300_000.0), "req/month"),
        ("60 to 300 kreq/month", d.VOLUME, interval(60.0, 300.0), "kreq/month"),
        ("0.5M to 2M req/month", d.VOLUME, interval(5e5, 2e6), "req/month"),
        ("0.5k to 900 req/month", d.VOLUME, interval(500.0, 900.0), "req/month"),
        ("6e4 to 300k req/month", d.VOLUME, interval(60_000.0, 300_000.0), "req/month"),
        ("1_000 to 1e6 tok/req", d.TOKENS, interval(1000.0, 1e6), "tok/req"),
        ("1% to 3% / month", d.RATE, interval(0.01, 0.03), "% / month"),
        ("1 to 3% / month", d.RATE, interval(0.01, 0.03), "% / month"),
        ("1% / month to 3% / month", d.RATE, interval(0.01, 0.03), "% / month"),
        ("-60% / year", d.RATE, Constant(-0.6), "% / year"),
        ("-5% to 20% / year", d.RATE, interval(-0.05, 0.2), "% / year"),
        ("0% / year", d.RATE, Constant(0.0), "% / year"),
        ("5% to 20%", d.SHARE, interval(0.05, 0.2), "%"),
        ("5 to 20 %", d.SHARE, interval(0.05, 0.2), "%"),
        ("0.05 to 0.2", d.SHARE, interval(0.05, 0.2), ""),
        ("100%", d.SHARE, Constant(1.0), "%"),
        ("0%", d.SHARE, Constant(0.0), "%"),
        ("2 to 4 h", d.HOURS, interval(2.0, 4.0), "h"),
        ("0 h", d.HOURS, Constant(0.0), "h"),
        ("2.50 to 2.5 h", d.HOURS, Constant(2.5), "h"),
        ("30k USD to 60k USD", d.ITEM, interval(30_000.0, 60_000.0), "USD"),
        ("60 USD to 300k USD", d.ITEM, interval(60.0, 300_000.0), "USD"),
        ("2k to 10k USD/quarter", d.ITEM, interval(2000.0, 10_000.0), "USD/quarter"),
        ("1 to 6 / year", d.OCCURRENCE, interval(1.0, 6.0), "/ year"),
        ("0.5 / month", d.OCCURRENCE, Constant(0.5), "/ month"),
        ("12% / month", d.VOLATILITY, Constant(0.12), "% / month"),
        ("20%", d.NOISE, Constant(0.2), "%"),
        ("0.3 pp/month", d.POINTS, Constant(0.3), "pp/month"),
        ("-0.1 to 0.3 pp/month", d.POINTS, interval(-0.1, 0.3), "pp/month"),
        ("0.6 to 0.9", d.FACTOR, interval(0.6, 0.9), ""),
        ("3", d.COUNT, Constant(3.0), ""),
        ("500 to 2000", d.EXAMPLES, interval(500.0, 2000.0), ""),
        ("500 to 2000 example", d.EXAMPLES, interval(500.0, 2000.0), "example"),
        (3, d.COUNT, Constant(3.0), ""),
        (0.04, d.SHARE, Constant(0.04), ""),
        (1.5, d.FACTOR, Constant(1.5), ""),
    ],
)
def test_strings_and_bare_numbers(text, dimension, expected, unit):
    quantity = read(text, dimension)
    assert quantity.form == expected
    assert quantity.unit.text == unit


@pytest.mark.parametrize(
    ("raw", "dimension", "expected"),
    [
        (
            {"p10": 0.5, "p50": 3, "p90": 15, "unit": "USD/failure"},
            d.FAILURE_COST,
            Percentiles(((0.1, 0.5), (0.5, 3.0), (0.9, 15.0))),
        ),
        ({"p80": 4, "p5": 1, "unit": "h"}, d.HOURS, Percentiles(((0.05, 1.0), (0.8, 4.0)))),
        ({"p2.5": 1, "p97.5": 4, "unit": "h"}, d.HOURS, Percentiles(((0.025, 1.0), (0.975, 4.0)))),
        ({"p60": 1, "p70": 4, "unit": "h"}, d.HOURS, Percentiles(((0.6, 1.0), (0.7, 4.0)))),
        (
            {"p10": 1, "p20": 2, "p90": 40, "unit": "h"},
            d.HOURS,
            Percentiles(((0.1, 1.0), (0.2, 2.0), (0.9, 40.0))),
        ),
        ({"p10": 2, "p90": 5, "unit": "%"}, d.SHARE, Percentiles(((0.1, 0.02), (0.9, 0.05)))),
        ({"p10": 0.02, "p90": 0.05}, d.SHARE, Percentiles(((0.1, 0.02), (0.9, 0.05)))),
        ({"p10": -5, "p90": 5, "unit": "% / year"}, d.RATE, Percentiles(((0.1, -0.05), (0.9, 0.05)))),
        ({"p10": "20k", "p90": "60k", "unit": "USD"}, d.MONEY, Percentiles(((0.1, 2e4), (0.9, 6e4)))),
        ({"min": 20, "mode": 40, "max": 120, "unit": "h"}, d.HOURS, Pert(20.0, 40.0, 120.0)),
        ({"min": 0, "mode": 0, "max": 120, "unit": "h"}, d.HOURS, Pert(0.0, 0.0, 120.0)),
        ({"min": 3, "mode": 3, "max": 3, "unit": "h"}, d.HOURS, Constant(3.0)),
        ({"min": 1, "max": 5, "unit": "h"}, d.HOURS, Uniform(1.0, 5.0)),
        ({"min": 0, "max": 10, "unit": "%"}, d.SHARE, Uniform(0.0, 0.1)),
        ({"min": 0, "max": 1}, d.SHARE, Uniform(0.0, 1.0)),
        ({"min": 2, "max": 2, "unit": "h"}, d.HOURS, Constant(2.0)),
        ({"dist": "gamma", "mean": 40, "sd": 12, "unit": "h"}, d.HOURS, Moments("gamma", 40.0, 12.0)),
        ({"dist": "beta", "mean": 4, "sd": 1, "unit": "%"}, d.SHARE, Moments("beta", 0.04, 0.01)),
        ({"dist": "normal", "mean": 0, "sd": 1, "unit": "pp/month"}, d.POINTS, Moments("normal", 0.0, 1.0)),
        ({"dist": "weibull", "mean": 5, "sd": 1, "unit": "% / year"}, d.RATE, Moments("weibull", 0.05, 0.01)),
        (
            {"values": [4, 1, 2], "weights": [2, 5, 3], "unit": "month"},
            d.SPAN,
            Discrete((1.0, 2.0, 4.0), (0.5, 0.3, 0.2)),
        ),
        ({"values": [1, 2], "unit": "month"}, d.SPAN, Discrete((1.0, 2.0), (0.5, 0.5))),
        ({"values": [1, 2, 1], "unit": "month"}, d.SPAN, Discrete((1.0, 2.0), (2 / 3, 1 / 3))),
        (
            {"values": [1, 2, 9], "weights": [3, 1, 0], "unit": "month"},
            d.SPAN,
            Discrete((1.0, 2.0), (0.75, 0.25)),
        ),
        ({"values": [2, 2], "unit": "month"}, d.SPAN, Constant(2.0)),
        ({"values": [0, 100], "unit": "%"}, d.SHARE, Discrete((0.0, 1.0), (0.5, 0.5))),
        ({"value": "2 to 4 h"}, d.HOURS, interval(2.0, 4.0)),
        ({"value": 0.04}, d.SHARE, Constant(0.04)),
    ],
)
def test_tables(raw, dimension, expected):
    assert form(raw, dimension) == expected


def test_a_string_and_a_table_in_percent_give_the_same_double():
    for number in (0.3, 7.1, 29, 58.5, 0.07):
        text, table = f"{number}%", {"min": number, "max": number, "unit": "%"}
        assert form(text, d.SHARE) == form(table, d.SHARE)


def test_a_mixture_keeps_the_units_of_its_members():
    quantity = read(
        {
            "mixture": [
                {"weight": 9, "value": "2 to 4 h"},
                {"weight": 1, "value": "30 to 90 min", "owner": "Ada"},
            ]
        },
        d.HOURS,
        name="a.b",
    )
    assert isinstance(quantity.form, Mixture)
    (nine, first), (one, second) = quantity.form.members
    assert (nine, one) == (0.9, 0.1)
    assert (first.name, first.form, first.unit.factor) == ("a.b.mixture[0]", interval(2.0, 4.0), 1.0)
    assert (second.name, second.form, second.owner) == ("a.b.mixture[1]", interval(30.0, 90.0), "Ada")
    assert second.unit.factor == pytest.approx(1 / 60)
    assert quantity.unit == first.unit


def test_members_of_a_mixture_take_any_form_but_same_as():
    members = [
        {"weight": 1, "value": {"min": 0, "max": 5, "unit": "h"}},
        {"weight": 1, "value": {"value": "0 h"}},
        {"weight": 1, "value": {"values": [1, 2], "unit": "h"}},
    ]
    forms = [member.form for _, member in form({"mixture": members}, d.HOURS).members]
    assert forms == [Uniform(0.0, 5.0), Constant(0.0), Discrete((1.0, 2.0), (0.5, 0.5))]
    members.append({"weight": 1, "value": {"same_as": "a.b"}})
    assert [(path, message) for path, message, _ in refused({"mixture": members}, d.HOURS)] == [
        ("mixture[3].value.same_as", "same_as is not allowed here")
    ]


def test_a_mixture_inside_a_mixture_is_flattened():
    inner = {"mixture": [{"weight": 1, "value": "1 h"}, {"weight": 3, "value": "2 h"}]}
    outer = {"mixture": [{"weight": 1, "value": inner}, {"weight": 1, "value": "3 h"}]}
    members = form(outer, d.HOURS).members
    assert [(weight, member.form) for weight, member in members] == [
        (0.125, Constant(1.0)),
        (0.375, Constant(2.0)),
        (0.5, Constant(3.0)),
    ]


def test_members_without_weight_fall_away():
    mixture = {"mixture": [{"weight": 0, "value": "1 h"}, {"weight": 2, "value": "2 to 4 min"}]}
    quantity = read(mixture, d.HOURS)
    assert quantity.form == interval(2.0, 4.0)
    assert quantity.unit.text == "min"


def test_same_as_names_its_factor():
    quantity = read(
        {"same_as": "strategies.prompting.failures", "times": "0.6 to 0.9"}, d.SHARE, name="a.failures"
    )
    assert isinstance(quantity.form, SameAs)
    assert quantity.form.target == "strategies.prompting.failures"
    assert quantity.form.times.name == "a.failures.times"
    assert quantity.form.times.form == interval(0.6, 0.9)
    assert not quantity.is_constant
    assert form({"same_as": "a.b"}, d.SHARE).times is None


def test_adopting_takes_over_dimension_unit_and_cadence():
    target = read("200 USD/quarter", d.ITEM, name="a")
    first = adopt(read({"same_as": "a", "times": 2}, d.ITEM, name="b"), target)
    second = adopt(read({"same_as": "b"}, d.ITEM, name="c"), first)
    for one in (first, second):
        assert (one.dimension, one.unit) == (d.MONEY_ITEM, target.unit)
        assert one.is_constant
    uncertain = adopt(read({"same_as": "a", "times": "1 to 2"}, d.ITEM, name="b"), target)
    assert not uncertain.is_constant
    assert not adopt(read({"same_as": "a"}, d.ITEM), read("1 to 2 h", d.ITEM)).is_constant


def test_adopting_something_else_names_both():
    target = read("40 USD/h", d.WAGE, name="people.engineer")
    with pytest.raises(QuantityError) as caught:
        adopt(read({"same_as": "people.engineer"}, d.SHARE, name="a.failures"), target)
    assert str(caught.value) == (
        "a.failures.same_as: 'people.engineer' gives money per hour of work, "
        "this field takes a share from 0 to 1"
    )


def test_notes_are_kept():
    raw = {"value": "2 to 4 h", "source": "survey", "owner": "Ada"}
    quantity = read(raw, d.HOURS, name="a.b")
    assert (quantity.source, quantity.owner, quantity.name) == ("survey", "Ada", "a.b")
    assert quantity.written == '{ value = "2 to 4 h", source = "survey", owner = "Ada" }'
    assert read("2 to 4 h", d.HOURS).written == "2 to 4 h"
    assert read({"min": 1, "max": 2, "unit": "h", "source": "x"}, d.HOURS).source == "x"


def test_keys_of_the_caller_are_left_to_it():
    raw = {"value": "2 to 4 h/month", "role": 3, "on": [], "growth": "nonsense"}
    assert read(raw, d.ITEM, extra_keys=("role", "on", "growth")).unit.cadence == "month"


@pytest.mark.parametrize(
    ("text", "constant"),
    [
        ("40 h", True),
        ("4 to 4 h", True),
        ("4 to 5 h", False),
        ({"min": 4, "mode": 4, "max": 4, "unit": "h"}, True),
    ],
)
def test_constants_are_known(text, constant):
    assert read(text, d.HOURS).is_constant is constant


def test_quantities_can_be_pickled_hashed_and_compared():
    raw = {"mixture": [{"weight": 9, "value": "2 to 4 h"}, {"weight": 1, "value": "20 to 80 h"}]}
    quantity = read(raw, d.ITEM)
    assert pickle.loads(pickle.dumps(quantity)) == quantity == read(raw, d.ITEM)
    assert hash(quantity) == hash(read(raw, d.ITEM))
    assert quantity != read("2 to 4 h", d.ITEM)
