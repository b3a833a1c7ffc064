"""What several tests of the Upscale page need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from waiting import WaitUntil

from srgan_desktop.gui.upscale.page import UpscalePage

MakePhoto = Callable[..., Path]


def mime_of(paths: list[Path]) -> QMimeData:
    """As a file manager hands them over."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drop(page: UpscalePage, data: QMimeData) -> None:
    """Drag something over the page and let go; the caller keeps ``data`` alive."""
    at, buttons = QPointF(50, 50), Qt.MouseButton.LeftButton
    plain, copy = Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    enter = QDragEnterEvent(at.toPoint(), copy, data, buttons, plain)
    QApplication.sendEvent(page, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(page, QDropEvent(at, copy, data, buttons, plain))


def finish(page: UpscalePage, wait_until: WaitUntil) -> None:
    """Wait until the result that is wished for is there."""
    wait_until(lambda: page.session.up_to_date and not page.session.working)
