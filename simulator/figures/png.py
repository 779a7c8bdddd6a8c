"""Turn pixels into a PNG file."""

from __future__ import annotations

import struct
import zlib

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
INCH = 0.0254
"""Metres."""

# Pages are mostly white and flat. Filters would spoil the repeats that zlib lives on, and take longer.
_NO_FILTER = 0
_LEVEL = 3


def encode(pixels: np.ndarray, dots_per_inch: float, texts: dict[str, str]) -> bytes:
    """
    Lay out pixels as the bytes of a PNG file.

    Parameters
    ----------
    pixels
        (row, column, channel) uint8, red, green, blue; further channels are left out.
    dots_per_inch
        [1/in] resolution at which the image is meant to be shown.
    texts
        Keyword -> text, both Latin-1; they stand before the pixels.

    References
    ----------
    W3C, Portable Network Graphics (PNG) Specification, third edition.
    """
    height, width = pixels.shape[:2]
    rows = np.empty((height, 1 + 3 * width), dtype=np.uint8)
    rows[:, 0] = _NO_FILTER
    rows[:, 1:].reshape(height, width, 3)[...] = pixels[..., :3]
    dots = round(dots_per_inch / INCH)
    return b"".join(
        (
            SIGNATURE,
            # 8 bits a channel, colour type 2 (RGB), deflate, filters by row, not interlaced.
            _chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)),
            _chunk(b"pHYs", struct.pack(">2IB", dots, dots, 1)),
            *(_chunk(b"tEXt", f"{key}\0{text}".encode("latin-1")) for key, text in texts.items()),
            _chunk(b"IDAT", zlib.compress(rows.data, _LEVEL)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
