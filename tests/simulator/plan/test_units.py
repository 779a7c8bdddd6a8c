"""Unit strings: what they measure, their factors, and what is said of wrong ones."""

from __future__ import annotations

import copy
import pickle

import pytest

from simulator.plan import dimensions as d
from simulator.plan.units import BARE, CURRENCIES, UnitError, describe, nearest_unit, parse_unit

DIMENSIONS = [one for one in vars(d).values() if isinstance(one, d.Dimension)]


def resolve(text, dimension, currency="USD"):
    unit, _ = d.read_unit(text, dimension, currency, f"5 {text}")
    return unit


def refusal(text, dimension, currency="USD"):
    with pytest.raises(UnitError) as caught:
        d.read_unit(text, dimension, currency, f"5 {text}".strip())
    return caught.value.message, caught.value.hint


@pytest.mark.parametrize(
    ("text", "dimension", "factor"),
    [
        ("req/month", d.VOLUME, 1.0),
        ("kreq/month", d.VOLUME, 1000.0),
        ("Mreq/year", d.VOLUME, 1e6 / 12),
        ("req/quarter", d.VOLUME, 1 / 3),
        ("req/day", d.VOLUME, 730 / 24),
        ("req/h", d.VOLUME, 730.0),
        ("req/min", d.VOLUME, 730.0 * 60),
        ("req/s", d.VOLUME, 2_628_000.0),
        ("ktok/req", d.TOKENS, 1000.0),
        ("USD/Mtok", d.TOKEN_PRICE, 1.0),
        ("USD/ktok", d.TOKEN_PRICE, 1000.0),
        ("USD/tok", d.TOKEN_PRICE, 1e6),
        ("USD/h", d.WAGE, 1.0),
        ("USD/min", d.WAGE, 60.0),
        ("USD/GPU-h", d.GPU_PRICE, 1.0),
        ("GPU-h", d.GPU_HOURS, 1.0),
        ("h", d.HOURS, 1.0),
        ("min", d.HOURS, 1 / 60),
        ("month", d.SPAN, 1.0),
        ("day", d.SPAN, 24 / 730),
        ("h", d.SPAN, 1 / 730),
        ("quarter", d.SPAN, 3.0),
        ("year", d.SPAN, 12.0),
        ("% / month", d.RATE, 1.0),
        ("% / year", d.RATE, 1.0),
        ("/ year", d.OCCURRENCE, 1.0),
        ("/ month", d.OCCURRENCE, 12.0),
        ("/ day", d.OCCURRENCE, 365.0),
        ("1/month", d.OCCURRENCE, 12.0),
        ("% / month", d.VOLATILITY, 1.0),
        ("%", d.NOISE, 1.0),
        ("% / month", d.NOISE, 1.0),
        ("%", d.SHARE, 1.0),
        ("", d.SHARE, 1.0),
        ("", d.FACTOR, 1.0),
        ("", d.COUNT, 1.0),
        ("pp/month", d.POINTS, 0.01),
        ("pp/year", d.POINTS, 0.01 / 12),
        ("USD", d.MONEY, 1.0),
        ("USD/failure", d.FAILURE_COST, 1.0),
        ("USD/s", d.SECOND_COST, 1.0),
        ("USD/h", d.SECOND_COST, 1 / 3600),
        ("USD/run", d.RUN_COST, 1.0),
        ("s/req", d.LATENCY, 1.0),
        ("min/req", d.LATENCY, 60.0),
        ("s/ktok", d.TOKEN_LATENCY, 1.0),
        ("s/tok", d.TOKEN_LATENCY, 1000.0),
        ("example", d.EXAMPLES, 1.0),
        ("", d.EXAMPLES, 1.0),
        ("tok/example", d.EXAMPLE_TOKENS, 1.0),
        ("ktok/example", d.EXAMPLE_TOKENS, 1000.0),
        ("req/s", d.CAPACITY, 1.0),
        ("req/min", d.CAPACITY, 1 / 60),
        ("tok/s", d.CAPACITY, 1.0),
        ("ktok/s", d.CAPACITY, 1000.0),
        ("", d.EXCHANGE, 1.0),
    ],
)
def test_factor_turns_written_numbers_into_canonical_ones(text, dimension, factor):
    assert resolve(text, dimension).factor == pytest.approx(factor, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "dimension", "per"),
    [
        ("% / month", d.RATE, 1.0),
        ("% / quarter", d.RATE, 3.0),
        ("% / year", d.RATE, 12.0),
        ("/ year", d.OCCURRENCE, 12.0),
        ("/ day", d.OCCURRENCE, 24 / 730),
        ("pp/month", d.POINTS, 1.0),
        ("% / month", d.VOLATILITY, 1.0),
        ("%", d.SHARE, None),
        ("req/month", d.VOLUME, None),
        ("USD/month", d.ITEM, None),
    ],
)
def test_rates_know_the_months_of_their_period(text, dimension, per):
    assert resolve(text, dimension).per == per


