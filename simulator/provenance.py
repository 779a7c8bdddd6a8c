"""Name what a result was made from: plan, seed, versions, machine, time."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.plan import Plan

DISTRIBUTION = "finetune-odds"
LIBRARIES = ("numpy", "scipy", "numba", "xarray", "h5netcdf")


def attributes(
    plan: Plan, *, lifetimes: int, seed: int, wall_s: float | None = None
) -> dict[str, str | int | float]:
    """Give the attributes of a result: strings and numbers, nothing else survives in a netCDF file.

    Parameters
    ----------
    plan
        The plan that was run; its whole text is kept.
    lifetimes
        Number of lifetimes that were run.
    seed
        Seed that was used, 0 … 2^64 - 1.
    wall_s
        Wall-clock time of the run [s]; left out if it is not known.

    Notes
    -----
    Lists are joined: `overrides` by line ends, components by ", ". `versions` is a JSON object.
    `budget_amount` and `budget_per` are there if the plan has a budget, `catalogue` (a JSON object, see
    `catalogue`) if it takes prices from the catalogue.
    """
    finance = plan.finance
    found: dict[str, str | int | float] = {
        "plan_name": plan.name,
        # netCDF drops NUL characters without a word; what is kept must read back as it was.
        "plan": plan.text.replace("\0", ""),
        "plan_sha256": plan.digest,
        "overrides": "\n".join(plan.overrides),
        "seed": int(seed),
        "lifetimes": int(lifetimes),
        "sampler": plan.run.sampler,
        "baseline": plan.baseline,
        "currency": finance.currency,
        "start": plan.start.isoformat(),
        "horizon": int(plan.horizon),
        "budget_level": float(finance.budget_level),
        "budget_covers": ", ".join(finance.budget_covers),
        "compare_on": ", ".join(finance.compare_on),
        "versions": json.dumps(versions()),
        "machine": f"{platform.system()} {platform.release()} {platform.machine()}",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    if finance.budget is not None:
        found |= {"budget_amount": float(finance.budget.amount), "budget_per": finance.budget.per}
    if plan.resolved_prices or plan.resolved_presets:
        found["catalogue"] = json.dumps(catalogue(plan))
    if wall_s is not None:
        found["wall_s"] = float(wall_s)
    return found


def catalogue(plan: Plan) -> dict[str, Any]:
    """Say what a plan took from the catalogue.

    Returns
    -------
    dict
        ``as_of``: a sentence where the plan starts after all known prices, else empty. ``versions``: those of
        the overlay (its day) and of genai-prices, as far as they count. ``prices``: objects with the fields of
        `ResolvedPrice`, dates in ISO form. ``presets``: objects with process, preset, source and keys.
    """
    prices = [asdict(price) for price in plan.resolved_prices]
    for price in prices:
        price |= {name: price[name] and price[name].isoformat() for name in ("date", "since")}
    return {
        "as_of": plan.prices_as_of,
        "versions": {price["origin"]: price["version"] for price in prices},
        "prices": prices,
        "presets": [asdict(preset) | {"keys": dict(preset.keys)} for preset in plan.resolved_presets],
    }


def versions() -> dict[str, str]:
    """Give the versions of this package, of Python and of the libraries that results depend on.

    Notes
    -----
    They come from the installed metadata, so that nothing heavy is imported. Run from a checkout that is not
    installed, the package itself is "unknown".
    """
    found = {DISTRIBUTION: _version(DISTRIBUTION), "python": platform.python_version()}
    return found | {name: _version(name) for name in LIBRARIES}


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "unknown"
