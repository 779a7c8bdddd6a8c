"""Hold what the catalogue knows of one model, one fine-tune, one training service or one rented GPU."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

OVERLAY = "overlay"
PACKAGE = "genai-prices"


@dataclass(frozen=True)
class Price:
    """What tokens cost from a day on.

    Parameters
    ----------
    input, cached, output
        Price of a token of each kind [USD/Mtok]; None where it is not sold or not known.
    since
        First day; None where it is not known.
    source
        Where it was read; empty for what the package says without a note.
    origin
        ``"overlay"`` or ``"genai-prices"``.
    """

    input: float | None
    cached: float | None
    output: float | None
    since: date | None
    source: str
    origin: str


@dataclass(frozen=True)
class Training:
    """What a training run costs.

    Parameters
    ----------
    usd_per_mtok
        [USD/Mtok] of training tokens; None where it is not known or not paid by the token.
    usd_per_hour
        [USD/h] where it is paid by the hour.
    minimum_usd
        What a job costs at least [USD].
    ends
        Last day on which a job is taken.
    as_of, source
        When and where it was read.
    """

    usd_per_mtok: float | None
    usd_per_hour: float | None
    minimum_usd: float | None
    ends: date | None
    as_of: str
    source: str


@dataclass(frozen=True)
class Hosting:
    """What it costs to keep a fine-tune callable [USD/h], and when and where that was read."""

    usd_per_hour: float
    as_of: str
    source: str


@dataclass(frozen=True)
class Gpu:
    """What a rented GPU costs [USD/GPU-h], and when and where that was read."""

    name: str
    memory_gb: int | None
    usd_per_hour: float
    as_of: str
    source: str


@dataclass(frozen=True)
class Retirement:
    """The day on which a model is shut down, and where that was read."""

    on: date
    source: str


@dataclass(frozen=True)
class Entry:
    """One row of the catalogue.

    Parameters
    ----------
    id
        ``"provider:name"``.
    aliases
        Other ids of the same thing.
    note
        What there is to know besides; may be empty.
    prices
        Prices of tokens, the oldest first; one without a first day comes before all others.
    gpus
        Prices of a rented GPU, the oldest first.
    """

    id: str
    aliases: tuple[str, ...] = ()
    note: str = ""
    prices: tuple[Price, ...] = ()
    training: Training | None = None
    hosting: Hosting | None = None
    gpus: tuple[Gpu, ...] = ()
    retired: Retirement | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Id and aliases."""
        return (self.id, *self.aliases)

    def price_at(self, day: date | None) -> Price | None:
        """Give the price in force on a day; the first known one before that, the newest one for None."""
        if not self.prices:
            return None
        if day is None:
            return self.prices[-1]
        in_force = [price for price in self.prices if price.since is None or price.since <= day]
        return in_force[-1] if in_force else self.prices[0]

    def price_after(self, price: Price) -> Price | None:
        """Give the price that follows one of this entry's."""
        following = self.prices[self.prices.index(price) + 1 :]
        return following[0] if following else None
