"""Hold the advice of every rule against the simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rules import break_even, cost_benefit, ownership, real_cost, tokenrate
from simulator.rules.facts import gather, members
from simulator.rules.judgement import Judgement, Opinion, Source
from simulator.rules.kinds import Advice
from simulator.verdict.findings import Findings, find
from simulator.verdict.numerals import Estimate

if TYPE_CHECKING:
    import xarray as xr

    from simulator.plan.schema import Plan

SOURCES = (tokenrate, real_cost, break_even, cost_benefit, ownership)

AS_GOOD = 0.01
"""Part of the best strategy's mean cost by which another one may be dearer and still count as good."""


def judge(plan: Plan, dataset: xr.Dataset) -> list[Judgement]:
    """Say what each source's rules of thumb decide for a plan, and what the simulation says of that.

    Parameters
    ----------
    plan
        A plan.
    dataset
        Of a run of that plan.

    Returns
    -------
    list of Judgement
        In the order of the sources; a rule with an error in it first as printed, then corrected.

    Raises
    ------
    ValueError
        If the dataset compares other strategies than the plan.

    Notes
    -----
    Following an advice means the strategy of its class with the lowest expected regret. With d the mean saving of
    the best strategy over it, lifetime by lifetime, and c the best one's mean cost, the advice is as good as the
    best where the 95 % interval of d lies below 0.01 c, worse where it lies above, and undecided where it holds
    0.01 c.
    """
    compared = tuple(name for name, strategy in plan.strategies.items() if not strategy.part)
    findings = find(dataset)
    if findings.names != compared:
        raise ValueError(
            f"the dataset compares {', '.join(findings.names)}, the plan compares {', '.join(compared)}"
        )
    following = members(plan, findings)
    facts = gather(plan, findings, following)
    return [
        _judge(findings, following, source.SOURCE, opinion)
        for source in SOURCES
        for opinion in source.opinions(facts)
    ]


def _judge(
    f: Findings, following: dict[Advice, tuple[int, ...]], source: Source, opinion: Opinion
) -> Judgement:
    candidates = following[opinion.advice] if opinion.advice is not None else ()
    chosen = candidates[0] if candidates else None
    best = f.recommended
    extra = None if chosen is None else _extra(f, chosen)
    return Judgement(
        source=source,
        title=opinion.title,
        rule=opinion.rule,
        inputs=opinion.inputs,
        advice=opinion.advice,
        note=opinion.note,
        corrected=opinion.corrected,
        candidates=tuple(f.names[i] for i in candidates),
        followed=None if chosen is None else f.names[chosen],
        cheapest_probability=None if chosen is None else f.cheapest(chosen),
        win_probability=None
        if chosen in (None, f.baseline)
        else f.estimate("win_probability", strategy=chosen, rival=f.baseline, month=f.horizon),
        expected_regret=None if chosen is None else f.regret(chosen),
        best=f.names[best],
        best_regret=f.regret(best),
        extra=extra,
        agrees=None if extra is None else _agrees(extra, abs(f.mean(best).value)),
    )


def _extra(f: Findings, chosen: int) -> Estimate:
    if chosen == f.recommended or f.identical(chosen, f.recommended):
        return Estimate.of(0.0)
    return f.estimate("saving_mean", strategy=f.recommended, rival=chosen)


def _agrees(extra: Estimate, cost: float) -> bool | None:
    bound = AS_GOOD * cost
    if extra.value == 0 or extra.high <= bound:
        return True
    return False if extra.low > bound else None
