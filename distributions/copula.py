"""Couple quantities by rank: Spearman correlations to the Cholesky factors of a Gaussian copula."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from distributions.domain import Interval

__all__ = [
    "Component",
    "NotPositiveDefiniteError",
    "components",
    "nearest_correlations",
    "normal_correlation",
]

_CORRELATION = Interval(-1.0, 1.0)
_LEAST_PIVOT = 1e-10
_SIXTH_PI = 0.5235987755982988730771  # pi / 6
# Taylor coefficients of sin(x) / x in x^2: below pi / 6 the next term is 1e-19.
_SINE = (1.0, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880, -1 / 39916800, 1 / 6227020800, -1 / 1307674368000)


class NotPositiveDefiniteError(ValueError):
    """Say that no quantities can have these correlations, and which nearest ones they can have.

    Attributes
    ----------
    names
        The quantities, ascending.
    nearest
        (name, name) [1] Spearman correlations, three decimals.
    """

    def __init__(self, names: tuple[str, ...], nearest: NDArray[np.float64]) -> None:
        self.names = names
        self.nearest = nearest
        pairs = [
            f"{first} and {second}: {nearest[i, j]:.3f}"
            for i, first in enumerate(names)
            for j, second in enumerate(names)
            if i < j
        ]
        super().__init__(
            f"the correlations of {', '.join(names)} contradict one another (no positive definite matrix "
            f"holds them); the nearest that do not are {'; '.join(pairs)}"
        )


@dataclass(frozen=True)
class Component:
    """Hold one group of quantities that correlations connect.

    Attributes
    ----------
    names
        The quantities, ascending.
    lower
        (name, name) [1] the lower Cholesky factor L of their normal correlations: z = L e of independent e.
    """

    names: tuple[str, ...]
    lower: tuple[tuple[float, ...], ...]


def normal_correlation(spearman: float) -> float:
    """Compute the correlation of two normals from their rank correlation.

    Raises
    ------
    ValueError
        If the rank correlation lies outside (-1, 1).

    Notes
    -----
    2 sin(pi rho / 6), the sine by a polynomial of our own.

    References
    ----------
    Pearson (1907), Mathematical contributions to the theory of evolution XVI, Drapers' Company Research
    Memoirs.
    """
    x = _CORRELATION.check("spearman", spearman) * _SIXTH_PI
    total = 0.0
    for coefficient in reversed(_SINE):
        total = total * (x * x) + coefficient
    return 2.0 * x * total


def components(correlations: Iterable[tuple[str, str, float]]) -> tuple[Component, ...]:
    """Group correlated quantities and factor the matrix of each group.

    Parameters
    ----------
    correlations
        Names of two quantities and their Spearman correlation, each pair once; pairs that are not named are
        independent.

    Returns
    -------
    components
        One for each connected group, ascending by their first names.

    Raises
    ------
    ValueError
        If a correlation lies outside (-1, 1), a quantity is paired with itself or a pair stands twice.
    NotPositiveDefiniteError
        If the matrix of a group is not positive definite.
    """
    spearman: dict[tuple[str, str], float] = {}
    neighbours: dict[str, set[str]] = {}
    for first, second, rho in correlations:
        if first == second:
            raise ValueError(f"{first} cannot be correlated with itself")
        pair = (min(first, second), max(first, second))
        if pair in spearman:
            raise ValueError(f"the correlation of {pair[0]} and {pair[1]} stands twice")
        spearman[pair] = _CORRELATION.check("spearman", rho)
        neighbours.setdefault(first, set()).add(second)
        neighbours.setdefault(second, set()).add(first)
    result, seen = [], set()
    for name in sorted(neighbours):
        if name not in seen:
            names = _connected(name, neighbours)
            seen.update(names)
            result.append(_factor(names, spearman))
    return tuple(result)


def _connected(name: str, neighbours: dict[str, set[str]]) -> tuple[str, ...]:
    """Give all names that can be reached from one, ascending."""
    reached, waiting = {name}, [name]
    while waiting:
        new = neighbours[waiting.pop()] - reached
        reached |= new
        waiting.extend(new)
    return tuple(sorted(reached))


def _factor(names: tuple[str, ...], spearman: dict[tuple[str, str], float]) -> Component:
    matrix = [[1.0 if a == b else 0.0 for b in names] for a in names]
    for i, first in enumerate(names):
        for j in range(i + 1, len(names)):
            rho = spearman.get((first, names[j]), 0.0)
            matrix[i][j] = matrix[j][i] = normal_correlation(rho)
    lower = _cholesky(matrix)
    if lower is None:
        raise NotPositiveDefiniteError(names, nearest_correlations(np.array(matrix)))
    return Component(names, lower)


def _cholesky(matrix: list[list[float]]) -> tuple[tuple[float, ...], ...] | None:
    """Factor a matrix in plain floats, whose bits no library decides; None where it is not definite."""
    lower: list[list[float]] = []
    for i, row in enumerate(matrix):
        factors: list[float] = []
        for j in range(i):
            rest = row[j]
            for k in range(j):
                rest -= factors[k] * lower[j][k]
            factors.append(rest / lower[j][j])
        pivot = row[i]
        for factor in factors:
            pivot -= factor * factor
        if not pivot > _LEAST_PIVOT:
            return None
        lower.append([*factors, math.sqrt(pivot), *([0.0] * (len(matrix) - 1 - i))])
    return tuple(tuple(row) for row in lower)


def nearest_correlations(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Find the nearest rank correlations that a Gaussian copula can have.

    Parameters
    ----------
    matrix
        (name, name) [1] normal correlations, symmetric, ones on the diagonal.

    Returns
    -------
    spearman
        (name, name) [1] rounded to three decimals, and positive definite after rounding.

    Notes
    -----
    Alternating projections with Dykstra's correction between the matrices of unit diagonal and those whose
    eigenvalues are at least a floor, which is raised until the rounded result can be factored.

    References
    ----------
    Higham (2002), Computing the nearest correlation matrix, doi:10.1093/imanum/22.3.329.
    """
    floor = 1e-3
    while True:
        normal = _project(matrix, floor)
        rounded = np.round(6.0 / math.pi * np.arcsin(np.clip(normal / 2.0, -0.5, 0.5)), 3)
        np.fill_diagonal(rounded, 1.0)
        back = 2.0 * np.sin(rounded * math.pi / 6.0)
        np.fill_diagonal(back, 1.0)
        if np.abs(back - np.eye(len(back))).max() < 1.0 and _cholesky(back.tolist()) is not None:
            return rounded
        floor *= 2.0


def _project(matrix: NDArray[np.float64], floor: float) -> NDArray[np.float64]:
    current, correction = matrix.copy(), np.zeros_like(matrix)
    for _ in range(500):
        shifted = current - correction
        eigenvalues, vectors = np.linalg.eigh(shifted)
        definite = (vectors * np.maximum(eigenvalues, floor)) @ vectors.T
        correction = definite - shifted
        previous, current = current, definite.copy()
        np.fill_diagonal(current, 1.0)
        if np.abs(current - previous).max() < 1e-10:
            break
    return current
