"""Say the findings in sentences that a manager can read aloud."""

from __future__ import annotations

import math

from simulator.calendar import MONTH_NAMES
from simulator.precision import INDIFFERENT, UNDECIDED
from simulator.verdict.findings import Findings
from simulator.verdict.lettering import shorten_apart
from simulator.verdict.numerals import Estimate, chance, estimated_money, futures, is_never, lifetimes, money

# [cells] to which labels are shortened where two stand in one short sentence.
NARROW = 24

# More names than this in one sentence are counted instead of listed.
LISTED = 3


def month_name(findings: Findings, month: int) -> str:
    """Write a month of the plan as in ``month 9 (September 2026)``."""
    year, number, _ = str(findings.dates[month - 1]).split("-")
    return f"month {month} ({MONTH_NAMES[int(number) - 1]} {year})"


def level_name(level: float) -> str:
    """Write a quantile level as in ``P95``."""
    return f"P{100 * level:.6g}"


def percent(share: float) -> str:
    """Write a bound in percent, rounded up to two digits: ``0.2 %``."""
    if not 0.0 < share < math.inf:
        return "0 %" if share == 0.0 else "any share"
    unit = 10.0 ** (math.floor(math.log10(100.0 * share)) - 1)
    return f"{math.ceil(100.0 * share / unit * (1 - 1e-12)) * unit:.6g} %"


