"""Time draws and elementary functions against NumPy, SciPy and Intel MKL: one thread, nanoseconds an element.

`python -m benchmarks --only draws` prints them.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from distributions import elementary, lognormal, pert, streams
from distributions.jit import kernel
from distributions.philox import MASK32, philox4x32
from distributions.variate import fill_quantiles

LANES = 512
"""Elements of an array of ours: those of the kernel's lane arrays."""
PEER = 8192
"""Elements of an array of the others: 64 kB of floats, which hide the cost of the call and stay in the cache."""
ROUNDS = 64
MKL_GENERATORS = ("SFMT19937", "MCG59", "PHILOX4X32X10")
NORMAL = "normal, one word"


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
def _quantiles(rounds, code, parameters, table, z, out):
    for _ in range(rounds):
        fill_quantiles(code, parameters, 0, table, 0, table.size, z, z, 0, z.shape[1], out, 0)


@dataclass(frozen=True)
class Row:
    """One kind of element.

    Attributes
    ----------
    name
        What it is.
    ours
        Time of the kernel's function [ns].
    peers
        Times of the others [ns] by name, those that are not installed left out.
    """

    name: str
    ours: float
    peers: dict[str, float]

    def fastest(self, library: str) -> tuple[str, float] | None:
        """Give the fastest peer whose name begins with `library`, and its time [ns]."""
        found = {name: ns for name, ns in self.peers.items() if name.startswith(library)}
        return min(found.items(), key=lambda item: item[1]) if found else None


def measure(*, repeats: int) -> list[Row]:
    """Time every kind of element.

    Parameters
    ----------
    repeats
        1 or more; contenders of one kind take turns, and the median of each counts.
    """
    z, u = np.random.default_rng(1).standard_normal(PEER), np.random.default_rng(2).random(PEER)
    numpy, mkl = _of_numpy(z, u), _of_mkl(z, u)
    rows = []
    for name, (function, per_call) in _own(z, u).items():
        peers = numpy.get(name, {}) | mkl.get(name, {})
        calls = [(function, per_call), *((call, PEER) for call in peers.values())]
        times: list[list[float]] = [[] for _ in calls]
        for repeat in range(-1, repeats):
            for (call, elements), kept in zip(calls, times, strict=True):
                begin = time.perf_counter()
                call()
                if repeat >= 0:
                    kept.append((time.perf_counter() - begin) / elements * 1e9)
        ours, *theirs = (statistics.median(kept) for kept in times)
        rows.append(Row(name, ours, dict(zip(peers, theirs, strict=True))))
    return rows


def mkl_normal_ns(rows: list[Row]) -> float | None:
    """Give the time of MKL's fastest normal [ns], None where it is not installed."""
    found = next(row for row in rows if row.name == NORMAL).fastest("MKL")
    return None if found is None else found[1]


def _own(z: np.ndarray, u: np.ndarray) -> dict[str, tuple[Callable, int]]:
    """Give what is timed of ours, and how many elements one call makes."""
    out, floats = np.empty((4, LANES)), np.empty((4, LANES), dtype=np.float32)
    words, big = np.empty((4, LANES), dtype=np.int64), np.empty(LANES)
    z, u = z[:LANES].copy(), u[:LANES].copy()

    def family(variate) -> Callable:
        table = np.zeros(1) if variate.table is None else np.array(variate.table)
        parameters = np.array([variate.parameters])
        return lambda: _quantiles(ROUNDS, variate.code, parameters, table, z.reshape(1, -1), out)

    wide = lognormal.from_percentiles([(0.05, 60e3), (0.95, 300e3)])
    one, four = ROUNDS * LANES, 4 * ROUNDS * LANES
    return {
        "Philox word": (lambda: _words(ROUNDS, words), four),
        "uniform, one word": (lambda: _monthly_uniforms(ROUNDS, out), four),
        "uniform, two words": (lambda: _uniforms(ROUNDS, out), one),
        NORMAL: (lambda: _normals(ROUNDS, floats), four),
        "exp": (lambda: _exp(ROUNDS, z, big), one),
        "log": (lambda: _log(ROUNDS, u, big), one),
        "normal cdf": (lambda: _normal_cdf(ROUNDS, z, big), one),
        "normal quantile": (lambda: _normal_ppf(ROUNDS, u, big), one),
        "lognormal of z": (family(wide), one),
        "PERT of z": (family(pert.from_range(20, 40, 120)), one),
    }


