"""Checkpoints: a run that was broken off and continued is the run that was not, and no other run continues it."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from simulator.kernel import layout as k
from simulator.running import checkpoint, identity, tallyfile
from simulator.running.checkpoint import Checkpoint
from simulator.running.identity import MismatchError
from simulator.running.records import find_records
from simulator.running.tallyfile import DamagedError
from simulator.running.watch import StoppedError
from tests.simulator.lived import BLOCKS, LIFETIMES, content_of, digest, job, partial, whole
from tests.simulator.lived import identity as identity_of_run

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "answer.nc.checkpoint"


def keeping(path, **options):
    """Keep a record as often as a run asks for one."""
    return Checkpoint(path, **({"always": True, "every_s": 0.0, "share": 1e9} | options))


def break_off(path, after, **options):
    """Run until so many lifetimes have been lived."""
    stop = threading.Event()
    told = []

    def progress(done, _):
        told.append(done)
        if done >= after + (told[0] if options else 0):
            stop.set()

    kept = keeping(path, **options)
    with pytest.raises(StoppedError):
        digest(checkpoint=kept, progress=progress, stop=stop, threads=1)
    return kept


def resumed(path, **options):
    told = []
    found = digest(checkpoint=keeping(path, resume=True, log=told.append), **options)
    return found, told


def test_a_run_that_is_kept_is_the_same(path):
    kept = keeping(path)
    assert digest(checkpoint=kept) == whole()
    assert kept.lifetimes == LIFETIMES
    kept.remove()
    assert not path.exists()


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("blocks", [1, 4])
def test_a_run_that_is_continued_is_the_same(path, blocks, threads):
    kept = break_off(path, blocks * k.BLOCK)
    assert blocks * k.BLOCK <= kept.lifetimes < LIFETIMES
    found, told = resumed(path, threads=threads)
    assert found == whole()
    assert told == [f"Continuing after {kept.lifetimes:,} lifetimes."]


def test_a_run_broken_off_again_and_again_is_the_same(path):
    lifetimes = [break_off(path, 1, resume=True).lifetimes for _ in range(3)]
    assert lifetimes == sorted(set(lifetimes))
    assert resumed(path)[0] == whole()


def test_what_is_done_is_not_done_again(path, monkeypatch):
    kept = break_off(path, 3 * k.BLOCK)
    told = []
    digest(checkpoint=keeping(path, resume=True), progress=lambda *numbers: told.append(numbers), threads=1)
    assert told[0] == (kept.lifetimes, LIFETIMES)
    assert len(told) == 1 + BLOCKS - kept.lifetimes // k.BLOCK
    told.clear()
    assert digest(checkpoint=keeping(path, resume=True), progress=lambda *n: told.append(n)) == whole()
    assert told == [(LIFETIMES, LIFETIMES)]


def test_more_lifetimes_continue_a_run_of_fewer(path):
    break_off(path, 2 * k.BLOCK)
    assert resumed(path, lifetimes=LIFETIMES + 9999)[0] == digest(lifetimes=LIFETIMES + 9999)


def test_another_number_of_lifetimes_does_not_continue_beyond_its_blocks(path):
    break_off(path, 4 * k.BLOCK)
    with pytest.raises(MismatchError, match="that are not all among those of this run of 4,096"):
        resumed(path, lifetimes=k.BLOCK)


def test_a_short_last_block_belongs_to_its_number_of_lifetimes(path):
    digest(checkpoint=keeping(path))
    with pytest.raises(MismatchError, match=f"not all among those of this run of {LIFETIMES + 1:,}"):
        resumed(path, lifetimes=LIFETIMES + 1)


def test_torn_records_cost_no_more_than_themselves(path):
    kept = break_off(path, 4 * k.BLOCK)
    content = path.read_bytes()
    tallies = [place for place in find_records(path) if place.kind == tallyfile.TALLY]
    assert len(tallies) >= 2
    last = tallies[-1]
    for size in (last.start + 1, last.start + 20, (last.start + last.end) // 2, last.end - 1):
        path.write_bytes(content[:size])
        assert 0 < tallyfile.load(path).partial.lifetimes < kept.lifetimes
        assert resumed(path)[0] == whole()


def test_a_damaged_last_record_falls_back_to_the_one_before(path):
    kept = break_off(path, 4 * k.BLOCK)
    content = bytearray(path.read_bytes())
    last = [place for place in find_records(path) if place.kind == tallyfile.TALLY][-1]
    content[(last.start + last.end) // 2] ^= 1
    path.write_bytes(content)
    assert 0 < tallyfile.load(path).partial.lifetimes < kept.lifetimes
    assert resumed(path)[0] == whole()


def test_damaged_samples_are_an_error(path):
    break_off(path, 4 * k.BLOCK)
    content = bytearray(path.read_bytes())
    first = next(place for place in find_records(path) if place.kind == tallyfile.SAMPLES)
    content[first.end - 30] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedError, match="is damaged"):
        resumed(path)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("plan", "0" * 64, "is of another plan"),
        ("seed", 12, "has seed 11, not 12"),
        ("sampler", "sobol", "has the sampler random, not sobol"),
        ("code", "0", "was made by another version of this program"),
        ("layout", "0", "counts other things"),
    ],
)
def test_another_run_is_refused_and_its_checkpoint_kept(path, key, value, message):
    break_off(path, 2 * k.BLOCK)
    content = path.read_bytes()
    with pytest.raises(MismatchError, match=message) as refused:
        keeping(path, resume=True).open(identity_of_run() | {key: value}, job())
    assert refused.value.exit_code == 2
    assert path.read_bytes() == content


def test_a_changed_number_is_another_plan_and_a_changed_source_another_code(path, monkeypatch, tmp_path):
    break_off(path, 2 * k.BLOCK)
    with pytest.raises(MismatchError, match="has seed 11, not 12"):
        resumed(path, seed=12)
    before = identity.code_digest()
    for source in identity.SOURCES:
        assert (identity.ROOT / source).exists()
    monkeypatch.setattr(identity, "SOURCES", (*identity.SOURCES, "simulator/dataset.py"))
    identity.code_digest.cache_clear()
    try:
        assert identity.code_digest() != before
        with pytest.raises(MismatchError, match="another version"):
            resumed(path)
    finally:
        identity.code_digest.cache_clear()


def test_all_that_lives_blocks_is_in_the_digest_of_the_code():
    """Whatever a worker process loads of ours."""
    code = (
        "import sys, simulator.running.tasks\n"
        "print(*(m.__file__ for n, m in sys.modules.items()"
        " if n.split('.')[0] in ('simulator', 'distributions')), sep='\\n')"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    loaded = {Path(line).relative_to(ROOT).as_posix() for line in run.stdout.splitlines()}
    digested = tuple(source if source.endswith(".py") else f"{source}/" for source in identity.SOURCES)
    assert {path for path in loaded if not path.startswith(digested)} <= {"simulator/__init__.py"}


def test_without_a_checkpoint_a_resumed_run_starts_at_the_beginning(path):
    found, told = resumed(path)
    assert found == whole()
    assert told == [f"There is no checkpoint {path}: starting at the beginning."]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "continue {path} after {lifetimes:,} lifetimes."),
        ({"seed": 12}, "not continue {path}, which has seed 11, not 12."),
        (
            {"lifetimes": k.BLOCK},
            "not continue {path}, which holds {lifetimes:,} of 20,780 lifetimes that are not all among those of this "
            "run of 4,096.",
        ),
    ],
)
def test_a_run_too_short_to_be_kept_leaves_the_checkpoint_of_another(path, options, told):
    lifetimes = break_off(path, 2 * k.BLOCK).lifetimes
    content, lines = path.read_bytes(), []
    short = Checkpoint(path, log=lines.append)
    digest(checkpoint=short, **options)
    short.remove()
    assert path.read_bytes() == content
    expected = told.format(path=path, lifetimes=lifetimes)
    assert lines == [f"Starting at the beginning; --resume would {expected}"]


@pytest.mark.parametrize("seed", [11, 12])
def test_a_run_that_is_kept_puts_the_checkpoint_of_another_aside(path, seed):
    break_off(path, 2 * k.BLOCK)
    contents = [path.read_bytes()]
    for number in (1, 2):
        aside = path.with_name(f"{path.name}.{number}")
        told = []
        kept = keeping(path, log=told.append)
        digest(checkpoint=kept, threads=1, seed=seed)
        assert tallyfile.load(path).partial.lifetimes == LIFETIMES
        assert told[1:2] == [f"{path} is of this run from now on; the one that was there is now {aside}."]
        assert aside.read_bytes() == contents[-1]
        contents.append(path.read_bytes())
    kept.remove()
    assert told[2:] == [f"{aside} is {path} again."]
    assert path.read_bytes() == contents[1]
    path.with_name(f"{path.name}.1").replace(path)
    assert list(path.parent.iterdir()) == [path]
    assert resumed(path)[0] == whole()


def test_a_checkpoint_that_was_put_aside_comes_back_where_none_can_be_written(path, monkeypatch):
    break_off(path, 2 * k.BLOCK)
    content, told = path.read_bytes(), []

    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tallyfile, "write_tally", fail)
    kept = keeping(path, log=told.append)
    assert digest(checkpoint=kept) == whole()
    kept.remove()
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]
    assert len(told) == 2


def test_a_run_removes_no_checkpoint_that_has_taken_the_place_of_its_own(path):
    kept = keeping(path)
    digest(checkpoint=kept)
    break_off(path, 2 * k.BLOCK)
    content = path.read_bytes()
    kept.remove()
    assert path.read_bytes() == content


def test_a_checkpoint_that_was_continued_is_removed(path):
    break_off(path, 2 * k.BLOCK)
    kept = keeping(path, resume=True)
    digest(checkpoint=kept)
    kept.remove()
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("resume", [True, False])
@pytest.mark.parametrize("size", ["none", "mark", "head", "samples"])
def test_a_checkpoint_with_nothing_whole_in_it_is_told_and_replaced(path, size, resume):
    break_off(path, 2 * k.BLOCK)
    places = find_records(path)
    cut = {"none": 0, "mark": 5, "head": places[0].end - 9, "samples": places[1].end - 9}[size]
    path.write_bytes(path.read_bytes()[:cut])
    told = []
    kept = keeping(path, resume=resume, log=told.append)
    assert digest(checkpoint=kept) == whole()
    what = "is damaged, and nothing in it can be used" if cut else "is empty"
    assert told == [f"The checkpoint {path} {what}: starting at the beginning."] * resume
    kept.remove()
    assert list(path.parent.iterdir()) == []


def test_a_damaged_checkpoint_is_kept_by_a_run_that_is_not_resumed(path):
    break_off(path, 2 * k.BLOCK)
    content = bytearray(path.read_bytes())
    content[find_records(path)[0].end - 1] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedError, match="is damaged") as refused:
        resumed(path)
    assert refused.value.hint == "leave out --resume to start at the beginning"
    told = []
    digest(checkpoint=keeping(path, log=told.append), threads=1)
    assert told[0] == f"Starting at the beginning; --resume would not continue {path}, which is damaged."
    assert path.with_name(f"{path.name}.1").read_bytes() == content


def test_a_file_of_someone_else_is_left_alone(path):
    path.write_text("my notes")
    told = []
    kept = keeping(path, log=told.append)
    assert digest(checkpoint=kept) == whole()
    kept.remove()
    assert path.read_text() == "my notes"
    assert told == [f"{path} exists and is no checkpoint of this program: none is kept."]
    with pytest.raises(DamagedError, match="is no tally of this program"):
        resumed(path)


@pytest.mark.parametrize("when", ["first", "later"])
def test_a_record_that_cannot_be_written_ends_no_run(path, monkeypatch, when):
    """One line, no further attempt, and what was there before is still good."""
    told, calls = [], []
    original = tallyfile.write_tally

    def write(file, *rest):
        calls.append(1)
        if when == "first" or len(calls) > 2:
            file.write(b"done" + bytes(50))
            raise OSError(errno.ENOSPC, "No space left on device")
        original(file, *rest)

    monkeypatch.setattr(tallyfile, "write_tally", write)
    assert digest(checkpoint=keeping(path, log=told.append), threads=1) == whole()
    assert len(told) == 1
    assert told[0].startswith(f"The checkpoint {path} cannot be written: No space left on device. Going on")
    assert len(calls) == (1 if when == "first" else 3)
    assert not list(path.parent.glob(".simulate-*"))
    if when == "first":
        assert not path.exists()
    else:
        assert 0 < tallyfile.load(path).partial.lifetimes < LIFETIMES
        monkeypatch.undo()
        assert resumed(path)[0] == whole()


def test_a_file_does_not_grow_without_end(path, monkeypatch):
    monkeypatch.setattr(checkpoint, "RECORDS", 3)
    kept = keeping(path)
    kept.open(identity_of_run(), job())
    sizes = []
    for _ in range(8):
        kept.save(lambda: partial(0, 5))
        sizes.append(sum(place.kind == tallyfile.TALLY for place in find_records(path)))
    kept.close()
    assert sizes == [1, 2, 3, 1, 2, 3, 1, 2]
    assert content_of(tallyfile.load(path).partial) == content_of(partial(0, 5))


def with_clock(path, **options):
    now = [100.0]
    kept = Checkpoint(path, clock=lambda: now[0], **options)
    kept.open(identity_of_run(), job())
    return kept, now


def test_a_run_of_under_half_a_minute_is_not_kept(path):
    kept, now = with_clock(path)
    kept.start(0, 1000)
    for second in range(1, 29):
        now[0] = 100.0 + second
        assert not kept.is_due(35 * second)


@pytest.mark.parametrize(("done", "passed"), [(20, 1.0), (990, 30.0), (0, 30.0)])
def test_a_run_is_kept_once_half_a_minute_is_foreseen_or_has_passed(path, done, passed):
    kept, now = with_clock(path)
    kept.start(0, 1000)
    now[0] += passed - 0.5
    assert not kept.is_active(done) or passed < 30.0
    now[0] += 0.5
    assert kept.is_active(done)
    assert kept.is_due(done) == (done > 0)


def test_records_are_ten_seconds_apart_and_further_where_they_take_long(path):
    kept, now = with_clock(path, always=True)
    kept.start(0, 1000)

    def slow(seconds):
        now[0] += seconds
        return partial(0, 1)

    kept.save(lambda: slow(0.01))
    now[0] += 9.9
    assert not kept.is_due(10)
    now[0] += 0.2
    assert kept.is_due(10)
    kept.save(lambda: slow(0.9))
    now[0] += 59.0
    assert not kept.is_due(20)
    now[0] += 2.0
    assert kept.is_due(20)
    kept.close()


def test_the_time_of_the_runs_before_is_counted(path):
    kept, now = with_clock(path, always=True)
    kept.start(0, 1000)
    now[0] += 40.0
    kept.save(lambda: partial(0, 1))
    kept.close()
    again = Checkpoint(path, resume=True)
    again.open(identity_of_run(), job())
    again.close()
    assert again.seconds_before == pytest.approx(40.0)


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
@pytest.mark.parametrize("override", ["run.seed=8", 'run.sampler="sobol"', 'run.precision="0.05%"'])
def test_runs_killed_at_random_moments_and_resumed_give_the_same_bytes(override):
    """Two moments here; `python -m tests.reference.kill_and_resume` takes fifty."""
    arguments = ["2", "500000", "configs/smoke.toml", override]
    command = [sys.executable, "-W", "ignore", "-m", "tests.reference.kill_and_resume", *arguments]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "killed: 0" not in run.stdout
    assert "further than before: 0" not in run.stdout
    assert run.stdout.endswith("the same bytes\n")


FULL = """
import resource, sys
from pathlib import Path
from simulator.running.checkpoint import Checkpoint
from tests.simulator.lived import digest, whole

expected = whole()
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
kept = Checkpoint(Path(sys.argv[1]), always=True, every_s=0.0, share=1e9, log=print)
print(digest(checkpoint=kept) == expected)
"""


def test_a_disk_that_is_full_ends_no_run(path):
    """A limit on the size of files stands for the disk: the system refuses to write on."""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FULL, str(path)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    lines = run.stdout.splitlines()
    assert lines == [f"The checkpoint {path} cannot be written: File too large. Going on without.", "True"]
    assert list(path.parent.iterdir()) == []
