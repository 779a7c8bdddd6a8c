"""Draw the same bits in lanes, one by one and from Python."""

from __future__ import annotations

import numpy as np
import pytest

from distributions import elementary
from distributions.family import CODES, FAMILIES
from distributions.jit import kernel
from distributions.variate import fill_normal_cdf, fill_normal_ppf, fill_quantiles, quantile, uses_z
from tests.distributions.contract import cases

CASES = cases()
N = 203  # no multiple of a vector's width


@kernel
def _draw(codes, parameters, tables, starts, lengths, u, z, lanes, single):
    for row in range(codes.size):
        code, start, length = codes[row], starts[row], lengths[row]
        fill_quantiles(code, parameters, row, tables, start, length, u, z, 1, u.shape[1], lanes, row)
        for i in range(u.shape[1]):
            single[row, i] = quantile(code, parameters, row, tables, start, length, u[1, i], z[1, i])


@kernel
def _convert(u, z, tail, back):
    fill_normal_ppf(u, 0, u.shape[1], tail, z, 1)
    fill_normal_cdf(z, 1, u.shape[1], back, 0)


@kernel
def _reads_z(code):
    return uses_z(code)


@pytest.fixture(scope="module")
def drawn():
    """Lay all cases out as a kernel does: one matrix of parameters, the tables one after the other."""
    variates = list(CASES.values())
    tables = [np.empty(0) if v.table is None else v.table for v in variates]
    lengths = np.array([table.size for table in tables])
    starts = np.cumsum(lengths) - lengths
    u = np.full((2, N), np.nan)
    u[1] = np.random.default_rng(6).random(N)
    z = np.full((2, N), np.nan)
    z[1] = [elementary.normal_ppf(x) for x in u[1]]
    lanes, single = np.full((2, len(variates), N), np.nan)
    codes = np.array([v.code for v in variates])
    parameters = np.array([v.parameters for v in variates])
    _draw(codes, parameters, np.concatenate(tables), starts, lengths, u, z, lanes, single)
    return u[1], lanes, single


@pytest.mark.parametrize("row", range(len(CASES)), ids=list(CASES))
def test_lanes_single_draws_and_python_have_the_same_bits(drawn, row):
    u, lanes, single = drawn
    np.testing.assert_array_equal(lanes[row], single[row])
    np.testing.assert_array_equal(lanes[row], list(CASES.values())[row].ppf(u))


def test_normal_quantiles_and_probabilities_convert_in_lanes():
    u = np.random.default_rng(9).random((1, N))
    z, back = np.full((2, N), np.nan), np.empty((1, N))
    _convert(u, z, np.empty((2, u.shape[1] + 16), dtype=np.int64), back)
    np.testing.assert_array_equal(z[1], [elementary.normal_ppf(x) for x in u[0]])
    np.testing.assert_allclose(back, u, rtol=1e-14)
    assert np.isnan(z[0]).all()


def test_families_that_read_the_normal_come_last():
    reads = [_reads_z(code) for code in range(len(FAMILIES))]
    assert reads == sorted(reads)
    assert FAMILIES[reads.index(True)] == "normal"
    assert [CODES[name] for name in FAMILIES] == list(range(len(FAMILIES)))
