"""Give the draws of a plan their dimensions of the quasi-random points."""

from __future__ import annotations

import math

import numpy as np

from distributions.sobol import reversed_directions
from simulator.kernel import layout as k
from simulator.lowering.rows import Rows

MOST_DIMENSIONS = 1024
"""Dimensions that are used: the later ones hold what matters least."""

EXPECTING = ("sobol",)
"""Samplers whose means take random price changes, which have no dimension, at their expectation."""

DEMAND = "demand:volatility"


def place_draws(sampler: str, rows: Rows, months: int) -> k.Points:
    """Give every draw its dimension, the most telling ones first.

    Parameters
    ----------
    sampler
        "random" or "sobol".
    rows
        What is drawn, complete.
    months
        Months of the plan.

    Returns
    -------
    Points that are not used where lifetimes are drawn at random.

    Notes
    -----
    Quantities drawn once per lifetime come first, those of the widest relative spread before the others: the first
    dimensions are even in pairs too, the later ones less so. Then the components of demand; then the components of the
    other monthly normals and the months of the monthly chances, first ones first.
    """
    if sampler == "random":
        row, table = np.zeros(0, dtype=np.int64), np.zeros((0, 0), dtype=np.int64)
        return k.Points(False, table, row, table, table, row, np.zeros((0, 0, 0)))
    noises, chances = rows.noise_names, rows.chances.size
    inputs = np.full(len(rows.inputs), k.NONE, dtype=np.int64)
    components = np.full((len(noises), months), k.NONE, dtype=np.int64)
    occurrences = np.full((chances, months), k.NONE, dtype=np.int64)
    widest = np.argsort(-rows.relative_spreads, kind="stable")
    places = [(inputs, (number,)) for number in widest.tolist()]
    first = [number for number, name in enumerate(noises) if name == DEMAND]
    others = [number for number, name in enumerate(noises) if name != DEMAND]
    places += [(components, (number, month)) for number in first for month in range(months)]
    for month in range(months):
        places += [(components, (number, month)) for number in others]
        places += [(occurrences, (number, month)) for number in range(chances)]
    used = min(len(places), MOST_DIMENSIONS)
    for dimension, (table, place) in enumerate(places[:used]):
        table[place] = dimension
    turns = [k.WALK if name.endswith(":volatility") else k.LEVEL for name in noises]
    return k.Points(
        are_used=True,
        directions=reversed_directions(used),
        inputs=inputs,
        noises=components,
        chances=occurrences,
        turns=np.array(turns, dtype=np.int64),
        rotations=rotations(months),
    )


def rotations(months: int) -> np.ndarray:
    """Give the orthogonal transforms that turn independent components into the normals of the months.

    Returns
    -------
    (turn, month, slot) [1], component c in slot c of 1 … H; slot 0 and what fills up the last four slots are 0.

    Notes
    -----
    WALK: the principal components of x_t = ε_2 + … + ε_t, whose covariance min(s, t) - 1 has closed eigenvectors:
    with n = H - 1 moves, row t = 2 … H and column c = 1 … n hold

        2 / sqrt(2n + 1) cos((2c - 1)(2(t - 1) - 1) π / (2 (2n + 1))),

    and month 1, in which nothing moves, has the last component to itself. LEVEL: the discrete cosines, whose first
    column is the mean of the months: 1 / sqrt(H) for c = 1, else sqrt(2 / H) cos((c - 1)(2t - 1) π / (2H)).
    """
    slots = 4 * -(-(months + 1) // 4)
    table = np.zeros((2, months, slots))
    moves = months - 1
    period = 2 * moves + 1
    for t in range(1, moves + 1):
        for c in range(1, moves + 1):
            table[k.WALK, t, c] = 2.0 / math.sqrt(period) * cosine((2 * c - 1) * (2 * t - 1), 2 * period)
    table[k.WALK, 0, months] = 1.0
    for t in range(1, months + 1):
        table[k.LEVEL, t - 1, 1] = 1.0 / math.sqrt(months)
        for c in range(2, months + 1):
            scale = math.sqrt(2.0 / months)
            table[k.LEVEL, t - 1, c] = scale * cosine((c - 1) * (2 * t - 1), 2 * months)
    return table


def cosine(numerator: int, denominator: int) -> float:
    """Compute cos(π numerator / denominator) to the last bits, the same ones on every machine.

    Notes
    -----
    The angle is brought into the first quarter of a right angle in whole numbers; there a polynomial of plain
    multiplications and additions is as good as the C library, whose bits differ between machines.
    """
    part = numerator % (2 * denominator)
    part = min(part, 2 * denominator - part)
    sign = 1.0
    if 2 * part > denominator:
        part, sign = denominator - part, -1.0
    if 4 * part > denominator:
        x = math.pi * (denominator - 2 * part) / (2 * denominator)
        return sign * _series(x * x, 1) * x
    x = math.pi * part / denominator
    return sign * _series(x * x, 0)


def _series(square: float, first: int) -> float:
    """1 - x^2 / ((f + 1)(f + 2)) (1 - x^2 / ((f + 3)(f + 4)) (…)): cos x for f = 0, sin x / x for f = 1."""
    total = 1.0
    for n in range(first + 20, first, -2):
        total = 1.0 - square / (n * (n - 1)) * total
    return total
