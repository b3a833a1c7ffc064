"""What can be enlarged can be learned from, and the check says beforehand what training will do."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from srgan_desktop.core.base.errors import ImageReadError
from srgan_desktop.core.base.events import drain
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.images.io import FORMATS, WriteOptions, available, write_image
from srgan_desktop.core.images.io.formats import is_image_name
from trainer.data.check import check_folder
from trainer.data.dataset import Rejected, decode, header_size, image_paths, load_photos

Photo = Callable[..., np.ndarray]


def _swapped_profile() -> bytes:
    """sRGB with red and green exchanged: whether it was used is plain to see."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack_from(">I", made, 128)[0]
    at = {bytes(made[132 + 12 * n : 136 + 12 * n]): 136 + 12 * n for n in range(count)}
    red, green = slice(at[b"rXYZ"], at[b"rXYZ"] + 8), slice(at[b"gXYZ"], at[b"gXYZ"] + 8)
    made[red], made[green] = made[green], made[red]
    return bytes(made)


def _heic(pixels: np.ndarray) -> bytes:
    pillow_heif = pytest.importorskip("pillow_heif")
    out = io.BytesIO()
    data = np.ascontiguousarray(pixels)
    heif = pillow_heif.from_bytes(mode="RGB", size=data.shape[1::-1], data=data.tobytes())
    heif.save(out, quality=100, chroma="444")
    return out.getvalue()


