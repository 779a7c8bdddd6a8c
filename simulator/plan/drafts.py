"""Read the strategies as they are written, before `extends` is resolved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.plan.keys import Key, key_kind
from simulator.plan.positions import Path
from simulator.plan.reading import BAD, Reading
from simulator.plan.strategy import KINDS, Plain
from simulator.plan.tables import (
    entries_of,
    is_table,
    keys_of,
    named_form,
    read_keys,
    require,
    table_form,
    takes,
)

# What makes a strategy one of a kind; a strategy with none of these keys is plain.
_MARKS = {"route": "routed", "start_with": "migrating", "then": "migrating"}


@dataclass(frozen=True)
class Draft:
    """A strategy as it is written.

    Parameters
    ----------
    name
        Its name.
    kind
        ``"plain"``, ``"routed"`` or ``"migrating"``.
    values
        Attribute -> value or ``BAD``.
    """

    name: str
    kind: str
    values: dict[str, Any]

    @property
    def path(self) -> Path:
        """Where it stands."""
        return ("strategies", self.name)

    @property
    def base(self) -> str | None:
        """The name of the strategy that it extends."""
        base = self.values.get("extends")
        return base if isinstance(base, str) else None

    @property
    def is_part(self) -> bool:
        """Whether it takes no part in comparisons."""
        return self.values.get("part") is True


@key_kind
class Strategies(Key):
    """[strategies]: a name each, one of three kinds of tables."""

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if not is_table(raw, path, reading):
            return BAD
        drafts = {}
        for name, value in entries_of(raw, path, "strategy", reading).items():
            if is_table(value, (*path, name), reading):
                drafts[name] = _draft(name, value, (*path, name), reading)
            else:
                drafts[name] = Draft(name, "unread", {})
        return drafts

    def form(self) -> dict[str, Any]:
        forms = {kind: table_form(model) for kind, model in KINDS.items()}
        plain = forms["plain"] | {"required": []}
        plain["anyOf"] = [{"required": ["extends"]}, {"required": ["prompt"]}]
        plain["not"] = {"required": ["model", "serving"]}
        return named_form({"anyOf": [plain, forms["routed"], forms["migrating"]]})


def _draft(name: str, raw: dict[str, Any], path: Path, reading: Reading) -> Draft:
    mark = next((key for key in raw if key in _MARKS), None)
    kind = _MARKS[mark] if mark else "plain"
    model = KINDS[kind]
    known = {}
    for key, value in raw.items():
        owners = [other for other, one in KINDS.items() if key in keys_of(one)]
        if owners and kind not in owners:
            because = f"it has '{mark}'" if mark else "it has neither 'route' nor 'start_with'"
            reading.fail(
                (*path, key),
                f"'{key}' is a key of {owners[0]} strategies, this one is {kind}: {because}",
                takes(model, path),
                at_key=True,
            )
        else:
            known[key] = value
    values = read_keys(model, known, path, reading)
    if model is not Plain:
        require(model, values, path, reading)
    return Draft(name, kind, values)
