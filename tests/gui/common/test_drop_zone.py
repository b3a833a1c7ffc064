"""What is dropped is copied, never moved; addresses of this computer are its files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from srgan_desktop.gui.common import drop_data
from srgan_desktop.gui.common.drop_zone import DropZone

Action = Qt.DropAction
LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def widget(qapp: QApplication) -> Iterator[QWidget]:
    made = QWidget()
    yield made
    made.deleteLater()


def data_of(*addresses: str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl(address) for address in addresses])
    return data


def test_a_proposed_move_is_answered_by_a_copy(widget: QWidget) -> None:
    zone = DropZone(widget, drop_data.takes)
    inviting: list[bool] = []
    dropped: list[list[Path]] = []
    zone.inviting.connect(inviting.append)
    zone.dropped.connect(lambda data: dropped.append(drop_data.paths_in(data)))
    data = data_of("file:///tmp/a.png")
    both = Action.CopyAction | Action.MoveAction
    enter = QDragEnterEvent(QPoint(5, 5), both, data, LEFT, PLAIN)
    move = QDragMoveEvent(QPoint(6, 6), both, data, LEFT, PLAIN)
    drop = QDropEvent(QPointF(6, 6), both, data, LEFT, PLAIN)
    for event in (enter, move, drop):
        event.setDropAction(Action.MoveAction)
        QApplication.sendEvent(widget, event)
        assert event.isAccepted()
        assert event.dropAction() == Action.CopyAction
    assert dropped == [[Path("/tmp/a.png")]]
    assert inviting == [True, False]


def test_who_only_offers_to_move_keeps_the_file(widget: QWidget) -> None:
    DropZone(widget, drop_data.takes)
    data = data_of("file:///tmp/a.png")
    enter = QDragEnterEvent(QPoint(5, 5), Action.MoveAction, data, LEFT, PLAIN)
    drop = QDropEvent(QPointF(6, 6), Action.MoveAction, data, LEFT, PLAIN)
    for event in (enter, drop):
        QApplication.sendEvent(widget, event)
    assert drop.dropAction() == Action.IgnoreAction


def test_what_cannot_be_taken_is_refused(widget: QWidget) -> None:
    zone = DropZone(widget, drop_data.takes)
    inviting: list[bool] = []
    zone.inviting.connect(inviting.append)
    data = QMimeData()
    data.setText("words")
    enter = QDragEnterEvent(QPoint(5, 5), Action.CopyAction, data, LEFT, PLAIN)
    QApplication.sendEvent(widget, enter)
    assert not enter.isAccepted()
    QApplication.sendEvent(widget, QDragLeaveEvent())
    assert inviting == [False]


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("file:///tmp/a%20b.png", "/tmp/a b.png"),
        ("file://localhost/tmp/a.png", "/tmp/a.png"),
        ("file://LOCALHOST/tmp/a.png", "/tmp/a.png"),
    ],
)
def test_addresses_of_this_computer(address: str, path: str) -> None:
    assert drop_data.paths_in(data_of(address)) == [Path(path)]


def test_an_address_as_text(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    photo.touch()
    data = QMimeData()
    data.setText(f"file://localhost{photo}\nhttps://example.org/a.png")
    assert drop_data.paths_in(data) == [photo]


@pytest.mark.parametrize(
    "text", ["~5 minutes of work", "~nobody-of-that-name/a.png", "/" + "n" * 5000, "~"]
)
def test_a_text_that_only_begins_like_a_path_is_none(text: str) -> None:
    data = QMimeData()
    data.setText(text)
    assert drop_data.paths_in(data) == ([Path.home()] if text == "~" else [])
