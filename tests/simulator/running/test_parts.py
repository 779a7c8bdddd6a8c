"""Part files: merged in any order they give the result of one run; what does not belong together is refused."""

from __future__ import annotations

import shlex

import pytest

from simulator import storage
from simulator.kernel import layout as k
from simulator.plan import load_plan
from simulator.plan.errors import DataErrors
from simulator.run import simulate, tally_blocks
from simulator.running import parts, tallyfile
from simulator.running.identity import MismatchError
from simulator.running.parts import merge_parts, write_part
from simulator.running.tallyfile import DamagedError
from tests.simulator.kernel.small import TEXT, changed
from tests.simulator.lived import BLOCKS, LIFETIMES, SEED, lowered, partial, plan, whole


@pytest.fixture
def written(tmp_path):
    """Write parts of the run, by their blocks."""

    def write(*blocks, **options):
        options = {"lifetimes": LIFETIMES, "seed": SEED, "seconds": 2.0} | options
        paths = []
        for start, end in blocks:
            paths.append(tmp_path / f"{start}-{end}.part")
            write_part(paths[-1], plan(), lowered(), partial(start, end), **options)
        return paths

    return write


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_parts_give_the_values_of_one_run_in_any_order(written, order):
    paths = written((0, 1), (1, 5), (5, BLOCKS))
    merged = merge_parts([paths[place] for place in order])
    assert storage.values_digest(merged.dataset) == whole()
    assert (merged.seed, merged.plan.digest) == (SEED, plan().digest)
    assert merged.dataset.attrs["lifetimes"] == LIFETIMES
    assert merged.dataset.attrs["wall_s"] == 6.0


def test_what_tally_blocks_gives_is_such_a_part():
    _, found = tally_blocks(plan(), (1, 5), lifetimes=LIFETIMES, threads=2)
    assert found.blocks == ((1, 5),)
    assert found.histograms == partial(1, 5).histograms


@pytest.mark.parametrize(
    ("blocks", "message", "hint"),
    [
        ([(0, 1), (5, 6)], "4 of 6 blocks are missing: 1:5", "--blocks 1:5/6"),
        ([(1, 2), (3, 4), (5, 6)], "3 of 6 blocks are missing: 0:1, 2:3, 4:5", "--blocks 0:1/6"),
    ],
)
def test_gaps_are_refused_and_named(written, blocks, message, hint):
    with pytest.raises(MismatchError, match=message) as refused:
        merge_parts(written(*blocks))
    assert hint in refused.value.hint
    assert refused.value.exit_code == 2


def test_the_command_for_missing_blocks_makes_blocks_of_the_same_run(tmp_path):
    path = tmp_path / "my plan.toml"
    path.write_text(TEXT)
    overrides = ["demand.growth=2% / month", 'run.sampler="random"']
    read = load_plan(path, overrides)
    for seed, lifetimes, more in (
        (read.run.seed, 2 * k.BLOCK, []),
        (read.run.seed + 1, 5000, ["--seed", str(read.run.seed + 1), "--lifetimes", "5000"]),
    ):
        tables, found = tally_blocks(read, (0, 1), lifetimes=lifetimes, seed=seed)
        part = tmp_path / "a.part"
        write_part(part, read, tables, found, lifetimes=lifetimes, seed=seed, seconds=0.0)
        with pytest.raises(MismatchError, match="1 of 2 blocks are missing: 1:2") as refused:
            merge_parts([part])
        told, _, command = refused.value.hint.partition(": ")
        assert told == "run them"
        sets = [word for override in overrides for word in ("--set", override)]
        assert shlex.split(command) == ["simulate", "run", str(path), *sets, *more, "--blocks", "1:2/2"]


def test_overlaps_are_refused(written):
    paths = written((0, 3), (1, 5))
    with pytest.raises(MismatchError, match=r"1-5\.part: block 1 is there twice"):
        merge_parts(paths)


