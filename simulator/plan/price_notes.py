"""Say what a reader has to know of catalogue prices: models that end, prices that change, what is not in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from simulator.plan.forms import Quantity
from simulator.plan.reading import Priced, Reading


def warnings(values: dict[str, Any], merged: dict[str, dict[str, Any]], reading: Reading) -> tuple[str, ...]:
    """Write the warnings of a plan, one sentence or two each.

    Parameters
    ----------
    values
        The plan's tables as they were read.
    merged
        Its strategies with what they took over.
    reading
        Holds the models whose prices come from the catalogue.
    """
    start, horizon = values["start"], values["horizon"]
    found = []
    for priced in reading.priced:
        model = values["models"][priced.model]
        served = [one for one in merged.values() if one.get("model") == priced.model]
        found += _unused(priced)
        found += _retired(priced, model, start, horizon)
        found += _too_early(priced, start)
        found += _changes(priced, model, values.get("prices", {}), start, horizon)
        found += _training_ends(priced, served, start, horizon)
        found += _hosting(priced, served)
    return (*found, *_idle_rate(reading))


def _idle_rate(reading: Reading) -> Iterator[str]:
    """Say that an exchange rate converts nothing."""
    if not reading.has_usd_rate:
        return
    if reading.currency == "USD":
        yield "finance.usd_rate changes nothing: the plan's currency is USD."
    elif not any(priced.prices for priced in reading.priced):
        yield "finance.usd_rate changes nothing: no model takes its prices from the catalogue."


def as_of(reading: Reading) -> str:
    """Say of which day the prices are, where the plan starts after all that is known; empty elsewhere."""
    late = [
        price
        for priced in reading.priced
        for price in priced.prices
        if reading.start is not None and price.date < reading.start
    ]
    if not late:
        return ""
    origins = dict.fromkeys((price.origin, price.version, price.date) for price in late)
    named = [_named(origin, version, day) for origin, version, day in origins]
    newest = max(price.date for price in late)
    return (
        f"Catalogue prices as of {newest} ({', '.join(named)}): "
        f"the plan starts later, on {reading.start}, so the newest known prices count."
    )


def _named(origin: str, version: str, day: date) -> str:
    return f"overlay {version}" if origin == "overlay" else f"{origin} {version} of {day}"


def _unused(priced: Priced) -> Iterator[str]:
    if not priced.prices:
        yield (
            f"models.{priced.model}.catalog changes nothing: every price of '{priced.found.entry.id}' is "
            "written beside it."
        )


def _retired(priced: Priced, model: dict[str, Any], start: date, horizon: int) -> Iterator[str]:
    retired = priced.found.entry.retired
    if retired is None:
        return
    name, told = f"models.{priced.model}: {priced.found.entry.id}", f" ({retired.source})"
    month = month_of(retired.on, start)
    planned = model.get("retired_on")
    if retired.on < start:
        yield f"{name} was retired on {retired.on}, before the plan starts on {start}{told}."
    elif month <= horizon and not (isinstance(planned, date) and planned <= retired.on):
        # In month 1 the plan has no retirement: what starts then has the next model already.
        counted = f" retired_on = {retired.on} makes the plan count with it." if month > 1 else ""
        yield f"{name} is retired on {retired.on}, in month {month} of {horizon}{told}.{counted}"


def _too_early(priced: Priced, start: date) -> Iterator[str]:
    since = [price.since for price in priced.prices if price.since is not None]
    if since and min(since) > start:
        yield (
            f"models.{priced.model}: no price of {priced.found.entry.id} is known before {min(since)}; "
            f"the plan starts on {start} and takes that one."
        )


def _changes(
    priced: Priced, model: dict[str, Any], processes: dict[str, Any], start: date, horizon: int
) -> Iterator[str]:
    entry = priced.found.entry
    price = entry.price_at(start)
    following = None if price is None else entry.price_after(price)
    if following is None or following.since is None or following.since <= start:
        return
    month = month_of(following.since, start)
    taken = {one.field for one in priced.prices}
    process = processes.get(model.get("prices"))
    scheduled = process.get("scheduled") if isinstance(process, dict) else None
    if month > horizon or not {"input_price", "output_price"} & taken:
        return
    if any(change["at"] == month for change in scheduled or ()):
        return
    yield (
        f"models.{priced.model}: {entry.id} costs {_pair(price)} USD/Mtok (input and output) and from "
        f"{following.since}, month {month}, {_pair(following)}. The plan keeps the first; a price process with "
        f"scheduled = [{{ at = {max(month, 2)}, change = … }}] can say the change."
    )


def _training_ends(priced: Priced, served: list[dict[str, Any]], start: date, horizon: int) -> Iterator[str]:
    training = priced.found.entry.training
    if training is None or training.ends is None or month_of(training.ends, start) > horizon:
        return
    if not any("training" in one for one in served):
        return
    entry = priced.found.entry.id
    when = "before the plan starts" if training.ends < start else "after that no retraining is possible there"
    yield f"models.{priced.model}: {entry} takes training jobs until {training.ends}, {when}."


def _hosting(priced: Priced, served: list[dict[str, Any]]) -> Iterator[str]:
    hosting = priced.found.entry.hosting
    if hosting is None or not hosting.usd_per_hour or any(_pays_by_the_hour(one) for one in served):
        return
    yield (
        f"models.{priced.model}: {priced.found.entry.id} costs {hosting.usd_per_hour:.2f} USD an hour of hosting "
        f'besides: a cost item such as hosting = "{hosting.usd_per_hour:.2f} USD/h" can say it.'
    )


def _pays_by_the_hour(strategy: dict[str, Any]) -> bool:
    costs = strategy.get("costs")
    items = [item["quantity"] for item in costs.values()] if isinstance(costs, dict) else []
    return any(isinstance(one, Quantity) and one.unit.cadence == "h" for one in items)


def _pair(price: Any) -> str:
    return f"{price.input:g} and {price.output:g}"


def month_of(day: date, start: date) -> int:
    """Give the month of the plan in which a day lies; 1 is the first, 0 and less lie before it."""
    return (day.year - start.year) * 12 + day.month - start.month + 1
