"""A part of a picture, in its own pixels, the right way up."""

from __future__ import annotations

import re
from dataclasses import dataclass

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr


@dataclass(frozen=True)
class Crop:
    """A rectangle: its upper left pixel and its size.

    Raises:
        UsageError: no pixel in it.
    """

    x: int
    y: int
    width: int
    height: int

    def __post_init__(self) -> None:
        if min(self.x, self.y) < 0 or min(self.width, self.height) < 1:
            raise UsageError(tr("--crop is X,Y,W,H in pixels, not {text}", text=str(self)))

    def __str__(self) -> str:
        """As ``parse`` reads it."""
        return f"{self.x},{self.y},{self.width},{self.height}"

    @classmethod
    def parse(cls, text: str) -> Crop:
        """Raises UsageError for anything but four whole numbers with commas between them."""
        if not re.fullmatch(r"\s*\d{1,9}(\s*,\s*\d{1,9}){3}\s*", text):
            raise UsageError(tr("--crop is X,Y,W,H in pixels, not {text}", text=text))
        return cls(*map(int, text.split(",")))

    def check(self, width: int, height: int) -> None:
        """Raises UsageError where the rectangle is not wholly on a picture of this size."""
        if self.x + self.width > width or self.y + self.height > height:
            raise UsageError(
                tr(
                    "--crop {crop} goes beyond the picture of {width} x {height} pixels",
                    crop=self,
                    width=width,
                    height=height,
                )
            )
