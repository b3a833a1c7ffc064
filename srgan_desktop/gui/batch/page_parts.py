"""What the Batch page is made of: its pieces, where they stand, its actions and their texts."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.batch.empty import EmptyBatch
from srgan_desktop.gui.batch.options_panel import OptionsPanel
from srgan_desktop.gui.batch.previews import Previews
from srgan_desktop.gui.batch.run_bar import RunBar
from srgan_desktop.gui.batch.table_model import BatchModel
from srgan_desktop.gui.batch.table_view import BatchTable
from srgan_desktop.gui.batch.top_bar import TopBar
from srgan_desktop.gui.common.message_bar import MessageBar
from srgan_desktop.gui.common.page import Page
from srgan_desktop.gui.common.services import Services


class BatchParts(Page):
    """The pieces, put in their places but not yet connected."""

    icon_name = "batch"

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.previews = Previews(services.thumbnail_lane, self)
        self.model = BatchModel(self.previews)
        self._make_actions()
        self.table = BatchTable(self.model, services.theme)
        self.table.addActions([a for a in self._row_actions() if a is not None])
        self.panel = OptionsPanel(services)
        self.messages = MessageBar(services.theme)
        self.held = MessageBar(services.theme)
        self.empty = EmptyBatch(services.theme)
        self.top = TopBar(
            (self.add_action, self.add_folder_action),
            (
                self.retry_failed_action, self.clear_action, None, self.export_action,
                self.start_action,
            ),
        )  # fmt: skip
        self.bottom = RunBar()
        self._stack = QStackedWidget()
        self._lay_out()

    def title(self) -> str:
        """For the switcher."""
        return tr("Batch")

    def file_actions(self) -> list[QAction]:
        """Add, report."""
        return [self.add_action, self.add_folder_action, self.export_action]

    def edit_actions(self) -> list[QAction]:
        """What can be done with the selected rows."""
        return [self.select_all_action, *(a for a in self._row_actions() if a is not None)]

    @Slot()
    def retranslate(self) -> None:
        """All texts in the present language."""
        for action, text in (
            (self.add_action, tr("Add pictures…")),
            (self.add_folder_action, tr("Add folder…")),
            (self.export_action, tr("Save report (CSV)…")),
            (self.select_all_action, tr("Select all")),
            (self.open_action, tr("Look at the result")),
            (self.show_action, tr("Show in its folder")),
            (self.retry_action, tr("Do again")),
            (self.cancel_action, tr("Cancel")),
            (self.remove_action, tr("Remove from the list")),
            (self.up_action, tr("Move up")),
            (self.down_action, tr("Move down")),
            (self.first_action, tr("Do next")),
            (self.last_action, tr("Do last")),
            (self.retry_failed_action, tr("Do all failed ones again")),
            (self.clear_action, tr("Remove finished ones from the list")),
            (self.start_action, tr("Start")),
        ):
            action.setText(text)
        for part in (self.panel, self.messages, self.held, self.empty, self.top, self.bottom,
                     self.table, self.model):  # fmt: skip
            part.retranslate()

    def _row_actions(self) -> list[QAction | None]:
        return [
            self.open_action, self.show_action, self.retry_action, self.cancel_action,
            self.up_action, self.down_action, self.first_action, self.last_action,
            self.remove_action,
        ]  # fmt: skip

    def _make_actions(self) -> None:
        standard = QKeySequence.StandardKey
        self.add_action = self._action(QKeySequence(standard.Open))
        self.add_folder_action = self._action(QKeySequence("Ctrl+Shift+O"))
        self.export_action = self._action(QKeySequence("Ctrl+E"))
        # the table knows these keys itself; here they are only named
        self.select_all_action = QAction(self)
        self.open_action = QAction(self)
        self.remove_action = QAction(self)
        self.show_action = QAction(self)
        self.retry_action = self._action(QKeySequence("Ctrl+R"))
        self.cancel_action = self._action(QKeySequence("Ctrl+K"))
        self.up_action = self._action(QKeySequence("Alt+Up"))
        self.down_action = self._action(QKeySequence("Alt+Down"))
        self.first_action = self._action(QKeySequence("Alt+Home"))
        self.last_action = self._action(QKeySequence("Alt+End"))
        self.retry_failed_action = self._action(QKeySequence("Ctrl+Shift+R"))
        self.clear_action = QAction(self)
        self.start_action = self._action(QKeySequence("Ctrl+Return"))
        self.stop_action = self._action(QKeySequence("Esc"))
        self.addActions([self.start_action, self.stop_action, self.retry_failed_action])

    def _action(self, keys: QKeySequence) -> QAction:
        action = QAction(self)
        action.setShortcut(keys)
        return action

    def _lay_out(self) -> None:
        self._list_side = QWidget()
        column = QVBoxLayout(self._list_side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        column.addWidget(self.table, 1)
        column.addWidget(self.bottom)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._list_side)
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addWidget(self.held)
        left.addWidget(self.messages)
        left.addWidget(self._stack, 1)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(left, 1)
        whole.addWidget(self.panel)
