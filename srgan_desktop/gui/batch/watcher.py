"""Looks into a folder for new pictures, on a thread of its own, for as long as it is wanted."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from srgan_desktop.gui.batch.session import QueueSession
from srgan_desktop.gui.services import Services


class FolderWatcher(QObject):
    took = Signal()
    told = Signal(str, bool)

    def __init__(self, services: Services, session: QueueSession) -> None:
        super().__init__()

    def watch(self, folder: Path | None) -> None: ...
    def shutdown(self) -> None: ...
