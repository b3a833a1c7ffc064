"""What all pages share: settings, theme, language, and the threads for long work."""

from __future__ import annotations

import sys
from collections.abc import Generator

from PySide6.QtCore import QLocale, QObject, Signal, Slot
from PySide6.QtWidgets import QApplication

from srgan_desktop.core.base import translation
from srgan_desktop.core.engine.cache import EngineCache
from srgan_desktop.gui.common.errors_dialog import FaultReporter
from srgan_desktop.gui.common.settings import Settings
from srgan_desktop.gui.common.theme import Theme
from srgan_desktop.gui.common.worker import Lane


class Services(QObject):
    """Made once; handed to whoever needs it.

    Attributes:
        device_lane: the only thread that runs networks, so one piece of work at a time.
        file_lane: reading and writing pictures.
        thumbnail_lane: small previews, which may wait for each other but hold up nobody.
        engines: the networks that are open; for whoever has ``device_lane``.
    """

    language_changed = Signal()
    """All texts are to be said again."""
    models_changed = Signal()
    """A model was added, renamed or removed: whoever offers models lists them anew."""
    model_renamed = Signal(str, str)
    """A model's name before and now; told before ``models_changed``."""
    device_note_changed = Signal()
    """Another page has the device now, or nobody has; see ``device_note``."""

    def __init__(self, app: QApplication, settings: Settings, faults: FaultReporter) -> None:
        super().__init__()
        self.settings = settings
        self.faults = faults
        self.device_note = ""
        self.set_language(settings.text("window/language"))
        self.theme = Theme(app, settings.text("window/theme"))
        self.device_lane = Lane("device", self)
        self.file_lane = Lane("files", self)
        self.thumbnail_lane = Lane("thumbnails", self)
        self.engines = EngineCache()
        self.engines.threads = int(settings.number("compute/threads"))
        settings.changed.connect(self._apply)

    def set_language(self, choice: str) -> None:
        """ "system" or one of ``translation.LANGUAGES``."""
        shown = QLocale.system().name()
        language = translation.system_language(shown) if choice == "system" else choice
        translation.set_language(language)
        self.language_changed.emit()

    def set_device_note(self, note: str) -> None:
        """What other pages say of the device while a batch works on it; empty: it is free."""
        if note != self.device_note:
            self.device_note = note
            self.device_note_changed.emit()

    @Slot(str)
    def _apply(self, key: str) -> None:
        if key == "compute/threads":
            threads = self.engines.threads = int(self.settings.number(key))
            self.device_lane.submit(lambda: _use_threads(threads))

    def shutdown(self) -> None:
        """End all threads; waits for what cannot be interrupted, such as one tile."""
        lanes = (self.device_lane, self.file_lane, self.thumbnail_lane)
        for lane in lanes:
            lane.shutdown()
        self.engines.clear()
        self.settings.sync()
        self.theme.stop()


def _use_threads(count: int) -> Generator[None, None, None]:
    """For torch, where it is there already; networks see to it when they are opened."""
    yield
    from srgan_desktop.core.backends.device import set_threads, usual_threads

    if "torch" in sys.modules:
        set_threads(count or usual_threads())
