"""What a terminal shows while work is done."""

from __future__ import annotations

import io
import sys

import pytest

from simulator.cli.progress import reported


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("steps", "said", "unsaid"),
    [
        ([(1_000, 3_000)], "Simulating", "Summarising"),
        ([(1_000, 3_000), (3_000, 3_000)], "Summarising", "Simulating"),
        ([(3_000, 3_000), (3_000, 9_000)], "Simulating", "Summarising"),
    ],
)
def test_after_the_last_lifetime_the_bar_says_what_follows(monkeypatch, steps, said, unsaid):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with reported(quiet=False) as (_, advance):
        for done, total in steps:
            advance(done, total)
        # The bar is drawn by a thread, and once more when it ends: only that is certain.
        terminal.seek(0)
        terminal.truncate()
    shown = terminal.getvalue()
    assert said in shown
    assert unsaid not in shown


def test_without_a_terminal_there_is_no_bar():
    with reported(quiet=False) as (_, advance):
        assert advance is None
