"""The program's own line icons, in the colours of the present palette."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from srgan_desktop.core.base import app_paths as places

SIDES = (16, 20, 24, 32, 48, 96)
RATIOS = (1.0, 2.0)


def icon(name: str, palette: QPalette) -> QIcon:
    """An icon in the palette's text colour, paler where it is disabled."""
    normal = palette.color(QPalette.ColorRole.ButtonText).name()
    pale = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText).name()
    return _icon(name, normal, pale)


def pixmap(name: str, colour: QColor, side: int, ratio: float) -> QPixmap:
    """An icon as a picture of ``side`` logical pixels."""
    return _pixmap(_source(name), colour.name(), side, ratio)


def app_icon() -> QIcon:
    """The program's icon, in its own colours."""
    made = QIcon()
    for side in (16, 24, 32, 48, 64, 128, 256):
        made.addPixmap(_pixmap(_source("srgan-desktop"), "", side, 1.0))
    return made


@cache
def _icon(name: str, normal: str, pale: str) -> QIcon:
    made = QIcon()
    for mode, colour in ((QIcon.Mode.Normal, normal), (QIcon.Mode.Disabled, pale)):
        for side in SIDES:
            for ratio in RATIOS:
                made.addPixmap(_pixmap(_source(name), colour, side, ratio), mode)
    return made


@cache
def _source(name: str) -> str:
    return (places.resources() / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def _pixmap(source: str, colour: str, side: int, ratio: float) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(source.replace("currentColor", colour).encode()))
    made = QPixmap(round(side * ratio), round(side * ratio))
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    renderer.render(painter, QRectF(0, 0, made.width(), made.height()))
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made
