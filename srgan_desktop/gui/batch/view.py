"""What the Batch page looks like: its pieces and where they stand. Nothing is connected here."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.batch.actions import BatchActions
from srgan_desktop.gui.batch.options_panel import OptionsPanel
from srgan_desktop.gui.batch.row_note import RowNote
from srgan_desktop.gui.batch.run_bar import RunBar
from srgan_desktop.gui.batch.table_model import BatchModel
from srgan_desktop.gui.batch.table_view import BatchTable
from srgan_desktop.gui.batch.top_bar import TopBar
from srgan_desktop.gui.common.empty_state import EmptyState
from srgan_desktop.gui.common.message_bar import MessageBar
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.theme import Theme


class BatchView(QWidget):
    """The list or an invitation at the left, the options at the right.

    Attributes:
        held: why the work stands still, for as long as it does.
        messages: what has happened; the newest counts.
        empty: stands where the list will be.
        top, table, note, bottom: the list's side.
        panel: the options.
    """

    def __init__(
        self,
        services: Services,
        model: BatchModel,
        actions: BatchActions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.held, self.messages = MessageBar(services.theme), MessageBar(services.theme)
        self.empty = EmptyBatch(services.theme)
        self.top = TopBar((actions.add, actions.add_folder), actions.of_list())
        self.table = BatchTable(model, services.theme)
        self.table.addActions(actions.of_rows())
        self.note = RowNote(services.theme)
        self.bottom = RunBar()
        self.panel = OptionsPanel(services)
        self._stack = QStackedWidget()
        self._list_side = QWidget()
        self._lay_out()

    @property
    def shows_list(self) -> bool:
        """Whether the list is seen; else the invitation is."""
        return self._stack.currentWidget() is self._list_side

    def show_list(self, some: bool) -> None:
        """The list where there is ``some`` of it, else the invitation."""
        if some == self.shows_list:
            return
        self._stack.setCurrentWidget(self._list_side if some else self.empty)
        focused = self.window().focusWidget()
        if some and focused is not None and self._list_side.isAncestorOf(focused):
            # it came from a button of the invitation, to the first of the list's side
            self.table.setFocus()

    def retranslate(self) -> None:
        """All texts in the present language."""
        for part in (
            self.panel,
            self.messages,
            self.held,
            self.empty,
            self.top,
            self.table,
            self.note,
            self.bottom,
        ):
            part.retranslate()

    def _lay_out(self) -> None:
        column = _column(self.top, self.table, self.note, self.bottom, stretched=self.table)
        self._list_side.setLayout(column)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._list_side)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(_column(self.held, self.messages, self._stack, stretched=self._stack), 1)
        whole.addWidget(self.panel)


class EmptyBatch(EmptyState):
    """As on the Upscale page, with a second button for folders."""

    icon_name = "batch"
    folder_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.folder_button = QPushButton()
        super().__init__(theme, parent)
        self.folder_button.clicked.connect(self.folder_wanted)
        self.buttons.addWidget(self.folder_button)

    def retranslate(self) -> None:
        """All texts in the present language."""
        self.show_texts(
            tr("Drop pictures and folders here"),
            tr(
                "Pictures are processed one after another.\n"
                "The list is kept after a restart, folder structure too."
            ),
            tr("Add pictures…"),
        )
        self.folder_button.setText(tr("Add folder…"))


def _column(*widgets: QWidget, stretched: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget in widgets:
        column.addWidget(widget, widget is stretched)
    return column
