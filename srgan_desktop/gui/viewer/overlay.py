"""What lies over the pictures: the divider with its handle, the two labels, the focus frame.

Everything here is in the widget's own (logical) pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPalette, QPen

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.viewer.composer import Colours
from srgan_desktop.gui.viewer.view_state import ViewState

HANDLE_RADIUS = 15.0
MARGIN = 10.0
FADE_SPACE = 28.0
DARK = QColor(0, 0, 0, 150)


@dataclass(frozen=True)
class Pill:
    """A label in an upper corner of ``area``, as visible as the room for it allows."""

    text: str
    area: QRectF
    at_right: bool = False


def colours_of(palette: QPalette) -> Colours:
    """Neutral greys that go with a light or a dark theme: no hue may tint the judgement."""
    window = palette.color(QPalette.ColorRole.Window).lightness()
    if window < 128:
        return Colours(_grey(max(16, window - 12)), (_grey(84), _grey(64)))
    return Colours(_grey(window - 24), (_grey(255), _grey(214)))


def paint_divider(
    painter: QPainter, x: float, size: tuple[float, float], palette: QPalette, active: bool
) -> None:
    """A line at ``x`` over the whole height, with a handle that stays within the widget.

    ``active``: under the pointer or moved by the keyboard.
    """
    height = size[1]
    painter.fillRect(QRectF(x - 2, 0, 4, height), DARK)
    painter.fillRect(QRectF(x - 1, 0, 2, height), QColor(255, 255, 255))
    middle = handle_middle(x, size)
    fill, ink = QColor(255, 255, 255), QColor(40, 40, 40)
    if active:
        fill = palette.color(QPalette.ColorRole.Highlight)
        ink = palette.color(QPalette.ColorRole.HighlightedText)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(DARK, 3))
    painter.setBrush(fill)
    painter.drawEllipse(middle, HANDLE_RADIUS, HANDLE_RADIUS)
    painter.setPen(QPen(QColor(255, 255, 255), 1.5))
    painter.drawEllipse(middle, HANDLE_RADIUS - 1, HANDLE_RADIUS - 1)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(
        QPen(ink, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    )
    for side in (-1, 1):
        painter.drawPath(_chevron(middle, side))


def handle_middle(x: float, size: tuple[float, float]) -> QPointF:
    """The middle of the handle of a divider at ``x``; it never leaves the widget."""
    margin = HANDLE_RADIUS + 2
    return QPointF(min(max(x, margin), size[0] - margin), size[1] / 2)


def pills_of(
    state: ViewState, divider: float | None, size: tuple[float, float], ratio: float
) -> list[Pill]:
    """The labels of what is shown; ``divider`` is its position, ``ratio`` the screen's scale."""
    before, after = tr("Before"), tr("After")
    width, height = size
    areas = [
        QRectF(rect.x() / ratio, 0, rect.width() / ratio, height) for rect in state.pane_rects()
    ]
    if len(areas) == 2:
        return [Pill(before, areas[0]), Pill(before if state.holding else after, areas[1])]
    if divider is None:
        return [Pill(before if state.only_before else after, areas[0])]
    return [
        Pill(before, QRectF(0, 0, divider, height)),
        Pill(after, QRectF(divider, 0, width - divider, height), at_right=True),
    ]


def paint_pill(painter: QPainter, pill: Pill) -> None:
    """White on translucent black, readable on any picture; gone where there is no room."""
    metrics = QFontMetricsF(painter.font())
    height = metrics.height() + 8
    width = metrics.horizontalAdvance(pill.text) + height
    margin = pill.area.width() - width - 2 * MARGIN
    opacity = min(1.0, max(0.0, 1 + margin / FADE_SPACE))
    if opacity == 0 or pill.area.height() < height + 2 * MARGIN:
        return
    left = pill.area.right() - MARGIN - width if pill.at_right else pill.area.left() + MARGIN
    rect = QRectF(left, pill.area.top() + MARGIN, width, height)
    painter.save()
    painter.setOpacity(opacity)
    painter.setClipRect(pill.area)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(255, 255, 255, 60), 1))
    painter.setBrush(QColor(0, 0, 0, 165))
    painter.drawRoundedRect(rect, height / 2, height / 2)
    painter.setPen(QColor(255, 255, 255))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, pill.text)
    painter.restore()


def paint_focus(painter: QPainter, size: tuple[float, float], palette: QPalette) -> None:
    """A frame in the theme's accent, with a light line inside so that any picture shows it."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for inset, colour, width in (
        (1.0, palette.color(QPalette.ColorRole.Highlight), 2.0),
        (2.5, QColor(255, 255, 255), 1.0),
    ):
        pen = QPen(colour, width)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(QRectF(inset, inset, size[0] - 2 * inset, size[1] - 2 * inset))


def _chevron(middle: QPointF, side: int) -> QPainterPath:
    tip = middle.x() + side * 8.5
    path = QPainterPath(QPointF(tip - side * 4, middle.y() - 4.5))
    path.lineTo(tip, middle.y())
    path.lineTo(tip - side * 4, middle.y() + 4.5)
    return path


def _grey(value: int) -> QColor:
    return QColor(value, value, value)
