"""Write SOURCES.md from runs of the plans in this folder: `python configs/sources/write_page.py [--check]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from textwrap import wrap

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent.parent / "SOURCES.md"
WIDTH = 118

if (
    str(HERE) not in sys.path
):  # as a script it is there; a test that imports this file has to find `page` as well
    sys.path.insert(0, str(HERE))

from page import s1, s2, s3, s4, s5  # noqa: E402
from page.measure import AT_A_VOLUME, LIFETIMES, plan  # noqa: E402
from page.words import Section, exact, holds, table  # noqa: E402

OPENING = f"""\
# What five sources say, and what follows

Five public articles compare fine-tuning with prompting. Each prints a small calculation or a table of costs. Here every
one of them is a plan, run by this program, so that a reader can see which numbers stand, which do not follow from
their own inputs, and how far any of them can be trusted once its inputs are as uncertain as they really are.

How to read the tables:

* **Printed** is what the article shows. **Follows** is what its own inputs give, computed from a plan with those very
  inputs and no uncertainty. Where the two differ, the article is wrong by its own terms.
* **With uncertainty** is what the same case gives when prices, lengths, volumes, hours and lives of models vary as
  public data have them, over three years. "a to b" is P10 to P90: one future in ten lies below, one in ten above. "12
  of 100 futures" is a probability. A crossover in calls or months is given for the futures that have one.
* **Where it misleads** is what a reader gets wrong who follows the printed claim.

What to bear in mind: prompting follows the newest model of its tier, whose price mostly falls and sometimes jumps; a
fine-tune is pinned to one model, and keeps its price when it is trained again. Who moves a fine-tune to a cheaper base
does better than these plans. Hours cost 80 to 125 USD where a source names hours and no wage. What no public figure
supports is marked "assumption" in the plan, and is the first thing to replace by your own. The articles are quoted for
facts and figures alone.

This page is written by `python configs/sources/write_page.py`, and a test fails when it is not current. Runs have
{exact(LIFETIMES)} lifetimes, {exact(AT_A_VOLUME)} at each volume of a curve, with the seeds of the plans: chances are
good to one in a hundred; amounts have two digits, and crossovers and volumes one where the runs support no second.
Run any plan yourself: `simulate PLAN`, `simulate crossover PLAN` for how it depends on volume, `simulate rules PLAN`
for what every source's rule would decide. Where a figure takes other inputs, the plan's first lines name the command.
"""

CLOSING = """\
## Where the rules of thumb mislead

What the rules have in common: they turn one calculation, at one price, into a threshold of volume. The chances below
are those of the plans above.
"""

HEAD = ("Claim", "Printed", "Follows", "With uncertainty", "Where it misleads")


def write() -> str:
    """Give the text of the page.

    Raises
    ------
    page.words.ContradictionError
        If a run contradicts a sentence.
    """
    wages = {plan(f"s{number}-spread").people.roles["engineer"].written for number in (1, 2, 3, 4)}
    holds(wages == {"80 to 125 USD/h"}, "Hours cost 80 to 125 USD where a source names hours and no wage.")
    sections = [source.section() for source in (s1, s2, s3, s4, s5)]
    lines = [OPENING]
    for section in sections:
        lines += _section(section)
    lines += [CLOSING]
    rows = [
        (rule.source, rule.rule, rule.simulated, rule.misleads) for part in sections for rule in part.rules
    ]
    lines += table(("Source", "Rule of thumb", "Simulated", "What to make of it"), rows)
    return "\n".join(lines) + "\n"


def _section(section: Section) -> list[str]:
    points = ", ".join(_link(name) for name in section.plans)
    rows = [(each.what, each.printed, each.follows, each.simulated, each.misleads) for each in section.claims]
    return [
        f"## {section.title}",
        "",
        *table(HEAD, rows),
        "",
        *wrap(section.text, WIDTH, break_on_hyphens=False),
        "",
        *wrap(f"Plans: {points}; with uncertainty: {_link(section.spread)}.", WIDTH, break_on_hyphens=False),
        "",
    ]


def _link(name: str) -> str:
    return f"[{name}](configs/sources/{name}.toml)"


def main() -> int:
    """Write the page, or say whether it is current."""
    parser = argparse.ArgumentParser(description="Write SOURCES.md from runs of the plans of the sources.")
    parser.add_argument(
        "--check", action="store_true", help="only say whether it is current: exit code 1 if not"
    )
    arguments = parser.parse_args()
    text = write()
    if not arguments.check:
        PAGE.write_text(text, encoding="utf-8")
        print(f"wrote {PAGE.name}")
        return 0
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text:
        print(f"{PAGE.name} is current")
        return 0
    print(f"{PAGE.name} is not current: run python configs/sources/write_page.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
