"""Hands pictures to the viewer: the original at once, the result piece by piece."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QObject, QRectF, Signal, Slot

from srgan_desktop.gui.common.requests import OpenedImage, ResultStarted
from srgan_desktop.gui.common.shown_pixels import Replacing, Shown
from srgan_desktop.gui.viewer import BeforeAfterViewer, TiledImage


class ResultView(QObject):
    """Keeps what is shown until something better is there."""

    looked_at = Signal(float, float)
    """The middle of what is seen, as shares of the picture's width and height."""
    first_piece_shown = Signal()

    def __init__(self, viewer: BeforeAfterViewer) -> None:
        super().__init__()
        self._viewer = viewer
        self._before: TiledImage | None = None
        self._after: TiledImage | None = None
        self._shown: Shown | None = None
        self._incoming: Shown | None = None
        self._replacing: Replacing | None = None
        self._whole: Shown | None = None
        self._size = (1, 1)
        viewer.navigation.visible_region_changed.connect(self._tell_region)

    @property
    def has_result(self) -> bool:
        """Whether anything of a result is shown."""
        return self._after is not None

    def show_picture(self, picture: OpenedImage, size: tuple[int, int]) -> None:
        """Another picture, whose result will have ``size``."""
        self._before = TiledImage(picture.shown)
        self._forget_result()
        self._set(size)

    def resize(self, size: tuple[int, int]) -> None:
        """The result will have another size; a result that is shown stays for now."""
        if self._before is not None and self._after is None and size != self._size:
            self._set(size)

    def begin(self, started: ResultStarted) -> None:
        """A new result is being made; the old one stays until the first piece of it is there."""
        self._incoming = started.shown

    def add_tile(self, rect: tuple[int, int, int, int]) -> None:
        """A piece of the new result is final."""
        if self._incoming is not None:
            self._bring_in(self._incoming)
        if self._replacing is not None:
            self._replacing.add_tile(rect)
        if self._after is not None:
            self._after.mark_written(*rect)

    def settle(self) -> None:
        """The new result is complete."""
        self._whole = self._shown
        if self._replacing is not None:
            self._replacing.settle()
            self._replacing = None

    def restore(self, shown: Shown) -> None:
        """Back to an earlier result, after the work on another was stopped."""
        self._forget_result()
        self._shown = self._whole = shown
        self._after = TiledImage(shown)
        self._set((shown.shape[1], shown.shape[0]))

    def _bring_in(self, incoming: Shown) -> None:
        # not what was stopped half way, but the last that was complete
        old, self._incoming = self._whole, None
        if old is not None and old.shape == incoming.shape:
            self._replacing = Replacing(old, incoming)
            # it gives slices as an array does, and nothing else is asked of it
            self._after = TiledImage(cast(Shown, self._replacing))
        else:
            self._replacing = None
            self._after = TiledImage(incoming, written=False)
        self._shown = incoming
        self._set((incoming.shape[1], incoming.shape[0]))
        self.first_piece_shown.emit()

    def _forget_result(self) -> None:
        self._after = self._shown = self._whole = self._incoming = self._replacing = None

    def _set(self, size: tuple[int, int]) -> None:
        self._size = size
        self._viewer.set_images(self._before, self._after, size)

    @Slot(QRectF)
    def _tell_region(self, region: QRectF) -> None:
        if not region.isEmpty():
            middle = region.center()
            self.looked_at.emit(middle.x() / self._size[0], middle.y() / self._size[1])
