"""The Qt binding itself: without these the window dies sooner or later, wherever the fault is."""

from __future__ import annotations

import sys

from PySide6.QtGui import QImage, QPainter


def test_calls_that_return_nothing_leave_none_alone(qapp: object) -> None:
    """Some builds of PySide 6.12 release None once too often per call on Python 3.11."""
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    # the loop is too short to bring the process down, long enough to stand out
    before = sys.getrefcount(None)
    painter = QPainter(image)
    for _ in range(500):
        painter.setOpacity(1.0)
    painter.end()
    assert sys.getrefcount(None) > before - 250
