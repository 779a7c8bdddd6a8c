"""Fit how long a base model lives, and how long one that is already in use has left.

Run as a script (`python tests/reference/fit_lifetimes.py [DATA]`) it prints every number it derives.
"""

from __future__ import annotations

import csv
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from scipy import integrate, optimize

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
AS_OF = date(2026, 11, 22)
START = date(2027, 1, 1)
TUNED_BASE_RELEASED = date(2025, 7, 22)
"""First day of gemini-2.5-flash-lite in `family_paths.csv`."""
PROMPTED_MODEL_RELEASED = date(2026, 9, 29)
"""First day of gpt-6.1-sol in `model_lifetimes.csv`."""
AGE_AT_TUNING = 6.0
"""Age at which a later base model is tuned: released, opened for tuning, tried (assumption) [month]."""


def fit_weibull(data: Path = DATA) -> tuple[float, float]:
    """Fit a Weibull by maximum likelihood to the lives of OpenAI's models (`model_lifetimes.csv`).

    Returns
    -------
    tuple of float
        Shape [1] and scale [month].

    Notes
    -----
    Fine-tunes (`ft:`) are left out, they die with their base; announced shutdowns count as deaths, models
    without one are censored at the date of the table.
    """
    years, died = [], []
    with (data / "model_lifetimes.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["provider"] != "openai" or row["model"].startswith("ft:"):
                continue
            days = float(row["days"] or (AS_OF - date.fromisoformat(row["released"])).days)
            years.append(days / 365.25)
            died.append(bool(row["days"]))
    life, dead = np.array(years), np.array(died)

    def loss(logs: np.ndarray) -> float:
        shape, scale = np.exp(logs)
        density = np.log(shape / scale) + (shape - 1.0) * np.log(life / scale)
        return float(-(density * dead - (life / scale) ** shape).sum())

    best = optimize.minimize(
        loss, np.log([2.0, 2.0]), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-9}
    )
    shape, scale = np.exp(best.x)
    return float(shape), float(scale) * 12.0


def remaining(shape: float, scale: float, age: float) -> tuple[float, float, float]:
    """Return mean, sd and median of the months that a Weibull life has left at an age (months).

    Notes
    -----
    S(t) = exp(-(t / scale)^shape); with R(t) = S(age + t) / S(age), the mean is the integral of R, the second
    moment that of 2 t R, and the median solves R = 1/2.
    """

    def left(t: float) -> float:
        return float(np.exp((age / scale) ** shape - ((age + t) / scale) ** shape))

    mean = integrate.quad(left, 0.0, np.inf)[0]
    second = integrate.quad(lambda t: 2.0 * t * left(t), 0.0, np.inf)[0]
    median = scale * ((age / scale) ** shape + np.log(2.0)) ** (1.0 / shape) - age
    return mean, float(np.sqrt(second - mean**2)), float(median)


def fit(data: Path = DATA) -> dict[str, float]:
    """Derive every lifetime that the reference plan states [month]."""
    shape, scale = fit_weibull(data)
    new_mean, new_sd, _ = remaining(shape, scale, 0.0)
    tuned_mean, tuned_sd, _ = remaining(shape, scale, AGE_AT_TUNING)
    base_age = (START - TUNED_BASE_RELEASED).days * 12.0 / 365.25
    prompted_age = (START - PROMPTED_MODEL_RELEASED).days * 12.0 / 365.25
    prompted_mean, prompted_sd, _ = remaining(shape, scale, prompted_age)
    return {
        "weibull_shape": shape,
        "weibull_scale_years": scale / 12.0,
        "life_mean": new_mean,
        "life_sd": new_sd,
        "tuned_base_left_mean": tuned_mean,
        "tuned_base_left_sd": tuned_sd,
        "prompted_left_mean": prompted_mean,
        "prompted_left_sd": prompted_sd,
        "first_base_age": base_age,
        "first_base_left_median": remaining(shape, scale, base_age)[2],
    }


def first_retirement(data: Path = DATA) -> date:
    """Return the day by which the tuned base model is gone in one half of all cases."""
    return START + timedelta(days=fit(data)["first_base_left_median"] * 365.25 / 12.0)


def main(data: Path = DATA) -> None:
    """Print what the fit gives, one number a line."""
    for name, value in fit(data).items():
        print(f"{name:28} {value:10.4f}")
    print(f"{'first_retirement':28} {first_retirement(data)}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
