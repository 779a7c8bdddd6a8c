"""Check what the keys of a strategy must obey together, after `extends` is resolved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from simulator.plan.drafts import Draft
from simulator.plan.errors import listing
from simulator.plan.forms import Constant, Quantity
from simulator.plan.positions import Path
from simulator.plan.quantity_keys import REST
from simulator.plan.reading import BAD, Reading
from simulator.plan.rules import one_of
from simulator.plan.strategy import Plain, Serving
from simulator.plan.tables import check_case, keys_of, missing

_BY_PRICE = ("examples", "tokens_per_example", "epochs", "price", "minimum")
_BY_GPU = ("gpu_hours", "gpu_price", "premium", "prices")
_WHEN = ("requests_above", "at", "on")
_TOLERANCE = 1e-12
_NO_ROLE = "hours need a role, which says what an hour costs"

Quantities = dict[str, Quantity]


class Complaint(NamedTuple):
    """One thing that is wrong with a strategy: where below it, what, and what to write instead."""

    path: Path
    message: str
    hint: str = ""


def check(
    drafts: dict[str, Draft],
    merged: dict[str, dict[str, Any]],
    incomplete: set[str],
    models: dict[str, Any],
    resolved: Quantities,
    reading: Reading,
) -> None:
    """Report what is wrong between the keys of each strategy.

    Parameters
    ----------
    drafts
        The strategies as they are written.
    merged
        Their values with what they took over.
    incomplete
        Names of those whose base cannot be taken over, so that what they lack is not known.
    models
        The plan's models as they were read.
    resolved
        Name -> quantity, with every `same_as` resolved.
    reading
        Takes the errors.

    Notes
    -----
    What a strategy has in common with its base is reported once, at the base.
    """
    complaints = {
        name: dict.fromkeys(
            _complaints(draft, merged[name], name not in incomplete, models, resolved, reading)
        )
        for name, draft in drafts.items()
    }
    for name, draft in drafts.items():
        inherited = complaints.get(draft.base or "", {})
        for complaint in complaints[name]:
            if complaint not in inherited:
                reading.fail((*draft.path, *complaint.path), complaint.message, complaint.hint)
        costs = merged[name].get("costs")
        if isinstance(costs, dict):
            check_case(costs, (*draft.path, "costs"), "cost item", reading)


def _complaints(
    draft: Draft,
    values: dict[str, Any],
    complete: bool,
    models: dict[str, Any],
    resolved: Quantities,
    reading: Reading,
) -> Iterator[Complaint]:
    if draft.kind == "unread":
        return
    if draft.kind == "plain":
        if complete:
            yield from _service(values, reading)
            yield from _training(values, models)
            yield from _retrain(values)
    elif draft.kind == "routed":
        yield from _route(values, resolved)
    else:
        yield from _steps(values)
    yield from _items(draft, values, complete, resolved)


def _service(values: dict[str, Any], reading: Reading) -> Iterator[Complaint]:
    wrong = one_of(values, ("model", "serving"))
    if wrong:
        yield Complaint((), wrong, "a model is paid by the token, serving is on GPUs of one's own")
    if "prompt" not in values:
        yield Complaint(("prompt",), *missing("prompt", keys_of(Plain)["prompt"][1], reading))
    serving = values.get("serving")
    if isinstance(serving, dict):
        for name, (attribute, key, required) in keys_of(Serving).items():
            if required and attribute not in serving:
                yield Complaint(("serving", name), *missing(name, key, reading))


def _training(values: dict[str, Any], models: dict[str, Any]) -> Iterator[Complaint]:
    training = values.get("training")
    if not isinstance(training, dict):
        return
    by_price = [key for key in _BY_PRICE if key in training]
    by_gpu = [key for key in _BY_GPU if key in training]
    forms = "examples, tokens_per_example, epochs and price, or gpu_hours and gpu_price"
    if by_price and by_gpu:
        yield Complaint(
            ("training",),
            f"a training is given either by {forms}; "
            f"this one has {listing([*by_price, *by_gpu], last='and')}",
            "keep one of the two",
        )
    elif not by_price and not by_gpu:
        yield Complaint(("training",), f"a training takes {forms}, this one has neither")
    elif by_gpu:
        yield from _lacking(training, ("gpu_hours", "gpu_price"))
    else:
        yield from _lacking(training, ("examples", "tokens_per_example", "epochs"))
        if "price" not in training:
            yield from _training_price(values, models)


def _lacking(training: dict[str, Any], needed: tuple[str, ...]) -> Iterator[Complaint]:
    lacking = [key for key in needed if key not in training]
    if lacking:
        keys = "keys" if len(lacking) > 1 else "key"
        names = listing([f"'{key}'" for key in lacking], last="and")
        verb = "are" if len(lacking) > 1 else "is"
        yield Complaint(("training",), f"the required {keys} {names} {verb} missing")


def _training_price(values: dict[str, Any], models: dict[str, Any]) -> Iterator[Complaint]:
    model = values.get("model")
    path = ("training", "price")
    if "serving" in values and model is None:
        yield Complaint(
            path,
            "the required key 'price' is missing: a strategy with serving has no model to take it from",
            "add price, or give gpu_hours and gpu_price",
        )
    elif isinstance(models.get(model), dict) and "training_price" not in models[model]:
        yield Complaint(
            path,
            f"the required key 'price' is missing: the model '{model}' has no training_price",
            _with_training_price(models[model]) or f"add price here or training_price to [models.{model}]",
        )


def _with_training_price(model: dict[str, Any]) -> str:
    """Name the catalogue's fine-tune of a model, which has the price of its training; empty where none has."""
    catalog = model.get("catalog")
    if not isinstance(catalog, str):
        return ""
    from simulator.catalogue.lookup import UnknownModelError, lookup

    provider, _, name = catalog.partition(":")
    try:
        entry = lookup(f"{provider}:ft:{name}").entry
    except UnknownModelError:
        return ""
    known = entry.training is not None and entry.training.usd_per_mtok is not None
    return f'catalog = "{entry.id}" has one, and the prices of the fine-tune' if known else ""


