"""Check that a dataset is a run with everything that its tables are made from."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from simulator.export.errors import ExportError
from simulator.storage import KINDS, kind_of

if TYPE_CHECKING:
    import xarray as xr

ATTRIBUTES = (
    "plan_name", "plan", "plan_sha256", "overrides", "seed", "lifetimes", "sampler", "baseline", "currency",
    "start", "horizon", "budget_level", "budget_covers", "compare_on", "versions", "created",
)  # fmt: skip
VARIABLES = (
    "strategy", "strategy_label", "month", "date", "fiscal_quarter", "quantile", "component",
    "budget_period", "monthly_cost", "monthly_cost_mean", "quarterly_cost", "quarterly_cost_mean",
    "fiscal_year_cost", "fiscal_year_cost_mean", "cumulative_cost", "cumulative_cost_mean", "present_cost",
    "present_cost_mean", "expected_shortfall", "budget_cost", "budget_cost_mean", "cost_per_kreq",
    "cost_per_kreq_mean", "cost_breakdown", "training_runs", "saving", "saving_mean", "regret",
    "expected_regret", "win_probability", "cheapest_probability", "first_passage_probability",
    "break_even_probability", "never_breaks_even", "requests", "requests_mean", "sample_monthly_cost",
)  # fmt: skip


def check(dataset: xr.Dataset) -> None:
    """Refuse a dataset that is no run, or lacks something that every run has.

    Raises
    ------
    ExportError
        If it is of another kind, or an attribute or a variable is missing or cannot be (3).
    """
    if kind_of(dataset) != "run":
        raise ExportError(
            f"this is the result of a {kind_of(dataset)[:40]}, and only a run has tables for finance",
            f"name a result that `{KINDS['run']}` has written; others open with xarray.open_dataset",
        )
    missing = [name for name in ATTRIBUTES if name not in dataset.attrs]
    missing += [name for name in VARIABLES if name not in dataset.variables]
    if missing:
        others = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise ExportError(
            f"this result lacks {', '.join(missing[:3])}{others}, which every run has",
            "make it again with `simulate run`",
        )
    names = [str(name) for name in dataset["strategy"].values]
    if dataset.attrs["baseline"] not in names:
        raise ExportError(
            f"the baseline of this result, {str(dataset.attrs['baseline'])[:40]!r}, is none of its strategies",
            "make it again with `simulate run`",
        )
    try:
        created(dataset)
    except (TypeError, ValueError):
        raise ExportError(
            f"this result says that it was made at {str(dataset.attrs['created'])[:40]!r}, which is no time",
            "make it again with `simulate run`",
        ) from None


def created(dataset: xr.Dataset) -> datetime:
    """Give the time at which the result was made, in UTC."""
    return datetime.fromisoformat(str(dataset.attrs["created"]))


def version(dataset: xr.Dataset) -> str:
    """Name the plan and the seed behind a result, as the default name of its file does."""
    return f"{str(dataset.attrs['plan_sha256'])[:8]}-{int(dataset.attrs['seed'])}"