@pytest.mark.parametrize(
    ("text", "cadence", "kind", "factor"),
    [
        ("USD", "upfront", d.MONEY_ITEM, 1.0),
        ("USD/h", "h", d.MONEY_ITEM, 1.0),
        ("USD/day", "day", d.MONEY_ITEM, 1.0),
        ("USD/month", "month", d.MONEY_ITEM, 1.0),
        ("USD/quarter", "quarter", d.MONEY_ITEM, 1.0),
        ("USD/year", "year", d.MONEY_ITEM, 1.0),
        ("USD/run", "run", d.MONEY_ITEM, 1.0),
        ("USD/req", "req", d.MONEY_ITEM, 1.0),
        ("USD/kreq", "kreq", d.MONEY_ITEM, 1.0),
        ("h", "upfront", d.HOURS_ITEM, 1.0),
        ("h/h", "h", d.HOURS_ITEM, 1.0),
        ("h/month", "month", d.HOURS_ITEM, 1.0),
        ("min/req", "req", d.HOURS_ITEM, 1 / 60),
    ],
)
def test_items_keep_their_cadence_apart_from_the_factor(text, cadence, kind, factor):
    unit, dimension = d.read_unit(text, d.ITEM, "USD", text)
    assert (unit.cadence, dimension) == (cadence, kind)
    assert unit.factor == pytest.approx(factor, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "cadence"),
    [("USD", "horizon"), ("USD/month", "month"), ("USD/quarter", "quarter"), ("USD/year", "year")],
)
def test_a_budget_names_its_period(text, cadence):
    assert resolve(text, d.BUDGET).cadence == cadence


def test_capacity_tells_requests_from_tokens():
    assert d.read_unit("req/s", d.CAPACITY, "USD", "")[1] is d.REQUEST_CAPACITY
    assert d.read_unit("tok/s", d.CAPACITY, "USD", "")[1] is d.TOKEN_CAPACITY


@pytest.mark.parametrize("text", ["req/month", "% / year", "/ year", "USD/GPU-h", "pp/month", "GPU-h", ""])
def test_a_unit_keeps_its_usual_spelling(text):
    assert parse_unit(text).text == text


@pytest.mark.parametrize("text", ["USD / Mtok", " USD/Mtok ", "USD/ Mtok"])
def test_spaces_do_not_matter(text):
    assert parse_unit(text).text == "USD/Mtok"


def test_no_unit_is_bare():
    assert parse_unit("  ") == BARE


