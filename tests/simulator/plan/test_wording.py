"""Quantities in plain English."""

from __future__ import annotations

import pytest

from simulator.plan import dimensions as d
from simulator.plan.quantity import QuantityField, parse_quantity
from simulator.plan.wording import family_name, words

HALF = {
    "mixture": [
        {"weight": 9, "value": "2 to 4 h"},
        {"weight": 1, "value": {"min": 0, "max": 9, "unit": "min"}},
    ]
}


@pytest.mark.parametrize(
    ("raw", "dimension", "family", "said"),
    [
        ("40 USD/h", d.WAGE, "constant", "40 USD/h"),
        ("-60% / year", d.RATE, "constant", "-60% / year"),
        (0.04, d.SHARE, "constant", "0.04"),
        (
            "60k to 300k req/month",
            d.VOLUME,
            "lognormal",
            "between 60k and 300k req/month (90 % interval), lognormal",
        ),
        ("5% to 20%", d.SHARE, "logit-normal", "between 5% and 20% (90 % interval), logit-normal"),
        ("1% to 3% / month", d.RATE, "rate-normal", "between 1% and 3% / month (90 % interval), rate-normal"),
        ("0 to 0.3 pp/month", d.POINTS, "normal", "between 0 and 0.3 pp/month (90 % interval), normal"),
        ({"p10": 1, "p80": 2}, d.FACTOR, "lognormal", "between 1 and 2 (p10 to p80), lognormal"),
        (
            {"p10": 0.5, "p50": 3, "p90": 15, "unit": "USD/failure"},
            d.FAILURE_COST,
            "split-lognormal",
            "p10 0.5 USD/failure, p50 3 USD/failure, p90 15 USD/failure, split-lognormal",
        ),
        (
            {"min": 20, "mode": 40, "max": 120, "unit": "h"},
            d.HOURS,
            "PERT",
            "between 20 and 120 h, most likely 40 h, PERT",
        ),
        ({"min": 1, "max": 5, "unit": "h"}, d.HOURS, "uniform", "between 1 and 5 h, uniform"),
        ({"dist": "gamma", "mean": 40, "sd": 12, "unit": "h"}, d.HOURS, "gamma", "mean 40 h, sd 12 h, gamma"),
        (
            {"values": [1, 2, 4], "weights": [5, 3, 2], "unit": "month"},
            d.SPAN,
            "discrete",
            "1 month (50 %), 2 month (30 %), 4 month (20 %), discrete",
        ),
        (
            {"values": list(range(1, 9)), "unit": "month"},
            d.SPAN,
            "discrete",
            "one of 8 values between 1 and 8 month, discrete",
        ),
        (
            HALF,
            d.HOURS,
            "mixture",
            "90 %: between 2 and 4 h (90 % interval), lognormal; 10 %: between 0 and 9 min, uniform; mixture",
        ),
        ({"same_as": "a.b"}, d.SHARE, "same draw", "the draw of a.b"),
        (
            {"same_as": "a.b", "times": "0.6 to 0.9"},
            d.SHARE,
            "same draw",
            "the draw of a.b, times between 0.6 and 0.9 (90 % interval), lognormal",
        ),
    ],
)
def test_every_form_can_be_said(raw, dimension, family, said):
    quantity = parse_quantity(raw, QuantityField(dimension), "key", currency="USD")
    assert family_name(quantity) == family
    assert words(quantity) == said


@pytest.mark.parametrize(
    ("of", "family", "said"),
    [
        ("mean", "lognormal", "mean of a column, 2 h with a standard error of 0.57735 h, lognormal"),
        ("value", "empirical", "3 values of a column between 1 and 3 h, empirical"),
    ],
)
def test_data_can_be_said(of, family, said, tmp_path):
    (tmp_path / "a.csv").write_text("x\n1\n2\n3\n")
    raw = {"data": "a.csv", "column": "x", "unit": "h", "of": of}
    quantity = parse_quantity(raw, QuantityField(d.HOURS), "key", currency="USD", base_directory=tmp_path)
    assert family_name(quantity) == family
    assert words(quantity) == said
