"""S2: classes of volume, classes of quality, and a path that starts with prompting."""

from __future__ import annotations

import math

from simulator.rules.facts import Facts, changes_with_volume
from simulator.rules.judgement import Input, Opinion, Source
from simulator.rules.kinds import Advice
from simulator.rules.medians import saved
from simulator.rules.tokenrate import CHANGING
from simulator.rules.wording import amount, changes, difference, months, quality, requests, written

SOURCE = Source("S2", "The Real Cost: Fine-tuning vs Prompting")

SMALL = 10e3
LARGE = 100e3
HUGE = 1e6
GOOD = 0.95
POOR = 0.85

SOON = 12.0
"""Months within which the crossover has to lie: the source's own examples take 6 and 12."""


def opinions(facts: Facts) -> list[Opinion]:
    """Give what the source's rules say (MODEL.md, Rules of thumb, R6 to R8)."""
    return [_volume(facts), _quality(facts), _path(facts)]


def _volume(facts: Facts) -> Opinion:
    poor = facts.quality is not None and facts.quality < POOR

    def advice(volume: float) -> Advice:
        if volume < SMALL:
            return Advice.PROMPT
        if volume < LARGE:
            return Advice.FINE_TUNE if poor else Advice.PROMPT
        return Advice.FINE_TUNE

    looked_at = [requests(facts, SMALL, LARGE, HUGE)]
    if SMALL <= facts.requests < LARGE:
        looked_at.append(quality(facts, POOR))
    likely = LARGE <= facts.requests < HUGE
    return Opinion(
        "volume",
        "Prompt under 10,000 requests a month; up to 100,000 prompt, and fine-tune if quality asks for it (here: "
        "under 85 right of 100); up to 1 million likely fine-tune; above that fine-tune.",
        tuple(looked_at),
        advice(facts.requests),
        " ".join(
            filter(
                None,
                (
                    'It says only "likely".' if likely else "",
                    changes_with_volume(facts, advice),
                ),
            )
        ),
    )


def _quality(facts: Facts) -> Opinion:
    share = facts.quality
    advice, note = Advice.PROMPT, ""
    looked_at = [quality(facts, GOOD, POOR)]
    if share is None:
        advice = None
        note = "The plan does not say how often prompting fails."
        if facts.prompting is None:
            note = "The plan compares no strategy that only prompts."
    elif share < POOR:
        advice = Advice.FINE_TUNE
    elif share < GOOD:
        looked_at.append(requests(facts, LARGE))
        if facts.requests >= LARGE:
            advice = Advice.FINE_TUNE
    elif facts.requests >= LARGE:
        note = "This contradicts the same source's rule of volume."
    return Opinion(
        "quality",
        "Stay with prompting that is right in 95 of 100 cases or more; fine-tune from 85 to 95 if volume justifies "
        "it (here: 100,000 requests a month), and under 85 whatever the volume.",
        tuple(looked_at),
        advice,
        note,
    )


def _path(facts: Facts) -> Opinion:
    rule = (
        "Start with prompting, measure, and move to fine-tuning only if volume is past the crossover (here: within "
        "12 months), the task is stable and quality still falls short of 95 right of 100."
    )
    if facts.missing:
        return Opinion("default path", rule, (requests(facts),), None, facts.missing)
    saving = saved(facts.prompting.tokens, facts.tuned.tokens)
    upfront = facts.tuned.upfront
    calls = upfront / saving if saving > 0 else math.inf
    span = calls / facts.requests
    share = facts.quality
    never = math.isinf(calls)
    looked_at = (
        requests(facts),
        amount("upfront", upfront, facts, "{} to pay before fine-tuning"),
        difference(
            "saving",
            1000 * saving,
            facts,
            (
                "{} of tokens and GPUs saved per 1,000 requests",
                "{} more for tokens and GPUs per 1,000 requests",
            ),
            "/kreq",
        ),
        Input(
            "crossover",
            calls,
            "req",
            "no crossover" if never else f"a crossover after {written(calls, whole=facts.is_certain)} calls",
        ),
        *(() if never else (months("crossover time", span, "{} at this volume to get there", SOON),)),
        changes(facts, CHANGING),
        quality(facts, GOOD),
    )
    wants = [
        "a fine-tuned request saves nothing" if never else "",
        "volume is not past the crossover" if SOON < span < math.inf else "",
        "the task is not stable" if facts.changes >= CHANGING else "",
        "prompting is good enough" if share is not None and share >= GOOD else "",
    ]
    reasons = [reason for reason in wants if reason]
    if reasons:
        advice, note = Advice.PROMPT, f"It stays with prompting: {', '.join(reasons)}."
    elif share is None:
        advice, note = None, "The rest holds, but the plan does not say how often prompting fails."
    else:
        advice, note = Advice.MIGRATE, "All three hold."
    return Opinion("default path", rule, looked_at, advice, note)
