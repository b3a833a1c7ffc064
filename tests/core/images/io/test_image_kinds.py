"""All kinds of pixels that files may hold come out as grey or RGB, 8 or 16 bits."""

from __future__ import annotations

import io
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import pyvips
from image_makers import as_fraction, cmyk_profile, noise, profile, smooth, wide_profile
from PIL import Image

from srgan_desktop.core.base.errors import ImageReadError
from srgan_desktop.core.images.image import Metadata, RasterImage
from srgan_desktop.core.images.io import (
    WriteOptions,
    colour,
    probe,
    read_image,
    to_srgb8,
    vips,
    write_image,
)
from srgan_desktop.core.images.io import raster as samples

INKS = np.array([[[255, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 255], [0, 255, 255, 0]]], np.uint8)
SEEN = np.array([[[0, 255, 255], [255, 255, 255], [0, 0, 0], [255, 0, 0]]], np.uint8)


def cmyk_image() -> Image.Image:
    """Patches of 16 x 16: cyan, paper, black, red."""
    return Image.fromarray(INKS, "CMYK").resize((64, 16), Image.Resampling.NEAREST)


def patches(picture: RasterImage) -> np.ndarray:
    return picture.pixels[8:9, 8::16].astype(int)


@pytest.mark.parametrize("name", ["a.jpg", "a.tif"])
def test_cmyk_without_a_profile(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    cmyk_image().save(path, quality=98, **({"subsampling": 0} if name == "a.jpg" else {}))
    back = read_image(path)
    assert np.abs(patches(back) - SEEN).max() <= 6
    assert any("without a colour profile" in text for text in back.warnings)
    assert back.metadata.icc is not None
    assert colour.is_srgb(back.metadata.icc)


@pytest.mark.parametrize("name", ["a.jpg", "a.tif"])
def test_cmyk_with_a_profile(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    cmyk_image().save(path, quality=98, icc_profile=cmyk_profile())
    back = read_image(path)
    cyan, paper = patches(back)[0, :2]
    assert cyan[0] > cyan[1:].max() + 100  # red, as the profile says
    assert paper.min() >= 250
    assert len(back.warnings) == 1
    assert "without" not in back.warnings[0]
    assert back.metadata.icc is not None
    assert colour.is_srgb(back.metadata.icc)


def test_sixteen_bit_cmyk_tiff(tmp_path: Path) -> None:
    inks = np.repeat(np.repeat(INKS, 16, 0), 16, 1).astype(np.uint16) * 257
    image = pyvips.Image.new_from_memory(inks.tobytes(), 64, 16, 4, "ushort")
    image.copy(interpretation="cmyk").tiffsave(str(tmp_path / "a.tif"))
    back = read_image(tmp_path / "a.tif")
    assert np.abs(patches(back) - SEEN).max() <= 1
    assert any("16 bits" in text for text in back.warnings)


def test_lab_tiff(tmp_path: Path) -> None:
    rgb = pyvips.Image.new_from_array(np.full((8, 8, 3), (200, 40, 90), np.uint8))
    lab = rgb.copy(interpretation="srgb").icc_import(input_profile="srgb", intent="relative")
    lab.tiffsave(str(tmp_path / "a.tif"))  # under D50, as image editors write Lab
    back = read_image(tmp_path / "a.tif")
    assert np.abs(as_fraction(back.pixels) * 255 - (200, 40, 90)).max() <= 2
    assert any("Lab" in text for text in back.warnings)


@pytest.mark.parametrize("name", ["a.png", "a.gif", "a.tif", "a.bmp"])
def test_palettes_become_rgb(tmp_path: Path, name: str) -> None:
    image = Image.fromarray(noise("rgb8").pixels).quantize(16)
    image.save(tmp_path / name)
    back = read_image(tmp_path / name)
    assert np.array_equal(back.pixels, np.asarray(image.convert("RGB")))
    assert back.alpha is None
    assert probe(tmp_path / name).channels == 3


@pytest.mark.parametrize("name", ["a.png", "a.gif"])
def test_transparent_palettes_become_rgba(tmp_path: Path, name: str) -> None:
    image = Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8) % 4, "P")
    image.putpalette([9, 8, 7, 250, 0, 0, 0, 250, 0, 0, 0, 250])
    image.save(tmp_path / name, transparency=2)
    back = read_image(tmp_path / name)
    assert back.alpha is not None
    assert np.array_equal(back.alpha == 0, np.asarray(image) == 2)
    assert tuple(back.pixels[0, 1]) == (250, 0, 0)
    assert probe(tmp_path / name).has_alpha


