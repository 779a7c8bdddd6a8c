"""Look models up by name, and list them by pattern: one timeline of prices a model, whoever knows them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase

from simulator.catalogue import package
from simulator.catalogue.entries import OVERLAY, Entry, Price
from simulator.catalogue.overlay import overlay

_GLOB = frozenset("*?[")


class UnknownModelError(LookupError):
    """A name that stands for nothing in the catalogue.

    Parameters
    ----------
    name
        The name.
    near
        Ids that were probably meant, the nearest first.
    """

    def __init__(self, name: str, near: tuple[str, ...]) -> None:
        self.name = name
        self.near = near
        super().__init__(f"the catalogue has no model '{name}'")


@dataclass(frozen=True)
class Found:
    """What the catalogue has under a name.

    Parameters
    ----------
    entry
        With the prices of overlay and package as one timeline.
    price_setter
        Id of the package's model whose prices count; empty where the overlay has them all.
    """

    entry: Entry
    price_setter: str = ""


def lookup(name: str) -> Found:
    """Find what a name stands for.

    Parameters
    ----------
    name
        ``"provider:model"``, letters of either case.

    Raises
    ------
    UnknownModelError
        If neither the overlay nor the package knows it.

    Notes
    -----
    The overlay's prices count; a price of the package counts if it began later than the overlay's last one, or
    where the overlay has none.
    """
    provider, model = split(name)
    own = overlay().by_name.get(f"{provider}:{_bare(model)}".lower())
    theirs = package.find_model(provider, model)
    if own is None and theirs is None:
        raise UnknownModelError(name, near(name))
    entry = own or Entry(f"{provider}:{theirs[1].id if theirs[0] == provider else model}")
    if theirs is None:
        return Found(entry)
    merged = merge(entry, package.prices_of(theirs[1]))
    return Found(merged, f"{theirs[0]}:{theirs[1].id}" if merged.prices != entry.prices else "")


def split(name: str) -> tuple[str, str]:
    """Split a name into provider and model; the provider by the name that it has here."""
    provider, _, model = name.strip().partition(":")
    provider = provider.strip().lower()
    return overlay().providers.get(provider, provider), model.strip()


def _bare(model: str) -> str:
    """Leave out of a fine-tune's name whose it is: ``ft:gpt-4.1-mini:acme::id`` is priced like all of its kind."""
    return ":".join(model.split(":")[:2]) if model.lower().startswith("ft:") else model


def merge(entry: Entry, prices: tuple[Price, ...]) -> Entry:
    """Add to an entry the prices of the package that began after its last one."""
    if entry.gpus:
        return entry
    last = entry.prices[-1] if entry.prices else None
    if last is not None:
        prices = tuple(price for price in prices if price.since is not None and price.since > last.since)
        # The same price, seen a little later by someone else, is no change.
        while prices and _amounts(prices[0]) == _amounts(last):
            prices = prices[1:]
    return replace(entry, prices=entry.prices + prices) if prices else entry


def find(pattern: str = "") -> list[Entry]:
    """List entries of overlay and package.

    Parameters
    ----------
    pattern
        Part of an id, an alias, or the name of a GPU, or a glob of the whole; letters of either case. Empty for
        everything.

    Returns
    -------
    list of Entry
        By id; what both know stands once.
    """
    own = overlay()
    merged = {entry.id: entry for entry in own.entries}
    for provider, model in package.models():
        name = f"{provider}:{model.id}"
        entry = own.by_name.get(name.lower()) or merged.get(name) or Entry(name)
        merged[entry.id] = merge(merged.get(entry.id, entry), package.prices_of(model))
    wanted = [entry for entry in merged.values() if _fits(entry, pattern.strip().lower())]
    # What the overlay knows only the end of may have its price under another name in the package.
    wanted = [entry if entry.prices or entry.gpus else lookup(entry.id).entry for entry in wanted]
    return sorted(wanted, key=lambda entry: (entry.id.partition(":")[0], entry.id.lower()))


def near(name: str, count: int = 3) -> tuple[str, ...]:
    """Name the entries that a name was probably meant to be, the nearest first."""
    from difflib import get_close_matches

    provider, model = split(name)
    if not model:
        provider, model = "", provider
    names = [name for entry in overlay().entries for name in entry.names]
    names += [f"{one}:{model.id}" for one, model in package.models()]
    at_provider: dict[str, str] = {}
    elsewhere: dict[str, str] = {}
    for full in names:
        at, _, bare = full.lower().partition(":")
        (at_provider if at == provider else elsewhere).setdefault(bare, full)
    # Names are at most 80 long; difflib takes the square of their length.
    model = model.lower()[:80]
    close = [at_provider[one] for one in get_close_matches(model, at_provider, n=count, cutoff=0.6)]
    if len(close) < count:
        close += [elsewhere[one] for one in get_close_matches(model, elsewhere, n=count, cutoff=0.75)]
    return tuple(close[:count])


def _amounts(price: Price) -> tuple[float | None, float | None]:
    return price.input, price.output


def _fits(entry: Entry, pattern: str) -> bool:
    texts = [name.lower() for name in (*entry.names, *(gpu.name for gpu in entry.gpus))]
    if _GLOB & set(pattern):
        return any(fnmatchcase(text, pattern) for text in texts)
    return any(pattern in text for text in texts)


def known_until(origin: str) -> date | None:
    """Give the day up to which the overlay or the package knows prices; None where that is not known."""
    if origin == OVERLAY:
        return overlay().as_of
    known = package.snapshot()
    return known.as_of if known else None


def package_version() -> str | None:
    """Give the version of the package; None where it is not installed."""
    known = package.snapshot()
    return known.version if known else None
