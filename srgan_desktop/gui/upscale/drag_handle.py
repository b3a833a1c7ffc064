"""A small handle by which the finished picture is dragged out of the window as a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDrag, QMouseEvent, QPixmap
from PySide6.QtWidgets import QApplication, QToolButton, QWidget


class DragHandle(QToolButton):
    """Asks for the file when it is pressed; the drag begins once the file is there."""

    file_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pressed_at: QPoint | None = None
        self._moved = False
        self._path: Path | None = None
        self.preview = QPixmap()
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def offer(self, path: Path | None) -> None:
        """The file is there (or there will be none)."""
        self._path = path
        if path is not None and self._pressed_at is not None and self._moved:
            self._drag(path)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's names
        """Remember where, and have the file written."""
        if event.button() != Qt.MouseButton.LeftButton or not self.isEnabled():
            return
        self._pressed_at, self._moved = event.position().toPoint(), False
        self._path = None  # it may be another result's
        self.file_wanted.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Begin once it is clear that a drag is meant."""
        if self._pressed_at is None or self._moved:
            return
        way = (event.position().toPoint() - self._pressed_at).manhattanLength()
        if way < QApplication.startDragDistance():
            return
        self._moved = True
        if self._path is not None:
            self._drag(self._path)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let go."""
        self._pressed_at = None

    def mime_data(self, path: Path) -> QMimeData:
        """What is handed to whoever takes the drag."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        return data

    def _drag(self, path: Path) -> None:
        self._pressed_at = None
        drag = QDrag(self)
        drag.setMimeData(self.mime_data(path))
        if not self.preview.isNull():
            drag.setPixmap(self.preview)
        drag.exec(Qt.DropAction.CopyAction)
