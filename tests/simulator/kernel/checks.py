"""Statistical checks of whole runs against closed forms, in standard errors.

Each check reads a plan whose answer is known and says how many standard errors, which follow from the closed
form, the dataset is away from it. `test_against_closed_forms` asks that all of them are small,
`test_mutations` that a seeded bug makes them large.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import asin, exp, expm1, log, pi, sqrt

import numpy as np
import xarray as xr
from scipy import special, stats

from simulator.histogram import RELATIVE_ERROR

SIGMAS = 5.0
"""Standard errors that a sound run may be away: P(|z| > 5) = 6e-7."""

LIFETIMES = 120_000
Z95 = 1.6448536269514722

HEAD = """
name = "Closed form"
start = 2027-01-01
horizon = "{horizon} month"
baseline = "a"
finance = {{ currency = "USD"{finance} }}
request = {{ input = "0 tok/req", output = "0 tok/req" }}
demand = {{ {demand} }}
models.m = {{ input_price = "1 USD/Mtok", output_price = "1 USD/Mtok" }}
"""
FREE = """
[strategies.{name}]
model = "m"
prompt = "0 tok/req"
"""


def plan(
    *tables: str,
    horizon: int = 2,
    finance: str = "",
    demand: str = 'requests = "100 req/month"',
    strategies: str = "a",
) -> str:
    """Write a plan whose strategies cost nothing but what the tables add."""
    head = HEAD.format(horizon=horizon, finance=finance, demand=demand)
    return "\n".join([head, *(FREE.format(name=name) for name in strategies), *tables])


def walk(growth: float, volatility: float) -> str:
    """Write a demand of 100 requests that walks at random."""
    return f'''requests = "100 req/month",
        growth = "{percent(growth)} / year",
        volatility = "{percent(volatility)} / month"'''.replace("\n", " ")


@dataclass(frozen=True)
class Check:
    """A plan and how far, in standard errors, its dataset is away from what is known."""

    text: str
    deviations: Callable[[xr.Dataset], np.ndarray]
    lifetimes: int = LIFETIMES


def of_mean(mean, expected, sd, n) -> np.ndarray:
    """Give the deviation of a mean of n lifetimes; `sd` is that of a lifetime, known exactly."""
    error = np.asarray(sd) / sqrt(n)
    difference = np.asarray(mean) - np.asarray(expected)
    certain = np.where(np.abs(difference) <= 1e-12 * np.abs(expected), 0.0, np.inf)
    return np.where(error > 0.0, difference / np.where(error > 0.0, error, 1.0), certain)


def of_share(share, expected, n) -> np.ndarray:
    """Give the deviation of a share of n lifetimes."""
    expected = np.asarray(expected)
    return of_mean(share, expected, np.sqrt(expected * (1.0 - expected)), n)


def of_quantile(value, expected, level, density, n) -> np.ndarray:
    """Give the deviation of a quantile, beyond what the histogram may add."""
    beyond = np.abs(np.asarray(value) - expected) - RELATIVE_ERROR * np.abs(expected)
    return np.maximum(beyond, 0.0) / (np.sqrt(level * (1.0 - level) / n) / density)


def percent(share: float) -> str:
    """Write a share in percent."""
    return f"{100.0 * share!r}%"


def interval(log_median: float, log_sd: float) -> str:
    """Write a lognormal as the 90 % interval of the plan format."""
    return f"{exp(log_median - Z95 * log_sd)!r} to {exp(log_median + Z95 * log_sd)!r}"


# --- demand: s_t^2 = s_R^2 + (t - 1)^2 s_g^2 + (t - 1) volatility^2

S_REQUESTS, S_GROWTH, VOLATILITY, SEASONS = (
    0.3,
    0.25,
    0.08,
    (1.2, 0.9, 1.1, 0.8, 1.3, 0.7, 1, 1, 1, 1.4, 0.6, 1),
)
MU_REQUESTS, MU_GROWTH = log(1000.0), 0.1
GROWTHS = expm1(MU_GROWTH - Z95 * S_GROWTH), expm1(MU_GROWTH + Z95 * S_GROWTH)
DEMAND = plan(
    horizon=25,
    demand=f"""requests = "{interval(MU_REQUESTS, S_REQUESTS)} req/month",
        growth = "{percent(GROWTHS[0])} to {percent(GROWTHS[1])} / year",
        volatility = "{percent(VOLATILITY)} / month", seasonality = {list(SEASONS)}""".replace("\n", " "),
)


def _demand(found: xr.Dataset) -> np.ndarray:
    n = found.attrs["lifetimes"]
    steps = np.arange(found.sizes["month"])
    mu = MU_REQUESTS + steps * MU_GROWTH / 12.0
    s = np.sqrt(S_REQUESTS**2 + (steps * S_GROWTH / 12.0) ** 2 + steps * VOLATILITY**2)
    season = np.array(SEASONS)[steps % 12]
    mean = season * np.exp(mu + s * s / 2.0)
    z = [of_mean(found["requests_mean"], mean, mean * np.sqrt(np.expm1(s * s)), n)]
    for level in found["quantile"].values:
        at = special.ndtri(level)
        value = season * np.exp(mu + s * at)
        density = stats.norm.pdf(at) / (s * value)
        z.append(of_quantile(found["requests"].sel(quantile=level), value, level, density, n))
    return np.concatenate(z)


# --- geometric Brownian motion, S0 = 1, mu = 5 %, sigma = 20 % a year

GBM_QUANTILES = {
    0.01: 0.64709020434601, 0.05: 0.74158111861506, 0.1: 0.79747059768536, 0.5: 1.0304545339535,
    0.9: 1.3315055747852, 0.95: 1.4318548839652, 0.99: 1.6409405356685,
}  # fmt: skip
GBM_MEAN, GBM_SD = 1.051271096376, 0.21237438824298
SUM_MEAN, SUM_SD = 3892.1191568581 + 100.0, sqrt(675228.76694399)
DRIFT, SPREAD = expm1(0.05 - 0.2**2 / 2.0), 0.2 / sqrt(12.0)
BROWNIAN = (
    plan(
        f'[prices.gbm]\ndrift = "{percent(DRIFT)} / year"\nvolatility = "{percent(SPREAD)} / month"',
        '[strategies.a.costs]\nbill = "1 USD/req"',
        horizon=37,
        demand=walk(DRIFT, SPREAD),
    )
    + f"\n[run]\nquantiles = {list(GBM_QUANTILES)}\n"
)


def _brownian(found: xr.Dataset) -> np.ndarray:
    n = found.attrs["lifetimes"]
    level = found["price_level"].sel(process="gbm", month=13)
    z = [of_mean(found["price_level_mean"].sel(process="gbm", month=13), GBM_MEAN, GBM_SD, n)]
    for q, value in GBM_QUANTILES.items():
        density = stats.norm.pdf(special.ndtri(q)) / (0.2 * value)
        z.append(of_quantile(level.sel(quantile=q), value, q, density, n))
    z.append(of_mean(found["cumulative_cost_mean"].sel(strategy="a", month=37), SUM_MEAN, SUM_SD, n))
    return np.array([float(one) for one in z])


# --- prices that change at random and on schedule

RATE, CHANGES, CHANGE_DRIFT, CHANGE_VOLATILITY = 3.0, (0.4, 1.2), -0.3, 0.05
CHANGING = plan(
    f"""[prices.p]
    drift = "{percent(CHANGE_DRIFT)} / year"
    volatility = "{percent(CHANGE_VOLATILITY)} / month"
    change_rate = "{RATE} / year"
    change = {{ min = {CHANGES[0]}, max = {CHANGES[1]} }}
    scheduled = [{{ at = 6, change = 1.5 }}]""",
    horizon=13,
)


def _changing(found: xr.Dataset) -> np.ndarray:
    steps = np.arange(13)
    p = -expm1(-RATE / 12.0)
    low, high = CHANGES
    drift, v2 = (1.0 + CHANGE_DRIFT) ** (1.0 / 12.0), CHANGE_VOLATILITY**2
    first = drift * (1.0 - p + p * (low + high) / 2.0) * exp(v2 / 2.0)
    second = drift**2 * (1.0 - p + p * (low**2 + low * high + high**2) / 3.0) * exp(2.0 * v2)
    scheduled = np.where(steps >= 5, 1.5, 1.0)
    mean = scheduled * first**steps
    sd = np.sqrt(np.maximum(scheduled**2 * second**steps - mean**2, 0.0))
    return of_mean(found["price_level_mean"].sel(process="p"), mean, sd, found.attrs["lifetimes"])


# --- two lognormal costs with a copula (Margrabe)

MARGRABE = {
    -0.5: 0.53798962324622,
    0.0: 0.54589514105255,
    0.4: 0.55771244909761,
    0.5: 0.56242617156186,
    0.9: 0.61036524339905,
}
MEAN_A, MEAN_B, MEAN_MIN = 100.0 * exp(0.06), 105.0 * exp(0.02), 89.534755844092


def margrabe(correlation: float) -> Check:
    """Compare 100 e^N(-0.03, 0.18) with 105 e^N(-0.02, 0.08), the two normals correlated."""
    coupled = f"""
    [[correlations]]
    between = ["strategies.a.costs.once", "strategies.b.costs.once"]
    spearman = {6.0 / pi * asin(correlation / 2.0)!r}"""
    text = plan(
        f'[strategies.a.costs]\nonce = "{interval(log(100.0) - 0.03, 0.3 * sqrt(2.0))} USD"',
        f'[strategies.b.costs]\nonce = "{interval(log(105.0) - 0.02, 0.2 * sqrt(2.0))} USD"',
        coupled if correlation else "",
        strategies="ab",
    )

    def deviations(found: xr.Dataset) -> np.ndarray:
        n = found.attrs["lifetimes"]
        z = [
            of_share(found["win_probability"].sel(strategy="a", rival="b", month=2), MARGRABE[correlation], n)
        ]
        # Fisher's transform of Spearman's rho varies by (1 + rho^2 / 2) / (n - 3) (Bonett, Wright 2000).
        spearman = 6.0 / pi * asin(correlation / 2.0)
        rank = stats.spearmanr(found["sample_input"].values).statistic
        error = sqrt((1.0 + spearman**2 / 2.0) / (found.sizes["lifetime"] - 3.0))
        z.append((np.arctanh(min(rank, 1.0 - 1e-9)) - np.arctanh(spearman)) / error)
        if correlation == 0.4:
            regret, error = found["expected_regret"].sel(month=2), found["expected_regret_mcse"].sel(month=2)
            z.extend((regret.values - [MEAN_A - MEAN_MIN, MEAN_B - MEAN_MIN]) / error.values)
        return np.array([float(one) for one in z])

    return Check(text, deviations)


BEST_OF_THREE = plan(
    *(
        f'[strategies.{name}.costs]\nonce = "{interval(log(100.0), s)} USD"'
        for name, s in zip("abc", (0.3, 0.2, 0.4), strict=True)
    ),
    strategies="abc",
)


def _best_of_three(found: xr.Dataset) -> np.ndarray:
    expected = [0.3331918943053, 0.2898980629835, 0.3769100427111]
    return of_share(found["cheapest_probability"].sel(month=2), expected, found.attrs["lifetimes"])


# --- a random walk over a bound, looked at once a month: a step of 1 USD when it first was above


def passage(horizon: int, probability: float, drift: float = 0.5) -> Check:
    """Let ln demand walk with yearly drift 0.5 and variance 1, and step once it has been above 1."""
    text = plan(
        f"""[strategies.b]
        start_with = "a"
        [[strategies.b.then]]
        migrate_to = "c"
        when = {{ requests_above = "{100.0 * exp(1.0)!r} req/month" }}
        cost = "1 USD" """,
        FREE.format(name="c"),
        horizon=horizon,
        demand=walk(expm1(drift), 1.0 / sqrt(12.0)),
    )

    def deviations(found: xr.Dataset) -> np.ndarray:
        share = found["cumulative_cost_mean"].sel(strategy="b", month=horizon)
        return of_share(share, probability, found.attrs["lifetimes"])

    return Check(text, deviations)


# --- events at random: the month of the first one is geometric, from month 2 on

EVENT_RATE = 2.0
GEOMETRIC = plan(
    f'[events.e]\nrate = "{EVENT_RATE} / year"\n[events.fixed]\nat = [4]\n',
    '[strategies.b]\nstart_with = "a"',
    '[[strategies.b.then]]\nmigrate_to = "c"\nwhen.on = "events.e"\ncost = "1 USD"',
    FREE.format(name="c"),
    FREE.format(name="d") + 'costs.each = { value = "1 USD", on = "events.e" }',
    FREE.format(name="f") + 'costs.each = { value = "1 USD", on = "events.fixed" }',
    horizon=13,
)


def _geometric(found: xr.Dataset) -> np.ndarray:
    n = found.attrs["lifetimes"]
    p = -expm1(-EVENT_RATE / 12.0)
    steps = np.arange(13)
    first = 1.0 - (1.0 - p) ** steps
    every = np.where(steps > 0, p, 0.0)
    fixed = np.where(steps == 3, 1.0, 0.0)
    cost = found["monthly_cost_mean"]
    return np.concatenate(
        [
            of_share(found["cumulative_cost_mean"].sel(strategy="b"), first, n),
            of_share(cost.sel(strategy="d"), every, n),
            of_share(cost.sel(strategy="f"), fixed, n),
        ]
    )


# --- the dearest lifetimes of an exponential cost

EXPONENTIAL = plan('[strategies.a.costs]\nonce = { dist = "weibull", mean = 100, sd = 100, unit = "USD" }')


def _exponential(found: xr.Dataset) -> np.ndarray:
    n = found.attrs["lifetimes"]
    z = []
    for q in (0.95, 0.99):
        value, shortfall = -100.0 * log(1.0 - q), 100.0 * (1.0 - log(1.0 - q))
        at = {"strategy": "a", "quantile": q}
        z.append(of_quantile(found["present_cost"].sel(at).sel(month=2), value, q, (1.0 - q) / 100.0, n))
        # n Var of the tail mean is (1 + q) / (1 - q) for a cost of mean 1: 39 at 95 %, 199 at 99 %.
        error = 100.0 * sqrt((1.0 + q) / (1.0 - q) / n)
        beyond = abs(float(found["expected_shortfall"].sel(at)) - shortfall) - RELATIVE_ERROR * shortfall
        z.append(max(beyond, 0.0) / error)
        stated = float(found["expected_shortfall_mcse"].sel(at))
        z.append(SIGMAS * abs(stated / error - 1.0) / 0.1)  # it is an estimate itself, good to a tenth
    return np.array([float(one) for one in z])


# --- money by hand: no draw, so any deviation is infinite

DISCOUNT, RAISE = 0.1, 0.06
ARITHMETIC = plan(
    f'[people]\nengineer = "100 USD/h"\nraise = "{percent(RAISE)} / year"',
    '[strategies.a.costs]\nrent = "50 USD/month"\nsetup = "70 USD"',
    '[strategies.b.costs]\nwork = { value = "0.5 h/month", role = "engineer" }\nsetup = "70 USD"',
    horizon=25,
    finance=f', discount = "{percent(DISCOUNT)} / year"',
    strategies="ab",
)


def _arithmetic(found: xr.Dataset) -> np.ndarray:
    k = np.arange(1, 26)
    discounting = (1.0 + DISCOUNT) ** (-k / 12.0)
    paid = np.stack([np.full(25, 50.0), 50.0 * (1.0 + RAISE) ** ((k - 1) / 12.0)])
    present = 70.0 + np.cumsum(paid * discounting, axis=1)
    off = np.abs(found["present_cost_mean"].values / present - 1.0)
    return np.where(off <= 1e-12, 0.0, np.inf).ravel()


CHECKS = {
    "demand": Check(DEMAND, _demand),
    "brownian": Check(BROWNIAN, _brownian),
    "changing": Check(CHANGING, _changing),
    **{f"margrabe {r}": margrabe(r) for r in MARGRABE},
    "best of three": Check(BEST_OF_THREE, _best_of_three),
    "passage in a year": passage(14, 0.4127086095),
    "passage in three years": passage(38, 0.7762069739),
    "geometric": Check(GEOMETRIC, _geometric),
    "exponential": Check(EXPONENTIAL, _exponential),
    "arithmetic": Check(ARITHMETIC, _arithmetic, 200),
}
