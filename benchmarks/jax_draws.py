"""Draw in JAX: distributions as functions of a standard normal, quantities by name."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from scipy import special

from tests.reference_model.draws import PER_OCCURRENCE, correlated_groups, named_quantities
from tests.reference_model.families import Compounded, PointMass, PointMasses, SplitNormal, distribution_of


def settled(values):
    """Compute these once: XLA would otherwise compute them again in every loop that reads them."""
    return jax.lax.optimization_barrier(values)


_BACKWARD = {"positive": jnp.exp, "share": jax.nn.sigmoid, "rate": jnp.expm1, "points": lambda y: y}
_EDGE, _STEPS = 8.0, 4000


def of_normal(distribution) -> Callable:
    """Make the function that turns standard normals into values.

    Notes
    -----
    Families without a closed form become a table of 4,001 quantiles over [-8, 8], read by linear interpolation; a
    table of evenly spaced places needs no search.
    """
    if isinstance(distribution, PointMass):
        return lambda z: jnp.full_like(z, distribution.value)
    if isinstance(distribution, SplitNormal):
        low, high, median = distribution.s_low, distribution.s_high, distribution.median
        backward = _BACKWARD[distribution.support]
        if low == high:
            return lambda z: backward(median + low * z)
        return lambda z: backward(median + jnp.where(z < 0.0, low, high) * z)
    if isinstance(distribution, Compounded):
        stated, power = of_normal(distribution.stated), distribution.power
        return lambda z: jnp.expm1(power * jnp.log1p(stated(z)))
    if isinstance(distribution, PointMasses):
        values, bounds = distribution.values, special.ndtri(np.cumsum(distribution.weights)[:-1])
        return lambda z: sum(
            (step * (z > bound) for step, bound in zip(np.diff(values), bounds, strict=True)), values[0]
        )
    table = np.asarray(distribution.from_uniform(special.ndtr(np.linspace(-_EDGE, _EDGE, _STEPS + 1))))
    starts, slopes = jnp.asarray(table[:-1]), jnp.asarray(np.diff(table))

    def interpolate(z):
        place = jnp.clip((z + _EDGE) * (_STEPS / (2.0 * _EDGE)), 0.0, _STEPS - 1e-6)
        below = place.astype(jnp.int32)
        start = starts.at[below].get(mode="promise_in_bounds")
        return start + slopes.at[below].get(mode="promise_in_bounds") * (place - below)

    return interpolate


class Lifetimes:
    """What is drawn once per lifetime, (lifetime) arrays by name; constants are floats.

    Parameters
    ----------
    plan
        A plan as `simulator.plan` reads it.
    """

    def __init__(self, plan) -> None:
        self._plan = plan
        self.quantities = named_quantities(plan)
        self._functions: dict[str, Callable] = {}
        self._constants: dict[str, float] = {}
        self.names: list[str] = []
        for name, quantity in self.quantities.items():
            if type(quantity.form).__name__ == "SameAs":
                continue
            distribution = distribution_of(quantity)
            self._functions[name] = of_normal(distribution)
            if isinstance(distribution, PointMass):
                self._constants[name] = float(distribution.value)
            elif not PER_OCCURRENCE.fullmatch(name):
                self.names.append(name)
        self._groups = correlated_groups(plan.correlations)

    def draw(self, key, size: int) -> Once:
        """Draw `size` lifetimes."""
        normals = dict(zip(self.names, jax.random.normal(key, (len(self.names), size)), strict=True))
        for names, lower in self._groups:
            mixed = jnp.asarray(lower) @ jnp.stack([normals[name] for name in names])
            normals.update(zip(names, mixed, strict=True))
        drawn = {name: self._functions[name](normals[name]) for name in self.names}
        return Once(self, self._constants | drawn, self._plan.finance.usd_rate)

    def occurrence(self, quantity, z):
        """Give values of what is drawn each time that it happens, of standard normals."""
        return self._functions[quantity.name](z)


class Once:
    """The values of one chunk of lifetimes."""

    def __init__(self, lifetimes: Lifetimes, values: dict, usd_rate) -> None:
        self._lifetimes = lifetimes
        self._values = values
        self._usd_rate = usd_rate
        self._known: dict[str, object] = {}
        for name, quantity in lifetimes.quantities.items():
            if not PER_OCCURRENCE.fullmatch(name):
                self(quantity)
        arrays = {name: value for name, value in self._known.items() if not isinstance(value, float)}
        self._known |= settled(arrays)
        self._derived: dict[str, jax.Array] = {}

    def derive(self, name: str, make: Callable) -> jax.Array:
        """Make something of these values once a chunk; to be called outside the loop over months first."""
        if name not in self._derived:
            self._derived[name] = settled(make())
        return self._derived[name]

    def monthly_growth(self, rate):
        """Give ln(1 + rate) / 12 of a yearly rate."""
        return self.derive(f"{rate.name} ln", lambda: jnp.log1p(self(rate)) / 12.0)

    def monthly_factor(self, rate):
        """Give (1 + rate)^(1/12) of a yearly rate."""
        return self.derive(f"{rate.name} factor", lambda: jnp.exp(jnp.log1p(self(rate)) / 12.0))

    def chance(self, rate):
        """Give the probability that something of a yearly rate happens in a month."""
        return self.derive(f"{rate.name} chance", lambda: -jnp.expm1(-self(rate) / 12.0))

    def __call__(self, quantity, default=0.0):
        """Give the value of `quantity`, a float where it is a constant; `default` if there is none."""
        if quantity is None:
            return default
        if quantity.name not in self._known:
            self._known[quantity.name] = self._value(quantity)
        return self._known[quantity.name]

    def inputs(self) -> list:
        """Give the (lifetime) values of everything that has a draw of its own, in the order of `names`."""
        return [self(self._lifetimes.quantities[name]) for name in self._lifetimes.names]

    def _value(self, quantity):
        form = quantity.form
        if type(form).__name__ == "SameAs":
            value = self(quantity.original)
            if form.times is not None:
                value = value * self(form.times)
            return jnp.minimum(value, 1.0) if quantity.support == "share" else value
        value = self._values[quantity.name]
        return value * self(self._usd_rate) if getattr(quantity, "in_usd", False) else value
