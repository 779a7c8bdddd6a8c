"""Derive quantiles of the families that the package tabulates, from 40-digit arithmetic.

Run `python -m tests.reference.derive_quantiles`; it writes `quantiles.json` beside itself. Distribution
functions are inverted by bisection, so that nothing is shared with SciPy's inverses.
"""

from __future__ import annotations

import json
from pathlib import Path

import mpmath as mp

mp.mp.dps = 40

LEVELS = ("1e-9", "0.001", "0.05", "0.5", "0.8", "0.95", "0.999", "0.999999999")
GAMMAS = (("40", "12"), ("1", "2"), ("1", "0.9"))  # mean, sd
BETAS = (("0.3", "0.1"), ("0.02", "0.03"), ("0.5", "0.3"))
PERTS = (("20", "40", "120"), ("0", "0", "1"), ("-5", "7", "7"))  # min, mode, max
WEIBULLS = (("10", "4"), ("1", "3"))


def inverse(function, u, low, high):
    """Solve function(x) = u on [low, high] by bisection, geometric where the interval is positive."""
    for _ in range(160):
        middle = mp.sqrt(low * high) if low > 0 else (low + high) / 2
        if function(middle) < u:
            low = middle
        else:
            high = middle
    return high


def beta_quantile(alpha, beta, u):
    """Give the quantile of the beta on [0, 1]."""
    tiny = mp.mpf(10) ** -300
    if u <= mp.betainc(alpha, beta, 0, mp.mpf("0.5"), regularized=True):
        return inverse(lambda x: mp.betainc(alpha, beta, 0, x, regularized=True), u, tiny, mp.mpf("0.5"))
    return 1 - inverse(lambda x: mp.betainc(beta, alpha, 0, x, regularized=True), 1 - u, tiny, mp.mpf("0.5"))


def main() -> None:
    """Write every case: family, arguments, levels, quantiles."""
    levels = [mp.mpf(float(level)) for level in LEVELS]  # what the package is given
    cases = []

    def add(family, arguments, quantile):
        cases.append(
            {
                "family": family,
                "arguments": [float(a) for a in arguments],
                "levels": [float(u) for u in levels],
                "quantiles": [mp.nstr(quantile(u), 25) for u in levels],
            }
        )

    for mean, sd in GAMMAS:
        m, shape = mp.mpf(mean), (mp.mpf(mean) / mp.mpf(sd)) ** 2
        add(
            "gamma",
            (mean, sd),
            lambda u, m=m, shape=shape: (
                m
                / shape
                * inverse(
                    lambda x: mp.gammainc(shape, 0, x, regularized=True),
                    u,
                    mp.mpf(10) ** -200,
                    shape + 200 * mp.sqrt(shape) + 200,
                )
            ),
        )
    for mean, sd in BETAS:
        m = mp.mpf(mean)
        size = m * (1 - m) / mp.mpf(sd) ** 2 - 1
        add("beta", (mean, sd), lambda u, m=m, size=size: beta_quantile(size * m, size * (1 - m), u))
    for low, mode, high in PERTS:
        a, b, c = mp.mpf(low), mp.mpf(mode), mp.mpf(high)
        alpha = 1 + 4 * (b - a) / (c - a)
        add(
            "pert",
            (low, mode, high),
            lambda u, a=a, c=c, alpha=alpha: a + (c - a) * beta_quantile(alpha, 6 - alpha, u),
        )
    for mean, sd in WEIBULLS:
        m, ratio = mp.mpf(mean), 1 + (mp.mpf(sd) / mp.mpf(mean)) ** 2
        e = inverse(
            lambda x, r=ratio: mp.gamma(1 + 2 * x) / mp.gamma(1 + x) ** 2 / r, 1, mp.mpf("0.01"), mp.mpf(20)
        )
        add("weibull", (mean, sd), lambda u, m=m, e=e: m / mp.gamma(1 + e) * (-mp.log1p(-u)) ** e)
    text = json.dumps(cases, indent=1)
    Path(__file__).with_name("quantiles.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