@pytest.mark.parametrize(("mode", "channels", "key"), [("L", 1, 77), ("RGB", 3, (10, 20, 30))])
def test_a_transparent_colour_becomes_alpha(
    tmp_path: Path, mode: str, channels: int, key: object
) -> None:
    image = Image.new(mode, (6, 4), key)  # type: ignore[arg-type]
    image.putpixel((2, 1), 200 if channels == 1 else (1, 2, 3))
    image.save(tmp_path / "a.png", transparency=key)
    back = read_image(tmp_path / "a.png")
    assert back.channels == channels
    assert back.alpha is not None
    assert back.alpha[1, 2] == 255
    assert back.alpha.sum() == 255


def test_a_transparent_colour_of_16_bits(tmp_path: Path) -> None:
    import struct

    from srgan_desktop.core.images.io.png_chunks import chunk

    pixels = noise("rgb16").pixels
    pixels[3, 4] = (1000, 2000, 3000)
    path = write_image(tmp_path / "a.png", RasterImage(pixels), WriteOptions("png")).path
    data = path.read_bytes()
    path.write_bytes(data[:33] + chunk(b"tRNS", struct.pack(">3H", 1000, 2000, 3000)) + data[33:])
    back = read_image(path)
    assert back.alpha is not None
    assert (back.alpha[3, 4], back.alpha.min(), back.alpha[0, 0]) == (0, 0, 65_535)
    assert np.array_equal(back.pixels[0], pixels[0])


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.bmp"])
def test_one_bit_becomes_grey(tmp_path: Path, name: str) -> None:
    bits = np.random.default_rng(1).integers(0, 2, (9, 19)).astype(bool)
    Image.fromarray(bits).save(tmp_path / name)
    back = read_image(tmp_path / name)
    grey = back.pixels[:, :, 0]
    assert np.array_equal(grey, bits * np.uint8(255))
    assert back.channels == 1


def test_sixteen_bit_grey_by_other_programs(tmp_path: Path) -> None:
    values = noise("grey16").pixels[:, :, 0]
    Image.fromarray(values).save(tmp_path / "a.png")
    Image.fromarray(values).save(tmp_path / "a.tif")
    for name in ("a.png", "a.tif"):
        back = read_image(tmp_path / name)
        assert np.array_equal(back.pixels[:, :, 0], values)
        assert back.warnings == ()


def test_sixteen_bit_colour_by_another_program(tmp_path: Path) -> None:
    values = noise("rgba16").pixels
    image = pyvips.Image.new_from_memory(values.tobytes(), 17, 13, 3, "ushort")
    image.copy(interpretation="rgb16").write_to_file(str(tmp_path / "a.png"))
    image.copy(interpretation="rgb16").tiffsave(
        str(tmp_path / "a.tif"), tile=True, tile_width=16, tile_height=16, compression="lzw"
    )
    for name in ("a.png", "a.tif"):
        assert np.array_equal(read_image(tmp_path / name).pixels, values)


def test_wide_integers_and_floats_are_scaled_with_a_word(tmp_path: Path) -> None:
    ramp = np.linspace(0, 1, 60, dtype=np.float32).reshape(6, 10)
    Image.fromarray(ramp).save(tmp_path / "f.tif")
    back = read_image(tmp_path / "f.tif")
    assert back.depth == 16
    assert np.abs(as_fraction(back.pixels)[:, :, 0] - ramp).max() < 1e-4
    assert any("floating" in text for text in back.warnings)
    Image.fromarray((ramp * 1_000_000).astype(np.int32)).save(tmp_path / "i.tif")
    back = read_image(tmp_path / "i.tif")
    assert np.abs(as_fraction(back.pixels)[:, :, 0] - ramp).max() < 1e-4
    assert any("more than 16 bits" in text for text in back.warnings)


def test_floats_beyond_white_and_without_sense() -> None:
    data = np.array([[0.0, 2.0, np.nan, -1.0, np.inf]], np.float32)
    raster = samples.from_array(data, has_alpha=False)
    assert raster.pixels[0, :, 0].tolist() == [0, 65_535, 0, 0, 32_768]
    assert any("up to 2" in text for text in raster.warnings)


