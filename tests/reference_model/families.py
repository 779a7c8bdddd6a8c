"""Turn a quantity of a plan into its distribution in canonical units, by SciPy and closed forms alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import optimize, special, stats


class Distribution(Protocol):
    """What every family here can do; `u` in (0, 1), `z` a standard normal, `x` a canonical value."""

    def from_uniform(self, u): ...

    def from_normal(self, z): ...

    def cumulative(self, x): ...

    def sample(self, generator, size): ...


class _ByUniform:
    """Families whose quantile function is one of `u`."""

    def from_normal(self, z):
        return self.from_uniform(special.ndtr(z))

    def sample(self, generator, size):
        return self.from_uniform(generator.random(size))


@dataclass(frozen=True)
class PointMass(_ByUniform):
    """x = value."""

    value: float

    @property
    def atoms(self) -> tuple[float, ...]:
        return (self.value,)

    def from_uniform(self, u):
        return np.full(np.shape(u), self.value)

    def cumulative(self, x):
        return np.where(np.asarray(x) >= self.value, 1.0, 0.0)


@dataclass(frozen=True)
class SplitNormal:
    """g(x) = median + s z with s = s_low for z < 0 and s_high for z >= 0; g is log, logit, ln(1 + x) or x."""

    support: str
    median: float
    s_low: float
    s_high: float
    atoms = ()

    def from_normal(self, z):
        y = self.median + np.where(np.asarray(z) < 0.0, self.s_low, self.s_high) * z
        return _BACKWARD[self.support](y)

    def from_uniform(self, u):
        return self.from_normal(special.ndtri(u))

    def cumulative(self, x):
        with np.errstate(divide="ignore", invalid="ignore"):
            y = _FORWARD[self.support](np.asarray(x, dtype=float)) - self.median
        y = np.where(np.isnan(y), -np.inf, y)
        return special.ndtr(y / np.where(y < 0.0, self.s_low, self.s_high))

    def sample(self, generator, size):
        return self.from_normal(generator.standard_normal(size))


@dataclass(frozen=True)
class OfScipy:
    """A frozen SciPy distribution."""

    frozen: object
    atoms = ()

    def from_uniform(self, u):
        return self.frozen.ppf(u)

    def from_normal(self, z):
        return self.frozen.ppf(special.ndtr(z))

    def cumulative(self, x):
        return self.frozen.cdf(x)

    def sample(self, generator, size):
        return self.frozen.rvs(size=size, random_state=generator)


@dataclass(frozen=True)
class PointMasses(_ByUniform):
    """Q(u) = the least value whose cumulative weight reaches u."""

    values: np.ndarray
    weights: np.ndarray

    @property
    def atoms(self) -> tuple[float, ...]:
        return tuple(self.values)

    def from_uniform(self, u):
        reached = np.searchsorted(np.cumsum(self.weights), u, side="left")
        return self.values[np.minimum(reached, len(self.values) - 1)]

    def cumulative(self, x):
        total = np.concatenate([[0.0], np.cumsum(self.weights)])
        return total[np.searchsorted(self.values, x, side="right")]


@dataclass(frozen=True)
class Interpolated(_ByUniform):
    """Q(u) = v_k + (h - k) (v_(k+1) - v_k), h = (n - 1) u, k = floor(h): the sample's own quantiles."""

    values: np.ndarray
    atoms = ()

    def from_uniform(self, u):
        return np.interp(u, np.linspace(0.0, 1.0, len(self.values)), self.values)

    def cumulative(self, x):
        # With ties Q is flat, and F(x) = sup {u : Q(u) <= x} is the right end of the flat piece.
        last = len(self.values) - 1
        right = np.searchsorted(self.values, x, side="right") - 1
        k = np.clip(right, 0, last - 1)
        gap = np.where(self.values[k + 1] > self.values[k], self.values[k + 1] - self.values[k], 1.0)
        inside = (k + (x - self.values[k]) / gap) / last
        return np.where(right < 0, 0.0, np.where(right >= last, 1.0, inside))


@dataclass(frozen=True)
class MixtureOf(_ByUniform):
    """F(x) = sum of w_i F_i(x); Q(u) lies between the least and the greatest Q_i(u) and is bisected there."""

    weights: tuple[float, ...]
    members: tuple[Distribution, ...]

    @property
    def atoms(self) -> tuple[float, ...]:
        return tuple(atom for member in self.members for atom in member.atoms)

    def from_uniform(self, u):
        ends = np.stack([member.from_uniform(u) for member in self.members])
        low, high = ends.min(axis=0), ends.max(axis=0)
        for _ in range(120):
            middle = 0.5 * (low + high)
            reached = self.cumulative(middle) >= u
            low, high = np.where(reached, low, middle), np.where(reached, middle, high)
        width = np.ptp(ends, axis=0)
        for atom in self.atoms:
            high = np.where(np.abs(high - atom) <= 1e-14 * np.maximum(abs(atom), width), atom, high)
        return high

    def cumulative(self, x):
        return sum(w * member.cumulative(x) for w, member in zip(self.weights, self.members, strict=True))

    def sample(self, generator, size):
        chosen = generator.choice(len(self.members), size=size, p=self.weights)
        values = np.empty(size)
        for index, member in enumerate(self.members):
            rows = np.flatnonzero(chosen == index)
            values[rows] = member.sample(generator, len(rows))
        return values


