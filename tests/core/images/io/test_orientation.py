"""Orientation is applied exactly once, whoever applies it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from image_makers import exif_block
from PIL import Image

from srgan_desktop.core.images.image import Metadata, RasterImage
from srgan_desktop.core.images.io import WriteOptions, exif, probe, read_image, write_image
from srgan_desktop.core.images.io import orientation as turning

# How each orientation is stored, from an upright picture, in Pillow's words.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def upright() -> np.ndarray:
    """24 x 40, four different corners."""
    pixels = np.full((24, 40, 3), 128, np.uint8)
    pixels[:12, :20], pixels[:12, 20:], pixels[12:, :20] = (250, 5, 5), (5, 250, 5), (5, 5, 250)
    return pixels


def difference_inside(pixels: np.ndarray) -> int:
    """From ``upright``, away from the borders between the colours, which lossy formats blur."""
    inside = np.ix_([3, 6, 17, 20], [4, 10, 14, 26, 30, 35])
    return int(np.abs(pixels.astype(int)[inside] - upright()[inside]).max())


def stored(orientation: int) -> Image.Image:
    image = Image.fromarray(upright())
    way = STORED[orientation]
    return image if way is None else image.transpose(way)


def save(path: Path, image: Image.Image, kind: str, orientation: int) -> None:
    block = b"Exif\0\0" + exif_block(orientation)
    if kind == "tiff":  # where Pillow would take the sizes in it for those of the pixels
        plain = Image.Exif()
        plain[0x0112] = orientation
        block = plain.tobytes()
    options = {"JPEG": {"quality": 98, "subsampling": 0}, "WEBP": {"lossless": True}}
    name = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "avif": "AVIF"}.get(kind, "TIFF")
    image.save(path, name, exif=block, **options.get(name, {}))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff", "avif"])
def test_files_are_read_upright(tmp_path: Path, kind: str, orientation: int) -> None:
    path = tmp_path / f"a.{kind}"
    save(path, stored(orientation), kind, orientation)
    info, back = probe(path), read_image(path)
    assert (info.width, info.height) == (back.width, back.height) == (40, 24)
    assert difference_inside(back.pixels) <= 6
    assert exif.orientation(back.metadata.exif) == 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_heic_is_turned_once(tmp_path: Path, orientation: int) -> None:
    import pillow_heif

    image = stored(orientation)
    heif = pillow_heif.from_bytes(mode="RGB", size=image.size, data=image.tobytes())
    path = tmp_path / "a.heic"
    # the orientation becomes a property of the picture, which every decoder applies itself
    heif.save(path, quality=95, chroma="444", exif=exif_block(orientation))
    info, back = probe(path), read_image(path)
    assert (info.width, info.height) == (back.width, back.height) == (40, 24)
    assert difference_inside(back.pixels) <= 12
    assert exif.orientation(back.metadata.exif) == 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_alpha_and_deep_pictures_turn_alike(tmp_path: Path, orientation: int) -> None:
    random = np.random.default_rng(orientation)
    pixels = random.integers(0, 65_536, (6, 9, 3), dtype=np.uint16)
    alpha = random.integers(0, 65_536, (6, 9), dtype=np.uint16)
    path = tmp_path / "a.png"
    write_image(path, RasterImage(pixels, alpha), WriteOptions("png"))
    block = exif_block(orientation)
    _insert_exif(path, block)
    back = read_image(path)
    assert np.array_equal(back.pixels, turning.turned(pixels, orientation))
    assert back.alpha is not None
    assert np.array_equal(back.alpha, turning.turned(alpha, orientation))


def _insert_exif(path: Path, block: bytes) -> None:
    from srgan_desktop.core.images.io.png_chunks import chunk

    data = path.read_bytes()
    path.write_bytes(data[:33] + chunk(b"eXIf", block) + data[33:])


@pytest.mark.parametrize("name", ["jpeg", "png", "tiff", "webp", "avif", "heic", "jxl"])
def test_reading_and_writing_again_turns_nothing(tmp_path: Path, name: str) -> None:
    from srgan_desktop.core.images.io import extension

    save(tmp_path / "source.png", stored(6), "png", 6)
    first = read_image(tmp_path / "source.png")
    second = write_image(
        tmp_path / f"second{extension(name)}", first, WriteOptions(name, quality=98)
    )
    back = read_image(second.path)
    assert back.pixels.shape == (24, 40, 3)
    assert difference_inside(back.pixels) <= 12
    assert exif.orientation(back.metadata.exif) == 1


def test_a_picture_made_with_a_stale_orientation_is_written_upright(tmp_path: Path) -> None:
    made = RasterImage(upright(), metadata=Metadata(exif=exif_block(8)))
    path = write_image(tmp_path / "a.jpg", made, WriteOptions("jpeg")).path
    with Image.open(path) as image:
        assert image.getexif()[0x0112] == 1
        assert image.size == (40, 24)
