"""What is done beside the simulation: done once, waited for, and silent when it fails."""

from __future__ import annotations

import _thread
import threading
import time

import pytest

from simulator.cli.background import Ahead, in_background


def test_ctrl_c_asks_the_work_to_end_and_lets_it_keep_what_is_done():
    stop, kept = threading.Event(), []

    def work():
        time.sleep(0.2)  # until it is waited for
        _thread.interrupt_main()
        stop.wait(10)
        kept.append(True)

    with pytest.raises(KeyboardInterrupt):
        in_background(work, stop.set)
    assert kept == [True]


def test_work_that_does_not_hear_is_not_waited_for_long():
    release = threading.Event()

    def work():
        time.sleep(0.2)  # until it is waited for
        _thread.interrupt_main()
        release.wait(10)

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        in_background(work, lambda: None)
    assert time.monotonic() - began < 1.5  # under 1 s, and what a busy machine adds
    release.set()


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
