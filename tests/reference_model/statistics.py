"""Count and sort the lifetimes of a result into every variable of the dataset."""

from __future__ import annotations

import numpy as np

TIE = 1e-9
SAMPLES = 10_000
WILSON_Z = 1.959963984540054  # 95 %
MONTHS_A_BUDGET = {"month": 1, "quarter": 3, "year": 12}


def statistics(result) -> dict[str, np.ndarray]:
    """Return the dataset's variables by name, dims in the dataset's order, quantile last."""
    plan = result.plan
    found = _money(result, plan)
    found |= _comparison(result, plan)
    found |= _budget(result, plan)
    with_quantiles(found, "requests", result.requests, plan.run.quantiles)
    if result.price_level:
        levels = np.stack(list(result.price_level.values()), axis=1)
        with_quantiles(found, "price_level", levels, plan.run.quantiles)
    mean(found, "training_runs", result.training_runs.astype(float))
    mean(found, "cost_breakdown", result.cost)
    if result.inputs:
        found["sample_input"] = np.stack(list(result.inputs.values()), axis=1)[:SAMPLES]
    return found


def mean(found: dict, name: str, values: np.ndarray) -> None:
    """Add the mean over lifetimes and its standard error sd / sqrt(n)."""
    found[name] = values.mean(axis=0)
    if len(values) > 1:
        found[f"{name}_mcse"] = values.std(axis=0, ddof=1) / np.sqrt(len(values))


def with_quantiles(found: dict, name: str, values: np.ndarray, quantiles) -> None:
    """Add the quantiles over lifetimes (…, quantile), their mean and its standard error."""
    found[name] = np.moveaxis(np.quantile(values, quantiles, axis=0), 0, -1)
    mean(found, f"{name}_mean", values)


def shortfall(values: np.ndarray, q: float) -> np.ndarray:
    """Return (1/(1-q)) x the integral from q to 1 of the sample's (step) quantile function, over axis 0."""
    ordered = np.sort(values, axis=0)
    n = len(ordered)
    upper = np.arange(1, n + 1) / n
    weight = np.clip(upper - np.maximum(upper - 1.0 / n, q), 0.0, None)
    return np.tensordot(weight, ordered, axes=1) / weight.sum()


def _money(result, plan) -> dict[str, np.ndarray]:
    quantiles, calendar = plan.run.quantiles, plan.calendar
    found: dict[str, np.ndarray] = {}
    monthly, cumulative, present = result.monthly(), result.cumulative(), result.present()
    with_quantiles(found, "monthly_cost", monthly, quantiles)
    with_quantiles(found, "cumulative_cost", cumulative, quantiles)
    with_quantiles(found, "present_cost", present, quantiles)
    with_quantiles(found, "quarterly_cost", by_period(monthly, calendar.fiscal_quarters), quantiles)
    with_quantiles(found, "fiscal_year_cost", by_period(monthly, calendar.fiscal_years), quantiles)
    per_kreq = cumulative[..., -1] / (result.requests.sum(axis=1)[:, None] / 1000.0)
    with_quantiles(found, "cost_per_kreq", per_kreq, quantiles)

    final = present[..., -1]
    found["expected_shortfall"] = np.stack([shortfall(final, q) for q in quantiles], axis=-1)
    if len(final) > 1:
        # ES_q = Q + E[max(x - Q, 0)] / (1 - q); at its minimum in Q the error of Q does not count.
        excess = np.maximum(final[..., None] - np.moveaxis(np.quantile(final, quantiles, axis=0), 0, -1), 0.0)
        error = excess.std(axis=0, ddof=1) / np.sqrt(len(final))
        found["expected_shortfall_mcse"] = error / (1.0 - np.asarray(quantiles))
    found["sample_present_cost"] = final[:SAMPLES]
    found["sample_monthly_cost"] = monthly[:SAMPLES].astype(np.float32)
    return found


