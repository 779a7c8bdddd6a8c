"""Add up 64 lanes in an order that no compiler may change."""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

WIDTH = 8
"""Lanes of one vector; eight of them are 64 lanes."""


@intrinsic
def sum_lanes(typingctx, values, row, start):
    """Add up lanes start … start + 63 of a row.

    Parameters
    ----------
    values
        (row, lane) float64, C-contiguous.
    row, start
        Where they stand.

    Notes
    -----
    Lanes that are eight apart are added first, in ascending order; then the upper half of the eight sums to the lower
    half, three times. A plain loop would be one chain of 64 additions that wait for one another.
    """
    if not (isinstance(values, types.Array) and values.ndim == 2 and values.layout == "C"):
        return None

    def generate(context, builder, signature, arguments):
        array = context.make_array(signature.args[0])(context, builder, value=arguments[0])
        _, number, first = arguments
        word = ir.IntType(64)
        width = cgutils.unpack_tuple(builder, array.shape, 2)[1]
        base = builder.add(builder.mul(number, width), first)
        vector = ir.VectorType(ir.DoubleType(), WIDTH)
        total = None
        for part in range(64 // WIDTH):
            place = builder.gep(array.data, [builder.add(base, ir.Constant(word, part * WIDTH))])
            lanes = builder.load(builder.bitcast(place, vector.as_pointer()), align=8)
            total = lanes if total is None else builder.fadd(total, lanes)
        half = WIDTH // 2
        while half:
            lower, upper = (
                builder.shuffle_vector(
                    total, total, ir.Constant(ir.VectorType(ir.IntType(32), half), list(range(k, k + half)))
                )
                for k in (0, half)
            )
            total = builder.fadd(lower, upper)
            half //= 2
        return builder.extract_element(total, ir.Constant(ir.IntType(32), 0))

    return types.float64(values, types.int64, types.int64), generate
