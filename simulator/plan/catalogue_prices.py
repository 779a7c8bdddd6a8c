"""Give models the prices of the catalogue; loaded only for plans that name an entry of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from simulator.catalogue.entries import Price
from simulator.catalogue.lookup import Found, UnknownModelError, known_until, lookup, package_version
from simulator.catalogue.resolved import ResolvedPrice
from simulator.plan.dimensions import TOKEN_PRICE
from simulator.plan.errors import listing
from simulator.plan.fields import QuantityField
from simulator.plan.forms import Constant
from simulator.plan.positions import Path, dotted
from simulator.plan.quantity import parse_quantity
from simulator.plan.reading import BAD, Priced, Reading, Written

UNIT = "USD/Mtok"
# Key of the plan -> what it is called in prose, in the order of the format.
PRICES = {
    "input_price": "input",
    "cached_price": "cached input",
    "output_price": "output",
    "training_price": "training",
}
REQUIRED = ("input_price", "output_price")


def take_prices(values: dict[str, Any], path: Path, reading: Reading) -> None:
    """Give a model the prices of its catalogue entry that are not written.

    Parameters
    ----------
    values
        The model's keys as they were read, `catalog` among them; what it takes is added.
    path
        Where the model stands.
    reading
        Gets the prices taken, or what keeps them from being taken.
    """
    catalog = values["catalog"]
    if catalog is BAD:
        _give_up(values, path, reading)
        return
    at = (*path, "catalog")
    try:
        found = lookup(catalog)
    except UnknownModelError as error:
        reading.fail(at, f"{error}", _hint(error))
        _give_up(values, path, reading)
        return
    price = found.entry.price_at(reading.start)
    amounts = _amounts(found, price)
    lacking = [key for key in REQUIRED if key not in values and amounts[key] is None]
    if lacking:
        what = listing([PRICES[key] for key in lacking], last="and")
        reading.fail(
            at,
            f"'{found.entry.id}' has no price of {what} tokens{_instead(found)}",
            _hint_for(found, lacking),
        )
        _give_up(values, path, reading)
        return
    taken = {key: amount for key, amount in amounts.items() if key not in values and amount is not None}
    if taken and reading.currency not in (None, "USD") and not reading.has_usd_rate:
        code = reading.currency
        reading.fail(
            at,
            f"prices of the catalogue are in USD and this plan is in {code}: finance.usd_rate is missing",
            f'add usd_rate to [finance], for example usd_rate = "0.92 {code}/USD"',
        )
        _give_up(values, path, reading)
        return
    resolved = []
    for key, amount in taken.items():
        one = _resolved(path, key, amount, found, price, reading)
        resolved.append(one)
        values[key] = _quantity((*path, key), one, reading)
    reading.priced.append(Priced(str(path[-1]), found, tuple(resolved)))


def _amounts(found: Found, price: Price | None) -> dict[str, float | None]:
    training = found.entry.training
    amounts = (None, None, None) if price is None else (price.input, price.cached, price.output)
    return dict(zip(PRICES, (*amounts, training and training.usd_per_mtok), strict=True))


def _resolved(
    path: Path, key: str, amount: float, found: Found, price: Price | None, reading: Reading
) -> ResolvedPrice:
    entry, training = found.entry, found.entry.training
    if key == "training_price":
        origin, since = "overlay", None
        source = f"{training.source}, {training.as_of}"
        if training.minimum_usd is not None:
            source += f"; a job costs at least {training.minimum_usd:g} USD, which 'minimum' can say"
    else:
        origin, since = price.origin, price.since
        source = price.source if origin == "overlay" else found.price_setter
        source += "" if since is None or origin != "overlay" else f", since {since}"
    if entry.hosting is not None and entry.hosting.usd_per_hour:
        source += f"; hosting costs {entry.hosting.usd_per_hour:.2f} USD/h besides"
    newest = known_until(origin)
    days = [day for day in (reading.start, newest) if day is not None]
    return ResolvedPrice(
        model=str(path[-1]),
        catalog=entry.id,
        field=key,
        value=amount,
        unit=UNIT,
        source=source,
        date=min(days),
        since=since,
        origin=origin,
        version=_version(origin),
    )


def _version(origin: str) -> str:
    newest = known_until(origin)
    return newest.isoformat() if origin == "overlay" else package_version()


def _quantity(path: Path, price: ResolvedPrice, reading: Reading) -> Any:
    name = dotted(path)
    written = f"{price.value!r} {UNIT}"
    source = f"{price.origin} {price.version}, {price.catalog} as of {price.date}: {price.source}"
    field = QuantityField(TOKEN_PRICE)
    parsed = parse_quantity({"value": written, "source": source}, field, name, currency="USD")
    assert isinstance(parsed.form, Constant)
    quantity = replace(parsed, written=written, in_usd=reading.currency not in (None, "USD"))
    reading.quantities[name] = Written(path, quantity, per_occurrence=False)
    return quantity


def _give_up(values: dict[str, Any], path: Path, reading: Reading) -> None:
    """Mark the prices that could not be resolved, which no one needs to report again."""
    for key in PRICES:
        if key not in values:
            values[key] = BAD
            reading.unread.add(dotted((*path, key)))


def _hint(error: UnknownModelError) -> str:
    listed = "`simulate prices PATTERN` lists what there is"
    hint = f"did you mean {listing(error.near)}? {listed}" if error.near else listed
    return hint if package_version() else f"{hint}; genai-prices is not installed, it knows many more"


def _instead(found: Found) -> str:
    """Say what an entry is that has no price of tokens."""
    if found.entry.gpus:
        return f": it is a GPU for rent, {found.entry.gpus[-1].name}"
    if found.entry.note:
        return f": {found.entry.note}"
    return ""


def _hint_for(found: Found, lacking: list[str]) -> str:
    if found.entry.gpus:
        price = found.entry.gpus[-1].usd_per_hour
        return f'serving and training take gpu_price = "{price:g} USD/GPU-h"'
    keys = listing([f'{key} = "…"' for key in lacking], last="and")
    return f"write {keys} beside catalog, or choose another entry"
