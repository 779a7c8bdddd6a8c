"""Compile numerical functions with one fixed set of numba options.

Decorators: `kernel` (entry points), `lane_kernel` (loops over lanes), `scalar` and `atom` (inlined into
loops). Instructions that Python has no word for: `fma`, `select`, `polynomial`, `float_bits`, `bits_float`,
`popcount`, `reverse_bits`. The cache: `cache_directory`, `is_compiled`.

Bits must not depend on the machine, so nothing here may license the compiler to reorder or contract
arithmetic: no `fastmath`, fused multiply-add only where it is written out as `fma`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import llvmlite.binding
import numba
import numpy as np
import platformdirs
from llvmlite import ir
from numba import types
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic

from distributions.linked import WholeKernel, linked

__all__ = [
    "atom",
    "bits_float",
    "cache_directory",
    "ceil",
    "float_bits",
    "fma",
    "is_compiled",
    "kernel",
    "lane_kernel",
    "polynomial",
    "popcount",
    "reverse_bits",
    "scalar",
    "select",
]

_APPLICATION = "finetune-odds"
_COMPILED = ("distributions", "simulator/kernel")
_KEPT_DIRECTORIES = 6
_DIRECTORY_NAME = re.compile(rf"{_APPLICATION}-[0-9a-f]{{16}}")


def _digest() -> str:
    """Digest every source that is compiled, in either package, and the versions that turn it into machine code."""
    digest = hashlib.blake2b(digest_size=8)
    versions = (platform.python_version(), numba.__version__, llvmlite.__version__, np.__version__)
    digest.update("\0".join((*versions, platform.machine())).encode())
    root = Path(__file__).resolve().parent.parent
    for package in _COMPILED:
        for path in sorted((root / package).rglob("*.py")):
            source = path.read_bytes()
            digest.update(f"\0{path.relative_to(root).as_posix()}\0{len(source)}\0".encode())
            digest.update(source)
    return digest.hexdigest()


def _root() -> Path:
    """Give the directory above all cache directories: the user's own choice where there is one."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir(_APPLICATION, appauthor=False))


_DIRECTORY = _root() / f"{_APPLICATION}-{_digest()}"


def cache_directory() -> Path:
    """Give the directory that holds the machine code of exactly these sources.

    Notes
    -----
    numba's own cache looks at the file of the function alone and misses a change in what that function
    calls; a directory keyed by all sources cannot. It lies in `NUMBA_CACHE_DIR` where that is set, else in
    the cache of the user.
    """
    return _DIRECTORY


def is_compiled(function: str) -> bool:
    """Tell whether the cache directory holds a function of that name already."""
    return any(_DIRECTORY.rglob(f"*.{function}-*.nbi"))


def _prune(directory: Path) -> None:
    """Remove the sibling directories of older sources, all but the most recently used ones."""
    siblings = [path for path in directory.parent.iterdir() if _DIRECTORY_NAME.fullmatch(path.name)]
    used: list[tuple[float, Path]] = []
    for path in siblings:
        with contextlib.suppress(OSError):  # another process may be pruning too
            used.append((path.stat().st_mtime, path))
    for _, path in sorted(used, reverse=True)[_KEPT_DIRECTORIES:]:
        if path != directory:
            shutil.rmtree(path, ignore_errors=True)


def _prepare(directory: Path) -> bool:
    """Create the cache directory, mark it as used, and tell whether it can be written to."""
    try:
        is_new = not directory.exists()
        directory.mkdir(parents=True, exist_ok=True)
        os.utime(directory)
        with tempfile.TemporaryFile(dir=directory):
            pass
        if is_new:
            _prune(directory)
    except OSError:
        return False
    return True


_CAN_CACHE = _prepare(_DIRECTORY)


def _load_array_functions() -> None:
    """Load numba's array functions without SciPy's linear algebra, which they import to see whether it is there.

    Notes
    -----
    It is, and nothing here uses it; importing it takes as long as loading the kernel. Who does use it through
    numba has it imported then.
    """
    name = "scipy.linalg.cython_blas"
    stands_in = name not in sys.modules
    if stands_in:
        sys.modules[name] = ModuleType(name)
    try:
        import numba.np.arraymath  # noqa: F401
    finally:
        if stands_in:
            del sys.modules[name]


_load_array_functions()

# A loop over many lane arrays is worth a longer check that none overlap; LLVM gives up after 8 by default.
llvmlite.binding.set_option("", "-runtime-memory-check-threshold=256")
# LLVM would check once, outside the loop over strategies, whether any lane array of any strategy overlaps what any
# other one writes: they are rows of one array, so they do, and the loop over lanes would run one lane at a time.
llvmlite.binding.set_option("", "-hoist-runtime-checks=false")
# Two vectors side by side keep the processor busy; with four, twice the code is fetched and more lanes are left over.
llvmlite.binding.set_option("", "-force-vector-interleave=2")
# Lanes come in multiples of that, so a loop of shorter vectors for what is left over would hardly ever run.
llvmlite.binding.set_option("", "-enable-epilogue-vectorization=false")


