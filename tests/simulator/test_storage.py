"""Results on disk: whole or not at all, and nobody else's file touched."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from simulator import atomic, storage
from simulator.storage import StorageError
from tests.simulator.synthetic import synthetic_dataset

ROOT = Path(__file__).resolve().parents[2]


# A few variables of every shape and kind: each one costs milliseconds to write.
FEW = [
    "win_probability",
    "present_cost",
    "saving_mean",
    "budget",
    "sample_monthly_cost",
    "sample_present_cost",
]


@pytest.fixture(scope="module")
def whole():
    return synthetic_dataset(lifetimes=120, horizon=5, seed=2**64 - 1)


@pytest.fixture(scope="module")
def dataset(whole):
    return whole[FEW]


@pytest.fixture(scope="module")
def other():
    return synthetic_dataset(lifetimes=120, horizon=5, seed=3)[FEW]


@pytest.fixture
def stored(dataset, tmp_path):
    return storage.write(dataset, tmp_path / "result.nc")


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def refusal(call, *arguments):
    with pytest.raises(StorageError) as caught:
        call(*arguments)
    assert str(arguments[-1]) in caught.value.message
    assert caught.value.hint
    assert caught.value.file == str(arguments[-1])
    return caught.value


def assert_same(found, expected):
    digest = found.attrs.pop("values_sha256")
    assert len(digest) == 64
    xr.testing.assert_identical(found, expected)
    for name, variable in expected.variables.items():
        kinds = (found.variables[name].dtype, variable.dtype)
        assert kinds[0] == kinds[1] or kinds[0].kind == kinds[1].kind == "U", name
    assert {name: type(value) for name, value in found.attrs.items()} == {
        name: type(value) for name, value in expected.attrs.items()
    }


def test_what_is_read_is_what_was_written(whole, tmp_path):
    found = storage.read(storage.write(whole, tmp_path / "result.nc"))
    assert_same(found, whole)
    assert found.attrs["seed"] == 2**64 - 1
    assert names(tmp_path) == ["result.nc"]


def test_xarray_opens_a_result_without_this_package(dataset, stored):
    with xr.open_dataset(stored) as found:
        assert found.win_probability.sel(strategy="rag", rival="prompting").sizes == {"month": 5}
        assert found.attrs["plan"] == dataset.attrs["plan"]
        np.testing.assert_array_equal(found.date.values, dataset.date.values)


def test_a_dataset_with_an_empty_dimension_survives(whole, tmp_path):
    empty = whole[[*FEW, "sample_input"]].isel(input=slice(0, 0))
    found = storage.read(storage.write(empty, tmp_path / "empty.nc"))
    assert found.sizes["input"] == 0
    assert_same(found, empty)


def test_writing_the_same_result_twice_gives_the_same_bytes(dataset, tmp_path):
    first = storage.write(dataset, tmp_path / "first.nc").read_bytes()
    assert storage.write(dataset, tmp_path / "second.nc").read_bytes() == first


def test_an_earlier_result_is_replaced(other, stored):
    storage.write(other, stored)
    assert_same(storage.read(stored), other)
    assert names(stored.parent) == ["result.nc"]


def test_a_link_to_a_result_stays_a_link(other, stored):
    link = stored.parent / "latest.nc"
    link.symlink_to(stored.name)
    assert storage.write(other, link) == stored
    assert link.is_symlink()
    assert_same(storage.read(stored), other)


def test_a_directory_is_no_place_for_a_result(dataset, tmp_path):
    assert refusal(storage.write, dataset, tmp_path).exit_code == 2


def test_a_missing_directory_is_not_made(dataset, tmp_path):
    target = tmp_path / "missing" / "result.nc"
    error = refusal(storage.write, dataset, target)
    assert error.exit_code == 2
    assert "mkdir" in error.hint
    assert names(tmp_path) == []


def foreign_files(directory):
    text = directory / "notes.nc"
    text.write_text("my notes")
    empty = directory / "empty.nc"
    empty.touch()
    netcdf = directory / "weather.nc"
    xr.Dataset({"rain": ("day", [1.0, 2.0])}).to_netcdf(netcdf, engine="h5netcdf")
    return text, empty, netcdf


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_file_that_is_no_result_is_neither_replaced_nor_read(dataset, tmp_path, number):
    path = foreign_files(tmp_path)[number]
    before = path.read_bytes()
    assert refusal(storage.write, dataset, path).exit_code == 2
    assert refusal(storage.check_target, path).exit_code == 2
    assert path.read_bytes() == before
    assert refusal(storage.read, path).exit_code == 3


def test_a_device_is_no_place_for_a_result(dataset):
    assert refusal(storage.write, dataset, "/dev/null").exit_code == 2


def test_a_pipe_is_no_place_for_a_result(dataset):
    reading, writing = os.pipe()
    try:
        assert refusal(storage.write, dataset, f"/dev/fd/{writing}").exit_code == 2
    finally:
        os.close(reading)
        os.close(writing)


def test_a_link_that_leads_to_itself_is_refused(dataset, tmp_path):
    (tmp_path / "result.nc").symlink_to("result.nc")
    assert refusal(storage.write, dataset, tmp_path / "result.nc").exit_code == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_without_permission_is_refused(dataset, tmp_path):
    tmp_path.chmod(0o500)
    try:
        assert refusal(storage.write, dataset, tmp_path / "result.nc").exit_code == 3
    finally:
        tmp_path.chmod(0o700)


def test_a_target_is_checked_before_anything_is_written(tmp_path):
    assert storage.check_target(tmp_path / "new.nc") == (tmp_path / "new.nc").resolve()
    assert names(tmp_path) == []


@pytest.mark.parametrize("kept", [0.999, 0.5, 0.01])
def test_a_truncated_result_is_refused(stored, kept):
    content = stored.read_bytes()
    stored.write_bytes(content[: int(kept * len(content))])
    assert refusal(storage.read, stored).exit_code == 3


def test_a_result_with_one_changed_number_is_refused(dataset, stored):
    content = bytearray(stored.read_bytes())
    at = content.index(dataset.sample_present_cost.values.astype("<f8")[50].tobytes())
    content[at + 3] ^= 1
    stored.write_bytes(content)
    error = refusal(storage.read, stored)
    assert error.exit_code == 3
    assert "damaged" in error.message


def test_a_missing_result_is_refused(tmp_path):
    assert refusal(storage.read, tmp_path / "nothing.nc").exit_code == 3
    assert refusal(storage.read, tmp_path).exit_code == 3


def test_a_result_of_a_newer_schema_is_refused(dataset, tmp_path):
    newer = dataset.assign_attrs(schema_version=storage.SCHEMA_VERSION + 1)
    error = refusal(storage.read, storage.write(newer, tmp_path / "newer.nc"))
    assert error.exit_code == 3
    assert "schema version 2" in error.message


@pytest.mark.parametrize("name", ["present_cost", "win_probability", "saving_mean", "sample_monthly_cost"])
def test_values_that_are_not_numbers_are_not_written(dataset, tmp_path, name):
    broken = dataset.copy(deep=True)
    broken[name].values[..., 0] = np.nan
    with pytest.raises(StorageError, match=f"{name} holds values that are not numbers"):
        storage.write(broken, tmp_path / "broken.nc")
    assert names(tmp_path) == []


def test_a_full_disk_leaves_the_earlier_result(dataset, other, stored):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        error = refusal(storage.write, other, stored)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert error.exit_code == 3
    assert_same(storage.read(stored), dataset)
    assert names(stored.parent) == ["result.nc"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_file_system_that_refuses_leaves_the_earlier_result(dataset, other, stored, step, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    monkeypatch.setattr(storage.os, step, refuse)
    error = refusal(storage.write, other, stored)
    monkeypatch.undo()
    assert error.exit_code == 3
    assert os.strerror(errno.EDQUOT) in error.message
    assert_same(storage.read(stored), dataset)
    assert names(stored.parent) == ["result.nc"]


def test_bytes_that_do_not_read_back_never_get_the_name(dataset, other, stored, monkeypatch):
    encode = storage.netcdf.encode

    def encode_one_bit_wrong(dataset):
        wrong = bytearray(encode(dataset))
        wrong[wrong.index(other.sample_present_cost.values.astype("<f8")[7].tobytes())] ^= 1
        return wrong

    monkeypatch.setattr(storage.netcdf, "encode", encode_one_bit_wrong)
    error = refusal(storage.write, other, stored)
    assert "sample_present_cost does not read back" in error.message
    assert_same(storage.read(stored), dataset)
    assert names(stored.parent) == ["result.nc"]


def test_an_interrupt_leaves_no_partial_file(dataset, other, stored, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(storage.os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        storage.write(other, stored)
    assert names(stored.parent) == ["result.nc"]
    assert_same(storage.read(stored), dataset)


def test_content_reaches_the_disk_before_the_name_and_the_name_after(dataset, tmp_path, monkeypatch):
    steps = []
    fsync, replace = os.fsync, os.replace

    def recorded_fsync(handle):
        steps.append("directory" if os.path.isdir(f"/proc/self/fd/{handle}") else "file")
        fsync(handle)

    def recorded_replace(source, target):
        steps.append("rename")
        replace(source, target)

    monkeypatch.setattr(storage.os, "fsync", recorded_fsync)
    monkeypatch.setattr(storage.os, "replace", recorded_replace)
    storage.write(dataset, tmp_path / "result.nc")
    assert steps == ["file", "rename", "directory"]


def test_partial_files_of_dead_processes_are_removed_and_no_others(dataset, tmp_path):
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    host = atomic.host()
    dead = f".simulate-{host}-{child.pid}-0123abcd.partial"
    alive = f".simulate-{host}-{os.getppid()}-0123abcd.partial"
    elsewhere = f".simulate-another_host-{child.pid}-0123abcd.partial"
    unrelated = f".simulate-{host}-{child.pid}-notes.partial"
    for name in (dead, alive, elsewhere, unrelated):
        (tmp_path / name).touch()
    storage.write(dataset, tmp_path / "result.nc")
    assert names(tmp_path) == sorted([alive, elsewhere, unrelated, "result.nc"])


# Forks a writer for each point of its work and kills it there; what it prints is what a reader then finds.
KILLED = """
import os, signal, sys
from pathlib import Path
from simulator import atomic, storage
from tests.simulator.synthetic import synthetic_dataset

