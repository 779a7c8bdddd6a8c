"""Split logit-normal: Q = top / (1 + e^-(m + s z)), s = s_low for z < 0 and s_high for z >= 0.

Parameters: m, s_low, s_high, top. Table: none.
"""

from __future__ import annotations

import math

import numpy as np

from distributions import arrays, percentiles
from distributions.domain import OPEN_UNIT
from distributions.elementary import exp, log, log1p
from distributions.family import Variate
from distributions.jit import atom, fma, select


@atom
def _ppf1(z, m, s_low, s_high, top):
    """Q = top / (1 + e^-(m + s z))."""
    return top / (1.0 + exp(-fma(select(z < 0.0, s_low, s_high), z, m)))


def from_percentiles(points: percentiles.Points) -> Variate:
    """Make the split logit-normal that meets two or three percentiles exactly.

    Parameters
    ----------
    points
        Pairs of level and value, both in (0, 1); with two, s_low = s_high.

    Raises
    ------
    ValueError
        If the points do not determine a split logit-normal.
    """
    ordered = percentiles.check(points, OPEN_UNIT)
    levels = [level for level, _ in ordered]
    scores = [log(value) - log1p(-value) for _, value in ordered]
    centre = levels.index(0.5) if 0.5 in levels else None
    m, s_low, s_high = percentiles.solve(levels, centre, lambda i, j: scores[j] - scores[i])
    origin = scores[centre] if centre is not None else (scores[0] + scores[-1]) / 2
    return Variate.of("logit_normal", origin + m, s_low, s_high, 1.0)


def cdf(variate: Variate, x: np.ndarray) -> np.ndarray:
    """Compute F(x) = Phi((logit(x / top) - m) / s)."""
    m, s_low, s_high, top = variate.parameters[:4]
    share = np.clip(x / top, 0.0, 1.0)
    y = arrays.log(share) - arrays.log1p(-share) - m
    return arrays.normal_cdf(np.where(y < 0.0, y / s_low, y / s_high))


def mean(variate: Variate) -> float:
    """Compute the mean by quadrature; it has no closed form."""
    return variate._integral(lambda x: x)


def sd(variate: Variate) -> float:
    """Compute the standard deviation by quadrature."""
    centre = mean(variate)
    return math.sqrt(variate._integral(lambda x: (x - centre) ** 2))


def support(variate: Variate) -> tuple[float, float]:
    """Give 0 and the top."""
    return 0.0, variate.parameters[3]


def scale(variate: Variate, factor: float) -> Variate:
    """Multiply the top."""
    m, s_low, s_high, top = variate.parameters[:4]
    return Variate.of("logit_normal", m, s_low, s_high, top * factor)
