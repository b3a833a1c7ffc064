"""What the queue's own thread does, without a window."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from PIL import Image

from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.gui.batch import queue_worker


def drained(work: object) -> object:
    while True:
        try:
            next(work)  # type: ignore[call-overload]
        except StopIteration as stop:
            return stop.value


def test_what_was_added_is_as_the_queue_has_it(tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "deep/c.png"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (2, 2)).save(tmp_path / "in" / name)
    with Queue(tmp_path / "queue") as queue:
        added = drained(queue_worker.add(queue, BatchOptions(), [tmp_path / "in"]))
        assert added.items == queue.items()  # type: ignore[attr-defined]
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
