"""Rows of a table that are taken elsewhere in it with the mouse."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QTableView

ROWS = "application/x-srgan-desktop-batch-rows"
LINE_WIDTH = 2
# under the pointer, of the first of the rows that are dragged
PREVIEW_OPACITY = 0.8


class RowDragTable(QTableView):
    """Tells where rows were let go; what comes from elsewhere is left to the page.

    The model says by ``ItemIsDragEnabled`` which rows can be taken.
    """

    dropped = Signal(int)
    """The selected rows were let go above this row; the number of rows: below all."""

    def __init__(self) -> None:
        super().__init__()
        self._gap: int | None = None
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        # the line is drawn here: Qt's ends with the cell under the pointer
        self.setDropIndicatorShown(False)
        self.setDragDropOverwriteMode(False)

    @property
    def gap(self) -> int | None:
        """The row above which the rows would come to lie now; None: nothing is dragged."""
        return self._gap

    def dragged_rows(self) -> Sequence[int]:
        """The rows that go along, in their order."""
        rows = {index.row() for index in self.selectedIndexes()}
        return sorted(rows)

    # Qt

    def startDrag(self, actions: Qt.DropAction) -> None:  # noqa: N802 - Qt's names
        """With all rows that can be taken; Qt would draw and describe each cell of them."""
        rows = self.dragged_rows()
        if not rows:
            return
        data = QMimeData()
        data.setData(ROWS, b"")
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.setPixmap(self._preview(rows[0]))
        drag.setHotSpot(QPoint(0, 0))
        drag.exec(Qt.DropAction.MoveAction)
        self._show_gap(None)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Only what comes from here."""
        self._judge(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802
        """Show where the rows would come; near an edge the table scrolls."""
        super().dragMoveEvent(event)
        if self._judge(event):
            self._show_gap(self._row_below(event.position().toPoint()))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        """It went on."""
        super().dragLeaveEvent(event)
        self._show_gap(None)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Tell where; the model is changed by who keeps the order."""
        if not self._judge(event):
            return
        self._show_gap(None)
        # ends the scrolling and the state of being dragged over
        super().dragLeaveEvent(QDragLeaveEvent())
        self.dropped.emit(self._row_below(event.position().toPoint()))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """The rows, and a line where the dragged ones would come."""
        super().paintEvent(event)
        if self._gap is None:
            return
        painter = QPainter(self.viewport())
        painter.setPen(QPen(self.palette().highlight().color(), LINE_WIDTH))
        y = self._line_y(self._gap)
        painter.drawLine(0, y, self.viewport().width(), y)
        painter.end()

    # inside

    def _judge(self, event: QDropEvent) -> bool:
        """Take rows of this table; everything else goes up to the page."""
        if event.source() is self and event.mimeData().hasFormat(ROWS):
            event.setDropAction(Qt.DropAction.MoveAction)
            event.accept()
            return True
        event.ignore()
        return False

    def _row_below(self, at: QPoint) -> int:
        row = self.rowAt(at.y())
        if row < 0:
            return self.model().rowCount()
        middle = self.rowViewportPosition(row) + self.rowHeight(row) // 2
        return row + (at.y() >= middle)

    def _line_y(self, gap: int) -> int:
        if gap < self.model().rowCount():
            return max(LINE_WIDTH // 2, self.rowViewportPosition(gap))
        last = gap - 1
        return self.rowViewportPosition(last) + self.rowHeight(last) - LINE_WIDTH // 2

    def _show_gap(self, gap: int | None) -> None:
        if gap != self._gap:
            self._gap = gap
            self.viewport().update()

    def _preview(self, row: int) -> QPixmap:
        top = self.rowViewportPosition(row)
        width, height = self.viewport().width(), self.rowHeight(row)
        if not -height < top < self.viewport().height():
            return QPixmap()
        whole = self.viewport().grab(QRect(0, top, width, height))
        pale = QPixmap(whole.size())
        pale.setDevicePixelRatio(whole.devicePixelRatio())
        pale.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pale)
        painter.setOpacity(PREVIEW_OPACITY)
        painter.drawPixmap(0, 0, whole)
        painter.end()
        return pale
