"""What nobody foresaw: one dialog, with details to copy, and a log."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from srgan_desktop.core.base.errors import ImageReadError, UsageError
from srgan_desktop.gui.common.error_text import explain
from srgan_desktop.gui.common.errors_dialog import FaultReporter
from srgan_desktop.gui.common.logs import LOG_BYTES, log_path, logger, start_log


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[logging.Handler]:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path))
    handler = start_log()
    assert handler is not None
    yield handler
    logger.removeHandler(handler)
    handler.close()


@pytest.fixture
def reporter(qapp: QApplication) -> Iterator[FaultReporter]:
    made = FaultReporter()
    yield made
    if made.dialog is not None:
        made.dialog.close()
        made.dialog.deleteLater()


def raised(text: str) -> Exception:
    with pytest.raises(RuntimeError) as caught:
        raise RuntimeError(text)
    return caught.value


def test_one_dialog_however_many_faults(
    reporter: FaultReporter, log: logging.Handler, qapp: QApplication
) -> None:
    reporter.report(raised("first"))
    dialog = reporter.dialog
    assert dialog is not None
    assert dialog.isVisible()
    reporter.report(raised("second"))
    assert reporter.dialog is dialog
    dialog.copy_details()
    copied = QGuiApplication.clipboard().text()
    assert "RuntimeError: first" in copied
    assert "RuntimeError: second" in copied
    assert "test_errors_dialog.py" in copied
    log.flush()
    assert "RuntimeError: first" in log_path().read_text()


def test_faults_in_slots_and_threads_are_caught(
    reporter: FaultReporter, log: logging.Handler, qapp: QApplication
) -> None:
    hooks = sys.excepthook, threading.excepthook
    reporter.install()
    try:
        error = raised("in a slot")
        sys.excepthook(type(error), error, error.__traceback__)

        def fail() -> None:
            raise RuntimeError("in a thread")

        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
    finally:
        reporter.uninstall()
        sys.excepthook, threading.excepthook = hooks
    qapp.processEvents()
    assert reporter.dialog is not None
    text = reporter.dialog.details.toPlainText()
    assert "in a slot" in text
    assert "in a thread" in text


def test_the_log_does_not_grow_without_bounds(log: logging.Handler) -> None:
    for _ in range(60):
        logger.info("x" * (LOG_BYTES // 10))
    names = sorted(path.name for path in log_path().parent.iterdir())
    assert names == ["srgan-desktop.log", "srgan-desktop.log.1", "srgan-desktop.log.2"]
    assert all(path.stat().st_size <= LOG_BYTES for path in log_path().parent.iterdir())


def test_a_log_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "logs").write_text("a file is in the way")
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path))
    assert start_log() is None


def test_errors_in_plain_words() -> None:
    assert explain(ImageReadError("/a/b.png", "it is damaged")) == "b.png: it is damaged"
    assert explain(UsageError("too small")) == "too small"
    assert "memory" in str(explain(MemoryError()))
    assert explain(ZeroDivisionError()) is None
