"""Set judgements on the terminal: a block a source, a last sentence for all."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from simulator.rules.judgement import Judgement
from simulator.rules.kinds import Advice
from simulator.verdict.findings import Findings, find
from simulator.verdict.lettering import cells, shorten, wrap
from simulator.verdict.numerals import Estimate, estimated_money, futures, lifetimes

if TYPE_CHECKING:
    import xarray as xr

WIDEST = 110
"""Cells of a line of sentences at most: longer ones are hard to read."""

NARROWEST = 40
LABEL = 40
_HEAD = 6

# What an advice is to a reader, as the rest of "it says: …".
_SAYS = {
    Advice.PROMPT: "prompt",
    Advice.RETRIEVE: "use retrieval",
    Advice.FINE_TUNE: "fine-tune",
    Advice.MIGRATE: "start with prompting, then migrate",
}
_KINDS = {
    Advice.PROMPT: "strategies that only prompt",
    Advice.RETRIEVE: "strategies with retrieval",
    Advice.FINE_TUNE: "fine-tuned strategies",
    Advice.MIGRATE: "strategies that start with prompting and migrate to fine-tuning",
}


def render(judgements: Sequence[Judgement], dataset: xr.Dataset, width: int = 80) -> str:
    """
    Write judgements as plain text.

    Parameters
    ----------
    judgements
        As `judge` gives them.
    dataset
        The run behind them.
    width
        [cells] of the terminal; no line is longer.

    Returns
    -------
    str
        Lines without a line break at the end: for each rule its words, what it sees in the plan, what it says, and
        the odds of what it says in the simulation; then how many rules agree and what following each costs.
    """
    return "\n".join(_Page(find(dataset), max(min(width, WIDEST), NARROWEST)).lines(judgements))


class _Page:
    def __init__(self, findings: Findings, width: int) -> None:
        self.findings = findings
        self.width = width
        labels = zip(findings.names, findings.labels, strict=True)
        self.labels = {name: shorten(label, LABEL) for name, label in labels}

    def lines(self, judgements: Sequence[Judgement]) -> list[str]:
        """Give the whole page."""
        page = self._opening()
        for source, rules in groupby(judgements, key=lambda judgement: judgement.source):
            page += ["", *wrap(f"{source.key} · {source.title}", self.width, "    ")]
            printed = None
            for judgement in rules:
                if not judgement.corrected:
                    page += self._rule(judgement)
                    printed = judgement
                else:
                    page += self._correction(judgement, printed)
        return [*page, "", *wrap(self._sum(judgements), self.width)]

    def _opening(self) -> list[str]:
        f = self.findings
        name = shorten(str(f.dataset.attrs["plan_name"]), self.width - cells(": rules of thumb"))
        terms = (
            f"{lifetimes(f.lifetimes)}, seed {f.dataset.attrs['seed']}, money in {f.currency}. The rules look at the "
            "plan's medians at the start and at what is invoiced; the odds are those of the simulation. Where "
            "several strategies follow a rule, the one with the lowest expected regret stands for them."
        )
        return [f"{name}: rules of thumb", *wrap(terms, self.width)]

    def _rule(self, judgement: Judgement) -> list[str]:
        lines = [f"  {judgement.title}"]
        lines += self._part("Rule", judgement.rule)
        if judgement.inputs:
            lines += self._part("Sees", f"{'; '.join(seen.words for seen in judgement.inputs)}.")
        return lines + self._verdict(judgement)

    def _correction(self, judgement: Judgement, printed: Judgement) -> list[str]:
        same = judgement.advice is printed.advice
        changed = [seen.words for seen in judgement.inputs if seen not in printed.inputs]
        said = [f"{'; '.join(changed)}."] if changed else []
        if judgement.rule != printed.rule and not same:
            said.insert(0, judgement.rule)
        if not said:
            return self._part("", "Corrected, the rule says the same.")
        if same:
            return self._part("", f"Corrected: {' '.join(said)} The rule says the same.")
        return [*self._part("", f"Corrected: {' '.join(said)}"), *self._verdict(judgement)]

    def _verdict(self, judgement: Judgement) -> list[str]:
        if judgement.advice is None:
            return self._part("Says", f"Nothing. {judgement.note}")
        said = f"{_SAYS[judgement.advice].capitalize()}{self._whom(judgement)}. {judgement.note}"
        lines = self._part("Says", said)
        return lines if judgement.followed is None else lines + self._part("Odds", self._odds(judgement))

    def _whom(self, judgement: Judgement) -> str:
        advice, count = judgement.advice, len(judgement.candidates)
        if judgement.followed is None:
            return f". This cannot be followed here: the plan compares no {_KINDS[advice]}"
        label = self.labels[judgement.followed]
        if count == 1:
            return f": {label}"
        return f": {label} (of {count} {_KINDS[advice]})"

    def _odds(self, judgement: Judgement) -> str:
        f = self.findings
        if f.count == 1:
            return "The only strategy: there is nothing to choose."
        often = futures(judgement.cheapest_probability, f.lifetimes)
        if judgement.win_probability is None:
            said = f"The baseline, cheapest {often}"
        else:
            said = f"Cheapest {often}"
            baseline = self.labels[f.names[f.baseline]]
            said += f", cheaper than {baseline} {futures(judgement.win_probability, f.lifetimes)}"
        return (
            f"{said}; expected regret {self._money(judgement.expected_regret)}. {self._agreement(judgement)}"
        )

    def _agreement(self, judgement: Judgement) -> str:
        best = self.labels[judgement.best]
        if judgement.followed == judgement.best:
            return "Agrees: no strategy has a lower one."
        if judgement.extra.value == 0:
            return f"Agrees: {best} costs the same."
        best = f"{best} ({self._money(judgement.best_regret)})"
        if judgement.agrees:
            return f"Agrees: as good as {best} within 1 % of its cost."
        if judgement.agrees is None:
            return f"Undecided: too few lifetimes to tell it from {best}."
        return f"Disagrees: {best} is better by {self._money(judgement.extra)} on average."

    def _sum(self, judgements: Sequence[Judgement]) -> str:
        printed = [judgement for judgement in judgements if not judgement.corrected]
        speaking = [judgement for judgement in printed if judgement.speaks]
        if not speaking:
            return "No rule says anything of this plan."
        followed = [judgement for judgement in speaking if judgement.followed is not None]
        agreeing = sum(judgement.agrees is True for judgement in followed)
        undecided = sum(judgement.agrees is None for judgement in followed)
        said = f"{agreeing} of the {len(speaking)} rules that speak {_agree(agreeing)} with the simulation"
        if len(speaking) == 1:
            said = (
                f"The one rule that speaks {'agrees' if agreeing else 'does not agree'} with the simulation"
            )
        if undecided:
            said += f", {undecided} {_is(undecided)} undecided"
        if lost := len(speaking) - len(followed):
            said += f", {lost} cannot be followed here"
        if not followed:
            return f"{said}."
        costs: dict[str, list[str]] = {}
        for judgement in followed:
            costs.setdefault(judgement.followed, []).append(f"{judgement.source.key} {judgement.title}")
        each = [
            f"{self._money(next(j.expected_regret for j in followed if j.followed == name))} "
            f"({self.labels[name]}: {', '.join(rules)})"
            for name, rules in costs.items()
        ]
        best = judgements[0]
        return (
            f"{said}; following them means an expected regret of {'; '.join(each)}, where the best choice, "
            f"{self.labels[best.best]}, has {self._money(best.best_regret)}."
        )

    def _money(self, estimate: Estimate) -> str:
        said = estimated_money(estimate)
        said = f"less than {said[1:]}" if said.startswith("<") else said.replace("~", "about ")
        return f"{said} {self.findings.currency}"

    def _part(self, head: str, text: str) -> list[str]:
        first = f"    {head:<{_HEAD}}"
        lines = wrap(text, self.width - len(first))
        return [(" " * len(first) if position else first) + line for position, line in enumerate(lines)]


def _agree(count: int) -> str:
    return "agrees" if count == 1 else "agree"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
