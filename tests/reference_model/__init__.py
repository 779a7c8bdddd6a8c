"""A second, slow and independent implementation of the model, in NumPy, to hold the simulator to."""

from __future__ import annotations

from tests.reference_model.model import simulate
from tests.reference_model.money import COMPONENTS, Result

__all__ = ["COMPONENTS", "Result", "simulate"]
