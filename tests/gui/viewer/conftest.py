"""A viewer on hand-made pictures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import QApplication

from srgan_desktop.gui.viewer import BeforeAfterViewer
from srgan_desktop.gui.viewer.pyramid import Pixels

MakeViewer = Callable[..., BeforeAfterViewer]
Settle = Callable[[BeforeAfterViewer], Pixels]
Pause = Callable[[int], None]


@pytest.fixture
def make_viewer(qapp: QApplication) -> Iterator[MakeViewer]:
    """Viewers of a given size with nothing that moves, drawn in fixed colours."""
    made: list[BeforeAfterViewer] = []

    def make(width: int = 200, height: int = 150, **options: int) -> BeforeAfterViewer:
        viewer = BeforeAfterViewer(**options)
        viewer.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        viewer.setPalette(QPalette(QColor(240, 240, 240)))
        viewer.set_fade_ms(0)
        viewer.set_labels_visible(False)
        viewer.resize(width, height)
        viewer.show()
        made.append(viewer)
        return viewer

    yield make
    for viewer in made:
        viewer.shutdown()
        viewer.close()
        viewer.deleteLater()
    qapp.processEvents()


@pytest.fixture
def pause(qapp: QApplication) -> Pause:
    """Let the event loop run for some milliseconds.

    ``QTest.qWait`` would hold Python's lock meanwhile, and the reading thread would starve.
    """

    def wait(duration_ms: int) -> None:
        loop = QEventLoop()
        QTimer.singleShot(duration_ms, loop.quit)
        loop.exec()

    return wait


@pytest.fixture
def settle(pause: Pause) -> Settle:
    """Wait until all tiles in view are there; the frame without overlay as (H, W, 3) uint8."""

    def wait(viewer: BeforeAfterViewer) -> Pixels:
        deadline = time.monotonic() + 20
        image = viewer.render_visible(overlay_too=False)
        while viewer.loading:
            assert time.monotonic() < deadline, "tiles did not arrive"
            pause(2)
            image = viewer.render_visible(overlay_too=False)
        return to_array(image)

    return wait


@pytest.fixture
def as_array() -> Callable[[QImage], Pixels]:
    """Turns an image into (H, W, 3) uint8."""
    return to_array


@pytest.fixture
def pattern() -> Callable[[int, int], Pixels]:
    """A picture without symmetry: every block of it is recognisable."""

    def make(width: int, height: int) -> Pixels:
        rng = np.random.default_rng(width * 10007 + height)
        y, x = np.mgrid[:height, :width]
        waves = np.stack([np.sin(x / 5) + np.cos(y / 9), np.sin((x + y) / 7), np.cos(x / 3)], -1)
        noise = rng.integers(0, 60, (height, width, 3))
        return (120 + 40 * waves + noise - 30).clip(0, 255).astype(np.uint8)

    return make


def to_array(image: QImage) -> Pixels:
    """An image as (H, W, 3) uint8."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : rgb.width() * 3].reshape(rgb.height(), rgb.width(), 3).copy()
