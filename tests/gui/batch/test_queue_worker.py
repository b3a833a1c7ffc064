"""What the queue's own thread does, without a window."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from PIL import Image

from srgan_desktop.core.base.events import drain
from srgan_desktop.core.engine.cache import EngineCache, EngineRequest
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.gui.batch import queue_worker
from srgan_desktop.gui.batch.run_worker import DeviceChoice, RunWorker


def test_what_was_added_is_as_the_queue_has_it(tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "deep/c.png"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (2, 2)).save(tmp_path / "in" / name)
    with Queue(tmp_path / "queue") as queue:
        added = drain(queue_worker.add(queue, BatchOptions(), [tmp_path / "in"]))
        assert added.items == queue.items()
        assert len(queue.items()) == 3


def test_the_collector_rests_until_the_last_has_made_its_rows() -> None:
    assert gc.isenabled()
    with queue_worker.many_objects():
        assert not gc.isenabled()
        with queue_worker.many_objects():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_collector_that_others_have_put_off_stays_so() -> None:
    gc.disable()
    try:
        with pytest.raises(ZeroDivisionError), queue_worker.many_objects():
            1 / 0  # noqa: B018
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_results_in_the_folder_of_their_sources_are_not_added(tmp_path: Path) -> None:
    for name in ("2.png", "10.png", "2_4x.png", "deep/c.png", "deep/c_4x.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (2, 2)).save(tmp_path / name)
    with Queue() as queue:
        added = drain(queue_worker.add(queue, BatchOptions(out=tmp_path), [tmp_path]))
    assert [item.source.name for item in added.items] == ["2.png", "10.png", "c.png"]
    assert added.found.passed_over.results == 2


def test_estimates_and_other_pages_share_one_network(home: Path) -> None:
    file = home / "models" / "tiny-x4.safetensors"
    engines = EngineCache()
    worker = RunWorker(engines)
    facts = drain(worker.facts(BatchOptions(model=str(file)), DeviceChoice("cpu", "fp32")))
    assert engines.get(EngineRequest(file, "cpu", "fp32")) is facts.engine.engine
    again = drain(worker.facts(BatchOptions(model=str(file)), DeviceChoice("cpu", "fp32")))
    assert again.engine.engine is facts.engine.engine
    engines.threads = 3
    other = drain(worker.facts(BatchOptions(model=str(file)), DeviceChoice("cpu", "fp32")))
    assert other.engine.engine is not facts.engine.engine
    assert other.engine.seconds_per_pixel != facts.engine.seconds_per_pixel, "measured anew"
