"""Derive the polynomial coefficients of `distributions/elementary.py` from 50-digit arithmetic.

Run `python -m tests.reference.derive_elementary`; it prints each tuple as it stands in the module, lowest
power first, with the error of the polynomial in exact arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable

import mpmath as mp

mp.mp.dps = 50


def log_cdf_inverse(log_u):
    """Give z with ln Phi(-z) = log_u, for log_u <= ln(1/2), by Newton's method on the logarithm."""
    z = mp.sqrt(max(-2 * log_u - mp.log(1 - 4 * mp.pi * log_u), mp.mpf("0.01")))
    for _ in range(200):
        tail = mp.erfc(z / mp.sqrt(2)) / 2
        slope = -mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi) / tail
        step = (mp.log(tail) - log_u) / slope
        z -= step
        if abs(step) < mp.mpf(10) ** -45:
            return z
    raise ArithmeticError(f"no convergence at ln u = {log_u}")


def quantile_factor(w):
    """Give H(w) = z / y of the normal quantile, where y = 2u - 1 and w = -ln(4 u (1 - u)) = -ln(1 - y^2)."""
    w = mp.mpf(w)
    if w < mp.mpf(10) ** -24:
        return mp.sqrt(mp.pi / 2)
    y = mp.sqrt(-mp.expm1(-w))
    return log_cdf_inverse(-w - mp.log(2) - mp.log1p(y)) / y


def mills(z):
    """Give Q(z) exp(z^2 / 2), Q the upper tail of the standard normal."""
    return mp.erfc(z / mp.sqrt(2)) / 2 * mp.exp(z * z / 2)


def chebyshev(function: Callable, low, high, degree: int, centre=None):
    """Interpolate at Chebyshev nodes; give coefficients in (x - centre) and the largest relative error."""
    low, high = mp.mpf(low), mp.mpf(high)
    centre = (low + high) / 2 if centre is None else mp.mpf(centre)
    count = degree + 1
    middle, half = (low + high) / 2, (high - low) / 2
    nodes = [middle + half * mp.cos(mp.pi * (2 * i + 1) / (2 * count)) for i in range(count)]
    return _through(function, nodes, centre, low, high)


def _through(function, nodes, centre, low, high):
    rows = mp.matrix(len(nodes), len(nodes))
    values = mp.matrix(len(nodes), 1)
    for i, x in enumerate(nodes):
        for j in range(len(nodes)):
            rows[i, j] = (x - centre) ** j
        values[i] = function(x)
    solution = mp.lu_solve(rows, values)
    rounded = [float(c) for c in solution]
    worst = mp.mpf(0)
    for i in range(4 * len(nodes)):
        x = low + (high - low) * (i + mp.mpf("0.37")) / (4 * len(nodes))
        worst = max(worst, abs(mp.polyval([mp.mpf(c) for c in solution][::-1], x - centre) / function(x) - 1))
    return rounded, worst


def minimax(function: Callable, weight: Callable, basis: list[Callable], nodes: list, rounds: int = 40):
    """Fit a combination of the basis with least largest weighted error, by Lawson's iteration."""
    values = [function(x) for x in nodes]
    weights = [weight(x) for x in nodes]
    lawson = [mp.mpf(1)] * len(nodes)
    best = None
    table = [[b(x) for b in basis] for x in nodes]
    for _ in range(rounds):
        rows = mp.matrix(len(nodes), len(basis))
        right = mp.matrix(len(nodes), 1)
        for i in range(len(nodes)):
            scale = mp.sqrt(lawson[i]) * weights[i]
            for j in range(len(basis)):
                rows[i, j] = scale * table[i][j]
            right[i] = scale * values[i]
        solution, _ = mp.qr_solve(rows, right)
        errors = [abs(mp.fdot(table[i], list(solution)) - values[i]) * weights[i] for i in range(len(nodes))]
        worst = max(errors)
        if best is None or worst < best[1]:
            best = ([solution[j] for j in range(len(basis))], worst)
        lawson = [a * (e / worst + mp.mpf("0.01")) for a, e in zip(lawson, errors, strict=True)]
        total = mp.fsum(lawson)
        lawson = [a / total for a in lawson]
    return best


def chebyshev_nodes(low, high, count: int) -> list:
    """Give Chebyshev nodes of an interval."""
    low, high = mp.mpf(low), mp.mpf(high)
    middle, half = (low + high) / 2, (high - low) / 2
    return [middle + half * mp.cos(mp.pi * (2 * i + 1) / (2 * count)) for i in range(count)]


