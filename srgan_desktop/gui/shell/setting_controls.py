"""Controls of the settings dialog, each bound to one key: what is chosen counts at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QSpinBox, QWidget

from srgan_desktop.gui.common.settings import Settings

Texts = Callable[[], Mapping[str, str]]


class ChoiceSetting(QComboBox):
    """One of several words; ``texts`` gives them with what is said for each, in the present
    language."""

    chosen = Signal(str)

    def __init__(
        self, settings: Settings, key: str, texts: Texts, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._settings, self._key, self._texts = settings, key, texts
        self.retranslate()
        self.activated.connect(self._choose)

    def retranslate(self) -> None:
        """The texts anew. What is chosen but offered no more stays, under its own name."""
        kept = self._settings.text(self._key)
        texts = dict(self._texts())
        texts.setdefault(kept, kept)
        self.blockSignals(True)
        self.clear()
        for value, text in texts.items():
            self.addItem(text, value)
        self.setCurrentIndex(self.findData(kept))
        self.blockSignals(False)

    @Slot()
    def _choose(self) -> None:
        value = str(self.currentData())
        self._settings.set(self._key, value)
        self.chosen.emit(value)


class FlagSetting(QCheckBox):
    """Yes or no."""

    def __init__(self, settings: Settings, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings, self._key = settings, key
        self.setChecked(settings.flag(key))
        self.toggled.connect(self._choose)

    @Slot(bool)
    def _choose(self, on: bool) -> None:
        self._settings.set(self._key, on)


class NumberSetting(QSpinBox):
    """A whole number; 0 stands for what the program chooses."""

    def __init__(
        self, settings: Settings, key: str, largest: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._settings, self._key = settings, key
        self.setRange(0, largest)
        self.setKeyboardTracking(False)
        self.setValue(int(settings.number(key)))
        self.valueChanged.connect(self._choose)

    @Slot(int)
    def _choose(self, value: int) -> None:
        self._settings.set(self._key, float(value))
