"""Turn arrays of cash into a dataset with plain NumPy, and draw such arrays for the tests of presentation."""

from __future__ import annotations

import numpy as np
import xarray as xr

COMPONENTS = ("input_tokens", "output_tokens", "training", "serving", "labor", "failures", "latency", "other")
UNINVOICED = ("failures", "latency")
QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95, 0.99)
Z = 1.959963984540054
LABELS = (
    "Prompting, GPT-4.1",
    "Fine-tuned API",
    "Retrieval (RAG)",
    "Hybrid routing",
    "Self-hosted 8B, LoRA",
    "Self-hosted 70B",
    "Prompt first, migrate later",
)


def dataset_of(
    upfront: np.ndarray,
    running: np.ndarray,
    *,
    labels: tuple[str, ...] | None = None,
    baseline: int = 0,
    budget: dict[str, float] | None = None,
    quantiles: tuple[float, ...] = QUANTILES,
    lifetimes: int | None = None,
    start: str = "2026-01-01",
    discount: float = 0.0,
    currency: str = "USD",
    budget_level: float = 0.8,
    compare_on: tuple[str, ...] = COMPONENTS,
) -> xr.Dataset:
    """
    Build the dataset of given cash, every statistic by its definition.

    Parameters
    ----------
    upfront
        (lifetime, strategy, component) [currency] paid upfront in month 1.
    running
        (lifetime, strategy, component, month) [currency] everything else.
    labels
        Labels of the strategies; their names are s0, s1, …
    baseline
        Position of the baseline.
    budget
        Budget period -> amount [currency]; absent periods have no budget (NaN).
    lifetimes
        Number of lifetimes that the errors shall speak of; the drawn ones where None.
    """
    drawn, strategies, _, horizon = running.shape
    n = lifetimes or drawn
    labels = labels or LABELS[:strategies]
    names = [f"s{i}" for i in range(strategies)]
    month = np.arange(1, horizon + 1)
    dates = (np.datetime64(start[:7]) + np.arange(horizon)).astype("datetime64[D]").astype("datetime64[ns]")
    years = [f"FY{2026 + (int(start[5:7]) - 1 + t) // 12}" for t in range(horizon)]
    fiscal_years = list(dict.fromkeys(years))
    periods = [*fiscal_years, "horizon"]

    cash = running.copy()
    cash[..., 0] += upfront
    weight = (1 + discount) ** (-month / 12)

    def present(components: list[int]) -> np.ndarray:
        return upfront[:, :, components].sum(2)[..., None] + np.cumsum(
            running[:, :, components].sum(2) * weight, axis=-1
        )

    every = list(range(len(COMPONENTS)))
    present_cost = present(every)
    compared = present([COMPONENTS.index(c) for c in compare_on])
    cumulative = np.cumsum(cash.sum(2), axis=-1)
    covered = cash[:, :, [i for i, c in enumerate(COMPONENTS) if c not in UNINVOICED]].sum(2)
    in_year = np.array([[y == f for y in years] for f in fiscal_years], float)
    budget_cost = np.concatenate([covered @ in_year.T, covered.sum(-1, keepdims=True)], axis=-1)

    q = np.array(quantiles)
    variables: dict[str, tuple[tuple[str, ...], np.ndarray]] = {}

    def mean(name: str, dims: tuple[str, ...], values: np.ndarray) -> None:
        variables[name] = (dims, values.mean(0))
        variables[f"{name}_mcse"] = (dims, values.std(0) / np.sqrt(n))

    def spread(name: str, dims: tuple[str, ...], values: np.ndarray) -> None:
        variables[name] = ((*dims, "quantile"), np.moveaxis(np.quantile(values, q, axis=0), 0, -1))
        half = Z * np.sqrt(q * (1 - q) / n)
        bounds = [np.quantile(values, np.clip(q + side * half, 0, 1), axis=0) for side in (-1, 1)]
        variables[f"{name}_interval"] = (
            (*dims, "quantile", "bound"),
            np.stack([np.moveaxis(b, 0, -1) for b in bounds], -1),
        )

    def chance(name: str, dims: tuple[str, ...], p: np.ndarray) -> None:
        centre, scale = (p + Z**2 / (2 * n)), 1 / (1 + Z**2 / n)
        half = Z * np.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
        variables[name] = (dims, p)
        variables[f"{name}_interval"] = (
            (*dims, "bound"),
            np.stack([np.maximum(0, (centre - half) * scale), np.minimum(1, (centre + half) * scale)], -1),
        )

    for name, values in (
        ("monthly_cost", cash.sum(2)),
        ("cumulative_cost", cumulative),
        ("present_cost", present_cost),
    ):
        spread(name, ("strategy", "month"), values)
        mean(f"{name}_mean", ("strategy", "month"), values)
    spread("budget_cost", ("strategy", "budget_period"), budget_cost)
    mean("budget_cost_mean", ("strategy", "budget_period"), budget_cost)
    mean("cost_breakdown", ("strategy", "component", "month"), cash)

    a, b = compared[:, :, None], compared[:, None, :]
    tie = np.abs(a - b) <= 1e-9 * np.maximum(np.abs(a), np.abs(b))
    win = np.where(tie, 0.5, a < b)
    chance("win_probability", ("strategy", "rival", "month"), win.mean(0))
    least = compared.min(1, keepdims=True)
    best = np.abs(compared - least) <= 1e-9 * np.maximum(np.abs(compared), np.abs(least))
    chance("cheapest_probability", ("strategy", "month"), (best / best.sum(1, keepdims=True)).mean(0))
    mean("expected_regret", ("strategy", "month"), compared - least)
    spread("regret", ("strategy",), (compared - least)[..., -1])
    saving = compared[:, None, :, -1] - compared[:, :, None, -1]
    spread("saving", ("strategy", "rival"), saving)
    mean("saving_mean", ("strategy", "rival"), saving)

    behind = ~(tie | (a < b))
    first = np.zeros(win.shape[1:])
    lasting = np.zeros(win.shape[1:])
    for t in range(horizon):
        first[..., t] = (~behind[..., t] & behind[..., :t].all(-1)).mean(0)
        before = behind[..., t - 1] if t else np.ones(behind.shape[:-1], bool)
        lasting[..., t] = (before & ~behind[..., t:].any(-1)).mean(0)
    chance("first_passage_probability", ("strategy", "rival", "month"), first)
    chance("break_even_probability", ("strategy", "rival", "month"), lasting)
    chance("never_breaks_even", ("strategy", "rival"), behind[..., -1].mean(0))

    tail = np.sort(present_cost[..., -1], axis=0)
    shortfall, error = [], []
    for level in q:
        worst = tail[min(int(np.floor(level * drawn)), drawn - 1) :]
        shortfall.append(worst.mean(0))
        error.append(worst.std(0) / np.sqrt(n * (1 - level)))
    variables["expected_shortfall"] = (("strategy", "quantile"), np.stack(shortfall, -1))
    variables["expected_shortfall_mcse"] = (("strategy", "quantile"), np.stack(error, -1))

    if budget is not None:
        amount = np.array([budget.get(p, np.nan) for p in periods])
        over = np.where(np.isnan(amount), np.nan, (budget_cost > amount).mean(0))
        chance("over_budget_probability", ("strategy", "budget_period"), over)
        overrun = np.where(np.isnan(amount), np.nan, np.maximum(budget_cost - amount, 0))
        mean("expected_overrun", ("strategy", "budget_period"), overrun)
        variables["budget"] = (("budget_period",), amount)

    variables["sample_present_cost"] = (("lifetime", "strategy"), present_cost[..., -1])
    return xr.Dataset(
        variables,
        coords={
            "strategy": names,
            "strategy_label": ("strategy", list(labels)),
            "rival": names,
            "month": month,
            "date": ("month", dates),
            "quantile": q,
            "component": list(COMPONENTS),
            "fiscal_year": fiscal_years,
            "budget_period": periods,
            "bound": ["low", "high"],
        },
        attrs={
            "plan_name": "Support assistant, EU",
            "plan_sha256": "3f9a" * 16,
            "baseline": names[baseline],
            "currency": currency,
            "seed": 20260101,
            "lifetimes": n,
            "horizon": horizon,
            "start": start,
            "sampler": "random",
            "budget_level": budget_level,
            "budget_covers": ",".join(c for c in COMPONENTS if c not in UNINVOICED),
            "compare_on": ",".join(compare_on),
            "created": "2026-02-03T10:00:00+00:00",
        },
    )


