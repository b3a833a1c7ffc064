"""The small picture enlarged by bicubic interpolation, only where it is looked at.

numpy only. The kernel is that of R. G. Keys, "Cubic convolution interpolation for digital image
processing", 1981, with a = -0.5; beyond the edge the outermost pixel is repeated.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from srgan_desktop.gui.viewer.pyramid import Box, Pixels, Pyramid, level_size, premultiply

Floats = npt.NDArray[np.float32]


def keys_weights(offset: Floats) -> Floats:
    """Weights (n, 4) of the pixels at -1, 0, 1, 2 for positions ``offset`` (n,) in 0..1."""
    t = offset[:, None] - np.array([-1, 0, 1, 2], np.float32)
    t = np.abs(t)
    near = (1.5 * t - 2.5) * t * t + 1
    far = ((-0.5 * t + 2.5) * t - 4) * t + 2
    return np.where(t <= 1, near, far).astype(np.float32)


class BicubicEnlargement:
    """A picture enlarged to ``size``, readable in tiles like a ``Pyramid`` of that size.

    Coarser levels are there as long as they are no smaller than the source; below that the
    source's own pyramid is the thing to read.
    """

    def __init__(self, source: Pyramid, size: tuple[int, int]) -> None:
        self._source = source
        self.size = size
        self.levels = 1
        while (
            all(level_size(size, self.levels)[axis] >= source.size[axis] for axis in (0, 1))
            and max(level_size(size, self.levels)) > 1
        ):
            self.levels += 1

    @property
    def version(self) -> int:
        """The version of the source."""
        return self._source.version

    @property
    def has_alpha(self) -> bool:
        """Whether there is a fourth channel."""
        return self._source.has_alpha

    def version_of(self, level: int, box: Box) -> int:
        """The version at which anything in the source was last written."""
        return self._source.version

    def prepare(self, level: int, box: Box) -> Iterator[None]:
        """Nothing to make beforehand."""
        return iter(())

    def read(self, level: int, box: Box) -> Pixels:
        """``box`` of a level, clipped to it: (h, w, 3|4) uint8, alpha premultiplied."""
        box = box.clipped(level_size(self.size, level))
        columns, across = self._taps(box.x0, box.x1, level, axis=0)
        rows, down = self._taps(box.y0, box.y1, level, axis=1)
        left, top = columns.min(), rows.min()
        part = self._source.pixels[top : rows.max() + 1, left : columns.max() + 1]
        values = premultiply(part).astype(np.float32)
        wide = _weigh(values, columns - left, across)
        tall = _weigh(wide.swapaxes(0, 1), rows - top, down).swapaxes(0, 1)
        return _to_bytes(tall)

    @property
    def overview_level(self) -> int:
        """An overview is that of the source; it has no level of its own here."""
        return self._source.overview_level

    def overview(self) -> Iterator[Pixels]:
        """The source, small and rough."""
        return self._source.overview()

    def _taps(
        self, start: int, stop: int, level: int, axis: int
    ) -> tuple[npt.NDArray[np.intp], Floats]:
        """Source indices (n, 4) and weights (n, 4) for a level's pixels ``start .. stop``."""
        length = self._source.size[axis]
        step = (1 << level) * length / self.size[axis]
        position = (np.arange(start, stop) + 0.5) * step - 0.5
        base = np.floor(position)
        indices = base.astype(np.intp)[:, None] + np.arange(-1, 3)
        return indices.clip(0, length - 1), keys_weights((position - base).astype(np.float32))


def _weigh(values: Floats, indices: npt.NDArray[np.intp], weights: Floats) -> Floats:
    """(h, w, c) resampled along w to (h, n, c)."""
    result = values[:, indices[:, 0]] * weights[:, 0, None]
    for tap in (1, 2, 3):
        result += values[:, indices[:, tap]] * weights[:, tap, None]
    return result


def _to_bytes(values: Floats) -> Pixels:
    pixels = np.rint(values).clip(0, 255).astype(np.uint8)
    if pixels.shape[2] == 4:
        # overshoot must not make a colour brighter than its alpha allows
        pixels[..., :3] = np.minimum(pixels[..., :3], pixels[..., 3:])
    return np.ascontiguousarray(pixels)
