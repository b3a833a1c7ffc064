"""Draws the cards of the list of models."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from srgan_desktop.gui.common.icons import pixmap
from srgan_desktop.gui.common.model_facts import ModelFacts
from srgan_desktop.gui.common.theme import SPACE, Theme
from srgan_desktop.gui.models.list_model import FACTS, HEADING, summary

CARD_HEIGHT = 76
HEADING_HEIGHT = 36
PICTURE = QSize(80, 60)
RADIUS = 6.0
SMALLER = 0.92


class ModelDelegate(QStyledItemDelegate):
    """A picture at the left, name and facts beside it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(  # noqa: N802 - Qt's name
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Headings are lower than cards."""
        return QSize(160, HEADING_HEIGHT if index.data(HEADING) else CARD_HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """One row."""
        painter.save()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        rect: QRect = option.rect
        font: QFont = option.font
        heading = index.data(HEADING)
        if heading:
            self._paint_heading(painter, rect, font, heading)
        else:
            self._paint_card(painter, option, index.data(FACTS), index)
        painter.restore()

    def _paint_heading(self, painter: QPainter, rect: QRect, font: QFont, text: str) -> None:
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setFont(bold)
        painter.setPen(QColor(self._theme.shades.quiet))
        place = rect.adjusted(2 * SPACE, SPACE, -SPACE, -4)
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, text)

    def _paint_card(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        model: ModelFacts,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        shades = self._theme.shades
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        frame = QRectF(rect).adjusted(SPACE, 2, -SPACE, -2)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(shades.info_back if chosen else shades.raised))
            focused = chosen and bool(state & QStyle.StateFlag.State_HasFocus)
            painter.setPen(
                QPen(QColor(shades.accent if chosen else shades.line), 2 if focused else 1)
            )
            painter.drawRoundedRect(frame, RADIUS, RADIUS)
        place = QRectF(
            frame.x() + SPACE,
            frame.center().y() - PICTURE.height() / 2,
            PICTURE.width(),
            PICTURE.height(),
        )
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        self._paint_picture(painter, place, picture, usable=model.usable)
        left = round(place.right()) + SPACE + 4
        width = round(frame.right()) - SPACE - left
        self._paint_texts(
            painter, option, model, QRect(left, rect.y(), width, rect.height()), str(index.data())
        )

    def _paint_picture(
        self, painter: QPainter, place: QRectF, picture: QPixmap | None, *, usable: bool
    ) -> None:
        shades = self._theme.shades
        outline = QPainterPath()
        outline.addRoundedRect(place, RADIUS - 2, RADIUS - 2)
        painter.fillPath(outline, QColor(shades.window))
        if picture is not None and not picture.isNull():
            painter.setClipPath(outline)
            painter.drawPixmap(place, picture, QRectF(picture.rect()))
            painter.setClipping(False)
        elif not usable:
            device = painter.device()
            ratio = device.devicePixelRatioF() if device is not None else 1.0
            sign = pixmap("warning", QColor(shades.warning), 24, ratio)
            painter.drawPixmap(round(place.center().x()) - 12, round(place.center().y()) - 12, sign)
        painter.setPen(QPen(QColor(shades.line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(outline)

    def _paint_texts(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        model: ModelFacts,
        place: QRect,
        title: str,
    ) -> None:
        shades = self._theme.shades
        name_font = QFont(option.font)
        name_font.setWeight(QFont.Weight.DemiBold)
        small = QFont(option.font)
        small.setPointSizeF(small.pointSizeF() * SMALLER)
        lines = [(title, name_font, shades.text)]
        notice = shades.quiet if model.usable else shades.warning
        lines.append((summary(model), small, notice))
        height = sum(QFontMetrics(font).height() for _, font, _ in lines) + 4
        y = place.y() + (place.height() - height) // 2
        for text, font, colour in lines:
            metrics = QFontMetrics(font)
            painter.setFont(font)
            painter.setPen(QColor(colour))
            painter.drawText(
                QRect(place.x(), y, place.width(), metrics.height()),
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
                metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width()),
            )
            y += metrics.height() + 4
