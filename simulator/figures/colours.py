"""Give every strategy one colour that it keeps in all figures."""

from __future__ import annotations

from matplotlib.colors import to_hex, to_rgb

from simulator.verdict.findings import Findings

BASELINE = "#8a9097"

# Told apart by readers with any of the common colour deficiencies, and by lightness in print.
PALETTE = (
    "#2f4b8f",  # indigo
    "#d1743c",  # copper
    "#3f9c8f",  # teal
    "#a23b63",  # wine
    "#7fb6dd",  # sky
    "#b59a2f",  # olive
    "#7a5ba6",  # violet
    "#1f6b45",  # green
    "#e0a3ae",  # rose
)

# The strategies beyond the palette share a colour; their labels tell them apart.
OTHERS = "#c3c8cd"

# The least contrast of text on white that accessibility guidelines accept.
LEAST_CONTRAST = 4.5


def assign(findings: Findings) -> tuple[str, ...]:
    """
    Choose the colours of the strategies.

    Returns
    -------
    tuple of str
        (strategy,) in file order. The baseline is grey; the best strategies by expected regret, as many as
        the palette holds, have a colour of their own, given out in file order. A strategy alone is no one's
        baseline.
    """
    if findings.count == 1:
        return PALETTE[:1]
    rivals = [i for i in findings.order if i != findings.baseline][: len(PALETTE)]
    own = dict(zip(sorted(rivals), PALETTE, strict=False))
    own[findings.baseline] = BASELINE
    return tuple(own.get(i, OTHERS) for i in range(findings.count))


def legible(colour: str) -> str:
    """Darken a colour until text in it reads well on white."""
    mixed = to_rgb(colour)
    while 1.05 / (_luminance(mixed) + 0.05) < LEAST_CONTRAST:
        mixed = tuple(0.94 * channel for channel in mixed)
    return to_hex(mixed)


def tint(colour: str, strength: float) -> str:
    """Mix a colour with white; `strength` in [0, 1] is the share of the colour."""
    return to_hex(tuple(1 - strength * (1 - channel) for channel in to_rgb(colour)))


def _luminance(rgb: tuple[float, ...]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