def _allow_long_vectors() -> None:
    """Let LLVM use vectors of 512 bits, which it avoids by default.

    Notes
    -----
    The first processors that had them slowed down when they used them; what came with VBMI2 and later does not.
    """
    if numba.config.CPU_NAME is None and numba.config.CPU_FEATURES is None:
        features = get_host_cpu_features()
        if "+avx512vbmi2" in features.split(","):
            numba.config.CPU_FEATURES = f"{features},-prefer-256-bit"


_allow_long_vectors()

_OPTIONS = {
    "error_model": "numpy",  # the Python model's checks for division by zero keep loops from vectorising
    "nogil": True,
    "fastmath": False,
    # nothing allocates, so no reference is counted: an atomic count for every array of every call took a fifth of
    # the time on one thread, and threads wait for one another's
    "_nrt": False,
}


def _compiled(function: Callable, *, cached: bool, **options: object) -> Callable:
    # numba reads its cache directory when it decorates; set for our own functions only, and put back.
    previous = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(_DIRECTORY)
    try:
        return numba.njit(cache=cached and _CAN_CACHE, **_OPTIONS, **options)(function)
    finally:
        numba.config.CACHE_DIR = previous


def kernel(function: Callable) -> Callable:
    """Compile an entry point: nogil, cached, IEEE arithmetic as written."""
    return _compiled(function, cached=True, pipeline_class=WholeKernel, no_cfunc_wrapper=True)


def lane_kernel(function: Callable) -> Callable:
    """Compile a loop over lanes that entry points call; its machine code lives in theirs."""
    return linked(function, **_OPTIONS)


def scalar(function: Callable) -> Callable:
    """Compile a scalar that is inlined into the loops that call it, and cached for calls from Python."""
    return _compiled(function, cached=True, forceinline=True)


def atom(function: Callable) -> Callable:
    """Compile a scalar that is inlined into the loops that call it, and that Python has no reason to call.

    Notes
    -----
    numba pastes its code into the caller before types are inferred. That saves a third of compile time for
    small functions; large ones with many callers are better off as `scalar`, which LLVM inlines.
    """
    return _compiled(function, cached=False, inline="always")


@intrinsic
def fma(typingctx, a, b, c):
    """Compute a b + c with one rounding; all three float64, or all three float32."""
    if not (a == b == c and a in (types.float64, types.float32)):
        return None

    def generate(context, builder, signature, arguments):
        return builder.fma(*arguments)

    return a(a, b, c), generate


@intrinsic
def select(typingctx, condition, a, b):
    """Choose `a` where the condition holds, else `b`, without a branch; both are evaluated, of one type."""
    if a != b or condition != types.boolean:
        return None

    def generate(context, builder, signature, arguments):
        chosen = context.cast(builder, arguments[0], types.boolean, types.boolean)
        return builder.select(chosen, arguments[1], arguments[2])

    return a(condition, a, b), generate


@intrinsic
def float_bits(typingctx, x):
    """Read the bits of a float64 as an int64."""
    if x != types.float64:
        return None

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(x), generate


@intrinsic
def bits_float(typingctx, bits):
    """Read the bits of an int64 as a float64."""
    if bits != types.int64:
        return None

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(bits), generate


@intrinsic
def ceil(typingctx, x):
    """Round a float64 up to a whole number, as a float64."""
    if x != types.float64:
        return None

    def generate(context, builder, signature, arguments):
        function = builder.module.declare_intrinsic("llvm.ceil", [ir.DoubleType()])
        return builder.call(function, arguments)

    return types.float64(x), generate


@intrinsic
def popcount(typingctx, bits):
    """Count the bits that are set in an int64."""
    if bits != types.int64:
        return None

    def generate(context, builder, signature, arguments):
        return builder.ctpop(arguments[0])

    return types.int64(bits), generate


@intrinsic
def reverse_bits(typingctx, bits):
    """Reverse the order of the 64 bits of an int64."""
    if bits != types.int64:
        return None

    def generate(context, builder, signature, arguments):
        return builder.bitreverse(arguments[0])

    return types.int64(bits), generate


def polynomial(coefficients: Sequence[float], *, strands: int = 1) -> Callable:
    """Make an inlined function of one float64 that evaluates a polynomial by fused multiply-add.

    Parameters
    ----------
    coefficients
        Lowest power first, at least one for each strand.
    strands
        Into how many interleaved polynomials in x^strands the evaluation is split, a power of two: 1 is
        Horner's rule, with the fewest operations; 2 and 4 shorten the chain of those that wait for one
        another.

    Notes
    -----
    p(x) = sum over j < s of x^j p_j(x^s), each p_j by Horner's rule, the outer sum by Horner's rule too.
    """
    constants = tuple(float(c) for c in coefficients)

    @intrinsic
    def evaluate(typingctx, x):
        if x != types.float64:
            return None

        def generate(context, builder, signature, arguments):
            double = ir.DoubleType()
            power = x_value = arguments[0]
            for _ in range(strands.bit_length() - 1):
                power = builder.fmul(power, power)
            parts = []
            for first in range(strands):
                values = [ir.Constant(double, c) for c in constants[first::strands]]
                total = values.pop()
                while values:
                    total = builder.fma(total, power, values.pop())
                parts.append(total)
            total = parts.pop()
            while parts:
                total = builder.fma(total, x_value, parts.pop())
            return total

        return types.float64(x), generate

    return evaluate
