"""Files that the system asks to open by an event."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from srgan_desktop.gui.common.errors_dialog import FaultReporter
from srgan_desktop.gui.common.page import Page
from srgan_desktop.gui.shell.app import make_window
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


@pytest.mark.parametrize(
    ("front", "named", "name", "taken_by"),
    [
        ("models", "", "a.jpg", "upscale"),
        ("train", "", "a.jpg", "upscale"),
        ("batch", "", "a.jpg", "batch"),
        ("upscale", "batch", "a.jpg", "batch"),
        ("upscale", "models", "a.jpg", "models"),
        ("models", "", "a.pth", "models"),
        ("train", "", "folder", "train"),
    ],
)
def test_a_file_goes_to_a_page_that_has_a_use_for_it(
    qapp: QApplication,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    front: str,
    named: str,
    name: str,
    taken_by: str,
) -> None:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "home"))
    (tmp_path / "folder").mkdir()
    window = make_window(qapp, FaultReporter())
    given: list[tuple[str, list[Path]]] = []

    def take(page: Page, paths: list[Path]) -> None:
        given.append((page.icon_name, paths))

    for page in window.pages:
        monkeypatch.setattr(type(page), "open_paths", take)
    window.show_page_named(front)
    window.take_over([tmp_path / name], named)
    assert given == [(taken_by, [tmp_path / name])]
    assert window.page.icon_name == taken_by
    window.take_over([])
    assert window.page.icon_name == taken_by
    window.asks = False
    window.close()
    window.deleteLater()
    qapp.setStyleSheet("")
