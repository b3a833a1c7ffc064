"""Files that the system asks the program to open: on macOS by an event, not by arguments."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QFileOpenEvent


class OpenRequests(QObject):
    """Listens on the application from the moment at which it is made."""

    files_received = Signal(list)
    """Paths, as from a second start."""

    def __init__(self, application: QObject) -> None:
        super().__init__(application)
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """True for requests, which are answered here."""
        if isinstance(event, QFileOpenEvent) and event.file():
            self.files_received.emit([Path(event.file())])
            return True
        return super().eventFilter(watched, event)
