"""S5: total cost of ownership, with a cost a quarter added as if it were a cost a month."""

from __future__ import annotations

from simulator.rules.facts import Facts
from simulator.rules.judgement import Input, Opinion, Source
from simulator.rules.kinds import Advice
from simulator.rules.medians import Costs
from simulator.rules.wording import amount

SOURCE = Source("S5", "Fine-tuning vs. Prompt Engineering: Cost Implications")


def opinions(facts: Facts) -> list[Opinion]:
    """Give what the source's rule says (MODEL.md, Rules of thumb, R13)."""
    rule = "Take what costs less in all: upfront, and every month of the plan."
    if facts.missing:
        return [Opinion("total cost of ownership", rule, (), None, facts.missing)]
    slips = bool(facts.prompting.quarterly or facts.tuned.quarterly)
    slip = (
        "As printed what is paid a quarter is added as if it were paid every month."
        if slips
        else "Its slip, a cost a quarter added as a month's, makes no difference: nothing is stated a quarter."
    )
    return [_opinion(facts, rule, True, slip), _opinion(facts, rule, False, "")]


def _opinion(facts: Facts, rule: str, printed: bool, note: str) -> Opinion:
    inputs: list[Input] = []
    totals = []
    for name, costs in (("prompting", facts.prompting), ("fine-tuning", facts.tuned)):
        month = _month(costs, printed)
        total = costs.upfront + facts.horizon * month
        totals.append(total)
        inputs += [
            amount(f"{name} upfront", costs.upfront, facts, f"{name} at {{}} upfront"),
            amount(f"{name} a month", month, facts, f"{{}} a month for {name}", "/month"),
            amount(f"{name} in all", total, facts, f"{{}} in all for {name}"),
        ]
    return Opinion(
        "total cost of ownership",
        rule,
        tuple(inputs),
        Advice.FINE_TUNE if totals[1] < totals[0] else Advice.PROMPT,
        note,
        corrected=not printed,
    )


def _month(costs: Costs, printed: bool) -> float:
    # A third of what is paid a quarter is in the running costs already.
    return costs.running + (costs.quarterly * 2 / 3 if printed else 0.0)
