"""Place the months, fiscal quarters and fiscal years of a result on the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr

MONTH, QUARTER, FISCAL_YEAR, HORIZON = "month", "quarter", "fiscal_year", "horizon"


@dataclass(frozen=True)
class Period:
    """A stretch of whole months of the plan.

    Parameters
    ----------
    kind
        "month", "quarter", "fiscal_year" or "horizon".
    label
        "FY2027-Q1" of a quarter and of each of its months, "FY2027" of a fiscal year, "horizon".
    start, end
        First and last day that lie in the plan, so those of a partial quarter or year are not its own.
    months
        Positions of its months, 0 … H - 1.
    """

    kind: str
    label: str
    start: date
    end: date
    months: range


@dataclass(frozen=True)
class Periods:
    """All periods of a result, in order of time."""

    months: tuple[Period, ...]
    quarters: tuple[Period, ...]
    fiscal_years: tuple[Period, ...]
    horizon: Period

    @property
    def all(self) -> tuple[Period, ...]:
        """Months, then quarters, then fiscal years, then the horizon."""
        return (*self.months, *self.quarters, *self.fiscal_years, self.horizon)


def periods_of(dataset: xr.Dataset) -> Periods:
    """Find the periods by the date and the fiscal quarter of each month."""
    starts = [date.fromisoformat(str(day)) for day in dataset["date"].values.astype("datetime64[D]")]
    quarters = [str(label) for label in dataset["fiscal_quarter"].values]
    years = [label.partition("-")[0] for label in quarters]
    ends = [_next_month(day) - timedelta(days=1) for day in starts]

    def period(kind: str, label: str, months: range) -> Period:
        return Period(kind, label, starts[months[0]], ends[months[-1]], months)

    def grouped(kind: str, labels: list[str]) -> tuple[Period, ...]:
        found = []
        for label in dict.fromkeys(labels):
            first = labels.index(label)
            found.append(period(kind, label, range(first, first + labels.count(label))))
        return tuple(found)

    return Periods(
        months=tuple(period(MONTH, quarters[t], range(t, t + 1)) for t in range(len(starts))),
        quarters=grouped(QUARTER, quarters),
        fiscal_years=grouped(FISCAL_YEAR, years),
        horizon=period(HORIZON, HORIZON, range(len(starts))),
    )


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
