"""Give every quantity and process of a plan its draws, lifetime by lifetime, by address."""

from __future__ import annotations

import re

import numpy as np
from numba import njit, types
from scipy import special

from distributions import streams
from distributions.elementary import normal_ppf_fast
from tests.reference_model.families import PointMass, distribution_of

# What is drawn each time that it happens has no draw of a lifetime.
PER_OCCURRENCE = re.compile(
    r"events\.[^.]+\.(every|demand)|models\.[^.]+\.retired_after|prices\.[^.]+\.change"
    r"|strategies\.[^.]+\.retrain\.every"
)


def named_quantities(node) -> dict[str, object]:
    """Return every quantity of a plan under the name that it was written with, in file order."""
    found: dict[str, object] = {}
    _collect(node, found)
    return found


def _collect(node, found) -> None:
    if hasattr(node, "form") and hasattr(node, "support"):
        found.setdefault(node.name, node)
        times = getattr(node.form, "times", None)
        if times is not None:
            found.setdefault(times.name, times)
    elif isinstance(node, dict):
        for child in node.values():
            _collect(child, found)
    elif isinstance(node, (tuple, list)):
        for child in node:
            _collect(child, found)
    elif hasattr(type(node), "model_fields"):
        for field in type(node).model_fields:
            _collect(getattr(node, field), found)
    elif type(node).__name__ == "SimpleNamespace":
        _collect(vars(node), found)


class Draws:
    """What does not depend on where uniforms come from: constants, `same_as`, one draw a name.

    A subclass provides `variates`, `monthly_normals`, `monthly_happens`, `occurrence` and `intervals`.
    """

    def __init__(self, plan, size: int, distributions: dict[str, object] | None = None):
        self.plan = plan
        self.size = size
        self.horizon = plan.horizon
        self.quantities = named_quantities(plan)
        self._known: dict[str, object] = {}
        self._distributions: dict[str, object] = {} if distributions is None else distributions

    def once(self, quantity):
        """Return a lifetime's value of `quantity`: a float where it is a constant, else (lifetime)."""
        if quantity.name not in self._known:
            self._known[quantity.name] = self._value(quantity)
        return self._known[quantity.name]

    def distribution(self, quantity):
        """Return the distribution of `quantity`, made once a name."""
        if quantity.name not in self._distributions:
            self._distributions[quantity.name] = distribution_of(quantity)
        return self._distributions[quantity.name]

    def inputs(self) -> dict[str, np.ndarray]:
        """Return the values of everything that has a draw of its own once per lifetime, by name."""
        values = {
            name: self.once(quantity)
            for name, quantity in self.quantities.items()
            if not PER_OCCURRENCE.fullmatch(name) and type(quantity.form).__name__ != "SameAs"
        }
        return {name: value for name, value in values.items() if np.ndim(value) == 1}

    def _value(self, quantity):
        form = quantity.form
        if type(form).__name__ == "SameAs":
            value = self.once(quantity.original)
            if form.times is not None:
                value = value * self.once(form.times)
            return np.minimum(value, 1.0) if quantity.support == "share" else value
        distribution = self.distribution(quantity)
        value = distribution.value if isinstance(distribution, PointMass) else self.variates(quantity)
        if getattr(quantity, "in_usd", False):
            value = value * self.once(self.plan.finance.usd_rate)
        return value


class AddressedDraws(Draws):
    """Uniforms of `distributions.streams`, so that a lifetime's draws are those of the simulator.

    Parameters
    ----------
    plan
        A plan as `simulator.plan` reads it.
    lifetimes
        (lifetime) numbers of the lifetimes, int64.
    seed
        64-bit seed.
    """

    def __init__(self, plan, lifetimes: np.ndarray, seed: int):
        super().__init__(plan, len(lifetimes))
        self.lifetimes = np.asarray(lifetimes, dtype=np.int64)
        self.seed = seed
        self._correlated = self._correlated_normals()
        self._tables: dict[str, np.ndarray] = {}

    def variates(self, quantity) -> np.ndarray:
        """Return (lifetime) values of a quantity that is no constant."""
        distribution = self.distribution(quantity)
        if quantity.name in self._correlated:
            return distribution.from_normal(self._correlated[quantity.name])
        return distribution.from_uniform(self._uniforms(quantity.name))

    def monthly_normals(self, stream: str) -> np.ndarray:
        """Return (month, lifetime) standard normals eps, of single precision."""
        words = self._monthly(stream, np.arange(1, self.horizon + 1))
        return _fast_normals(np.ascontiguousarray(words.T)).astype(np.float64)

    def monthly_happens(self, stream: str, probability) -> np.ndarray:
        """Return (month, lifetime) whether u < probability, a float or (lifetime)."""
        uniforms = self._monthly(stream, np.arange(1, self.horizon + 1)).T
        return uniforms < probability

    def occurrence(self, quantity, rows: np.ndarray, slots: np.ndarray) -> np.ndarray:
        """Return the values of `quantity` for the lifetimes at `rows` in their `slots`, one each."""
        distribution = self.distribution(quantity)
        if isinstance(distribution, PointMass):
            return np.full(len(rows), distribution.value)
        table = self._table(quantity.name, int(slots.max(initial=0)) + 1)
        return distribution.from_uniform(table[rows, slots])

    intervals = occurrence

    def _table(self, name: str, slots: int) -> np.ndarray:
        known = self._tables.get(name)
        if known is None or known.shape[1] < slots:
            self._tables[name] = known = self._monthly(name, np.arange(max(slots, self.horizon + 1)))
        return known

    def _monthly(self, name: str, slots: np.ndarray) -> np.ndarray:
        return streams.monthly_uniforms(self.seed, streams.stream_id(name), self.lifetimes, slots)

    def _uniforms(self, name: str) -> np.ndarray:
        return streams.uniforms(self.seed, streams.stream_id(name), self.lifetimes)

    def _correlated_normals(self) -> dict[str, np.ndarray]:
        """Return z = L e of every quantity that a correlation names."""
        normals = {}
        for names, lower in correlated_groups(self.plan.correlations):
            e = np.stack([special.ndtri(self._uniforms(name)) for name in names])
            normals.update(zip(names, lower @ e, strict=True))
        return normals


def correlated_groups(correlations) -> list[tuple[list[str], np.ndarray]]:
    """Return, for each connected set of named pairs, its names in order and the lower Cholesky factor.

    The matrix holds the normal correlation 2 sin(pi rho / 6) of every named pair and 0 for the others.
    """
    pairs = {(pair.first, pair.second): 2.0 * np.sin(np.pi * pair.spearman / 6.0) for pair in correlations}
    groups: list[set[str]] = []
    for pair in pairs:
        touched = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if group not in touched] + [set(pair).union(*touched)]
    factored = []
    for group in groups:
        names = sorted(group)
        matrix = np.eye(len(names))
        for (first, second), value in pairs.items():
            if first in group:
                i, j = names.index(first), names.index(second)
                matrix[i, j] = matrix[j, i] = value
        factored.append((names, np.linalg.cholesky(matrix)))
    return factored


@njit(types.float32[:, ::1](types.float64[:, ::1]))
def _fast_normals(uniforms):
    normals = np.empty(uniforms.shape, np.float32)
    for i in range(uniforms.shape[0]):
        for j in range(uniforms.shape[1]):
            normals[i, j] = np.float32(normal_ppf_fast(uniforms[i, j]))
    return normals
