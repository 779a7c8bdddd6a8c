"""Time draws and elementary functions against NumPy and SciPy, one core, nanoseconds an element.

Run `python -m benchmarks.draws`.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from scipy.special import ndtr, ndtri

from distributions import elementary, lognormal, pert, streams
from distributions.jit import kernel
from distributions.philox import MASK32, philox4x32
from distributions.variate import fill_quantiles

LANES = 512
ROUNDS = 100
REPEATS = 60


@kernel
def _words(rounds, out):
    for r in range(rounds):
        for i in range(out.shape[1]):
            w0, w1, w2, w3 = philox4x32((r * 512 + i) & MASK32, 0, 3, 4, 5, 6)
            out[0, i] = w0
            out[1, i] = w1
            out[2, i] = w2
            out[3, i] = w3


@kernel
def _uniforms(rounds, out):
    for r in range(rounds):
        streams.fill_uniforms(1, 2, 3, r * 512, out.shape[1], out, 0)


@kernel
def _monthly_uniforms(rounds, out):
    for r in range(rounds):
        streams.fill_monthly_uniforms(1, 2, 3, r * 512, out.shape[1], 4, out, 0)


@kernel
def _normals(rounds, out):
    for r in range(rounds):
        streams.fill_normals(1, 2, 3, r * 512, out.shape[1], 4, out, 0)


@kernel
def _exp(rounds, x, out):
    for _ in range(rounds):
        for i in range(x.size):
            out[i] = elementary.exp(x[i])


@kernel
def _log(rounds, x, out):
    for _ in range(rounds):
        for i in range(x.size):
            out[i] = elementary.log(x[i])


@kernel
def _normal_cdf(rounds, x, out):
    for _ in range(rounds):
        for i in range(x.size):
            out[i] = elementary.normal_cdf(x[i])


@kernel
def _normal_ppf(rounds, x, out):
    for _ in range(rounds):
        for i in range(x.size):
            out[i] = elementary.normal_ppf(x[i])


@kernel
def _normal_ppf_fast(rounds, x, out):
    for _ in range(rounds):
        for i in range(x.size):
            out[i] = elementary.normal_ppf_fast(x[i])


@kernel
def _quantiles(rounds, code, parameters, table, z, out):
    for _ in range(rounds):
        fill_quantiles(code, parameters, 0, table, 0, table.size, z, z, 0, z.shape[1], out, 0)


def _time(function: Callable, *arguments: object) -> float:
    """Give the least time of one round [s]."""
    function(*arguments)
    best = np.inf
    for _ in range(REPEATS):
        begin = time.perf_counter()
        function(*arguments)
        best = min(best, time.perf_counter() - begin)
    return best


def _repeated(function: Callable, rounds: int) -> None:
    for _ in range(rounds):
        function()


def main() -> None:
    """Print one line a measurement: ours, the peer's, and how many times ours the peer takes."""
    rng = np.random.Generator(np.random.Philox(1))
    u, z = rng.random(LANES), rng.standard_normal(LANES)
    out, floats = np.empty((4, LANES)), np.empty((4, LANES), dtype=np.float32)
    words = np.empty((4, LANES), dtype=np.int64)
    big = np.empty(LANES)

    def family(variate):
        table = np.zeros(1) if variate.table is None else np.array(variate.table)
        parameters = np.array([variate.parameters])
        return lambda: _quantiles(ROUNDS, variate.code, parameters, table, z.reshape(1, -1), out)

    wide = lognormal.from_percentiles([(0.05, 60e3), (0.95, 300e3)])
    rows = [
        (
            "Philox word",
            4,
            lambda: _words(ROUNDS, words),
            "integers",
            lambda: rng.integers(0, 2**32, LANES, np.uint32),
        ),
        ("uniform, 52 bits", 1, lambda: _uniforms(ROUNDS, out), "random", lambda: rng.random(out=big)),
        (
            "uniform, 32 bits",
            4,
            lambda: _monthly_uniforms(ROUNDS, out),
            "random",
            lambda: rng.random(out=big),
        ),
        (
            "normal, monthly",
            4,
            lambda: _normals(ROUNDS, floats),
            "standard_normal",
            lambda: rng.standard_normal(out=big),
        ),
        ("exp", 1, lambda: _exp(ROUNDS, z, big), "np.exp", lambda: np.exp(z, out=big)),
        ("log", 1, lambda: _log(ROUNDS, u, big), "np.log", lambda: np.log(u, out=big)),
        ("normal_cdf", 1, lambda: _normal_cdf(ROUNDS, z, big), "ndtr", lambda: ndtr(z, out=big)),
        ("normal_ppf", 1, lambda: _normal_ppf(ROUNDS, u, big), "ndtri", lambda: ndtri(u, out=big)),
        ("normal_ppf_fast", 1, lambda: _normal_ppf_fast(ROUNDS, u, big), "ndtri", lambda: ndtri(u, out=big)),
        ("lognormal of z", 1, family(wide), "lognormal", lambda: rng.lognormal(size=LANES)),
        ("PERT of z", 1, family(pert.from_range(20, 40, 120)), "beta", lambda: rng.beta(1.8, 4.2, LANES)),
    ]
    print(f"{'':18}{'ns':>7}  {'NumPy, SciPy':16}{'ns':>7}{'ratio':>8}")
    for name, per_lane, ours, peer_name, peer in rows:
        mine = _time(ours) / ROUNDS / LANES / per_lane * 1e9
        theirs = _time(_repeated, peer, ROUNDS) / ROUNDS / LANES * 1e9
        print(f"{name:18}{mine:7.2f}  {peer_name:16}{theirs:7.2f}{theirs / mine:8.1f}")


if __name__ == "__main__":
    main()
