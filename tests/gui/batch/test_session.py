"""The session of the window's queue."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from waiting import wait_until

from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.queue import Queue, default_path
from srgan_desktop.core.jobs.sources import Source
from srgan_desktop.gui.batch.session import QueueSession
from srgan_desktop.gui.common.errors_dialog import FaultReporter
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.settings import Settings


@pytest.mark.usefixtures("home")
def test_a_queue_that_opens_while_the_window_closes_is_closed_again(qapp: QApplication) -> None:
    services = Services(qapp, Settings(), FaultReporter())
    session = QueueSession(services)
    session.open()
    lock = default_path().with_name(default_path().name + ".lock")
    until = time.monotonic() + 60
    # no event is handled meanwhile: nobody has been told that the queue is open
    while session.lane.busy and time.monotonic() < until:
        time.sleep(0.01)
    assert lock.exists() and session.queue is None
    session.shutdown()
    assert not lock.exists()
    Queue(default_path()).close()
    services.shutdown()


@pytest.mark.usefixtures("home")
def test_a_name_that_changes_before_the_queue_is_open_is_followed(
    qapp: QApplication, tmp_path: Path
) -> None:
    options = BatchOptions(model="tiny-x4", before="clean")
    with Queue(default_path()) as queue:
        queue.add([Source(tmp_path / "a.png", tmp_path)], options)
    services = Services(qapp, Settings(), FaultReporter())
    services.settings.set("batch/options", options.to_json())
    session = QueueSession(services)
    services.model_renamed.emit("tiny-x4", "small")
    wait_until(lambda: session.is_open and not session.lane.busy)
    queue, renamed = session.queue, BatchOptions(model="small", before="clean")
    assert queue is not None and session.options == renamed
    assert [queue.options(item.options) for item in queue.items()] == [renamed]
    assert BatchOptions.from_json(services.settings.text("batch/options")) == renamed
    session.shutdown()
    services.shutdown()
