"""Run a plan at every point of a grid of its own keys, on the same lifetimes."""

from simulator.sweep.runs import DEFAULT_LIFETIMES, Prepared, prepare, run_points, sweep

__all__ = ["DEFAULT_LIFETIMES", "Prepared", "prepare", "run_points", "sweep"]
