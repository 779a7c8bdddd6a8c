"""What a result says of its origin."""

from __future__ import annotations

import json
from importlib import metadata

import pytest

from simulator import provenance
from tests.simulator.synthetic import synthetic_plan


def test_the_text_of_the_plan_survives_a_format_that_drops_nul():
    plan = synthetic_plan()
    plan.text = 'name = "a\0b"'
    assert provenance.attributes(plan, lifetimes=1, seed=0)["plan"] == 'name = "ab"'


def test_what_is_not_known_is_left_out():
    found = provenance.attributes(synthetic_plan(budget=None), lifetimes=1, seed=0)
    assert not {"budget_amount", "budget_per", "wall_s"} & set(found)


def test_versions_are_those_installed(monkeypatch):
    found = json.loads(provenance.attributes(synthetic_plan(), lifetimes=1, seed=0)["versions"])
    assert found["numpy"] == metadata.version("numpy")
    monkeypatch.setattr(provenance, "DISTRIBUTION", "a-package-that-is-not-installed")
    assert provenance.versions()["a-package-that-is-not-installed"] == "unknown"


@pytest.mark.parametrize("seed", [0, 2**63, 2**64 - 1])
def test_every_seed_is_kept_as_a_whole_number(seed):
    found = provenance.attributes(synthetic_plan(), lifetimes=10**12, seed=seed)
    assert (found["seed"], found["lifetimes"]) == (seed, 10**12)
