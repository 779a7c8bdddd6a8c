"""What is said of quantities that are wrong."""

from __future__ import annotations

import math
import pickle
from importlib import import_module
from statistics import NormalDist

import pytest

from simulator.plan import dimensions as d
from simulator.plan.forms import Constant, Moments
from simulator.plan.quantity import QuantityError, QuantityField, parse_quantity


def read(raw, dimension, name="key", **field):
    return parse_quantity(raw, QuantityField(dimension, **field), name, currency="USD")


def form(raw, dimension, **field):
    return read(raw, dimension, **field).form


def refused(raw, dimension, **field):
    with pytest.raises(QuantityError) as caught:
        read(raw, dimension, **field)
    return [(problem.path, problem.message, problem.hint) for problem in caught.value.problems]


VOLUME = "this field takes requests per time, for example '60k req/month'"
HOURS = "this field takes hours of work, for example '40 h'"
SHARE = "this field takes a share from 0 to 1, for example '4%'"


@pytest.mark.parametrize(
    ("raw", "dimension", "message", "hint"),
    [
        ("25 USD/Mtok", d.VOLUME, f"'25 USD/Mtok' is money per token, {VOLUME}", ""),
        ("60000", d.VOLUME, f"'60000' has no unit, {VOLUME}", ""),
        (60000, d.VOLUME, f"'60000' has no unit, {VOLUME}", "write number and unit as one string"),
        ("60k rqe/month", d.VOLUME, f"'60k rqe/month': unknown unit 'rqe', {VOLUME}", "did you mean req?"),
        (
            "60MM req/month",
            d.VOLUME,
            f"'60MM req/month': unknown unit 'MM req', {VOLUME}",
            "suffixes are k, M and B, right after the number: write '60M', not '60 MM'",
        ),
        (
            "60 to 300k req/month",
            d.VOLUME,
            "'60 to 300k req/month' leaves open whether it begins at 60 or at 60k",
            "write '60k to …' or '60 to 300000 …'",
        ),
        (
            "0.5 to 2k req/month",
            d.VOLUME,
            "'0.5 to 2k req/month' leaves open whether it begins at 0.5 or at 0.5k",
            "write '0.5k to …' or '0.5 to 2000 …'",
        ),
        (
            "60k to 300 req/month",
            d.VOLUME,
            "'60k to 300 req/month' begins above its end",
            "did you mean 300k?",
        ),
        ("4 to 2 h", d.HOURS, "'4 to 2 h' begins above its end", "write the low end first"),
        (
            "-5% to -10% / year",
            d.RATE,
            "'-5% to -10% / year' begins above its end",
            "write the low end first",
        ),
        (
            "1 to 2 to 3 h",
            d.HOURS,
            "'1 to 2 to 3 h' has more than two ends",
            "for three percentiles write { p5 = …, p50 = …, p95 = … }",
        ),
        ("2 h to 4", d.HOURS, "'2 h to 4' has its unit at the first end only", "write '… to 4 h'"),
        ("5% to 20", d.SHARE, "'5% to 20' has its unit at the first end only", "write '… to 20 %'"),
        (
            "30 min to 2 h",
            d.HOURS,
            "'30 min to 2 h' has two units, min and h",
            "write both ends in the same unit",
        ),
        ("5% to 0.2 h", d.SHARE, "'5% to 0.2 h' has two units, % and h", "write both ends in the same unit"),
        ("", d.HOURS, f"'' is empty, {HOURS}", ""),
        ("  ", d.HOURS, f"'  ' is empty, {HOURS}", ""),
        ("to 5 h", d.HOURS, f"'to 5 h' holds no number, {HOURS}", ""),
        ("5 h to", d.HOURS, f"'5 h to' holds no number, {HOURS}", ""),
        ("soon", d.HOURS, f"'soon' does not begin with a number, {HOURS}", "write the number first"),
        ("nan h", d.HOURS, f"'nan h' is not finite, {HOURS}", ""),
        ("0x10 h", d.HOURS, f"'0x10 h' is not decimal, {HOURS}", "write a decimal number"),
        ("40-60 h", d.HOURS, f"'40-60 h' is no range, {HOURS}", "write a range as 'a to b'"),
        ("60,000 h", d.HOURS, f"'60,000 h' groups its digits, {HOURS}", "write 60000, 60_000 or 60k"),
        ("2e15 h", d.HOURS, f"'2e15 h' is larger than 1e15 in the unit written, {HOURS}", "a larger unit"),
        (float("nan"), d.SHARE, f"'nan' is not finite, {SHARE}", ""),
        (10**400, d.SHARE, f"'a very large number' is larger than 1e15 in the unit written, {SHARE}", ""),
        (True, d.SHARE, f"'true' is no quantity, {SHARE}", ""),
        (None, d.SHARE, f"'None' is no quantity, {SHARE}", ""),
        ([0.1], d.SHARE, f"'[0.1]' is no quantity, {SHARE}", ""),
        ("-5 h", d.HOURS, "'-5 h' is negative, allowed are numbers of 0 or more", ""),
        ("-5 to 5 h", d.HOURS, "'-5 to 5 h': -5 h is negative, allowed are numbers of 0 or more", ""),
        (
            "0 to 5 h",
            d.HOURS,
            "'0 to 5 h' has a percentile at 0 h, which the lognormal of percentile forms never reaches",
            '{ min = …, max = …, unit = "h" } can (a mode makes it PERT), '
            "so can a mixture with a constant 0 h",
        ),
        (
            "0% to 10%",
            d.SHARE,
            "'0% to 10%' has a percentile at 0%, which the logit-normal of percentile forms never reaches",
            '{ min = …, max = …, unit = "%" } can (a mode makes it PERT), '
            "so can a mixture with a constant 0%",
        ),
        (
            "0.5 to 1",
            d.SHARE,
            "'0.5 to 1' has a percentile at 1, which the logit-normal of percentile forms never reaches",
            "{ min = …, max = … } can (a mode makes it PERT), so can a mixture with a constant 1",
        ),
        (4, d.SHARE, "'4' lies outside the shares from 0 to 1", "write '4%' for percent"),
        ("2 to 4", d.SHARE, "'2 to 4': 2 lies outside the shares from 0 to 1", "write '2%' for percent"),
        ("150%", d.SHARE, "'150%' lies outside the shares from 0 to 1 (0% to 100%)", ""),
        ("-1%", d.SHARE, "'-1%' lies outside the shares from 0 to 1 (0% to 100%)", ""),
        ("-100% / year", d.RATE, "'-100% / year' is too low, allowed are rates above -100 %", ""),
        (
            "-200% to 10% / year",
            d.RATE,
            "'-200% to 10% / year': -200% / year is too low, allowed are rates above -100 %",
            "",
        ),
        (
            "12% / year",
            d.VOLATILITY,
            "'12% / year' is percent per year, this field takes % per month, for example '12% / month'",
            "standard deviations do not compound like rates: state that of a month",
        ),
        (
            "40 EUR/h",
            d.WAGE,
            "'40 EUR/h' is in EUR, this plan is in USD, for example '40 USD/h'",
            "a plan has one currency, USD",
        ),
    ],
)
def test_a_wrong_string_is_refused_with_its_value_and_what_is_allowed(raw, dimension, message, hint):
    [(path, given, advice)] = refused(raw, dimension)
    assert (path, given) == ("", message)
    assert hint in advice