def _of_numpy(z: np.ndarray, u: np.ndarray) -> dict[str, dict[str, Callable]]:
    """Give what NumPy and SciPy have for each, with NumPy's fastest generator."""
    rng, out = np.random.Generator(np.random.SFC64(1)), np.empty(PEER)
    uniform = {"NumPy random": lambda: rng.random(out=out)}
    return {
        "Philox word": {"NumPy integers": lambda: rng.integers(0, 2**32, PEER, np.uint32)},
        "uniform, one word": uniform,
        "uniform, two words": uniform,
        NORMAL: {"NumPy standard_normal": lambda: rng.standard_normal(out=out)},
        "exp": {"NumPy exp": lambda: np.exp(z, out=out)},
        "log": {"NumPy log": lambda: np.log(u, out=out)},
        "normal cdf": {"SciPy ndtr": lambda: ndtr(z, out=out)},
        "normal quantile": {"SciPy ndtri": lambda: ndtri(u, out=out)},
        "lognormal of z": {"NumPy lognormal": lambda: rng.lognormal(size=PEER)},
        "PERT of z": {"NumPy beta": lambda: rng.beta(1.8, 4.2, PEER)},
    }


def _of_mkl(z: np.ndarray, u: np.ndarray) -> dict[str, dict[str, Callable]]:
    """Give what Intel MKL has for each; nothing where `mkl_random` is not installed."""
    try:
        import mkl_random
    except ImportError:
        return {}
    uniforms, normals = {}, {}
    for name in MKL_GENERATORS:
        state = mkl_random.MKLRandomState(1, brng=name)
        uniforms[f"MKL uniform {name}"] = _call(state.random_sample, PEER)
        for method in ("ICDF", "BoxMuller", "BoxMuller2"):
            normals[f"MKL {method} {name}"] = _call(state.standard_normal, PEER, method)
    found = {"uniform, one word": uniforms, "uniform, two words": uniforms, NORMAL: normals}
    for name, symbol, x in (
        ("exp", "vdExp", z),
        ("log", "vdLn", u),
        ("normal cdf", "vdCdfNorm", z),
        ("normal quantile", "vdCdfNormInv", u),
    ):
        function = _vector_function(symbol, x)
        if function is not None:
            found[name] = {f"MKL {symbol}": function}
    return found


def _call(function: Callable, *arguments: object) -> Callable[[], object]:
    return lambda: function(*arguments)


def _vector_function(symbol: str, x: np.ndarray) -> Callable[[], object] | None:
    """Give a call of a function of MKL's vector mathematics, None where its library is not to be found."""
    try:
        files = importlib.metadata.files("mkl") or []
        library = next(file for file in files if file.name.startswith(("libmkl_rt", "mkl_rt")))
        function = getattr(ctypes.CDLL(str(library.locate())), symbol)
    except (importlib.metadata.PackageNotFoundError, StopIteration, OSError, AttributeError):
        return None
    out = np.empty_like(x)
    pointers = [ctypes.c_void_p(array.ctypes.data) for array in (x, out)]
    kept = (x, out)  # the addresses are only as good as the arrays live

    def call() -> tuple:
        function(ctypes.c_int(kept[0].size), *pointers)
        return kept

    function.restype = None
    return call


def lines(rows: list[Row]) -> list[str]:
    """Print one line a kind: ours, NumPy's or SciPy's, MKL's fastest, and how many times ours each takes."""
    titles = (("NumPy, SciPy", 16), ("MKL, fastest", 22))
    heads = "   ".join(f"{title:{width}}{'ns':>7}{'ratio':>7}" for title, width in titles)
    shown = [f"{'ns an element':20}{'ours':>7}   {heads}"]
    for row in rows:
        line = f"{row.name:20}{row.ours:7.2f}"
        for library, width in (("NumPy", 16), ("MKL", 22)):
            found = row.fastest(library) or (row.fastest("SciPy") if library == "NumPy" else None)
            if found is None:
                line += f"   {'':{width}}{'':14}"
                continue
            name, ns = found
            short = name.partition(" ")[2]
            line += f"   {short:{width}}{ns:7.2f}{ns / row.ours:7.1f}"
        shown.append(line.rstrip())
    return shown
