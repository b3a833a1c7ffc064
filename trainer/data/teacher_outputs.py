"""What a teacher made of some crops: 8-bit pairs in memory and, to be kept, in a folder.

The folder holds shards of ``SHARD`` pairs, 00000.safetensors and on, each written in one step. What
is there when a run begins is used again, up to the first that is missing or damaged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from srgan_desktop.core.weights.model_file import write_whole
from trainer.data.dataset import PhotoSet, indexed
from trainer.data.degradations.packing import packed_channels

SHARD = 16
_NAME = "pairs"


@dataclass(frozen=True)
class TeacherOutputShape:
    """Of all answers of a run.

    Attributes:
        count: answers that are wanted; a multiple of ``SHARD``.
        side: of the small crops, in pixels.
    """

    count: int
    side: int
    scale: int
    colours: int

    @property
    def shards(self) -> int:
        return self.count // SHARD

    @property
    def channels(self) -> int:
        """Bytes a small pixel: its own colours, and those of the large pixels that belong to it."""
        return packed_channels(self.scale, self.colours)

    @property
    def bytes(self) -> int:
        """In memory, and nearly so on the disk."""
        return self.count * self.side**2 * self.channels


class TeacherOutputs:
    """The pairs that there are so far; one thread may add while another reads.

    Args:
        folder: need not exist yet.
    """

    def __init__(self, folder: Path, shape: TeacherOutputShape) -> None:
        self.shape, self.folder = shape, folder
        self._pixels = torch.empty(shape.count * shape.side**2, shape.channels, dtype=torch.uint8)
        self._shards = 0
        for pairs in self._kept():
            self._take(pairs)

    @property
    def available(self) -> int:
        """Pairs that can be learned from."""
        return self._shards * SHARD

    @property
    def complete(self) -> bool:
        return self._shards == self.shape.shards

    @property
    def shards(self) -> int:
        """The number of the next shard to be made."""
        return self._shards

    def add(self, pairs: Tensor) -> None:
        """The next shard: uint8 (SHARD, side, side, channels), as ``packed_pixels`` packs a pair.

        Raises:
            ModelFileError: it cannot be written; it counts all the same.
        """
        path = self._path(self._shards)
        self._take(pairs)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, save({_NAME: pairs}))

    def photos(self, count: int) -> PhotoSet:
        """The first ``count`` pairs as pictures to be cut from; shares their memory."""
        side = self.shape.side
        shapes: list[tuple[int, ...]] = [(side, side)] * count
        return indexed(self._pixels[: count * side**2], shapes, [self.folder] * count)

    def _take(self, pairs: Tensor) -> None:
        size = SHARD * self.shape.side**2
        first = self._shards * size
        self._pixels[first : first + size] = pairs.reshape(size, -1)
        self._shards += 1

    def _kept(self) -> Iterator[Tensor]:
        expected = (SHARD, self.shape.side, self.shape.side, self.shape.channels)
        for number in range(self.shape.shards):
            try:
                pairs = load(self._path(number).read_bytes())[_NAME]
            except (OSError, SafetensorError, KeyError):
                return
            if pairs.shape != expected or pairs.dtype != torch.uint8:
                return
            yield pairs

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:05}.safetensors"
