"""Files whose numbers mean other colours than they seem to: right pixels, or a clear refusal."""

from __future__ import annotations

import io
import lzma
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from image_makers import noise, profile, smooth
from odd_makers import (
    RATIONAL,
    SHORT,
    bmp_with_masks,
    chromaticity_chunk,
    gamma_chunk,
    packed_12_bits,
    padded_tiles,
    png,
    tiff,
)
from PIL import Image, ImageCms

from srgan_desktop.core.base.errors import (
    ImageReadError,
    ImageTruncatedError,
    ImageUnsupportedError,
)
from srgan_desktop.core.images.image import Metadata, RasterImage
from srgan_desktop.core.images.io import (
    WriteOptions,
    colour,
    read_image,
    to_srgb8,
    vips,
    write_image,
)
from srgan_desktop.core.images.io import described_profile as described

PIXELS = smooth(6, 8, 3, np.uint8)
SIZE = (8, 6)
# L, a, b and what they look like
LAB = np.array([[[100, 0, 0], [50, 0, 0], [54.3, 80.8, 69.9], [0, 0, 0]]])
LAB_SEEN = np.array([[[255, 255, 255], [119, 119, 119], [255, 0, 0], [0, 0, 0]]])


def read(tmp_path: Path, data: bytes, name: str = "a.tif") -> RasterImage:
    (tmp_path / name).write_bytes(data)
    return read_image(tmp_path / name)


def near(image: RasterImage, expected: np.ndarray, within: float = 1) -> bool:
    whole = 257 if image.depth == 16 else 1
    return bool(np.abs(image.pixels / whole - expected).max() <= within)


def ycbcr(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(pixels).convert("YCbCr"))


@pytest.mark.parametrize("compression", [1, 8])
def test_brightness_and_colour_apart_without_subsampling(tmp_path: Path, compression: int) -> None:
    stored = ycbcr(PIXELS).tobytes()
    data = stored if compression == 1 else zlib.compress(stored)
    tags = {530: (SHORT, [1, 1])}
    image = read(tmp_path, tiff(SIZE, [8] * 3, 6, data, compression=compression, tags=tags))
    assert near(image, PIXELS, 2)
    assert image.alpha is None


def test_brightness_and_colour_in_separate_planes_are_refused(tmp_path: Path) -> None:
    planes = [ycbcr(PIXELS)[..., i].tobytes() for i in range(3)]
    tags = {530: (SHORT, [1, 1])}
    with pytest.raises(ImageUnsupportedError, match="separate planes"):
        read(tmp_path, tiff(SIZE, [8] * 3, 6, planes, planar=2, tags=tags))


def test_the_numbers_of_black_and_white_are_heeded(tmp_path: Path) -> None:
    studio = [v for n in (16, 235, 128, 240, 128, 240) for v in (n, 1)]
    tags = {530: (SHORT, [1, 1]), 532: (RATIONAL, studio)}
    grey = np.full((6, 8, 3), 128, np.uint8)
    grey[:, :4, 0], grey[:, 4:, 0] = 16, 235
    image = read(tmp_path, tiff(SIZE, [8] * 3, 6, grey.tobytes(), tags=tags))
    assert image.pixels[:, :4].max() == 0
    assert image.pixels[:, 4:].min() == 255


def test_subsampled_colour_has_no_transparency(tmp_path: Path) -> None:
    block = bytes((90, 90, 90, 90, 128, 128)) * 12  # 2 x 2 of brightness, then the two colours
    image = read(tmp_path, tiff(SIZE, [8] * 3, 6, block, tags={530: (SHORT, [2, 2])}))
    assert image.alpha is None
    assert near(image, np.full((6, 8, 3), 90))


def test_sixteen_bits_of_brightness_and_colour(tmp_path: Path) -> None:
    deep = ycbcr(PIXELS).astype("<u2") * 257
    image = read(tmp_path, tiff(SIZE, [16] * 3, 6, deep.tobytes(), tags={530: (SHORT, [1, 1])}))
    assert image.depth == 16
    assert near(image, PIXELS, 2)


def icc_lab(bits: int) -> bytes:
    whole = (100 / 255, 1, 1) if bits == 8 else (100 / 65_280, 1 / 256, 1 / 256)
    stored = (LAB + np.array([0, 128, 128])) / whole
    return stored.round().astype("u1" if bits == 8 else "<u2").tobytes()


