"""A batch on a cluster: workers compute, one may die, everything is done once all the same."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from file_runs import upscale_files
from network_makers import make_network
from PIL import Image
from repository import ROOT

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.events import (
    BatchFinished,
    Event,
    FileDone,
    FileFailed,
    FileStarted,
    FileTile,
    Paused,
)
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.jobs import cluster, cluster_task, disk_space
from srgan_desktop.core.jobs.cluster import run_on_cluster
from srgan_desktop.core.jobs.cluster_task import Where
from srgan_desktop.core.jobs.control import Control
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.core.jobs.sources import Source
from srgan_desktop.core.jobs.staging import PREFIX
from srgan_desktop.core.weights.model_file import ModelCard, save_model

WHERE = Where("cpu", "fp32", 1)


def test_without_the_package_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'srgan-desktop\[cluster\]'"):
        list(run_on_cluster(Queue(), "tcp://127.0.0.1:1"))


def test_an_address_where_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    for address in (f"tcp://127.0.0.1:{free_port()}", "nonsense://x"):
        with pytest.raises(UsageError, match="no cluster answers there"):
            list(run_on_cluster(Queue(), address))


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextlib.contextmanager
def running(*arguments: object, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A part of Dask as a process of its own, killed in the end."""
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli." + str(arguments[0])]
            + [str(argument) for argument in arguments[1:]],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A scheduler."""
    pytest.importorskip("distributed")
    (tmp_path / "dask").mkdir()
    port = free_port()
    options = ("--host", "127.0.0.1", "--port", port, "--no-dashboard")
    with running("dask_scheduler", *options, folder=tmp_path / "dask"):
        yield f"tcp://127.0.0.1:{port}"


def a_worker(
    address: str, folder: Path
) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    """Without a nanny, so that a killed one is not started again."""
    options = (
        "--no-nanny",
        "--nthreads",
        1,
        "--no-dashboard",
        "--local-directory",
        folder / "dask",
    )
    return running("dask_worker", address, *options, folder=folder / "dask")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    network = make_network(blocks=1)
    save_model(tmp_path / "m.safetensors", network, ModelCard(name="tiny", config=network.config))
    return tmp_path / "m.safetensors"


def photos(folder: Path, count: int, side: int) -> list[Source]:
    (folder / "in").mkdir()
    sources = []
    for number in range(count):
        noise = np.random.default_rng(number)
        path = folder / "in" / f"{number:02}.png"
        Image.fromarray(noise.integers(0, 256, (side, side, 3), dtype=np.uint8)).save(path)
        sources.append(Source(path))
    return sources


class OneWorker:
    """A cluster's client whose worker is a thread of this process."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1)

    def submit(self, work: Callable[..., Any], *values: Any, **_how: Any) -> Future[Any]:
        return self._pool.submit(work, *values)

    def nthreads(self) -> dict[str, int]:
        return {"one": 1}

    def subscribe_topic(self, *_: object) -> None:
        pass

    unsubscribe_topic = subscribe_topic

    def close(self) -> None:
        self._pool.shutdown()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_a_folder_that_cannot_be_made(
    number: int, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing = [True]
    mkdir = os.mkdir

    def make(path: Path, *mode: int) -> None:
        if refusing and Path(path).name.startswith(PREFIX):
            raise OSError(number, os.strerror(number))
        mkdir(path, *mode)

    monkeypatch.setattr(os, "mkdir", make)
    monkeypatch.setattr(disk_space, "has_space", lambda folder, size: not refusing)
    monkeypatch.setattr(cluster, "_connect", lambda address: OneWorker())
    monkeypatch.setattr(cluster, "SPACE_CHECK_S", 0.05)
    monkeypatch.setattr(cluster_task, "_log_event", lambda *_: None)
    queue = Queue()
    queue.add(photos(tmp_path, 2, 20), BatchOptions(model=str(model), out=tmp_path / "out"))
    events: list[Event] = []
    for event in run_on_cluster(queue, "here", where=WHERE):
        events.append(event)
        if isinstance(event, Paused):
            assert "the disk is full" in event.reason
            refusing.clear()
    if number == errno.ENOSPC:
        assert queue.counts()["done"] == 2
        assert not refusing
    else:
        failed = [event for event in events if isinstance(event, FileFailed)]
        assert [event.kind for event in failed] == ["write", "write"]
        assert "no permission to write here" in failed[0].error


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_costs_only_time(
    address: str, model: Path, tmp_path: Path
) -> None:
    sources = photos(tmp_path, 14, 48)
    (tmp_path / "in" / "bad.png").write_bytes(b"no picture")
    queue = Queue(tmp_path / "q")
    options = BatchOptions(model=str(model), out=tmp_path / "out", tile=16, tta=True)
    queue.add([*sources, Source(tmp_path / "in" / "bad.png")], options)
    events: list[Event] = []
    with a_worker(address, tmp_path) as first, a_worker(address, tmp_path):
        until_two_workers(address)
        for event in run_on_cluster(queue, address, where=WHERE):
            events.append(event)
            if isinstance(event, FileTile) and first.poll() is None:
                done = sum(isinstance(told, FileDone) for told in events)
                if done >= 3:
                    first.send_signal(signal.SIGKILL)
                    first.wait()
    assert first.returncode == -signal.SIGKILL
    finished = events[-1]
    assert isinstance(finished, BatchFinished)
    assert (finished.done, finished.failed) == (14, 1)
    (failed,) = (event for event in events if isinstance(event, FileFailed))
    assert "bad.png" in failed.error
    started = [event.item for event in events if isinstance(event, FileStarted)]
    assert len(started) == len(set(started)) == 14
    counts = queue.counts()
    assert (counts["done"], counts["failed"], counts["working"]) == (14, 1, 0)
    assert_equal_to_one_machine(sources, model, tmp_path)
    queue.close()


def until_two_workers(address: str) -> None:
    import distributed

    with distributed.Client(address, timeout=20, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)


def assert_equal_to_one_machine(sources: list[Source], model: Path, folder: Path) -> None:
    from srgan_desktop.core.weights.model_file import load_model

    network, card = load_model(model)
    engine = Engine(network, card, torch.device("cpu"), "fp32", 1)
    job = BatchOptions(rule="scale", value=4, out=folder / "one", tile=16, tta=True)
    list(upscale_files(sources, engine, job))
    names = {path.name for path in (folder / "one").iterdir()}
    assert {path.name for path in (folder / "out").iterdir()} == names
    for name in names:
        assert (folder / "out" / name).read_bytes() == (folder / "one" / name).read_bytes()


@pytest.mark.slow
def test_a_stop_lets_the_rest_wait(address: str, model: Path, tmp_path: Path) -> None:
    queue = Queue()
    options = BatchOptions(model=str(model), out=tmp_path / "out", tile=16, tta=True)
    queue.add(photos(tmp_path, 10, 48), options)
    control = Control()
    with a_worker(address, tmp_path):
        for event in run_on_cluster(queue, address, control, WHERE):
            if isinstance(event, FileDone):
                control.stop()
        time.sleep(2)  # the worker has time to come to the end of what nobody waits for
    counts = queue.counts()
    assert counts["done"] >= 1
    assert counts["working"] == 0
    assert counts["waiting"] == 10 - counts["done"]
    assert len(list((tmp_path / "out").iterdir())) == counts["done"]