@pytest.mark.parametrize(
    ("raw", "path", "message", "hint"),
    [
        ({}, "", "'{}' gives no number: write value, p5 and p95", ""),
        ({"unit": "h"}, "", "'{ unit = \"h\" }' gives no number", ""),
        (
            {"valeu": "2 h"},
            "valeu",
            "unknown key 'valeu', allowed are p5, p50, p95, min",
            "did you mean value?",
        ),
        (
            {"values": [1], "wieghts": [1], "unit": "h"},
            "wieghts",
            "unknown key 'wieghts', allowed are values, weights, unit, source and owner",
            "did you mean weights?",
        ),
        (
            {"p5": 1, "p95": 2, "p_50": 2, "unit": "h"},
            "p_50",
            "unknown key 'p_50'",
            "percentiles are p1 to p99",
        ),
        ({"p5": 1, "p100": 2, "unit": "h"}, "p100", "unknown key 'p100'", "percentiles are p1 to p99"),
        (
            {"p5": 1, "min": 2, "unit": "h"},
            "",
            "'p5' and 'min' belong to different forms of a quantity",
            "keep one",
        ),
        ({"value": "1 h", "p5": 2}, "", "'value' and 'p5' belong to different forms", "keep one"),
        (
            {"mean": 3, "mode": 2, "max": 4, "unit": "h"},
            "",
            "'mean' and 'mode' belong to different forms",
            "",
        ),
        (
            {"value": "1 h", "unit": "h"},
            "unit",
            "a table with 'value' has no unit of its own",
            'value = "40 USD/h"',
        ),
        ({"same_as": "a", "unit": "h"}, "unit", "a table with 'same_as' has no unit of its own", "it names"),
        (
            {"mixture": [], "unit": "h"},
            "unit",
            "a table with 'mixture' has no unit of its own",
            "members carry",
        ),
        ({"value": {"p5": 1}}, "value", "value = { p5 = 1 } is no text", "beside source and owner"),
        ({"value": "1 tok"}, "value", f"'1 tok' is tokens, {HOURS}", ""),
        ({"p5": 1, "p95": 2}, "", f"'{{ p5 = 1, p95 = 2 }}' has no unit, {HOURS}", 'add unit = "…"'),
        ({"p5": 1, "p95": 2, "unit": "tok"}, "unit", f"'tok' is tokens, {HOURS}", ""),
        ({"p5": 1, "p95": 2, "unit": 3}, "unit", f"unit = 3 is no string, {HOURS}", ""),
        (
            {"p5": 1, "unit": "h"},
            "",
            "'{ p5 = 1, unit = \"h\" }': one percentile does not fit, write two or three",
            "",
        ),
        (
            {"p5": 1, "p6": 2, "p7": 3, "p8": 4, "unit": "h"},
            "",
            "4 percentiles do not fit, write two or three",
            "",
        ),
        ({"p0": 1, "p50": 2, "unit": "h"}, "p0", "'p0' is no percentile: levels lie inside (0, 100)", "min"),
        ({"p5": 1, "p05": 2, "unit": "h"}, "p05", "'p5' and 'p05' are the same percentile", ""),
        ({"p5": 2, "p50": 2, "unit": "h"}, "p50", "p50 = 2 is not above p5 = 2", ""),
        ({"p50": 1, "p5": 2, "unit": "h"}, "p50", "p50 = 1 is not above p5 = 2", ""),
        ({"p5": True, "p50": 2, "unit": "h"}, "p5", "p5 = true is not a number", ""),
        ({"p5": "1 h", "p50": 2, "unit": "h"}, "p5", "p5 = 1 h is not a bare number", "without a unit"),
        ({"p5": float("inf"), "p50": 2, "unit": "h"}, "p5", "p5 = inf is not finite", ""),
        (
            {"p5": 0, "p50": 2, "unit": "h"},
            "",
            "has a percentile at 0 h, which the lognormal",
            "so can a mixture",
        ),
        (
            {"p50": 1, "p70": 2, "p90": 3, "unit": "h"},
            "",
            "has no percentile below p50",
            "one must lie on each side",
        ),
        (
            {"p10": 1, "p30": 2, "p50": 3, "unit": "h"},
            "",
            "has no percentile above p50",
            "one must lie on each side",
        ),
        (
            {"p1": 1e-6, "p50": 1.0000000000000004e-6, "p90": 3, "unit": "h"},
            "",
            "too close together to be told apart",
            "",
        ),
        (
            {"p10": 1, "p20": 2, "p90": 3, "unit": "h"},
            "",
            "put the median above the third",
            "replace one of the two by p50",
        ),
        (
            {"p10": 1, "p80": 2, "p90": 30, "unit": "h"},
            "",
            "put the median below the third",
            "replace one of the two by p50",
        ),
        ({"min": 1, "unit": "h"}, "", "'{ min = 1, unit = \"h\" }' has min, but no max", ""),
        ({"mode": 1, "unit": "h"}, "", "has mode, but no min or max", ""),
        ({"min": 5, "max": 1, "unit": "h"}, "min", "min = 5 is above max = 1", ""),
        ({"min": 1, "mode": 7, "max": 5, "unit": "h"}, "mode", "mode = 7 is above max = 5", ""),
        ({"min": 3, "mode": 2, "max": 5, "unit": "h"}, "min", "min = 3 is above mode = 2", ""),
        ({"min": -1, "max": 5, "unit": "h"}, "", "-1 h is negative, allowed are numbers of 0 or more", ""),
        (
            {"dist": "gama", "mean": 1, "sd": 1, "unit": "h"},
            "dist",
            'dist = "gama" is not one of normal',
            "did you mean gamma?",
        ),
        ({"dist": "gamma", "mean": 1, "unit": "h"}, "", "has dist and mean, but no sd", ""),
        ({"mean": 1, "sd": 1, "unit": "h"}, "", "has no dist", ""),
        ({"dist": 3, "mean": 1, "sd": 1, "unit": "h"}, "dist", "dist = 3 is no text", ""),
        (
            {"dist": "normal", "mean": 40, "sd": 1, "unit": "h"},
            "dist",
            "a normal can leave the numbers of 0 or more of this field",
            "lognormal, gamma, weibull and beta cannot",
        ),
        (
            {"dist": "gamma", "mean": 40, "sd": 0, "unit": "h"},
            "sd",
            "sd = 0 h is not above 0",
            "for a constant",
        ),
        (
            {"dist": "gamma", "mean": 0, "sd": 1, "unit": "h"},
            "mean",
            "mean = 0 h is not above 0, where a gamma lies",
            "",
        ),
        (
            {"dist": "beta", "mean": 4, "sd": 1, "unit": "h"},
            "mean",
            "mean = 4 h is not inside (0, 1), where a beta lies",
            "",
        ),
        ({"values": [], "unit": "h"}, "values", "values = [] is no list of numbers", ""),
        ({"values": 3, "unit": "h"}, "values", "values = 3 is no list of numbers", ""),
        ({"weights": [3], "unit": "h"}, "", "has no values", ""),
        ({"values": [1, "x"], "unit": "h"}, "values[1]", "values[1] = x does not begin with a number", ""),
        ({"values": [1, -2], "unit": "h"}, "", "-2 h is negative, allowed are numbers of 0 or more", ""),
        (
            {"values": [1, 2], "weights": [1], "unit": "h"},
            "weights",
            "weights has 1, there must be one for each of 2 values",
            "",
        ),
        (
            {"values": [1, 2], "weights": 3, "unit": "h"},
            "weights",
            "weights is 3, there must be one for each of 2 values",
            "",
        ),
        (
            {"values": [1, 2], "weights": [1, -1], "unit": "h"},
            "weights[1]",
            "weights[1] = -1 is negative, weights are 0 or more",
            "",
        ),
        (
            {"values": [1, 2], "weights": [0, 0], "unit": "h"},
            "weights",
            "weights are all 0, one at least must be above 0",
            "",
        ),
        ({"mixture": []}, "mixture", "mixture = [] is no list of members", "a member is { weight = 9"),
        ({"mixture": [3]}, "mixture[0]", "'3' is no member", "a member is { weight = 9"),
        ({"mixture": [{"value": "1 h"}]}, "mixture[0]", "'{ value = \"1 h\" }' has no weight", ""),
        ({"mixture": [{"weight": 1}]}, "mixture[0]", "'{ weight = 1 }' has no value", ""),
        ({"mixture": [{"weight": -1, "value": "1 h"}]}, "mixture[0].weight", "weight = -1 is negative", ""),
        ({"mixture": [{"weight": 0, "value": "1 h"}]}, "mixture", "weights are all 0", ""),
        (
            {"mixture": [{"weight": 1, "value": "1 tok"}]},
            "mixture[0].value",
            f"'1 tok' is tokens, {HOURS}",
            "",
        ),
        (
            {"mixture": [{"weight": 1, "value": "1 h", "role": "x"}]},
            "mixture[0].role",
            "unknown key 'role'",
            "",
        ),
        ({"times": 2}, "", "'{ times = 2 }' has times, but no same_as", ""),
        ({"same_as": 3}, "same_as", "same_as = 3 is no dotted name", "demand.growth"),
        ({"same_as": "a.b", "times": "2 h"}, "times", "'2 h' is a time span, this field takes a factor", ""),
        ({"same_as": "a.b", "times": {"p5": 1, "p95": "x"}}, "times.p95", "p95 = x does not begin", ""),
        ({"same_as": "a.b", "times": {"same_as": "c"}}, "times.same_as", "same_as is not allowed here", ""),
        ({"value": "1 h", "source": 3}, "source", "source = 3 is no text", ""),
    ],
)
def test_a_wrong_table_names_the_key_that_is_wrong(raw, path, message, hint):
    [(given_path, given, advice)] = refused(raw, d.HOURS)
    assert given_path == path
    assert message in given
    assert hint in advice


