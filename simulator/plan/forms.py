"""Hold what a quantity of a plan says: its form, its numbers, its unit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simulator.plan.dimensions import Dimension
from simulator.plan.units import Unit

FAMILIES = ("normal", "lognormal", "gamma", "beta", "weibull")


@dataclass(frozen=True)
class Constant:
    """One number."""

    value: float


@dataclass(frozen=True)
class Percentiles:
    """Two or three percentiles, met exactly by the family of the field's support.

    Parameters
    ----------
    points
        Pairs (level, value), both strictly increasing, levels in (0, 1).
    """

    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Pert:
    """A beta distribution with lambda = 4 on [min, max], min <= mode <= max, min < max."""

    min: float
    mode: float
    max: float


@dataclass(frozen=True)
class Uniform:
    """All of [min, max] alike, min < max."""

    min: float
    max: float


@dataclass(frozen=True)
class Moments:
    """A named family by mean and standard deviation; `sd` > 0."""

    family: str
    mean: float
    sd: float


@dataclass(frozen=True)
class Discrete:
    """Some values, strictly increasing, with positive weights that sum to 1."""

    values: tuple[float, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True)
class MeanOf:
    """What a sample says of its mean: a lognormal with this mean, the standard error as its sd, both > 0."""

    mean: float
    standard_error: float


@dataclass(frozen=True)
class Empirical:
    """Linearly interpolated quantiles of a sample: at least two values, ascending, not all the same."""

    values: tuple[float, ...]


@dataclass(frozen=True)
class Mixture:
    """One of several quantities.

    Parameters
    ----------
    members
        Pairs (weight, quantity); positive weights that sum to 1, each quantity with a unit of its own and
        none of them a mixture.
    """

    members: tuple[tuple[float, Quantity], ...]


@dataclass(frozen=True)
class SameAs:
    """The very draw of another quantity.

    Parameters
    ----------
    target
        Dotted name of the other quantity.
    times
        A factor with a draw of its own, named ``….times``; None for 1.
    """

    target: str
    times: Quantity | None = None


Form = Constant | Percentiles | Pert | Uniform | Moments | Discrete | MeanOf | Empirical | Mixture | SameAs


@dataclass(frozen=True)
class Quantity:
    """A number of the plan and how sure anyone is of it.

    Parameters
    ----------
    name
        Dotted name under which it was written; it names the stream.
    dimension
        What it measures.
    support
        ``"positive"``, ``"share"``, ``"rate"`` or ``"points"``.
    form
        Its numbers, in `unit` as written: ``60k`` is 60000, ``2%`` is 0.02.
    unit
        The unit written; of a mixture, that of its first member; of a `SameAs`, empty until `adopt`.
    written
        The quantity as it stands in the plan.
    source, owner
        Where the number comes from and who answers for it.
    files
        The data files that were read for it.
    original
        Of a `SameAs`, the quantity that it names, once `adopt` has been called.
    in_usd
        Whether it is in USD in a plan of another currency, as what the catalogue gives is; its value is then
        `finance.usd_rate` times this.
    """

    name: str
    dimension: Dimension
    support: str
    form: Form
    unit: Unit
    written: str
    source: str | None = None
    owner: str | None = None
    files: tuple[Path, ...] = ()
    original: Quantity | None = None
    in_usd: bool = False

    @property
    def is_constant(self) -> bool:
        """Whether every lifetime has the same value; of a `SameAs`, False until `adopt`."""
        if isinstance(self.form, SameAs):
            times = self.form.times
            known = self.original is not None and self.original.is_constant
            return known and (times is None or times.is_constant)
        return isinstance(self.form, Constant)