def test_multiplied_alpha_is_divided_out(tmp_path: Path) -> None:
    image = pyvips.Image.new_from_array(np.full((4, 4, 4), (100, 50, 0, 128), np.uint8))
    image.copy(interpretation="srgb").tiffsave(str(tmp_path / "a.tif"), premultiply=True)
    with Image.open(tmp_path / "a.tif") as stored:
        assert stored.tag_v2[338] == (1,) or stored.tag_v2[338] == 1
    back = read_image(tmp_path / "a.tif")
    assert back.alpha is not None
    assert (back.alpha == 128).all()
    assert np.abs(back.pixels.astype(int) - (100, 50, 0)).max() <= 2


def test_multiplied_alpha_is_divided_out_where_libvips_does_not() -> None:
    straight = np.full((2, 2, 3), (100, 50, 0), np.uint8)
    alpha = np.array([[128, 255], [1, 0]], np.uint8)
    multiplied = (straight * (alpha[:, :, None] / 255)).round().astype(np.uint8)
    raster = samples.with_alpha_divided_out(samples.Raster(multiplied, alpha))
    assert np.abs(raster.pixels[0].astype(int) - (100, 50, 0)).max() <= 1
    assert raster.pixels[1, 1].tolist() == [0, 0, 0]


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp", "a.tif"])
def test_of_several_frames_the_first_is_read_with_a_word(tmp_path: Path, name: str) -> None:
    frames = [Image.new("RGB", (8, 8), value) for value in ("red", "green", "blue")]
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    back = read_image(tmp_path / name)
    assert np.abs(back.pixels[4, 4].astype(int) - (255, 0, 0)).max() <= 4
    assert any("3 pictures" in text for text in back.warnings)
    assert probe(tmp_path / name).frames == 3


def test_mpo_is_a_jpeg_of_several_pictures(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), value) for value in ("red", "green")]
    frames[0].save(tmp_path / "a.mpo", save_all=True, append_images=frames[1:])
    back = read_image(tmp_path / "a.mpo")
    assert back.format == "jpeg"
    assert any("2 pictures" in text for text in back.warnings)


@pytest.mark.parametrize("suffix", ["heic", "avif"])
def test_ten_bits_are_read_as_sixteen(tmp_path: Path, suffix: str) -> None:
    ramp = np.ascontiguousarray(smooth(32, 64, 3, np.uint16))
    path = tmp_path / f"a.{suffix}"
    if suffix == "heic":
        import pillow_heif

        heif = pillow_heif.from_bytes(mode="RGB;16", size=(64, 32), data=ramp.tobytes())
        heif.save(path, quality=100, chroma="444")
    else:
        image = pyvips.Image.new_from_memory(ramp.tobytes(), 64, 32, 3, "ushort")
        image.copy(interpretation="rgb16").heifsave(
            str(path), compression="av1", bitdepth=10, Q=100, subsample_mode="off"
        )
    info, back = probe(path), read_image(path)
    assert info.depth == back.depth == 16
    assert back.pixels.max() >= 65_400
    assert np.abs(as_fraction(back.pixels) - as_fraction(ramp)).max() < 0.01


def test_a_jpeg_in_a_jpeg_xl_file_is_read(tmp_path: Path) -> None:
    import pillow_jxl

    source = tmp_path / "a.jpg"
    block = Image.Exif()
    block[0x0112] = 6
    Image.fromarray(smooth(16, 32, 3, np.uint8)).save(source, exif=block, quality=95)
    encoder = pillow_jxl.Encoder(mode="RGB", lossless=True, use_container=True)
    (tmp_path / "a.jxl").write_bytes(encoder(source.read_bytes(), 32, 16, jpeg_encode=True))
    back, info = read_image(tmp_path / "a.jxl"), probe(tmp_path / "a.jxl")
    assert back.format == info.format == "jxl"
    assert (info.width, info.height) == (back.width, back.height) == (16, 32)
    assert np.array_equal(back.pixels, read_image(source).pixels)


def test_showing_converts_to_srgb() -> None:
    pixels = np.full((4, 5, 3), (200, 30, 60), np.uint8)
    plain = RasterImage(pixels)
    assert np.array_equal(to_srgb8(plain), pixels)
    tagged = RasterImage(pixels, metadata=Metadata(icc=profile()))
    assert np.array_equal(to_srgb8(tagged), pixels)
    exchanged = to_srgb8(RasterImage(pixels, metadata=Metadata(icc=wide_profile())))
    assert exchanged[0, 0, 1] > 150 > exchanged[0, 0, 0]
    deep = to_srgb8(RasterImage(pixels.astype(np.uint16) * 257, metadata=Metadata(icc=profile())))
    assert np.array_equal(deep, pixels)
    grey = RasterImage(np.full((2, 2, 1), 77, np.uint8), np.zeros((2, 2), np.uint8))
    assert to_srgb8(grey).tolist() == [[[77, 77, 77]] * 2] * 2
    odd = RasterImage(pixels, metadata=Metadata(icc=b"nonsense"))
    assert np.array_equal(to_srgb8(odd), pixels)


