"""Derive the numbers of the named price processes, `simulator/catalogue/presets.toml`, from published prices.

Run as a script (`python tests/reference/derive_presets.py [DATA]`) it prints the keys of each process.
"""

from __future__ import annotations

import sys
from math import expm1
from pathlib import Path

import fit_prices
from scipy import stats

Z90 = float(stats.norm.ppf(0.95))
FASTEST, SLOWEST = 10.0, 5.0
"""By how much the price of a given quality falls in a year, as published (Epoch AI, a16z, arXiv 2511.23455)."""


def pinned(data: Path = fit_prices.DATA) -> dict[str, object]:
    """Derive the process of one and the same model id.

    Notes
    -----
    n changes in T model-years: the rate n / T with the exact 95 % interval of a Poisson count,
    chi2(0.025; 2 n) / 2 T to chi2(0.975; 2 n + 2) / 2 T.
    """
    fitted = fit_prices.fit_pinned(data)
    seen, years = fitted["pinned_seen"], fitted["pinned_years"]
    low, high = stats.chi2.ppf(0.025, 2 * seen) / 2 / years, stats.chi2.ppf(0.975, 2 * seen + 2) / 2 / years
    rate = {"p2.5": float(low), "p50": seen / years, "p97.5": float(high), "unit": "/ year"}
    return {"change_rate": rate, "change": _mixture(fitted, "pinned")}


def tier_2025(data: Path = fit_prices.DATA) -> dict[str, object]:
    """Derive the process of the newest model of a tier.

    Notes
    -----
    Its jumps carry trend and volatility; the drift is what the count of jumps leaves open of the trend:
    exp(-z se) - 1 to exp(z se) - 1 at 90 %.
    """
    fitted = fit_prices.fit_market(data)
    error = Z90 * fitted["market_drift_error_log"]
    return {
        "change_rate": (fitted["market_rate_p5"], fitted["market_rate_p95"]),
        "drift": (expm1(-error), expm1(error)),
        "change": _mixture(fitted, "market"),
    }


def constant_quality() -> dict[str, object]:
    """Derive the process of a given quality: falling by a factor f a year is a drift of 1/f - 1."""
    return {"drift": (1 / FASTEST - 1, 1 / SLOWEST - 1)}


def _mixture(fitted: dict[str, float], name: str) -> list[dict[str, object]]:
    return [
        {
            "weight": fitted[f"{name}_{kind}s"],
            "value": {f"p{level}": fitted[f"{name}_{kind}_p{level}"] for level in (10, 50, 90)},
        }
        for kind in ("cut", "rise")
    ]


def main(data: Path = fit_prices.DATA) -> None:
    """Print what is derived, one key a line."""
    for name, keys in (
        ("pinned", pinned(data)),
        ("tier_2025", tier_2025(data)),
        ("constant_quality", constant_quality()),
    ):
        for key, value in keys.items():
            print(f"{name}.{key} = {value}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