@pytest.mark.parametrize("name", ["a.jpg", "a.jfif", "a.png", "a.bmp", "a.tif", "a.webp", "a.ppm"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_plain_photos_are_what_pillow_reads(
    tmp_path: Path, photo: Photo, name: str, mode: str
) -> None:
    """Runs of earlier versions go on with the same pixels."""
    Image.fromarray(photo(3)).convert(mode).save(tmp_path / name)
    with Image.open(tmp_path / name) as image:
        for colours, wanted in ((3, "RGB"), (1, "L")):
            expected = np.asarray(image.convert(wanted)).reshape(112, 128, colours)
            assert np.array_equal(decode(tmp_path / name, colours), expected)


def test_an_srgb_profile_changes_nothing(tmp_path: Path, photo: Photo) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(photo(3)).save(tmp_path / "a.png", icc_profile=srgb)
    assert np.array_equal(decode(tmp_path / "a.png", 3), photo(3))


def test_other_profiles_are_converted(tmp_path: Path, photo: Photo) -> None:
    Image.fromarray(photo(3)).save(tmp_path / "a.png", icc_profile=_swapped_profile())
    difference = decode(tmp_path / "a.png", 3)[..., [1, 0, 2]].astype(int) - photo(3)
    assert np.abs(difference).max() <= 1


def test_photos_of_phones(tmp_path: Path, photo: Photo) -> None:
    (tmp_path / "a.HEIC").write_bytes(_heic(photo(3)))
    assert image_paths(tmp_path) == [tmp_path / "a.HEIC"]
    assert header_size(tmp_path / "a.HEIC") == (128, 112)
    assert np.abs(decode(tmp_path / "a.HEIC", 3).astype(int) - photo(3)).mean() < 3


def test_sixteen_bits_of_colour(tmp_path: Path, photo: Photo) -> None:
    deep = photo(3).astype(np.uint16) * 257 + 40
    write_image(tmp_path / "a.tif", RasterImage(deep), WriteOptions("tiff"))
    assert np.array_equal(decode(tmp_path / "a.tif", 3), photo(3))


def test_numbers_from_0_to_1_are_no_black_picture(tmp_path: Path) -> None:
    ramp = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    Image.fromarray(ramp).save(tmp_path / "a.tif")
    for colours in (1, 3):
        assert np.abs(decode(tmp_path / "a.tif", colours)[..., 0] - ramp * 255).max() <= 0.51


def test_printing_colours(tmp_path: Path) -> None:
    inks = np.zeros((8, 8, 4), np.uint8)
    inks[..., 0] = 255  # cyan
    Image.frombytes("CMYK", (8, 8), inks.tobytes()).save(tmp_path / "a.jpg", quality=100)
    red, green, blue = decode(tmp_path / "a.jpg", 3)[4, 4]
    assert red < 10
    assert min(green, blue) > 245


def test_every_kind_that_can_be_enlarged_is_found(tmp_path: Path) -> None:
    endings = [end for entry in FORMATS.values() for end in entry.extensions]
    for ending in endings:
        (tmp_path / f"a{ending}").touch()
    assert len(image_paths(tmp_path)) == len(endings)
    assert all(is_image_name(path) for path in image_paths(tmp_path))


def _claiming(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    head = struct.pack(">IIBB3x", width, height, 8, 2)
    packed = zlib.compress(bytes(64))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


def _odd_folder(folder: Path, photo: Photo) -> None:
    Image.fromarray(photo(0, 240, 200)).save(folder / "sound.png")
    if available("heic"):
        (folder / "phone.heic").write_bytes(_heic(photo(1, 240, 200)))
    (folder / "huge.png").write_bytes(_claiming(40_000, 30_000))
    (folder / "cut.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (folder / "text.tif").write_bytes(b"no picture at all")
    whole = (folder / "sound.png").read_bytes()
    note = b"parameters\0\0" + zlib.compress(bytes(70 << 20), 1)
    chunk = struct.pack(">I", len(note)) + b"zTXt" + note
    chunk += struct.pack(">I", zlib.crc32(b"zTXt" + note))
    (folder / "recipe.png").write_bytes(whole[:33] + chunk + whole[33:])
    inks = Image.fromarray(photo(2, 240, 200)).convert("CMYK")
    inks.save(folder / "inks.tif")


def test_the_check_agrees_with_training(tmp_path: Path, photo: Photo) -> None:
    _odd_folder(tmp_path, photo)
    report = drain(check_folder(tmp_path, crop=96, scale=4))
    rejected: list[Rejected] = []
    loaded = drain(
        load_photos(
            tmp_path,
            image_paths(tmp_path),
            colours=3,
            least_side=96,
            memory_bytes=10**9,
            rejected=rejected.append,
        )
    )
    assert {item.path.name for item in rejected} == {"huge.png", "cut.jpg", "text.tif"}
    assert report.usable == len(loaded.paths) == len(list(tmp_path.iterdir())) - 3
    told = {item.path: item.message for item in rejected}
    assert {item.path: item.message for item in report.unusable} == told
    assert "more pixels than training can take" in told[tmp_path / "huge.png"]


def test_a_photo_that_changes_while_the_folder_is_read(
    tmp_path: Path, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.png", "b.png"):
        Image.fromarray(photo(0)).save(tmp_path / name)
    read = decode

    def grown(path: Path, colours: int) -> np.ndarray:
        return photo(5, 300, 300) if path.name == "a.png" else read(path, colours)

    monkeypatch.setattr("trainer.data.dataset.decode", grown)
    rejected: list[Rejected] = []
    loaded = drain(
        load_photos(
            tmp_path,
            image_paths(tmp_path),
            colours=3,
            least_side=8,
            memory_bytes=10**9,
            rejected=rejected.append,
        )
    )
    assert [path.name for path in loaded.paths] == ["b.png"]
    assert np.array_equal(loaded.photo(0).numpy(), photo(0))
    assert [item.path.name for item in rejected] == ["a.png"]


def test_size_alone_is_no_reason_to_leave_a_photo_out(tmp_path: Path) -> None:
    """Pillow's own limit is under ours, and belongs to the process: the trainer's has it, too."""
    program = (
        "import sys, PIL.Image\n"
        "from trainer.data.dataset import decode, header_size\n"
        "assert PIL.Image.MAX_IMAGE_PIXELS is None\n"
        "print(*header_size(__import__('pathlib').Path(sys.argv[1])))\n"
    )
    (tmp_path / "a.png").write_bytes(_claiming(20_000, 20_000))
    command = [sys.executable, "-W", "error", "-c", program, str(tmp_path / "a.png")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["20000", "20000"]


def test_the_limit_is_said_in_trainings_words(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(_claiming(40_000, 30_000))
    for look in (header_size, lambda path: decode(path, 3)):
        with pytest.raises(ImageReadError, match="more pixels than training can take"):
            look(tmp_path / "a.png")
