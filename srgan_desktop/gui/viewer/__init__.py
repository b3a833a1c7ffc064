"""The before/after viewer: two pictures in one coordinate system, compared to the pixel.

It knows neither files nor engines: it is handed arrays of pixels, told which parts have been
written, and says which part a person looks at.
"""

from __future__ import annotations

from srgan_desktop.gui.viewer.picture import TiledImage
from srgan_desktop.gui.viewer.sampling import PixelSample
from srgan_desktop.gui.viewer.view_state import ViewMode
from srgan_desktop.gui.viewer.viewer import BeforeAfterViewer

__all__ = ["BeforeAfterViewer", "PixelSample", "TiledImage", "ViewMode"]
