"""Apply the elementary functions to arrays, so that what is built from them has the same bits everywhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from distributions import elementary
from distributions.jit import kernel

__all__ = ["exp", "expm1", "log", "log1p", "normal_cdf", "normal_ppf"]

_EXP, _EXPM1, _LOG, _LOG1P, _NORMAL_CDF, _NORMAL_PPF = range(6)


@kernel
def _apply(function, x, out):
    if function == _EXP:
        for i in range(x.size):
            out[i] = elementary.exp(x[i])
    elif function == _EXPM1:
        for i in range(x.size):
            out[i] = elementary.expm1(x[i])
    elif function == _LOG:
        for i in range(x.size):
            out[i] = elementary.log(x[i])
    elif function == _LOG1P:
        for i in range(x.size):
            out[i] = elementary.log1p(x[i])
    elif function == _NORMAL_CDF:
        for i in range(x.size):
            out[i] = elementary.normal_cdf(x[i])
    else:
        for i in range(x.size):
            out[i] = elementary.normal_ppf(x[i])


def _of(function: int, x: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(x, dtype=np.float64)
    out = np.empty(values.size)
    _apply(function, np.array(values).ravel(), out)
    return out.reshape(values.shape)


def exp(x: ArrayLike) -> NDArray[np.float64]:
    """Compute e^x of each element."""
    return _of(_EXP, x)


def expm1(x: ArrayLike) -> NDArray[np.float64]:
    """Compute e^x - 1 of each element."""
    return _of(_EXPM1, x)


def log(x: ArrayLike) -> NDArray[np.float64]:
    """Compute ln x of each element."""
    return _of(_LOG, x)


def log1p(x: ArrayLike) -> NDArray[np.float64]:
    """Compute ln(1 + x) of each element."""
    return _of(_LOG1P, x)


def normal_cdf(z: ArrayLike) -> NDArray[np.float64]:
    """Compute Phi(z) of each element."""
    return _of(_NORMAL_CDF, z)


def normal_ppf(u: ArrayLike) -> NDArray[np.float64]:
    """Compute the standard normal quantile of each element."""
    return _of(_NORMAL_PPF, u)
