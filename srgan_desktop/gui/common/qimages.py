"""Pixels handed between Qt and NumPy. Whatever is handed over has memory of its own.

A ``QImage`` and an array that share memory live and die apart: the one that is left reads what
has been freed, and the program crashes, or the picture is torn.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from srgan_desktop.gui.common.shown_pixels import Shown


def array_of(image: QImage) -> Shown:
    """An image as (H, W, 3) uint8, or (H, W, 4) with straight alpha where it has any; a copy."""
    channels = 4 if image.hasAlphaChannel() else 3
    forms = QImage.Format
    flat = image.convertToFormat(forms.Format_RGBA8888 if channels == 4 else forms.Format_RGB888)
    width, height = flat.width(), flat.height()
    rows = np.frombuffer(flat.constBits(), np.uint8).reshape(height, flat.bytesPerLine())
    # a copy in any case: only rows that are padded would be copied by making them contiguous
    return rows[:, : width * channels].reshape(height, width, channels).copy()


def image_of(pixels: Shown) -> QImage:
    """(H, W, 3|4) uint8, RGB or RGBA with straight alpha, as an image; a copy."""
    height, width, channels = pixels.shape
    form = QImage.Format.Format_RGBA8888 if channels == 4 else QImage.Format.Format_RGB888
    rows = np.ascontiguousarray(pixels)
    return QImage(rows.data, width, height, width * channels, form).copy()
