"""Read a plan file: text, overrides, tables, what they refer to, and the frozen plan of it all."""

from __future__ import annotations

import datetime
import hashlib
import os
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path as FilePath
from typing import Any

from simulator.plan import (
    correlations,
    demand_notes,
    inheritance,
    price_notes,
    references,
    rules,
    same_as,
    strategy_rules,
)
from simulator.plan.drafts import Draft
from simulator.plan.errors import DataErrors, PlanError, PlanErrors
from simulator.plan.forms import Quantity
from simulator.plan.keys import day_hint
from simulator.plan.overrides import apply
from simulator.plan.positions import Positions
from simulator.plan.reading import Reading
from simulator.plan.scan import MOST_BYTES, RefusedError, check, decode
from simulator.plan.schema import Plan
from simulator.plan.strategy import KINDS
from simulator.plan.tables import read_keys, require
from simulator.plan.units import CURRENCIES

_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_BARE_QUANTITY = re.compile(
    r"""(?<![\w.-])(?P<key>[\w.-]{1,99})\s*=\s*(?P<value>[-+]?\.?\d[\d._\s]*[^\d._\s,#}\]"'=][^,#}\]"'=]*)"""
)


def load_plan(path: str | os.PathLike[str], overrides: Iterable[str] = ()) -> Plan:
    """Read a plan.

    Parameters
    ----------
    path
        The plan file.
    overrides
        ``"dotted.key=TOML value"`` each, applied in turn before anything is checked.

    Returns
    -------
    Plan
        Frozen, with `extends`, `same_as` and correlations resolved.

    Raises
    ------
    PlanErrors
        If anything is wrong with the plan or an override; with everything that is.
    DataErrors
        If the plan cannot be opened, or nothing but data files is wrong.
    """
    return parse_plan(_read_bytes(path), path, overrides)


def parse_plan(content: bytes, path: str | os.PathLike[str], overrides: Iterable[str] = ()) -> Plan:
    """Read a plan from the bytes of its file.

    Parameters
    ----------
    content
        What the file holds.
    path
        Where it lies: named in errors, and its folder is that of relative data files.
    overrides
        As in `load_plan`.

    Raises
    ------
    PlanErrors, DataErrors
        As `load_plan` does.
    """
    file = str(path)
    sets = tuple(overrides)
    text, document = _parse(content, file)
    positions = Positions(text, file)
    reading = Reading(positions, None, FilePath(path).parent)
    for error in apply(document, sets, positions):
        reading.report(error)
    reading.currency = _currency(document)
    reading.start = _start(document)
    reading.has_usd_rate = "usd_rate" in _finance(document)
    values = read_keys(Plan, document, (), reading)
    require(Plan, values, (), reading)
    tree = _resolve(values, reading)
    if reading.failed:
        reading.raise_errors()
    digest = _digest(text, sets, reading, file)
    return Plan.model_validate(tree | {"text": text, "path": file, "overrides": sets, "digest": digest})


def _read_bytes(path: str | os.PathLike[str]) -> bytes:
    try:
        with open(path, "rb") as file:
            # One byte more than a plan may have tells a file that is too large, however large it is.
            return file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        reasons = {
            FileNotFoundError: ("there is no such file", "see `simulate init` for a plan to begin with"),
            IsADirectoryError: ("this is a directory", "name the plan file in it"),
            PermissionError: ("the file may not be read", "check its permissions"),
        }
        message, hint = reasons.get(type(error), (f"the file cannot be read: {reason}", ""))
        raise DataErrors([PlanError(str(path), None, None, "", message, hint)]) from None


def _parse(content: bytes, file: str) -> tuple[str, dict[str, Any]]:
    try:
        text = decode(content)
        check(text)
        return text, tomllib.loads(text)
    except RefusedError as refusal:
        error = PlanError(file, refusal.line, refusal.column, "", refusal.message, refusal.hint)
    except (ValueError, RecursionError) as raised:
        error = _toml_error(str(raised), text, file)
    raise PlanErrors([error])


def _toml_error(message: str, text: str, file: str) -> PlanError:
    """Turn the message of tomllib, which ends with a position, into an error."""
    place = _TOML_PLACE.search(message)
    line = column = None
    if place:
        message = message[: place.start()]
        line, column = int(place[1] or 0), int(place[2] or 0)
        if not line:
            line, column = text.count("\n") + 1, len(text) - (text.rfind("\n") + 1) + 1
    source = text.split("\n")[line - 1] if line else ""
    hint = ""
    if "Cannot overwrite" in message or "twice" in message:
        hint = "the same key or table stands further up already"
    elif day := day_hint(_word(source, column or 1)):
        hint = day
    elif bare := _bare_quantity(source, column or 1):
        hint = f"a quantity with a unit stands in quotes: {bare}"
    elif "Invalid value" in message:
        hint = 'text and quantities stand in quotes: growth = "1% / month"'
    elif "Expected '='" in message:
        hint = "a line is KEY = VALUE, or a table's name in [ ]"
    return PlanError(file, line, column, "", f"this is no TOML: {message[:1].lower()}{message[1:]}", hint)


