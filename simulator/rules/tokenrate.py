"""S1: thresholds of monthly volume, and whether requirements change."""

from __future__ import annotations

from simulator.rules.facts import Facts, changes_with_volume
from simulator.rules.judgement import Opinion, Source
from simulator.rules.kinds import Advice
from simulator.rules.wording import changes, requests

SOURCE = Source("S1", "Fine-Tuning vs Prompt Engineering: A Cost Analysis (TokenRate)")

LOW = 1_000.0
HIGH = 5_000.0

CHANGING = 4.0
"""Changes a year from which requirements count as changing: once a quarter. The source gives no number."""


def opinions(facts: Facts) -> list[Opinion]:
    """Give what the source's rules say (MODEL.md, Rules of thumb, R5)."""
    changing = facts.changes >= CHANGING

    def advice(volume: float) -> Advice | None:
        if volume < LOW or changing:
            return Advice.PROMPT
        return Advice.FINE_TUNE if volume >= HIGH else None

    note = "" if advice(facts.requests) else "Between 1,000 and 5,000 requests a month it says nothing."
    return [
        Opinion(
            "volume",
            "Prompt under 1,000 requests a month or while requirements change (here: 4 times a year or more); "
            "fine-tune from 5,000 requests a month on.",
            (requests(facts, LOW, HIGH), changes(facts, CHANGING)),
            advice(facts.requests),
            " ".join(filter(None, (note, changes_with_volume(facts, advice)))),
        )
    ]
