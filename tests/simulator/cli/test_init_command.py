"""simulate init: a plan to begin with."""

from __future__ import annotations

import os
import stat


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