def _word(source: str, column: int) -> str:
    """Give what stands around a place in a line, without the spaces and quotes that surround it."""
    return re.split(r"[^\w./:-]", source[: column - 1])[-1] + re.split(r"[^\w./:-]", source[column - 1 :])[0]


def _bare_quantity(source: str, column: int) -> str:
    """Give, in quotes, the quantity around a place in a line: a number that goes on with what is no number."""
    for found in _BARE_QUANTITY.finditer(source):
        if found.start("value") < column - 1 <= found.end("value"):
            return f'{found["key"]} = "{found["value"].rstrip()}"'
    return ""


def _currency(document: dict[str, Any]) -> str | None:
    """Look the currency up, which every amount needs; None where it is in error itself."""
    currency = _finance(document).get("currency")
    return currency if isinstance(currency, str) and currency in CURRENCIES else None


def _start(document: dict[str, Any]) -> datetime.date | None:
    """Look the first day up, which catalogue prices need; None where it is in error itself."""
    start = document.get("start")
    is_day = isinstance(start, datetime.date) and not isinstance(start, datetime.datetime)
    return start if is_day else None


def _finance(document: dict[str, Any]) -> dict[str, Any]:
    finance = document.get("finance")
    return finance if isinstance(finance, dict) else {}


def _resolve(values: dict[str, Any], reading: Reading) -> dict[str, Any]:
    """Resolve what tables say of one another, check it, and return the tree that the plan is made of."""
    references.check(reading, values)
    rules.check(values, reading)
    drafts = values.get("strategies")
    drafts = drafts if isinstance(drafts, dict) else {}
    merged, incomplete = inheritance.resolve(drafts, reading)
    aliases = inheritance.aliases(merged)
    resolved = same_as.resolve(reading, aliases)
    models = values.get("models")
    models = models if isinstance(models, dict) else {}
    strategy_rules.check(drafts, merged, incomplete, models, resolved, reading)
    pairs = correlations.resolve(values.get("correlations"), reading, aliases, resolved)
    if reading.failed:
        return {}
    tree = _replaced(values, resolved)
    tree["strategies"] = {name: _strategy(drafts[name], _replaced(merged[name], resolved)) for name in drafts}
    tree["correlations"] = pairs
    tree["warnings"] = (
        *price_notes.warnings(values, merged, reading),
        *demand_notes.warnings(tree["demand"]),
    )
    tree["prices_as_of"] = price_notes.as_of(reading)
    tree["resolved_prices"] = tuple(price for priced in reading.priced for price in priced.prices)
    tree["resolved_presets"] = tuple(reading.presets)
    return tree


def _replaced(value: Any, resolved: dict[str, Quantity]) -> Any:
    """Copy a tree of values with every quantity in its resolved form."""
    if isinstance(value, Quantity):
        return resolved[value.name]
    if isinstance(value, dict):
        return {key: _replaced(inner, resolved) for key, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, resolved) for inner in value]
    return value


def _strategy(draft: Draft, values: dict[str, Any]) -> Any:
    for item in values.get("costs", {}).values():
        item["kind"], item["cadence"] = strategy_rules.kind_and_cadence(item["quantity"])
    label = values.get("label", draft.name)
    return KINDS[draft.kind].model_validate(values | {"name": draft.name, "label": label})


def _digest(text: str, sets: tuple[str, ...], reading: Reading, file: str) -> str:
    """Hash everything that a plan's numbers come from: text, overrides, data files, catalogue."""
    digest = hashlib.sha256()

    def add(piece: bytes) -> None:
        # The length in front keeps two different sequences of pieces from being the same bytes.
        digest.update(len(piece).to_bytes(8, "little"))
        digest.update(piece)

    add(text.encode())
    for one in sets:
        add(one.encode(errors="surrogatepass"))
    read = dict.fromkeys(data for written in reading.quantities.values() for data in written.quantity.files)
    for data in read:
        try:
            add(data.read_bytes())
        except OSError as error:
            message = f"the data file {data} cannot be read: {error.strerror}"
            raise DataErrors([PlanError(file, None, None, "", message)]) from None
    # Who told a price is no part of it: with or without the package, equal numbers are equal plans.
    for price in (price for priced in reading.priced for price in priced.prices):
        add(f"models.{price.model}.{price.field} = {price.value!r} {price.unit}".encode())
    for preset in reading.presets:
        for key, written in preset.keys:
            add(f"prices.{preset.process}.{key} = {written}".encode())
    return digest.hexdigest()
