"""A cluster that would not do what this machine does, or that goes away, is said in a line and a hint."""

from __future__ import annotations

import dataclasses

import pytest

from simulator.running import cluster as running_cluster
from simulator.running.cluster import connect
from simulator.running.tasks import WorkerError, describe

distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")

ADDRESS = "tcp://host:8786"


class Client:
    """Stands for a client: answers as a test says."""

    workers: dict
    scheduler: Exception | None
    threads: dict | None = None

    def __init__(self, address, **options):
        assert address == ADDRESS

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def wait_for_workers(self, count, timeout):
        if len(self.workers) < count:
            raise TimeoutError

    def run_on_scheduler(self, function):
        if self.scheduler is not None:
            raise self.scheduler
        return function()

    def run(self, function, on_error):
        return self.workers

    def nthreads(self):
        if self.threads is None:
            raise TimeoutError("Timed out trying to connect")
        return self.threads

    def get_executor(self, pure):
        return None


@pytest.fixture
def cluster(monkeypatch):
    """Put a cluster with some workers in place of a real one."""

    def build(*workers, scheduler=None):
        monkeypatch.setattr(Client, "workers", {f"w{n}": one for n, one in enumerate(workers)}, raising=False)
        monkeypatch.setattr(Client, "scheduler", scheduler, raising=False)
        monkeypatch.setattr(Client, "threads", None)
        monkeypatch.setattr(distributed, "Client", Client)
        return connect(ADDRESS)

    return build


def refused(cluster):
    with pytest.raises(WorkerError) as error, cluster:
        pass
    assert error.value.exit_code == 3
    return str(error.value), error.value.hint


def test_workers_that_fit_are_taken(cluster):
    with cluster(describe(), describe()) as executor:
        assert hasattr(executor, "submit")


def test_that_all_workers_have_gone_is_said_once_when_it_lasts(cluster, monkeypatch):
    cluster(describe())
    now, said = [0.0], []
    monkeypatch.setattr(running_cluster.time, "monotonic", lambda: now[0])
    with connect(ADDRESS, said.append) as executor:
        for seconds, threads, told in [
            (0, {"w0": 2}, 0),
            (10, {}, 0),
            (39, {}, 0),
            (40, {}, 1),
            (90, {}, 1),
            (95, {"w1": 1}, 1),
            (100, {}, 1),
            (130, {}, 2),
        ]:
            now[0], Client.threads = seconds, threads
            assert executor._max_workers == max(1, sum(threads.values()))
            assert len(said) == told
    assert said[0] == f"The scheduler at {ADDRESS} has no workers left: waiting for some to connect."


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"versions": {"numba": "0.1", "llvmlite": "0", "numpy": "0"}},
            "the worker w1 has numba 0.1, here it is",
        ),
        ({"code": "0"}, "the worker w1 has other sources of this program"),
        ({"architecture": "riscv64"}, "the worker w1 is a riscv64"),
    ],
)
def test_every_worker_is_asked_who_it_is(cluster, change, message):
    said, _ = refused(cluster(describe(), dataclasses.replace(describe(), **change)))
    assert said.startswith(message)


def test_a_worker_without_the_program_is_named(cluster):
    said, hint = refused(cluster(describe(), ModuleNotFoundError("No module named 'simulator'")))
    assert said == "the worker w1 cannot run this program: No module named 'simulator'"
    assert hint.startswith("install it there")


def test_a_scheduler_without_the_program_is_refused(cluster):
    said, hint = refused(cluster(describe(), scheduler=ModuleNotFoundError("No module named 'simulator'")))
    assert said == f"the scheduler at {ADDRESS} cannot run this program: No module named 'simulator'"
    assert hint.startswith("install it there too")


def test_a_scheduler_without_workers_is_refused(cluster):
    said, hint = refused(cluster())
    assert said == f"the scheduler at {ADDRESS} has no workers"
    assert hint == f"start some with `dask worker {ADDRESS}`"


@pytest.mark.parametrize(
    "lost", [distributed.comm.CommClosedError("closed"), distributed.CancelledError("lost")]
)
def test_a_scheduler_that_goes_away_ends_the_run_in_a_line(cluster, lost):
    with (
        pytest.raises(WorkerError, match=f"^the scheduler at {ADDRESS} has gone$") as error,
        cluster(describe()),
    ):
        raise lost
    assert "--resume" in error.value.hint


def test_a_scheduler_that_cannot_be_reached_again_has_gone(cluster):
    with pytest.raises(WorkerError, match="has gone"), cluster(describe()) as executor:
        assert executor._max_workers


def test_a_task_of_which_workers_die_is_given_up(cluster):
    dead = distributed.KilledWorker("task", None, 4)
    with pytest.raises(WorkerError, match="workers keep dying of the same task"), cluster(describe()):
        raise dead


def test_errors_of_others_go_through(cluster):
    with pytest.raises(PermissionError), cluster(describe()):
        raise PermissionError("the checkpoint")