def test_parts_of_another_number_of_lifetimes_are_refused(written):
    (first,) = written((0, 1))
    (second,) = written((1, 5), lifetimes=LIFETIMES + 5000)
    with pytest.raises(
        MismatchError, match=f"is of a run of {LIFETIMES + 5000:,} lifetimes, not {LIFETIMES:,}"
    ):
        merge_parts([first, second])


def test_parts_of_another_seed_are_refused(written):
    (first,) = written((0, 1))
    (second,) = written((1, 5), seed=12)
    with pytest.raises(MismatchError, match="has seed 12, not 11"):
        merge_parts([first, second])


def test_parts_of_another_plan_are_refused(written, tmp_path):
    (first,) = written((0, 1))
    text = changed(('"4000 to 9000 USD"', '"4000 to 9001 USD"'))
    (tmp_path / "plan.toml").write_text(text)
    other = load_plan(tmp_path / "plan.toml")
    second = tmp_path / "other.part"
    write_part(second, other, lowered(), partial(1, 5), lifetimes=LIFETIMES, seed=SEED, seconds=0.0)
    with pytest.raises(MismatchError, match=r"other\.part: is of another plan"):
        merge_parts([first, second])


def test_parts_of_other_sources_are_refused(written, monkeypatch):
    original = parts.identify
    paths = written((0, 1), (1, 6))
    monkeypatch.setattr(parts, "identify", lambda *run: original(*run) | {"code": "0"})
    with pytest.raises(MismatchError, match="was made by another version"):
        merge_parts(paths)


def test_a_merge_needs_no_plan_file_but_its_data(tmp_path):
    (tmp_path / "usage.csv").write_text("hours\n20\n30\n25\n")
    data = '{ data = "usage.csv", column = "hours", unit = "h", role = "engineer" }'
    text = changed(('{ value = "80 to 240 h", role = "engineer" }', data))
    path = tmp_path / "plan.toml"
    path.write_text(text)
    read = load_plan(path, ["run.lifetimes=5000"])
    tables, found = tally_blocks(read, (0, 2), lifetimes=5000)
    part = tmp_path / "a.part"
    write_part(part, read, tables, found, lifetimes=5000, seed=SEED, seconds=0.0)
    path.unlink()
    merged = merge_parts([part])
    assert storage.values_digest(merged.dataset) == storage.values_digest(simulate(read))
    (tmp_path / "usage.csv").write_text("hours\n20\n30\n26\n")
    with pytest.raises(MismatchError, match="is of another plan, or of one with another number"):
        merge_parts([part])
    (tmp_path / "usage.csv").unlink()
    with pytest.raises(DataErrors):
        merge_parts([part])


def test_torn_parts_and_other_files_are_refused(written, tmp_path):
    (part,) = written((0, BLOCKS))
    content = part.read_bytes()
    part.write_bytes(content[:-1])
    with pytest.raises(DamagedError, match="holds no tally"):
        merge_parts([part])
    part.write_bytes(content[:-40] + b"x" + content[-39:])
    with pytest.raises(DamagedError, match="holds no tally"):
        merge_parts([part])
    part.write_text(TEXT)
    with pytest.raises(DamagedError, match="is no part"):
        merge_parts([part])
    with pytest.raises(FileNotFoundError):
        merge_parts([tmp_path / "none.part"])


def test_a_part_that_cannot_be_written_leaves_the_one_before(written, monkeypatch):
    (part,) = written((0, 1))
    content = part.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tallyfile.records, "write_record", fail)
    with pytest.raises(storage.StorageError, match="cannot be written: No space left on device"):
        write_part(part, plan(), lowered(), partial(1, 5), lifetimes=LIFETIMES, seed=SEED, seconds=0.0)
    assert part.read_bytes() == content
    assert [path.name for path in part.parent.iterdir()] == [part.name]


def test_a_part_is_known_by_its_content(written, tmp_path):
    (part,) = written((0, 1))
    assert parts.is_part(part)
    other = tmp_path / "other"
    other.write_text("x")
    assert not parts.is_part(other)
    assert not parts.is_part(tmp_path / "none")
