"""Pack the counts of a histogram into few bytes."""

from __future__ import annotations

import numpy as np

from simulator.kernel import layout as k

_NUMBER = np.dtype("<u2")


def pack(octaves: np.ndarray, pages: np.ndarray) -> bytes:
    """Pack the counts of one histogram; equal counts give equal bytes.

    Parameters
    ----------
    octaves
        (octave,) numbers of the octaves that hold anything, ascending.
    pages
        (octave, 1024) int64 counts.

    Notes
    -----
    Number of octaves and of planes, the octaves, then the planes. Plane 0 is a bit for each bin that tells whether it
    holds anything, and the low byte of those that do; plane b is a bit for each count of plane b - 1 that tells
    whether there is more to it, and the next byte of those. Most counts are small, so a bin takes little more than
    the bit and a byte.
    """
    held = pages.any(axis=1)
    octaves, left = octaves[held], pages[held].ravel()
    planes = []
    while left.any():
        more = left > 0
        left = left[more]
        planes += [np.packbits(more).tobytes(), left.astype(np.uint8).tobytes()]
        left = left >> 8
    head = np.array([octaves.size, len(planes) // 2], dtype=_NUMBER)
    return b"".join([head.tobytes(), octaves.astype(_NUMBER).tobytes(), *planes])


def unpack(packed: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Give octaves and counts, (octave,) and (octave, 1024) int64, of a packed histogram.

    Raises
    ------
    ValueError
        If the bytes are not those of a packed histogram.
    """
    at = 0

    def take(dtype: np.dtype | type, count: int) -> np.ndarray:
        nonlocal at
        found = np.frombuffer(packed, dtype, count, at)
        at += found.nbytes
        return found

    count, planes = take(_NUMBER, 2).tolist()
    octaves = take(_NUMBER, count).astype(np.int64)
    total = np.zeros(count * k.BINS, dtype=np.int64)
    places: np.ndarray | None = None
    for plane in range(planes):
        size = total.size if places is None else places.size
        more = np.flatnonzero(np.unpackbits(take(np.uint8, -(-size // 8)), count=size))
        places = more if places is None else places[more]
        low = take(np.uint8, places.size).astype(np.int64) << (8 * plane)
        if plane:
            total[places] += low
        else:
            total[places] = low
    if at != len(packed) or (octaves.size and (octaves[-1] >= k.OCTAVES or np.any(np.diff(octaves) <= 0))):
        raise ValueError("these bytes are no packed histogram")
    return octaves, total.reshape(count, k.BINS)