def _retrain(values: dict[str, Any]) -> Iterator[Complaint]:
    retrain = values.get("retrain")
    if "retrain" in values and "training" not in values:
        yield Complaint(("retrain",), "'retrain' needs a training", "add training = { … }")
    if isinstance(retrain, dict) and not {"every", "on", "when_failures_exceed"} & set(retrain):
        yield Complaint(("retrain",), "one or more of every, on and when_failures_exceed must be given")


def _route(values: dict[str, Any], resolved: Quantities) -> Iterator[Complaint]:
    route = values.get("route")
    if not isinstance(route, dict):
        return
    rests = [part for part, share in route.items() if share is None]
    if len(rests) != 1 and BAD not in route.values():
        has = f"{listing(rests, last='and')} have" if rests else "none has"
        yield Complaint(("route",), f'exactly one part must have "{REST}", {has}', f'write NAME = "{REST}"')
    total = 0.0
    for share in route.values():
        if isinstance(share, Quantity):
            total += constant_value(resolved.get(share.name, share)) or 0.0
    if total > 1 + _TOLERANCE:
        yield Complaint(
            ("route",),
            f"the constant shares sum to {total:.6g}, at most 1 is there to share",
            "lower one of them",
        )


def constant_value(quantity: Quantity) -> float | None:
    """Return the value of a share that is a constant; None of one that is not."""
    if isinstance(quantity.form, Constant):
        return quantity.form.value * quantity.unit.factor
    if not quantity.is_constant or quantity.original is None:
        return None
    times = quantity.form.times
    factor = constant_value(times) if times is not None else 1.0
    return min(1.0, (constant_value(quantity.original) or 0.0) * (factor or 0.0))


def _steps(values: dict[str, Any]) -> Iterator[Complaint]:
    steps = values.get("then")
    if not isinstance(steps, list):
        return
    before = values.get("start_with")
    for index, step in enumerate(steps):
        if not isinstance(step, dict):
            continue
        path = ("then", index)
        target = step.get("migrate_to")
        if isinstance(target, str) and target == before:
            yield Complaint(
                (*path, "migrate_to"),
                f"'{target}' is the strategy before this step already",
                "no two in a row may be the same",
            )
        before = target
        if isinstance(step.get("when"), dict):
            yield from _when(step["when"], (*path, "when"))
        if "hours" in step and "role" not in step:
            yield Complaint((*path, "hours"), _NO_ROLE, 'add role = "…"')
        if "role" in step and "hours" not in step:
            message = "a role without hours costs nothing"
            yield Complaint((*path, "role"), message, "add hours, or leave role out")


def _when(when: dict[str, Any], path: Path) -> Iterator[Complaint]:
    wrong = one_of(when, _WHEN)
    if wrong:
        yield Complaint(path, wrong)
    if "requests_above" not in when:
        for attribute in ("for_", "not_before"):
            if attribute in when:
                name = attribute.rstrip("_")
                yield Complaint(
                    (*path, name), f"'{name}' belongs to requests_above, which is not given", "leave it out"
                )


def _items(draft: Draft, values: dict[str, Any], complete: bool, resolved: Quantities) -> Iterator[Complaint]:
    costs = values.get("costs")
    if not isinstance(costs, dict):
        return
    for name, item in costs.items():
        quantity = item["quantity"]
        if quantity is BAD or quantity.name not in resolved:
            continue
        path = ("costs", name)
        kind, cadence = kind_and_cadence(resolved[quantity.name])
        if kind == "hours" and "role" not in item:
            yield Complaint(path, _NO_ROLE, _with_role(quantity))
        if kind == "money" and "role" in item:
            yield Complaint((*path, "role"), "a role is for hours, this item is money", "leave role out")
        if "on" in item and cadence != "upfront":
            unit = "USD or h" if kind == "money" else "h or USD"
            yield Complaint(
                path,
                f"an item with 'on' is paid at each occurrence, this one is per {cadence}",
                f"its unit must be {unit} alone",
            )
        if cadence == "run" and draft.kind != "plain":
            yield Complaint(
                path,
                f"a {draft.kind} strategy has no training runs of its own to pay /run",
                "move the item to the plain strategy that is trained",
            )
        elif cadence == "run" and complete and "training" not in values:
            yield Complaint(
                path, "an item per run needs a training", "add training = { … } or choose another cadence"
            )


def kind_and_cadence(quantity: Quantity) -> tuple[str, str]:
    """Tell whether a resolved item is ``"money"`` or ``"hours"``, and how often it is paid."""
    kind = "hours" if quantity.dimension.name == "hours_item" else "money"
    return kind, quantity.unit.cadence or "upfront"


def _with_role(quantity: Quantity) -> str:
    written = quantity.written
    if written.startswith("{"):
        return 'add role = "…"'
    return f'write {{ value = "{written}", role = "…" }}'
