"""Read-outs of single pixels."""

from __future__ import annotations

from dataclasses import dataclass

from srgan_desktop.gui.viewer.picture import TiledImage


@dataclass(frozen=True)
class PixelSample:
    """A read-out: the after-pixel's column and row, and both pictures' RGB there (0..255).

    ``before`` is the small picture's own pixel under it; ``after`` is None while not computed.
    """

    x: int
    y: int
    before: tuple[int, int, int] | None
    after: tuple[int, int, int] | None


def colour_at(
    picture: TiledImage | None, pixel: tuple[int, int], size: tuple[int, int]
) -> tuple[int, int, int] | None:
    """The colour of ``picture``, stretched over ``size``, at a pixel's middle."""
    if picture is None:
        return None
    column = int((pixel[0] + 0.5) * picture.size[0] / size[0])
    row = int((pixel[1] + 0.5) * picture.size[1] / size[1])
    # slices: what is still being replaced by another result gives nothing else
    here = picture.pyramid.pixels[row : row + 1, column : column + 1]
    red, green, blue = here[0, 0, :3].tolist()
    return red, green, blue
