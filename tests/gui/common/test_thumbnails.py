"""The small previews of the strip and of the batch's list."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QImage

from srgan_desktop.core.base.events import drain
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.images.io import WriteOptions, write_image
from srgan_desktop.gui.common import files
from srgan_desktop.gui.common.qimages import array_of


def preview(path: Path) -> QImage:
    made = drain(files.thumbnail(path))
    assert isinstance(made, QImage)
    return made


def pixels_of(path: Path) -> np.ndarray:
    """Of the preview, in memory of their own."""
    image = preview(path)
    return array_of(image)[..., :3].copy()


def test_a_file_that_claims_more_than_the_limit_is_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, large = tmp_path / "small.png", tmp_path / "large.png"
    Image.new("1", (40, 25)).save(small)
    Image.new("1", (40, 26)).save(large)
    monkeypatch.setattr(files, "DEFAULT_MAX_PIXELS", 1000)
    assert not preview(small).isNull()
    assert preview(large).isNull()


@pytest.mark.parametrize("name", ["ramp.png", "ramp.tif"])
def test_deep_grey_is_as_light_as_it_is(tmp_path: Path, name: str) -> None:
    ramp = np.linspace(0, 65_535, 256).round().astype(np.uint16)
    Image.fromarray(np.tile(ramp, (40, 1))).save(tmp_path / name)
    shown = pixels_of(tmp_path / name)
    assert abs(float(shown.mean()) - 127.5) < 2
    assert shown[0, 0, 0] < 10 and shown[0, -1, 0] > 245


@pytest.mark.parametrize("name", ["heic", "jxl"])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_what_pillow_does_not_read_is_shown_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, depth: type[np.generic]
) -> None:
    largest = int(np.iinfo(depth).max)
    pixels = np.zeros((500, 2000, 3), depth)
    pixels[:, 1000:, 0] = largest
    alpha = np.full(pixels.shape[:2], largest, depth)
    picture = RasterImage(pixels, alpha)
    written = write_image(tmp_path / f"a.{name}", picture, WriteOptions(name)).path
    shown = pixels_of(written)
    assert shown.shape == (48, 192, 3)
    assert np.abs(shown[24, 20].astype(int) - [0, 0, 0]).max() < 12
    assert np.abs(shown[24, 170].astype(int) - [255, 0, 0]).max() < 12
    monkeypatch.setattr(files, "PREVIEW_LIMIT_PIXELS", 999_999)
    assert preview(written).isNull()


def test_numbers_with_a_point_are_shown_too(tmp_path: Path) -> None:
    Image.fromarray(np.full((20, 20), 0.5, np.float32)).save(tmp_path / "half.tif")
    assert abs(float(pixels_of(tmp_path / "half.tif").mean()) - 127.5) < 2
