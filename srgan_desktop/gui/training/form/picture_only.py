"""Draws a list's pictures without their names."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from srgan_desktop.gui.common.theme import SPACE


class ImageOnly(QStyledItemDelegate):
    """Each fills its cell, cropped to it."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """The middle of the picture."""
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        if not isinstance(picture, QPixmap) or picture.isNull():
            return
        rect: QRect = option.rect
        cell = rect.adjusted(0, 0, -SPACE // 2, -SPACE // 2)
        factor = min(picture.width() / cell.width(), picture.height() / cell.height())
        size = QSize(round(cell.width() * factor), round(cell.height() * factor))
        part = QRect(0, 0, size.width(), size.height())
        part.moveCenter(QRect(0, 0, picture.width(), picture.height()).center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(cell, picture, part)
