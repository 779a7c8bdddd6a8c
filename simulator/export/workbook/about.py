"""Fill the sheet that says where the numbers come from and how to read them."""

from __future__ import annotations

import json

from simulator.export import source
from simulator.export.workbook.book import Book, Column
from simulator.verdict.words import level_name

NAME = "About"
READING = "Where the numbers come from, and how to read them."


def write(book: Book) -> None:
    """Write the sheet."""
    entries = [*_identity(book), *_reading(book)]
    book.table(
        NAME,
        READING,
        [
            Column("What", "text", [what for what, _ in entries], 26),
            Column("Answer", "words", [said for _, said in entries], 110),
        ],
    )


def _identity(book: Book) -> list[tuple[str, str]]:
    attrs, f = book.dataset.attrs, book.findings
    said = [
        ("Plan", str(attrs["plan_name"])),
        ("Plan, sha256", str(attrs["plan_sha256"])),
        ("Overrides (--set)", str(attrs["overrides"]).replace("\n", "; ") or "none"),
        ("Run", source.version(book.dataset)),
        ("Made", f"{source.created(book.dataset):%Y-%m-%d %H:%M:%S %Z}".strip()),
        ("Seed", str(int(attrs["seed"]))),
        ("Lifetimes", f"{f.lifetimes:,}"),
        ("Sampler", str(attrs["sampler"])),
        ("First month, months", f"{f.dates[0]}, {f.horizon}"),
        ("Currency", f.currency),
        ("Baseline", book.names[f.baseline]),
        ("Compared on", str(attrs["compare_on"])),
        ("Budget covers", str(attrs["budget_covers"])),
    ]
    if "budget_amount" in attrs:
        said.append(
            ("Budget", f"{float(attrs['budget_amount']):,.2f} {f.currency} per {attrs['budget_per']}")
        )
    return [*said, ("Versions", _versions(str(attrs["versions"])))]


def _versions(text: str) -> str:
    try:
        return ", ".join(f"{name} {number}" for name, number in json.loads(text).items())
    except (ValueError, AttributeError):
        return text


def _reading(book: Book) -> list[tuple[str, str]]:
    f = book.findings
    level = level_name(f.budget_level)
    return [
        (
            "A lifetime",
            "One simulated future of the whole project: one draw of everything uncertain, followed month by "
            "month. All strategies live through the same lifetimes.",
        ),
        (
            "P5, P50, P95",
            "The amount that is not exceeded in 5, 50, 95 of 100 lifetimes. P50 is the typical case.",
        ),
        (
            "Why percentiles do not add up",
            f"The lifetime that is {level} in one month is not the one that is {level} in the next. So the sum "
            f"of every month's {level} is no percentile with a name: it lies above the {level} of the horizon "
            "where months go their own ways, and may lie below where a few lifetimes are dear all along. "
            "Percentiles of quarters, fiscal years and the horizon are taken from lifetimes summed first."
            + _example(book),
        ),
        ("Means", "Means do add up: over months, quarters, fiscal years and components."),
        (
            f"{level}, allocated",
            f"For a plan by month that adds up: the {level} of the horizon (or fiscal year, or quarter) is "
            "spread over its months as those sampled lifetimes spend it whose total is near it (ranks within 5 in "
            f"100), then scaled to fit. A month's part is not that month's own {level}.",
        ),
        (
            "Cost",
            "Cost of the period in the money of that period, all components. Failures and latency are in it: "
            "what errors and waiting cost the business, for which nobody sends an invoice.",
        ),
        (
            "Present cost",
            "Cost discounted to the start, at the plan's rate; without a rate the same as cost. "
            "Strategies are compared on it.",
        ),
        (
            "Cost that the budget covers",
            "Cost of the components named above. Its percentiles are what a budget needs to be.",
        ),
        (
            "Expected regret",
            "Mean extra cost over the strategy that turned out cheapest in the same lifetime. The strategy "
            "that wins most often need not be the one with the lowest.",
        ),
        ("Expected overrun", "Mean of what exceeds the budget, counting 0 where nothing does."),
        (
            "Partial periods",
            "The first and the last quarter and fiscal year hold only their months that lie in the plan; "
            "budgets per month, quarter or year are scaled to them.",
        ),
        (
            "Precision",
            f"Cells hold every digit of the result; {f.lifetimes:,} lifetimes do not support all of them. The "
            "result file has the sampling error of each number.",
        ),
    ]


def _example(book: Book) -> str:
    """Show with the plan's own numbers how far sums of percentiles are off."""
    f = book.findings
    place, best = f.quantiles.tolist().index(f.budget_level), f.recommended
    added = float(f.values("monthly_cost", "strategy", "month", "quantile")[best, :, place].sum())
    true = f.level("cumulative_cost", f.budget_level, strategy=best, month=f.horizon).value
    if f.horizon == 1 or added == 0:
        return ""
    return (
        f" Here: the monthly {level_name(f.budget_level)} of {book.names[best]} add up to {added:,.0f} {f.currency}, "
        f"the {level_name(f.budget_level)} of the horizon is {true:,.0f}."
    )
