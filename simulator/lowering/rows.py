"""Give every per-lifetime value a row of the kernel's value array, and write down how it is computed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distributions.streams import stream_id
from distributions.variate import Variate
from simulator.errors import USAGE, SimulatorError
from simulator.kernel import layout as k
from simulator.lowering.quantities import variate
from simulator.plan.dimensions import in_currency
from simulator.plan.forms import Quantity, SameAs

PARAMETERS = 6


@dataclass(frozen=True)
class Symbol:
    """A value that differs between lifetimes: an input or what a derivation step makes."""

    kind: str
    number: int


Value = float | Symbol
"""A number known when the plan is lowered, or the symbol of one that is not."""


@dataclass(frozen=True)
class InputInfo:
    """An uncertain quantity that is drawn once per lifetime."""

    name: str
    unit: str


class SharedStreamError(SimulatorError, ValueError):
    """Two names of a plan share one random stream."""

    exit_code = USAGE


class Rows:
    """Collect inputs, occurrences, constants and derivation steps while a plan is lowered.

    Parameters
    ----------
    currency
        ISO code, for the units of the inputs.
    usd_rate
        Plan currency per USD; None where no quantity is in USD unless the plan is.

    Notes
    -----
    Arithmetic on known numbers is done here; what depends on an input becomes a step for the kernel. Equal steps
    are one step.
    """

    def __init__(self, currency: str, usd_rate: Quantity | None = None) -> None:
        self.currency = currency
        self._usd_rate = usd_rate
        self.inputs: list[InputInfo] = []
        self._variates: list[tuple[str, Variate]] = []
        self._drawn: dict[str, Value] = {}
        self._occurrences: list[tuple[str, Variate]] = []
        self._occurring: dict[str, int] = {}
        self._constants: dict[float, int] = {}
        self._steps: dict[tuple[int, Value, Value], Symbol] = {}
        self._noises: dict[str, int] = {}
        self._chances: dict[str, int] = {}
        self._streams: dict[int, str] = {}

    # --- draws

    def value(self, quantity: Quantity | None, default: float = 0.0) -> Value:
        """Give the value of a quantity that is drawn once per lifetime, in canonical units."""
        if quantity is None:
            return default
        if isinstance(quantity.form, SameAs):
            target = self.value(quantity.original)
            if quantity.form.times is None:
                return target
            factor = self.value(quantity.form.times)
            operation = k.CAPPED_PRODUCT if quantity.support == "share" else k.PRODUCT
            return self._step(operation, target, factor)
        if quantity.name not in self._drawn:
            drawn = self._draw(quantity)
            rate = self.value(self._usd_rate, 1.0) if quantity.in_usd else 1.0
            self._drawn[quantity.name] = self.product(drawn, rate)
        return self._drawn[quantity.name]

    def _draw(self, quantity: Quantity) -> Value:
        distribution = variate(quantity)
        if distribution.family == "constant":
            return float(distribution.parameters[0])
        self.stream(quantity.name)
        self._variates.append((quantity.name, distribution))
        self.inputs.append(InputInfo(quantity.name, in_currency(quantity.dimension.canonical, self.currency)))
        return Symbol("input", len(self.inputs) - 1)

    def occurrence(self, quantity: Quantity | None) -> int:
        """Give the provisional number of a quantity that is drawn anew at each occurrence."""
        if quantity is None:
            return k.NONE
        if quantity.name not in self._occurring:
            self.stream(quantity.name)
            self._occurring[quantity.name] = len(self._occurrences)
            self._occurrences.append((quantity.name, variate(quantity)))
        return _OCCURRENCE_BASE + self._occurring[quantity.name]

    def noise(self, name: str) -> int:
        """Give the number of a process that takes a normal a month."""
        self.stream(name)
        return self._noises.setdefault(name, len(self._noises))

    def chance(self, name: str) -> int:
        """Give the number of a process that takes a uniform a month."""
        self.stream(name)
        return self._chances.setdefault(name, len(self._chances))

    def stream(self, name: str) -> int:
        """Give the stream of a dotted name.

        Raises
        ------
        SharedStreamError
            If another name of the plan has the same stream: one of the two has to be renamed.
        """
        number = stream_id(name)
        if self._streams.setdefault(number, name) != name:
            raise SharedStreamError(
                f"'{name}' and '{self._streams[number]}' share one random stream: rename one of them"
            )
        return number

    # --- arithmetic

    def product(self, *factors: Value) -> Value:
        """Multiply values."""
        result: Value = 1.0
        for factor in factors:
            if factor == 0.0 or result == 0.0:
                return 0.0
            if result == 1.0:
                result = factor
            elif factor != 1.0:
                result = self._step(k.PRODUCT, result, factor)
        return result

    def sum(self, *terms: Value) -> Value:
        """Add values."""
        result: Value = 0.0
        for term in terms:
            if result == 0.0:
                result = term
            elif term != 0.0:
                result = self._step(k.SUM, result, term)
        return result

    def reciprocal(self, value: Value) -> Value:
        """Divide 1 by a value."""
        return self._step(k.RECIPROCAL, value, 0.0)

    def complement(self, value: Value) -> Value:
        """Subtract a value from 1."""
        return self.sum(1.0, self.product(-1.0, value))

    def logarithm(self, value: Value) -> Value:
        """Take the natural logarithm."""
        return self._step(k.LOGARITHM, value, 0.0)

    def monthly_log(self, rate: Value) -> Value:
        """Give ln(1 + rate) / 12 of a yearly compound rate."""
        return 0.0 if rate == 0.0 else self._step(k.MONTHLY_LOG, rate, 0.0)

    def monthly_factor(self, rate: Value) -> Value:
        """Give (1 + rate)^(1/12) of a yearly compound rate."""
        return 1.0 if rate == 0.0 else self._step(k.MONTHLY_FACTOR, rate, 0.0)

    def monthly_chance(self, rate: Value) -> Value:
        """Give 1 - exp(-rate / 12), the chance of a month of what occurs `rate` times a year."""
        return 0.0 if rate == 0.0 else self._step(k.CHANCE, rate, 0.0)

    def share_scale(self, total: Value) -> Value:
        """Give the factor that brings shares which pass 1 together back to 1."""
        return self._step(k.SHARE_SCALE, total, 0.0)

    def rest(self, total: Value) -> Value:
        """Give what shares of that total leave over."""
        return self._step(k.REST, total, 0.0)

    def _step(self, operation: int, left: Value, right: Value) -> Value:
        if isinstance(left, float) and isinstance(right, float) and operation in _FOLDED:
            return _FOLDED[operation](left, right)
        key = (operation, left, right)
        if key not in self._steps:
            self._steps[key] = Symbol("derived", len(self._steps))
        return self._steps[key]

    # --- what the kernel gets

    def row(self, value: Value) -> int:
        """Give the provisional row of a value: where it ends up is known when all are counted, see `resolve`."""
        if isinstance(value, Symbol):
            return value.number if value.kind == "input" else -2 - value.number
        number = self._constants.setdefault(value, len(self._constants))
        return _CONSTANT_BASE + number

    def resolve(self, table: np.ndarray) -> np.ndarray:
        """Turn provisional numbers in a table into rows of the value array and numbers of variates."""
        rows = np.asarray(table, dtype=np.int64).copy()
        occurrence = rows >= _OCCURRENCE_BASE
        constant = (rows >= _CONSTANT_BASE) & ~occurrence
        derived = rows <= -2
        rows[occurrence] += len(self.inputs) - _OCCURRENCE_BASE
        rows[constant] += len(self.inputs) - _CONSTANT_BASE
        rows[derived] = len(self.inputs) + len(self._constants) - 2 - rows[derived]
        return rows

    def derivation(self) -> np.ndarray:
        """Give the steps of the derivation, with provisional rows."""
        table = [
            (operation, self.row(symbol), self.row(left), self.row(right))
            for (operation, left, right), symbol in self._steps.items()
        ]
        return np.array(table, dtype=np.int64).reshape(-1, 4)

    @property
    def constants(self) -> np.ndarray:
        """Values of the constant rows."""
        return np.array(list(self._constants), dtype=np.float64)

    @property
    def size(self) -> int:
        """Number of rows in all."""
        return len(self.inputs) + len(self._constants) + len(self._steps)

    def variates(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give the variates, their parameters and their tables: inputs first, then occurrences."""
        every = self._variates + self._occurrences
        index = np.zeros((len(every), 4), dtype=np.int64)
        parameters = np.zeros((len(every), PARAMETERS))
        tables: list[np.ndarray] = []
        length = 0
        for number, (name, distribution) in enumerate(every):
            table = np.empty(0) if distribution.table is None else distribution.table
            index[number] = (stream_id(name), distribution.code, length, table.size)
            parameters[number, : len(distribution.parameters)] = distribution.parameters
            tables.append(table)
            length += table.size
        return index, parameters, np.concatenate([*tables, np.zeros(1)])

    @property
    def relative_spreads(self) -> np.ndarray:
        """Distance of P5 and P95 over the sum of their sizes, (input) in [0, 1], the same bits on every machine."""
        ends = np.array([distribution.ppf([0.05, 0.95]) for _, distribution in self._variates]).reshape(-1, 2)
        sizes = np.abs(ends).sum(axis=1)
        return np.divide(ends[:, 1] - ends[:, 0], sizes, out=np.zeros(len(ends)), where=sizes > 0.0)

    @property
    def noise_names(self) -> tuple[str, ...]:
        """Streams of the processes that take a normal a month, by name."""
        return tuple(self._noises)

    @property
    def noises(self) -> np.ndarray:
        """Streams of the processes that take a normal a month."""
        return np.array([stream_id(name) for name in self._noises], dtype=np.int64)

    @property
    def chances(self) -> np.ndarray:
        """Streams of the processes that take a uniform a month."""
        return np.array([stream_id(name) for name in self._chances], dtype=np.int64)


# Provisional numbers: far above every count and every 32-bit stream that stands in the same table.
_CONSTANT_BASE = 1 << 40
_OCCURRENCE_BASE = 1 << 50
# exp and log are left to the kernel, whose own ones give the same bits on every machine
_FOLDED = {
    k.PRODUCT: lambda left, right: left * right,
    k.SUM: lambda left, right: left + right,
    k.CAPPED_PRODUCT: lambda left, right: min(left * right, 1.0),
    k.RECIPROCAL: lambda left, right: 1.0 / left,
    k.SHARE_SCALE: lambda left, right: 1.0 / max(left, 1.0),
    k.REST: lambda left, right: max(1.0 - left, 0.0),
}
