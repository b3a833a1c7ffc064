"""What of a picture may be shown while it is being written."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QRegion

from srgan_desktop.gui.viewer import TiledImage
from srgan_desktop.gui.viewer.grid import rects_of


def area(region: QRegion) -> int:
    return sum(rect.width() * rect.height() for rect in rects_of(region))


def test_a_finished_picture_is_shown_whole() -> None:
    picture = TiledImage(np.zeros((50, 60, 3), np.uint8))
    assert picture.complete
    assert picture.size == (60, 50)
    assert picture.showable(3) is None
    assert picture.is_written(59, 49)
    assert not picture.is_written(60, 49)


def test_parts_are_shown_up_to_the_reach_of_the_missing_ones() -> None:
    picture = TiledImage(np.zeros((64, 64, 3), np.uint8), written=False)
    notice: list[QRegion] = []
    picture.written.connect(notice.append)
    assert area(picture.showable(0) or QRegion()) == 0
    picture.mark_written(0, 0, 32, 64)
    picture.mark_written(16, 0, 16, 64)
    assert notice == [QRegion(0, 0, 32, 64), QRegion()]
    assert picture.is_written(31, 63)
    assert not picture.is_written(32, 0)
    assert picture.showable(0) == QRegion(0, 0, 31, 64)
    assert picture.showable(3) == QRegion(0, 0, 24, 64)
    picture.mark_written(32, 0, 32, 64)
    assert picture.complete


def test_what_lies_outside_is_ignored() -> None:
    picture = TiledImage(np.zeros((64, 64, 3), np.uint8), written=False)
    notice: list[QRegion] = []
    picture.written.connect(notice.append)
    picture.mark_written(64, 0, 10, 10)
    picture.mark_written(-20, -20, 10, 10)
    picture.mark_written(-5, 60, 10, 10)
    assert notice == [QRegion(0, 60, 5, 4)]
