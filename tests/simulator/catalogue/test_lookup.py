"""Test how names are found: in the overlay, in genai-prices, and which of the two says the price."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, time
from decimal import Decimal
from types import ModuleType, SimpleNamespace

import pytest

from simulator.catalogue import package
from simulator.catalogue.entries import Entry, Price
from simulator.catalogue.lookup import (
    UnknownModelError,
    find,
    known_until,
    lookup,
    merge,
    near,
    package_version,
)
from simulator.catalogue.overlay import overlay

needs_package = pytest.mark.skipif(package_version() is None, reason="genai-prices is not installed")


def price(of_input: float, since: date | None, origin: str = "overlay") -> Price:
    return Price(of_input, None, 2 * of_input, since, "a source", origin)


def conditional(of_input: str, **constraint: object) -> SimpleNamespace:
    prices = SimpleNamespace(input_mtok=Decimal(of_input), output_mtok=Decimal(2))
    return SimpleNamespace(constraint=SimpleNamespace(**constraint) if constraint else None, prices=prices)


def model(*prices: SimpleNamespace) -> SimpleNamespace:
    return SimpleNamespace(id="m", prices=list(prices))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("openai:gpt-4.1-mini", "openai:gpt-4.1-mini"),
        ("OpenAI: GPT-4.1-Mini", "openai:gpt-4.1-mini"),
        ("openai:gpt-4.1-mini-2025-04-14", "openai:gpt-4.1-mini"),
        ("openai:ft:gpt-4.1-mini-2025-04-14", "openai:ft:gpt-4.1-mini"),
        ("openai:ft:gpt-4.1-mini-2025-04-14:acme::9rT2", "openai:ft:gpt-4.1-mini"),
        ("vertex:gemini-2.5-flash-lite", "google:gemini-2.5-flash-lite"),
        ("bedrock:llama-3.1-8b", "aws:meta.llama3-1-8b-instruct-v1:0"),
    ],
)
def test_an_id_an_alias_and_another_name_of_the_provider_are_the_same_entry(name, found):
    assert lookup(name).entry.id == found


@needs_package
def test_what_the_overlay_lacks_is_looked_up_in_the_package():
    found = lookup("cohere:command-r-plus")
    assert found.price_setter == "cohere:command-r-plus"
    assert {one.origin for one in found.entry.prices} == {"genai-prices"}
    assert "cohere:command-r-plus" not in overlay().by_name


@needs_package
@pytest.mark.parametrize(
    "name", ["anthropic:claude-2-typo", "openai:gpt-4.1-minii", "nobody:gpt-4.1", "openai:"]
)
def test_a_name_that_only_begins_like_a_model_is_unknown(name):
    """The package itself takes `claude-2-typo` for Claude 2."""
    with pytest.raises(UnknownModelError):
        lookup(name)


@needs_package
def test_a_provider_that_resells_has_the_price_of_the_one_it_buys_from():
    found = lookup("azure:gpt-4.1")
    assert found.price_setter == "openai:gpt-4.1"
    assert found.entry.price_at(None).input == 2.0
    assert found.entry.retired.on == date(2027, 4, 14)


def test_the_overlay_counts_unless_the_package_knows_a_price_that_began_later():
    old, new = price(1.0, date(2026, 1, 1)), price(3.0, date(2026, 11, 1), "genai-prices")
    entry = Entry("a:b", prices=(old,))
    assert merge(entry, (price(9.0, None, "genai-prices"),)) == entry
    assert merge(entry, (price(9.0, date(2025, 6, 1), "genai-prices"),)) == entry
    assert merge(entry, (price(9.0, None, "genai-prices"), new)).prices == (old, new)
    assert merge(Entry("a:b"), (price(9.0, None, "genai-prices"), new)).prices[0].input == 9.0


def test_the_same_price_seen_later_by_the_package_is_no_change():
    entry = Entry("a:b", prices=(price(1.0, date(2026, 1, 1)),))
    same, rise = price(1.0, date(2026, 2, 1), "genai-prices"), price(2.0, date(2026, 3, 1), "genai-prices")
    assert merge(entry, (same,)) == entry
    assert merge(entry, (same, rise)).prices[1:] == (rise,)


def test_the_price_in_force_is_the_last_that_began_by_then():
    entry = lookup("openai:gpt-3.5-turbo").entry
    inputs = {
        day: entry.price_at(date.fromisoformat(day)).input
        for day in ("2023-06-12", "2023-06-13", "2025-01-01")
    }
    assert inputs == {"2023-06-12": 2.0, "2023-06-13": 1.5, "2025-01-01": 0.5}
    assert entry.price_at(date(2020, 1, 1)) == entry.prices[0]
    assert entry.price_at(None) == entry.prices[-1]
    assert Entry("a:b").price_at(None) is None


def test_of_tiers_the_package_gives_the_base():
    tiers = SimpleNamespace(
        base=Decimal("1.25"), tiers=[SimpleNamespace(start=200_000, price=Decimal("2.5"))]
    )
    one = SimpleNamespace(id="m", prices=SimpleNamespace(input_mtok=tiers, output_mtok=Decimal(10)))
    assert package.prices_of(one) == (Price(1.25, None, 10.0, None, "", "genai-prices"),)


@needs_package
def test_unit_prices_are_those_of_short_prompts():
    """A priced request of a Mtok would cost 2.50 an Mtok at Google: its long-context tier."""
    assert lookup("google:gemini-2.5-pro").entry.price_at(date(2026, 1, 1)).input == 1.25
    ids = {(one, each.id): each for one, each in package.models("google")}
    assert package.prices_of(ids["google", "gemini-2.5-pro"])[0].input == 1.25


def test_of_prices_by_the_hour_the_one_that_holds_most_of_the_day_counts():
    peak = {"start_time": time(1), "end_time": time(8)}
    day = {"start_time": time(0, 30), "end_time": time(16, 30)}
    assert package.prices_of(model(conditional("1"), conditional("3", **peak)))[0].input == 1.0
    assert package.prices_of(model(conditional("1"), conditional("3", **day)))[0].input == 3.0
    night = {"start_time": time(20), "end_time": time(4)}
    assert package.prices_of(model(conditional("1"), conditional("3", **night)))[0].input == 1.0


def test_dated_prices_of_the_package_come_in_order():
    later = conditional("2", start_date=date(2026, 5, 1))
    earlier = conditional("3", start_date=date(2026, 1, 1))
    found = package.prices_of(model(conditional("1"), later, earlier))
    assert [(one.since, one.input) for one in found] == [
        (None, 1.0),
        (date(2026, 1, 1), 3.0),
        (date(2026, 5, 1), 2.0),
    ]


@needs_package
def test_the_snapshot_ends_before_what_it_announces():
    known = package.snapshot()
    assert known.version == package_version()
    assert known.as_of == known_until("genai-prices")
    if known.version in overlay().snapshots:
        days = {one.since for _, each in package.models() for one in package.prices_of(each)}
        assert known.as_of in days
        assert max(day for day in days if day) > known.as_of


@needs_package
def test_every_model_of_the_package_can_be_read():
    for provider, each in package.models():
        for one in package.prices_of(each):
            assert all(amount is None or amount >= 0 for amount in (one.input, one.cached, one.output)), (
                provider
            )


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("openai:gpt4.1-mini", "openai:gpt-4.1-mini"),
        ("gpt-4.1-mini", "openai:gpt-4.1-mini"),
        ("opnai:gpt-4.1-mini", "openai:gpt-4.1-mini"),
        ("anthropic:claude-3.5-sonnet", "anthropic:claude-3-5-sonnet"),
        ("openai:ft:gpt-4.1-mimi", "openai:ft:gpt-4.1-mini"),
    ],
)
def test_near_names_begin_with_what_was_meant(name, first):
    assert near(name)[0] == first
    assert len(near(name)) <= 3


def test_what_is_like_nothing_has_no_near_names():
    assert near("zzzz:qqqqqqqq") == ()


def test_find_takes_parts_and_globs_of_ids_aliases_and_gpus():
    assert {entry.id for entry in find("FT:gpt-4.1")} >= {"openai:ft:gpt-4.1-mini", "openai:ft:gpt-4.1"}
    assert "openai:gpt-4.1-mini" in {entry.id for entry in find("gpt-4.1-mini-2025-04-14")}
    globbed = find("openai:ft:*")
    assert globbed
    assert all(entry.id.startswith("openai:ft:") for entry in globbed)
    assert all(entry.gpus for entry in find("h100 sxm"))
    assert find("no such thing") == []


def test_what_both_know_is_listed_once():
    ids = [entry.id for entry in find()]
    assert len(set(ids)) == len(ids)
    names = [name.lower() for entry in find() for name in entry.names]
    assert len(set(names)) == len(names)
    assert ids == sorted(ids, key=lambda one: (one.partition(":")[0], one.lower()))


def test_without_the_package_the_overlay_alone_answers(without_package):
    assert package_version() is None
    assert package.find_model("openai", "gpt-4.1") is None
    assert lookup("openai:gpt-4.1-mini").entry.price_at(None).output == 1.6
    assert {entry.id for entry in find()} == {entry.id for entry in overlay().entries}
    with pytest.raises(UnknownModelError):
        lookup("cohere:command-r-plus")


def test_nothing_of_the_package_reaches_for_the_network():
    code = """
import socket, sys
def refuse(*_): raise AssertionError("a socket was opened")
socket.socket.connect = refuse
socket.getaddrinfo = refuse
from simulator.catalogue.lookup import find, lookup
find(); lookup("cohere:command-r-plus") if "genai_prices" in sys.modules else None
import threading
assert threading.active_count() == 1
assert not {"numpy", "numba", "xarray"} & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_broken_package_is_as_none(monkeypatch):
    def fail(name: str) -> None:
        raise RuntimeError(f"{name}: made for another version")

    broken = ModuleType("genai_prices.data")
    broken.__getattr__ = fail
    monkeypatch.setitem(sys.modules, "genai_prices", ModuleType("genai_prices"))
    monkeypatch.setitem(sys.modules, "genai_prices.data", broken)
    package.snapshot.cache_clear()
    try:
        assert package_version() is None
        assert lookup("openai:gpt-4.1-mini").entry.price_at(None).input == 0.4
    finally:
        package.snapshot.cache_clear()
