"""Tiles through a graphics card without a pause: one goes in, one is computed, one comes out.

Only bytes cross the bus. Small tiles of equal shape are computed together, and a shape that comes
again is recorded as one launch.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from srgan_desktop.core.backends import Finish
from srgan_desktop.core.backends.device_queues import Compute, DeviceQueues, Ticket
from srgan_desktop.core.backends.memory_errors import memory_errors

# tiles are computed together up to so many pixels: fewer leave a large card idle
BATCH_PIXELS = 512 * 512
LARGEST_BATCH = 8
# shapes whose launch is recorded: a picture's inner tiles, its last column and row, their corner
RECORDED_SHAPES = 4

Shape = tuple[int, ...]


class PendingTile:
    """A tile on its way."""

    def __init__(self, pixels: NDArray[np.uint8], finish: Finish, group: _Group) -> None:
        self.pixels = pixels
        self.finish = finish
        self.ticket: Ticket | None = None
        self.error: Exception | None = None
        self._group = group

    def result(self) -> NDArray[np.uint8]:
        """Wait for it.

        Raises:
            DeviceMemoryError, DeviceError: the device failed.
        """
        self._group.start()
        if self.error is not None:
            raise self.error
        assert self.ticket is not None  # an error or a ticket: start gives one of them
        with memory_errors(self._group.device):
            found: NDArray[np.uint8] = self.ticket.wait().numpy()
        return found


class Pipeline:
    """Computes tiles on one device."""

    def __init__(self, compute: Compute, queues: DeviceQueues, device: str) -> None:
        """``compute``: uint8 (N, H, W, colours) to float32 (N, colours, H * s, W * s)."""
        self._compute = compute
        self._queues = queues
        self._device = device
        self._filling: _Group | None = None
        self._seen: set[Shape] = set()
        self._recorded: OrderedDict[Shape, Compute] = OrderedDict()
        self._records = True

    def begin(self, pixels: NDArray[np.uint8], finish: Finish) -> PendingTile:
        """Let a tile (H, W, colours) be computed; ``finish`` makes its bytes of the output."""
        group = self._filling
        if group is None or group.shape != pixels.shape:
            if group is not None:
                group.start()
            group = _Group(self, pixels.shape, self._device)
            self._filling = group
        tile = PendingTile(pixels, finish, group)
        group.tiles.append(tile)
        if len(group.tiles) >= batch_of(pixels.shape):
            group.start()
        return tile

    def launch(self, group: _Group) -> None:
        """Queue all of a group's work."""
        if self._filling is group:
            self._filling = None
        queues, tiles = self._queues, group.tiles
        with torch.no_grad(), memory_errors(self._device):
            host = queues.host_buffer(len(tiles), *group.shape)
            for place, tile in enumerate(tiles):
                host[place].numpy()[...] = tile.pixels
            given = queues.copy_in.put(lambda: queues.upload(host))
            made = queues.compute.put(lambda: self._computed(given.value()), after=given)
            for place, tile in enumerate(tiles):
                tile.ticket = self._take_out(made, place, tile.finish)

    def _take_out(self, made: Ticket, place: int, finish: Finish) -> Ticket:
        """The bytes of one tile, before the next group's overwrite what they are made of."""
        queues = self._queues
        part = queues.compute.put(lambda: finish(made.value()[place : place + 1]), after=made)
        return queues.copy_out.put(lambda: queues.download(part.value()), after=part)

    def _computed(self, x: Tensor) -> Tensor:
        shape = tuple(x.shape)
        recorded = self._recorded.get(shape)
        if recorded is None and shape in self._seen and self._records:
            recorded = self._record(x)
        self._seen.add(shape)
        if recorded is None:
            return self._compute(x)
        self._recorded.move_to_end(shape)
        return recorded(x)

    def _record(self, x: Tensor) -> Compute | None:
        while len(self._recorded) >= RECORDED_SHAPES:
            self._recorded.popitem(last=False)
        try:
            recorded = self._queues.recorded(self._compute, x)
        except RuntimeError:
            # not all that a network may do can be recorded, and it needs memory of its own
            self._records = False
            self._recorded.clear()
            return None
        self._recorded[tuple(x.shape)] = recorded
        return recorded


class _Group:
    """Tiles of one shape that are computed together."""

    def __init__(self, pipeline: Pipeline, shape: Shape, device: str) -> None:
        self.shape = shape
        self.device = device
        self.tiles: list[PendingTile] = []
        self.start: Callable[[], None] = self._start
        self._pipeline = pipeline

    def _start(self) -> None:
        self.start = lambda: None
        try:
            self._pipeline.launch(self)
        except Exception as error:
            for tile in self.tiles:
                tile.error = error


def batch_of(shape: Shape) -> int:
    """How many tiles (H, W, colours) are computed together."""
    return min(LARGEST_BATCH, max(1, BATCH_PIXELS // (shape[0] * shape[1])))
