"""What a model does, on a detail of the sample photo: made once, then kept in the cache."""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtGui import QImage

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.gui.common.qimages import image_of
from srgan_desktop.gui.common.requests import EngineRequest, ModelChoice
from srgan_desktop.gui.common.shown_pixels import Shown

if TYPE_CHECKING:
    from srgan_desktop.gui.common.engine_worker import EngineWorker

logger = logging.getLogger(__name__)

# in the sample photo; what is around the part shown is context for the network
PIECE = (138, 68, 60, 45)
MARGIN = (9, 7)
# of each half, at twice the size it is shown at, for screens of 200 %
HALF = (240, 180)
KEPT_FILES = 60


def sample_path() -> Path:
    """The photo that models are shown on."""
    return places.resources() / "samples" / "otter.jpg"


def cached_path(model: ModelChoice, request: EngineRequest) -> Path:
    """Where the picture of this model at this detail is kept."""
    detail = "" if request.detail is None else f"-{request.detail:g}"
    facts = hashlib.sha256(f"{model.weights}\n{PIECE}\n{MARGIN}\n{HALF}".encode()).hexdigest()
    return places.cache_folder() / "thumbnails" / f"{facts[:32]}{detail}.png"


def read_cached(path: Path) -> Generator[None, None, QImage]:
    """The kept picture; a null image where there is none, or a damaged one."""
    yield
    from PIL import Image

    # whatever is wrong with it, it is made anew
    with contextlib.suppress(Exception), Image.open(path) as file:
        pixels = np.asarray(file.convert("RGB"))
        if pixels.shape == (HALF[1], 2 * HALF[0], 3):
            return image_of(pixels)
    return QImage()


def make_sample(
    worker: EngineWorker, request: EngineRequest, photo: Path, target: Path
) -> Generator[Any, None, QImage]:
    """Bicubic at the left, the model at the right; for the device's thread.

    Raises what ``read_image``, ``open_engine`` and ``upscale_image`` raise.
    """
    yield
    from srgan_desktop.core.images.io import read_image

    x, y, width, height = PIECE
    pixels = read_image(photo).pixels[y : y + height, x : x + width]
    source = RasterImage(np.ascontiguousarray(pixels))
    result = yield from worker.enlarge_piece(request, source)
    pair = np.concatenate([_middle(source.pixels), _middle(result.pixels)], axis=1)
    _keep(pair, target)
    return image_of(pair)


def _middle(pixels: Shown) -> Shown:
    """The part that is shown, enlarged bicubically to its place."""
    from PIL import Image

    factor = pixels.shape[1] / PIECE[2]
    left, top = MARGIN[0] * factor, MARGIN[1] * factor
    box = (left, top, pixels.shape[1] - left, pixels.shape[0] - top)
    image = Image.fromarray(pixels).resize(HALF, Image.Resampling.BICUBIC, box)
    return np.asarray(image)


def _keep(pair: Shown, target: Path) -> None:
    """Into the cache; without room there the picture is made again next time."""
    from PIL import Image

    from srgan_desktop.core.base import atomic

    buffer = io.BytesIO()
    Image.fromarray(pair).save(buffer, "PNG")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with atomic.replace_file(target) as new:
            new.file.write(buffer.getvalue())
        _thin_out(target.parent)
    except OSError as error:
        logger.info("the picture of a model is not kept: %s", error)


def _thin_out(folder: Path) -> None:
    """Each step of the detail slider has a picture of its own: keep the youngest."""
    files = sorted(folder.glob("*.png"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[KEPT_FILES:]:
        path.unlink(missing_ok=True)
