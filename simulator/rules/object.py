"""Give judgements as one object for programs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.verdict.findings import find

if TYPE_CHECKING:
    import xarray as xr

    from simulator.rules.judgement import Judgement
    from simulator.verdict.numerals import Estimate


def summary(judgements: Sequence[Judgement], dataset: xr.Dataset) -> dict[str, Any]:
    """
    Gather judgements, unrounded, as an object that JSON can hold.

    Parameters
    ----------
    judgements
        As `judge` gives them.
    dataset
        The run behind them.

    Returns
    -------
    dict
        ``plan``: name, sha256, currency, lifetimes, seed, baseline; ``best``: strategy and
        expected_regret_money; ``rules``: list of objects with source, source_title, title, rule, corrected (an error
        of the source has been put right; the rule as printed stands before it), inputs (name, value, unit, words;
        value null where unknown or never), advice (null where the rule is silent), candidates, followed (null where
        the plan holds no such strategy), cheapest_probability, win_probability (against the baseline),
        expected_regret_money, extra_money (mean cost above the best strategy's), agrees (null where undecided),
        note. Estimates are objects ``{value, standard_error, low, high}``; ``_money`` is in the plan's currency.
    """
    f = find(dataset)
    return {
        "plan": {
            "name": str(dataset.attrs["plan_name"]),
            "sha256": str(dataset.attrs["plan_sha256"]),
            "currency": f.currency,
            "lifetimes": f.lifetimes,
            "seed": int(dataset.attrs["seed"]),
            "baseline": f.names[f.baseline],
        },
        "best": {
            "strategy": f.names[f.recommended],
            "expected_regret_money": _estimate(f.regret(f.recommended)),
        },
        "rules": [_rule(judgement) for judgement in judgements],
    }


def _rule(judgement: Judgement) -> dict[str, Any]:
    return {
        "source": judgement.source.key,
        "source_title": judgement.source.title,
        "title": judgement.title,
        "rule": judgement.rule,
        "corrected": judgement.corrected,
        "inputs": [
            {"name": seen.name, "value": _number(seen.value), "unit": seen.unit, "words": seen.words}
            for seen in judgement.inputs
        ],
        "advice": None if judgement.advice is None else judgement.advice.value,
        "candidates": list(judgement.candidates),
        "followed": judgement.followed,
        "cheapest_probability": _estimate(judgement.cheapest_probability),
        "win_probability": _estimate(judgement.win_probability),
        "expected_regret_money": _estimate(judgement.expected_regret),
        "extra_money": _estimate(judgement.extra),
        "agrees": judgement.agrees,
        "note": judgement.note,
    }


def _estimate(estimate: Estimate | None) -> dict[str, float | None] | None:
    if estimate is None or estimate.missing:
        return None
    return {
        "value": estimate.value,
        "standard_error": _number(estimate.error),
        "low": _number(estimate.low),
        "high": _number(estimate.high),
    }


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
