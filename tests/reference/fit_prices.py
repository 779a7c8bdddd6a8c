"""Fit the price processes of the reference plan to published prices of language models.

The market price is that of the newest model of a tier, the pinned one that of one and the same model id.
Run as a script (`python tests/reference/fit_prices.py [DATA]`) it prints every number it derives.
"""

from __future__ import annotations

import csv
import itertools
import sys
from datetime import date
from pathlib import Path

import numpy as np
from scipy import stats

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
AS_OF = date(2026, 11, 22)
PINNED_RATE = 0.069
"""Changes a year of a pinned id, as published with the price tables [1/year]."""
PINNED_VENDORS = ("openai", "anthropic")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _changes(log_ratios: np.ndarray, name: str) -> dict[str, float]:
    """Describe log price ratios: counts and 10th, 50th and 90th percentiles of cuts and rises apart."""
    described: dict[str, float] = {}
    for kind, part in (("cut", log_ratios[log_ratios < 0]), ("rise", log_ratios[log_ratios > 0])):
        described[f"{name}_{kind}s"] = float(part.size)
        for level, value in zip((10, 50, 90), np.exp(np.percentile(part, (10, 50, 90))), strict=True):
            described[f"{name}_{kind}_p{level}"] = float(value)
        described[f"{name}_{kind}_mean_log"] = float(part.mean())
        described[f"{name}_{kind}_sd_log"] = float(part.std(ddof=1))
    return described


def fit_market(data: Path = DATA) -> dict[str, float]:
    """Fit the price of the newest model of a tier: `family_paths.csv`.

    Returns
    -------
    dict of float
        Re-pricings a year with a 90 % interval, drift [1/year], volatility [1/sqrt(year)], standard error of
        the drift in logs [1/year], and the factors of cuts and rises.

    Notes
    -----
    The log price is the mean of the logs of input and output price. Over T tier-years with n changes x_i,
    rate = n / T, drift = exp(sum x_i / T) - 1, volatility = sqrt(sum x_i^2 / T), and the standard error of
    the drift is sqrt(sum x_i^2) / T. The interval of the rate is the exact one of a Poisson count.
    """
    tiers: dict[str, list[tuple[date, float]]] = {}
    for row in _rows(data / "family_paths.csv"):
        log_price = np.log([float(row["input_usd_per_mtok"]), float(row["output_usd_per_mtok"])]).mean()
        tiers.setdefault(row["tier"], []).append((date.fromisoformat(row["date"]), float(log_price)))
    changes = np.array([b[1] - a[1] for path in tiers.values() for a, b in itertools.pairwise(path)])
    years = sum((AS_OF - path[0][0]).days for path in tiers.values()) / 365.25
    squares = float((changes**2).sum())
    return {
        "market_tiers": float(len(tiers)),
        "market_years": years,
        "market_rate": changes.size / years,
        "market_rate_p5": float(stats.chi2.ppf(0.05, 2 * changes.size)) / 2 / years,
        "market_rate_p95": float(stats.chi2.ppf(0.95, 2 * changes.size + 2)) / 2 / years,
        "market_drift": float(np.expm1(changes.sum() / years)),
        "market_volatility": float(np.sqrt(squares / years)),
        "market_drift_error_log": float(np.sqrt(squares) / years),
        "market_mean_factor": float(np.exp(changes).mean()),
        **_changes(changes, "market"),
    }


def fit_pinned(data: Path = DATA) -> dict[str, float]:
    """Fit the price of one and the same model id: `price_events.csv`, hosts of open weights left out.

    Returns
    -------
    dict of float
        Changes seen, their rate a year with a 90 % interval, and the factors of cuts and rises.

    Notes
    -----
    The size of a change is read from pinned ids and aliases, its rate from the pinned ids of two vendors:
    n changes at the published rate mean n / rate model-years of watching, and the interval is that of a
    Poisson count over them.
    """
    events = _rows(data / "price_events.csv")
    sizes = np.array(
        [
            np.log(
                [
                    float(row[f"{token}_after"]) / float(row[f"{token}_before"])
                    for token in ("input", "output")
                ]
            ).mean()
            for row in events
            if row["kind"] in ("pinned", "alias")
        ]
    )
    seen = sum(row["kind"] == "pinned" and row["provider"] in PINNED_VENDORS for row in events)
    years = seen / PINNED_RATE
    return {
        "pinned_seen": float(seen),
        "pinned_years": years,
        "pinned_rate_p5": float(stats.chi2.ppf(0.05, 2 * seen)) / 2 / years,
        "pinned_rate_p95": float(stats.chi2.ppf(0.95, 2 * seen + 2)) / 2 / years,
        **_changes(sizes, "pinned"),
    }


def main(data: Path = DATA) -> None:
    """Print what the fits give, one number a line."""
    for name, value in {**fit_market(data), **fit_pinned(data)}.items():
        print(f"{name:28} {value:10.4f}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
