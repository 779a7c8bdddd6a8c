"""Provide what the tests of the catalogue share: small plans, the public price tables, a missing package."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.catalogue import package
from simulator.plan import Plan, PlanError, PlanErrors, parse_plan

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT.parent / "shared" / "data"

PLAN = """\
name = "Catalogue"
start = 2026-10-01
horizon = "12 month"
baseline = "prompting"

[finance]
currency = "USD"

[demand]
requests = "60k to 300k req/month"

[request]
input = "400 tok/req"
output = "200 tok/req"

[models.base]
catalog = "openai:gpt-6-sol"

[strategies.prompting]
model = "base"
prompt = "1500 tok/req"
"""


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of public price tables."""
    if not (DATA / "finetune_prices.csv").is_file():
        pytest.skip("the public price tables are not beside the repository")
    return DATA


@pytest.fixture(scope="session")
def read() -> Callable[..., Plan]:
    """Read the small plan with overrides, after replacing text in it and adding to its end."""

    def function(*sets: str, changes: tuple[tuple[str, str], ...] = (), add: str = "") -> Plan:
        text = PLAN
        for old, new in changes:
            assert text.count(old) == 1
            text = text.replace(old, new)
        return parse_plan((text + add).encode(), "plan.toml", sets)

    return function


@pytest.fixture(scope="session")
def errors_of(read: Callable[..., Plan]) -> Callable[..., tuple[PlanError, ...]]:
    """List what is wrong with the small plan."""

    def function(*sets: str, **more: object) -> tuple[PlanError, ...]:
        with pytest.raises(PlanErrors) as caught:
            read(*sets, **more)
        return caught.value.errors

    return function


@pytest.fixture
def without_package(monkeypatch: pytest.MonkeyPatch):
    """Let the import of genai-prices fail, as where it is not installed."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "genai_prices"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    package.snapshot.cache_clear()
    yield
    package.snapshot.cache_clear()
