"""Small pictures of one size through the network at once, which is what fills a GPU."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.images.image import Pixels, RasterImage
from srgan_desktop.core.upscaling.size import plan_passes

MOST = 32


def can_batch(picture: RasterImage, target: tuple[int, int], engine: Engine, tile: int) -> bool:
    """Whether one run of the network is all that a picture needs, so that it can share it."""
    return (
        not engine.adapts  # each picture has a network of its own
        and picture.alpha is None
        and picture.channels == engine.config.colours
        and max(picture.width, picture.height) <= tile
        and len(plan_passes((picture.width, picture.height), target, engine.scale)) == 1
    )


def how_many(width: int, height: int, engine: Engine, tile: int) -> int:
    """So many pictures need as much memory as one tile with its context."""
    side = tile + 2 * engine.overlap
    return max(1, min(MOST, side * side // (width * height)))


def upscale_batch(
    pictures: Sequence[RasterImage], target: tuple[int, int], engine: Engine, *, tta: bool = False
) -> list[Pixels]:
    """The results' pixels, as ``upscale_image`` makes them one at a time.

    Args:
        pictures: of one size and depth, each one for which ``can_batch`` holds.
        target: width and height of the results.

    Raises:
        DeviceMemoryError, DeviceError: as ``Engine.run``.
    """
    import torch

    from srgan_desktop.core.images.resize import resize_weights, weighted_samples

    limit = float(np.iinfo(pictures[0].pixels.dtype).max)
    stack = np.stack([picture.pixels for picture in pictures])
    x = torch.from_numpy(stack.astype(np.float32) / np.float32(limit)).permute(0, 3, 1, 2)
    y = engine.run(x, tta=tta, fine=stack.dtype != np.uint8)
    width, height = pictures[0].width, pictures[0].height
    for axis, length, wanted in ((2, height, target[1]), (3, width, target[0])):
        if length * engine.scale != wanted:
            y = weighted_samples(y, axis, *resize_weights(length * engine.scale, wanted))
    whole = (y.clamp_(0, 1) * limit).round_().permute(0, 2, 3, 1).numpy()
    return [np.ascontiguousarray(pixels.astype(pictures[0].pixels.dtype)) for pixels in whole]