@pytest.mark.parametrize(
    ("family", "dimension", "unit"),
    [
        ("normal", d.SHARE, "%"),
        ("lognormal", d.SHARE, "%"),
        ("gamma", d.SHARE, "%"),
        ("weibull", d.SHARE, "%"),
        ("normal", d.RATE, "% / year"),
        ("normal", d.VOLUME, "req/month"),
        ("normal", d.VOLATILITY, "% / month"),
    ],
)
def test_a_family_that_can_leave_the_support_is_refused(family, dimension, unit):
    [(path, message, hint)] = refused({"dist": family, "mean": 5, "sd": 1, "unit": unit}, dimension)
    assert path == "dist"
    assert message.startswith(f"a {family} can leave the ")
    assert "beta" in hint


def test_a_beta_has_no_more_spread_than_two_points():
    raw = {"dist": "beta", "mean": 0.2, "sd": 0.4}
    [(path, message, _)] = refused(raw, d.SHARE)
    assert path == "sd"
    assert message == "sd = 0.4 is too large: a beta with mean 0.2 has less than 0.4"
    assert form(raw | {"sd": 0.399}, d.SHARE) == Moments("beta", 0.2, 0.399)


def beta_sd(shape):
    """Give the standard deviation of a beta with mean 1/2 and two such shapes."""
    return 0.5 / math.sqrt(2 * shape + 1)


