"""Files that cannot be read give one sentence that names them, and nothing else."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import time
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from image_makers import noise, picture
from odd_makers import tiff
from PIL import Image

from srgan_desktop.core.base.errors import FileError, ImageReadError, ImageTooLargeError
from srgan_desktop.core.images.io import (
    FORMATS,
    WriteOptions,
    extension,
    formats,
    jxl_header,
    open_image,
    probe,
    read,
    read_image,
    write_image,
)
from srgan_desktop.core.images.io.png_chunks import SIGNATURE, chunk
from srgan_desktop.core.images.io.probe import read_header

WRITABLE = [name for name, entry in FORMATS.items() if entry.writable]


def refused(path: Path, words: str) -> None:
    for function in (read_image, probe):
        with pytest.raises(ImageReadError, match=words) as caught:
            function(path)
        assert str(caught.value).startswith(str(path))


def test_a_missing_file(tmp_path: Path) -> None:
    refused(tmp_path / "none.png", "does not exist")


def test_a_folder(tmp_path: Path) -> None:
    refused(tmp_path, "folder")


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    refused(tmp_path / "a.png", "empty")


def test_text_called_png(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("this is no picture at all, just a line of text")
    refused(tmp_path / "a.png", "not a picture of a known kind")


def test_a_dangling_link(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to(tmp_path / "gone.png")
    refused(tmp_path / "a.png", "does not exist")


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_image(tmp_path / "a.png", picture("rgb8"), WriteOptions("png")).path

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # an administrator may read everything
    refused(path, "no permission")


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    refused(tmp_path / ("a" * 300 + ".png"), "too long")


def test_photoshop_and_camera_raw(tmp_path: Path) -> None:
    (tmp_path / "a.psd").write_bytes(b"8BPS" + bytes(100))
    refused(tmp_path / "a.psd", "Photoshop")
    (tmp_path / "a.raf").write_bytes(b"FUJIFILMCCD-RAW" + bytes(100))
    refused(tmp_path / "a.raf", "raw")
    tiff = write_image(tmp_path / "a.tif", picture("rgb8"), WriteOptions("tiff")).path
    tiff.rename(tmp_path / "a.nef")
    refused(tmp_path / "a.nef", "raw")
    canon = b"II*\0" + struct.pack("<I", 16) + b"CR\2\0" + bytes(4)
    canon += struct.pack("<HHHIHHHHIHHI", 2, 256, 3, 1, 9, 0, 257, 3, 1, 9, 0, 0)
    (tmp_path / "a.tif").write_bytes(canon)
    refused(tmp_path / "a.tif", "raw")


@pytest.mark.parametrize("name", WRITABLE)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_file_cut_short(tmp_path: Path, name: str, share: float) -> None:
    path = tmp_path / f"a{extension(name)}"
    write_image(path, noise("rgb8", 64, 64), WriteOptions(name))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ImageReadError, match=r"cut short.*(get a whole copy|copy or download)"):
        read_image(path)


@pytest.mark.parametrize("name", [*WRITABLE, "gif"])
def test_only_the_start_of_a_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"a{extension(name)}"
    if name == "gif":
        Image.new("L", (9, 9)).save(path)
    else:
        write_image(path, noise("rgb8", 64, 64), WriteOptions(name))
    data = path.read_bytes()
    for length in (3, 12, 26, 40):
        path.write_bytes(data[:length])
        with pytest.raises(ImageReadError):
            read_image(path)


@pytest.mark.parametrize("name", ["png", "tiff", "jpeg"])
def test_sixteen_bits_cut_short(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"a{extension(name)}"
    write_image(path, noise("rgba16", 64, 64), WriteOptions(name))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(ImageReadError, match="cut short"):
        read_image(path)


@pytest.mark.parametrize("name", WRITABLE)
def test_flipped_bytes_never_escape_as_something_else(tmp_path: Path, name: str) -> None:
    """Damage may go unnoticed or be an error of ours; nothing else may come out."""
    path = tmp_path / f"a{extension(name)}"
    write_image(path, noise("rgb8", 24, 24), WriteOptions(name))
    data = path.read_bytes()
    random = np.random.default_rng(5)
    for _ in range(40):
        broken = bytearray(data)
        for at in random.integers(0, min(len(data), 200), 3):
            broken[at] = random.integers(0, 256)
        path.write_bytes(bytes(broken))
        try:
            back = read_image(path, max_pixels=100_000)
        except FileError:
            continue
        assert back.width * back.height <= 100_000


def _png_claiming(path: Path, width: int, height: int) -> Path:
    head = struct.pack(">IIBB3x", width, height, 8, 2)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    path.write_bytes(SIGNATURE + body)
    return path


def test_a_picture_without_size(tmp_path: Path) -> None:
    refused(_png_claiming(tmp_path / "a.png", 0, 10), "0 x 10 pixels")


def test_a_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    path = _png_claiming(tmp_path / "a.png", 200_000, 200_000)
    with pytest.raises(ImageTooLargeError, match="--allow-huge") as caught:
        read_image(path)
    assert "200000 x 200000" in str(caught.value)
    assert probe(path).width == 200_000
    with pytest.raises(ImageReadError):  # allowed, but there is not enough of it
        read_image(_png_claiming(tmp_path / "b.png", 30_000, 10), max_pixels=None)


@pytest.mark.parametrize("kind", ["rgb8", "rgb16"])
def test_a_second_header_lets_no_png_past_the_limit(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.png"
    write_image(path, picture(kind, 20, 30), WriteOptions("png"))
    data = path.read_bytes()
    small = chunk(b"IHDR", struct.pack(">II", 1, 1) + data[24:29])
    for at in (data.rindex(b"IEND") - 4, len(SIGNATURE) + 25):  # at the end, and right behind it
        path.write_bytes(data[:at] + small + data[at:])
        refused(path, "two headers")


@pytest.mark.parametrize("kind", ["rgb8", "rgb16"])
def test_no_png_is_decoded_that_is_larger_than_its_header_was_read(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_image(tmp_path / "a.png", picture(kind, 20, 30), WriteOptions("png")).path
    with path.open("rb") as file:
        header = replace(read_header(path, file, "png"), width=1, height=1)
    monkeypatch.setattr(read, "read_header", lambda *_: header)
    with pytest.raises(ImageReadError, match="another size"):
        read_image(path, max_pixels=100)


@pytest.mark.parametrize("name", WRITABLE)
def test_the_limit_holds_for_every_format(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"a{extension(name)}"
    write_image(path, picture("rgb8", 20, 30), WriteOptions(name))
    assert read_image(path, max_pixels=600).width == 30
    with pytest.raises(ImageTooLargeError):
        read_image(path, max_pixels=599)


def test_a_jpeg_called_png_is_read_with_a_word(tmp_path: Path) -> None:
    path = write_image(tmp_path / "a.jpg", picture("rgb8"), WriteOptions("jpeg")).path
    path.rename(tmp_path / "a.png")
    back = read_image(tmp_path / "a.png")
    assert back.format == probe(tmp_path / "a.png").format == "jpeg"
    assert any("JPEG" in text and "PNG" in text for text in back.warnings)


@pytest.mark.parametrize("name", ["bär 雪 ❄.png", "a[1].tif", "a%20b'c\".jpg", "-x.webp"])
def test_unusual_names(tmp_path: Path, name: str) -> None:
    path = tmp_path / "ordner ü" / name
    path.parent.mkdir()
    source = noise("rgb16" if path.suffix in (".png", ".tif") else "rgb8")
    kind = formats.format_of_extension(path)
    assert kind is not None
    assert write_image(path, source, WriteOptions(kind)).path == path
    assert read_image(path).depth == source.depth


@pytest.mark.skipif(os.name == "nt", reason="names are always text on Windows")
def test_names_that_are_no_text(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.png"))
    source = noise("rgb16")
    write_image(path, source, WriteOptions("png"))
    assert np.array_equal(read_image(path).pixels, source.pixels)


def test_links_are_followed(tmp_path: Path) -> None:
    path = write_image(tmp_path / "a.png", picture("rgb8"), WriteOptions("png")).path
    (tmp_path / "link.png").symlink_to(path)
    assert read_image(tmp_path / "link.png").width == 31


def test_a_format_whose_module_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_image(tmp_path / "a.jxl", picture("rgb8"), WriteOptions("jxl")).path
    monkeypatch.setattr(formats, "_is_there", lambda module: module != "libjxl")
    refused(path, "reading JPEG XL needs opencodecs, which is not installed")


def test_too_little_memory_is_said(tmp_path: Path) -> None:
    with (
        pytest.raises(ImageReadError, match="not enough memory"),
        open_image.damage_reported(tmp_path / "a"),
    ):
        raise MemoryError


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (256, 256), (300, 200), (1000, 31), (64, 4096)])
@pytest.mark.parametrize("kind", ["grey8", "rgba8", "grey16", "rgb8"])
def test_the_jpeg_xl_header_is_understood(tmp_path: Path, size: tuple[int, int], kind: str) -> None:
    width, height = size
    source = noise(kind, height, width)
    path = write_image(tmp_path / "a.jxl", source, WriteOptions("jxl", quality=30)).path
    with path.open("rb") as file:
        header = jxl_header.parse(file)
    assert (header.width, header.height) == size
    assert header.bits == source.depth
    assert header.channels == source.channels
    assert header.has_alpha == (source.alpha is not None)


@pytest.mark.parametrize(
    "content", [b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\0jxlc", b"\xff\x0a\xff"]
)
def test_a_jpeg_xl_file_without_a_header(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.jxl").write_bytes(content)
    refused(tmp_path / "a.jxl", "damaged")


@pytest.mark.skipif(os.name == "nt", reason="there are no such pipes on Windows")
def test_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.png")
    refused(tmp_path / "a.png", "not an ordinary file")


def test_nothing_but_pillow_is_needed(tmp_path: Path) -> None:
    """On a machine without the other libraries their formats are missing, and the rest works."""
    write_image(tmp_path / "deep.png", noise("rgb16"), WriteOptions("png"))
    program = """
