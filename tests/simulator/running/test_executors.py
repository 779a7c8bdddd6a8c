"""Blocks on any executor, in processes, on a cluster: the same bytes, whoever dies on the way."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from simulator.running import executors, processes, tasks
from simulator.running.executors import Tasks
from simulator.running.processes import Processes
from simulator.running.ranges import join
from simulator.running.tasks import WorkerError, check_machine, describe, order_of, run_task
from simulator.running.watch import StoppedError, Watch
from tests.distributions.test_machines import MACHINES
from tests.simulator.lived import BLOCKS, LIFETIMES, content_of, digest, job, partial, whole
from tests.simulator.running.test_checkpoint import keeping, resumed

ROOT = Path(__file__).resolve().parents[3]


class Here(Executor):
    """Runs each task when it is handed in, and remembers which."""

    def __init__(self, fails=()):
        self.tasks = []
        self.fails = list(fails)

    def submit(self, function, order, start, end):
        self.tasks.append((start, end))
        future = Future()
        if len(self.tasks) in self.fails:
            future.set_exception(BrokenExecutor("a process has died"))
        else:
            future.set_result(function(order, start, end))
        return future


class Pool:
    """Opens an executor again and again."""

    def __init__(self, *executors):
        self.left = list(executors)
        self.closed = False

    def open(self):
        return self.left.pop(0)

    def close(self):
        self.closed = True


@pytest.fixture(autouse=True)
def _small_tasks(monkeypatch):
    monkeypatch.setattr(executors, "FIRST_BLOCKS", 2)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_change_no_byte(threads):
    assert digest(threads=threads) == whole()


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_any_executor_gives_the_same_bytes(workers):
    with ThreadPoolExecutor(workers) as executor:
        assert digest(executor=executor) == whole()


@pytest.mark.parametrize("size", [1, 2, 4, 8])
def test_tasks_hold_every_block_once_and_are_nodes_of_the_tree(monkeypatch, size):
    monkeypatch.setattr(Tasks, "_size", lambda self, remaining: size)
    executor = Here()
    assert digest(executor=executor) == whole()
    assert join(executor.tasks) == ((0, BLOCKS),)
    for start, end in executor.tasks:
        assert start % size == 0
        assert end == min(start + size, BLOCKS)


@pytest.mark.parametrize(
    ("seconds", "remaining", "blocks"),
    [
        (None, 10**6, 2),  # nothing is known yet
        (0.03, 10**6, 128),  # 4 s are 133 blocks
        (0.03, 100, 32),  # 3 s are left for two workers that hold two tasks each, 1 s is 33 blocks
        (3.0, 10**6, 1),
        (30.0, 10**6, 1),
        (1e-6, 10**9, 4096),
    ],
)
def test_tasks_take_one_to_ten_seconds_where_blocks_allow(seconds, remaining, blocks):
    run = Tasks(job(), Here(), 2)
    run._seconds_per_block = seconds
    assert run._size(remaining) == blocks


def test_an_executor_that_is_interrupted_is_continued_by_threads(tmp_path):
    path = tmp_path / "checkpoint"
    stop = threading.Event()
    with pytest.raises(StoppedError):
        digest(
            executor=Here(),
            workers=1,
            stop=stop,
            progress=lambda done, _: stop.set(),
            checkpoint=keeping(path),
        )
    found, told = resumed(path)
    assert found == whole()
    assert told[0].startswith("Continuing after")


def test_threads_that_are_interrupted_are_continued_by_an_executor(tmp_path):
    path = tmp_path / "checkpoint"
    stop = threading.Event()
    with pytest.raises(StoppedError):
        digest(threads=1, stop=stop, progress=lambda done, _: stop.set(), checkpoint=keeping(path))
    assert resumed(path, executor=Here())[0] == whole()


def test_a_run_that_is_stopped_before_its_first_task_is_done_keeps_nothing(tmp_path):
    class Never(Executor):
        def submit(self, function, *arguments):
            return Future()

    stop = threading.Event()
    stop.set()
    for options in ({"executor": Never(), "workers": 1}, {"threads": 1}):
        with pytest.raises(StoppedError):
            digest(stop=stop, checkpoint=keeping(tmp_path / "checkpoint"), **options)
    assert list(tmp_path.iterdir()) == []


def test_a_death_costs_time_and_no_byte():
    first, second, third = Here(fails=[2]), Here(fails=[1]), Here()
    run = Tasks(job(), first, 1, pool=Pool(second, third))
    run.run(Watch(LIFETIMES))
    assert content_of(run.partial()) == content_of(partial(0, BLOCKS))
    assert third.tasks


def test_deaths_without_end_are_an_error():
    dying = [Here(fails=range(99)) for _ in range(9)]
    with pytest.raises(WorkerError, match="worker processes keep dying"):
        Tasks(job(), dying[0], 1, pool=Pool(*dying[1:])).run(Watch(LIFETIMES))
    with pytest.raises(WorkerError, match="a worker process has died"):
        Tasks(job(), Here(fails=[1]), 1).run(Watch(LIFETIMES))


def test_an_error_in_a_task_goes_through():
    class Failing(Here):
        def submit(self, function, *arguments):
            future = Future()
            future.set_exception(MemoryError("no room"))
            return future

    with pytest.raises(MemoryError, match="no room"):
        digest(executor=Failing())


@pytest.mark.parametrize("workers", [0, -1])
def test_fewer_workers_than_one_are_refused(workers):
    with pytest.raises(ValueError, match=f"workers must be 1 or more, got {workers}"):
        digest(workers=workers)


def test_a_task_of_other_sources_is_refused():
    order = dataclasses.replace(order_of(job()), code="0")
    with pytest.raises(WorkerError, match="has another version of this program"):
        run_task(order, 0, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"versions": {"numba": "0.1", "llvmlite": "0", "numpy": "0"}}, "w has numba 0.1, here it is"),
        ({"code": "0"}, "w has other sources"),
        ({"architecture": "riscv64"}, "w is a riscv64"),
        ({"features": ()}, "the processor of w lacks"),
    ],
)
def test_a_worker_that_does_not_fit_is_refused(change, message):
    own = dataclasses.replace(describe(), features=tasks.FEATURES)
    check_machine(own, own, "w")
    with pytest.raises(WorkerError, match=message) as refused:
        check_machine(own, dataclasses.replace(own, **change), "w")
    assert refused.value.exit_code == 3


def test_a_worker_may_have_more_features():
    own = describe()
    check_machine(dataclasses.replace(own, features=()), own, "w")


def test_results_of_processes_are_sent_whole_or_not_at_all(monkeypatch, tmp_path):
    """What goes through the pipe that they share is short enough to be written at once; no file is left behind."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sent = []
    with Processes(1) as pool:
        take = processes._take
        monkeypatch.setattr(processes, "_take", lambda result: sent.append(result) or take(result))
        run = Tasks(job(), pool.open(), 1, pool=pool)
        run.run(Watch(LIFETIMES))
        assert content_of(run.partial()) == content_of(partial(0, BLOCKS))
    assert sent
    assert all(len(pickle.dumps(result)) < 512 for result in sent)
    assert not list(tmp_path.iterdir())


