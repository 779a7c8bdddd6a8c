"""Turn uniforms and normals into draws of any family, in lanes or one by one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from distributions.beta import _ppf1 as _beta
from distributions.discrete import _ppf1 as _discrete
from distributions.elementary import (
    expm1,
    is_central,
    log1p,
    normal_cdf,
    normal_ppf_centre,
    normal_ppf_tail,
)
from distributions.empirical import _ppf1 as _empirical
from distributions.family import CODES, Variate
from distributions.gamma import _ppf1 as _gamma
from distributions.jit import atom, bits_float, float_bits, kernel, lane_kernel
from distributions.logit_normal import _ppf1 as _logit_normal
from distributions.lognormal import _ppf1 as _lognormal
from distributions.mixture import _ppf1 as _mixture
from distributions.normal import _ppf1 as _normal
from distributions.pert import _ppf1 as _pert
from distributions.pieces import fill_pieces
from distributions.rate_normal import _ppf1 as _rate_normal
from distributions.uniform import _ppf1 as _uniform
from distributions.weibull import _ppf1 as _weibull

__all__ = [
    "Variate",
    "fill_normal_cdf",
    "fill_normal_ppf",
    "fill_quantiles",
    "normal_integral",
    "quantile",
    "quantiles",
    "uses_z",
]

_CONSTANT = CODES["constant"]
_UNIFORM = CODES["uniform"]
_WEIBULL = CODES["weibull"]
_DISCRETE = CODES["discrete"]
_EMPIRICAL = CODES["empirical"]
_NORMAL = CODES["normal"]
_LOGNORMAL = CODES["lognormal"]
_LOGIT_NORMAL = CODES["logit_normal"]
_RATE_NORMAL = CODES["rate_normal"]
_PERT = CODES["pert"]
_GAMMA = CODES["gamma"]
_BETA = CODES["beta"]


@atom
def uses_z(code):
    """Tell whether the quantile of a family reads the standard normal z; else it reads the uniform u."""
    return code >= _NORMAL


@atom
def _compound(x, exponent):
    """(1 + x)^k - 1."""
    return expm1(exponent * log1p(x))


@lane_kernel
def quantile(code, parameters, row, tables, start, length, u, z):
    """Compute one quantile, bit by bit as `fill_quantiles` does.

    Parameters
    ----------
    code, parameters, row, tables, start, length
        As in `fill_quantiles`.
    u, z
        The uniform and its normal quantile; only the one that `uses_z` tells is read.
    """
    p0 = parameters[row, 0]
    p1 = parameters[row, 1]
    p2 = parameters[row, 2]
    p3 = parameters[row, 3]
    exponent = parameters[row, 5]
    if code == _CONSTANT:
        x = p0
    elif code == _UNIFORM:
        x = _uniform(u, p0, p1, p2)
    elif code == _WEIBULL:
        x = _weibull(u, p0, p1)
    elif code == _DISCRETE:
        x = _discrete(u, tables, start, length)
    elif code == _EMPIRICAL:
        x = _empirical(u, tables, start, length)
    elif code == _NORMAL:
        x = _normal(z, p0, p1, p2)
    elif code == _LOGNORMAL:
        x = _lognormal(z, p0, p1, p2)
    elif code == _LOGIT_NORMAL:
        x = _logit_normal(z, p0, p1, p2, p3)
    elif code == _RATE_NORMAL:
        x = _rate_normal(z, p0, p1, p2, p3)
    elif code == _PERT:
        x = _pert(z, p0, p1, p2, tables, start)
    elif code == _GAMMA:
        x = _gamma(z, p0, tables, start)
    elif code == _BETA:
        x = _beta(z, p0, tables, start)
    else:
        x = _mixture(z, tables, start, length)
    return x if exponent == 1.0 else _compound(x, exponent)


@lane_kernel
def fill_quantiles(code, parameters, row, tables, start, length, u, z, draw_row, n, out, out_row):
    """Compute the quantiles of one quantity for the lanes of a block.

    Parameters
    ----------
    code
        Family, an index in `FAMILIES`.
    parameters
        (quantity, 6) as of `Variate.parameters`; `row` is the quantity's.
    tables
        (entry) the tables of all quantities, one after the other; this one's has `length` entries from
        `start` on.
    u, z
        (draw, lane) [1] uniforms and standard normals; row `draw_row` of `z` is read if `uses_z(code)`,
        else that of `u`; the other one may be anything.
    n
        Number of lanes.

    Notes
    -----
    Writes: `out[out_row, :n]` (lane) [the quantity's]. The branch on the family stands outside the loops.
    """
    p0 = parameters[row, 0]
    p1 = parameters[row, 1]
    p2 = parameters[row, 2]
    p3 = parameters[row, 3]
    exponent = parameters[row, 5]
    if code == _CONSTANT:
        for i in range(n):
            out[out_row, i] = p0
    elif code == _UNIFORM:
        for i in range(n):
            out[out_row, i] = _uniform(u[draw_row, i], p0, p1, p2)
    elif code == _WEIBULL:
        for i in range(n):
            out[out_row, i] = _weibull(u[draw_row, i], p0, p1)
    elif code == _DISCRETE:
        for i in range(n):
            out[out_row, i] = _discrete(u[draw_row, i], tables, start, length)
    elif code == _EMPIRICAL:
        for i in range(n):
            out[out_row, i] = _empirical(u[draw_row, i], tables, start, length)
    elif code == _NORMAL:
        for i in range(n):
            out[out_row, i] = _normal(z[draw_row, i], p0, p1, p2)
    elif code == _LOGNORMAL:
        for i in range(n):
            out[out_row, i] = _lognormal(z[draw_row, i], p0, p1, p2)
    elif code == _LOGIT_NORMAL:
        for i in range(n):
            out[out_row, i] = _logit_normal(z[draw_row, i], p0, p1, p2, p3)
    elif code == _RATE_NORMAL:
        for i in range(n):
            out[out_row, i] = _rate_normal(z[draw_row, i], p0, p1, p2, p3)
    elif code == _PERT:
        for i in range(n):
            out[out_row, i] = _pert(z[draw_row, i], p0, p1, p2, tables, start)
    elif code == _GAMMA:
        for i in range(n):
            out[out_row, i] = _gamma(z[draw_row, i], p0, tables, start)
    elif code == _BETA:
        for i in range(n):
            out[out_row, i] = _beta(z[draw_row, i], p0, tables, start)
    else:
        fill_pieces(tables, start, length, z, draw_row, n, out, out_row)
    if exponent != 1.0:
        for i in range(n):
            out[out_row, i] = _compound(out[out_row, i], exponent)


@lane_kernel
def fill_normal_ppf(u, u_row, n, tail, out, out_row):
    """Compute the standard normal quantiles of a row of uniforms.

    Writes: `out[out_row, :n]` (lane) [1]; `tail` (2, lane) int64, of n + 16 lanes or more.

    Notes
    -----
    Most uniforms lie in the centre, whose quantiles take a quarter of the time that those of the tails take. The
    others are listed and worked out side by side.
    """
    for i in range(n):
        out[out_row, i] = normal_ppf_centre(u[u_row, i])
    count = 0
    for i in range(n):
        tail[0, count] = i
        count += not is_central(u[u_row, i])
    filled = count + -count % 16  # whole vectors
    for h in range(count, filled):
        tail[0, h] = 0
    for h in range(filled):
        tail[1, h] = float_bits(normal_ppf_tail(u[u_row, tail[0, h]]))
    for h in range(count):
        out[out_row, tail[0, h]] = bits_float(tail[1, h])


@lane_kernel
def fill_normal_cdf(z, z_row, n, out, out_row):
    """Compute the standard normal probabilities of a row of normals.

    Writes: `out[out_row, :n]` (lane) [1].
    """
    for i in range(n):
        out[out_row, i] = normal_cdf(z[z_row, i])


@kernel
def _evaluate(code, parameters, tables, u, z, reads_z, tail, out):
    if reads_z:
        fill_normal_cdf(z, 0, u.shape[1], u, 0)
    else:
        fill_normal_ppf(u, 0, u.shape[1], tail, z, 0)
    fill_quantiles(code, parameters, 0, tables, 0, tables.size, u, z, 0, u.shape[1], out, 0)


def _quantiles(variate: Variate, draws: NDArray[np.float64], reads_z: bool) -> NDArray[np.float64]:
    flat = np.ascontiguousarray(draws, dtype=np.float64).reshape(1, -1)
    u, z = (np.empty_like(flat), flat) if reads_z else (flat, np.empty_like(flat))
    out, tail = np.empty_like(flat), np.empty((2, flat.size + 16), dtype=np.int64)
    tables = np.zeros(1) if variate.table is None else np.array(variate.table)
    _evaluate(variate.code, np.array([variate.parameters]), tables, u, z, reads_z, tail, out)
    return out.reshape(np.shape(draws))


def quantiles(variate: Variate, u: ArrayLike) -> NDArray[np.float64]:
    """Compute quantiles through the kernel's own code.

    Parameters
    ----------
    u
        (...) [1] in (0, 1).

    Returns
    -------
    x
        (...) [the quantity's], of the shape of `u`.
    """
    return _quantiles(variate, np.asarray(u, dtype=np.float64), False)


# Gauss-Legendre in panels of z; the middle is an edge, where split families have a kink.
_PANELS = np.linspace(-8.0, 8.0, 65)
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_HALF = (_PANELS[1] - _PANELS[0]) / 2
_ABSCISSAE = ((_PANELS[:-1] + _PANELS[1:])[:, None] / 2 + _HALF * _POINTS).ravel()
_DENSITIES = np.tile(_WEIGHTS * _HALF, _PANELS.size - 1) * np.exp(-(_ABSCISSAE**2) / 2) / np.sqrt(2 * np.pi)


def normal_integral(variate: Variate, function: Callable) -> float:
    """Integrate a function of the quantile: E[function(x)] by quadrature over z, for smooth quantiles."""
    return float(np.dot(_DENSITIES, function(_quantiles(variate, _ABSCISSAE, True))))
