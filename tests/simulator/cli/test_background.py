"""What is done beside the simulation: done once, waited for, and silent when it fails."""

from __future__ import annotations

import threading

from simulator.cli.background import Ahead


def test_work_ahead_starts_with_the_first_progress_and_is_done_once():
    done, seen = [], []
    ahead = Ahead(lambda: done.append(threading.current_thread().name))
    advance = ahead.at_first(lambda *progress: seen.append(progress))
    assert done == []
    advance(1, 2)
    advance(2, 2)
    ahead.wait()
    assert done == ["ahead"]
    assert seen == [(1, 2), (2, 2)]


def test_work_ahead_that_fails_is_not_told_and_hinders_nobody():
    def fail():
        raise ImportError("no such package")

    ahead = Ahead(fail)
    ahead.at_first(None)(1, 1)
    ahead.wait()


def test_nothing_is_waited_for_where_nothing_was_started():
    Ahead(lambda: None).wait()
