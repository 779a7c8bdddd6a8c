"""Figures become files: PNG that any reader takes, drawn by two processes where that is safe."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from simulator.figures import png, sharing

ROOT = Path(__file__).resolve().parents[2]


def test_pixels_resolution_and_texts_read_back(tmp_path):
    pixels = np.random.default_rng(5).integers(0, 256, (37, 51, 4), dtype=np.uint8)
    path = tmp_path / "noise.png"
    path.write_bytes(png.encode(pixels, 160, {"Software": "finetune-odds", "Title": "Größe"}))
    with Image.open(path) as image:
        image.verify()
    with Image.open(path) as image:
        assert image.mode == "RGB"
        assert image.info["Software"] == "finetune-odds"
        assert image.info["Title"] == "Größe"
        assert image.info["dpi"] == pytest.approx((160, 160), abs=0.02)
        np.testing.assert_array_equal(np.asarray(image), pixels[..., :3])


SHARED = """
import os, signal, sys
from simulator.cli.background import heeding_sigterm
from simulator.figures.sharing import shared

parent = os.getpid()


def work(item):
    if item == "fails there" and os.getpid() != parent:
        raise ValueError
    if item == "dies there" and os.getpid() != parent:
        os.abort()
    if item == "hears signals there" and os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
    return f"{item} {'here' if os.getpid() == parent else 'there'}".encode()


with heeding_sigterm():
    for _ in range(int(sys.argv[1])):
        found = shared(work, sys.argv[2:])
print(found)
"""


def told(*items, times=1):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SHARED, str(times), *items],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


forks = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="needs Linux and two processors"
)


@forks
def test_every_second_item_is_done_in_a_copy_of_the_process():
    assert told("a", "b", "c", "d") == "[b'a here', b'b there', b'c here', b'd there']"


@forks
@pytest.mark.parametrize("trouble", ["fails there", "dies there"])
def test_what_a_copy_does_not_deliver_is_done_here(trouble):
    assert told("a", "b", "c", trouble) == f"[b'a here', b'b here', b'c here', b'{trouble} here']"


@forks
def test_a_copy_leaves_signals_to_the_process_that_made_it():
    assert told("a", "hears signals there") == "[b'a here', b'hears signals there there']"


@forks
def test_a_copy_that_is_done_ends_without_a_word():
    """It is ended the moment that it has delivered, while it still ends by itself."""
    assert told("a", "b", times=30) == "[b'a here', b'b there']"


def test_nothing_is_forked_beside_another_thread():
    release = threading.Event()
    other = threading.Thread(target=release.wait)
    other.start()
    try:
        assert (
            sharing.shared(lambda item: str(os.getpid()).encode(), [1, 2]) == [str(os.getpid()).encode()] * 2
        )
    finally:
        release.set()
        other.join()


def test_what_goes_wrong_is_raised():
    def fail(item):
        raise OSError(f"disk {item}")

    with pytest.raises(OSError, match="disk 1"):
        sharing.shared(fail, [1, 2])
