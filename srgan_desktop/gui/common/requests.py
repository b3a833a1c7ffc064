"""What the page asks of its threads and what they answer: frozen, and without torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from srgan_desktop.core.engine.cache import EngineRequest as EngineRequest  # noqa: PLC0414
from srgan_desktop.core.images.crop import Crop
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.networks.strengths import AS_FOUND, ChosenStrengths, Strengths
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.gui.common.shown_pixels import Shown

if TYPE_CHECKING:
    from srgan_desktop.core.engine.engine import Engine


@dataclass(frozen=True)
class ModelChoice:
    """A line of the catalogue. ``scale`` is 0 and ``problem`` says why where it cannot be used.

    ``has_partner``: its detail can be chosen, by blending it with a smooth model.
    ``adapts``: it finds out how bad a picture is, and can be told.
    ``weights``: tells whether two models, partners included, compute the same.
    """

    name: str
    title: str
    description: str
    path: Path
    scale: int
    problem: str = ""
    has_partner: bool = False
    weights: str = ""
    adapts: bool = False


@dataclass(frozen=True, eq=False)
class OpenedImage:
    """A picture from a file.

    ``pasted``: it came from the clipboard, the file is ours. ``stamp``: when the file was written
    last, in nanoseconds; None where that cannot be told. ``frames``: so many pictures are in the
    file, of which this is the first. ``crop``: where only a part is enlarged, that part of
    ``whole``.
    """

    path: Path
    picture: RasterImage
    shown: Shown
    pasted: bool = False
    stamp: int | None = None
    frames: int = 1
    crop: Crop | None = None
    whole: OpenedImage | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.picture.width, self.picture.height

    def cropped(self, crop: Crop | None) -> OpenedImage:
        """A part of the whole, or the whole itself."""
        whole = self.whole or self
        if crop is None:
            return whole
        part = whole.picture.cropped(crop)
        shown = part.pixels
        if whole.shown is not whole.picture.pixels:
            shown = whole.shown[crop.y :, crop.x :][: crop.height, : crop.width].copy()
        return replace(whole, picture=part, shown=shown, crop=crop, whole=whole)


@dataclass(frozen=True)
class UpscaleRequest:
    """How a picture shall be enlarged; two equal requests have equal results.

    ``weights``, ``before_weights``: those of the models' ``ModelChoice``, for another model may
    take a file's place.
    """

    engine: EngineRequest
    size: TargetSize
    tile: int | None = None
    tta: bool = False
    chosen_strengths: ChosenStrengths = AS_FOUND
    before: EngineRequest | None = None
    """Of a network of factor 1, that the picture goes through first."""
    weights: str = ""
    before_weights: str = ""

    @property
    def networks(self) -> dict[EngineRequest, str]:
        """Which networks it takes, and their weights."""
        first = {} if self.before is None else {self.before: self.before_weights}
        return {self.engine: self.weights} | first


Order = Callable[[float, float, float, float], float]
"""A tile's (x, y, width, height) in the result to its turn; the least is next."""


@dataclass(frozen=True, eq=False)
class EngineReady:
    """The network is there. ``way`` is for people: "openvino bf16 on cpu".

    ``engine`` is only to be asked for its facts outside the device's thread, never to be run.
    """

    request: EngineRequest
    engine: Engine
    name: str
    scale: int
    way: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class PictureJudged:
    """What a model that adapts finds in the picture, and what is used of that."""

    found: Strengths
    used: Strengths


@dataclass(frozen=True)
class SpeedMeasured:
    """Seconds of work for one source pixel, context of tiles included."""

    request: EngineRequest
    seconds_per_pixel: float


@dataclass(frozen=True, eq=False)
class ResultStarted:
    """The array that will fill; zeros so far."""

    shown: Shown
    tiles: int


@dataclass(frozen=True)
class TileFinished:
    """``rect`` (x, y, width, height) of the result is final; None in a pass before the last.

    ``kept``: it was so before the work was stopped.
    """

    rect: tuple[int, int, int, int] | None
    done: int
    total: int
    kept: bool = False


@dataclass(frozen=True)
class Notice:
    """The work goes on, but a person should know."""

    message: str


@dataclass(frozen=True, eq=False)
class Result:
    """A finished enlargement.

    ``name`` is the model's, for the name of the file. ``dpi``: what the file shall say; None as
    the original.
    """

    source: OpenedImage
    picture: RasterImage
    shown: Shown
    name: str
    seconds: float
    dpi: float | None = None


@dataclass(frozen=True)
class Cost:
    """What an enlargement takes: seconds (None where unknown), bytes; or why it cannot be."""

    size: tuple[int, int]
    seconds: float | None
    memory_bytes: int
    file_bytes: int
    problem: str = ""
