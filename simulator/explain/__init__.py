"""Describe every quantity of a plan in words and numbers."""

from simulator.explain.rows import Row, describe
from simulator.plan.contents import quantities

__all__ = ["Row", "describe", "quantities"]
