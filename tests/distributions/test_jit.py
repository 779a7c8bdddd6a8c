"""Compile without surprises, and into a directory that belongs to exactly these sources."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numba.core.codegen import get_host_cpu_features
from numba.core.errors import TypingError
from numba.core.types.functions import BaseFunction

from distributions import jit
from distributions.jit import bits_float, float_bits, fma, kernel, lane_kernel, polynomial, popcount, select

ROOT = Path(__file__).parents[2]
RNG = np.random.default_rng(4)

PROBE = """
import sys
from pathlib import Path
from distributions import jit
from distributions.elementary import exp
if "--compile" in sys.argv:
    exp(0.0)
print(jit.cache_directory())
print(jit.is_compiled("exp"))
"""


@kernel
def _fma(a, b, c):
    return fma(a, b, c)


@kernel
def _select(x, a, b):
    return select(x > 0.0, a, b)


@kernel
def _there_and_back(x):
    return bits_float(float_bits(x))


@kernel
def _bits(x):
    return float_bits(x)


@kernel
def _popcount(bits):
    return popcount(bits)


@lane_kernel
def _halve(values, n):
    for i in range(n):
        values[i] *= 0.5


def _halved(values):
    _halve(values, values.size)


@lane_kernel
def _untyped(values):
    return values.no_such_attribute


@kernel
def _failing(values):
    return _untyped(values)


_COEFFICIENTS = (1.0, -0.5, 0.25, -2.0, 0.125, 3.0, -0.75)
_strands = [polynomial(_COEFFICIENTS, strands=s) for s in (1, 2, 4)]
_one, _two, _four = _strands


@kernel
def _polynomials(x):
    return _one(x), _two(x), _four(x)


def test_fma_rounds_once():
    for a, b, c in RNG.normal(size=(500, 3)) * 10.0 ** RNG.uniform(-5, 5, (500, 3)):
        assert _fma(a, b, c) == float(Fraction(a) * Fraction(b) + Fraction(c))
    a = 1.0 + 2.0**-30
    assert _fma(a, a, -(a * a)) == 2.0**-60  # two roundings would leave 0


def test_select_takes_one_of_two():
    assert (_select(1.0, 2.0, 3.0), _select(-1.0, 2.0, 3.0), _select(np.nan, 2.0, 3.0)) == (2.0, 3.0, 3.0)


@pytest.mark.parametrize("x", [0.0, -0.0, 1.0, -1.5, 5e-324, np.inf])
def test_bits_are_those_of_the_float(x):
    assert _bits(x) == np.float64(x).view(np.int64)
    assert np.float64(_there_and_back(x)).view(np.int64) == np.float64(x).view(np.int64)


@pytest.mark.parametrize("bits", [0, 1, 2**62 + 5, -1, -(2**63)])
def test_popcount_counts_the_bits_of_a_word(bits):
    assert _popcount(bits) == (bits & (2**64 - 1)).bit_count()


def test_a_polynomial_has_one_value_however_it_is_split():
    for x in RNG.uniform(-2, 2, 50):
        exact = float(sum(Fraction(c) * Fraction(x) ** j for j, c in enumerate(_COEFFICIENTS)))
        assert _polynomials(x) == pytest.approx([exact] * 3, rel=1e-13, abs=1e-13)


def _probe(tree: Path, *arguments: str, **environment: str) -> tuple[Path, bool]:
    run = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    directory, compiled = run.stdout.split("\n")[:2]
    return Path(directory), compiled == "True"


@pytest.fixture
def tree(tmp_path):
    """Copy both packages to where a test may edit them."""
    for package in ("distributions", "simulator"):
        shutil.copytree(
            ROOT / package, tmp_path / "tree" / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    return tmp_path / "tree"


def test_the_cache_follows_the_sources_and_a_changed_helper_changes_the_result(tree, tmp_path):
    place = str(tmp_path / "cache")
    before, was_compiled = _probe(tree, NUMBA_CACHE_DIR=place)
    assert before.parent == Path(place)
    assert not was_compiled
    assert _probe(tree, "--compile", NUMBA_CACHE_DIR=place) == (before, True)
    assert _probe(tree, NUMBA_CACHE_DIR=place) == (before, True)
    helper = tree / "simulator" / "kernel" / "events.py"
    source = helper.read_text(encoding="utf-8")
    helper.write_text(source + "\n# another line\n", encoding="utf-8")
    after, is_compiled = _probe(tree, NUMBA_CACHE_DIR=place)
    assert after != before
    assert not is_compiled
    helper.write_text(source, encoding="utf-8")
    assert _probe(tree, NUMBA_CACHE_DIR=place) == (before, True)


def test_a_changed_constant_in_another_file_reaches_the_compiled_code(tree, tmp_path):
    show = "from distributions.streams import uniforms; print(uniforms(1, 2, [3])[0])"
    environment = {**os.environ, "PYTHONPATH": str(tree), "NUMBA_CACHE_DIR": str(tmp_path / "cache")}

    def draw() -> str:
        return subprocess.run(
            [sys.executable, "-c", show],
            cwd=tree,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    before = draw()
    assert draw() == before
    philox = tree / "distributions" / "philox.py"
    philox.write_text(
        philox.read_text(encoding="utf-8").replace("ROUNDS = 10", "ROUNDS = 9"), encoding="utf-8"
    )
    assert draw() != before


def test_without_a_choice_the_cache_lies_in_the_users_own(tree, tmp_path):
    home = tmp_path / "home"
    directory, _ = _probe(tree, NUMBA_CACHE_DIR="", HOME=str(home), XDG_CACHE_HOME=str(home / "cache"))
    assert directory.parent == home / "cache" / "finetune-odds"


def test_a_cache_that_cannot_be_written_is_done_without(tree, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    assert _probe(tree, "--compile", NUMBA_CACHE_DIR=str(blocked))[1] is False


def test_old_directories_are_pruned_and_others_left_alone(tmp_path):
    names = [f"finetune-odds-{i:016x}" for i in range(10)]
    for age, name in enumerate(names):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (1e9 - age, 1e9 - age))
    (tmp_path / "theirs").mkdir()
    os.utime(tmp_path / "theirs", (0, 0))
    jit._prune(tmp_path / names[9])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*names[:6], names[9], "theirs"])


NO_LINEAR_ALGEBRA = """
import sys
import numpy as np
from distributions import arrays, pert

