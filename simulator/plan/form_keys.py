"""Tell from its keys in which form a table gives a quantity."""

from __future__ import annotations

import re
from collections.abc import Iterable

from simulator.plan.errors import listing, nearest
from simulator.plan.problems import MOST_PROBLEMS, Problem, QuantityError, quoted

NOTES = ("source", "owner")
PERCENTILE = re.compile(r"p([0-9]{1,2}(?:\.[0-9]{1,6})?)")
KEYS = {
    "percentiles": (),
    "range": ("min", "mode", "max"),
    "moments": ("dist", "mean", "sd"),
    "values": ("values", "weights"),
    "data": ("data", "column", "of"),
    "mixture": ("mixture",),
    "same_as": ("same_as", "times"),
    "value": ("value",),
}
WITH_UNIT = ("percentiles", "range", "moments", "values", "data")
FORM_OF = {key: form for form, keys in KEYS.items() for key in keys}
_FORM_WORDS = (
    "value, p5 and p95 (any two or three percentiles), min and max (and mode), dist with mean and sd, "
    "values and weights, data and column, mixture, or same_as"
)


def form_of(raw: dict, extra_keys: Iterable[str] = ()) -> str:
    """Name the form that a table is written in, a key of `KEYS`.

    Parameters
    ----------
    raw
        The table.
    extra_keys
        Keys that the caller reads itself.

    Raises
    ------
    QuantityError
        With every unknown key, a mix of forms, a key that the form does not have, or no form at all.
    """
    found: dict[str, str] = {}
    unknown = []
    for key in raw:
        form = "percentiles" if PERCENTILE.fullmatch(key) else FORM_OF.get(key)
        if form:
            found.setdefault(form, key)
        elif key != "unit" and key not in NOTES and key not in extra_keys:
            unknown.append(key)
    problems = [_unknown_key(key, list(found), extra_keys) for key in unknown[:MOST_PROBLEMS]]
    if len(found) > 1:
        keys = listing([f"'{key}'" for key in found.values()], last="and")
        problems.append(Problem("", f"{keys} belong to different forms of a quantity", "keep one of them"))
    elif not found and not unknown:
        problems.append(Problem("", f"'{quoted(raw)}' gives no number: write {_FORM_WORDS}"))
    elif found:
        form = next(iter(found))
        if "unit" in raw and form not in WITH_UNIT:
            problems.append(_unit_out_of_place(form))
    if problems:
        raise QuantityError(problems)
    return form


def _unknown_key(key: str, forms: list[str], extra_keys: Iterable[str]) -> Problem:
    form = forms[0] if len(forms) == 1 else None
    known = [one for name, keys in KEYS.items() if form in (None, name) for one in keys]
    known = (["p5", "p50", "p95"] if form in (None, "percentiles") else []) + known
    known += ["unit"] if form is None or form in WITH_UNIT else []
    known += [*NOTES, *extra_keys]
    if re.fullmatch(r"[pP][0-9_.]+", key):
        hint = 'percentiles are p1 to p99, or with a fraction in quotes: "p2.5"'
    else:
        near = nearest(key, known)
        hint = f"did you mean {near}?" if near else ""
    return Problem(key, f"unknown key '{quoted(key)}', allowed are {listing(known, last='and')}", hint)


def _unit_out_of_place(form: str) -> Problem:
    hints = {
        "value": 'write the unit into value: value = "40 USD/h"',
        "mixture": 'its members carry their own units: value = "2 to 4 h"',
        "same_as": "its unit is that of the quantity it names",
    }
    return Problem("unit", f"a table with '{form}' has no unit of its own", hints[form])
