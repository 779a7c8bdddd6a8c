"""Look at 64 lanes or bins at once and give the outcome as bits of an integer."""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from distributions.jit import atom, lane_kernel, popcount
from simulator.kernel.layout import STRIP

WIDTH = 8
"""Lanes of one vector comparison; eight of them fill a 64-bit word."""


@lane_kernel
def valid_lanes(word, n):
    """Give the bits of a 64-lane word that stand for lifetimes."""
    if n >= 64 * (word + 1):
        return -1
    return (1 << (n - 64 * word)) - 1


@atom
def lowest_bit(bits):
    """Give the number of the lowest bit that is set."""
    return popcount((bits & -bits) - 1)


@lane_kernel
def list_lanes(mark, n, out, row):
    """List the lanes that are marked.

    Writes: `out` (row, place in the list) lanes, ascending.

    Returns
    -------
    How many they are.
    """
    count = 0
    for word in range((n + 63) // 64):
        marked = marked_lanes(mark, 64 * word) & valid_lanes(word, n)
        while marked != 0:
            out[row, count] = 64 * word + lowest_bit(marked)
            count += 1
            marked &= marked - 1
    return count


@intrinsic
def marked_lanes(typingctx, mark, start):
    """Tell which of 64 lanes are marked in a (lane,) uint8: bits of an int64."""
    if not (isinstance(mark, types.Array) and mark.ndim == 1 and mark.dtype == types.uint8):
        return None

    def generate(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, value=arguments[0]).data
        vector = ir.VectorType(ir.IntType(8), 64)
        marks = builder.load(builder.bitcast(builder.gep(data, [arguments[1]]), vector.as_pointer()), align=1)
        marked = builder.icmp_unsigned("!=", marks, cgutils.get_null_value(vector))
        return builder.bitcast(marked, ir.IntType(64))

    return types.int64(mark, types.int64), generate


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


def _strip(context, builder, array, value, first):
    """Give the address of 64 counts, as one vector."""
    data = context.make_array(array)(context, builder, value=value).data
    vector = ir.VectorType(ir.IntType(array.dtype.bitwidth), STRIP)
    return builder.bitcast(builder.gep(data, [first]), vector.as_pointer())


def _are_counts(array, ndim, dtype):
    return (
        isinstance(array, types.Array) and array.ndim == ndim and array.layout == "C" and array.dtype == dtype
    )


@intrinsic
def filled_bins(typingctx, window, first):
    """Tell which of 64 counts of a (bin,) uint16 are not zero, from bin `first` on: bits of an int64."""
    if not _are_counts(window, 1, types.uint16):
        return None

    def generate(context, builder, signature, arguments):
        counts = builder.load(_strip(context, builder, signature.args[0], *arguments), align=2)
        filled = builder.icmp_unsigned("!=", counts, cgutils.get_null_value(counts.type))
        return builder.bitcast(filled, ir.IntType(64))

    return types.int64(window, types.int64), generate


@intrinsic
def move_bins(typingctx, window, first, units, row):
    """Add 64 counts, from bin `first` on, to a row of `units`, (strip, 64) uint8; what they carry over stays instead.

    Returns
    -------
    carries
        int64; bit k is set where count k carries over, how often stands in `window`: all others are zero then.
    """
    if not (_are_counts(window, 1, types.uint16) and _are_counts(units, 2, types.uint8)):
        return None

    def generate(context, builder, signature, arguments):
        window, first, units, row = arguments
        source = _strip(context, builder, signature.args[0], window, first)
        to = builder.mul(row, ir.Constant(ir.IntType(64), STRIP))
        target = _strip(context, builder, signature.args[2], units, to)
        added = builder.load(source, align=2)
        before = builder.load(target, align=1)
        total = builder.add(builder.zext(before, added.type), added)
        builder.store(builder.trunc(total, before.type), target, align=1)
        shift = ir.Constant(added.type, [ir.Constant(ir.IntType(16), 8)] * STRIP)
        carried = builder.lshr(total, shift)
        builder.store(carried, source, align=2)
        return builder.bitcast(
            builder.icmp_unsigned("!=", carried, cgutils.get_null_value(added.type)), ir.IntType(64)
        )

    return types.int64(window, types.int64, units, types.int64), generate
