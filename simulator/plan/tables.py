"""Read tables: which keys they have, which they must have, and the notes that every table may hold."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict

from simulator.plan.errors import listing
from simulator.plan.keys import Key, Text, key_kind
from simulator.plan.positions import Path, dotted
from simulator.plan.reading import BAD, Reading, shown

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
NOTES = {
    "source": Text(says="Where the numbers come from.", longest=10_000, lines=True),
    "owner": Text(says="Who answers for the numbers.", longest=10_000, lines=True),
}


class PlanTable(BaseModel):
    """A table of the plan file; `source` and `owner` may stand in every one.

    Notes
    -----
    An attribute has the name of its key; a trailing underscore stands for a word that Python reserves. An
    attribute whose annotation holds no `Key` is not written in the file.
    """

    # Only the plan and the strategies are validated on their own: building the validators of the tables in
    # them, too, would take a tenth of a second at every start. Nor are annotations postponed in the modules that
    # declare tables: pydantic would compile each of them.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    source: Annotated[str | None, NOTES["source"]] = None
    owner: Annotated[str | None, NOTES["owner"]] = None


@key_kind
class Table(Key):
    """A table with keys of its own.

    Parameters
    ----------
    model
        Declares the keys.
    inherited
        Whether `extends` may add the keys that are missing, so that they cannot be reported here.
    """

    model: type[PlanTable]
    inherited: bool = False

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if not is_table(raw, path, reading):
            return BAD
        values = read_keys(self.model, raw, path, reading)
        if not self.inherited:
            require(self.model, values, path, reading)
        return values

    def form(self) -> dict[str, Any]:
        return table_form(self.model) | ({"required": []} if self.inherited else {})


@key_kind
class Named(Key):
    """A table of names, each with a value of the same kind.

    Parameters
    ----------
    of
        What each name holds.
    what
        What the names stand for, such as ``"model"``.
    inline
        Whether the values may be strings, so that ``source`` and ``owner`` are notes whatever they hold.
    """

    of: Key
    what: str
    inline: bool = False

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if not is_table(raw, path, reading):
            return BAD
        entries = entries_of(raw, path, self.what, reading, inline=self.inline)
        return {name: self.of.read(value, (*path, name), reading) for name, value in entries.items()}

    def form(self) -> dict[str, Any]:
        return named_form(self.of.form())


@cache
def keys_of(model: type[PlanTable]) -> dict[str, tuple[str, Key, bool]]:
    """List the keys of a table: key in the file -> (attribute, what it holds, whether it is required)."""
    keys = {}
    notes = {}
    for attribute, declared in model.model_fields.items():
        key = next((one for one in declared.metadata if isinstance(one, Key)), None)
        if key is not None:
            into = notes if attribute in NOTES else keys
            into[attribute.rstrip("_")] = (attribute, key, declared.is_required())
    return keys | notes


def is_table(raw: Any, path: Path, reading: Reading) -> bool:
    """Tell whether a value is a table; report it where it is none."""
    if isinstance(raw, dict):
        return True
    hint = f"write a table: [{dotted(path)}]"
    if isinstance(raw, list) and raw and isinstance(raw[0], dict):
        hint = f"write [{dotted(path)}] in single brackets"
    reading.fail(path, f"{shown(raw)} is no table", hint)
    return False


def entries_of(
    raw: dict[str, Any], path: Path, what: str, reading: Reading, inline: bool = False
) -> dict[str, Any]:
    """Take the named entries of a table, its notes left out; report names that cannot stand.

    Parameters
    ----------
    raw
        The table.
    path
        Where it stands.
    what
        What the names stand for, such as ``"model"``.
    inline
        Whether ``source`` and ``owner`` are notes whatever they hold, and not only as strings.
    """
    entries = {}
    for name, value in raw.items():
        if name in NOTES and (inline or isinstance(value, str)):
            NOTES[name].read(value, (*path, name), reading)
            continue
        if not NAME.fullmatch(name):
            reading.fail(
                (*path, name),
                f"{shown(name)} is no name of a {what}: names are 1 to 64 of the characters A-Z a-z 0-9 _ -",
                "free text goes into 'label'" if what == "strategy" else None,
                at_key=True,
            )
        entries[name] = value
    check_case(entries, path, what, reading)
    return entries


def read_keys(model: type[PlanTable], raw: dict[str, Any], path: Path, reading: Reading) -> dict[str, Any]:
    """Read every key that a table holds; report the keys that it cannot have.

    Returns
    -------
    dict
        Attribute of the model -> value, or ``BAD``.
    """
    allowed = keys_of(model)
    values = {}
    for name, value in raw.items():
        if name in allowed:
            attribute, key, _ = allowed[name]
            values[attribute] = key.read(value, (*path, name), reading)
        else:
            reading.unknown((*path, name), list(allowed), f"unknown key, {takes(model, path)}")
    return values


def takes(model: type[PlanTable], path: Path) -> str:
    """Say which keys a table takes."""
    words = [name for name in keys_of(model) if name not in NOTES]
    return f"{f'[{dotted(path)}]' if path else 'a plan'} takes {listing(words, last='and')}"


def require(model: type[PlanTable], values: dict[str, Any], path: Path, reading: Reading) -> None:
    """Report the required keys that a table lacks, at its header."""
    for name, (attribute, key, required) in keys_of(model).items():
        if required and attribute not in values:
            message, hint = missing(name, key, reading)
            reading.fail((*path, name), message, hint)


def missing(name: str, key: Key, reading: Reading) -> tuple[str, str]:
    """Say that a required key is missing: message and hint."""
    says = key.says[:1].lower() + key.says[1:].rstrip(".")
    what = f"table [{name}]" if isinstance(key, Table) else f"key '{name}'"
    message = f"the required {what} is missing"
    return (f"{message} ({says})" if says else message), key.example(name, reading)


def check_case(names: Iterable[str], path: Path, what: str, reading: Reading) -> None:
    """Report names that differ only in case."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            reading.fail(
                (*path, name),
                f"the names '{other}' and '{name}' differ only in case",
                f"rename one {what}",
                at_key=True,
            )


def table_form(model: type[PlanTable]) -> dict[str, Any]:
    """Describe a table as a JSON Schema."""
    properties = {}
    for name, (_, key, _required) in keys_of(model).items():
        properties[name] = ({"description": key.says} if key.says else {}) | key.form()
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name, (*_, required) in keys_of(model).items() if required],
        "additionalProperties": False,
    }


def named_form(entry: dict[str, Any]) -> dict[str, Any]:
    """Describe a table of names as a JSON Schema."""
    return {
        "type": "object",
        "properties": {name: {"anyOf": [note.form(), entry]} for name, note in NOTES.items()},
        "patternProperties": {"^(?!(source|owner)$)[A-Za-z0-9_-]{1,64}$": entry},
        "additionalProperties": False,
    }
