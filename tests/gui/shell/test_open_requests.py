"""Files that the system asks to open by an event."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from srgan_desktop.gui.shell.open_requests import OpenRequests


def test_a_request_gives_its_file(qapp: QApplication, tmp_path: Path) -> None:
    requests = OpenRequests(qapp)
    heard: list[list[Path]] = []
    requests.files_received.connect(heard.append)
    photo = tmp_path / "Foto 1.jpg"
    assert qapp.sendEvent(qapp, QFileOpenEvent(str(photo)))
    qapp.sendEvent(qapp, QFileOpenEvent(QUrl("https://example.org/x.jpg")))
    qapp.sendEvent(qapp, QEvent(QEvent.Type.User))
    qapp.removeEventFilter(requests)
    assert heard == [[photo]]
