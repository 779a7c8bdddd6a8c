"""Say on which machine, with which versions and beside which load something was measured."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from distributions.jit import cache_directory
from simulator.provenance import versions
from simulator.run import available_threads

_BUSY = 0.3
"""Load average [processes] from which on other work disturbs what is measured on one or two cores."""


def describe() -> dict[str, object]:
    """Describe processor, cores, load and versions.

    Returns
    -------
    `cpu`, `cores` (those that this process may use), `load_average` (last 1, 5 and 15 minutes, empty where
    the system keeps none), `system`, `versions` by name, and `sources`: what machine code was made from.
    """
    return {
        "cpu": processor(),
        "cores": available_threads(),
        "load_average": load_average(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "versions": versions(),
        "sources": cache_directory().name,
    }


def load_average() -> list[float]:
    """Give the load average of the last 1, 5 and 15 minutes, empty where the system keeps none."""
    return [round(load, 2) for load in os.getloadavg()] if hasattr(os, "getloadavg") else []


def is_busy(load: list[float]) -> bool:
    """Tell whether other work was under way before anything was measured."""
    return bool(load) and load[0] > _BUSY


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Name the processor; virtual ones hide their model, so its numbers stand beside the name."""
    if not cpuinfo.is_file():
        return platform.processor() or platform.machine()
    first = cpuinfo.read_text(encoding="utf-8", errors="replace").partition("\n\n")[0]
    facts = dict(map(str.strip, line.split(":", 1)) for line in first.splitlines() if ":" in line)
    name = facts.get("model name", platform.machine())
    numbers = [
        f"{key.removeprefix('cpu ')} {facts[key]}"
        for key in ("cpu family", "model", "stepping")
        if key in facts
    ]
    return f"{name} ({', '.join(numbers)})" if numbers else name
