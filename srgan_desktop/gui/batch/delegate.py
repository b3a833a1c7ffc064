"""Draws a row: the preview beside the name, progress as a bar, faults in the colour of faults."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.batch.cells import Column, short_error, status_text
from srgan_desktop.gui.batch.previews import SIDE
from srgan_desktop.gui.batch.table_model import BatchModel, Index
from srgan_desktop.gui.common.icons import pixmap
from srgan_desktop.gui.common.theme import SPACE, Theme

ROW_HEIGHT = SIDE.height() + SPACE
BAR_HEIGHT = 6
MARK_SIDE = 16
MARKS = {"done": "done", "failed": "warning", "working": "play"}


class RowDelegate(QStyledItemDelegate):
    """One for all columns; rows have one height."""

    def __init__(self, model: BatchModel, theme: Theme) -> None:
        super().__init__()
        self._model = model
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's
        """Of one height, so that the view never asks each row."""
        return QSize(80, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The style's ground and focus, then what the column shows."""
        whole = QStyleOptionViewItem(option)
        self.initStyleOption(whole, index)
        text, whole.text = whole.text, ""
        widget = whole.widget
        style = widget.style() if widget is not None else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, whole, painter, widget)
        rect: QRect = whole.rect.adjusted(SPACE, 0, -SPACE, 0)
        painter.save()
        painter.setPen(self._ink(whole))
        if index.column() == Column.NAME:
            self._paint_name(painter, rect, index, text)
        elif index.column() == Column.STATUS:
            self._paint_status(painter, rect, index, whole)
        else:
            if index.column() == Column.FOLDER:
                painter.setPen(self._ink(whole, quiet=True))
            mode = _ELIDES.get(Column(index.column()), Qt.TextElideMode.ElideRight)
            _write(painter, rect, text, mode)
        painter.restore()

    def _paint_name(self, painter: QPainter, rect: QRect, index: Index, text: str) -> None:
        box = QRect(rect.topLeft(), SIDE)
        box.moveTop(rect.top() + (rect.height() - SIDE.height()) // 2)
        preview = self._model.previews.get(self._model.rows.item(index.row()).source)
        if preview is None or preview.pixmap.isNull():
            painter.fillRect(box, QColor(128, 128, 128, 40))
        else:
            size = preview.pixmap.deviceIndependentSize()
            at = QRectF(QPointF(), size)
            at.moveCenter(QRectF(box).center())
            painter.drawPixmap(at.toRect(), preview.pixmap)
        rest = rect.adjusted(SIDE.width() + SPACE, 0, 0, 0)
        _write(painter, rest, text, Qt.TextElideMode.ElideMiddle)

    def _paint_status(
        self, painter: QPainter, rect: QRect, index: Index, option: QStyleOptionViewItem
    ) -> None:
        item = self._model.rows.item(index.row())
        if item.status == "working":
            self._paint_bar(painter, rect, self._model.share(item.id), option)
            return
        mark = MARKS.get(item.status)
        if mark is not None:
            ratio = painter.device().devicePixelRatio()
            colour = self._ink(option, mark=item.status)
            top = rect.top() + (rect.height() - MARK_SIDE) // 2
            painter.drawPixmap(rect.left(), top, pixmap(mark, colour, MARK_SIDE, ratio))
        quiet = item.status in ("waiting", "skipped", "cancelled")
        painter.setPen(self._ink(option, quiet=quiet, mark=item.status))
        rest = rect.adjusted(MARK_SIDE + SPACE // 2, 0, 0, 0)
        text = status_text(item.status)
        if item.status == "failed" and item.error:
            text = short_error(item)
        elif item.status == "skipped":
            text = tr("skipped: already exists")
        _write(painter, rest, text, Qt.TextElideMode.ElideRight)

    def _paint_bar(
        self, painter: QPainter, rect: QRect, share: float | None, option: QStyleOptionViewItem
    ) -> None:
        words = tr("processing") if share is None else f"{share:.0%}"
        width = painter.fontMetrics().horizontalAdvance("100%") + SPACE
        bar = QRectF(rect.adjusted(0, 0, 0 if share is None else -width, 0))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if share is None:
            _write(painter, rect.adjusted(MARK_SIDE + SPACE // 2, 0, 0, 0), words)
            return
        bar.setTop(bar.center().y() - BAR_HEIGHT / 2)
        bar.setHeight(BAR_HEIGHT)
        selected = _is_selected(option)
        shades = self._theme.shades
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(shades.line))
        painter.drawRoundedRect(bar, BAR_HEIGHT / 2, BAR_HEIGHT / 2)
        bar.setWidth(max(BAR_HEIGHT, bar.width() * share))
        painter.setBrush(self._ink(option) if selected else QColor(shades.accent))
        painter.drawRoundedRect(bar, BAR_HEIGHT / 2, BAR_HEIGHT / 2)
        painter.setPen(self._ink(option))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rect, right, words)

    def _ink(self, option: QStyleOptionViewItem, *, quiet: bool = False, mark: str = "") -> QColor:
        palette: QPalette = option.palette
        if _is_selected(option):
            return palette.color(QPalette.ColorRole.HighlightedText)
        shades = self._theme.shades
        if mark == "failed":
            return QColor(shades.warning)
        if quiet:
            return QColor(shades.quiet)
        return palette.color(QPalette.ColorRole.Text)


_ELIDES = {Column.FOLDER: Qt.TextElideMode.ElideLeft}


def _is_selected(option: QStyleOptionViewItem) -> bool:
    state: QStyle.StateFlag = option.state
    return bool(state & QStyle.StateFlag.State_Selected)


def _write(
    painter: QPainter,
    rect: QRect,
    text: str,
    mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> None:
    shown = painter.fontMetrics().elidedText(text, mode, rect.width())
    painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
