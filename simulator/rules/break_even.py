"""S3: what training costs must come back before it has to be repeated; retrieval where knowledge matters."""

from __future__ import annotations

import math

from simulator.rules.facts import Facts
from simulator.rules.judgement import Input, Opinion, Source
from simulator.rules.kinds import Advice
from simulator.rules.medians import saved
from simulator.rules.wording import amount, difference, months

SOURCE = Source("S3", "The Cost of Fine-Tuning vs Prompting")


def opinions(facts: Facts) -> list[Opinion]:
    """Give what the source's rules say (MODEL.md, Rules of thumb, R9 and R10)."""
    return [_repaid(facts), _retrieval(facts)]


def _repaid(facts: Facts) -> Opinion:
    rule = "Fine-tuning must repay its upfront cost before the model needs retraining."
    if facts.missing:
        return Opinion("repaid in time", rule, (), None, facts.missing)
    saving = saved(facts.prompting.untrained, facts.tuned.untrained)
    repaid = facts.tuned.upfront / saving if saving > 0 else math.inf
    interval = facts.tuned.retrained_every
    limit = float(facts.horizon) if interval is None else interval
    until = (
        months("time for it", limit, "no retraining within the plan, so {} for it")
        if interval is None
        else months("retraining interval", interval, "a retraining every {}", repaid)
    )
    return Opinion(
        "repaid in time",
        rule,
        (
            amount("upfront", facts.tuned.upfront, facts, "{} upfront"),
            difference("saving", saving, facts, ("{} saved a month", "{} a month more to pay"), "/month"),
            months(
                "break-even",
                repaid,
                "never repaid" if math.isinf(repaid) else "repaid after {}",
                limit,
            ),
            until,
        ),
        Advice.FINE_TUNE if repaid <= limit else Advice.PROMPT,
    )


def _retrieval(facts: Facts) -> Opinion:
    has = facts.retrieves
    return Opinion(
        "retrieval",
        "Retrieval, without any training, is often the cheapest for knowledge-heavy tasks (here: where the plan "
        "compares a strategy with retrieval).",
        (
            Input(
                "strategies with retrieval",
                float(has),
                "1",
                "a strategy with retrieval" if has else "no strategy with retrieval",
            ),
        ),
        Advice.RETRIEVE if has else None,
        "" if has else "A plan without retrieval is taken for a task that needs no outside knowledge.",
    )
