"""What can be done on the Batch page, as actions with their keys and texts."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from srgan_desktop.core.base.translation import tr

Standard = QKeySequence.StandardKey


class BatchActions(QObject):
    """Made once; who does the work connects them. Keys of those of the page itself count only
    once the page has them as its own (``of_page``)."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.add = self._action(Standard.Open)
        self.add_folder = self._action("Ctrl+Shift+O")
        self.export = self._action("Ctrl+E")
        # the table knows the keys of these itself; here they only have their names
        self.select_all, self.open, self.remove = (self._action() for _ in range(3))
        self.show_in_folder, self.clear = self._action(), self._action()
        self.retry = self._action("Ctrl+R")
        self.cancel = self._action("Ctrl+K")
        self.up = self._action("Alt+Up")
        self.down = self._action("Alt+Down")
        self.first = self._action("Alt+Home")
        self.last = self._action("Alt+End")
        self.retry_failed = self._action("Ctrl+Shift+R")
        self.start = self._action("Ctrl+Return")
        self.stop = self._action("Esc")
        self.retranslate()

    def of_page(self) -> list[QAction]:
        """Their keys count wherever the focus is on the page."""
        return [self.start, self.stop, self.retry_failed]

    def of_rows(self) -> list[QAction]:
        """For the selected rows."""
        return [
            self.open,
            self.show_in_folder,
            self.retry,
            self.cancel,
            self.up,
            self.down,
            self.first,
            self.last,
            self.remove,
        ]

    def of_list(self) -> list[QAction | None]:
        """For all of the list at once; None is a line between."""
        return [self.retry_failed, self.clear, None, self.export, self.start]

    def retranslate(self) -> None:
        """All texts in the present language."""
        for action, text in (
            (self.add, tr("Add pictures…")),
            (self.add_folder, tr("Add folder…")),
            (self.export, tr("Save report (CSV)…")),
            (self.select_all, tr("Select all")),
            (self.open, tr("View result")),
            (self.show_in_folder, tr("Show in folder")),
            (self.retry, tr("Retry")),
            (self.cancel, tr("Cancel")),
            (self.remove, tr("Remove from list")),
            (self.up, tr("Move up")),
            (self.down, tr("Move down")),
            (self.first, tr("Move to top")),
            (self.last, tr("Move to bottom")),
            (self.retry_failed, tr("Retry all failed")),
            (self.clear, tr("Remove finished from list")),
            (self.start, tr("Start")),
        ):
            action.setText(text)

    def _action(self, keys: str | QKeySequence.StandardKey | None = None) -> QAction:
        action = QAction(self)
        if keys is not None:
            action.setShortcut(QKeySequence(keys))
        return action
