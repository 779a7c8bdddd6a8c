"""Two ways to the table of a beta: by integration for moderate shapes, by SciPy's inverse for all others."""

from __future__ import annotations

import numpy as np
import pytest

from distributions import beta, pert

SHAPES = [(1.0, 5.0), (5.0, 1.0), (3.0, 3.0), (0.5, 0.5), (8.0, 8.0), (0.5, 8.0), (1.7, 4.3), (2.0, 1.0)]


@pytest.mark.parametrize(("alpha", "b"), SHAPES)
def test_both_ways_make_the_same_table(alpha, b, monkeypatch):
    """Guesses are rounded to 2^-22, and these differ by far less."""
    found = beta.tabulate(alpha, b)
    monkeypatch.setattr(beta, "_MODERATE", ())
    np.testing.assert_array_equal(found, beta.tabulate(alpha, b))


def test_every_pert_is_moderate():
    for mode in (0.0, 0.3, 1.0):
        assert all(shape in beta._MODERATE for shape in pert.from_range(0.0, mode, 1.0).parameters[3:5])