def cie_lab(bits: int) -> bytes:
    whole = (100 / 255, 1, 1) if bits == 8 else (100 / 65_535, 1 / 256, 1 / 256)
    return (LAB / whole).round().astype("i4").astype("u1" if bits == 8 else "<u2").tobytes()


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("photometric", [8, 9])
def test_lab_colours(tmp_path: Path, photometric: int, bits: int) -> None:
    stored = cie_lab(bits) if photometric == 8 else icc_lab(bits)
    image = read(tmp_path, tiff((4, 1), [bits] * 3, photometric, stored))
    assert near(image, LAB_SEEN, 5 if bits == 8 else 2)
    assert "Lab colours were converted" in image.warnings[0]
    assert image.metadata.icc is not None
    assert colour.is_srgb(image.metadata.icc)


@pytest.mark.parametrize("photometric", [8, 9])
def test_lab_colours_with_transparency(tmp_path: Path, photometric: int) -> None:
    stored = np.frombuffer(cie_lab(16) if photometric == 8 else icc_lab(16), "<u2")
    alpha = np.array([65_535, 32_896, 0, 257], "<u2")
    data = np.concatenate([stored.reshape(4, 3), alpha[:, None]], axis=1).tobytes()
    image = read(tmp_path, tiff((4, 1), [16] * 4, photometric, data, tags={338: (SHORT, [2])}))
    assert near(image, LAB_SEEN, 2.5)
    assert image.alpha is not None
    assert np.abs(image.alpha.astype(int) - alpha).max() <= 1


