"""Read unit prices out of the tables that genai-prices brings along; never from the network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from simulator.catalogue.entries import PACKAGE, Price
from simulator.catalogue.overlay import overlay

_MINUTES = 24 * 60
# What providers append to the name of a model: a day, a build, `latest`, a revision.
_SUFFIX = re.compile(r"[-@](?:\d{4}-\d\d-\d\d|\d{8}|\d{6}|\d{3,4}|latest)(?:-v\d+(?::\d+)?)?$", re.ASCII)


@dataclass(frozen=True)
class Snapshot:
    """The tables of one installed version.

    Parameters
    ----------
    version
        Of the package.
    as_of
        Day of its newest price that was in force when it was made; None where it has no dates.
    providers
        The package's own objects.
    """

    version: str
    as_of: date | None
    providers: tuple[Any, ...]


@cache
def snapshot() -> Snapshot | None:
    """Load the tables that were installed with the package; None where it is not, or cannot be imported.

    Notes
    -----
    The data module itself is read, so that neither its updater nor a snapshot that a program has set plays a
    part.
    """
    try:
        from genai_prices.data import providers
    except Exception:
        # Absent or broken, it costs no more than what it alone knows.
        return None
    from importlib import metadata  # heavier than all the rest of this module

    version = metadata.version(PACKAGE)
    return Snapshot(version, overlay().snapshots.get(version) or _newest(providers), tuple(providers))


def models(provider: str | None = None) -> Iterator[tuple[str, Any]]:
    """Yield (provider, model) of one provider or of all; nothing where the package is not installed."""
    known = snapshot()
    for one in known.providers if known else ():
        if provider is None or one.id == provider:
            for model in one.models:
                yield one.id, model


def find_model(provider: str, name: str) -> tuple[str, Any] | None:
    """Find a model by provider and name.

    Returns
    -------
    tuple or None
        Provider that sets the price, which is another one where the provider named only resells, and the model.

    Notes
    -----
    The package takes any name that begins like a model's; here only a day, a build or `latest` may follow, so
    that a slip of the pen is no other model.
    """
    known = snapshot()
    if known is None:
        return None
    by_id = {one.id: one for one in known.providers}
    own = by_id.get(provider)
    if own is None:
        return None
    for one in (own, *(by_id[other] for other in own.fallback_model_providers or () if other in by_id)):
        model = one.find_model(name)
        if model is not None and _is_named(model, name.lower()):
            return one.id, model
    return None


def prices_of(model: Any) -> tuple[Price, ...]:
    """Give the prices of a model, the oldest first.

    Notes
    -----
    Of prices that depend on the length of the prompt, the base tier; of those that depend on the time of day,
    the one that holds for most of it; of variants for batches and priorities, none.
    """
    if not isinstance(model.prices, list):
        return (_price(model.prices, None),)
    by_hour = [one for one in model.prices if hasattr(one.constraint, "start_time")]
    dated = [one for one in model.prices if not hasattr(one.constraint, "start_time")]
    prices = {_since(one): _price(one.prices, _since(one)) for one in dated}
    if by_hour:
        longest = max(by_hour, key=lambda one: _minutes(one.constraint))
        elsewhere = _MINUTES - sum(_minutes(one.constraint) for one in by_hour)
        if not dated or _minutes(longest.constraint) > elsewhere:
            prices = {None: _price(longest.prices, None)}
    return tuple(prices[since] for since in sorted(prices, key=lambda day: day or date.min))


def _since(conditional: Any) -> date | None:
    return getattr(conditional.constraint, "start_date", None)


def _price(prices: Any, since: date | None) -> Price:
    found = {key: value for key, value in vars(prices).items() if value is not None}
    source = "" if since is None else f"since {since}"
    amounts = [_base(found.get(key)) for key in ("input_mtok", "cache_read_mtok", "output_mtok")]
    return Price(*amounts, since=since, source=source, origin=PACKAGE)


def _base(amount: Any) -> float | None:
    """Give a price as a number [USD/Mtok], of tiers the base."""
    return None if amount is None else float(getattr(amount, "base", amount))


def _minutes(constraint: Any) -> int:
    start, end = constraint.start_time, constraint.end_time
    return ((end.hour - start.hour) * 60 + end.minute - start.minute) % _MINUTES


def _is_named(model: Any, name: str) -> bool:
    whole, beginnings = {model.id.lower()}, set()
    pending = [model.match]
    while pending:
        clause = pending.pop()
        for key in ("or_", "and_"):
            pending += getattr(clause, key, ())
        whole.add(getattr(clause, "equals", model.id).lower())
        beginnings.add(getattr(clause, "starts_with", model.id).lower())
    return name in whole | beginnings or _SUFFIX.sub("", name) in whole | beginnings


def _newest(providers: Any) -> date | None:
    days = [
        since
        for one in providers
        for model in one.models
        for since in (price.since for price in prices_of(model))
        if since is not None
    ]
    return max(days, default=None)