def drawn_cash(
    strategies: int = 7,
    horizon: int = 36,
    lifetimes: int = 1500,
    seed: int = 7,
    scales: np.ndarray | float = 1.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw upfront and running cash that looks like a plan's: shared demand, own upfront costs and prices."""
    rng = np.random.default_rng(seed)
    scales = np.broadcast_to(np.asarray(scales, float), (strategies,))
    growth = rng.normal(0.025, 0.02, (lifetimes, 1))
    steps = growth + 0.1 * rng.standard_normal((lifetimes, horizon))
    steps[:, :1] = rng.normal(0, 0.45, (lifetimes, 1))
    demand = np.exp(np.cumsum(steps, axis=1))
    once = np.array([3e3, 45e3, 22e3, 60e3, 90e3, 160e3, 30e3])
    use = np.array([9e3, 5.2e3, 7.4e3, 4.6e3, 1.9e3, 2.2e3, 6.0e3])
    fixed = np.array([0.8e3, 1.5e3, 1.4e3, 2.2e3, 4.6e3, 13e3, 1.4e3])
    failing = np.array([1.6e3, 0.9e3, 1.2e3, 0.7e3, 1.3e3, 0.8e3, 1.2e3])
    upfront = np.zeros((lifetimes, strategies, len(COMPONENTS)))
    running = np.zeros((lifetimes, strategies, len(COMPONENTS), horizon))
    for i in range(strategies):
        k, tilt = i % 7, (1 + 0.13 * (i // 7)) * scales[i]
        upfront[:, i, 4] = tilt * once[k] * np.exp(0.4 * rng.standard_normal(lifetimes))
        upfront[:, i, 2] = tilt * 0.1 * once[k]
        price = tilt * use[k] * np.exp(0.3 * rng.standard_normal((lifetimes, 1)))
        running[:, i, 0] = 0.6 * price * demand
        running[:, i, 1] = 0.4 * price * demand
        running[:, i, 4] = tilt * fixed[k]
        running[:, i, 5] = tilt * failing[k] * np.exp(0.5 * rng.standard_normal((lifetimes, 1))) * demand
        running[:, i, 6] = 0.2 * tilt * failing[k] * demand
    return upfront, running


def typical_dataset(strategies: int = 7, horizon: int = 36, **options) -> xr.Dataset:
    """Build the dataset of drawn cash with a yearly budget and a million lifetimes' errors."""
    drawing = {k: options.pop(k) for k in ("seed", "scales", "draws") if k in options}
    drawing["lifetimes"] = drawing.pop("draws", 1500)
    options.setdefault("lifetimes", 1_000_000)
    if strategies > 7:
        options.setdefault("labels", tuple(f"{LABELS[i % 7]} {'ABC'[i // 7]}" for i in range(strategies)))
    upfront, running = drawn_cash(strategies, horizon, **drawing)
    if "budget" not in options:
        whole = 150e3 * horizon / 12
        options["budget"] = {f"FY{2026 + y}": 150e3 for y in range(-(-horizon // 12))} | {"horizon": whole}
    return dataset_of(upfront, running, **options)