@pytest.mark.parametrize(
    ("bits", "photometric"), [([8] * 5, 5), ([8] * 3, 10), ([64], 1), ([12] * 3, 2), ([5, 6, 5], 2)]
)
def test_kinds_that_nothing_here_reads_are_not_called_damaged(
    tmp_path: Path, bits: list[int], photometric: int
) -> None:
    with pytest.raises(ImageUnsupportedError, match="of this kind cannot be read here") as error:
        read(tmp_path, tiff(SIZE, bits, photometric, bytes(6 * 8 * sum(bits) // 8 + 6)))
    assert "damaged" not in str(error.value)


def test_floats_of_64_bits_are_not_called_damaged(tmp_path: Path) -> None:
    data = (PIXELS / 255).astype("<f8").tobytes()
    with pytest.raises(ImageUnsupportedError):
        read(tmp_path, tiff(SIZE, [64] * 3, 2, data, sample_format=3))


def test_twelve_bits_of_grey(tmp_path: Path) -> None:
    values = np.linspace(0, 4095, 48).round().astype(int).reshape(6, 8)
    image = read(tmp_path, tiff(SIZE, [12], 1, packed_12_bits(values)))
    assert image.depth == 16
    assert np.array_equal(image.pixels[..., 0], (values * 65_535 + 2047) // 4095)


def planar_tiles(pixels: np.ndarray) -> bytes:
    tiles = [tile for i in range(3) for tile in padded_tiles(pixels[..., i])]
    bits = [pixels.dtype.itemsize * 8] * 3
    return tiff(SIZE, bits, 2, tiles, planar=2, tile=(16, 16))


def test_tiles_in_separate_planes(tmp_path: Path) -> None:
    assert np.array_equal(read(tmp_path, planar_tiles(PIXELS)).pixels, PIXELS)
    with pytest.raises(ImageUnsupportedError):  # Pillow would read them wrongly
        read(tmp_path, planar_tiles(PIXELS.astype("<u2") * 257))


@pytest.mark.parametrize("bits", [8, 16])
def test_separate_planes(tmp_path: Path, bits: int) -> None:
    deep = PIXELS if bits == 8 else PIXELS.astype("<u2") * 257
    planes = [deep[..., i].tobytes() for i in range(3)]
    image = read(tmp_path, tiff(SIZE, [bits] * 3, 2, planes, planar=2))
    assert np.array_equal(image.pixels, deep)


def test_sixteen_bits_that_only_pillow_unpacks(tmp_path: Path) -> None:
    packed = lzma.compress((PIXELS.astype("<u2") * 257).tobytes())
    image = read(tmp_path, tiff(SIZE, [16] * 3, 2, packed, compression=34925))
    assert np.array_equal(image.pixels, PIXELS)
    assert "read with 8" in image.warnings[0]


@pytest.mark.parametrize("name", ["lzma", "zstd", "tiff_lzw", "packbits", "tiff_adobe_deflate"])
def test_every_compression_that_either_library_knows(tmp_path: Path, name: str) -> None:
    out = io.BytesIO()
    Image.fromarray(PIXELS).save(out, "TIFF", compression=name)
    assert np.array_equal(read(tmp_path, out.getvalue()).pixels, PIXELS)


def test_jpeg_as_tiff_first_had_it(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.fromarray(smooth(32, 32, 3, np.uint8)).save(out, "JPEG", quality=95)
    data = out.getvalue()
    tags = {513: (4, [8]), 514: (4, [len(data)]), 530: (SHORT, [2, 2])}
    image = read(tmp_path, tiff((32, 32), [8] * 3, 6, data, compression=6, tags=tags))
    assert np.abs(image.pixels.astype(int) - smooth(32, 32, 3, np.uint8)).mean() < 4


def test_what_libvips_cannot_read_fails_with_its_own_damage(tmp_path: Path) -> None:
    """The other library's word counts where it knows the kind and finds the file broken."""
    out = io.BytesIO()
    Image.fromarray(noise("rgb8", 64, 64).pixels).save(out, "TIFF", compression="lzma")
    data = bytearray(out.getvalue())
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    with pytest.raises(ImageReadError, match="damaged") as error:
        read(tmp_path, bytes(data))
    assert not isinstance(error.value, ImageUnsupportedError)


@pytest.mark.parametrize(
    ("masks", "bits", "within"),
    [
        ((0xFF0000, 0xFF00, 0xFF), 32, 0),
        ((0xFF, 0xFF00, 0xFF0000), 32, 0),
        ((0xF800, 0x7E0, 0x1F), 16, 8),
        ((0xF00, 0xF0, 0xF), 16, 16),
    ],
)
def test_bitmaps_with_masks(
    tmp_path: Path, masks: tuple[int, int, int], bits: int, within: int
) -> None:
    image = read(tmp_path, bmp_with_masks(PIXELS, masks, bits), "a.bmp")
    assert near(image, PIXELS, within)


def test_a_bitmap_with_masks_that_ends_early_is_cut_short(tmp_path: Path) -> None:
    data = bmp_with_masks(PIXELS, (0xF00, 0xF0, 0xF), 16)
    with pytest.raises(ImageTruncatedError):
        read(tmp_path, data[:-10], "a.bmp")


# PNG that describes its colours by numbers

P3 = (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
SRGB = (0.3127, 0.329, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)


def linear(values: np.ndarray) -> np.ndarray:
    low = values / 12.92
    return np.where(values <= 0.04045, low, ((values + 0.055) / 1.055) ** 2.4)


def curved(values: np.ndarray) -> np.ndarray:
    values = np.clip(values, 0, 1)
    return np.where(values <= 0.0031308, values * 12.92, 1.055 * values ** (1 / 2.4) - 0.055)


def test_a_gamma_is_applied_when_shown_and_kept_in_the_result(tmp_path: Path) -> None:
    image = read(tmp_path, png(PIXELS, gamma_chunk(1.0)), "a.png")
    assert np.array_equal(image.pixels, PIXELS)
    expected = curved(PIXELS / 255) * 255
    assert np.abs(to_srgb8(image) - expected).max() <= 1.5
    written = write_image(tmp_path / "b.png", image, WriteOptions("png"))
    assert written.warnings == ()
    assert np.array_equal(to_srgb8(read_image(written.path)), to_srgb8(image))


def test_a_gamma_of_a_grey_picture(tmp_path: Path) -> None:
    grey = smooth(6, 8, 1, np.uint8)
    image = read(tmp_path, png(grey[..., 0], gamma_chunk(1 / 1.8)), "a.png")
    assert image.warnings == ()
    expected = curved((grey / 255) ** 1.8) * 255
    assert np.abs(to_srgb8(image) - expected).max() <= 2


def test_primaries_are_heeded(tmp_path: Path) -> None:
    image = read(tmp_path, png(PIXELS, gamma_chunk(1 / 2.2), chromaticity_chunk(*P3)), "a.png")
    numbers = described.ColourNumbers(points=(P3[0:2], P3[2:4], P3[4:6], P3[6:8]))
    between = described._to_d50(numbers.points)
    to_xyz = described._to_d50(described.ColourNumbers().points)
    light = linear(PIXELS / 255) @ (np.linalg.inv(to_xyz) @ between).T
    assert np.abs(to_srgb8(image) - curved(light) * 255).max() <= 3


@pytest.mark.parametrize(
    "chunks",
    [
        [gamma_chunk(1 / 2.2)],
        [gamma_chunk(1 / 2.2), chromaticity_chunk(*SRGB)],
        [gamma_chunk(1.0), (b"sRGB", b"\0")],
        [gamma_chunk(1.0), (b"cICP", b"\1\x0d\0\1")],
        [(b"gAMA", bytes(4))],
        [(b"gAMA", b"")],
        [chromaticity_chunk(*[0.0] * 8)],
        [chromaticity_chunk(*[0.3] * 8)],
        [(b"cHRM", b"\0" * 5)],
    ],
)
def test_srgb_by_numbers_and_nonsense_change_nothing(
    tmp_path: Path, chunks: list[tuple[bytes, bytes]]
) -> None:
    image = read(tmp_path, png(PIXELS, *chunks), "a.png")
    assert image.metadata.icc is None
    assert np.array_equal(to_srgb8(image), PIXELS)


def test_a_profile_goes_before_numbers(tmp_path: Path) -> None:
    packed = b"x\0\0" + zlib.compress(profile())
    image = read(tmp_path, png(PIXELS, (b"iCCP", packed), gamma_chunk(1.0)), "a.png")
    assert image.metadata.icc == profile()


def test_code_points_of_wide_colours_become_a_profile(tmp_path: Path) -> None:
    image = read(tmp_path, png(PIXELS, (b"cICP", b"\x0c\x0d\0\1")), "a.png")
    assert image.warnings == ()
    assert image.metadata.icc is not None
    name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(image.metadata.icc)))
    assert name.strip() == "as the file describes it"
    assert not np.array_equal(to_srgb8(image), PIXELS)


def test_the_matrix_is_that_of_srgb_profiles() -> None:
    """As published for sRGB under D50, and by a profile of Pillow's."""
    published = [[0.4360, 0.3851, 0.1431], [0.2225, 0.7169, 0.0606], [0.0139, 0.0971, 0.7141]]
    made = described._to_d50(described.ColourNumbers().points)
    assert np.abs(made - published).max() < 5e-4


def test_srgbs_curve_changes_no_grey() -> None:
    made = described.profile(described.ColourNumbers(points=(P3[0:2], P3[2:4], P3[4:6], P3[6:8])))
    greys = np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, axis=2)
    assert np.abs(colour.srgb8(greys, made).astype(int) - greys).max() <= 1


# CMYK

INKS = np.array([[[255, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 255], [0, 255, 255, 0]]], np.uint8)


def cmyk_jpeg(marker: bool) -> bytes:
    out = io.BytesIO()
    patches = Image.fromarray(INKS, "CMYK").resize((64, 16), Image.Resampling.NEAREST)
    patches.save(out, "JPEG", quality=98, subsampling=0)
    data = out.getvalue()
    at = data.index(b"\xff\xee\x00\x0eAdobe")
    return data if marker else data[:at] + data[at + 16 :]


@pytest.mark.parametrize("marker", [True, False])
def test_inks_look_as_in_other_programs(tmp_path: Path, marker: bool) -> None:
    image = read(tmp_path, cmyk_jpeg(marker), "a.jpg")
    seen = image.pixels[8, 8::16].astype(int)
    expected = [[0, 255, 255], [255, 255, 255], [0, 0, 0], [255, 0, 0]]
    assert np.abs(seen - expected).max() <= 6


# grey profiles


def grey_gamma(exponent: float) -> bytes:
    made = described.profile(described.ColourNumbers(exponent), grey=True)
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("name", "has_alpha"),
    [
        *((name, False) for name in ("webp", "avif", "heic", "jxl", "png", "tiff", "bmp", "jpeg")),
        *((name, True) for name in ("webp", "avif", "heic", "jxl", "png", "tiff")),
    ],
)
def test_grey_looks_alike_in_every_format(tmp_path: Path, name: str, has_alpha: bool) -> None:
    """A grey profile is kept where it describes the pixels, else they are converted."""
    grey = smooth(16, 24, 1, np.uint8)
    alpha = np.full((16, 24), 255, np.uint8) if has_alpha else None
    if alpha is not None:
        alpha[0, 0] = 254
    source = RasterImage(grey, alpha, Metadata(icc=grey_gamma(1.0)))
    ending = {"jpeg": "jpg", "tiff": "tif"}.get(name, name)
    written = write_image(tmp_path / f"a.{ending}", source, WriteOptions(name, quality=100))
    back = read_image(written.path)
    assert not any("profile is not one" in text for text in back.warnings)
    assert np.abs(to_srgb8(back).astype(int) - to_srgb8(source)).max() <= 6
    converted = any("were converted to sRGB" in text for text in written.warnings)
    assert converted == (back.metadata.icc is None or colour.is_srgb(back.metadata.icc))


def test_sixteen_bits_of_grey_keep_their_profile(tmp_path: Path) -> None:
    source = RasterImage(smooth(16, 24, 1, np.uint16), None, Metadata(icc=grey_gamma(1.0)))
    written = write_image(tmp_path / "a.jxl", source, WriteOptions("jxl", quality=100))
    back = read_image(written.path)
    assert np.abs(to_srgb8(back).astype(int) - to_srgb8(source)).max() <= 1
    assert np.array_equal(back.pixels, source.pixels)
    assert written.warnings == ()


# limits and messages


@pytest.mark.parametrize("deep", [False, True])
def test_a_note_larger_than_the_picture(tmp_path: Path, deep: bool) -> None:
    path = write_image(
        tmp_path / "a.png", noise("rgb16" if deep else "rgb8"), WriteOptions("png")
    ).path
    data = path.read_bytes()
    note = b"parameters\0\0" + zlib.compress(bytes(70 << 20), 9)
    chunk = struct.pack(">I", len(note)) + b"zTXt" + note
    chunk += struct.pack(">I", zlib.crc32(b"zTXt" + note))
    path.write_bytes(data[:33] + chunk + data[33:])
    assert np.array_equal(read_image(path).pixels, noise("rgb16" if deep else "rgb8").pixels)


@pytest.mark.parametrize("longest", [True, False])
def test_jpeg_holds_what_its_encoder_holds(tmp_path: Path, longest: bool) -> None:
    wide = RasterImage(np.zeros((1, 65_500 if longest else 65_501, 3), np.uint8))
    if longest:
        path = write_image(tmp_path / "a.jpg", wide, WriteOptions("jpeg")).path
        assert read_image(path).width == 65_500
    else:
        with pytest.raises(Exception, match="JPEG holds at most 65500 pixels"):
            write_image(tmp_path / "a.jpg", wide, WriteOptions("jpeg"))


def _broken_kinds() -> Sequence[tuple[str, bytes]]:
    rng = np.random.default_rng(0)
    return [
        ("a.jpg", b"\xff\xd8\xff" + bytes(100)),
        ("a.gif", b"GIF89a" + bytes(rng.integers(0, 256, 60, np.uint8))),
        ("a.bmp", b"BM" + b"\xff" * 60),
        ("a.webp", b"RIFF\xff\xff\xff\x7fWEBPVP8 " + b"\xff" * 60),
        ("a.tif", b"II*\0" + b"\xff\xff\xff\x7f"),
        ("a.tif", tiff(SIZE, [8] * 3, 2, b"x" * 144, tags={273: (16, [2**63])}, big=True)),
        ("a.tif", tiff(SIZE, [8] * 3, 2, b"x" * 144, tags={273: (4, [2**32 - 1])})),
        ("a.jp2", b"\0\0\0\x0cjP  \r\n\x87\n" + b"\xff" * 60),
        ("a.avif", b"\0\0\0\x18ftypavif" + b"\xff" * 60),
        ("a.heic", b"\0\0\0\x18ftypheic" + b"\xff" * 60),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"\xff" * 60),
    ]


@pytest.mark.parametrize("case", range(11))
def test_refusals_speak_of_the_file_not_of_the_program(
    tmp_path: Path, case: int, capfd: pytest.CaptureFixture[str]
) -> None:
    name, data = _broken_kinds()[case]
    with pytest.raises(ImageReadError) as error:
        read(tmp_path, data, name)
    said = str(error.value)
    assert said.startswith(str(tmp_path / name))
    for word in ("<_io", "ssize_t", "0x7f", "Traceback", "cffi", "NoneType"):
        assert word not in said
    assert "Traceback" not in capfd.readouterr().err


def test_a_disk_that_fails_is_named_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What the system says while a library reads comes out, and not as a traceback beside it."""
    path = write_image(tmp_path / "a.tif", noise("rgb16", 200, 200), WriteOptions("tiff")).path

    class Failing(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    with Failing(path) as file, pytest.raises(OSError, match="Input/output error"):
        vips.read(file, "tiff", None)  # type: ignore[arg-type]
    assert capfd.readouterr().err == ""
