"""Lower a plan to the arrays of the kernel: the only place where units are converted."""

from simulator.lowering.lower import Lowered, lower
from simulator.lowering.quantities import variate
from simulator.lowering.rows import InputInfo

__all__ = ["InputInfo", "Lowered", "lower", "variate"]