@pytest.mark.parametrize(
    ("family", "sd", "beyond", "word"),
    [
        ("gamma", 0.5 * 1e-3, 0.5 * 0.99e-3, "small"),
        ("gamma", 0.5 * 100, 0.5 * 101, "large"),
        ("weibull", 0.5 * 1.01e-6, 0.5 * 0.99e-6, "small"),
        ("weibull", 0.5 * 1e4, 0.5 * 1.01e4, "large"),
        ("beta", beta_sd(0.99e6), beta_sd(1.01e6), "small"),
        ("beta", beta_sd(1.01e-3), beta_sd(0.99e-3), "large"),
    ],
)
def test_a_spread_is_taken_exactly_where_its_quantiles_are_computed(family, sd, beyond, word):
    raw = {"dist": family, "mean": 0.5}
    dimension = d.SHARE if family == "beta" else d.FACTOR
    assert form(raw | {"sd": sd}, dimension) == Moments(family, 0.5, sd)
    [(path, message, hint)] = refused(raw | {"sd": beyond}, dimension)
    assert path == "sd"
    assert f"is too {word}: a {family}" in message
    assert hint
    computed = import_module(f"distributions.{family}")
    assert computed.from_mean_sd(0.5, sd).family == family
    with pytest.raises(ValueError, match="must lie in"):
        computed.from_mean_sd(0.5, beyond)


