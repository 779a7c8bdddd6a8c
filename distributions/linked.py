"""Compile a kernel and the functions that only it calls as one piece.

numba optimises every function together with all that it calls and turns each of them into machine code, so what lies
deep in a kernel is optimised once for every function above it, and given wrappers that nobody calls. Here the
functions below a kernel (`linked`) are only made short until the kernel that links them is optimised (`WholeKernel`).

All are compiled as if no two arrays that a function is given shared memory, unless neither is written: loops need not
ask first whether they do.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import numba
from llvmlite.binding import Linkage, create_new_function_pass_manager
from numba import types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.compiler_machinery import PassManager
from numba.core.types.functions import BaseFunction

__all__ = ["WholeKernel", "linked"]

_numbers = count()

_LONG = 160
"""Instructions, as they stand before optimisation, from which on a function is not pasted into its callers."""

_YOUNG = 200_000
"""Objects made before cycles are looked for among them; without end, memory would grow by a hundred megabytes."""

_NOT_NEEDED = {
    "DumpParforDiagnostics",
    "FindLiterallyCalls",
    "InlineClosureLikes",
    "InlineOverloads",
    "LiteralPropagationSubPipelinePass",
    "LiteralUnroll",
    "MakeFunctionToJitFunction",
    "NoPythonSupportedFeatureValidation",
    "NopythonRewrites",
    "RewriteDynamicRaises",
    "WithLifting",
}
"""Passes of numba for what no kernel has: closures, contexts, exceptions, array expressions, literal arguments."""


class _Codegen:
    """What numba asks of the code generator once a function has machine code: nothing is to be done here."""

    def set_env(self, name: str, env: object) -> None:
        """Leave out the address of the environment: functions that never fail do not use theirs."""


class _Shortened(JITCodeLibrary):
    """Code that is made short function by function, and optimised later."""

    def _optimize_functions(self, ll_module: Any) -> None:
        ll_module.data_layout = self._codegen._data_layout
        passes, builder = create_new_function_pass_manager(), self._codegen._pass_builder()
        passes.add_sroa_pass()
        passes.add_simplify_cfg_pass()
        passes.add_instruction_combine_pass()
        for function in ll_module.functions:
            if not function.is_declaration:
                passes.run(function, builder)


class _Library(_Shortened):
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


class _WholeLibrary(_Shortened):
    """The code of a kernel and of all that it calls, which nobody else does."""

    def _optimize_final_module(self) -> None:
        # What is known to have no other callers need not be handed what it does not use: of the hundreds of words in
        # the arrays of a workspace, most functions read a few. LLVM would also paste all functions that are called
        # once into one, which is no faster and takes three times as long to turn into machine code.
        for function in self._final_module.functions:
            if not function.is_declaration and function.linkage == Linkage.linkonce_odr:
                function.linkage = "internal"
                length = sum(1 for block in function.blocks for _ in block.instructions)
                if length > _LONG and not any(b"alwaysinline" in each for each in function.attributes):
                    function.add_function_attribute("noinline")
        # numba optimises twice, to find reference counts it can leave out: there are none.
        passes, builder = self._codegen._module_pass_manager()
        passes.run(self._final_module, builder)


@contextmanager
def _in_haste() -> Iterator[None]:
    """Compile without what numba does in vain.

    Notes
    -----
    For every addition it tries a dozen implementations until one fits: what was found for such types is remembered.
    And it keeps most of what it makes: the collector of cycles would go through millions of objects again and again.
    """
    search, found, thresholds = BaseFunction.get_call_type, {}, gc.get_threshold()

    def get_call_type(function: BaseFunction, context: Any, args: tuple, kws: dict) -> Any:
        key = function, context, args, tuple(kws.items())
        if key not in found:
            found[key] = search(function, context, args, kws)
        return found[key]

    # No other thread is in here: numba compiles under a lock.
    BaseFunction.get_call_type = get_call_type
    gc.set_threshold(thresholds[0] and max(thresholds[0], _YOUNG), *thresholds[1:])
    try:
        yield
    finally:
        BaseFunction.get_call_type = search
        gc.set_threshold(*thresholds)


class _Pipeline(Compiler):
    """The part of numba's pipeline that kernels need, into a library of ours."""

    library: type[JITCodeLibrary]

    def __init__(self, typingctx: Any, targetctx: Any, library: Any, *rest: Any) -> None:
        library = self.library(targetctx.codegen(), f"piece-{next(_numbers)}")
        library.enable_object_caching()
        super().__init__(typingctx, targetctx, library, *rest)
        self.state.flags.noalias = True

    def define_pipelines(self) -> list[PassManager]:
        """Give numba's passes but for those that have nothing to do."""
        (usual,) = super().define_pipelines()
        needed = PassManager(usual.pipeline_name)
        for step, description in usual.passes:
            if step.__name__ not in _NOT_NEEDED:
                needed.add_pass(step, description)
        needed.finalize()
        return [needed]


class WholeKernel(_Pipeline):
    """The pipeline of an entry point."""

    library = _WholeLibrary

    def compile_extra(self, function: Callable) -> Any:
        """Compile the kernel and all that it calls."""
        with _in_haste():
            return super().compile_extra(function)


class _Linked(_Pipeline):
    """The pipeline of what entry points call."""

    library = _Library


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
    compiled = numba.njit(pipeline_class=_Linked, no_cpython_wrapper=True, no_cfunc_wrapper=True, **options)(
        function
    )
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
