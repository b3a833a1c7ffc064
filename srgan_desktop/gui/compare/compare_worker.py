"""What happens on the device's thread: several networks on one picture, taking turns by tiles."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from srgan_desktop.core.base.errors import SrganDesktopError
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.gui.common.error_text import explain
from srgan_desktop.gui.common.requests import EngineRequest, OpenedImage, Order
from srgan_desktop.gui.common.shown_pixels import Shown, ShownCanvas, of_picture

if TYPE_CHECKING:
    from srgan_desktop.core.upscaling.upscale import UpscaleEvent

# of all results together: they lie in memory at once
MOST_PIXELS = 240_000_000
TILE = 224
FIRST_TILE = 128


@dataclass(frozen=True, eq=False)
class PaneStarted:
    """The array that will fill, of the model with this number."""

    index: int
    shown: Shown


@dataclass(frozen=True)
class PaneTile:
    """``rect`` (x, y, width, height) of that model's result is final."""

    index: int
    rect: tuple[int, int, int, int]
    done: int
    total: int


@dataclass(frozen=True)
class PaneDone:
    """That model's result is complete."""

    index: int


@dataclass(frozen=True)
class PaneFailed:
    """That model gives no result, and why."""

    index: int
    reason: str


def middle_of(source: OpenedImage, scale: int, models: int) -> tuple[OpenedImage, bool]:
    """The picture, or as much of its middle as fits into memory so many times; whether cut."""
    width, height = source.size
    worker = MOST_PIXELS / (scale**2 * max(1, models))
    if width * height <= worker:
        return source, False
    share = (worker / (width * height)) ** 0.5
    wide, high = max(1, int(width * share)), max(1, int(height * share))
    left, top = (width - wide) // 2, (height - high) // 2
    where = np.s_[top : top + high, left : left + wide]
    picture = source.picture
    alpha = picture.alpha
    cut = RasterImage(
        np.ascontiguousarray(picture.pixels[where]),
        None if alpha is None else np.ascontiguousarray(alpha[where]),
        metadata=picture.metadata,
    )
    return OpenedImage(source.path, cut, of_picture(cut), source.pasted, source.stamp), True


def compare(
    source: OpenedImage, requests: Sequence[EngineRequest], scale: int, order: Order
) -> Generator[Any, None, None]:
    """Each model's next tile in turn, so that all of them show first what is looked at."""
    yield
    works: dict[int, Generator[UpscaleEvent, None, RasterImage]] = {}
    shown: dict[int, ShownCanvas] = {}
    try:
        for index, request in enumerate(requests):
            try:
                works[index] = _begin(source.picture, request, scale, order)
            except (SrganDesktopError, MemoryError) as error:
                yield PaneFailed(index, explain(error) or str(error))
            yield
        while works:
            for index in list(works):
                try:
                    event = next(works[index])
                except StopIteration:
                    del works[index]
                    yield PaneDone(index)
                except (SrganDesktopError, MemoryError) as error:
                    del works[index]
                    yield PaneFailed(index, explain(error) or str(error))
                else:
                    yield _show_notice(index, event, shown, source.picture)
    finally:
        for work in works.values():
            work.close()


def _begin(
    picture: RasterImage, request: EngineRequest, scale: int, order: Order
) -> Generator[UpscaleEvent, None, RasterImage]:
    from srgan_desktop.core.engine.choice import Precision
    from srgan_desktop.core.engine.engine import open_engine
    from srgan_desktop.core.upscaling.upscale import UpscaleOptions, upscale_image

    precision: Precision = request.precision  # type: ignore[assignment]
    engine = open_engine(request.model, request.device, precision, detail=request.detail)
    options = UpscaleOptions(
        TargetSize("scale", scale),
        TILE,
        order=lambda rect: order(rect.x, rect.y, rect.width, rect.height),
        first_tile=FIRST_TILE,
    )
    return upscale_image(picture, engine, options)


def _show_notice(
    index: int, event: Any, shown: dict[int, ShownCanvas], picture: RasterImage
) -> Any:
    from srgan_desktop.core.upscaling.upscale import PassStarted, TileDone

    if isinstance(event, PassStarted) and event.index == event.count - 1:
        shown[index] = ShownCanvas(event.pixels, event.alpha, picture.metadata.icc)
        return PaneStarted(index, shown[index].pixels)
    if isinstance(event, TileDone) and index in shown:
        rect = event.rect
        shown[index].take(rect)
        place = (rect.x, rect.y, rect.width, rect.height)
        return PaneTile(index, place, event.done, event.total)
    return None
