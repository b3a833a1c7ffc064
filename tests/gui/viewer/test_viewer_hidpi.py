"""On a screen with two device pixels to each of the desktop's, 100 % is one to a device pixel."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from srgan_desktop.gui.viewer import BeforeAfterViewer, TiledImage, ViewMode
from srgan_desktop.gui.viewer.pyramid import Pixels

Settle = Callable[[BeforeAfterViewer], Pixels]
Pattern = Callable[[int, int], Pixels]


class OnDenseScreen(BeforeAfterViewer):
    """A viewer that takes its screen for a dense one."""

    def devicePixelRatioF(self) -> float:  # noqa: N802 - Qt's name
        return 2.0


@pytest.fixture
def viewer(qapp: QApplication) -> Iterator[BeforeAfterViewer]:
    made = OnDenseScreen()
    made.setPalette(QPalette())
    made.set_labels_visible(False)
    made.resize(200, 150)
    yield made
    made.shutdown()
    made.deleteLater()


def test_full_size_is_one_pixel_per_device_pixel(
    viewer: BeforeAfterViewer, settle: Settle, pattern: Pattern
) -> None:
    large = pattern(900, 700)
    viewer.set_images(TiledImage(large[::2, ::2].copy()), TiledImage(large), (900, 700))
    viewer.navigation.mode = ViewMode.SINGLE
    viewer.navigation.zoom_to(1.0)
    viewer.navigation.centre = QPointF(450, 350)
    frame = settle(viewer)
    assert (frame == large[200:500, 250:650]).all()
    image = viewer.render_visible()
    assert (image.size(), image.devicePixelRatio()) == (QSize(400, 300), 2)


def test_positions_are_those_of_the_widget(viewer: BeforeAfterViewer, pattern: Pattern) -> None:
    large = pattern(900, 700)
    viewer.set_images(TiledImage(large[::2, ::2].copy()), TiledImage(large), (900, 700))
    viewer.render_visible()
    assert viewer.navigation.zoom == pytest.approx(300 / 700)
    at = QPointF(50, 30)
    before = viewer.pixel_at(at)
    viewer.navigation.zoom_to(4.0, at)
    after = viewer.pixel_at(at)
    assert before is not None
    assert after is not None
    assert np.abs(np.subtract((before.x, before.y), (after.x, after.y))).max() <= 2
    viewer.navigation.move_divider_to(50)
    assert viewer.navigation.divider == pytest.approx(0.25)
    assert viewer.navigation.divider_at() == pytest.approx(50)
    centre = viewer.navigation.centre
    viewer.navigation.pan(-10, 0)
    assert viewer.navigation.centre.x() == pytest.approx(centre.x() + 5)
