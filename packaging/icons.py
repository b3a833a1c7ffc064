"""The program's icon in the form that each system wants, drawn from the one SVG."""

from __future__ import annotations

import os
import sys
from pathlib import Path

SIDES = (16, 24, 32, 48, 64, 128, 256)


def for_this_system(svg: Path, folder: Path) -> str | None:
    """Write the icon of an executable; None where executables carry none, as on Linux."""
    if sys.platform == "win32":
        return str(_write(svg, folder / "srgan-desktop.ico", 256, sizes=[(s, s) for s in SIDES]))
    if sys.platform == "darwin":
        return str(_write(svg, folder / "srgan-desktop.icns", 1024))
    return None


def write_png(svg: Path, target: Path, side: int) -> Path:
    """Draw ``svg`` as a square PNG file of ``side`` pixels."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QByteArray, Qt
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    app = QGuiApplication.instance() or QGuiApplication([])
    image = QImage(side, side, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(svg.read_bytes())).render(painter)
    painter.end()
    target.parent.mkdir(parents=True, exist_ok=True)
    if not image.save(str(target)):
        raise OSError(f"{target}: cannot be written")
    del app
    return target


def _write(svg: Path, target: Path, side: int, **how: object) -> Path:
    from PIL import Image

    with Image.open(write_png(svg, target.with_suffix(".png"), side)) as image:
        image.save(target, **how)
    return target