pert.from_range(0.0, 1.0, 3.0)
assert not [name for name in sys.modules if name.startswith(("scipy.linalg", "scipy.special"))]

import numba

assert numba.njit(lambda a: a @ a)(np.eye(2)).sum() == 2.0
assert "scipy.linalg.cython_blas" in sys.modules
"""


def test_linear_algebra_is_loaded_by_those_alone_who_use_it():
    subprocess.run([sys.executable, "-c", NO_LINEAR_ALGEBRA], cwd=ROOT, check=True, timeout=300)


@pytest.mark.skipif(
    "+avx512vbmi2" not in get_host_cpu_features().split(",") or "NUMBA_CPU_NAME" in os.environ,
    reason="a processor that has no vectors of 512 bits, or slows down when it uses them",
)
def test_loops_over_lanes_take_the_longest_vectors(monkeypatch):
    monkeypatch.setattr(jit, "_CAN_CACHE", False)  # what comes from a cache cannot be inspected
    halved, values = kernel(_halved), np.arange(100.0)
    halved(values)
    np.testing.assert_array_equal(values, np.arange(100.0) / 2)
    (machine_code,) = halved.inspect_asm().values()
    assert "zmm" in machine_code


@pytest.mark.parametrize("thresholds", [(700, 10, 10), (0, 10, 10), (300_000, 5, 5)])
def test_compiling_leaves_numba_and_the_collector_as_they_were(thresholds):
    search, before = BaseFunction.get_call_type, gc.get_threshold()
    gc.set_threshold(*thresholds)
    try:
        with pytest.raises(TypingError, match="no_such_attribute"):
            _failing(np.zeros(3))
        assert gc.get_threshold() == thresholds
    finally:
        gc.set_threshold(*before)
    assert BaseFunction.get_call_type is search
