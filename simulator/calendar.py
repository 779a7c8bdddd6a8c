"""Place the months of a plan on the calendar: dates, fiscal quarters, fiscal years."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True)
class Calendar:
    """Months 1 … H of a plan; index 0 of every tuple is month 1.

    Parameters
    ----------
    start
        First day of month 1.
    horizon
        Number of months H.
    fiscal_start
        Number (1 … 12) of the calendar month with which a fiscal year begins.

    Notes
    -----
    A fiscal year bears the number of the calendar year in which it ends.
    """

    start: date
    horizon: int
    fiscal_start: int = 1

    @property
    def dates(self) -> tuple[date, ...]:
        """First day of each month."""
        first = self.start.year * 12 + self.start.month - 1
        return tuple(date((first + k) // 12, (first + k) % 12 + 1, 1) for k in range(self.horizon))

    @property
    def calendar_months(self) -> tuple[int, ...]:
        """Calendar month (0 = January) of each month, the index into `demand.seasonality`."""
        return tuple(day.month - 1 for day in self.dates)

    @property
    def fiscal_quarters(self) -> tuple[str, ...]:
        """Label of the fiscal quarter of each month, such as ``"FY2027-Q1"``."""
        return tuple(
            f"{self._year(day)}-Q{(day.month - self.fiscal_start) % 12 // 3 + 1}" for day in self.dates
        )

    @property
    def fiscal_years(self) -> tuple[str, ...]:
        """Label of the fiscal year of each month, such as ``"FY2027"``."""
        return tuple(self._year(day) for day in self.dates)

    @property
    def quarters(self) -> tuple[str, ...]:
        """Every fiscal quarter once, in order; the first and the last may be partial."""
        return tuple(dict.fromkeys(self.fiscal_quarters))

    @property
    def years(self) -> tuple[str, ...]:
        """Every fiscal year once, in order; the first and the last may be partial."""
        return tuple(dict.fromkeys(self.fiscal_years))

    def _year(self, day: date) -> str:
        ends_next_year = self.fiscal_start > 1 and day.month >= self.fiscal_start
        return f"FY{day.year + ends_next_year}"
