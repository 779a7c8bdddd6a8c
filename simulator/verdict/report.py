"""Set the verdict on one terminal page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.calendar import MONTH_NAMES
from simulator.verdict.findings import Findings, find
from simulator.verdict.lettering import cells, plain, shorten, wrap
from simulator.verdict.numerals import lifetimes
from simulator.verdict.tables import budget_table, cost_table, level_name, outlook_table
from simulator.verdict.words import Sentences

if TYPE_CHECKING:
    import xarray as xr

MOST_LINES = 40
MOST_ROWS = 12

# The best strategy and the baseline.
LEAST_ROWS = 2
NARROWEST = 60

# Cells of a label in a sentence, and blank lines between the parts: tighter until the page holds every row.
SETTINGS = ((48, 3), (28, 3), (20, 3), (28, 1), (20, 0))


def render(dataset: xr.Dataset, width: int = 80) -> str:
    """
    Write the verdict as plain text.

    Parameters
    ----------
    dataset
        With the variables of MODEL.md's dataset table.
    width
        [cells] of the terminal; widths under 60 are taken as 60.

    Returns
    -------
    str
        At most 40 lines of at most `width` cells, without a line break at the end: the verdict in words, the
        spread of costs, the outlook by year and the budget. Rows that would not fit are counted.
    """
    findings = find(dataset)
    width = max(width, NARROWEST)
    page: list[str] = []
    for label_width, blanks in SETTINGS:
        opening = _title(findings, width)
        opening += [
            line for said in Sentences(findings, label_width).paragraphs() for line in wrap(said, width)
        ]
        page, whole = _page(findings, opening, width, blanks)
        if whole:
            break
    return "\n".join(page)


def _page(findings: Findings, opening: list[str], width: int, blanks: int) -> tuple[list[str], bool]:
    """Put the page together; say whether it holds every strategy in both tables."""
    budget = budget_table(findings, width)
    notes = _notes(findings, width)
    heads = 2
    room = MOST_LINES - len(opening) - len(budget) - len(notes) - heads - blanks
    count = findings.count
    in_first = in_second = count
    if 2 * count > room:
        # One line says what is left out. The spread of costs comes first, but a few rows of each stay.
        in_second = max(min(count, room - 1 - min(count, MOST_ROWS)), min(count, LEAST_ROWS))
        in_first = max(min(count, MOST_ROWS, room - 1 - in_second), min(count, LEAST_ROWS))
    after_words, after_costs, after_notes = ([""] if blanks > place else [] for place in range(3))
    page = [*opening, *after_words, *cost_table(findings, _best(findings, in_first), width)]
    page += [*after_costs, *outlook_table(findings, _best(findings, in_second), width)]
    left_out = in_first < count or in_second < count
    if left_out:
        shown = f"above {in_first} of {count} strategies, here {in_second}" if in_first < count else ""
        shown = shown or f"{in_second} of {count} strategies"
        page.append(shorten(f"({shown}; all of them: --json)", width))
    page += [*notes, *after_notes, *budget]
    return page[:MOST_LINES], not left_out


def _best(findings: Findings, rows: int) -> list[int]:
    """Choose the rows of a table: the best ones, and the baseline always."""
    chosen = list(findings.order[:rows])
    if findings.baseline not in chosen:
        chosen[-1] = findings.baseline
    return chosen


def _title(findings: Findings, width: int) -> list[str]:
    f = findings
    year, number, _ = str(f.dates[0]).split("-")
    months = "1 month" if f.horizon == 1 else f"{f.horizon} months"
    span = f": {months} from {MONTH_NAMES[int(number) - 1]} {year}"
    name = shorten(str(f.dataset.attrs["plan_name"]), width - cells(span))
    terms = f"{lifetimes(f.lifetimes)}, seed {f.dataset.attrs['seed']}, money in {f.currency}."
    if not f.compares_all:
        terms += f" Compared on {', '.join(f.compare_on)} only."
    return [name + span, *wrap(plain(terms), width), ""]


def _notes(findings: Findings, width: int) -> list[str]:
    f = findings
    tail, level = 100 * (1 - f.shortfall_level), 100 * f.budget_level
    said = f"ES{100 * f.shortfall_level:.6g}: mean of the worst {tail:.6g} in 100; "
    said += f"{level_name(f.budget_level)}: budget held in {level:.6g}; not inv.: failures, waiting."
    if f.count > 1:
        chances = f"best, m{f.year_ends[0]}" + (", over" if f.has_budget else "")
        said = f"> lowest expected regret, * baseline; {chances}: chances in 100; {said}"
    return wrap(said, width)