@pytest.mark.parametrize(
    ("text", "dimension", "message"),
    [
        (
            "USD/Mtok",
            d.VOLUME,
            "'5 USD/Mtok' is money per token, "
            "this field takes requests per time, for example '60k req/month'",
        ),
        (
            "req/month",
            d.TOKEN_PRICE,
            "'5 req/month' is requests per time, "
            "this field takes money per token, for example '2.50 USD/Mtok'",
        ),
        (
            "tok",
            d.TOKENS,
            "'5 tok' is tokens, this field takes tokens per request, for example '1700 tok/req'",
        ),
        (
            "%",
            d.VOLUME,
            "'5 %' is a share, this field takes requests per time, for example '60k req/month'",
        ),
        (
            "% / year",
            d.OCCURRENCE,
            "'5 % / year' is a compound rate, "
            "this field takes occurrences per time, for example '1 to 6 / year'",
        ),
        (
            "month",
            d.SHARE,
            "'5 month' is a time span, this field takes a share from 0 to 1, for example '4%'",
        ),
        (
            "pp/month",
            d.RATE,
            "'5 pp/month' is percentage points per time, "
            "this field takes a compound rate (% per month, quarter "
            "or year), for example '1% / month'",
        ),
        (
            "tok/req",
            d.CAPACITY,
            "'5 tok/req' is tokens per request, "
            "this field takes requests or tokens per time, for example '2 req/s'",
        ),
        ("", d.HOURS, "'5' has no unit, this field takes hours of work, for example '40 h'"),
    ],
)
def test_a_wrong_unit_names_both(text, dimension, message):
    assert refusal(text, dimension)[0] == message


@pytest.mark.parametrize(
    ("text", "dimension", "said", "hint"),
    [
        ("USD/year", d.WAGE, "money per year", "divide by the hours that are worked"),
        ("USD/day", d.WAGE, "money per day", "divide by the hours that are worked"),
        ("day", d.HOURS, "days", "a calendar day has 24, not 8"),
        ("day/month", d.ITEM, "days per month", "a calendar day has 24, not 8"),
        ("% / year", d.VOLATILITY, "percent per year", "standard deviations do not compound"),
        ("% / year", d.NOISE, "percent per year", "standard deviations do not compound"),
        ("% / day", d.RATE, "percent per day", "compound rates are per month, quarter or year"),
        ("%", d.RATE, "a share", "add the period"),
        ("%", d.VOLATILITY, "a share", "add the period"),
        ("%", d.FACTOR, "a share", "20 % more is 1.2"),
        ("USD/h", d.GPU_PRICE, "money per time", "the hours of a GPU are GPU-h"),
        ("h", d.GPU_HOURS, "a time span", "the hours of a GPU are GPU-h"),
    ],
)
def test_a_unit_that_is_nearly_right_is_explained(text, dimension, said, hint):
    message, given = refusal(text, dimension)
    assert f"is {said}, this field takes" in message
    assert hint in given


@pytest.mark.parametrize("text", ["USD/Mreq", "USD/min", "USD/s", "USD/month/month", "h/Mreq"])
def test_an_item_takes_only_the_cadences_that_the_plan_knows(text):
    message, _ = refusal(text, d.ITEM)
    assert "per h, day, month, quarter, year, run, req or kreq" in message


@pytest.mark.parametrize("text", ["USD/day", "USD/run", "USD/req"])
def test_a_budget_takes_only_its_periods(text):
    assert "money per month, quarter or year, or alone for the horizon" in refusal(text, d.BUDGET)[0]


@pytest.mark.parametrize(
    ("symbol", "meant"),
    [
        ("mtok", "Mtok"),
        ("Mtk", "Mtok"),
        ("MTok", "Mtok"),
        ("Mtokens", "Mtok"),
        ("tokens", "tok"),
        ("rqe", "req"),
        ("requests", "req"),
        ("calls", "req"),
        ("months", "month"),
        ("mo", "month"),
        ("hours", "h"),
        ("hr", "h"),
        ("sec", "s"),
        ("days", "day"),
        ("yr", "year"),
        ("gpu-h", "GPU-h"),
        ("GPUh", "GPU-h"),
        ("gpu-hours", "GPU-h"),
        ("usd", "USD"),
        ("eur", "EUR"),
        ("$", "USD"),
        ("€", "EUR"),
        ("percent", "%"),
        ("failures", "failure"),
        ("exmaple", "example"),
        ("quater", "quarter"),
    ],
)
def test_an_unknown_unit_suggests_the_one_that_was_meant(symbol, meant):
    assert nearest_unit(symbol) == meant
    message, hint = refusal(f"{symbol}/tok", d.TOKEN_PRICE)
    assert f"unknown unit '{symbol}', this field takes money per token" in message
    assert hint == f"did you mean {meant}?"


