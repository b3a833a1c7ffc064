"""What the page offers in menus and by keys."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.settings import Settings


class UpscaleCommands(QObject):
    """The actions with their keys and texts; what they do is connected by the page."""

    recent_chosen = Signal(list)
    """The one ``Path``, as a list like any that are opened."""

    def __init__(self, settings: Settings, widget: QWidget) -> None:
        """``widget``: where the keys are heard that stand in no menu."""
        super().__init__(widget)
        self._settings = settings
        standard = QKeySequence.StandardKey
        self.open = self._action(QKeySequence(standard.Open))
        self.open_folder = self._action(QKeySequence("Ctrl+Shift+O"))
        self.recent_menu = QMenu(widget)
        self.recent_menu.setToolTipsVisible(True)
        self.recent_menu.triggered.connect(self._choose_recent)
        self.close = self._action(QKeySequence("Ctrl+W"))
        self.save = self._action(QKeySequence(standard.Save))
        self.save_as = self._action(QKeySequence("Ctrl+Shift+S"))
        self.show_saved = QAction(self)
        self.copy = self._action(QKeySequence(standard.Copy))
        self.paste = self._action(QKeySequence(standard.Paste))
        self.start = self._action(QKeySequence("Ctrl+Return"))
        self.stop = self._action(QKeySequence("Esc"))
        widget.addActions([self.start, self.stop])
        settings.changed.connect(self._setting_changed)
        self.retranslate()

    @property
    def file_menu(self) -> list[QAction]:
        """Open, open recent, save, close."""
        return [
            self.open,
            self.open_folder,
            self.recent_menu.menuAction(),
            self.save,
            self.save_as,
            self.show_saved,
            self.close,
        ]

    @property
    def edit_menu(self) -> list[QAction]:
        """The clipboard."""
        return [self.copy, self.paste]

    def show_state(
        self, *, can_start: bool, can_save: bool, has_saved: bool, can_close: bool
    ) -> None:
        """Which of them make sense now."""
        self.close.setEnabled(can_close)
        for action in (self.save, self.save_as, self.copy):
            action.setEnabled(can_save)
        self.start.setEnabled(can_start)
        self.show_saved.setEnabled(has_saved)

    def retranslate(self) -> None:
        """All texts in the present language."""
        for action, text in (
            (self.open, tr("Open…")),
            (self.open_folder, tr("Open folder…")),
            (self.save, tr("Save")),
            (self.save_as, tr("Save as…")),
            (self.show_saved, tr("Show saved file in its folder")),
            (self.close, tr("Close photo")),
            (self.copy, tr("Copy")),
            (self.paste, tr("Paste")),
        ):
            action.setText(text)
        self.recent_menu.setTitle(tr("Open recent"))
        self._fill_recent()

    def _fill_recent(self) -> None:
        self.recent_menu.clear()
        for path in self._settings.recent():
            action = self.recent_menu.addAction(path.name.replace("&", "&&"))
            action.setToolTip(str(path))
            action.setData(str(path))
        self.recent_menu.setEnabled(not self.recent_menu.isEmpty())
        if not self.recent_menu.isEmpty():
            self.recent_menu.addSeparator()
            self.recent_menu.addAction(tr("Clear this list"))

    @Slot(QAction)
    def _choose_recent(self, action: QAction) -> None:
        if action.data():
            self.recent_chosen.emit([Path(action.data())])
        else:
            self._settings.clear_recent()

    @Slot(str)
    def _setting_changed(self, key: str) -> None:
        if key == "recent/files":
            self._fill_recent()

    def _action(self, keys: QKeySequence) -> QAction:
        action = QAction(self)
        action.setShortcut(keys)
        return action
