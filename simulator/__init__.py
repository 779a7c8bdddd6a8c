"""Say whether fine-tuning will beat prompting, and how sure that is.

Functions
---------
load_plan
    Read a plan from a TOML file.
simulate
    Run the lifetimes of a plan; gives an `xarray.Dataset`.

Examples
--------
>>> import simulator
>>> plan = simulator.load_plan("configs/smoke.toml", ["run.seed=11"])
>>> dataset = simulator.simulate(plan, lifetimes=2_000)  # doctest: +SKIP

Notes
-----
Each is imported when it is first named, so that importing the package takes no time.
"""

from __future__ import annotations

from importlib import import_module

# As in typing, which takes a while to import: the command line answers Ctrl-C only once this is done.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from simulator.plan import load_plan
    from simulator.run import simulate

__all__ = ["load_plan", "simulate"]

_HOMES = {"load_plan": "simulator.plan", "simulate": "simulator.run"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(_HOMES[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
