"""Resolve `extends`: give a strategy what it does not write itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.plan.drafts import Draft
from simulator.plan.forms import Quantity
from simulator.plan.positions import Path, dotted
from simulator.plan.reading import BAD, Reading

_OWN = ("label", "part", "extends")
# What replaces what: a strategy is served by a model or on GPUs of its own.
_RIVALS = {"model": "serving", "serving": "model"}


def resolve(drafts: dict[str, Draft], reading: Reading) -> tuple[dict[str, dict[str, Any]], set[str]]:
    """Merge every strategy with the ones that it extends.

    Parameters
    ----------
    drafts
        The strategies as they are written.
    reading
        Takes the errors: cycles.

    Returns
    -------
    merged
        Name -> attribute -> value or ``BAD``. A quantity that is taken over is the very object of the base,
        so it keeps the name under which it was written.
    incomplete
        Names of the strategies whose base, or a base of it, cannot be taken over: what they lack is not
        known.
    """
    in_cycle = _cycles(drafts, reading)
    merged: dict[str, dict[str, Any]] = {}
    incomplete: set[str] = set()
    for name in drafts:
        chain = [] if name in merged else [name]
        while chain and (base := _base(drafts, chain[-1], in_cycle)) is not None and base not in merged:
            chain.append(base)
        for one in reversed(chain):
            above = _base(drafts, one, in_cycle)
            own = drafts[one].values
            merged[one] = own if above is None else merge(merged[above], own)
            if above in incomplete or (above is None and drafts[one].values.get("extends") is not None):
                incomplete.add(one)
    return {name: merged[name] for name in drafts}, incomplete


def merge(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Take over from `base` what `own` lacks: key by key in tables, item by item in `costs`."""
    merged = {key: value for key, value in base.items() if key not in _OWN}
    for key in own:
        merged.pop(_RIVALS.get(key, ""), None)
    for key, value in own.items():
        above = merged.get(key)
        if isinstance(above, dict) and isinstance(value, dict):
            # One level is enough: below the tables of a strategy are quantities and, in `costs`, whole items.
            merged[key] = above | value
        elif above is BAD and isinstance(value, dict):
            merged[key] = BAD
        else:
            merged[key] = value
    return merged


def quantities_in(value: Any, path: Path) -> Iterator[tuple[Path, Quantity]]:
    """Yield the quantities below a value with their paths in the strategy that has them.

    Parameters
    ----------
    value
        Values as they were read.
    path
        Where they are held, which is not where they were written if they were taken over.
    """
    if isinstance(value, Quantity):
        yield path, value
    elif isinstance(value, dict):
        is_item = "quantity" in value
        for key, inner in value.items():
            # The amount of an item has the name of the item.
            below = path if is_item and key == "quantity" else (*path, key)
            yield from quantities_in(inner, below)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from quantities_in(inner, (*path, index))


def aliases(merged: dict[str, dict[str, Any]]) -> dict[str, str]:
    """List what was taken over: name that the plan's reader may use -> name under which it was written."""
    names = {}
    for strategy, values in merged.items():
        for path, quantity in quantities_in(values, ("strategies", strategy)):
            name = dotted(path)
            if name != quantity.name:
                names[name] = quantity.name
                names[f"{name}.times"] = f"{quantity.name}.times"
    return names


def _base(drafts: dict[str, Draft], name: str, in_cycle: set[str]) -> str | None:
    """Return the base of a strategy; None where it has none, or none that can be taken over."""
    base = drafts[name].base
    if base is None or name in in_cycle or base not in drafts or drafts[base].kind != "plain":
        return None
    return base


def _cycles(drafts: dict[str, Draft], reading: Reading) -> set[str]:
    """Report each cycle once, where it is written first, and return all that are in one."""
    found: set[str] = set()
    done: set[str] = set()
    for start in drafts:
        chain: dict[str, None] = {}
        name: str | None = start
        while name is not None and name in drafts and name not in done and name not in chain:
            chain[name] = None
            name = drafts[name].base
        if name in chain:
            cycle = list(chain)[list(chain).index(name) :]
            found.update(cycle)
            reading.fail(
                ("strategies", cycle[0], "extends"),
                f"{' extends '.join([*cycle, cycle[0]])}: a cycle, so none of them has anything to take over",
                "leave 'extends' out in one of them",
            )
        done.update(chain)
    return found