class Sentences:
    """Write each finding as one sentence or two.

    Parameters
    ----------
    findings
        What is to be said.
    label_width
        [cells] to which labels are shortened.
    """

    def __init__(self, findings: Findings, label_width: int = 40) -> None:
        self.findings = findings
        self.labels = shorten_apart(findings.labels, label_width, findings.names)

    def paragraphs(self) -> list[str]:
        """Give all sentences in order of importance, those of one matter together."""
        if self.findings.count == 1:
            matters = [[self.alone()], [self.budget()]]
        else:
            matters = [
                [self.winner(), self.disagreement()],
                [self.saving(), self.timing()],
                [self.wrong_choice(), self.undecided()],
                [self.known()],
                [self.budget()],
            ]
        said = [" ".join(sentence for sentence in matter if sentence) for matter in matters]
        return [paragraph for paragraph in said if paragraph]

    def alone(self) -> str:
        """Say what the only strategy costs."""
        f = self.findings
        typical, bad = f.nearest(0.5), f.nearest(0.95)
        at = {"strategy": 0, "month": f.horizon}
        return (
            f"{self.labels[0]} is the only strategy: nothing is compared. By {month_name(f, f.horizon)} it "
            f"costs {self._money(f.level('present_cost', typical, **at))} in the typical future "
            f"({level_name(typical)}), {self._money(f.mean(0))} on average and "
            f"{self._money(f.level('present_cost', bad, **at))} in the bad case ({level_name(bad)})."
        )

    def winner(self) -> str:
        """Say who is cheapest, in how many futures and with what expected regret."""
        f = self.findings
        if f.all_identical:
            all_of_them = "Both" if f.count == 2 else f"All {f.count}"
            return (
                f"{all_of_them} strategies cost the same in every one of {lifetimes(f.lifetimes)}: the "
                "choice makes no difference (expected regret 0)."
            )
        first = f.most_often
        return (
            f"{self.labels[first]} is cheapest {self._cheapest(first)}; its expected regret, "
            f"the mean extra cost over the best choice in hindsight, is {self._money(f.regret(first))}."
        )

    def disagreement(self) -> str:
        """Say plainly where the one that wins most often is not the cheapest on average."""
        f = self.findings
        often, mean, advice = f.most_often, f.lowest_mean, f.recommended
        if often == mean == advice:
            return ""
        said = []
        if often != advice:
            said.append(
                f"But winning most often is not being cheapest on average: {self.labels[advice]}, cheapest "
                f"{self._cheapest(advice)}, has the lowest expected regret, "
                f"{self._money(f.regret(advice))}"
            )
            means = f"{self._money(f.mean(advice))} against {self._money(f.mean(often))}"
            said[0] += f" (mean cost {means})." if mean == advice else "."
        if mean != advice:
            said.append(
                f"The lowest mean cost, {self._money(f.mean(mean))}, is that of {self.labels[mean]}, but the "
                "plan does not compare on all of it."
            )
        return f"{' '.join(said)} The lowest regret decides what follows."

    def saving(self) -> str:
        """Say the typical saving against the baseline and the bad case."""
        f = self.findings
        first, rival = self._against()
        if f.all_identical:
            return ""
        if f.identical(first, rival):
            return f"{self.labels[first]} costs the same as {self.labels[rival]} in every lifetime."
        typical, bad = f.nearest(0.5), f.nearest(0.05)
        named = "it" if f.most_often == first else self.labels[first]
        opening = f"Against {self.labels[rival]} (the baseline) {named}"
        if f.recommended == f.baseline:
            opening = f"The baseline is the choice. Against it {self.labels[first]}, the nearest rival,"
        win = f.estimate("win_probability", strategy=first, rival=rival, month=f.horizon)
        cases = f"{self._saves(f.level('saving', typical, strategy=first, rival=rival))} typically "
        cases += f"({level_name(typical)})"
        if bad < typical:
            cases += f", {self._saves(f.level('saving', bad, strategy=first, rival=rival))} in the bad case "
            cases += f"({level_name(bad)})"
        return f"{opening} {cases} and ends cheaper {futures(win, f.lifetimes)}."

    def timing(self) -> str:
        """Say from which month on the strategy is ahead of the baseline."""
        f = self.findings
        first, rival = self._against()
        if f.identical(first, rival):
            return ""
        start = f.ahead_from(first, rival)
        if start is None:
            return "There is no month from which on it is more likely ahead than not."
        if start == 1:
            return "It is more likely ahead than not from month 1 on."
        return f"It is more likely ahead than not from {month_name(f, start)} on."

    def wrong_choice(self) -> str:
        """Say what a wrong choice would cost."""
        f = self.findings
        worst = f.order[-1]
        if f.all_identical:
            return ""
        most = self._money(f.regret(worst))
        said = f"A wrong choice would cost up to {most} on average ({self.labels[worst]})"
        if f.baseline == worst:
            said = f"A wrong choice, the baseline, would cost {most} on average"
        elif f.baseline != f.recommended:
            said += f", keeping the baseline {self._money(f.regret(f.baseline))}"
        return f"{said}."

    def undecided(self) -> str:
        """Name the strategies that these lifetimes cannot tell apart."""
        f = self.findings
        said = []
        twins = f.twins()
        if twins and not f.all_identical:
            said.append(f"{self._pairs(twins)} cost the same in every lifetime.")
        alike = [set(pair) - {f.recommended} for pair in f.alike_on_average() if f.recommended in pair]
        if f.tolerance is not None:
            alike = []  # a sentence of its own says it, with bounds
        close = f.rivals_for_first()
        doubts = []
        if alike:
            names = self._names([i for rest in alike for i in rest])
            doubts.append(f"on average, {self.labels[f.recommended]} from {names}")
        if close:
            doubts.append(f"as most often cheapest, {self.labels[f.most_often]} from {self._names(close)}")
        if doubts:
            said.append(
                f"{lifetimes(f.lifetimes)} cannot tell apart: {'; '.join(doubts)} (intervals overlap)."
            )
        return " ".join(said)

    def known(self) -> str:
        """Say of a run with a precision what it knows: two lines of 80 cells at most."""
        f = self.findings
        if f.tolerance is None:
            return ""
        said = []
        if f.error_of_chances > f.tolerance:
            said.append(f"chances of being cheapest to {percent(f.error_of_chances)}")
        for status, means in ((INDIFFERENT, "indifferent"), (UNDECIDED, "undecided")):
            pairs = [pair for pair in f.ranking if pair[2] == status and not f.identical(*pair[:2])]
            if not pairs:
                continue
            apart = f"means at most {percent(max(gap for *_, gap in pairs))} apart"
            short = shorten_apart(f.labels, NARROW, f.names)
            names = [short[i] for i in pairs[0][:2]]
            named = " and ".join(names) if len(pairs) == 1 else f"{len(pairs)} pairs"
            said.append(f"{named} {means} ({apart})")
        if f.is_precise:
            # In full where there is nothing to add: two lines hold no more.
            every = "chances of being cheapest, order of mean costs" if said else ""
            every = every or "every chance of being cheapest and the order of mean costs"
            return f"Known to {percent(f.tolerance)}: {'; '.join([every, *said])}."
        return f"Not yet known to {percent(f.tolerance)}: {'; '.join(said)}."

    def budget(self) -> str:
        """Say what budget would do, and how likely the given one is exceeded."""
        f = self.findings
        first = f.recommended
        where = {"strategy": first, "budget_period": "horizon"}
        enough = f.level("budget_cost", f.budget_level, **where)
        would = f"{self._money(enough)} would hold in {100 * f.budget_level:.6g} of 100"
        missing = not f.has_budget or f.estimate("over_budget_probability", **where).missing
        if missing:
            contingency = f.contingency(first, "horizon")
            said = f"As a budget for {self.labels[first]} {would} futures"
            if contingency.value > 0:
                said += f", {self._money(contingency)} of it a contingency over {level_name(f.nearest(0.5))}"
            return f"{said}."
        over = f.estimate("over_budget_probability", **where)
        given = money(f.budget("horizon"), digits=4)
        said = f"{self.labels[first]} exceeds the budget of {given} {f.currency} {futures(over, f.lifetimes)}"
        if not is_never(over):
            said += f", by {self._money(f.estimate('expected_overrun', **where))} averaged over all"
        return f"{said}; {would}."

    def _against(self) -> tuple[int, int]:
        """Give the strategy to speak of and the baseline it is held against."""
        f = self.findings
        if f.recommended != f.baseline:
            return f.recommended, f.baseline
        return next(i for i in f.order if i != f.baseline), f.baseline

    def _cheapest(self, strategy: int) -> str:
        """Say a chance to be cheapest so that the two winners' chances never look the same."""
        f = self.findings
        often, advice = f.cheapest(f.most_often), f.cheapest(f.recommended)
        finer = f.most_often != f.recommended and chance(often) == chance(advice)
        return futures(f.cheapest(strategy), f.lifetimes, finer)

    def _money(self, estimate: Estimate) -> str:
        said = estimated_money(estimate)
        said = f"less than {said[1:]}" if said.startswith("<") else said.replace("~", "about ")
        return f"{said} {self.findings.currency}"

    def _saves(self, estimate: Estimate) -> str:
        if estimate.value == 0:
            return "saves nothing"
        if estimate.drowned:
            return "saves about nothing"
        size = self._money(Estimate.of(abs(estimate.value), estimate.error))
        return f"saves {size}" if estimate.value > 0 else f"costs {size} more"

    def _names(self, strategies: list[int]) -> str:
        shown = [self.labels[i] for i in strategies[:LISTED]]
        if len(strategies) > LISTED:
            shown.append(f"{len(strategies) - LISTED} more")
        return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"

    def _pairs(self, pairs: list[tuple[int, int]]) -> str:
        shown = [f"{self.labels[a]} and {self.labels[b]}" for a, b in pairs[:LISTED]]
        if len(pairs) > LISTED:
            shown.append(f"{len(pairs) - LISTED} more pairs")
        return "; ".join(shown)
