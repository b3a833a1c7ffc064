"""The window's tests run without a screen, leave no thread behind and make Qt say nothing."""

from __future__ import annotations

import gc
import os
import weakref
from collections.abc import Iterator

# before Qt is imported; a person may name another platform to look at the tests
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import (
    QMessageLogContext,
    QThread,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox
from waiting import WaitUntil
from waiting import wait_until as wait_until_it_is_so

GRACE_MS = 1000
# a question that is seen twice with so much time between is not going to be answered
QUESTION_MS = 10_000
# said by the screenless platform whenever a window is shown, or a menu pops up
HARMLESS = (
    "This plugin does not support propagateSizeHints()",
    "This plugin does not support raise()",
    "This plugin does not support grabbing the keyboard",
)
NOTICES = (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg)


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    """The one application object of this process."""
    app = QApplication.instance() or QApplication(["tests"])
    assert isinstance(app, QApplication)
    app.setStyle("Fusion")
    return app


@pytest.fixture
def wait_until() -> WaitUntil:
    """Run the event loop until something is so."""
    return wait_until_it_is_so


@pytest.fixture(scope="session", autouse=True)
def quick_collector() -> Iterator[None]:
    """What is loaded once for all tests need not be looked through after each of them."""
    import torch  # noqa: F401 - by far the largest part

    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def quiet_qt(qapp: QApplication, quick_collector: None) -> Iterator[None]:
    """Fail a test that makes Qt warn.

    What the test leaves is collected here and now: in a thread of the next test Qt would not let
    its timers be stopped.
    """
    said: list[str] = []

    def listen(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if kind not in NOTICES and message not in HARMLESS:
            said.append(message)

    previous = qInstallMessageHandler(listen)
    yield
    qapp.processEvents()
    gc.collect()
    qInstallMessageHandler(previous)
    assert not said, f"Qt warned: {said}"


@pytest.fixture(autouse=True)
def no_thread_left(monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> Iterator[None]:
    """Fail a test after which a ``QThread`` it started goes on running."""
    started: list[weakref.ref[QThread]] = []
    start = QThread.start

    def start_and_note(thread: QThread, *args: QThread.Priority) -> None:
        started.append(weakref.ref(thread))
        start(thread, *args)

    monkeypatch.setattr(QThread, "start", start_and_note)
    yield
    left = [thread for ref in started if (thread := ref()) and _goes_on(thread)]
    assert not left, f"left running: {left}"


@pytest.fixture(autouse=True)
def no_question_without_answer(qapp: QApplication) -> Iterator[None]:
    """Fail a test that is asked what it does not answer, where it would wait for ever.

    No signal ends such a wait: Python hears of none while Qt waits.
    """
    seen: list[QDialog] = []
    unanswered: list[str] = []

    def look() -> None:
        dialog = qapp.activeModalWidget()
        if not isinstance(dialog, QDialog):
            seen.clear()
        elif seen != [dialog]:
            seen[:] = [dialog]
        else:
            text = dialog.text() if isinstance(dialog, QMessageBox) else dialog.windowTitle()
            unanswered.append(text)
            dialog.reject()

    timer = QTimer(interval=QUESTION_MS)
    timer.timeout.connect(look)
    timer.start()
    yield
    timer.stop()
    seen.clear()
    assert not unanswered, f"nobody answered: {unanswered}"


def _goes_on(thread: QThread) -> bool:
    try:
        return thread.isRunning() and not thread.wait(GRACE_MS)
    except RuntimeError:
        # deleted, and Qt would have died had it been running
        return False