def _comparison(result, plan) -> dict[str, np.ndarray]:
    quantiles = plan.run.quantiles
    found: dict[str, np.ndarray] = {}
    cost = result.present(plan.finance.compare_on)
    own, other = cost[:, :, None, :], cost[:, None, :, :]  # (lifetime, strategy, rival, month)
    tie = np.abs(own - other) <= TIE * np.maximum(np.abs(own), np.abs(other))
    wins = np.where(tie, 0.5, own < other)
    found["win_probability"] = wins.mean(axis=0)
    found["win_probability_interval"] = wilson(found["win_probability"], len(cost))

    not_above = tie | (own < other)
    passed = np.logical_or.accumulate(not_above, axis=-1)
    found["first_passage_probability"] = first_month(passed)
    kept = np.flip(np.logical_and.accumulate(np.flip(not_above, axis=-1), axis=-1), axis=-1)
    found["break_even_probability"] = first_month(kept)
    found["never_breaks_even"] = 1.0 - not_above[..., -1].mean(axis=0)

    least = cost.min(axis=1, keepdims=True)
    cheapest = np.abs(cost - least) <= TIE * np.maximum(np.abs(cost), np.abs(least))
    found["cheapest_probability"] = (cheapest / cheapest.sum(axis=1, keepdims=True)).mean(axis=0)
    regret = cost - least
    mean(found, "expected_regret", regret)
    found["regret"] = np.moveaxis(np.quantile(regret[..., -1], quantiles, axis=0), 0, -1)
    with_quantiles(found, "saving", other[..., -1] - own[..., -1], quantiles)
    return found


def _budget(result, plan) -> dict[str, np.ndarray]:
    quantiles, calendar = plan.run.quantiles, plan.calendar
    found: dict[str, np.ndarray] = {}
    cash = result.monthly(plan.finance.budget_covers)
    held = np.concatenate([by_period(cash, calendar.fiscal_years), cash.sum(axis=-1, keepdims=True)], axis=-1)
    with_quantiles(found, "budget_cost", held, quantiles)
    if plan.finance.budget is None:
        return found
    limit = budget_limits(plan)
    over = held > limit
    found["over_budget_probability"] = np.where(np.isnan(limit), np.nan, over.mean(axis=0))
    mean(found, "expected_overrun", np.maximum(held - limit, 0.0))
    return found


def budget_limits(plan) -> np.ndarray:
    """Return (budget_period) the budget of each fiscal year, pro rata to its months, then of the horizon."""
    budget, labels = plan.finance.budget, plan.calendar.fiscal_years
    years = dict.fromkeys(labels)
    if budget.per == "horizon":
        return np.array([np.nan] * len(years) + [budget.amount])
    monthly = budget.amount / MONTHS_A_BUDGET[budget.per]
    return np.array([monthly * labels.count(year) for year in years] + [monthly * plan.horizon])


def by_period(monthly: np.ndarray, labels) -> np.ndarray:
    """Return the sums over the months of each label, in order of appearance, on the last axis."""
    labels = np.asarray(labels)
    return np.stack([monthly[..., labels == label].sum(axis=-1) for label in dict.fromkeys(labels)], axis=-1)


def first_month(reached: np.ndarray) -> np.ndarray:
    """Return the share of lifetimes in which a condition that stays true once it is becomes so, by month."""
    share = reached.mean(axis=0)
    return np.diff(share, axis=-1, prepend=0.0)


def wilson(p: np.ndarray, n: int) -> np.ndarray:
    """Return (…, bound) the 95 % Wilson interval of a share of n lifetimes."""
    z2 = WILSON_Z**2 / n
    middle = (p + z2 / 2.0) / (1.0 + z2)
    half = np.sqrt(z2 * p * (1.0 - p) + z2 * z2 / 4.0) / (1.0 + z2)
    return np.stack([middle - half, middle + half], axis=-1)
