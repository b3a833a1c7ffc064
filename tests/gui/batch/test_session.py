"""The session of the window's queue."""

from __future__ import annotations

import time

import pytest
from PySide6.QtWidgets import QApplication

from srgan_desktop.core.jobs.queue import Queue, default_path
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
