"""Shows a finished picture so that its gain is seen: at 100 %, where there is most detail."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QPointF, Slot

from srgan_desktop.gui.common.requests import Result
from srgan_desktop.gui.common.settings import Settings
from srgan_desktop.gui.common.shown_pixels import Shown
from srgan_desktop.gui.upscale.session import Session
from srgan_desktop.gui.viewer.navigation import Navigation

LOOKED_AT_SIDE = 512
# of the least that is taken for detail; steeper edges say no more, or one border would win
FULL_STEP = 48.0
# of the middle over the rim, where people put what they mean
MIDDLE_BONUS = 0.5


class CloserLook(QObject):
    """Zooms once for each picture, and only where a person has not zoomed meanwhile."""

    def __init__(self, settings: Settings, session: Session, navigation: Navigation) -> None:
        super().__init__()
        self._settings = settings
        self._navigation = navigation
        self._due = False
        session.opened.connect(self._opened)
        session.finished.connect(self._finished)

    @Slot()
    def _opened(self) -> None:
        self._due = True

    @Slot(object)
    def _finished(self, result: Result) -> None:
        due, self._due = self._due, False
        view = self._navigation
        wanted = self._settings.flag("upscale/closer_look")
        if not due or not wanted or not view.fitting or view.zoom >= 1:
            return
        seen = view.state.transform
        if seen is None:
            return
        width, height = result.picture.width, result.picture.height
        window = (min(1.0, seen.viewport[0] / width), min(1.0, seen.viewport[1] / height))
        x, y = most_detailed(result.source.shown, window)
        view.zoom_to(1.0)
        view.centre = QPointF(x * width, y * height)


def most_detailed(shown: Shown, window: tuple[float, float]) -> tuple[float, float]:
    """The middle of the part of a picture that shows most detail, as fractions of its sides.

    ``window`` is the part's width and height, as fractions too. ``shown`` is (H, W, 3|4) uint8.
    """
    step = max(1, max(shown.shape[:2]) // LOOKED_AT_SIDE)
    grey = shown[::step, ::step, :3].astype(np.float32).mean(axis=2)
    if min(grey.shape) < 3:
        return 0.5, 0.5
    detail = np.zeros_like(grey)
    detail[1:-1, 1:-1] = np.abs(grey[1:-1, 2:] - grey[1:-1, :-2])
    detail[1:-1, 1:-1] += np.abs(grey[2:, 1:-1] - grey[:-2, 1:-1])
    sums = _sums_over(np.minimum(detail, FULL_STEP), window)
    rows, columns = sums.shape
    # a flat picture has no detail anywhere, and its middle is as good as any place
    best = np.argmax((sums + 1) * _middle(rows)[:, None] * _middle(columns)[None, :])
    row, column = divmod(int(best), columns)
    height, width = grey.shape
    left, top = width - columns + 1, height - rows + 1
    return (column + left / 2) / width, (row + top / 2) / height


def _sums_over(
    values: npt.NDArray[np.float32], window: tuple[float, float]
) -> npt.NDArray[np.float64]:
    """The sum within the window at each place where it lies wholly on the picture."""
    height, width = values.shape
    wide = min(width, max(1, round(window[0] * width)))
    high = min(height, max(1, round(window[1] * height)))
    table = np.zeros((height + 1, width + 1))
    table[1:, 1:] = values.cumsum(axis=0, dtype=np.float64).cumsum(axis=1)
    across = table[:, wide:] - table[:, : width + 1 - wide]
    sums: npt.NDArray[np.float64] = across[high:] - across[: height + 1 - high]
    return sums


def _middle(count: int) -> npt.NDArray[np.float64]:
    """1 at both ends, more in between."""
    return 1 + MIDDLE_BONUS * np.sin(np.pi * (np.arange(count) + 0.5) / count)
