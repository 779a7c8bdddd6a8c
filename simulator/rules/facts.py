"""Gather what rules of thumb look at: the plan's medians and its two typical strategies."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.plan.contents import quantities
from simulator.plan.strategy import Plain
from simulator.rules.kinds import FOLLOWED_BY, Advice, kind_of
from simulator.rules.medians import Costs, costs_at_medians, interval_of, median, requests_of
from simulator.verdict.findings import Findings

if TYPE_CHECKING:
    from simulator.plan.schema import Plan

YEAR = 12


@dataclass(frozen=True)
class Facts:
    """What the rules look at.

    Parameters
    ----------
    currency
        ISO code.
    horizon
        [month]
    requests
        [req/month] median at the start, before the seasons.
    later
        [req/month] mean over the plan's last year of the months' simulated medians; None where the dataset does
        not hold the median, or the plan is no longer than a year.
    changes
        [1/year] how often events force a retraining, at their medians.
    examples
        Training examples at the median, of the fine-tuned strategy looked at or else the most of any; None
        where the plan does not say.
    prompting, tuned
        Costs of the plan's prompting and fine-tuned strategy with the lowest expected regret; None without any.
    retrieves
        Whether the plan compares a strategy with retrieval.
    is_certain
        Whether every quantity of the plan is a constant, so that its medians are exact.
    """

    currency: str
    horizon: int
    requests: float
    later: float | None
    changes: float
    examples: float | None
    prompting: Costs | None
    tuned: Costs | None
    retrieves: bool
    is_certain: bool = True

    @property
    def quality(self) -> float | None:
        """Share of the requests that prompting serves well; None where the plan does not say."""
        known = self.prompting is not None and self.prompting.failures is not None
        return round(1.0 - self.prompting.failures, 12) if known else None

    @property
    def missing(self) -> str:
        """Say why prompting and fine-tuning cannot be compared; empty where they can."""
        if self.prompting is None:
            return "The plan compares no strategy that only prompts, so there is nothing to reckon against."
        if self.tuned is None:
            return "The plan compares no fine-tuned strategy, so there is nothing to reckon with."
        return ""


def members(plan: Plan, findings: Findings) -> dict[Advice, tuple[int, ...]]:
    """Give the positions of the strategies that follow each advice, those of the lowest expected regret first."""
    kinds = [kind_of(plan, name) for name in findings.names]
    return {
        advice: tuple(i for i in findings.order if kinds[i] in followed_by)
        for advice, followed_by in FOLLOWED_BY.items()
    }


def gather(plan: Plan, findings: Findings, following: dict[Advice, tuple[int, ...]]) -> Facts:
    """Gather the facts of a plan.

    Parameters
    ----------
    plan
        A plan.
    findings
        Of a dataset of that plan.
    following
        As `members` gives it.
    """
    looked_at = {
        advice: findings.names[following[advice][0]]
        for advice in (Advice.PROMPT, Advice.FINE_TUNE)
        if following[advice]
    }
    costs = costs_at_medians(plan, tuple(looked_at.values()))
    prompting, tuned = (costs.get(looked_at.get(advice, "")) for advice in (Advice.PROMPT, Advice.FINE_TUNE))
    return Facts(
        currency=plan.finance.currency,
        horizon=plan.horizon,
        requests=requests_of(plan),
        later=_later(findings),
        changes=_changes(plan),
        examples=tuned.examples if tuned is not None and tuned.examples is not None else _examples(plan),
        prompting=prompting,
        tuned=tuned,
        retrieves=bool(following[Advice.RETRIEVE]),
        is_certain=all(quantity.is_constant for quantity in quantities(plan)),
    )


def changes_with_volume(facts: Facts, advice: Callable[[float], Advice | None]) -> str:
    """Say what a rule of volume would say of the plan's last year, where that is something else.

    Parameters
    ----------
    facts
        Of the plan.
    advice
        What the rule says at a number of requests a month.
    """
    if facts.later is None or advice(facts.later) is advice(facts.requests):
        return ""
    then = advice(facts.later)
    says = "nothing" if then is None else then.value
    return (
        f"In the plan's last year the median is {facts.later:,.0f} requests a month: of that it says {says}."
    )


def _later(findings: Findings) -> float | None:
    level = findings.nearest(0.5)
    if abs(level - 0.5) > 1e-9 or findings.horizon <= YEAR:
        return None
    held = findings.values("requests", "month", "quantile")
    mean = float(held[-YEAR:, list(findings.quantiles).index(level)].mean())
    # exp(ln R) misses R by its last bits, and a rule's bound may lie there.
    return float(f"{mean:.10g}")


def _changes(plan: Plan) -> float:
    forcing = {
        trigger.removeprefix("events.")
        for strategy in plan.strategies.values()
        if isinstance(strategy, Plain) and strategy.retrain is not None
        for trigger in strategy.retrain.on
        if trigger.startswith("events.")
    }
    return math.fsum(YEAR / interval_of(plan, event) for event in sorted(forcing))


def _examples(plan: Plan) -> float | None:
    trained = [
        s.training for s in plan.strategies.values() if isinstance(s, Plain) and s.training is not None
    ]
    known = [median(training.examples) for training in trained if training.examples is not None]
    return max(known, default=None)
