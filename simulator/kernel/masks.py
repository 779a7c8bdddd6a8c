"""Compare 64 lanes at once and give the outcome as the bits of an integer."""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

WIDTH = 8
"""Lanes of one vector comparison; eight of them fill a 64-bit word."""


@intrinsic
def dearer_lanes(typingctx, costs, first, second, start, tie):
    """Tell in which of 64 lanes one row of costs lies above another, beyond a tie, and in which below.

    Parameters
    ----------
    costs
        (row, lane) float64, C-contiguous, zero or above.
    first, second
        Rows to compare.
    start
        First lane.
    tie
        Share of the larger cost within which two costs tie.

    Returns
    -------
    dearer, cheaper
        int64; bit k stands for lane start + k, set where the first cost is dearer, or cheaper, than the second.

    Notes
    -----
    A loop that collects bits one by one takes five times as long: the compiler does not find the vector comparison
    whose result is a mask.
    """
    if not (isinstance(costs, types.Array) and costs.ndim == 2 and costs.layout == "C"):
        return None
    signature = types.UniTuple(types.int64, 2)(costs, types.int64, types.int64, types.int64, types.float64)

    def generate(context, builder, signature, arguments):
        array = context.make_array(signature.args[0])(context, builder, value=arguments[0])
        _, first, second, start, tie = arguments
        vector = ir.VectorType(ir.DoubleType(), WIDTH)
        word = ir.IntType(64)
        shape = cgutils.unpack_tuple(builder, array.shape, 2)
        tolerance = cgutils.get_null_value(vector)
        for lane in range(WIDTH):
            tolerance = builder.insert_element(tolerance, tie, ir.Constant(ir.IntType(32), lane))
        base = [builder.add(builder.mul(row, shape[1]), start) for row in (first, second)]
        dearer = cheaper = ir.Constant(word, 0)
        for part in range(64 // WIDTH):
            offset = ir.Constant(word, part * WIDTH)
            a, b = (
                builder.load(
                    builder.bitcast(builder.gep(array.data, [builder.add(row, offset)]), vector.as_pointer()),
                    align=8,
                )
                for row in base
            )
            above = builder.fcmp_ordered(">", builder.fsub(a, b), builder.fmul(tolerance, a))
            below = builder.fcmp_ordered(">", builder.fsub(b, a), builder.fmul(tolerance, b))
            bits = [
                builder.shl(builder.zext(builder.bitcast(mask, ir.IntType(WIDTH)), word), offset)
                for mask in (above, below)
            ]
            dearer, cheaper = builder.or_(dearer, bits[0]), builder.or_(cheaper, bits[1])
        return context.make_tuple(builder, signature.return_type, [dearer, cheaper])

    return signature, generate
