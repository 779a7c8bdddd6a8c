"""Numbers as plans write them."""

from __future__ import annotations

import pytest

from simulator.plan.numerals import NumeralError, read_number, read_numeral, show_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("60k", 60_000.0),
        ("1.5M", 1.5e6),
        ("2B", 2e9),
        ("1_000", 1000.0),
        ("1e6", 1e6),
        ("2.5E-3", 0.0025),
        ("-3", -3.0),
        ("+3", 3.0),
        (".5", 0.5),
        ("0", 0.0),
        ("007", 7.0),
        ("1_0.2_5", 10.25),
        ("1e15", 1e15),
        ("60.1k", 60_100.0),
        ("1e3k", 1e6),
        ("1e+0000000000000000001", 10.0),
    ],
)
def test_numbers_take_suffixes_underscores_and_exponents(text, value):
    assert read_numeral(text).value() == value


@pytest.mark.parametrize(("text", "value"), [("0.3", 0.003), ("7.1", 0.071), ("29", 0.29), ("-60", -0.6)])
def test_a_percentage_is_the_double_nearest_to_its_hundredth(text, value):
    assert read_numeral(text).value(percent=True) == value


def test_minus_zero_is_zero():
    assert str(read_numeral("-0").value()) == "0.0"


@pytest.mark.parametrize(
    ("text", "rest"),
    [("60k req", " req"), ("60kreq", "kreq"), ("60Mtok", "Mtok"), ("5 %", " %"), ("60MM", "MM"), ("5", "")],
)
def test_a_suffix_ends_where_a_unit_begins(text, rest):
    assert read_numeral(text).rest == rest


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "holds no number", ""),
        ("nan h", "is not finite", ""),
        ("-inf", "is not finite", ""),
        ("Infinity h", "is not finite", ""),
        ("0x10 h", "is not decimal", "write a decimal number"),
        ("0b11", "is not decimal", "write a decimal number"),
        ("1,000 h", "groups its digits", "write 60000, 60_000 or 60k"),
        ("1'000 h", "groups its digits", "write 60000, 60_000 or 60k"),
        ("1 000 h", "groups its digits", "write 60000, 60_000 or 60k"),
        ("1,5 h", "is no number", "numbers are written as in TOML"),
        ("1. h", "is no number", "numbers are written as in TOML"),
        ("1.2.3", "is no number", "numbers are written as in TOML"),
        ("1__0 h", "is no number", "numbers are written as in TOML"),
        ("1_ h", "is no number", "numbers are written as in TOML"),
        ("40-60 h", "is no range", "write a range as 'a to b'"),
        ("40 – 60 h", "is no range", "write a range as 'a to b'"),
        ("40..60 h", "is no range", "write a range as 'a to b'"),
        ("$40", "does not begin with a number", "write '40 USD'"),
        ("−5 h", "does not begin with a number", "write '-5'"),
        ("about 5", "does not begin with a number", "write the number first"),
        ("٣ h", "does not begin with a number", "write the number first"),
        ("³ h", "does not begin with a number", "write the number first"),
        ("--5 h", "does not begin with a number", "write the number first"),
        ("1e16", "is larger than 1e15", "write it in a larger unit"),
        ("-2e15", "is larger than 1e15", "write it in a larger unit"),
        ("2000000B", "is larger than 1e15", "write it in a larger unit"),
        ("1e999999999999999999999", "is larger than 1e15", "write it in a larger unit"),
        ("1e-400", "is too small", ""),
        ("5 5", "is no number", "it breaks off after '5'"),
    ],
)
def test_what_is_no_number_is_refused_with_a_reason(text, message, hint):
    with pytest.raises(NumeralError) as caught:
        read_numeral(text)
    assert caught.value.message.startswith(message)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("raw", "value"), [(5, 5.0), (2.5, 2.5), ("60k", 60_000.0), (10**15, 1e15), (1e-7, 1e-7)]
)
def test_toml_numbers_and_strings_of_a_number_are_read(raw, value):
    assert read_number(raw).value() == value


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (True, "is not a number"),
        (None, "is not a number"),
        ([], "is not a number"),
        ("5 h", "is not a bare number"),
        (float("nan"), "is not finite"),
        (float("-inf"), "is not finite"),
        (10**400, "is larger than 1e15"),
        (-1e16, "is larger than 1e15"),
        ("1" * 100, "is not a number"),
    ],
)
def test_other_toml_values_are_no_numbers(raw, message):
    with pytest.raises(NumeralError, match=message):
        read_number(raw)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (60_000, "60k"),
        (300_000, "300k"),
        (1.5e6, "1.5M"),
        (2e9, "2B"),
        (1234, "1234"),
        (9999.5, "9999.5"),
        (0.04, "0.04"),
        (-25_000, "-25k"),
        (0, "0"),
        (123_456.7, "123.457k"),
    ],
)
def test_numbers_are_shown_as_they_would_be_written(value, text):
    assert show_number(value) == text
