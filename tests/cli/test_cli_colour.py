"""Colour, depth, transparency and metadata through the whole program."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cli_helpers import Cli, draw, save_photo
from PIL import Image, ImageCms

from srgan_desktop.core.images.image import Metadata, RasterImage
from srgan_desktop.core.images.io import WriteOptions, probe, read_image, write_image

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def save_picture(path: Path, picture: RasterImage) -> Path:
    write_image(path, picture, WriteOptions("png"))
    return path


def test_sixteen_bits_and_profile_stay(upscale: Cli, tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 40 * 30 * 3).reshape(30, 40, 3).astype(np.uint16)
    source = save_picture(tmp_path / "a.png", RasterImage(ramp, metadata=Metadata(icc=SRGB)))
    result = upscale(source, "--json")
    assert result.events[-2]["warnings"] == []
    made = read_image(tmp_path / "a_4x.png")
    assert made.pixels.dtype == np.uint16
    assert made.pixels.shape == (120, 160, 3)
    assert made.metadata.icc == SRGB
    assert len(np.unique(made.pixels)) > 1000  # not eight bits stretched


def test_sixteen_bits_in_jpeg_are_said_to_be_lost(upscale: Cli, tmp_path: Path) -> None:
    pixels = draw().astype(np.uint16) * 257
    source = save_picture(tmp_path / "a.png", RasterImage(pixels))
    result = upscale(source, "--format", "jpeg")
    assert result.code == 0
    assert "8 bits per channel, not 16" in result.err


def test_a_turned_photo_comes_out_upright(upscale: Cli, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Cameramaker"
    exif.get_ifd(0x8769).update({0xA002: 24, 0xA003: 16})
    source = save_photo(tmp_path / "a.jpg", 24, 16, exif=exif, quality=95)
    assert upscale(source).code == 0
    with Image.open(tmp_path / "a_4x.jpg") as made:
        assert made.size == (64, 96)
        assert made.getexif().get(0x0112, 1) == 1
        assert made.getexif()[0x010F] == "Cameramaker"
        details = made.getexif().get_ifd(0x8769)
        assert (details[0xA002], details[0xA003]) == (64, 96)


def test_turned_photos_are_measured_upright(upscale: Cli, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    source = save_photo(tmp_path / "a.jpg", 24, 16, exif=exif)
    event = upscale(source, "--width", 64, "--json").events[1]
    assert (event["width"], event["height"]) == (16, 24)
    assert (event["out_width"], event["out_height"]) == (64, 96)


def test_metadata_stay_unless_they_are_stripped(upscale: Cli, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Cameramaker"
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 30.0, 15.5)})
    source = save_photo(
        tmp_path / "a.jpg", exif=exif, icc_profile=SRGB, comment=b"a secret", dpi=(240, 240)
    )
    assert upscale(source, "-o", tmp_path / "kept.jpg").code == 0
    assert upscale(source, "-o", tmp_path / "bare.jpg", "--strip-metadata").code == 0
    kept, bare = read_image(tmp_path / "kept.jpg"), read_image(tmp_path / "bare.jpg")
    assert kept.metadata.icc == bare.metadata.icc == SRGB
    with Image.open(tmp_path / "kept.jpg") as made:
        assert made.getexif().get_ifd(0x8825)[1] == "N"
    assert b"Cameramaker" in (tmp_path / "kept.jpg").read_bytes()
    for secret in (b"Cameramaker", b"a secret", b"Exif"):
        assert secret not in (tmp_path / "bare.jpg").read_bytes()


def test_transparency_stays(upscale: Cli, tmp_path: Path) -> None:
    alpha = np.zeros((16, 24), np.uint8)
    alpha[:, 12:] = 255
    source = save_picture(tmp_path / "a.png", RasterImage(draw(), alpha))
    assert upscale(source).code == 0
    made = read_image(tmp_path / "a_4x.png")
    assert made.alpha is not None
    assert (made.alpha[:, :40] == 0).all()
    assert (made.alpha[:, 56:] == 255).all()
    flat = upscale(source, "--format", "jpeg")
    assert "no transparency; the picture was put on white" in flat.err
    white = read_image(tmp_path / "a_4x.jpg").pixels[:, :32]
    assert white.min() > 245


@pytest.mark.parametrize("mode", ["L", "LA", "1", "P", "I;16"])
def test_kinds_of_png(mode: str, upscale: Cli, tmp_path: Path) -> None:
    grey = Image.fromarray(draw(channels=1)[..., 0])
    picture = grey.convert(mode) if mode != "I;16" else Image.fromarray(np.uint16(grey) * 200)
    picture.save(tmp_path / "a.png")
    assert upscale(tmp_path / "a.png").code == 0
    before, after = probe(tmp_path / "a.png"), probe(tmp_path / "a_4x.png")
    assert (after.width, after.height) == (96, 64)
    assert after.channels == before.channels
    assert after.has_alpha == before.has_alpha
    assert after.depth == before.depth


def test_printing_colours_are_converted_and_that_is_said(upscale: Cli, tmp_path: Path) -> None:
    Image.fromarray(draw()).convert("CMYK").save(tmp_path / "a.jpg")
    result = upscale(tmp_path / "a.jpg")
    assert result.code == 0
    assert "warning: " in result.err
    assert "sRGB" in result.err
    with Image.open(tmp_path / "a_4x.jpg") as made:
        assert made.mode == "RGB"


def test_an_animation_stays_one_unless_the_first_picture_is_asked_for(
    upscale: Cli, tmp_path: Path
) -> None:
    frames = [Image.fromarray(draw(seed=seed)) for seed in (1, 2, 3)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=70)
    assert upscale(tmp_path / "a.gif").code == 0
    with Image.open(tmp_path / "a_4x.gif") as moving:
        assert (moving.n_frames, moving.size) == (3, (96, 64))  # type: ignore[attr-defined]
        assert moving.info["duration"] == 70
    result = upscale(tmp_path / "a.gif", "--frames", "first")
    assert result.code == 0
    assert "holds 3 pictures; only the first was read" in result.err
    assert (tmp_path / "a_4x.png").is_file()


def test_quality_counts(upscale: Cli, tmp_path: Path) -> None:
    source = save_photo(tmp_path / "a.png", 60, 60)
    assert upscale(source, "-o", tmp_path / "low.jpg", "--quality", 10).code == 0
    assert upscale(source, "-o", tmp_path / "high.jpg", "--quality", 100).code == 0
    sizes = [(tmp_path / name).stat().st_size for name in ("low.jpg", "high.jpg")]
    assert sizes[1] > 2 * sizes[0]