@dataclass(frozen=True)
class Compounded:
    """Yearly rate (1 + r)^(12 / per) - 1 of a rate r stated per `per` months."""

    stated: Distribution
    power: float

    @property
    def atoms(self) -> tuple[float, ...]:
        return tuple(compound(atom, self.power) for atom in self.stated.atoms)

    def from_uniform(self, u):
        return compound(self.stated.from_uniform(u), self.power)

    def from_normal(self, z):
        return compound(self.stated.from_normal(z), self.power)

    def cumulative(self, x):
        return self.stated.cumulative(compound(x, 1.0 / self.power))

    def sample(self, generator, size):
        return compound(self.stated.sample(generator, size), self.power)


def compound(rate, power: float):
    """Return (1 + rate)^power - 1."""
    return rate if power == 1.0 else np.expm1(power * np.log1p(rate))


def distribution_of(quantity) -> Distribution:
    """Return the distribution of `quantity` in canonical units; its form is not `SameAs`."""
    form = quantity.form
    if type(form).__name__ == "Mixture":
        weights = np.array([weight for weight, _ in form.members], dtype=float)
        members = tuple(distribution_of(member) for _, member in form.members)
        return MixtureOf(tuple(weights / weights.sum()), members)
    stated = _FAMILIES[type(form).__name__](form, quantity.unit.factor, quantity.support)
    if quantity.support != "rate" or quantity.unit.per == 12:
        return stated
    power = 12.0 / quantity.unit.per
    if isinstance(stated, PointMass):
        return PointMass(float(compound(stated.value, power)))
    return Compounded(stated, power)


def _constant(form, factor, support):
    return PointMass(form.value * factor)


def _percentiles(form, factor, support):
    points = sorted(form.points)
    z = special.ndtri([level for level, _ in points])
    g = _FORWARD[support](np.array([value * factor for _, value in points]))
    if len(points) == 2:
        spread = (g[1] - g[0]) / (z[1] - z[0])
        return SplitNormal(support, g[0] - spread * z[0], spread, spread)
    if not z[0] < 0.0 < z[2]:
        raise ValueError(f"percentiles: levels must lie on both sides of p50, got {points}")
    if z[1] == 0.0:
        median = g[1]
    else:
        first = 0 if z[1] < 0.0 else 1  # two of the three lie on one side and fix its line
        median = g[1] - z[1] * (g[first + 1] - g[first]) / (z[first + 1] - z[first])
    return SplitNormal(support, median, (g[0] - median) / z[0], (g[2] - median) / z[2])


def _pert(form, factor, support):
    low, mode, high = form.min * factor, form.mode * factor, form.max * factor
    a = 1.0 + 4.0 * (mode - low) / (high - low)
    b = 1.0 + 4.0 * (high - mode) / (high - low)
    return OfScipy(stats.beta(a, b, loc=low, scale=high - low))


def _uniform(form, factor, support):
    return OfScipy(stats.uniform(form.min * factor, (form.max - form.min) * factor))


def _lognormal(mean, sd):
    spread = np.sqrt(np.log1p((sd / mean) ** 2))
    return SplitNormal("positive", np.log(mean) - spread**2 / 2.0, spread, spread)


def _moments(form, factor, support):
    mean, sd = form.mean * factor, form.sd * factor
    if sd == 0.0:
        return PointMass(mean)
    if form.family == "normal":
        return SplitNormal("points", mean, sd, sd)
    if form.family == "lognormal":
        return _lognormal(mean, sd)
    if form.family == "gamma":
        return OfScipy(stats.gamma((mean / sd) ** 2, scale=sd**2 / mean))
    if form.family == "beta":
        # It lies in [0, 1] of the unit written.
        common = form.mean * (1.0 - form.mean) / form.sd**2 - 1.0
        return OfScipy(stats.beta(form.mean * common, (1.0 - form.mean) * common, scale=factor))
    if form.family == "weibull":

        def excess(log_shape):
            inverse = np.exp(-log_shape)
            ratio = special.gammaln(1.0 + 2.0 * inverse) - 2.0 * special.gammaln(1.0 + inverse)
            return np.expm1(ratio) - (sd / mean) ** 2

        shape = np.exp(optimize.brentq(excess, np.log(0.02), np.log(1e4), xtol=1e-14, rtol=1e-14))
        return OfScipy(stats.weibull_min(shape, scale=mean / special.gamma(1.0 + 1.0 / shape)))
    raise ValueError(f"family: one of normal, lognormal, gamma, beta, weibull, got {form.family!r}")


def _discrete(form, factor, support):
    order = np.argsort(form.values, kind="stable")
    weights = np.asarray(form.weights, dtype=float)[order]
    return PointMasses(np.asarray(form.values, dtype=float)[order] * factor, weights / weights.sum())


def _mean_of(form, factor, support):
    if form.standard_error == 0.0:
        return PointMass(form.mean * factor)
    return _lognormal(form.mean * factor, form.standard_error * factor)


def _empirical(form, factor, support):
    values = np.asarray(form.values, dtype=float) * factor
    return PointMass(values[0]) if values[0] == values[-1] else Interpolated(values)


_FAMILIES = {
    "Constant": _constant,
    "Percentiles": _percentiles,
    "Pert": _pert,
    "Uniform": _uniform,
    "Moments": _moments,
    "Discrete": _discrete,
    "MeanOf": _mean_of,
    "Empirical": _empirical,
}
_FORWARD = {"positive": np.log, "share": special.logit, "rate": np.log1p, "points": np.asarray}
_BACKWARD = {"positive": np.exp, "share": special.expit, "rate": np.expm1, "points": np.asarray}
