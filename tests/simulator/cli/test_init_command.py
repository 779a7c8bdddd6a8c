"""simulate init: a plan to begin with."""

from __future__ import annotations

import errno
import os
import stat

import pytest


def test_the_starter_is_written_and_the_next_steps_are_told(simulate, tmp_path):
    result = simulate("init")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "plan.toml").stat().st_size > 500
    assert result.stdout.splitlines()[0] == "Wrote plan.toml. Put in your own numbers, then:"
    assert "  simulate validate plan.toml" in result.stdout.splitlines()


def test_what_it_writes_is_a_valid_plan(simulate):
    simulate("init", "mine.toml")
    result = simulate("validate", "mine.toml")
    assert result.exit_code == 0, result.output


def test_a_file_that_is_there_is_kept_unless_forced(simulate, tmp_path):
    (tmp_path / "plan.toml").write_text("mine")
    result = simulate("init")
    assert result.exit_code == 2
    assert "--force" in result.stderr
    assert (tmp_path / "plan.toml").read_text() == "mine"
    assert simulate("init", "--force").exit_code == 0
    assert (tmp_path / "plan.toml").read_text() != "mine"


def test_a_dangling_link_is_a_file_that_is_there(simulate, tmp_path):
    (tmp_path / "plan.toml").symlink_to("elsewhere.toml")
    assert simulate("init").exit_code == 2


def test_a_directory_or_a_missing_one_is_refused(simulate):
    assert simulate("init", ".").exit_code == 2
    assert simulate("init", "missing/plan.toml").exit_code == 2


def test_the_file_is_like_any_other_and_nothing_else_is_left(simulate, tmp_path):
    simulate("init")
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((tmp_path / "plan.toml").stat().st_mode) == 0o666 & ~mask
    assert [path.name for path in tmp_path.iterdir()] == ["plan.toml"]


def test_force_replaces_no_device_and_keeps_a_link(simulate, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    result = simulate("init", "pipe", "--force")
    assert result.exit_code == 2
    assert "pipe is no ordinary file" in result.stderr
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    (tmp_path / "plan.toml").symlink_to("elsewhere.toml")
    assert simulate("init", "--force").exit_code == 0
    assert (tmp_path / "plan.toml").is_symlink()
    assert (tmp_path / "elsewhere.toml").stat().st_size > 500


@pytest.mark.parametrize("arguments", [["init", "new.toml"], ["schema", "-o", "new.json"]])
def test_a_full_disk_is_told_with_the_name_of_the_file(simulate, tmp_path, monkeypatch, arguments):
    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = simulate(*arguments)
    assert result.exit_code == 3
    assert result.stderr == f"{arguments[-1]}\n  No space left on device\n"
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_made_is_told_by_its_own_name(simulate, monkeypatch):
    def refuse(source, target):
        raise PermissionError(errno.EACCES, "Permission denied", str(source), None, str(target))

    monkeypatch.setattr(os, "replace", refuse)
    assert simulate("init", "new.toml").stderr == "new.toml\n  Permission denied\n"
