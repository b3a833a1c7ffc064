"""How large a tile may be: what fits into memory."""

from __future__ import annotations

import math

from srgan_desktop.core.base.memory import free_memory_bytes

# what one tile may need at most: on a processor small enough to leave room for the rest of the
# program and for caches, on a GPU most of what is free
CPU_TILE_BYTES = 1.25 * 2**30
FREE_SHARE = 0.6
LEAST_TILE = 32
LARGEST_TILE = 1024


def tile_side(
    device: str, overlap: int, bytes_per_pixel: float, free_bytes: int | None = None
) -> int:
    """The side of a tile that fits into memory, in source pixels, without context.

    Args:
        overlap: its context on each side, which needs memory as well.
        bytes_per_pixel: working memory for a source pixel.
        free_bytes: on the device; None: as it is now.
    """
    if free_bytes is None:
        free_bytes = _free_bytes(device)
    budget = CPU_TILE_BYTES if device == "cpu" else math.inf
    if free_bytes is not None:
        budget = min(budget, free_bytes * FREE_SHARE)
    if math.isinf(budget):
        budget = CPU_TILE_BYTES
    whole = int(math.sqrt(budget / bytes_per_pixel))
    return min(max(whole - 2 * overlap, LEAST_TILE), LARGEST_TILE)


def _free_bytes(device: str) -> int | None:
    if device == "cpu":
        return free_memory_bytes()
    import torch

    from srgan_desktop.core.backends.device import free_device_memory_bytes

    return free_device_memory_bytes(torch.device(device))
