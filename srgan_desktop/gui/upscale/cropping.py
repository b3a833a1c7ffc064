"""Choosing a part of the photo, which alone is enlarged from then on."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from srgan_desktop.gui.upscale.crop_bar import CropBar
from srgan_desktop.gui.upscale.request_model import RequestModel
from srgan_desktop.gui.upscale.result_view import ResultView
from srgan_desktop.gui.upscale.session import Session
from srgan_desktop.gui.viewer import BeforeAfterViewer
from srgan_desktop.gui.viewer.crop_overlay import CropOverlay


class CropController(QObject):
    """Shows the whole photo with a rectangle on it, until that is taken or given up.

    Attributes:
        overlay, bar: the rectangle, and what is chosen above it.
        active: whether a part is being chosen.
    """

    def __init__(
        self, session: Session, requests: RequestModel, view: ResultView, viewer: BeforeAfterViewer
    ) -> None:
        super().__init__(viewer)
        self._session = session
        self._requests = requests
        self._view = view
        self._viewer = viewer
        self.active = False
        self.overlay = CropOverlay(viewer)
        self.bar = CropBar()
        self.overlay.changed.connect(self._show)
        self.overlay.accepted.connect(self.apply)
        self.overlay.cancelled.connect(self.cancel)
        self.bar.ratio_chosen.connect(self._set_ratio)
        self.bar.apply_wanted.connect(self.apply)
        self.bar.whole_wanted.connect(self.take_whole)
        self.bar.cancel_wanted.connect(self.cancel)
        session.opened.connect(self._leave)
        session.closed.connect(self._leave)

    @Slot()
    def begin(self) -> None:
        """Show the whole photo; what is being made may not be wanted, and waits."""
        picture = self._session.picture
        if picture is None or self.active:
            return
        self.active = True
        self._session.interrupt()
        whole = picture.whole or picture
        self._view.show_alone(whole)
        self.bar.begin(whole.size, cropped=picture.whole is not None)
        self.overlay.begin(whole.size, picture.crop, None)

    @Slot()
    def apply(self) -> None:
        """Enlarge only what is in the rectangle."""
        if not self.active:
            return
        picture, shape = self._session.picture, self.overlay.shape
        crop = None if shape.is_whole else shape.crop
        if picture is None or crop == picture.crop:
            self.cancel()
        else:
            self._session.crop_to(crop)

    @Slot()
    def take_whole(self) -> None:
        """Enlarge all of it again."""
        if self.active:
            self._session.crop_to(None)

    @Slot()
    def cancel(self) -> None:
        """As it was before."""
        if self.active:
            self._leave()
            # what was interrupted goes on
            self._requests.changed.emit()

    @Slot()
    def _leave(self) -> None:
        if self.active:
            self.active = False
            self.overlay.hide()
            self.bar.hide()
            self._view.show_pair()
            self._viewer.setFocus()

    @Slot(object)
    def _set_ratio(self, ratio: float | None) -> None:
        self.overlay.set_ratio(ratio)
        self.overlay.setFocus()  # where Enter takes it

    @Slot()
    def _show(self) -> None:
        self.bar.show_crop(self.overlay.shape.crop)
