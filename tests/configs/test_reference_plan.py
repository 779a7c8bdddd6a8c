"""The reference plan: it loads, is the case it claims to be, and its fitted numbers follow from the data."""

from __future__ import annotations

import csv
import importlib.util
import re
import tomllib
from datetime import date
from math import exp, log, pi, sqrt
from pathlib import Path
from types import ModuleType

import pytest

from simulator.plan import load_plan

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "configs"
REFERENCE = CONFIGS / "plan.toml"
DATA = ROOT.parent / "shared" / "data"

needs_data = pytest.mark.skipif(
    not (DATA / "price_events.csv").is_file(), reason="the public price tables are not beside the repository"
)


def fit_script(name: str) -> ModuleType:
    """Load a script of tests/reference, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tests" / "reference" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def written(key: str) -> object:
    """Return what stands in the file under a dotted key, untouched by the reader."""
    value: object = tomllib.loads(REFERENCE.read_text(encoding="utf-8"))
    for part in key.split("."):
        assert isinstance(value, dict)
        value = value[part]
    return value


def interval(key: str) -> tuple[float, float]:
    """Return the two ends of `"a to b / year"`; percentages become fractions."""
    low, high = re.findall(r"(-?[\d.]+)(%?)", str(written(key)))
    return tuple(float(number) / (100.0 if percent else 1.0) for number, percent in (low, high))


def prices_as_litellm_lists(model: str) -> tuple[float, float]:
    """Return input and output price [USD/Mtok] of the latest first-party row of a model."""
    with (DATA / "price_history.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["model"] == model]
    last = max(rows, key=lambda row: row["date"])
    return float(last["input_usd_per_mtok"]), float(last["output_usd_per_mtok"])


def test_the_reference_plan_compares_seven_strategies_over_three_years() -> None:
    plan = load_plan(REFERENCE)
    compared = [name for name, strategy in plan.strategies.items() if not strategy.part]
    assert compared == [
        "prompting",
        "prompting_cached",
        "retrieval",
        "finetuned",
        "self_hosted",
        "hybrid",
        "migrating",
    ]
    assert plan.baseline == "prompting"
    assert (plan.start, plan.horizon) == (date(2027, 1, 1), 36)
    assert plan.run.lifetimes == 1_000_000
    assert plan.finance.budget is not None


def test_the_smoke_plan_is_small() -> None:
    plan = load_plan(CONFIGS / "smoke.toml")
    assert plan.run.lifetimes == 20_000
    assert plan.horizon == 12
    assert [strategy.part for strategy in plan.strategies.values()] == [False, False, False]


def test_the_fine_tune_does_not_sit_where_fine_tuning_ends() -> None:
    plan = load_plan(REFERENCE)
    tuned = plan.models[plan.strategies["finetuned"].model]
    assert tuned.retired_on > plan.start
    assert tuned.retired_after is not None
    assert tuned.prices == "pinned"
    assert plan.models[plan.strategies["prompting"].model].prices == "market"


def test_every_number_of_the_reference_plan_names_its_source() -> None:
    silent = []
    told = False
    for number, line in enumerate(REFERENCE.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        if text.startswith("#"):
            told = True
        elif text.startswith("[") or not text:
            told = False
        elif not re.search(r"=.*\d", text):
            told = told and bool(text)
        elif "#" in text or "source =" in text:
            told = False
        elif not told and not re.match(r"(name|lifetimes|seed|label|start_with|spearman)\s*=", text):
            silent.append(f"{number}: {text}")
        else:
            told = False
    assert silent == []


def test_the_plans_name_no_path_of_a_machine() -> None:
    for file in CONFIGS.glob("*.toml"):
        assert not re.search(r"(^|[\s\"'(])(/|~/|\.\./|[A-Z]:\\)\w", file.read_text(encoding="utf-8")), (
            file.name
        )


@needs_data
def test_the_market_price_process_is_the_one_fitted_to_twelve_tiers() -> None:
    fitted = fit_script("fit_prices").fit_market(DATA)
    assert interval("prices.market.change_rate") == pytest.approx(
        (fitted["market_rate_p5"], fitted["market_rate_p95"]), abs=0.005
    )
    z90 = 1.6448536269514722
    drift = tuple(
        2.718281828459045 ** (sign * z90 * fitted["market_drift_error_log"]) - 1.0 for sign in (-1, 1)
    )
    assert interval("prices.market.drift") == pytest.approx(drift, abs=0.005)
    for member, kind in zip(written("prices.market.change.mixture"), ("cut", "rise"), strict=True):
        assert member["weight"] == fitted[f"market_{kind}s"]
        for level in (10, 50, 90):
            assert member["value"][f"p{level}"] == pytest.approx(fitted[f"market_{kind}_p{level}"], abs=0.005)


@needs_data
def test_the_pinned_price_process_is_the_one_fitted_to_re_pricings_of_one_id() -> None:
    fitted = fit_script("fit_prices").fit_pinned(DATA)
    assert interval("prices.pinned.change_rate") == pytest.approx(
        (fitted["pinned_rate_p5"], fitted["pinned_rate_p95"]), abs=0.0005
    )
    for member, kind in zip(written("prices.pinned.change.mixture"), ("cut", "rise"), strict=True):
        assert member["weight"] == fitted[f"pinned_{kind}s"]
        for level in (10, 50, 90):
            assert member["value"][f"p{level}"] == pytest.approx(fitted[f"pinned_{kind}_p{level}"], abs=0.005)


@needs_data
def test_the_jumps_of_the_market_carry_its_published_drift_and_volatility() -> None:
    """Split-lognormal jumps from three percentiles keep the moments of the 61 changes to 3 %.

    With p = E[ln x] of a member m = ln p50 + (s_high - s_low) / sqrt(2 pi) and E[(ln x - ln p50)^2] =
    (s_high^2 + s_low^2) / 2, drift and squared volatility are the rate times the mixture's first two moments.
    """
    fitted = fit_script("fit_prices").fit_market(DATA)
    z_p90 = 1.2815515655446004
    first = second = weights = 0.0
    for member in written("prices.market.change.mixture"):
        middle = log(member["value"]["p50"])
        low, high = ((log(member["value"][p]) - middle) / z for p, z in (("p10", -z_p90), ("p90", z_p90)))
        shift = (high - low) / sqrt(2.0 * pi)
        weights += member["weight"]
        first += member["weight"] * (middle + shift)
        second += member["weight"] * ((high**2 + low**2) / 2.0 + 2.0 * middle * shift + middle**2)
    rate = fitted["market_rate"]
    assert exp(rate * first / weights) - 1.0 == pytest.approx(fitted["market_drift"], abs=0.03)
    assert sqrt(rate * second / weights) == pytest.approx(fitted["market_volatility"], rel=0.03)


@needs_data
def test_the_fits_give_the_figures_published_with_the_tables() -> None:
    prices = fit_script("fit_prices")
    market, pinned = prices.fit_market(DATA), prices.fit_pinned(DATA)
    assert market["market_rate"] == pytest.approx(1.75, abs=0.01)
    assert market["market_rises"] / (market["market_rises"] + market["market_cuts"]) == pytest.approx(
        0.38, abs=0.005
    )
    assert market["market_drift"] == pytest.approx(-0.29, abs=0.005)
    assert market["market_volatility"] == pytest.approx(1.14, abs=0.005)
    assert pinned["pinned_cuts"] / (pinned["pinned_cuts"] + pinned["pinned_rises"]) == pytest.approx(
        0.74, abs=0.005
    )
    assert pinned["pinned_cut_mean_log"] == pytest.approx(-0.81, abs=0.005)
    assert pinned["pinned_cut_sd_log"] == pytest.approx(0.54, abs=0.005)
    shape, scale = fit_script("fit_lifetimes").fit_weibull(DATA)
    assert (shape, scale / 12.0) == pytest.approx((2.85, 2.19), abs=0.005)


@needs_data
def test_the_lives_of_base_models_are_the_fitted_ones() -> None:
    lifetimes = fit_script("fit_lifetimes")
    fitted = lifetimes.fit(DATA)
    tuned, flagship = written("models.tuned.retired_after"), written("models.flagship.retired_after")
    assert (tuned["mean"], tuned["sd"]) == pytest.approx(
        (fitted["tuned_base_left_mean"], fitted["tuned_base_left_sd"]), abs=0.05
    )
    assert (flagship["mean"], flagship["sd"]) == pytest.approx(
        (fitted["prompted_left_mean"], fitted["prompted_left_sd"]), abs=0.05
    )
    assert written("models.tuned.retired_on") == lifetimes.first_retirement(DATA)


@needs_data
def test_request_lengths_are_the_means_of_the_conversation_trace() -> None:
    fitted = fit_script("fit_requests").fit_tokens(DATA)
    for name in ("input", "output"):
        quantity = written(f"request.{name}")
        assert quantity["mean"] == pytest.approx(fitted[f"{name}_mean"], abs=0.5)
        assert 0.15 <= quantity["sd"] / quantity["mean"] <= 0.3
        assert quantity["mean"] != pytest.approx(fitted[f"{name}_median"], rel=0.1)


@needs_data
def test_prices_are_the_latest_listed_before_the_plan_starts() -> None:
    for model, listed in (("flagship", "gpt-6.1-sol"), ("tuned", "gemini/gemini-2.5-flash-lite")):
        stated = tuple(
            float(str(written(f"models.{model}.{side}_price")).split()[0]) for side in ("input", "output")
        )
        assert stated == prices_as_litellm_lists(listed)
    gpu = fit_script("fit_requests").fit_gpu_prices(DATA)
    card = written("strategies.self_hosted.serving.gpu_price")
    assert (card["min"], card["max"]) == pytest.approx((gpu["a100_low"], gpu["a100_high"]), abs=0.005)
