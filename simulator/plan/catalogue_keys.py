"""Read tables that name an entry of the catalogue: models with `catalog`, price processes with `preset`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from simulator.catalogue import (
    Found,
    Price,
    ResolvedPreset,
    ResolvedPrice,
    UnknownModelError,
    known_until,
    lookup,
    near,
    package_version,
    presets,
)
from simulator.plan.dimensions import TOKEN_PRICE
from simulator.plan.errors import listing
from simulator.plan.fields import QuantityField
from simulator.plan.forms import Constant
from simulator.plan.keys import Choice, Key
from simulator.plan.positions import Path, dotted
from simulator.plan.problems import toml
from simulator.plan.quantity import parse_quantity
from simulator.plan.reading import BAD, Priced, Reading, Written, shown
from simulator.plan.tables import Table, is_table, read_keys, require

UNIT = "USD/Mtok"
# Key of the plan -> what it is called in prose, in the order of the format.
PRICES = {
    "input_price": "input",
    "cached_price": "cached input",
    "output_price": "output",
    "training_price": "training",
}
_OF_PROCESSES = ("drift", "volatility", "change_rate", "change")
_REQUIRED = ("input_price", "output_price")
_LONGEST = 200


@dataclass(frozen=True, kw_only=True)
class Catalogued(Key):
    """The id of a catalogue entry, ``"provider:model"``."""

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        allowed = "this field takes 'provider:model', such as 'openai:gpt-4.1-mini'"
        if not isinstance(raw, str):
            reading.fail(path, f"{shown(raw)} is no text, {allowed}")
            return BAD
        provider, _, model = raw.partition(":")
        if not provider.strip() or not model.strip() or len(raw) > _LONGEST or not raw.isprintable():
            reading.fail(path, f"{shown(raw)} is no entry of the catalogue, {allowed}", _meant(raw))
            return BAD
        return raw.strip()

    def form(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^\s*[^\s:][^:]*:\s*\S", "maxLength": _LONGEST}


@dataclass(frozen=True, kw_only=True)
class PricedTable(Table):
    """A model: its prices are written, or come from the catalogue."""

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if not is_table(raw, path, reading):
            return BAD
        values = read_keys(self.model, raw, path, reading)
        catalog = values.get("catalog")
        if isinstance(catalog, str):
            _resolve(catalog, values, path, reading)
        elif catalog is BAD:
            _give_up(values, path, reading)
        require(self.model, values, path, reading)
        return values

    def form(self) -> dict[str, Any]:
        form = super().form()
        required = [name for name in form["required"] if name not in _REQUIRED]
        return form | {
            "required": required,
            "anyOf": [{"required": ["catalog"]}, {"required": list(_REQUIRED)}],
        }


@dataclass(frozen=True, kw_only=True)
class ProcessTable(Table):
    """A price process: a named one, with what is written beside it in place of its own."""

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if isinstance(raw, dict) and isinstance(raw.get("preset"), str) and raw["preset"] in presets():
            preset = presets()[raw["preset"]]
            taken = {key: value for key, value in preset.written().items() if key not in raw}
            keys = tuple((key, toml(preset.keys[key], depth=8)) for key in taken)
            reading.presets.append(ResolvedPreset(str(path[-1]), preset.name, preset.source, keys))
            raw = raw | taken
        elif isinstance(raw, dict) and "preset" in raw:
            # The name is reported; what it would have given is not missing besides.
            reading.unread |= {dotted((*path, key)) for key in _OF_PROCESSES if key not in raw}
        return super().read(raw, path, reading)


@dataclass(frozen=True, kw_only=True)
class PresetName(Key):
    """The name of a price process of the catalogue."""

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        return self._choice.read(raw, path, reading)

    def form(self) -> dict[str, Any]:
        return self._choice.form()

    @property
    def _choice(self) -> Choice:
        return Choice(words=tuple(presets()))


def _resolve(catalog: str, values: dict[str, Any], path: Path, reading: Reading) -> None:
    """Give a model the prices of its catalogue entry that are not written."""
    at = (*path, "catalog")
    try:
        found = lookup(catalog)
    except UnknownModelError as error:
        reading.fail(at, f"{error}", _hint(error))
        _give_up(values, path, reading)
        return
    price = found.entry.price_at(reading.start)
    amounts = _amounts(found, price)
    lacking = [key for key in _REQUIRED if key not in values and amounts[key] is None]
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


def _meant(raw: str) -> str:
    meant = near(raw[:_LONGEST])
    return f"did you mean {listing(meant)}?" if meant else "`simulate prices PATTERN` lists what there is"


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