def test_all_that_is_wrong_is_reported_at_once():
    raw = {"min": "x", "mode": True, "max": float("nan"), "unit": "tok", "source": 3}
    assert [path for path, *_ in refused(raw, d.HOURS)] == ["source", "unit", "min", "mode", "max"]
    mixture = {"mixture": [{"weight": "x", "value": "y"}, {"value": {"p5": 1, "unit": "h"}}]}
    assert [path for path, *_ in refused(mixture, d.HOURS)] == [
        "mixture[0].weight",
        "mixture[0].value",
        "mixture[1]",
        "mixture[1].value",
    ]


def test_the_error_prints_name_value_and_hint():
    with pytest.raises(QuantityError) as caught:
        read("25 USD/Mtok", d.VOLUME, name="demand.requests")
    assert str(caught.value) == (
        "demand.requests: '25 USD/Mtok' is money per token, this field takes requests per time, "
        "for example '60k req/month'"
    )
    with pytest.raises(QuantityError) as caught:
        read({"p5": 1, "p95": 2, "unit": "mtok"}, d.TOKENS, name="request.input")
    assert str(caught.value) == (
        "request.input.unit: 'mtok': unknown unit 'mtok', this field takes tokens per request, "
        "for example '1700 tok/req' (did you mean Mtok?)"
    )
    assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems


@pytest.mark.parametrize(
    "raw",
    [
        "0 req/month",
        "0 to 0 req/month",
        {"values": [0, 1], "unit": "req/month"},
        {"mixture": [{"weight": 1, "value": "0 req/month"}, {"weight": 1, "value": "1 req/month"}]},
    ],
)
def test_zero_is_refused_where_the_field_cannot_bear_it(raw):
    [(_, message, _)] = refused(raw, d.VOLUME, zero=False)
    assert message.endswith("is 0, this field must be above 0")
    read(raw, d.VOLUME)