def rational(function: Callable, nodes: list, centre, degrees: tuple[int, int]):
    """Fit P / Q in (x - centre) with least largest relative error, by reweighted linear least squares.

    Q starts with 1. Each round divides the linear residual P - f Q by the Q of the round before (Sanathanan
    and Koerner) and raises the weights where the error is large (Lawson).
    """
    above, below = degrees
    values = [function(x) for x in nodes]
    offsets = [x - centre for x in nodes]
    scale, lawson, best = [mp.mpf(1)] * len(nodes), [mp.mpf(1)] * len(nodes), None
    for turn in range(12):
        rows = mp.matrix(len(nodes), above + below + 1)
        right = mp.matrix(len(nodes), 1)
        for i, x in enumerate(offsets):
            weight = mp.sqrt(lawson[i]) / (values[i] * scale[i])
            for j in range(above + 1):
                rows[i, j] = weight * x**j
            for j in range(1, below + 1):
                rows[i, above + j] = -weight * values[i] * x**j
            right[i] = weight * values[i]
        solution, _ = mp.qr_solve(rows, right)
        top = [solution[j] for j in range(above + 1)]
        bottom = [mp.mpf(1)] + [solution[above + j] for j in range(1, below + 1)]
        scale = [mp.polyval(bottom[::-1], x) for x in offsets]
        errors = [
            abs(mp.polyval(top[::-1], x) / q / v - 1) for x, v, q in zip(offsets, values, scale, strict=True)
        ]
        worst = max(errors)
        if min(scale) > 0 and (best is None or worst < best[2]):
            best = (top, bottom, worst)
        if turn >= 3:
            raised = [a * (e / worst + mp.mpf("0.05")) for a, e in zip(lawson, errors, strict=True)]
            lawson = [a / max(raised) for a in raised]
    return best


def show(name: str, coefficients, error) -> None:
    """Print one tuple of coefficients as Python source."""
    print(f"\n# error {mp.nstr(error, 3)}\n{name} = (")
    for c in coefficients:
        print(f"    {float(c)!r},")
    print(")", flush=True)


def fast_log2(degree: int):
    """Fit log2(1 + f) = f (1 + (1 - f) g(f)) on [0, 1], exact at both ends, so that octaves join."""
    basis = [lambda f, j=j: f * (1 - f) * f**j for j in range(degree - 1)]
    coefficients, error = minimax(
        lambda f: mp.log(1 + f, 2) - f, lambda f: mp.mpf(1), basis, chebyshev_nodes(0, 1, 6 * degree), 25
    )
    expanded = [mp.mpf(1) + coefficients[0]]  # f (1 + (1 - f) g) = f p(f)
    for j in range(1, degree):
        high = coefficients[j] if j < degree - 1 else mp.mpf(0)
        expanded.append(high - coefficients[j - 1])
    return expanded, error


def fast_factor(degree: int):
    """Fit H as a polynomial in v = -log2(1 - y^2) - 16 on [0, 31]; the error is that of z = y H, absolute."""
    nodes = chebyshev_nodes(0, 31, 5 * degree)
    ln2 = mp.log(2)
    return minimax(
        lambda v: quantile_factor(v * ln2),
        lambda v: mp.sqrt(-mp.expm1(-v * ln2)),
        [lambda v, j=j: (v - 16) ** j for j in range(degree + 1)],
        nodes,
        25,
    )


def main() -> None:
    """Print all coefficients."""
    edge = mp.log(2) / 2 * mp.mpf("1.0001")

    def exp_remainder(r):
        return (mp.expm1(r) - r) / r**2 if abs(r) > mp.mpf(10) ** -20 else mp.mpf(1) / 2

    coefficients, error = mp.chebyfit(exp_remainder, [-edge, edge], 10, error=True)
    show("_EXP", coefficients[::-1], error * edge**2)

    def log_remainder(s2):  # ln((1 + s) / (1 - s)) = 2 s + s R(s^2)
        s = mp.sqrt(s2)
        return (2 * mp.atanh(s) - 2 * s) / (s * s2) if s2 > mp.mpf(10) ** -20 else mp.mpf(2) / 3

    top = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * mp.mpf("1.0001")
    coefficients, error = mp.chebyfit(log_remainder, [0, top], 7, error=True)
    show("_LOG", coefficients[::-1], error * top)

    def central(v):  # z / q, where q = u - 1/2 and v = 0.425^2 - q^2
        q = mp.sqrt(mp.mpf("0.180625") - v)
        if q < mp.mpf(10) ** -20:
            return mp.sqrt(2 * mp.pi)
        return log_cdf_inverse(mp.log(mp.mpf(1) / 2 - q)) / q

    above, below, error = rational(central, chebyshev_nodes(0, "0.180625", 56), 0, (7, 7))
    show("_CENTRE_ABOVE", above, error)
    show("_CENTRE_BELOW", below, error)
    logarithms = chebyshev_nodes(mp.log(mp.mpf("1.6")), mp.log(mp.mpf("27.3")), 76)
    nodes = [mp.exp(x) for x in logarithms]
    above, below, error = rational(lambda r: log_cdf_inverse(-r * r), nodes, mp.mpf("1.6"), (10, 9))
    show("_TAIL_ABOVE", above, error)
    show("_TAIL_BELOW", below, error)

    def cdf_part(v):  # z = 3 (1 + v) / (1 - v), v = (z - 3) / (z + 3)
        z = 3 * (1 + v) / (1 - v)
        return mills(z) * (z + 3)

    show("_MILLS", *chebyshev(cdf_part, -1, mp.mpf(36) / 42, 23, centre=0))
    show("_FAST_LOG2", *fast_log2(6))
    show("_FAST_FACTOR", *fast_factor(16))


if __name__ == "__main__":
    main()
