"""Give the verdict as one object for programs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simulator.verdict.findings import Findings, find
from simulator.verdict.numerals import Estimate
from simulator.verdict.words import Sentences, level_name

if TYPE_CHECKING:
    import xarray as xr


def summary(dataset: xr.Dataset) -> dict:
    """
    Gather everything that the verdict says, unrounded, as an object that JSON can hold.

    Parameters
    ----------
    dataset
        With the variables of MODEL.md's dataset table.

    Returns
    -------
    dict
        Keys are stable. ``_money`` ends what is in the plan's currency, ``_probability`` what lies in [0, 1],
        ``_month`` a month of the plan (1 … H); levels are named ``p5``, ``p50``. Estimates with an error are
        objects ``{value, standard_error, low, high}`` (95 % interval). What has no value is null.

        ``plan``: name, sha256, currency, start, horizon_months, lifetimes, seed, sampler, baseline (a
        strategy), compare_on (components).

        ``verdict``: most_often_cheapest, lowest_mean_cost, lowest_expected_regret, recommended (strategies;
        the last two are the same), winners_agree, identical, alike_on_average (pairs of strategies),
        not_told_from_most_often (strategies whose interval of the chance to be cheapest reaches the first's),
        precision (of a run that was to reach one, else null: tolerance, reached, rounds, max_lifetimes,
        chances_known_to, and order: objects with cheaper, dearer, status ``ordered``, ``indifferent`` or
        ``undecided``, and mean_gap_bound, the largest difference of the means over the lower one), words (paragraphs).

        ``strategies``: by name, in file order, each with label; present_cost_money by level;
        present_cost_mean_money; expected_shortfall_money by level; cheapest_probability;
        cheapest_probability_by_month (list, month 1 first); expected_regret_money; regret_money by level;
        against_baseline (null for the baseline): saving_money by level, saving_mean_money, win_probability,
        win_probability_by_month (list), ahead_from_month, half_broken_even_month,
        never_breaks_even_probability; cash_invoiced_money, cash_not_invoiced_money (expected, over the
        horizon); budget by period (the fiscal years, then ``horizon``): cost_money by level, cost_mean_money,
        level (of the budget that the plan wants held), budget_at_level_money, contingency_money, and where
        the plan gives a budget: given_money, over_budget_probability, expected_overrun_money (null where it
        gives none for the period).
    """
    f = find(dataset)
    attrs = dataset.attrs
    return {
        "plan": {
            "name": str(attrs["plan_name"]),
            "sha256": str(attrs["plan_sha256"]),
            "currency": f.currency,
            "start": str(f.dates[0]),
            "horizon_months": f.horizon,
            "lifetimes": f.lifetimes,
            "seed": int(attrs["seed"]),
            "sampler": str(attrs["sampler"]),
            "baseline": f.names[f.baseline],
            "compare_on": list(f.compare_on),
        },
        "verdict": {
            "most_often_cheapest": f.names[f.most_often],
            "lowest_mean_cost": f.names[f.lowest_mean],
            "lowest_expected_regret": f.names[f.recommended],
            "recommended": f.names[f.recommended],
            "winners_agree": f.most_often == f.lowest_mean == f.recommended,
            "identical": [[f.names[a], f.names[b]] for a, b in f.twins()],
            "alike_on_average": [[f.names[a], f.names[b]] for a, b in f.alike_on_average()],
            "not_told_from_most_often": [f.names[i] for i in f.rivals_for_first()],
            "precision": None if f.tolerance is None else _precision(f),
            "words": Sentences(f, label_width=64).paragraphs(),
        },
        "strategies": {name: _strategy(f, i) for i, name in enumerate(f.names)},
    }


def _precision(f: Findings) -> dict:
    return {
        "tolerance": f.tolerance,
        "reached": f.is_precise,
        "rounds": int(f.dataset.attrs["rounds"]),
        "max_lifetimes": int(f.dataset.attrs["max_lifetimes"]),
        "chances_known_to": f.error_of_chances,
        "order": [
            {
                "cheaper": f.names[first],
                "dearer": f.names[second],
                "status": status,
                "mean_gap_bound": _number(gap),
            }
            for first, second, status, gap in f.ranking
        ],
    }


def _strategy(f: Findings, i: int) -> dict:
    return {
        "label": f.labels[i],
        "present_cost_money": _levels(f, "present_cost", strategy=i, month=f.horizon),
        "present_cost_mean_money": _estimate(f.mean(i)),
        "expected_shortfall_money": _levels(f, "expected_shortfall", strategy=i),
        "cheapest_probability": _estimate(f.cheapest(i)),
        "cheapest_probability_by_month": _numbers(f.values("cheapest_probability", "strategy", "month")[i]),
        "expected_regret_money": _estimate(f.regret(i)),
        "regret_money": _levels(f, "regret", strategy=i),
        "against_baseline": None if i == f.baseline else _against_baseline(f, i),
        "cash_invoiced_money": _estimate(f.cash(i, invoiced=True)),
        "cash_not_invoiced_money": _estimate(f.cash(i, invoiced=False)),
        "budget": {period: _budget(f, i, period) for period in f.periods},
    }


def _against_baseline(f: Findings, i: int) -> dict:
    where = {"strategy": i, "rival": f.baseline}
    by_month = f.values("win_probability", "strategy", "rival", "month")[i, f.baseline]
    return {
        "saving_money": _levels(f, "saving", **where),
        "saving_mean_money": _estimate(f.estimate("saving_mean", **where)),
        "win_probability": _estimate(f.estimate("win_probability", **where, month=f.horizon)),
        "win_probability_by_month": _numbers(by_month),
        "ahead_from_month": f.ahead_from(i, f.baseline),
        "half_broken_even_month": f.half_broken_even(i, f.baseline),
        "never_breaks_even_probability": _estimate(f.estimate("never_breaks_even", **where)),
    }


def _budget(f: Findings, i: int, period: str) -> dict:
    where = {"strategy": i, "budget_period": period}
    told = {
        "cost_money": _levels(f, "budget_cost", **where),
        "cost_mean_money": _estimate(f.estimate("budget_cost_mean", **where)),
        "level": f.budget_level,
        "budget_at_level_money": _estimate(f.level("budget_cost", f.budget_level, **where)),
        "contingency_money": _estimate(f.contingency(i, period)),
    }
    if f.has_budget:
        told["given_money"] = _number(f.budget(period))
        told["over_budget_probability"] = _estimate(f.estimate("over_budget_probability", **where))
        told["expected_overrun_money"] = _estimate(f.estimate("expected_overrun", **where))
    return told


def _levels(f: Findings, name: str, **where: object) -> dict:
    return {
        level_name(q).lower(): _estimate(f.level(name, float(q), **where)) for q in map(float, f.quantiles)
    }


def _estimate(estimate: Estimate) -> dict | None:
    if estimate.missing:
        return None
    return {
        "value": estimate.value,
        "standard_error": _number(estimate.error),
        "low": _number(estimate.low),
        "high": _number(estimate.high),
    }


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _numbers(values) -> list[float | None]:
    return [_number(float(v)) for v in values]