target = sys.argv[1]
datasets = (synthetic_dataset(lifetimes=80, horizon=3, seed=seed) for seed in (1, 2))
old, new = (dataset[["win_probability", "sample_monthly_cost"]] for dataset in datasets)


def dies(function, after):
    def call(*arguments):
        result = function(*arguments) if after else None
        os.kill(os.getpid(), signal.SIGKILL)
        return result

    return call


points = [
    ("open", Path), ("_verify", storage), ("flush", atomic), ("replace", os), ("flush_directory", atomic)
]
for name, owner in points:
    for after in (False, True):
        storage.write(old, target)
        child = os.fork()
        if child == 0:
            setattr(owner, name, dies(getattr(owner, name), after))
            storage.write(new, target)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(name, after, os.WTERMSIG(status) == signal.SIGKILL, storage.read(target).attrs["seed"])
storage.write(new, target)
print(os.listdir(os.path.dirname(target)))
"""


def test_a_writer_killed_at_any_point_leaves_a_whole_result(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path / "result.nc")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "open False True 1",
        "open True True 1",
        "_verify False True 1",
        "_verify True True 1",
        "flush False True 1",
        "flush True True 1",
        "replace False True 1",
        "replace True True 2",
        "flush_directory False True 2",
        "flush_directory True True 2",
        "['result.nc']",
    ]
