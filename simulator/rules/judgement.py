"""Hold what a rule of thumb says of a plan, and what the simulation says of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.rules.kinds import Advice
    from simulator.verdict.numerals import Estimate


@dataclass(frozen=True)
class Source:
    """An article that states rules of thumb.

    Parameters
    ----------
    key
        Short name, such as ``"S1"``.
    title
        Its title.
    """

    key: str
    title: str


@dataclass(frozen=True)
class Input:
    """Something that a rule looks at.

    Parameters
    ----------
    name
        What it is, such as ``"requests"``.
    value
        Its value; None where the plan does not say, infinite for what never happens.
    unit
        Unit of the value; ``"1"`` for a share.
    words
        The same as part of a sentence.
    """

    name: str
    value: float | None
    unit: str
    words: str


@dataclass(frozen=True)
class Opinion:
    """What a rule says of a plan, before anything is simulated.

    Parameters
    ----------
    title
        Name of the rule within its source.
    rule
        The rule in words.
    inputs
        What it looks at, with values.
    advice
        What it says; None where it is silent.
    note
        What a reader should know, sentences; why it is silent where it is.
    corrected
        Whether an error of the source has been put right; the rule as printed is an opinion of its own.
    """

    title: str
    rule: str
    inputs: tuple[Input, ...]
    advice: Advice | None
    note: str = ""
    corrected: bool = False


@dataclass(frozen=True)
class Judgement:
    """What a rule of thumb says of a plan, beside what the simulation says.

    Parameters
    ----------
    source
        The article.
    title, rule, inputs, advice, note, corrected
        As in `Opinion`.
    candidates
        Names of the plan's strategies that follow the advice.
    followed
        The one of them with the lowest expected regret; None where the rule is silent or the plan has none.
    cheapest_probability
        Chance that it is the cheapest by the horizon.
    win_probability
        Chance that it is cheaper than the baseline by the horizon; None for the baseline itself.
    expected_regret
        [currency] of following the rule.
    best, best_regret
        The strategy with the lowest expected regret, and that regret [currency].
    extra
        [currency] mean cost of the followed strategy above that of the best one, lifetime by lifetime.
    agrees
        Whether the advice is as good as the best strategy, see `judge`; None where the rule is silent, cannot be
        followed, or the lifetimes are too few to tell.
    """

    source: Source
    title: str
    rule: str
    inputs: tuple[Input, ...]
    advice: Advice | None
    note: str
    corrected: bool
    candidates: tuple[str, ...]
    followed: str | None
    cheapest_probability: Estimate | None
    win_probability: Estimate | None
    expected_regret: Estimate | None
    best: str
    best_regret: Estimate
    extra: Estimate | None
    agrees: bool | None

    @property
    def speaks(self) -> bool:
        """Whether the rule says anything of this plan."""
        return self.advice is not None

    @property
    def says(self) -> str:
        """The strategy that follows the rule, else its advice, else nothing."""
        return self.followed or (self.advice.value if self.advice is not None else "")
