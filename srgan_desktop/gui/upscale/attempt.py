"""One enlargement, from its first start to its end, however often it is stopped between."""

from __future__ import annotations

from collections.abc import Callable

from srgan_desktop.core.upscaling.unfinished import Unfinished
from srgan_desktop.gui.common.requests import OpenedImage, UpscaleRequest


class Attempt:
    """Remembers what is finished of the picture and request that were started last.

    Attributes:
        is_resumed: whether the present work goes on with what was done before.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._of: tuple[OpenedImage, UpscaleRequest] | None = None
        self._unfinished = Unfinished()
        self._began = 0.0
        self.is_resumed = False

    def begin(self, picture: OpenedImage, request: UpscaleRequest) -> Unfinished:
        """Work starts; it goes on where the same was stopped."""
        self.is_resumed = self.goes_on(picture, request)
        if not self.is_resumed:
            self._unfinished = Unfinished()
        self._of, self._began = (picture, request), self._clock()
        return self._unfinished

    def goes_on(self, picture: OpenedImage | None, request: UpscaleRequest | None) -> bool:
        """Whether something of this is finished already."""
        if self._of is None or picture is None:
            return False
        same = self._of[0] is picture and self._of[1] == request
        return same and self._unfinished.has_tiles

    @property
    def seconds_at_risk(self) -> float:
        """The time spent on what could not be gone on with; 0 where all is kept."""
        if self._of is None:
            return 0.0
        # the picture as the network before it made it is not kept
        keeps = self._unfinished.keeps and self._of[1].before is None
        return 0.0 if keeps else self._clock() - self._began

    def forget(self) -> None:
        """It is finished, or not wanted."""
        self._of, self._unfinished = None, Unfinished()