import sys
for name in ("pyvips", "pi_heif", "pillow_heif", "opencodecs", "torch", "PySide6"):
    sys.modules[name] = None
import numpy as np
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.images.io import *
folder = sys.argv[1]
source = RasterImage(np.arange(60, dtype=np.uint16).reshape(4, 5, 3) * 1000)
print(*writable_formats())
for ending in ("png", "tiff"):
    write_image(f"{folder}/a.{ending}", source, WriteOptions(ending))
print(np.array_equal(read_image(f"{folder}/a.tiff").pixels, source.pixels >> 8))
print(*read_image(f"{folder}/deep.png").warnings)
try:
    check_target("a.heic", None, 9, 9)
except Exception as error:
    print(error)
"""
    command = [sys.executable, "-W", "error", "-c", program, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert done.stderr == ""
    assert lines[0] == "png jpeg webp tiff bmp avif jpeg2000"
    assert lines[1] == "True"
    assert "was read with 8" in lines[2]
    assert "pillow-heif, which is not installed" in lines[3]


def test_importing_loads_nothing_heavy() -> None:
    program = "import sys, srgan_desktop.core.images.io as _; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    loaded = set(done.stdout.decode().split())
    assert "PIL.Image" in loaded
    assert not loaded & {"torch", "PySide6", "pyvips", "pi_heif", "pillow_heif", "opencodecs"}


def test_a_file_that_claims_many_tiles_is_refused_at_the_first_that_is_missing(
    tmp_path: Path,
) -> None:
    """libvips would note down an error for each of them, for minutes."""
    path = tmp_path / "tiles.tif"
    tile = zlib.compress(bytes(16 * 16))
    path.write_bytes(tiff((16 * 30_000, 160), [8], 1, [tile], compression=8, tile=(16, 16)))
    start = time.process_time()
    with pytest.raises(ImageReadError, match="damaged") as caught:
        read_image(path)
    assert time.process_time() - start < 3
    assert "killed" not in str(caught.value)


def test_a_decoder_in_c_prints_nothing_of_its_own(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "damaged.tif"
    Image.fromarray(noise("rgb8", 64, 64).pixels).save(path, compression="lzma")
    data = bytearray(path.read_bytes())
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    path.write_bytes(data)
    with pytest.raises(ImageReadError, match="damaged"):
        read_image(path)
    assert capfd.readouterr() == ("", "")


def test_jpeg_ls_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\xff\xd8\xff\xf7" + bytes(100))
    refused(path, "JPEG-LS is not supported")