def test_colours_are_converted_where_the_profile_cannot_be_kept(tmp_path: Path) -> None:
    source = RasterImage(
        np.full((16, 16, 3), (200, 30, 60), np.uint8), metadata=Metadata(icc=wide_profile())
    )
    result = write_image(tmp_path / "a.bmp", source, WriteOptions("bmp"))
    assert any("converted to sRGB" in text for text in result.warnings)
    assert np.abs(read_image(result.path).pixels.astype(int) - to_srgb8(source)).max() <= 1


def test_rounding_from_16_to_8_bits_is_exact() -> None:
    every = np.arange(65_536, dtype=np.uint16).reshape(256, 256, 1)
    expected = np.floor(every.astype(np.float64) / 257 + 0.5)
    assert np.array_equal(colour.reduced(every), expected)
    assert np.array_equal(colour.reduced_in_blocks(every), expected)


def test_several_threads_read_at_once(tmp_path: Path) -> None:
    names = {"a.png": "png", "b.tif": "tiff", "c.jpg": "jpeg", "d.webp": "webp", "e.jxl": "jxl"}
    sources = {name: noise("rgb8", 60, 70, seed) for seed, name in enumerate(names)}
    for name, source in sources.items():
        write_image(tmp_path / name, source, WriteOptions(names[name]))
    alone = {name: read_image(tmp_path / name).pixels for name in names}
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for name in list(names) * 3:
                assert np.array_equal(read_image(tmp_path / name).pixels, alone[name])
        except BaseException as error:
            failures.append(error)

    before = list(warnings.filters)
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert warnings.filters == before


@pytest.mark.timeout(60)
def test_a_sound_tiff_is_read_while_another_thread_meets_damage(tmp_path: Path) -> None:
    sound = write_image(tmp_path / "a.tif", noise("rgb8", 60, 70), WriteOptions("tiff")).path
    damaged = write_image(tmp_path / "b.png", noise("rgb16", 60, 70), WriteOptions("png")).path
    damaged.write_bytes(damaged.read_bytes()[:-2000])
    over = threading.Event()
    reasons: list[str] = []

    def meet_damage() -> None:
        while not over.is_set():
            try:
                read_image(damaged)
            except ImageReadError as error:
                reasons.append(str(error))

    thread = threading.Thread(target=meet_damage)
    thread.start()
    try:
        for _ in range(200):
            read_image(sound)
    finally:
        over.set()
        thread.join()
    assert reasons
    assert all("libpng read error" in reason for reason in reasons)


@pytest.mark.timeout(60)
def test_files_of_16_bits_are_decoded_side_by_side(tmp_path: Path) -> None:
    path = write_image(tmp_path / "a.png", noise("rgb16", 60, 70), WriteOptions("png")).path
    data = path.read_bytes()
    both = threading.Barrier(2, timeout=30)

    class Met(io.BytesIO):
        """Goes on once the other is being read, too."""

        waits = True

        def read(self, count: int | None = -1) -> bytes:
            if self.waits:
                both.wait()
                self.waits = False
            return super().read(count)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: vips.read(Met(data), "png", None), range(2))
    assert np.array_equal(first.pixels, second.pixels)


def test_wide_colours_without_a_profile_are_said(tmp_path: Path) -> None:
    from srgan_desktop.core.images.io.png_chunks import chunk

    path = write_image(tmp_path / "a.png", noise("rgb8"), WriteOptions("png")).path
    data = path.read_bytes()
    for numbers, said in ((b"\x01\x0d\0\1", False), (b"\x09\x10\0\1", True)):
        path.write_bytes(data[:33] + chunk(b"cICP", numbers) + data[33:])
        assert any("HDR" in text for text in read_image(path).warnings) == said
    for name in ("avif", "heic"):
        path = tmp_path / f"a.{name}"
        write_image(path, smooth_picture(), WriteOptions(name))
        plain = path.read_bytes()
        assert read_image(path).warnings == ()
        at = plain.index(b"colrnclx") + 8
        path.write_bytes(plain[:at] + b"\0\x09\0\x10" + plain[at + 4 :])
        assert any("HDR" in text for text in read_image(path).warnings)


def smooth_picture() -> RasterImage:
    return RasterImage(smooth(16, 24, 3, np.uint8))
