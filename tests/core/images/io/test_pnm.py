from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srgan_desktop.core.images.io import probe, read_image, target_format


@pytest.mark.parametrize(
    ("data", "pixels"),
    [
        (b"P1\n# note\n3 1\n1 0 1\n", [0, 255, 0]),
        (b"P2\n3 1\n255\n0 7 255\n", [0, 7, 255]),
        (b"P4\n3 1\n\xa0", [0, 255, 0]),
        (b"P5\n3 1\n255\n\x00\x07\xff", [0, 7, 255]),
        (b"P5\n3 1\n1023\n\0\0\x02\0\x03\xff", [0, 32_799, 65_535]),
        (b"P5\n3 1\n65535\n\0\0\x02\0\xff\xff", [0, 512, 65_535]),
    ],
)
def test_grey(tmp_path: Path, data: bytes, pixels: list[int]) -> None:
    (tmp_path / "a.pgm").write_bytes(data)
    image = read_image(tmp_path / "a.pgm")
    assert (image.format, image.warnings) == ("pnm", ())
    assert np.abs(image.pixels[0, :, 0].astype(int) - pixels).max() <= 1
    assert probe(tmp_path / "a.pgm").depth == image.depth


def test_colour(tmp_path: Path) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    Image.fromarray(photo).save(tmp_path / "a.ppm")
    assert np.array_equal(read_image(tmp_path / "a.ppm").pixels, photo)


def test_deep_colour_is_read_with_eight_bits_and_that_is_said(tmp_path: Path) -> None:
    values = np.array([[[0, 4660, 65_535]]], ">u2")
    (tmp_path / "a.ppm").write_bytes(b"P6\n1 1\n65535\n" + values.tobytes())
    image = read_image(tmp_path / "a.ppm")
    assert image.pixels.tolist() == [[[0, 18, 255]]]
    assert "16 bits per channel and was read with 8" in image.warnings[0]


def test_results_are_png(tmp_path: Path) -> None:
    (tmp_path / "a.pgm").write_bytes(b"P5\n1 1\n255\n\0")
    assert target_format("same", probe(tmp_path / "a.pgm")) == "png"
