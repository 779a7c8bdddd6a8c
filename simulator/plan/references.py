"""Check that the names which a plan refers to stand in it."""

from __future__ import annotations

from typing import Any

from simulator.plan.drafts import Draft
from simulator.plan.errors import listing
from simulator.plan.reading import Reading, Reference

_WORDS = {"models": "model", "prices": "price process", "people": "role", "strategies": "strategy"}


def check(reading: Reading, values: dict[str, Any]) -> None:
    """Report every reference to a name that does not stand in the plan, with the nearest one that does.

    Parameters
    ----------
    reading
        Holds the references and takes the errors.
    values
        The plan's tables as they were read.
    """
    tables = {table: _names(values, table) for table in ("models", "prices", "events", "strategies")}
    people = values.get("people", {})
    tables["people"] = people.get("roles", {}) if isinstance(people, dict) else None
    for reference in reading.references:
        if reference.to == "triggers":
            _check_trigger(reference, reading, tables)
        elif tables[reference.to] is not None:
            _check_name(reference, reading, tables[reference.to])


def _names(values: dict[str, Any], table: str) -> dict[str, Any] | None:
    """Return the entries of a table; None of one that could not be read, which was reported."""
    entries = values.get(table, {})
    return entries if isinstance(entries, dict) else None


def _check_name(reference: Reference, reading: Reading, entries: dict[str, Any]) -> None:
    what = _WORDS[reference.to]
    entry = entries.get(reference.name)
    if entry is not None and _fits(entry, reference):
        return
    # A strategy that names itself is of the wrong kind or a cycle; it is nothing to propose.
    fitting = [
        name
        for name, one in entries.items()
        if _fits(one, reference) and ("strategies", name) != reference.path[:2]
    ]
    kinds = f"{listing(reference.kinds)} " if reference.kinds else ""
    if isinstance(entry, Draft):
        message = f"'{reference.name}' is a {entry.kind} strategy, only {kinds}strategies can stand here"
    else:
        message = f"there is no {what} '{reference.name}'"
    meant = reading.near(reference.name, [name for name in fitting if name != reference.name])
    if meant and entry is None:
        hint = f"did you mean {meant}?"
    elif fitting:
        hint = f"the {kinds}{_plural(what)} of this plan are {listing(fitting, last='and')}"
    else:
        hint = f"add [{reference.to}.{reference.name}]" if reference.to != "people" else ""
        hint = hint or f'add {reference.name} = "60 {reading.currency or "USD"}/h" to [people]'
    reading.fail(reference.path, message, hint, at_key=reference.at_key)


def _fits(entry: Any, reference: Reference) -> bool:
    return not reference.kinds or (isinstance(entry, Draft) and entry.kind in (*reference.kinds, "unread"))


def _check_trigger(reference: Reference, reading: Reading, tables: dict[str, dict[str, Any] | None]) -> None:
    parts = reference.name.split(".")
    events, models = tables["events"], tables["models"]
    if events is None or models is None:
        return
    match parts:
        case ["events", name] if name in events:
            return
        case ["models", name, "retired"] if name in models and can_retire(models[name]):
            return
    retiring = [name for name, model in models.items() if can_retire(model)]
    known = [*(f"events.{name}" for name in events), *(f"models.{name}.retired" for name in retiring)]
    hint = f"this plan has {listing(known, last='and')}" if known else "add it as [events.NAME]"
    meant = reading.near(reference.name, known)
    if meant:
        hint = f"did you mean {meant}?"
    if len(parts) == 3 and parts[0] == "models" and parts[2] == "retired" and parts[1] in models:
        message = f"'{reference.name}' never happens: the model has neither retired_after nor retired_on"
        hint = f"give [models.{parts[1]}] one of them"
    elif len(parts) == 2 and parts[0] == "events":
        message = f"there is no event '{parts[1]}'"
    elif len(parts) == 3 and parts[0] == "models" and parts[2] == "retired":
        message = f"there is no model '{parts[1]}'"
    else:
        allowed = "this field takes 'events.NAME' or 'models.NAME.retired'"
        message = f"'{reference.name[:80]}' is no event, {allowed}"
    reading.fail(reference.path, message, hint)


def can_retire(model: Any) -> bool:
    """Tell whether a model is ever retired; one that could not be read may be."""
    return not isinstance(model, dict) or "retired_after" in model or "retired_on" in model


def _plural(what: str) -> str:
    return f"{what[:-1]}ies" if what.endswith("y") else f"{what}es" if what.endswith("s") else f"{what}s"
