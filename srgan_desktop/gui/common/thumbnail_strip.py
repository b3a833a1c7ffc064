"""The row of small pictures below the large one, when several are open."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetrics,
    QIcon,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import (
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common import files
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.common.worker import Lane, Task

CELL = QSize(files.THUMBNAIL_SIDE + 2 * SPACE, 92)
PICTURE = QSize(files.THUMBNAIL_SIDE, 64)
AT_ONCE = 40
CROSS = 18
MARK_FONT = 0.85
UNSAVED = Qt.ItemDataRole.UserRole

Index = QModelIndex | QPersistentModelIndex


class StripModel(QAbstractListModel):
    """Paths and previews; only previews that are looked at are made."""

    def __init__(self, lane: Lane) -> None:
        super().__init__()
        self._lane = lane
        self.paths: list[Path] = []
        self._previews: dict[Path, QPixmap] = {}
        self._unsaved: set[Path] = set()
        self._tasks: dict[Path, Task] = {}
        self._blank = QPixmap(PICTURE)
        self._blank.fill(QColor(128, 128, 128, 40))

    def set_paths(self, paths: Sequence[Path]) -> None:
        """Other pictures; previews of those that stay are kept."""
        self.beginResetModel()
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()
        self.paths = list(paths)
        self._previews = {p: self._previews[p] for p in self.paths if p in self._previews}
        self.endResetModel()

    def set_unsaved(self, paths: set[Path]) -> None:
        """Those whose results were never saved."""
        changed, self._unsaved = self._unsaved ^ paths, set(paths)
        for row, path in enumerate(self.paths):
            if path in changed:
                index = self.index(row)
                self.dataChanged.emit(index, index)

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """How many pictures."""
        return 0 if parent is not None and parent.isValid() else len(self.paths)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name, preview and whole path of one."""
        if not index.isValid():
            return None
        path = self.paths[index.row()]
        if role == Qt.ItemDataRole.DecorationRole:
            return self._preview(path)
        unsaved = path in self._unsaved
        known: dict[int, object] = {
            Qt.ItemDataRole.DisplayRole: path.name,
            Qt.ItemDataRole.AccessibleTextRole: _spoken(path, unsaved),
            Qt.ItemDataRole.ToolTipRole: _explained(path, unsaved),
            UNSAVED: unsaved,
        }
        return known.get(role)

    def _preview(self, path: Path) -> QPixmap:
        known = self._previews.get(path)
        if known is not None:
            return known
        if path not in self._tasks and len(self._tasks) < AT_ONCE:
            self._tasks[path] = self._lane.submit(
                lambda: files.thumbnail(path), on_done=lambda image: self._keep(path, image)
            )
        return self._blank

    def _keep(self, path: Path, image: QImage) -> None:
        self._tasks.pop(path, None)
        if path not in self.paths:
            return
        made = self._blank
        if not image.isNull():
            made = QPixmap.fromImage(image)
            made.setDevicePixelRatio(
                max(1.0, made.width() / PICTURE.width(), made.height() / PICTURE.height())
            )
        self._previews[path] = made
        index = self.index(self.paths.index(path))
        self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])


class StripDelegate(QStyledItemDelegate):
    """Draws a mark on what is not saved; the chosen picture keeps its colours."""

    def initStyleOption(  # noqa: N802 - Qt's name
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The style would tint it."""
        super().initStyleOption(option, index)
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        icon = QIcon(picture)
        icon.addPixmap(picture, QIcon.Mode.Selected)
        option.icon = icon

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """The usual, and the mark at the top."""
        super().paint(painter, option, index)
        if QStyle.StateFlag.State_MouseOver in option.state:
            _draw_cross(painter, cross_in(option.rect), option.palette)
        if not index.data(UNSAVED):
            return
        text = tr("not saved")
        rect: QRect = option.rect
        palette: QPalette = option.palette
        painter.save()
        font = painter.font()
        font.setPointSizeF(font.pointSizeF() * MARK_FONT)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        size = QSize(metrics.horizontalAdvance(text) + SPACE, metrics.height())
        mark = QRect(QPoint(rect.center().x() - size.width() // 2, rect.top() + 2), size)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(palette.color(QPalette.ColorRole.Accent))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(mark, size.height() / 2, size.height() / 2)
        painter.setPen(palette.color(QPalette.ColorRole.HighlightedText))
        painter.drawText(mark, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()


class ImageStrip(QListView):
    """Hidden while there is but one picture."""

    chosen = Signal(Path)
    close_wanted = Signal(Path)
    """By the cross on it, the Del key or its menu."""

    def __init__(self, lane: Lane, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self.pictures = StripModel(lane)
        self.setModel(self.pictures)
        self.setItemDelegate(StripDelegate(self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setIconSize(PICTURE)
        self.setGridSize(CELL)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setMouseTracking(True)  # the cross comes with the pointer
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportMargins(SPACE, SPACE, SPACE, 0)
        self.setFixedHeight(CELL.height() + 3 * SPACE)
        self.selectionModel().currentChanged.connect(self._choose)
        self.retranslate()
        self.hide()

    def set_paths(self, paths: Sequence[Path], current: Path) -> None:
        """Show these, with one of them marked."""
        self.pictures.set_paths(paths)
        self.setVisible(len(paths) > 1)
        self.mark(current)

    def mark(self, path: Path) -> None:
        """Mark one without telling anybody."""
        if path in self.pictures.paths:
            selection = self.selectionModel()
            selection.blockSignals(True)
            self.setCurrentIndex(self.pictures.index(self.pictures.paths.index(path)))
            selection.blockSignals(False)
            self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's names
        """The cross closes; elsewhere a press chooses."""
        at = event.position().toPoint()
        index = self.indexAt(at)
        if event.button() == Qt.MouseButton.RightButton:
            return  # the menu follows; that chooses nothing
        if index.isValid() and cross_in(self.visualRect(index)).contains(at):
            self.close_wanted.emit(self.pictures.paths[index.row()])
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Del closes the current one."""
        if event.key() == Qt.Key.Key_Delete and self.currentIndex().isValid():
            self.close_wanted.emit(self.pictures.paths[self.currentIndex().row()])
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Close, for the one under the pointer."""
        index = self.indexAt(event.pos())
        if index.isValid():
            path = self.pictures.paths[index.row()]
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addAction(tr("Close photo"), lambda: self.close_wanted.emit(path))
            menu.popup(event.globalPos())

    def retranslate(self) -> None:
        """What a screen reader says."""
        self.setAccessibleName(tr("Pictures"))

    def _choose(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(self.pictures.paths[current.row()])


def cross_in(cell: QRect) -> QRect:
    """Where in a cell a press closes the picture."""
    return QRect(cell.right() - CROSS - 2, cell.top() + 2, CROSS, CROSS)


def _draw_cross(painter: QPainter, place: QRect, palette: QPalette) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.color(QPalette.ColorRole.Base))
    painter.drawEllipse(place)
    painter.setPen(QPen(palette.color(QPalette.ColorRole.Text), 1.5))
    inner = place.adjusted(5, 5, -4, -4)
    painter.drawLine(inner.topLeft(), inner.bottomRight())
    painter.drawLine(inner.topRight(), inner.bottomLeft())
    painter.restore()


def _spoken(path: Path, unsaved: bool) -> str:
    return tr("{name}, not saved", name=path.name) if unsaved else path.name


def _explained(path: Path, unsaved: bool) -> str:
    return "\n".join([str(path), tr("The result is not saved yet")]) if unsaved else str(path)
