"""Tell by its structure which kind of strategy a strategy is."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from simulator.plan.forms import Constant
from simulator.plan.strategy import Migrating, Plain, Routed

if TYPE_CHECKING:
    from simulator.plan.schema import Plan


class Kind(StrEnum):
    """What a strategy is, whatever its name."""

    PROMPTING = "prompting"
    RETRIEVAL = "retrieval"
    TUNED = "fine-tuning"
    TUNED_HOSTED = "self-hosted fine-tuning"
    HOSTED = "self-hosting"
    HYBRID = "hybrid"
    MIGRATING = "start with prompting, then migrate"
    OTHER_MIGRATION = "another migration"


class Advice(StrEnum):
    """What a rule of thumb may tell one to do."""

    PROMPT = "prompt"
    RETRIEVE = "retrieve"
    FINE_TUNE = "fine-tune"
    MIGRATE = "start with prompting, then migrate"


FOLLOWED_BY = {
    Advice.PROMPT: (Kind.PROMPTING,),
    Advice.RETRIEVE: (Kind.RETRIEVAL,),
    Advice.FINE_TUNE: (Kind.TUNED, Kind.TUNED_HOSTED),
    Advice.MIGRATE: (Kind.MIGRATING,),
}
"""The kinds of strategies that follow an advice."""


def kind_of(plan: Plan, name: str) -> Kind:
    """Tell the kind of a strategy.

    Parameters
    ----------
    plan
        A plan.
    name
        A strategy of it, part or not.

    Notes
    -----
    Training makes a strategy fine-tuning, whether it retrieves or not; an answer from one's own GPUs is told apart.
    A migration counts as "start with prompting, then migrate" if it starts with prompting or retrieval and some
    step leads to a strategy that is trained, in whole or in part.
    """
    strategy = plan.strategies[name]
    if isinstance(strategy, Routed):
        return Kind.HYBRID
    if isinstance(strategy, Migrating):
        starts_small = kind_of(plan, strategy.start_with) in (Kind.PROMPTING, Kind.RETRIEVAL)
        moves = any(_is_trained(plan, step.migrate_to) for step in strategy.then)
        return Kind.MIGRATING if starts_small and moves else Kind.OTHER_MIGRATION
    if strategy.training is not None:
        return Kind.TUNED if strategy.serving is None else Kind.TUNED_HOSTED
    if strategy.serving is not None:
        return Kind.HOSTED
    return Kind.RETRIEVAL if _retrieves(strategy) else Kind.PROMPTING


def _retrieves(strategy: Plain) -> bool:
    fetched = strategy.retrieved
    # A strategy that extends one with retrieval switches it off by writing 0.
    return fetched is not None and not (isinstance(fetched.form, Constant) and fetched.form.value == 0)


def _is_trained(plan: Plan, name: str) -> bool:
    strategy = plan.strategies[name]
    if isinstance(strategy, Routed):
        return any(_is_trained(plan, part) for part in strategy.route)
    return isinstance(strategy, Plain) and strategy.training is not None
