"""Files of records: what was written comes back, torn ends are seen, every changed bit is found."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.running.records import MAGIC, RecordError, find_records, is_torn, read_record, write_record

ARRAYS = {
    "sums": np.arange(6.0).reshape(2, 3),
    "none": np.zeros((0, 4), dtype=np.int64),
    "packed": (b"\1", b"", b"\2\3"),
    "small": np.array([[7]], dtype=np.float32),
}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "tally"
    with path.open("wb") as file:
        file.write(MAGIC)
        write_record(file, "head", {"seed": 2**64 - 1, "name": "ä\0"}, {})
        write_record(file, "done", {"n": 1}, ARRAYS)
    return path


def test_what_was_written_comes_back(path):
    head, done = find_records(path)
    assert (head.kind, done.kind) == ("head", "done")
    assert read_record(path, head) == ({"seed": 2**64 - 1, "name": "ä\0"}, {})
    values, arrays = read_record(path, done)
    assert values == {"n": 1}
    assert list(arrays) == list(ARRAYS)
    assert arrays.pop("packed").tobytes() == b"\1\2\3"
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, ARRAYS[name], strict=True)


def test_a_file_cut_anywhere_keeps_its_whole_records(path):
    content = path.read_bytes()
    ends = [place.end for place in find_records(path)]
    for size in range(len(MAGIC), len(content)):
        path.write_bytes(content[:size])
        assert [place.end for place in find_records(path)] == [end for end in ends if end <= size]


def test_a_tail_of_other_bytes_is_no_record(path):
    content = path.read_bytes()
    for tail in (b"\0" * 100, b"done", b"done" + b"\xff" * 40):
        path.write_bytes(content + tail)
        assert len(find_records(path)) == 2


def test_a_changed_bit_is_found(path):
    content = bytearray(path.read_bytes())
    last = find_records(path)[-1]
    for at in range(last.start, last.end):
        content[at] ^= 16
        path.write_bytes(content)
        places = find_records(path)
        if len(places) == 2:
            with pytest.raises(RecordError, match="damaged"):
                read_record(path, places[-1])
        content[at] ^= 16


@pytest.mark.parametrize("content", [b"", MAGIC[:-1], b"finetune-odds tally 2\n", b"\x89HDF"])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(RecordError, match="is no tally of this program"):
        find_records(path)


@pytest.mark.parametrize(
    ("content", "torn"), [(b"", True), (MAGIC[:-1], True), (MAGIC, False), (b"finetune-odds t\n", False)]
)
def test_a_file_torn_at_its_start_is_told_from_others(tmp_path, content, torn):
    path = tmp_path / "other"
    path.write_bytes(content)
    assert is_torn(path) == torn
