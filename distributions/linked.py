"""Compile functions that only compiled functions call, without machine code of their own.

numba optimises every function together with all that it calls and turns each of them into machine code, so what lies
deep in a kernel is optimised once for every function above it, and given wrappers that nobody calls. The functions of
this module are left as they are until the kernel that links them is optimised, as one piece. That takes less than
half the time, and the machine code of the kernel is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import numba
from numba import types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler

__all__ = ["linked"]

_numbers = count()


class _Codegen:
    """What numba asks of the code generator once a function has machine code: nothing is to be done here."""

    def set_env(self, name: str, env: object) -> None:
        """Leave out the address of the environment: functions that never fail do not use theirs."""


class _Library(JITCodeLibrary):
    """The code of one function and of what it calls, linked but neither optimised nor given an address."""

    codegen = _Codegen()

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        self._ensure_finalized()
        return 0


class _Pipeline(Compiler):
    """numba's own pipeline, into a library of ours."""

    def __init__(self, typingctx: Any, targetctx: Any, library: Any, *rest: Any) -> None:
        library = _Library(targetctx.codegen(), f"linked-{next(_numbers)}")
        super().__init__(typingctx, targetctx, library, *rest)


def linked(function: Callable, **options: object) -> Callable:
    """Compile a function for the use of other compiled functions alone.

    Parameters
    ----------
    function
        Raises nothing; Python cannot call it once it is compiled.
    options
        Further options of `numba.njit`.

    Notes
    -----
    A constant is passed as a number like any other: numba would compile the function once more for each of them.
    """
    compiled = numba.njit(
        pipeline_class=_Pipeline, no_cpython_wrapper=True, no_cfunc_wrapper=True, **options
    )(function)
    template = compiled.get_call_template

    def get_call_template(args: tuple, kws: dict) -> tuple:
        return template(
            tuple(types.unliteral(one) for one in args),
            {name: types.unliteral(one) for name, one in kws.items()},
        )

    def add_overload(result: Any) -> None:
        compiled.overloads[tuple(result.signature.args)] = result

    def refuse(*_args: object, **_kws: object) -> None:
        raise TypeError(f"{function.__name__} has no machine code of its own: call it from a kernel")

    compiled.get_call_template = get_call_template
    compiled.add_overload = add_overload
    compiled._compile_for_args = refuse
    return compiled
