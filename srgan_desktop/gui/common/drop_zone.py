"""Takes what is dropped on a widget, always as a copy."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget


class DropZone(QObject):
    """Listens for drags over ``widget``; ``takes`` says whether one is worth taking.

    The answer is always ``CopyAction``: a file manager that proposes to move would delete its
    file once it is told that the move was done.
    """

    inviting = Signal(bool)
    """Whether something that can be taken hovers over the widget."""
    dropped = Signal(QMimeData)

    def __init__(self, widget: QWidget, takes: Callable[[QMimeData], object]) -> None:
        super().__init__(widget)
        self._takes = takes
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Answer drags; all else goes on."""
        match event:
            # an enter is a move, and a move a drop, to Qt's classes: the most special one first
            case QDragEnterEvent():
                if self._takes(event.mimeData()):
                    self.inviting.emit(True)
                    answer_copy(event)
                return True
            case QDragMoveEvent():
                answer_copy(event)
                return True
            case QDropEvent():
                self.inviting.emit(False)
                answer_copy(event)
                self.dropped.emit(event.mimeData())
                return True
            case _ if event.type() == QEvent.Type.DragLeave:
                self.inviting.emit(False)
        return False


def answer_copy(event: QDropEvent) -> None:
    """Take it as a copy; where only a move is offered the answer is that nothing was taken over."""
    copy = Qt.DropAction.CopyAction
    offered = bool(event.possibleActions() & copy)
    event.setDropAction(copy if offered else Qt.DropAction.IgnoreAction)
    event.accept()
