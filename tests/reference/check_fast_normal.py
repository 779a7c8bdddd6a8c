"""Check `normal_ppf_fast` at every one of the 2^32 uniforms of one word, as rounded to float32 in the kernel.

Run `python -m tests.reference.check_fast_normal` (about a minute); it prints the largest error before and
after rounding, the number of steps down and the number of words whose mirror image has another magnitude.
"""

from __future__ import annotations

import numpy as np

from distributions.elementary import normal_ppf, normal_ppf_fast
from distributions.jit import kernel

_CHUNK = 1 << 22


@kernel
def _fill(first, fast, exact, mirrored):
    for i in range(fast.size):
        u = (first + i + 0.5) * 2.0**-32
        fast[i] = normal_ppf_fast(u)
        exact[i] = normal_ppf(u)
        mirrored[i] = normal_ppf_fast(1.0 - u)


def main() -> None:
    """Check the lower half against the exact quantile, and the upper half by symmetry."""
    fast, exact, mirrored = (np.empty(_CHUNK) for _ in range(3))
    worst = worst_rounded = 0.0
    steps_down = asymmetric = 0
    last = -np.inf
    for first in range(0, 1 << 31, _CHUNK):
        _fill(first, fast, exact, mirrored)
        worst = max(worst, np.abs(fast - exact).max())
        worst_rounded = max(worst_rounded, np.abs(fast.astype(np.float32) - exact).max())
        steps_down += int(fast[0] < last) + int(np.count_nonzero(np.diff(fast) < 0.0))
        asymmetric += int(np.count_nonzero(fast != -mirrored))
        last = fast[-1]
    print(f"largest error {worst:.3g}, as float32 {worst_rounded:.3g}")
    print(f"steps down {steps_down}, asymmetric {asymmetric}, last before the middle {last:.3g}")


if __name__ == "__main__":
    main()
