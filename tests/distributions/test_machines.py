"""Draw the same bits on other machines, as far as one machine can play another."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from distributions.streams import stream_id, uniforms
from tests.distributions.contract import cases, levels

ROOT = Path(__file__).parents[2]
PROBE = "from tests.distributions.test_machines import digests; print(*digests(), sep='\\n')"
MACHINES = {
    "glibc without its variants for FMA": {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F"},
    "NumPy and OpenBLAS without AVX": {
        # by the names before NumPy 2.4 and by those since; the ones that are not known are left alone
        "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F AVX512_SKX X86_V3 X86_V4",
        "OPENBLAS_CORETYPE": "Nehalem",
    },
    "a processor without fused multiply-add": {"NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": ""},
}

OF_RATES_AND_SHARES = ("rate_normal", "logit_normal")


def digests() -> list[str]:
    """Digest the parameters, tables and draws of every case, and the means of those that a price change can have."""
    lines = []
    u = np.concatenate([levels(), uniforms(5, stream_id("machine"), np.arange(500))])
    for name, variate in cases().items():
        digest = hashlib.blake2b(np.array(variate.parameters).tobytes(), digest_size=8)
        digest.update(b"" if variate.table is None else variate.table.tobytes())
        digest.update(variate.ppf(u).tobytes())
        if variate.family not in OF_RATES_AND_SHARES and variate.exponent == 1.0:
            digest.update(np.array(variate.mean()).tobytes())
        lines.append(f"{name}: {digest.hexdigest()}")
    return lines


@pytest.fixture(scope="module")
def here():
    return digests()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the switches are those of Linux on x86-64")
@pytest.mark.parametrize("machine", MACHINES)
def test_draws_have_the_same_bits_on(machine, here):
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROBE],
        cwd=ROOT,
        env={**os.environ, **MACHINES[machine]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.splitlines() == here
