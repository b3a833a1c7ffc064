"""Several pictures of one file: the frames of an animation, the pages of a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from srgan_desktop.core.images.image import RasterImage

FOREVER = 0


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a reel, whole: what was there before it does not show through.

    duration_ms is how long it is shown; None for a page, which waits for its reader.
    """

    picture: RasterImage
    duration_ms: float | None = None


@dataclass(frozen=True, eq=False)
class Animation:
    """What is written as one file.

    plays: how often an animation runs, ``FOREVER`` without end; pages do not move.
    """

    frames: Sequence[Frame]
    plays: int = FOREVER

    @property
    def moves(self) -> bool:
        return self.frames[0].duration_ms is not None


@dataclass(frozen=True, eq=False)
class FrameSource:
    """An opened file with several pictures; ``frames`` decodes one after the other, once."""

    count: int
    plays: int
    frames: Iterator[Frame]
