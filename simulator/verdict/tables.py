"""Set the tables of the verdict in columns that fit the terminal."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.verdict.findings import Findings
from simulator.verdict.lettering import cells, pad, plain, shorten, shorten_apart
from simulator.verdict.numerals import chance, estimated_money
from simulator.verdict.words import level_name

# Levels in the order in which they are given up where the terminal is narrow: last ones first.
WISHED_LEVELS = (0.5, 0.95, 0.05, 0.25, 0.75, 0.9)

# Cells that the column of labels takes at most, so that the eye keeps the row.
MOST_LABEL = 48

# Cells that the column of labels keeps, whatever else must go.
LEAST_LABEL = 14
LEAST_BUDGET_LABEL = 24


@dataclass(frozen=True)
class Column:
    """One column of figures.

    Parameters
    ----------
    header
        Its head.
    entries
        One text a row.
    rank
        How dispensable it is: the highest rank goes first where space is short; 0 always stays.
    """

    header: str
    entries: tuple[str, ...]
    rank: int = 0

    @property
    def width(self) -> int:
        """Cells of the widest entry or head."""
        return max(cells(text) for text in (self.header, *self.entries))


def set_table(
    head: str,
    labels: list[str],
    columns: list[Column],
    width: int,
    least: int = LEAST_LABEL,
    beside: tuple[str, ...] = (),
) -> list[str]:
    """
    Set a table with a flush-left column of labels.

    Parameters
    ----------
    head
        Head of the column of labels.
    labels
        One a row.
    columns
        Columns of figures, flush right.
    width
        [cells] that no line exceeds.
    least
        [cells] that the labels keep, even if columns have to go.
    beside
        Labels that have no row, but from which those of the rows can be told.

    Returns
    -------
    list of str
        The head line, then a line a row.
    """
    columns = list(columns)
    while sum(c.width + 1 for c in columns) > width - least and any(c.rank for c in columns):
        columns.remove(max(reversed(columns), key=lambda c: c.rank))
    wanted = min(max(cells(text) for text in (head, *labels)), MOST_LABEL)
    gap = 2 if wanted + sum(c.width + 2 for c in columns) <= width else 1
    room = max(min(wanted, width - sum(c.width + gap for c in columns)), 1)
    lines = []
    shown = [shorten(head, room), *shorten_rows([*labels, *beside], room)]
    for row in range(-1, len(labels)):
        line = pad(shown[row + 1], room)
        for column in columns:
            text = column.header if row < 0 else column.entries[row]
            line += " " * gap + pad(text, column.width, right=True)
        lines.append(line.rstrip())
    return lines


def shorten_rows(labels: list[str], width: int) -> list[str]:
    """Shorten the labels of rows, keeping what tells them apart, their two marker cells and the baseline's star."""
    markers = [label[:2] if label[:2] in ("> ", "  ") else "" for label in labels]
    stars = [
        " *" if mark and label.endswith(" *") else "" for mark, label in zip(markers, labels, strict=True)
    ]
    texts, rooms = [], []
    for label, marker, star in zip(labels, markers, stars, strict=True):
        texts.append(label.removeprefix(marker).removesuffix(star))
        rooms.append(max(width - cells(marker + star), 1))
    cut = shorten_apart(texts, rooms)
    return [marker + text + star for marker, text, star in zip(markers, cut, stars, strict=True)]


def row_label(findings: Findings, strategy: int) -> str:
    """Give a strategy's label with the marks of the recommended one (>) and of the baseline (*)."""
    marker = "> " if strategy == findings.recommended and findings.count > 1 else "  "
    star = " *" if strategy == findings.baseline and findings.count > 1 else ""
    return marker + plain(findings.labels[strategy]) + star


def shown_levels(findings: Findings) -> list[tuple[float, int]]:
    """
    Choose the quantile levels that the table shows.

    Returns
    -------
    list of (float, int)
        Level and rank of its column, ascending by level: the wished ones that the dataset holds, or all
        it holds where it holds fewer than three of them.
    """
    held = [float(q) for q in findings.quantiles]
    wished = [q for level in WISHED_LEVELS for q in held if abs(q - level) < 1e-9]
    if len(wished) < 3:
        # From the middle and the ends inwards, so that a narrow table keeps the shape of the spread.
        wished = sorted(held, key=lambda q: (min(abs(q - 0.5), abs(q - held[0]), abs(held[-1] - q)), q))
    ranks = {level: rank for rank, level in enumerate(wished)}
    return sorted(ranks.items())


