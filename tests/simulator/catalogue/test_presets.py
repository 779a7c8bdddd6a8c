"""Test the named price processes: their numbers, and that they are what they would be if written out."""

from __future__ import annotations

import re
import sys

import numpy as np
import pytest

from simulator import run
from simulator.catalogue.presets import presets
from simulator.explain import describe
from simulator.plan.forms import Mixture, Percentiles
from simulator.plan.problems import toml
from tests.simulator.catalogue.conftest import ROOT

USED = 'models.base.prices="p"'


@pytest.fixture
def derived(monkeypatch):
    """The script that derives the numbers; it imports the one that fits them."""
    monkeypatch.setattr(sys, "path", [str(ROOT / "tests" / "reference"), *sys.path])
    import derive_presets

    return derive_presets


def interval(text: str) -> tuple[float, float]:
    low, high = re.findall(r"(-?[\d.]+)(%?)", text)
    return tuple(float(number) / (100 if percent else 1) for number, percent in (low, high))


def assert_mixture(written, fitted):
    for member, other in zip(written["mixture"], fitted, strict=True):
        assert member["weight"] == other["weight"]
        assert member["value"] == pytest.approx(other["value"], abs=0.005)


def test_the_three_presets_are_there():
    assert list(presets()) == ["pinned", "tier_2025", "constant_quality"]
    assert all(one.says and one.source and one.keys for one in presets().values())


def test_the_pinned_process_is_the_one_that_follows_from_the_price_changes(derived, data):
    keys, fitted = presets()["pinned"].keys, derived.pinned(data)
    for level in ("p2.5", "p50", "p97.5"):
        assert keys["change_rate"][level] == pytest.approx(fitted["change_rate"][level], abs=0.0005)
    assert_mixture(keys["change"], fitted["change"])


def test_the_tier_process_is_the_one_that_follows_from_the_twelve_tiers(derived, data):
    keys, fitted = presets()["tier_2025"].keys, derived.tier_2025(data)
    for key in ("change_rate", "drift"):
        assert interval(keys[key]) == pytest.approx(fitted[key], abs=0.005)
    assert_mixture(keys["change"], fitted["change"])


def test_constant_quality_falls_five_to_ten_times_a_year(derived, data):
    assert interval(presets()["constant_quality"].keys["drift"]) == derived.constant_quality()["drift"]
    assert "prices fell 5 to 10 times a year and more" in (data / "README.md").read_text(encoding="utf-8")


def test_the_sources_name_the_published_figures(derived, data):
    readme = (data / "README.md").read_text(encoding="utf-8")
    for name, figures in (
        ("pinned", ("0.069", "0.028 to 0.142")),
        ("tier_2025", ("1.75", "38 %", "-29 %", "1.14")),
        ("constant_quality", ("5 to 10 times a year and more", "arXiv 2511.23455")),
    ):
        for figure in figures:
            assert figure in presets()[name].source
            assert figure in readme


def test_quantities_of_a_preset_have_the_names_that_they_would_have_if_written(read):
    process = read('prices.p.preset="pinned"', USED).prices["p"]
    assert process.preset == "pinned"
    assert process.change_rate.name == "prices.p.change_rate"
    assert isinstance(process.change_rate.form, Percentiles)
    assert isinstance(process.change.form, Mixture)
    assert process.drift is None
    assert process.change_rate.source == presets()["pinned"].source


def test_explain_shows_the_source_of_a_preset(read):
    rows = {row.name: row for row in describe(read('prices.p.preset="tier_2025"', USED))}
    assert rows["prices.p.drift"].source == presets()["tier_2025"].source


def test_keys_beside_a_preset_win(read):
    plan = read(
        'prices.p.preset="tier_2025"', 'prices.p.drift="-5% / year"', 'prices.p.volatility="3% / month"', USED
    )
    process = plan.prices["p"]
    assert process.drift.written == "-5% / year"
    assert process.volatility.written == "3% / month"
    assert process.change_rate.written.startswith('{ value = "1.4 to 2.17 / year"')
    assert [key for key, _ in plan.resolved_presets[0].keys] == ["change_rate", "change"]


def test_what_a_preset_gives_can_be_correlated_and_named(read):
    add = '\n[[correlations]]\nbetween = ["prices.p.change_rate", "demand.requests"]\nspearman = 0.3\n'
    plan = read(
        'prices.p.preset="pinned"', USED, 'prices.q.change_rate={ same_as = "prices.p.change_rate" }', add=add
    )
    assert plan.correlations[0].first == "prices.p.change_rate"


def test_the_digest_depends_on_the_numbers_of_a_preset(read, monkeypatch):
    before = read('prices.p.preset="pinned"', USED).digest
    monkeypatch.setitem(presets()["pinned"].keys, "change_rate", "0.1 to 0.2 / year")
    assert read('prices.p.preset="pinned"', USED).digest != before


@pytest.mark.parametrize("value", ['"pined"', "3", "true", '"PINNED"', "[]"])
def test_what_is_no_preset_is_refused_with_the_allowed_set(errors_of, value):
    (error,) = errors_of(f"prices.p.preset={value}", USED)
    assert error.message.endswith("this field takes 'pinned', 'tier_2025' or 'constant_quality'")


@pytest.mark.parametrize("name", presets())
def test_a_preset_and_its_keys_written_out_give_the_same_bytes(read, name):
    written = [f"prices.p.{key}={toml(value, depth=8)}" for key, value in presets()[name].keys.items()]
    datasets = [
        run.simulate(plan, lifetimes=2_000, seed=3)
        for plan in (read(f'prices.p.preset="{name}"', USED), read(*written, USED))
    ]
    for variable, values in datasets[0].variables.items():
        assert np.asarray(values).tobytes() == np.asarray(datasets[1].variables[variable]).tobytes(), variable
    assert "presets" in datasets[0].attrs["catalogue"]
