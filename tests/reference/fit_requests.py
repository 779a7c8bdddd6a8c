"""Derive the lengths of requests from a public trace of a conversation service, and the prices of GPUs.

Run as a script (`python tests/reference/fit_requests.py [DATA]`) it prints every number it derives.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def fit_tokens(data: Path = DATA) -> dict[str, float]:
    """Describe the tokens of a request (`AzureLLMInferenceTrace_conv.csv`) [tok/req].

    Returns
    -------
    dict of float
        Mean, median and standard error of the mean of input and output, and the correlation of the two.
    """
    tokens = np.loadtxt(
        data / "AzureLLMInferenceTrace_conv.csv", delimiter=",", skiprows=1, usecols=(1, 2), dtype=np.float64
    )
    described: dict[str, float] = {"trace_requests": float(len(tokens))}
    for name, column in (("input", tokens[:, 0]), ("output", tokens[:, 1])):
        described[f"{name}_mean"] = float(column.mean())
        described[f"{name}_median"] = float(np.median(column))
        described[f"{name}_mean_error"] = float(column.std(ddof=1) / np.sqrt(column.size))
    described["input_output_correlation"] = float(np.corrcoef(tokens.T)[0, 1])
    return described


def fit_gpu_prices(data: Path = DATA) -> dict[str, float]:
    """Describe today's prices of an A100 with 80 GB (`gpu_prices.csv`) [USD/GPU-h]."""
    with (data / "gpu_prices.csv").open(newline="", encoding="utf-8") as file:
        prices = [
            float(row["usd_per_gpu_hour"])
            for row in csv.DictReader(file)
            if row["gpu"].startswith("A100") and row["mem_gb"] == "80" and row["date"].startswith("2026")
        ]
    return {"a100_low": min(prices), "a100_median": float(np.median(prices)), "a100_high": max(prices)}


def main(data: Path = DATA) -> None:
    """Print what the data give, one number a line."""
    for name, value in {**fit_tokens(data), **fit_gpu_prices(data)}.items():
        print(f"{name:28} {value:10.4f}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
