"""Tiles in floating point: whatever the colours, the depth and the size of the result.

Tensors go from the network to the shrink, so torch is needed here and not in ``upscale``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from srgan_desktop.core.backends import Finish
from srgan_desktop.core.backends.torch_backend import as_bytes
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.images.resize import resize_weights, weighted_samples
from srgan_desktop.core.upscaling.tiling import Grid, Tile

Array = NDArray[Any]
# BT.601: how an RGB network's answer to a grey picture becomes grey again
_GREY_WEIGHTS = (0.299, 0.587, 0.114)


def render(engine: Engine, grid: Grid, tile: Tile, pixels: Array, *, tta: bool) -> Array:
    """A tile's final pixels (h, w, C) in the dtype of its source pixels, context included."""
    limit = float(np.iinfo(pixels.dtype).max)
    x = torch.from_numpy(pixels.astype(np.float32) / np.float32(limit)).permute(2, 0, 1)[None]
    fine = pixels.dtype != np.uint8
    y = _shrink(_run_colours(engine, x, tta=tta, fine=fine), grid, tile)
    whole = (y[0].clamp_(0, 1) * limit).round_().permute(1, 2, 0).numpy()
    return whole.astype(pixels.dtype)


def finish_on_device(grid: Grid, tile: Tile) -> Finish:
    """What makes a tile's final pixels of a network's output, wherever that is."""
    return lambda y: as_bytes(_shrink(y.clamp(0, 1), grid, tile))


def _run_colours(engine: Engine, x: Tensor, *, tta: bool, fine: bool) -> Tensor:
    """Run a network of whatever colours on a picture of whatever colours."""
    colours, wanted = x.shape[1], engine.config.colours
    if colours == wanted:
        return engine.run(x, tta=tta, fine=fine)
    if wanted == 1:  # a grey network: each colour by itself
        return engine.run(x.transpose(0, 1).contiguous(), tta=tta, fine=fine).transpose(0, 1)
    y = engine.run(x.expand(-1, 3, -1, -1).contiguous(), tta=tta, fine=fine)
    weights = torch.tensor(_GREY_WEIGHTS).view(1, 3, 1, 1)
    return (y * weights).sum(1, keepdim=True)


def _shrink(y: Tensor, grid: Grid, tile: Tile) -> Tensor:
    """The network's output for a tile, cut and resized to the tile's target."""
    for axis, span, length, target in (
        (2, tile.rows, grid.source[1], grid.target[1]),
        (3, tile.columns, grid.source[0], grid.target[0]),
    ):
        origin = span.source[0] * grid.scale
        full = length * grid.scale
        if full == target:
            start, stop = span.target
            y = y.narrow(axis, start - origin, stop - start)
        else:
            indices, weights = resize_weights(full, target)
            part = slice(*span.target)
            y = weighted_samples(y, axis, indices[part] - origin, weights[part])
    return y
