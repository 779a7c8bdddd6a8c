"""Keep arrays in a file of records, each with its length and checksum, that may grow at its end."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

MAGIC = b"finetune-odds tally 1\n"
"""First bytes of every such file; the number is raised when what follows changes its meaning."""

_LENGTH_BYTES = 8
_KIND_BYTES = 4
_CHECKSUM_BYTES = 16


class RecordError(Exception):
    """A file is not one of records, or a record is damaged."""


@dataclass(frozen=True)
class Place:
    """Where a record lies in its file: its kind, of four letters, and its bytes from `start` to `end`."""

    kind: str
    start: int
    end: int


def write_record(file: BinaryIO, kind: str, values: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
    """Append one record.

    Parameters
    ----------
    file
        Open for writing, at its end.
    kind
        Four letters.
    values
        What JSON can hold.
    arrays
        Name -> array of numbers, or bytes in pieces, one after the other.

    Notes
    -----
    Kind, length of what follows up to the checksum, length of the head, head (JSON: values; names, types and shapes
    of the arrays), the arrays, BLAKE2b of all that. Arrays are written from where they lie: a record takes no memory
    of its own.
    """
    shapes, content = [], []
    for name, array in arrays.items():
        if isinstance(array, tuple):
            shapes.append([name, "|u1", [sum(map(len, array))]])
            content += array
        else:
            whole = np.ascontiguousarray(array)
            shapes.append([name, whole.dtype.str, whole.shape])
            # a view as bytes: an array of no elements has none
            content += [whole.reshape(-1).view(np.uint8).data] if whole.size else []
    head = json.dumps({"values": dict(values), "arrays": shapes}).encode()
    length = _LENGTH_BYTES + len(head) + sum(map(len, content))
    pieces = [kind.encode(), _number(length), _number(len(head)), head, *content]
    checksum = hashlib.blake2b(digest_size=_CHECKSUM_BYTES)
    for piece in pieces:
        checksum.update(piece)
        file.write(piece)
    file.write(checksum.digest())


def find_records(path: Path) -> list[Place]:
    """List the records of a file, as far as their bytes are all there; what follows is torn.

    Raises
    ------
    RecordError
        If the file does not begin like one of records.
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if file.read(len(MAGIC)) != MAGIC:
            raise RecordError(f"{path}: is no tally of this program")
        return list(_places(file, size))


def is_torn(path: Path) -> bool:
    """Tell whether a file ends within the first bytes of one of records: nothing but them can have been in it.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        first = file.read(len(MAGIC))
    return len(first) < len(MAGIC) and MAGIC.startswith(first)


def read_record(path: Path, place: Place) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read the values and the arrays of one record.

    Raises
    ------
    RecordError
        If its checksum does not fit.
    """
    with path.open("rb") as file:
        file.seek(place.start)
        content = file.read(place.end - place.start)
    body = memoryview(content)[:-_CHECKSUM_BYTES]
    checksum = hashlib.blake2b(body, digest_size=_CHECKSUM_BYTES).digest()
    if checksum != content[-_CHECKSUM_BYTES:]:
        raise RecordError(f"{path}: is damaged")
    at = _KIND_BYTES + _LENGTH_BYTES
    length = int.from_bytes(body[at : at + _LENGTH_BYTES], "little")
    at += _LENGTH_BYTES
    try:
        head = json.loads(bytes(body[at : at + length]))
        at += length
        arrays = {}
        for name, kind, shape in head["arrays"]:
            dtype = np.dtype(kind)
            count = int(np.prod(shape, dtype=np.int64))
            arrays[name] = np.frombuffer(body, dtype, count, at).reshape(shape)
            at += count * dtype.itemsize
        return head["values"], arrays
    except (ValueError, KeyError, TypeError) as error:
        # The checksum fits, so a stranger has written it.
        raise RecordError(f"{path}: is damaged") from error


def _places(file: BinaryIO, size: int) -> Iterator[Place]:
    start = len(MAGIC)
    while start + _KIND_BYTES + _LENGTH_BYTES <= size:
        file.seek(start)
        kind = file.read(_KIND_BYTES)
        length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
        end = start + _KIND_BYTES + _LENGTH_BYTES + length + _CHECKSUM_BYTES
        if not kind.isalpha() or end > size:
            return
        yield Place(kind.decode("ascii", "replace"), start, end)
        start = end


def _number(value: int) -> bytes:
    return value.to_bytes(_LENGTH_BYTES, "little")
