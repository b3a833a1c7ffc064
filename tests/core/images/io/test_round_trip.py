"""What is written is what is read, format by format."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as array_strategies
from image_makers import KINDS, as_fraction, noise, picture
from PIL import Image

from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.images.io import (
    FORMATS,
    WriteOptions,
    encode,
    extension,
    probe,
    read_image,
    vips,
    writable_formats,
    write_image,
)

EXACT = ("png", "tiff", "webp", "jpeg2000", "jxl")
EXACT_16 = {
    "webp": (),
    "png": ("grey16", "greya16", "rgb16", "rgba16"),
    "tiff": ("grey16", "greya16", "rgb16", "rgba16"),
    "jpeg2000": ("grey16",),
    "jxl": ("grey16", "greya16", "rgb16", "rgba16"),
}
OFF_BY = {"jpeg": 5, "avif": 4, "heic": 5, "webp": 0, "bmp": 0, "jpeg2000": 0, "jxl": 0}


def there_and_back(
    folder: Path, source: RasterImage, name: str
) -> tuple[RasterImage, tuple[str, ...]]:
    path = folder / f"a{extension(name)}"
    options = WriteOptions(name, quality=100, existing="overwrite")
    written = write_image(path, source, options)
    assert written.path == path
    assert not written.skipped
    return read_image(path), written.warnings


def test_everything_that_can_be_written_is_installed_for_the_tests() -> None:
    assert writable_formats() == tuple(n for n, entry in FORMATS.items() if entry.writable)


@pytest.mark.parametrize(
    ("name", "kind"),
    [(name, kind) for name in EXACT for kind in KINDS if kind in EXACT_16[name] or "8" in kind],
)
def test_lossless_formats_keep_every_pixel(tmp_path: Path, name: str, kind: str) -> None:
    source = noise(kind)
    back, warnings = there_and_back(tmp_path, source, name)
    assert warnings == ()
    assert back.warnings == ()
    assert back.format == name
    assert back.pixels.dtype == source.pixels.dtype
    # WebP knows no grey: all three channels are the same
    assert np.array_equal(back.pixels, np.broadcast_to(source.pixels, back.pixels.shape))
    if name != "webp":
        assert back.channels == source.channels
    if source.alpha is None:
        assert back.alpha is None
    else:
        assert back.alpha is not None
        assert np.array_equal(back.alpha, source.alpha)
    assert back.pixels.flags.c_contiguous
    assert back.pixels.flags.writeable


@pytest.mark.parametrize("kind", ["grey8", "rgb8", "rgba8", "rgb16", "rgba16"])
@pytest.mark.parametrize("name", OFF_BY)
def test_other_formats_come_close_and_say_what_is_lost(
    tmp_path: Path, name: str, kind: str
) -> None:
    source = picture(kind)
    back, warnings = there_and_back(tmp_path, source, name)
    expected = as_fraction(source.pixels)
    if source.alpha is not None:
        share = as_fraction(source.alpha)[..., None]
        if FORMATS[name].alpha:
            assert back.alpha is not None
            assert np.abs(as_fraction(back.alpha) - as_fraction(source.alpha)).max() <= 1.51 / 255
        else:
            expected = expected * share + 1 - share
            assert any("transparency" in warning for warning in warnings)
            assert back.alpha is None
    shortened = source.depth > FORMATS[name].rgb_depth
    assert any("8 bits" in warning for warning in warnings) == shortened
    limit = (OFF_BY[name] + 0.51) / 255
    assert np.abs(as_fraction(back.pixels) - expected).max() <= limit


@pytest.mark.parametrize("name", [n for n, entry in FORMATS.items() if entry.writable])
@pytest.mark.parametrize("kind", ["grey8", "rgba8", "rgb16"])
def test_probe_says_what_reading_gives(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / f"a{extension(name)}"
    write_image(path, picture(kind), WriteOptions(name))
    info, back = probe(path), read_image(path)
    assert (info.width, info.height) == (back.width, back.height) == (31, 20)
    assert (info.channels, info.depth) == (back.channels, back.depth)
    assert info.has_alpha == (back.alpha is not None)
    assert info.format == back.format == name
    assert info.frames == 1
    assert info.file_size == path.stat().st_size


@pytest.mark.parametrize("name", ["webp", "jxl", "jpeg", "jpeg2000", "avif", "heic"])
def test_quality_changes_the_size(tmp_path: Path, name: str) -> None:
    source = noise("rgb8", 64, 64)
    sizes = []
    for quality in (20, 60, 95):
        options = WriteOptions(name, quality=quality)
        written = write_image(tmp_path / f"q{quality}{extension(name)}", source, options)
        sizes.append(written.path.stat().st_size)
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[2] / 1.5


@pytest.mark.parametrize("name", ["png", "tiff"])
@given(data=st.data())
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_writing_and_reading_is_the_identity(
    tmp_path: Path, name: str, data: st.DataObject
) -> None:
    dtype = data.draw(st.sampled_from([np.uint8, np.uint16]))
    height, width = data.draw(st.tuples(st.integers(1, 9), st.integers(1, 40)))
    channels = data.draw(st.sampled_from([1, 3]))
    values = array_strategies.arrays
    pixels = data.draw(values(dtype, (height, width, channels)))
    alpha = data.draw(st.none() | values(dtype, (height, width)))
    back, warnings = there_and_back(tmp_path, RasterImage(pixels, alpha), name)
    assert warnings == back.warnings == ()
    assert np.array_equal(back.pixels, pixels)
    assert back.pixels.dtype == dtype
    assert (back.alpha is None) == (alpha is None)
    assert alpha is None or np.array_equal(back.alpha, alpha)


@pytest.mark.parametrize("kind", ["grey8", "rgba16"])
@pytest.mark.parametrize("name", ["png", "tiff"])
def test_many_blocks_join_into_one_picture(tmp_path: Path, name: str, kind: str) -> None:
    source = picture(kind, 900, 1300) if kind == "grey8" else noise(kind, 500, 700)
    if kind == "grey8":  # repeats over the blocks' borders, which the dictionary makes use of
        source = RasterImage(np.ascontiguousarray(np.tile(source.pixels, (3, 1, 1))))
    back, _ = there_and_back(tmp_path, source, name)
    assert np.array_equal(back.pixels, source.pixels)
    with Image.open(tmp_path / f"a{extension(name)}") as image:
        image.load()  # other decoders find nothing to complain about either
        assert image.size == (source.width, source.height)


def test_a_memory_map_is_written(tmp_path: Path) -> None:
    shape = (64, 80, 3)
    pixels = np.memmap(tmp_path / "pixels", np.uint8, "w+", shape=shape)
    pixels[:] = noise("rgb8", 64, 80).pixels
    back, _ = there_and_back(tmp_path, RasterImage(pixels), "png")
    assert np.array_equal(back.pixels, pixels)


def test_large_jpegs_are_written_in_strips_with_the_same_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = picture("rgb8", dpi=(300.0, 300.0), text=(("Comment", "hello"),))
    monkeypatch.setattr(encode, "LARGE_PIXELS", 10)
    in_strips, _ = there_and_back(tmp_path, source, "jpeg")
    monkeypatch.setattr(encode, "LARGE_PIXELS", 10**9)
    by_pillow, _ = there_and_back(tmp_path, source, "jpeg")
    assert in_strips.metadata == by_pillow.metadata
    assert np.array_equal(in_strips.pixels, by_pillow.pixels)


def test_libvips_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = noise("rgb16")
    path = write_image(tmp_path / "a.png", source, WriteOptions("png")).path
    monkeypatch.setattr(vips, "available", lambda: False)
    back = read_image(path)
    assert back.depth == 8
    assert any("16 bits per channel and was read with 8" in text for text in back.warnings)
    assert np.abs(as_fraction(back.pixels) - as_fraction(source.pixels)).max() <= 1 / 255
