"""What the page offers in menus and by keys."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.model_facts import ModelFacts


class ModelsCommands(QObject):
    """The actions with their keys and texts; what they do is connected by the page."""

    def __init__(self, widget: QWidget) -> None:
        """``widget``: where the keys are heard."""
        super().__init__(widget)
        self.add, self.rename, self.export, self.show_file, self.remove, self.rate = (
            QAction(self) for _ in range(6)
        )
        for action, keys in ((self.add, "Ctrl+O"), (self.rename, "F2"), (self.remove, "Del")):
            action.setShortcut(QKeySequence(keys))
            # others have the same keys for their own lists
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            widget.addAction(action)
        self.retranslate()

    @property
    def file_menu(self) -> list[QAction]:
        """Adding, and what can be done with the chosen one."""
        return [self.add, self.export, self.show_file, self.rate]

    @property
    def edit_menu(self) -> list[QAction]:
        """Names and the end."""
        return [self.rename, self.remove]

    def show_state(self, model: ModelFacts) -> None:
        """Which of them make sense for the chosen model."""
        for action in self.edit_menu:
            action.setEnabled(not model.shipped)
        self.export.setEnabled(model.usable)

    def retranslate(self) -> None:
        """All texts in the present language."""
        for action, text in (
            (self.add, tr("Add models…")),
            (self.rename, tr("Rename…")),
            (self.export, tr("Export…")),
            (self.show_file, tr("Show file")),
            (self.remove, tr("Remove…")),
            (self.rate, tr("Blind rating…")),
        ):
            action.setText(text)
