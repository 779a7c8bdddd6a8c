"""Compile the kernel in a process of its own, while this one compiles what lowering and counting need."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from multiprocessing.process import BaseProcess

from distributions import jit
from simulator.running.job import Job, available_threads

# Any plan will do: what is compiled depends on the types of a plan's arrays, which are those of all plans.
_PLAN = b"""
name = "Any"
start = 2027-01-01
horizon = "1 month"
baseline = "a"
finance = { currency = "USD" }
demand = { requests = "1 req/month" }
request = { input = "1 tok/req", output = "1 tok/req" }
models.m = { input_price = "1 USD/Mtok", output_price = "1 USD/Mtok" }
strategies.a = { model = "m", prompt = "1 tok/req" }
strategies.b = { model = "m", prompt = "2 tok/req" }
"""

_under_way: BaseProcess | None = None


def begin() -> None:
    """Start to compile the kernel, where a second processor can do so and this process can read the outcome."""
    global _under_way
    if _under_way is None and jit.can_cache() and available_threads() > 1:
        # a daemon: it ends with this process, at once
        _under_way = multiprocessing.get_context("spawn").Process(
            target=_compile, name="compile", daemon=True
        )
        _under_way.start()


def finish() -> None:
    """Wait until what was begun is done; if it failed, the kernel is compiled where it is called first."""
    global _under_way
    if _under_way is not None:
        _under_way.join()
        _under_way = None


def arguments() -> tuple:
    """Give what the kernel is called with, of a plan that takes no time to lower."""
    import numpy as np

    from distributions.streams import key_words
    from simulator.lowering import lower
    from simulator.plan import parse_plan
    from simulator.workspace import make_counts, make_record, make_workspace

    lowered = lower(parse_plan(_PLAN, "any.toml"))
    sums = np.zeros(Job(lowered, 0, 1).statistics)
    arrays = lowered.plan, make_workspace(lowered), make_counts(lowered), sums, make_record(lowered)
    return *arrays, *key_words(0), 0, 0


def _compile() -> None:
    from simulator.kernel.block import simulate_block

    # Ctrl-C is for the process that started this one
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(Exception):
        simulate_block(*arguments())
