"""S4: a return on investment with a sign error, and a flowchart of four questions."""

from __future__ import annotations

import math

from simulator.rules.facts import Facts, changes_with_volume
from simulator.rules.judgement import Input, Opinion, Source
from simulator.rules.kinds import Advice
from simulator.rules.medians import saved
from simulator.rules.wording import amount, months, quality, requests, written

SOURCE = Source("S4", "LLM Fine-tuning vs Prompt Engineering: Cost-Benefit Analysis")

SOON = 12.0
GOOD = 0.95
EXAMPLES = 1_000.0
HIGH = 1e6

WAITING = 0.1
"""Share of prompting's monthly bill from which waiting counts as critical. The source gives no number."""


def opinions(facts: Facts) -> list[Opinion]:
    """Give what the source's rules say (MODEL.md, Rules of thumb, R11 and R12)."""
    return [*_roi(facts), _flowchart(facts)]


def _roi(facts: Facts) -> list[Opinion]:
    rule = "Fine-tune if the break-even, upfront cost over what is saved a month, is below 12 months."
    if facts.missing:
        return [Opinion("calculate_roi", rule, (), None, facts.missing)]
    prompting, tuned = facts.prompting, facts.tuned
    saving = saved(prompting.running, tuned.running)
    months_to = tuned.upfront / saving if saving else math.inf
    looked_at = (
        amount("prompting", prompting.running, facts, "{} a month for prompting", "/month"),
        amount("fine-tuning", tuned.running, facts, "{} a month for fine-tuning", "/month"),
        amount("upfront", tuned.upfront, facts, "{} upfront"),
        months(
            "break-even",
            months_to,
            "no break-even" if math.isinf(months_to) else "a break-even of {}",
            SOON,
            0.0,
        ),
    )
    wrong = (
        "As printed its sign is wrong: by these numbers fine-tuning is dearer every month and never pays, but a "
        "negative break-even is below 12."
    )
    printed = Advice.FINE_TUNE if months_to < SOON else Advice.PROMPT
    right = Advice.FINE_TUNE if saving > 0 and months_to < SOON else Advice.PROMPT
    return [
        Opinion("calculate_roi", rule, looked_at, printed, wrong if saving < 0 else ""),
        Opinion(
            "calculate_roi",
            "Fine-tune if fine-tuning saves anything a month, and the break-even is below 12 months.",
            looked_at,
            right,
            corrected=True,
        ),
    ]


def _flowchart(facts: Facts) -> Opinion:
    rule = (
        "Is the base model good enough (here: 95 right of 100)? Then prompt. Are there 1,000 examples? Else prompt. "
        "Is latency critical (here: waiting costs a tenth of prompting's bill), or are there 1 million requests a "
        "month? Then fine-tune, else prompt."
    )
    share = facts.quality
    looked_at = [quality(facts, GOOD)]
    if share is None:
        return Opinion("flowchart", rule, tuple(looked_at), None, "Its first question has no answer here.")
    if share >= GOOD:
        return Opinion("flowchart", rule, tuple(looked_at), Advice.PROMPT)
    known = facts.examples
    looked_at.append(
        Input(
            "training examples",
            known,
            "1",
            "a number of examples that the plan does not give"
            if known is None
            else f"{written(known, EXAMPLES, whole=facts.is_certain)} examples",
        )
    )
    if known is None:
        return Opinion("flowchart", rule, tuple(looked_at), None, "Its second question has no answer here.")
    if known < EXAMPLES:
        return Opinion("flowchart", rule, tuple(looked_at), Advice.PROMPT)
    bill, waiting = facts.prompting.running, facts.prompting.waiting
    critical = waiting > 0 and waiting >= WAITING * bill
    looked_at += [
        amount("waiting", waiting, facts, "{} a month for waiting", "/month")
        if waiting
        else Input("waiting", 0.0, f"{facts.currency}/month", "no price for waiting"),
        amount("prompting", bill, facts, "a bill of {} for prompting", "/month"),
        requests(facts, HIGH),
    ]

    def advice(volume: float) -> Advice:
        return Advice.FINE_TUNE if critical or volume >= HIGH else Advice.PROMPT

    return Opinion(
        "flowchart", rule, tuple(looked_at), advice(facts.requests), changes_with_volume(facts, advice)
    )