def test_an_unknown_unit_that_is_near_to_none_lists_all():
    message, hint = refusal("zyxwv", d.HOURS)
    assert "unknown unit 'zyxwv'" in message
    assert hint.startswith("units are tok, ktok, Mtok, req, kreq, Mreq, s, min, h, day")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("MM req/month", "write '60M', not '60 MM'"),
        ("MM", "write '60M', not '60 MM'"),
        ("k req/month", "write '60k', not '60 k'"),
        ("K req/month", "write '60k', not '60 K'"),
        ("million req/month", "write '60M', not '60 million'"),
        ("bn req/month", "write '60B', not '60 bn'"),
        ("req per month", "write '/' for 'per': 'req/month'"),
        ("req/1k tok", "a unit holds no number"),
        ("m", "did you mean month, min or M (million)?"),
    ],
)
def test_what_is_no_unit_is_explained(text, hint):
    assert hint in refusal(text, d.VOLUME)[1]


@pytest.mark.parametrize("text", ["USD/", "/", "USD//h", "USD/h/h/h/h/h", "USD/ /h"])
def test_sides_of_a_slash_are_never_empty(text):
    message, hint = refusal(text, d.WAGE)
    assert "is no unit" in message
    assert "on each side of '/'" in hint


def test_another_currency_names_both():
    message, hint = refusal("EUR/h", d.WAGE)
    assert message == "'5 EUR/h' is in EUR, this plan is in USD, for example '40 USD/h'"
    assert hint == "convert it, or change finance.currency: a plan has one currency, USD"


def test_examples_are_in_the_currency_of_the_plan():
    message, _ = refusal("tok", d.WAGE, currency="CHF")
    assert message.endswith("for example '40 CHF/h'")


def test_any_currency_is_taken_while_the_currency_of_the_plan_is_not_known():
    assert resolve("JPY/h", d.WAGE, currency=None).factor == 1.0


def test_an_exchange_rate_is_the_currency_of_the_plan_per_dollar():
    assert resolve("EUR/USD", d.EXCHANGE, currency="EUR").factor == 1.0
    message, _ = refusal("USD/EUR", d.EXCHANGE, currency="EUR")
    assert message == "'5 USD/EUR' is USD/EUR, this field takes EUR/USD, for example '0.92'"


def test_a_made_up_currency_is_unknown():
    assert "XQX" not in CURRENCIES
    assert "unknown unit 'XQX'" in refusal("XQX/h", d.WAGE)[0]


def test_a_very_long_unit_is_cut_in_the_message():
    with pytest.raises(UnitError) as caught:
        parse_unit("x" * 100_000)
    assert len(caught.value.message) < 100


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda one: one.name)
def test_every_dimension_takes_its_own_example(dimension):
    from simulator.plan.quantity import QuantityField, parse_quantity

    quantity = parse_quantity(dimension.example, QuantityField(dimension), "key", currency="USD")
    assert quantity.dimension in (dimension, *dimension.choices)
    assert quantity.support in ("positive", "share", "rate", "points")


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda one: one.name)
def test_a_dimension_stays_one_object_when_copied_or_pickled(dimension):
    assert copy.deepcopy(dimension) is dimension
    assert pickle.loads(pickle.dumps(dimension)) is dimension


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("USD/Mtok", "money per token"),
        ("tok/req", "tokens per request"),
        ("s/ktok", "time per token"),
        ("USD/GPU-h", "money per GPU hour"),
        ("USD/run", "money per training run"),
        ("pp/month", "percentage points per time"),
        ("/ year", "a rate of occurrence"),
        ("", "a number without a unit"),
    ],
)
def test_units_can_be_said_in_words(text, words):
    assert describe(parse_unit(text)) == words
