"""What a cheap look finds in photos that were damaged on purpose, and in clean ones."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from srgan_desktop.core.images.damage import NO_DAMAGE, find_damage

SAMPLE = Path(__file__).parents[3] / "resources" / "samples" / "otter.jpg"
Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """A clean photo: made smaller, so that what its own file had is gone."""
    with Image.open(SAMPLE) as image:
        return image.convert("RGB").resize((image.width * 3 // 4, image.height * 3 // 4))


def as_jpeg(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "jpeg", quality=quality)
    return Image.open(file).convert("RGB")


def noisy(image: Image.Image, sigma: float) -> Pixels:
    noise = np.random.default_rng(1).normal(0, sigma, (image.height, image.width, 1))
    return (np.asarray(image) + noise).clip(0, 255).round().astype(np.uint8)


def test_a_clean_photo_has_none(photo: Image.Image) -> None:
    found = find_damage(np.asarray(photo))
    assert found.kind == "", found
    assert find_damage(np.asarray(as_jpeg(photo, 97))).kind == ""


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_jpeg_blocks_are_seen_however_the_photo_is_turned(photo: Image.Image, turned: int) -> None:
    found = find_damage(np.asarray(as_jpeg(photo, 30).rotate(turned, expand=True)))
    assert found.kind == "blocks", found


def test_blocks_are_seen_in_a_cut_and_in_grey_and_deep_pixels(photo: Image.Image) -> None:
    blocky = as_jpeg(photo, 25)
    cut = np.asarray(blocky)[3:, 5:]
    assert find_damage(cut).kind == "blocks"
    assert find_damage(cut[..., :1]).kind == "blocks"
    assert find_damage(cut.astype(np.uint16) * 257).kind == "blocks"


def test_noise_is_measured_in_levels(photo: Image.Image) -> None:
    found = find_damage(noisy(photo, 10))
    assert found.kind == "noise"
    assert 6 < found.noise < 14


def test_blur_is_seen(photo: Image.Image) -> None:
    found = find_damage(np.asarray(photo.filter(ImageFilter.GaussianBlur(2.5))))
    assert found.kind == "blur", found


@pytest.mark.parametrize("value", [0, 128, 255])
def test_flat_and_tiny_pictures_have_none(value: int) -> None:
    assert find_damage(np.full((200, 300, 3), value, np.uint8)).kind == ""
    assert find_damage(np.full((7, 9, 3), value, np.uint8)) is NO_DAMAGE


def test_drawn_edges_are_no_blocks() -> None:
    """A drawing with lines everywhere, but on no grid."""
    canvas = np.full((256, 256, 3), 230, np.uint8)
    for at in np.random.default_rng(3).integers(0, 250, 40):
        canvas[at : at + 2] = 20
        canvas[:, at : at + 2] = 20
    assert find_damage(canvas).kind != "blocks"
