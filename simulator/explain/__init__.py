"""Describe every quantity of a plan in words and numbers."""

from simulator.explain.quantities import quantities
from simulator.explain.rows import Row, describe

__all__ = ["Row", "describe", "quantities"]