def test_one_two_and_three_processes_give_the_same_bytes_and_a_killed_one_too(monkeypatch):
    """One pool of three, of which one process is killed while it works; then pools of two and of one."""
    monkeypatch.setattr(Tasks, "_size", lambda self, remaining: 1)
    killed, opened = [], []

    def kill(done, _):
        if not killed:
            killed.append(next(iter(pool._pool._processes)))
            os.kill(killed[0], signal.SIGKILL)

    with Processes(3) as pool:
        run = Tasks(job(), pool.open(), 3, pool=pool)
        monkeypatch.setattr(pool, "open", lambda original=pool.open: opened.append(1) or original())
        run.run(Watch(LIFETIMES, progress=kill))
        assert content_of(run.partial()) == content_of(partial(0, BLOCKS))
    assert (len(killed), len(opened)) == (1, 1)
    for workers in (2, 1):
        assert digest(workers=workers) == whole()


PARENT = """
import os, sys
from simulator.running.processes import Processes

if __name__ == "__main__":
    pool = Processes(1).open()
    print(pool.submit(os.getpid).result(), flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up in /proc")
def test_worker_processes_end_when_their_parent_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    with subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as parent:  # fmt: skip
        worker = Path("/proc", parent.stdout.readline().strip())
        assert worker.is_dir()
        parent.kill()
        parent.wait()
        gone = threading.Event()
        for _ in range(100):
            if not worker.is_dir() or "State:\tZ" in (worker / "status").read_text():
                break
            gone.wait(0.1)
        else:
            pytest.fail("the worker process is still there")


PRINT_DIGEST = "from tests.simulator.lived import whole; print(whole())"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the switches are those of Linux on x86-64")
@pytest.mark.parametrize("machine", [name for name in MACHINES if "without fused" not in name])
def test_a_run_has_the_same_bytes_on(machine):
    """Draws have on a processor without FMA too (`test_machines`), but the kernel would be compiled for it anew."""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PRINT_DIGEST],
        cwd=ROOT,
        env={**os.environ, **MACHINES[machine]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == whole()


CLUSTER = """
import os, signal, sys, threading
from distributed import LocalCluster
from simulator.running import executors
from simulator.running.cluster import connect
from tests.simulator.lived import digest

if __name__ == "__main__":
    executors.FIRST_BLOCKS = 1
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        with connect(cluster.scheduler_address) as executor:
            print(executor._max_workers, digest(executor=executor), flush=True)
            killed = []

            def kill(done, total):
                if not killed:
                    killed.append(next(iter(cluster.workers.values())).pid)
                    os.kill(killed[0], signal.SIGKILL)

            print(2, digest(executor=executor, progress=kill), flush=True)
"""


@pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="dask.distributed is not installed"
)
def test_a_local_cluster_of_two_gives_the_same_bytes_and_with_a_killed_worker_too(tmp_path):
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTER)
    run = subprocess.run(
        [sys.executable, "-W", "ignore", str(script)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert run.stdout.splitlines() == [f"2 {whole()}"] * 2, run.stderr
