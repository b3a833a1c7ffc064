"""Hands pictures to the viewer: the original at once, the result tile by tile."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QObject, QRectF, Slot

from srgan_desktop.gui.common.requests import OpenedImage, Result, ResultStarted, TileFinished
from srgan_desktop.gui.common.shown_pixels import Replacing, Shown
from srgan_desktop.gui.upscale.request_model import RequestModel
from srgan_desktop.gui.upscale.session import Session
from srgan_desktop.gui.viewer import BeforeAfterViewer, TiledImage


class ResultView(QObject):
    """Follows the session; keeps what is shown until something better is there."""

    def __init__(self, viewer: BeforeAfterViewer, session: Session, requests: RequestModel) -> None:
        super().__init__()
        self._viewer = viewer
        self._session = session
        self._requests = requests
        self._before: TiledImage | None = None
        self._after: TiledImage | None = None
        self._shown: Shown | None = None
        self._incoming: Shown | None = None
        self._replacing: Replacing | None = None
        self._whole: Shown | None = None
        self._size = (1, 1)
        self._alone = False
        session.opened.connect(self._show_image)
        session.closed.connect(self._clear)
        session.result_started.connect(self._begin)
        session.tile_finished.connect(self._add_tile)
        session.finished.connect(self._settle)
        session.restored.connect(self._restore)
        session.stopped.connect(self._go_back)
        requests.changed.connect(self._resize)
        viewer.navigation.visible_region_changed.connect(self.look)

    @property
    def has_result(self) -> bool:
        """Whether anything of a result is shown."""
        return self._after is not None

    def show_alone(self, picture: OpenedImage) -> None:
        """Only this one, whatever else comes, until ``show_pair``."""
        self._alone = True
        self._viewer.set_images(TiledImage(picture.shown), None, picture.size)
        self._viewer.navigation.fit()

    def show_pair(self) -> None:
        """Original and result again."""
        self._alone = False
        if self._before is not None:
            self._set(self._size)

    @Slot(QRectF)
    def look(self, region: QRectF) -> None:
        """What is looked at is made first."""
        if not region.isEmpty() and not self._alone:
            middle = region.center()
            self._session.look_at(middle.x() / self._size[0], middle.y() / self._size[1])

    @Slot(object)
    def _show_image(self, picture: OpenedImage) -> None:
        self._before = TiledImage(picture.shown)
        self._forget_result()
        self._set(self._requests.result_size() or picture.size)

    @Slot()
    def _clear(self) -> None:
        self._before = None
        self._forget_result()
        self._viewer.clear()

    @Slot()
    def _resize(self) -> None:
        """The result will have another size; a result that is shown stays for now."""
        size = self._requests.result_size()
        if self._before is not None and self._after is None and size not in (None, self._size):
            assert size is not None
            self._set(size)

    @Slot(object)
    def _begin(self, started: ResultStarted) -> None:
        """A new result is being made; the old one stays until the first tile of it is there."""
        self._incoming = started.shown

    @Slot(object)
    def _add_tile(self, tile: TileFinished) -> None:
        if tile.rect is None:
            return
        if self._incoming is not None:
            self._bring_in(self._incoming)
        if self._replacing is not None:
            self._replacing.add_tile(tile.rect)
        if self._after is not None:
            self._after.mark_written(*tile.rect)

    @Slot()
    def _settle(self) -> None:
        self._whole = self._shown
        if self._replacing is not None:
            self._replacing.settle()
            self._replacing = None

    @Slot(object)
    def _restore(self, result: Result) -> None:
        self._forget_result()
        self._shown = self._whole = result.shown
        self._after = TiledImage(result.shown)
        self._set((result.shown.shape[1], result.shown.shape[0]))

    @Slot()
    def _go_back(self) -> None:
        """To the last whole result, after the work on another was stopped."""
        if self._session.result is not None:
            self._restore(self._session.result)

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

    def _forget_result(self) -> None:
        self._after = self._shown = self._whole = self._incoming = self._replacing = None

    def _set(self, size: tuple[int, int]) -> None:
        self._size = size
        if not self._alone:
            self._viewer.set_images(self._before, self._after, size)