def cost_table(findings: Findings, strategies: list[int], width: int) -> list[str]:
    """Set percentiles, mean and shortfall of the present cost at the horizon, chance and regret."""
    f = findings

    def column(header: str, name: str, rank: int = 0, **where: object) -> Column:
        found = (f.estimate(name, strategy=i, **where) for i in strategies)
        return Column(header, tuple(estimated_money(e) for e in found), rank)

    levels = shown_levels(f)
    columns = [column(level_name(q), "present_cost", rank, quantile=q, month=f.horizon) for q, rank in levels]
    # The mean stands beside the median, whatever levels there are.
    middle = sum(q <= 0.5 for q, _ in levels)
    columns.insert(middle, column("mean", "present_cost_mean", month=f.horizon))
    columns.append(
        column(f"ES{100 * f.shortfall_level:.6g}", "expected_shortfall", quantile=f.shortfall_level)
    )
    if f.count > 1:
        best = tuple("tie" if f.all_identical else chance(f.cheapest(i)) for i in strategies)
        columns.append(Column("best", best))
        columns.append(column("regret", "expected_regret", month=f.horizon))
    return set_table(f"Present cost, {f.currency}", [row_label(f, i) for i in strategies], columns, width)


def outlook_table(findings: Findings, strategies: list[int], width: int) -> list[str]:
    """Set the chance to beat the baseline by each year's end, cash by kind, and the budget."""
    f = findings
    columns = []
    if f.count > 1:
        ends = f.year_ends
        for rank, month in enumerate(ends):
            said = tuple(_beats(f, i, month) for i in strategies)
            # The last month and the first year stay; the years between give way, the later ones first.
            columns.append(Column(f"m{month}", said, 0 if month in (ends[0], ends[-1]) else rank + 1))
    for header, invoiced in (("invoiced", True), ("not inv.", False)):
        columns.append(Column(header, tuple(estimated_money(f.cash(i, invoiced)) for i in strategies)))
    horizon = {"budget_period": "horizon"}
    level = f.budget_level
    held = (f.level("budget_cost", level, strategy=i, **horizon) for i in strategies)
    columns.append(Column(level_name(level), tuple(estimated_money(e) for e in held)))
    if f.has_budget and not f.estimate("over_budget_probability", strategy=0, **horizon).missing:
        over = (f.estimate("over_budget_probability", strategy=i, **horizon) for i in strategies)
        columns.append(Column("over", tuple(chance(e) for e in over)))
    head = "Beats * by month" if f.count > 1 else f"Cash, {f.currency}"
    return set_table(head, [row_label(f, i) for i in strategies], columns, width)


def _beats(f: Findings, strategy: int, month: int) -> str:
    if strategy == f.baseline:
        return "-"
    if f.identical(strategy, f.baseline):
        return "tie"
    return chance(f.estimate("win_probability", strategy=strategy, rival=f.baseline, month=month))


def budget_table(findings: Findings, width: int) -> list[str]:
    """Set the recommended strategy's budget for each fiscal year and the horizon."""
    f = findings
    periods = list(f.periods)
    if len(periods) == 2:
        periods = periods[1:]
    rows = [
        (
            f"  {level_name(f.budget_level)} budget, {f.currency}",
            lambda p: estimated_money(
                f.level("budget_cost", f.budget_level, strategy=f.recommended, budget_period=p)
            ),
        ),
        (
            f"  of it above {level_name(f.nearest(0.5))}",
            lambda p: estimated_money(f.contingency(f.recommended, p)),
        ),
    ]
    if f.has_budget:
        where = {"strategy": f.recommended}
        rows += [
            (
                "  chance of an overrun",
                lambda p: chance(f.estimate("over_budget_probability", **where, budget_period=p)),
            ),
            (
                "  expected overrun",
                lambda p: estimated_money(f.estimate("expected_overrun", **where, budget_period=p)),
            ),
        ]
    last = len(periods) - 1
    columns = [
        Column(p, tuple(say(p) for _, say in rows), 0 if place in (0, last) else place)
        for place, p in enumerate(periods)
    ]
    labels = [label for label, _ in rows]
    label = shorten_apart(f.labels, 24, f.names)[f.recommended]
    head = f"Budget: {label}" if f.count > 1 else "Budget"
    return set_table(head, labels, columns, width, LEAST_BUDGET_LABEL)
