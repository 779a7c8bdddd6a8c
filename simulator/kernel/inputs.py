"""Draw what is unknown of a lifetime: every quantity once, correlated where the plan says so (MODEL.md 1)."""

from __future__ import annotations

from distributions.elementary import exp, expm1, log, log1p
from distributions.jit import lane_kernel
from distributions.sobol import fill_sobol_uniforms
from distributions.streams import fill_uniforms
from distributions.variate import fill_normal_cdf, fill_normal_ppf, fill_quantiles
from simulator.kernel.layout import (
    CAPPED_PRODUCT,
    CHANCE,
    CODE,
    LEFT,
    LOGARITHM,
    MONTHLY_FACTOR,
    MONTHLY_LOG,
    NONE,
    OPERATION,
    OUT,
    PRODUCT,
    RECIPROCAL,
    REST,
    RIGHT,
    SHARE_SCALE,
    STREAM,
    SUM,
    TABLE_LENGTH,
    TABLE_START,
)


@lane_kernel
def draw_inputs(draws, points, words, uniform, normal, value, at):
    """Draw every quantity that is drawn once per lifetime.

    Writes: `uniform`, `normal` (input, lane); `value` (row, lane) rows of the inputs.
    """
    n = at.n
    for i in range(draws.inputs):
        stream = draws.variates[i, STREAM]
        if points.are_used and points.inputs[i] != NONE:
            fill_sobol_uniforms(
                at.key0,
                at.key1,
                stream,
                points.directions,
                points.inputs[i],
                at.first,
                n,
                words,
                uniform,
                i,
            )
        else:
            fill_uniforms(at.key0, at.key1, stream, at.first, n, uniform, i)
        fill_normal_ppf(uniform, i, n, words, normal, i)
    # The factor is lower triangular: from the last member up, each one still finds its predecessors uncorrelated.
    for a in range(draws.correlated.shape[0] - 1, -1, -1):
        row = draws.correlated[a]
        diagonal = draws.mixing[a, a]
        for j in range(n):
            normal[row, j] *= diagonal
        for b in range(a):
            weight = draws.mixing[a, b]
            other = draws.correlated[b]
            if weight != 0.0:
                for j in range(n):
                    normal[row, j] += weight * normal[other, j]
        fill_normal_cdf(normal, row, n, uniform, row)
    for i in range(draws.inputs):
        start, length = draws.variates[i, TABLE_START], draws.variates[i, TABLE_LENGTH]
        code = draws.variates[i, CODE]
        fill_quantiles(
            code, draws.parameters, i, draws.tables, start, length, uniform, normal, i, n, value, i
        )


@lane_kernel
def derive_values(derivation, value, n):
    """Compute the values that follow from the inputs, in the order of their steps.

    Writes: `value` (row, lane) rows of the derived values.
    """
    for step in range(derivation.shape[0]):
        operation = derivation[step, OPERATION]
        out = derivation[step, OUT]
        left = derivation[step, LEFT]
        right = derivation[step, RIGHT]
        if operation == PRODUCT:
            for j in range(n):
                value[out, j] = value[left, j] * value[right, j]
        elif operation == SUM:
            for j in range(n):
                value[out, j] = value[left, j] + value[right, j]
        elif operation == CAPPED_PRODUCT:
            for j in range(n):
                value[out, j] = min(value[left, j] * value[right, j], 1.0)
        elif operation == RECIPROCAL:
            for j in range(n):
                value[out, j] = 1.0 / value[left, j]
        elif operation == LOGARITHM:
            for j in range(n):
                value[out, j] = log(value[left, j])
        elif operation == MONTHLY_LOG:
            for j in range(n):
                value[out, j] = log1p(value[left, j]) / 12.0
        elif operation == MONTHLY_FACTOR:
            for j in range(n):
                value[out, j] = exp(log1p(value[left, j]) / 12.0)
        elif operation == CHANCE:
            for j in range(n):
                value[out, j] = -expm1(-value[left, j] / 12.0)
        elif operation == SHARE_SCALE:
            for j in range(n):
                value[out, j] = 1.0 / max(value[left, j], 1.0)
        elif operation == REST:
            for j in range(n):
                value[out, j] = max(1.0 - value[left, j], 0.0)
