"""Several ways of enlarging the same pieces of pictures, side by side with labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Pixels = NDArray[Any]

MARGIN = 16
LABEL_HEIGHT = 28
LABEL_SIZE = 16
_PAPER, _INK = (255, 255, 255), (40, 40, 40)


@dataclass(frozen=True)
class Row:
    """One picture: its name and one result a column, uint8 (H, W, 3), all of one size."""

    name: str
    results: tuple[Pixels, ...]


def middle(width: int, height: int, largest: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, width and height of the middle of a picture, at most ``largest`` (w, h)."""
    wide, high = min(width, largest[0]), min(height, largest[1])
    return (width - wide) // 2, (height - high) // 2, wide, high


def contact_sheet(columns: Sequence[str], rows: Sequence[Row]) -> Pixels:
    """Draw the sheet: uint8 (H, W, 3), column names above, row names above each row.

    Columns are as wide as their widest result, rows as high as their highest; results are not
    resized, so that one pixel of a result is one of the sheet.
    """
    widths = [max(row.results[i].shape[1] for row in rows) for i in range(len(columns))]
    heights = [max(result.shape[0] for result in row.results) for row in rows]
    width = sum(widths) + MARGIN * (len(columns) + 1)
    height = sum(heights) + len(rows) * (LABEL_HEIGHT + MARGIN) + LABEL_HEIGHT + MARGIN
    sheet = Image.new("RGB", (width, height), _PAPER)
    draw = ImageDraw.Draw(sheet)
    lefts = [MARGIN + sum(widths[:i]) + MARGIN * i for i in range(len(columns))]
    for left, name in zip(lefts, columns, strict=True):
        _write(draw, left, MARGIN // 2, name)
    top = LABEL_HEIGHT + MARGIN // 2
    for row, high in zip(rows, heights, strict=True):
        _write(draw, MARGIN, top, row.name)
        for left, result in zip(lefts, row.results, strict=True):
            sheet.paste(Image.fromarray(result), (left, top + LABEL_HEIGHT))
        top += LABEL_HEIGHT + high + MARGIN
    return np.array(sheet)


def _write(draw: ImageDraw.ImageDraw, left: int, top: int, text: str) -> None:
    draw.text((left, top), text, _INK, font=ImageFont.load_default(LABEL_SIZE))
