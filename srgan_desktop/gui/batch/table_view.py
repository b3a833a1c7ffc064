"""The table: everything in it can be reached by keyboard, and 50,000 rows scroll as ten do."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.jobs.item import Item
from srgan_desktop.gui.batch.cells import Column
from srgan_desktop.gui.batch.delegate import ROW_HEIGHT, RowDelegate
from srgan_desktop.gui.batch.previews import SIDE
from srgan_desktop.gui.batch.row_dragging import RowDragTable
from srgan_desktop.gui.batch.rows import Snapshot
from srgan_desktop.gui.batch.table_model import BatchModel
from srgan_desktop.gui.common.theme import SPACE, Theme

WIDTHS = {
    Column.NAME: SIDE.width() + 144,
    Column.FOLDER: 120,
    Column.SIZE: 186,
    Column.STATUS: 126,
    Column.TIME: 72,
}
# how room beyond that is shared out
PARTS = {Column.NAME: 2, Column.FOLDER: 2, Column.STATUS: 6}
# of the table, in logical pixels: for all columns, and for all but the folder
WIDE_ENOUGH = sum(WIDTHS.values())
JUST_ENOUGH = WIDE_ENOUGH - WIDTHS[Column.FOLDER]


class BatchTable(RowDragTable):
    """Tells what keys and clicks ask for; changes nothing itself."""

    open_wanted = Signal(int)
    """The id of the item that was double-clicked, or had Enter pressed on."""
    remove_wanted = Signal()
    pause_wanted = Signal()
    selection_changed = Signal()

    def __init__(self, model: BatchModel, theme: Theme) -> None:
        super().__init__()
        self._model, self._rows = model, model.rows
        self.setModel(model)
        self._delegate = RowDelegate(model, theme)
        self.setItemDelegate(self._delegate)
        self._set_looks()
        self._set_behaviour()
        self.doubleClicked.connect(self._open)
        self.selectionModel().selectionChanged.connect(self.selection_changed)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        model.looks_changed.connect(self.viewport().update)
        model.previews.idle.connect(self.viewport().update)
        self.retranslate()

    # which rows are chosen

    def chosen(self) -> list[int]:
        """The ids of the selected rows, from top to bottom."""
        parts = list(self.selectionModel().selection())  # type: ignore[call-overload]
        rows = sorted({row for part in parts for row in range(part.top(), part.bottom() + 1)})
        return self._rows.ids(rows)

    def chosen_items(self) -> list[Item]:
        """What is selected, from top to bottom."""
        found = (self._rows.known(number) for number in self.chosen())
        return [item for item in found if item is not None]

    def current_item(self) -> Item | None:
        """The one that keys go to."""
        index = self.currentIndex()
        return self._rows.item(index.row()) if index.isValid() else None

    def choose(self, numbers: Iterable[int], current: int | None = None) -> None:
        """Select these, as far as they are shown."""
        rows = sorted(row for n in numbers if (row := self._rows.row_of(n)) is not None)
        selection, last = QItemSelection(), len(Column) - 1
        for top, bottom in _runs(rows):
            first, end = self._model.index(top, 0), self._model.index(bottom, last)
            selection.append(QItemSelectionRange(first, end))
        chooses = QItemSelectionModel.SelectionFlag
        row = self._rows.row_of(current) if current is not None else None
        if row is not None:
            index = self._model.index(row, 0)
            self.selectionModel().setCurrentIndex(index, chooses.NoUpdate)
        self.selectionModel().select(selection, chooses.ClearAndSelect)

    def take(self, snapshot: Snapshot) -> None:
        """Everything anew; what was selected and seen stays so, as far as it is there."""
        self.keep_place(lambda: self._model.take(snapshot))

    def keep_place(self, change: Callable[[], object]) -> None:
        """Do something that resets the table, and put selection and view back."""
        chosen, row = self.chosen(), self.currentIndex().row()
        current = next(iter(self._rows.ids([row])), None)
        first = self._rows.ids([self.rowAt(0)])
        resets: list[bool] = []

        def note() -> None:
            resets.append(True)

        self._model.modelReset.connect(note)
        change()
        self._model.modelReset.disconnect(note)
        if not resets:
            return
        self.choose(chosen, current)
        top = self._rows.row_of(first[0]) if first else None
        if top is not None:
            self.verticalScrollBar().setValue(top)
        if row >= 0 and not self.currentIndex().isValid() and self._model.rowCount():
            # the selected ones have gone: the next in their place is where keys go on
            self.selectRow(min(row, self._model.rowCount() - 1))

    def dragged_rows(self) -> list[int]:
        """Of what is selected that which waits: only its order matters."""
        rows = (self._rows.row_of(number) for number in self.chosen())
        return [row for row in rows if row is not None and self._rows.item(row).status == "waiting"]

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Delete, Enter and Space; letters find a name."""
        plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        )
        key = event.key()
        if plain and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_wanted.emit()
        elif plain and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
        elif plain and key == Qt.Key.Key_Space:
            self.pause_wanted.emit()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:  # noqa: N802
        """Qt would ask every cell for its text; names alone are quick."""
        if not search.strip():
            return
        current = self.currentIndex().row()
        row = self._rows.find_name(search, current + 1 if len(search) == 1 else max(0, current))
        if row is not None:
            self.selectRow(row)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Names and reasons get the room; where it is short the folder goes first, which is also
        in the names' tips."""
        super().resizeEvent(event)
        width = event.size().width()
        self.setColumnHidden(Column.FOLDER, width < WIDE_ENOUGH)
        self.setColumnHidden(Column.TIME, width < JUST_ENOUGH)
        seen = [column for column in Column if not self.isColumnHidden(column)]
        room = max(0, width - sum(WIDTHS[column] for column in seen))
        parts = sum(PARTS.get(column, 0) for column in seen)
        for column in seen:
            more = room * PARTS.get(column, 0) // parts
            self.setColumnWidth(column, WIDTHS[column] + more)

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex | QPersistentModelIndex) -> None:
        if index.isValid():
            self.open_wanted.emit(self._rows.item(index.row()).id)

    @Slot()
    def _scrolled(self) -> None:
        self._model.previews.drop_waiting()

    def retranslate(self) -> None:
        """What a screen reader says."""
        self.setAccessibleName(tr("Pictures of the batch"))

    def _set_looks(self) -> None:
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(ROW_HEIGHT)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        # drawing a header asks for each row of its columns whether it is selected
        columns.setSelectionModel(QItemSelectionModel(self._model, columns))
        columns.setMinimumSectionSize(48)
        columns.setFixedHeight(4 * SPACE)
        for column, width in WIDTHS.items():
            self.setColumnWidth(column, width)
        columns.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)

    def _set_behaviour(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setTabKeyNavigation(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)


def _runs(rows: list[int]) -> Iterable[tuple[int, int]]:
    """First and last of each stretch without a gap."""
    start = 0
    for at in range(1, len(rows) + 1):
        if at == len(rows) or rows[at] != rows[at - 1] + 1:
            yield rows[start], rows[at - 1]
            start = at
