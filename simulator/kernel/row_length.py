"""Tell the compiler how long lane arrays are."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from simulator.kernel.layout import ROW

__all__ = ["of_row_length"]


def _fixed(context: Any, builder: Any, kind: types.Type, value: Any) -> Any:
    if isinstance(kind, types.BaseTuple):
        members = cgutils.unpack_tuple(builder, value)
        fixed = [_fixed(context, builder, *member) for member in zip(kind.types, members, strict=True)]
        return context.make_tuple(builder, kind, fixed)
    if not (isinstance(kind, types.Array) and kind.ndim == 2 and kind.layout == "C"):
        return value
    array = context.make_array(kind)(context, builder, value=value)
    word = ir.IntType(64)
    size = context.get_abi_sizeof(context.get_data_type(kind.dtype))
    rows = builder.extract_value(array.shape, 0)
    array.shape = cgutils.pack_array(builder, [rows, ir.Constant(word, ROW)])
    array.strides = cgutils.pack_array(builder, [ir.Constant(word, ROW * size), ir.Constant(word, size)])
    array.itemsize = ir.Constant(word, size)
    return array._getvalue()


@intrinsic
def of_row_length(typingctx, arrays):
    """Give a nest of tuples of arrays, in which those of two dimensions are known to have rows of `ROW` entries.

    Notes
    -----
    The length is not checked. Where it is known, so is that rows do not overlap and how far apart they lie; LLVM hands
    the constant on to every function that gets the arrays, which would otherwise find out anew before each loop.
    """

    def generate(context, builder, signature, arguments):
        return _fixed(context, builder, signature.args[0], arguments[0])

    return arrays(arrays), generate
