"""A small picture below the model's name: what the model makes of a detail."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.theme import Theme

SIZE = QSize(240, 90)
RADIUS = 6.0
LINE = 1.0


class SampleView(QWidget):
    """Bicubic at the left, the model at the right, in a rounded frame."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picture = QPixmap()
        self._model = ""
        self._wanted, self._roomy = False, True
        self.setFixedHeight(SIZE.height())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)
        self.hide()

    @property
    def has_picture(self) -> bool:
        """Whether there is more than an empty frame."""
        return not self._picture.isNull()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Device-independent pixels."""
        return SIZE

    @Slot(object)
    def show_image(self, image: QImage | None) -> None:
        """A null image is an empty frame, None is nothing at all."""
        self._picture = QPixmap() if image is None else QPixmap.fromImage(image)
        self._wanted = image is not None
        self.setVisible(self._wanted and self._roomy)
        self.retranslate()
        self.update()

    def set_room(self, roomy: bool) -> None:
        """Whether there is room for it beside what is to be chosen."""
        self._roomy = roomy
        self.setVisible(self._wanted and roomy)

    def set_model(self, title: str) -> None:
        """Whose work it is."""
        self._model = title
        self.retranslate()

    def retranslate(self) -> None:
        """For a screen reader and the pointer."""
        text = tr(
            "A detail at the left enlarged bicubically, at the right by {name}", name=self._model
        )
        self.setAccessibleName(tr("What the model does"))
        self.setAccessibleDescription(text)
        self.setToolTip(text)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The picture, or words while it is awaited."""
        shades = self._theme.shades
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        frame = QRectF(self.rect()).adjusted(LINE / 2, LINE / 2, -LINE / 2, -LINE / 2)
        outline = QPainterPath()
        outline.addRoundedRect(frame, RADIUS, RADIUS)
        painter.fillPath(outline, QColor(shades.raised))
        if self.has_picture:
            painter.setClipPath(outline)
            self._paint_halves(painter, frame)
            painter.setClipping(False)
        else:
            painter.setPen(QColor(shades.quiet))
            painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, tr("Preparing sample…"))
        painter.setPen(QPen(QColor(shades.line), LINE))
        painter.drawPath(outline)
        painter.end()

    def _paint_halves(self, painter: QPainter, frame: QRectF) -> None:
        """Each fills its half, cut where the frame's shape asks for it, never distorted."""
        width, height = self._picture.width() / 2, float(self._picture.height())
        target = QRectF(frame.left(), frame.top(), frame.width() / 2, frame.height())
        scale = max(target.width() / width, target.height() / height)
        part = QRectF(0, 0, target.width() / scale, target.height() / scale)
        part.moveCenter(QRectF(0, 0, width, height).center())
        painter.drawPixmap(target, self._picture, part)
        painter.drawPixmap(
            target.translated(target.width(), 0), self._picture, part.translated(width, 0)
        )
        painter.setPen(QPen(QColor("white"), LINE))
        middle = round(frame.center().x()) + LINE / 2
        painter.drawLine(middle, frame.top(), middle, frame.bottom())  # type: ignore[call-overload]