def test_a_field_of_constants_takes_no_other_form():
    assert form("180k USD/year", d.BUDGET, constant=True) == Constant(180_000.0)
    for raw in (
        "1 to 2 USD",
        {"min": 1, "max": 2, "unit": "USD"},
        {"mixture": [{"weight": 1, "value": "1 USD"}]},
        {"data": "missing.csv", "column": "x", "unit": "USD"},
    ):
        [(_, message, _)] = refused(raw, d.BUDGET, constant=True)
        assert "is uncertain, this field takes a constant" in message
    [(path, message, _)] = refused({"same_as": "a"}, d.BUDGET, constant=True)
    assert (path, message) == ("same_as", "same_as is not allowed here, this field takes a constant")


def test_what_is_drawn_per_occurrence_is_no_other_quantity():
    [(path, message, hint)] = refused({"same_as": "a.b"}, d.SPAN, same_as=False)
    assert (path, message) == ("same_as", "same_as is not allowed here")
    assert "drawn per occurrence" in hint


@pytest.mark.parametrize("second", ["1 USD", "1 h/month"])
def test_members_of_a_mixture_have_one_kind_and_cadence(second):
    raw = {"mixture": [{"weight": 1, "value": "1 h"}, {"weight": 1, "value": second}]}
    [(path, message, _)] = refused(raw, d.ITEM)
    assert path == "mixture"
    assert message == f"members are in h and {second[2:]}, all must be of one cadence"


@pytest.mark.parametrize(
    "points",
    [
        {"p10": 1, "p20": 2, "p90": 7.4},
        {"p10": 1, "p20": 2, "p90": 7.45},
        {"p10": 0.1, "p80": 1.0, "p90": 1.5},
        {"p25": 3, "p40": 4, "p60": 5},
    ],
)
def test_three_percentiles_are_taken_exactly_when_a_split_lognormal_meets_them(points):
    """The median and slope that two percentiles on one side give, worked out beside the reader."""
    (a, x), (b, y), (c, w) = (
        (NormalDist().inv_cdf(int(k[1:]) / 100), math.log(v)) for k, v in points.items()
    )
    below = b < 0
    slope = (y - x) / (b - a) if below else (w - y) / (c - b)
    median = y - slope * b
    other = (w - median) / c if below else (x - median) / a
    if other > 0:
        assert len(form(points | {"unit": "h"}, d.HOURS).points) == 3
    else:
        refused(points | {"unit": "h"}, d.HOURS)


def test_nesting_ends_somewhere():
    raw = {"value": "4 h"}
    for _ in range(500):
        raw = {"mixture": [{"weight": 1, "value": raw}]}
    [(path, message, _)] = refused(raw, d.HOURS)
    assert path.startswith("mixture[0].value.mixture[0].value")
    assert message == "quantities are nested too deep here"


@pytest.mark.parametrize(
    "raw",
    [
        "1" * 100_000,
        "1_" * 50_000,
        "1 to " * 20_000,
        " " * 100_000,
        "USD/" * 25_000,
        "\t\n" * 50_000,
        "1" + " " * 199,
        "5 " + "/" * 190,
        "x" * 100_000,
    ],
)
def test_long_text_is_refused_in_a_short_message(raw):
    [(_, message, hint)] = refused(raw, d.HOURS)
    assert len(message) + len(hint) < 500


@pytest.mark.parametrize(
    "raw",
    [
        {"values": ["x"] * 10_000, "unit": "h"},
        {"values": [1] * 10_000, "weights": ["x"] * 10_000, "unit": "h"},
        {"mixture": [{}] * 10_000},
        {f"key{index}": 1 for index in range(10_000)},
    ],
)
def test_a_mistake_made_ten_thousand_times_is_reported_some_times(raw):
    assert 1 <= len(refused(raw, d.HOURS)) <= 25


@pytest.mark.parametrize("sd", [1e-180, 1e-300, 5e-324])
def test_a_spread_whose_square_is_no_number_is_too_small(sd):
    ((path, message, _),) = refused({"dist": "beta", "mean": 0.5, "sd": sd}, d.SHARE)
    assert path == "sd"
    assert "is too small" in message
