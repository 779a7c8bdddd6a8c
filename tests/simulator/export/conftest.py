"""Results to export, and files of them."""

from __future__ import annotations

import pytest

from tests.simulator.synthetic import synthetic_dataset

HOSTILE = {
    "prompting": '=HYPERLINK("http://example.com";"click")',
    "rag": "+1+1|cmd' /C calc'!A0",
    "finetuned": "<b onload=alert(1)>&amp;</b>; =1+1\x07_x0041_",
}


def make(**plan):
    options = {"lifetimes": 600, "horizon": 17} | plan
    return synthetic_dataset(**options)


@pytest.fixture(scope="session")
def dataset():
    """A run of seventeen months from November, so with partial first and last quarters and years."""
    return make()


@pytest.fixture(scope="session")
def hostile():
    """A run whose plan is named and labelled by someone with bad intentions."""
    found = make(horizon=5)
    labels = [HOSTILE[str(name)] for name in found["strategy"].values]
    found = found.assign_coords(strategy_label=("strategy", labels))
    return found.assign_attrs(plan_name='@SUM(1+1)*cmd|" /C calc"!A0')
