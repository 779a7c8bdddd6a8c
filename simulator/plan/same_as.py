"""Resolve `same_as`: find the quantity whose draw another one shares."""

from __future__ import annotations

from simulator.plan.forms import Constant, Quantity, SameAs
from simulator.plan.positions import Path, dotted
from simulator.plan.quantity import QuantityError, adopt
from simulator.plan.reading import Reading

# Each link is an object inside an object, which can be nested only so deep.
LONGEST_CHAIN = 50


def resolve(reading: Reading, aliases: dict[str, str]) -> dict[str, Quantity]:
    """Give every `same_as` the quantity that it names.

    Parameters
    ----------
    reading
        Holds the quantities and takes the errors.
    aliases
        Names of what was taken over -> names under which it was written.

    Returns
    -------
    dict
        Name -> quantity, of every quantity that could be resolved.
    """
    resolved: dict[str, Quantity] = {}
    depths: dict[str, int] = {}
    failed: set[str] = set(reading.unread)
    for name in reading.quantities:
        # A chain is followed to its end and resolved backwards, so its length costs no recursion.
        chain: dict[str, None] = {}
        current: str | None = name
        while current is not None and current not in resolved and current not in failed:
            if current in chain:
                _report_cycle(list(chain)[list(chain).index(current) :], reading)
                failed.update(chain)
                break
            chain[current] = None
            current = _next(current, reading, aliases, failed)
        for one in reversed(chain):
            if one not in failed:
                _adopt(one, reading, aliases, resolved, failed)
                if one not in resolved:
                    continue
                depths[one] = depths.get(_target(one, reading, aliases) or "", 0) + 1
                if depths[one] > LONGEST_CHAIN:
                    resolved.pop(one, None)
                    failed.add(one)
                    message = f"a chain of more than {LONGEST_CHAIN} quantities, each the same as the next"
                    _fail(one, reading, message, "name the quantity at its end")
    for path, target in reading.dangling:
        written_as = aliases.get(target, target)
        if written_as not in reading.quantities and written_as not in reading.unread:
            _report_missing((*path, "same_as"), target, reading, aliases)
    return resolved


def _target(name: str, reading: Reading, aliases: dict[str, str]) -> str | None:
    """Return the name under which the target of a quantity was written; None of one with its own draw."""
    form = reading.quantities[name].quantity.form
    return aliases.get(form.target, form.target) if isinstance(form, SameAs) else None


def _next(name: str, reading: Reading, aliases: dict[str, str], failed: set[str]) -> str | None:
    target = _target(name, reading, aliases)
    if target is None or target in failed:
        return target
    written = reading.quantities.get(target)
    if written is None:
        _report_missing((*reading.quantities[name].path, "same_as"), target, reading, aliases)
    elif written.per_occurrence:
        _fail(
            name,
            reading,
            f"'{target}' is drawn anew at each occurrence, so it has no one draw to share",
            "name a quantity that is drawn once per lifetime",
        )
    else:
        return target
    failed.add(name)
    return None


def _adopt(
    name: str, reading: Reading, aliases: dict[str, str], resolved: dict[str, Quantity], failed: set[str]
) -> None:
    quantity = reading.quantities[name].quantity
    target = _target(name, reading, aliases)
    if target is None:
        resolved[name] = quantity
    elif target not in resolved:
        # Its target is in error itself, which was reported there.
        failed.add(name)
    else:
        try:
            resolved[name] = adopt(quantity, resolved[target])
        except QuantityError as error:
            failed.add(name)
            for problem in error.problems:
                _fail(name, reading, problem.message, problem.hint)
            return
        if not reading.quantities[name].zero and _is_zero(resolved[name]):
            _fail(name, reading, f"the same as '{target}' is 0 here, this field must be above 0", "")


def _is_zero(quantity: Quantity) -> bool:
    """Tell whether a quantity is the constant 0, or the same as one, or 0 times another."""
    if isinstance(quantity.form, Constant):
        return quantity.form.value == 0
    if not isinstance(quantity.form, SameAs) or quantity.original is None:
        return False
    times = quantity.form.times
    return _is_zero(quantity.original) or (times is not None and _is_zero(times))


def _report_missing(path: Path, target: str, reading: Reading, aliases: dict[str, str]) -> None:
    own = dotted(path[:-1])
    meant = reading.near(target, [one for one in (*reading.quantities, *aliases) if one != own])
    reading.fail(
        path,
        f"no quantity '{target[:100]}' is written in this plan: a default has no draw to share",
        f"did you mean {meant}?" if meant else "name a quantity by its dotted key, such as demand.growth",
    )


def _report_cycle(cycle: list[str], reading: Reading) -> None:
    first = min(cycle, key=list(reading.quantities).index)
    at = cycle.index(first)
    ring = [*cycle[at:], *cycle[:at], first]
    _fail(
        first,
        reading,
        f"{' is the same as '.join(ring)}: a cycle, so none of them has a value",
        "give one of them a value of its own",
    )


def _fail(name: str, reading: Reading, message: str, hint: str) -> None:
    path = reading.quantities[name].path
    reading.fail((*path, "same_as"), message, hint)
