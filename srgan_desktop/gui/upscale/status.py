"""How far the work is, said in the bar below the picture."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Slot

from srgan_desktop.core.base.console import seconds_text
from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.requests import Result, TileFinished
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.upscale.bottom_bar import BottomBar
from srgan_desktop.gui.upscale.progress import Progress
from srgan_desktop.gui.upscale.saver import Saver
from srgan_desktop.gui.upscale.session import Session


class StatusDisplay(QObject):
    """Follows the session and the saver; otherwise it says how the last work ended."""

    def __init__(
        self, services: Services, session: Session, saver: Saver, bottom: BottomBar
    ) -> None:
        super().__init__()
        self._services = services
        self._session = session
        self._saver = saver
        self._bottom = bottom
        self._ended = ""
        self.progress = Progress(time.monotonic)
        session.started.connect(self._begin)
        session.tile_finished.connect(self._tile_finished)
        session.opened.connect(self._opened)
        session.finished.connect(self._finished)
        session.restored.connect(self._restored)
        session.stopped.connect(self._stopped)
        session.changed.connect(self.refresh)
        saver.changed.connect(self.refresh)
        services.device_note_changed.connect(self.refresh)
        services.language_changed.connect(self._retranslate)

    @Slot()
    def refresh(self) -> None:
        """Say what is going on now."""
        session = self._session
        if session.working:
            self._bottom.show_progress(self.progress.fraction, self.progress.text())
        elif session.opening:
            self._bottom.show_progress(None, tr("Opening…"))
        elif self._saver.busy:
            self._bottom.show_progress(None, tr("Saving…"))
        else:
            ended = self._ended if session.picture else ""
            self._bottom.show_progress(None, ended or self._services.device_note)

    @Slot()
    def _begin(self) -> None:
        self.progress = Progress(time.monotonic)
        self._ended = ""

    @Slot(object)
    def _tile_finished(self, tile: TileFinished) -> None:
        self.progress.advance(tile.done, tile.total, kept=tile.kept)
        self.refresh()

    @Slot()
    def _opened(self) -> None:
        self._ended = ""

    @Slot(object)
    def _finished(self, result: Result) -> None:
        self._ended = tr("Done in {time}", time=seconds_text(result.seconds))

    @Slot()
    def _restored(self) -> None:
        self._ended = tr("Not saved yet")

    @Slot()
    def _stopped(self) -> None:
        goes_on = self._session.goes_on
        self._ended = tr("Stopped; Start goes on from there") if goes_on else tr("Stopped")

    @Slot()
    def _retranslate(self) -> None:
        self._ended = ""
        self.refresh()
