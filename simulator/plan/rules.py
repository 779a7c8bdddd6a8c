"""Check what the keys of one table, or of several, must obey together."""

from __future__ import annotations

from typing import Any

from simulator.plan.drafts import Draft
from simulator.plan.errors import listing
from simulator.plan.positions import Path
from simulator.plan.reading import Reading

_EVENT_KEYS = ("rate", "every", "at")


def check(values: dict[str, Any], reading: Reading) -> None:
    """Report what is wrong between the keys of the plan's tables, strategies left out.

    Parameters
    ----------
    values
        The plan's tables as they were read.
    reading
        Takes the errors.
    """
    demand = values.get("demand")
    if isinstance(demand, dict) and demand.get("curve") == "logistic" and "ceiling" not in demand:
        reading.fail(
            ("demand", "curve"),
            "'logistic' needs a ceiling that demand grows towards",
            'add ceiling = "…", the requests at the most, or write curve = "compound"',
        )
    run = values.get("run")
    if isinstance(run, dict) and run.get("sampler") == "sobol" and run.get("precision") is not None:
        reading.fail(
            ("run", "precision"),
            "a precision needs lifetimes drawn at random: its intervals take them to be independent",
            'write sampler = "random", or choose run.lifetimes instead',
        )
    for name, event in _entries(values, "events"):
        exactly_one(event, _EVENT_KEYS, ("events", name), reading)
    _check_strategies(values, reading)


def exactly_one(table: dict[str, Any], keys: tuple[str, ...], path: Path, reading: Reading) -> None:
    """Report a table that has none or several of `keys`."""
    complaint = one_of(table, keys)
    if complaint:
        reading.fail(path, complaint)


def one_of(table: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    """Say that a table has none or several of `keys`; None where it has exactly one."""
    given = [key for key in keys if key in table]
    if len(given) == 1:
        return None
    has = f"it has {listing(given, last='and')}" if given else "it has none of them"
    return f"exactly one of {listing(keys, last='and')} must be given, {has}"


def _entries(values: dict[str, Any], table: str) -> list[tuple[str, dict[str, Any]]]:
    entries = values.get(table)
    if not isinstance(entries, dict):
        return []
    return [(name, entry) for name, entry in entries.items() if isinstance(entry, dict)]


def _check_strategies(values: dict[str, Any], reading: Reading) -> None:
    drafts = values.get("strategies")
    if not isinstance(drafts, dict):
        return
    compared = [name for name, draft in drafts.items() if not draft.is_part]
    if not compared:
        message = "every strategy is a part" if drafts else "there is no strategy"
        hint = "leave `part = true` out in those to compare" if drafts else "add a table [strategies.NAME]"
        reading.fail(("strategies",), f"{message}, a plan has one or more to compare", hint)
    baseline = values.get("baseline")
    if isinstance(baseline, str) and isinstance(drafts.get(baseline), Draft) and drafts[baseline].is_part:
        reading.fail(
            ("baseline",),
            f"'{baseline}' is a part, which takes part in no comparison",
            f"the strategies to compare are {listing(compared, last='and')}" if compared else None,
        )
    _check_labels({name: drafts[name].values.get("label", name) for name in compared}, reading)


def _check_labels(labels: dict[str, Any], reading: Reading) -> None:
    """Report labels of several strategies: figures and tables show nothing else of them."""
    seen: dict[str, str] = {}
    # A strategy has its own name for a label unless it says otherwise, so the one that says so is at fault.
    for name in sorted(labels, key=lambda name: labels[name] != name):
        label = labels[name]
        if isinstance(label, str) and (other := seen.setdefault(label, name)) != name:
            reading.fail(
                ("strategies", name, "label"),
                f"'{label}' is the label of strategy '{other}' too",
                "figures and tables tell strategies apart by their labels: choose another one",
            )
