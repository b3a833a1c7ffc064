"""The rectangle over the picture, and what mouse and keys do with it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.crop import Crop
from srgan_desktop.gui.viewer.crop_shape import CropShape, Handle
from srgan_desktop.gui.viewer.navigation import to_device
from srgan_desktop.gui.viewer.viewer import BeforeAfterViewer

REACH = 10.0
GRIP = 5.0
SHADE = QColor(0, 0, 0, 140)
LARGE_STEP = 10
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_CURSORS = {
    (0, 0): Qt.CursorShape.SizeAllCursor,
    (1, 1): Qt.CursorShape.SizeFDiagCursor,
    (-1, -1): Qt.CursorShape.SizeFDiagCursor,
    (1, -1): Qt.CursorShape.SizeBDiagCursor,
    (-1, 1): Qt.CursorShape.SizeBDiagCursor,
    (1, 0): Qt.CursorShape.SizeHorCursor,
    (-1, 0): Qt.CursorShape.SizeHorCursor,
    (0, 1): Qt.CursorShape.SizeVerCursor,
    (0, -1): Qt.CursorShape.SizeVerCursor,
}


class CropOverlay(QWidget):
    """Lies over a viewer that shows the picture alone; the wheel still zooms the viewer.

    Attributes:
        shape: the rectangle, in pixels of the picture.
    """

    changed = Signal()
    accepted = Signal()
    cancelled = Signal()

    def __init__(self, viewer: BeforeAfterViewer) -> None:
        super().__init__(viewer)
        self._viewer = viewer
        self.shape = CropShape.whole((1, 1))
        self._held: Handle | None = None
        self._drawing = False
        self._last = QPointF()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()
        viewer.installEventFilter(self)
        viewer.navigation.changed.connect(self.update)

    def begin(self, size: tuple[int, int], crop: Crop | None, ratio: float | None) -> None:
        """Show a rectangle on a picture of ``size``: ``crop``, or all of it."""
        self.shape = CropShape.whole(size, ratio)
        if crop is not None:
            self.shape.ratio = None
            self.shape.show(crop)
        self.setAccessibleName(tr("Part of the picture that is enlarged"))
        self.setGeometry(self._viewer.rect())
        self.show()
        self.raise_()
        self.setFocus()
        self._announce()

    def set_ratio(self, ratio: float | None) -> None:
        """Keep to it from now on; None: any."""
        self.shape.set_ratio(ratio)
        self._announce()

    def rect_shown(self) -> QRectF:
        """Where the rectangle is, in this widget."""
        shape = self.shape
        corner = self._to_widget(shape.left, shape.top)
        return QRectF(corner, self._to_widget(shape.right, shape.bottom))

    # Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's names
        """As large as the viewer."""
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._viewer.rect())
        return False

    def event(self, event: QEvent) -> bool:
        """The keys that mean something here are not for the window's shortcuts."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            event.setAccepted(event.key() in {*_ARROWS, *_ENDS})
            return event.isAccepted()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows move it (Shift: by ten), with Ctrl they stretch it; Enter takes it."""
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.cancelled.emit()
        elif key in _ENDS:
            self.accepted.emit()
        elif key in _ARROWS:
            many = LARGE_STEP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            across, down = (many * step for step in _ARROWS[key])
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                to = (self.shape.right + across, self.shape.bottom + down)
                # stretched, never turned over
                self.shape.stretch((int(across != 0), int(down != 0)), to)
            else:
                self.shape.move(across, down)
            self._announce()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Takes a side, a corner or the whole; beside it a new one begins."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._last = event.position()
        self._held = self._handle_at(event.position())
        self._drawing = self._held is None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Goes on with what was taken."""
        at = event.position()
        if not event.buttons() & Qt.MouseButton.LeftButton:
            handle = self._handle_at(at)
            self.setCursor(Qt.CursorShape.CrossCursor if handle is None else _CURSORS[handle])
            return
        if self._drawing and self._held is None:
            self.shape.begin(self._to_picture(self._last))
            self._held = (1, 1)
        if self._held == (0, 0):
            before, now = self._to_picture(self._last), self._to_picture(at)
            self.shape.move(now[0] - before[0], now[1] - before[1])
            self._last = at
        elif self._held is not None:
            self._held = self.shape.stretch(self._held, self._to_picture(at))
        self._announce()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Lets go."""
        self._held, self._drawing = None, False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Inside: take it."""
        if self.rect_shown().contains(event.position()):
            self.accepted.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """What is cut away is dark; thirds help to compose."""
        painter = QPainter(self)
        outside = QRectF(self.rect())
        # the frame stays in sight where the picture is as large as the view
        rect = self.rect_shown().intersected(outside.adjusted(1, 1, -1, -1))
        for part in (
            QRectF(0, 0, outside.width(), rect.top()),
            QRectF(0, rect.bottom(), outside.width(), outside.height() - rect.bottom()),
            QRectF(0, rect.top(), rect.left(), rect.height()),
            QRectF(rect.right(), rect.top(), outside.width() - rect.right(), rect.height()),
        ):
            painter.fillRect(part, SHADE)
        painter.setPen(QPen(QColor(255, 255, 255, 90), 1))
        for third in (1 / 3, 2 / 3):
            x, y = rect.left() + third * rect.width(), rect.top() + third * rect.height()
            painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
        painter.setPen(QPen(QColor(0, 0, 0, 160), 3))
        painter.drawRect(rect)
        painter.setPen(QPen(QColor(255, 255, 255), 1.5))
        painter.drawRect(rect)
        painter.setPen(QPen(QColor(0, 0, 0, 160), 1))
        painter.setBrush(QColor(255, 255, 255))
        for place in self.grips():
            painter.drawRect(place)
        painter.end()

    # inside

    def _announce(self) -> None:
        self.update()
        self.changed.emit()

    def grips(self) -> list[QRectF]:
        """The squares at corners and sides, as far as those are in sight wholly in this widget."""
        rect, room = self.rect_shown(), QRectF(self.rect())
        across = (rect.left(), rect.center().x(), rect.right())
        down = (rect.top(), rect.center().y(), rect.bottom())
        points = [(x, y) for x in across for y in down if (x, y) != (across[1], down[1])]
        return [
            QRectF(
                _kept_in(x - GRIP, room.width() - 2 * GRIP - 1, GRIP),
                _kept_in(y - GRIP, room.height() - 2 * GRIP - 1, GRIP),
                2 * GRIP,
                2 * GRIP,
            )
            for x, y in points
        ]

    def _handle_at(self, point: QPointF) -> Handle | None:
        """What a press there takes; (0, 0) is the whole, None is nothing."""
        rect = self.rect_shown()
        near = rect.adjusted(-REACH, -REACH, REACH, REACH)
        if not near.contains(point):
            return None
        # of a small one the middle must stay free to move it
        reach_x, reach_y = min(REACH, rect.width() / 4), min(REACH, rect.height() / 4)
        across = _side(point.x(), rect.left(), rect.right(), reach_x)
        down = _side(point.y(), rect.top(), rect.bottom(), reach_y)
        if (across, down) == (0, 0) and self.shape.is_whole:
            return None  # it could not be moved; a part of it is drawn
        return across, down

    def _to_widget(self, x: float, y: float) -> QPointF:
        seen = self._viewer.navigation.state.transform
        if seen is None:
            return QPointF()
        ratio = self.devicePixelRatioF()
        scale = seen.picture[0] / self.shape.size[0], seen.picture[1] / self.shape.size[1]
        left, top = seen.origin()
        at = left + x * scale[0] * seen.zoom, top + y * scale[1] * seen.zoom
        return QPointF(at[0] / ratio, at[1] / ratio)

    def _to_picture(self, point: QPointF) -> tuple[float, float]:
        seen = self._viewer.navigation.state.transform
        if seen is None:
            return 0.0, 0.0
        x, y = to_device(self, point)
        left, top = seen.origin()
        scale = seen.picture[0] / self.shape.size[0], seen.picture[1] / self.shape.size[1]
        return (x - left) / seen.zoom / scale[0], (y - top) / seen.zoom / scale[1]


_ENDS = {Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter}


def _kept_in(start: float, end: float, slack: float) -> float:
    """Moved to within 0 and ``end`` from at most ``slack`` beside it."""
    return min(max(start, 0.0), end) if -slack - 1 <= start <= end + slack + 2 else start


def _side(at: float, low: float, high: float, reach: float) -> int:
    if at <= low + reach:
        return -1
    return 1 if at >= high - reach else 0
