"""What cannot be written gives one sentence, and nothing stays behind."""

from __future__ import annotations

import errno
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from image_makers import noise, picture

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import FormatLimitError, ImageWriteError, UsageError
from srgan_desktop.core.images.image import ImageInfo, RasterImage
from srgan_desktop.core.images.io import (
    FORMATS,
    WriteOptions,
    check_target,
    encode,
    extension,
    format_of_extension,
    formats,
    free_target,
    is_image_name,
    read_image,
    target_format,
    write_image,
)

WRITABLE = [name for name, entry in FORMATS.items() if entry.writable]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def info(name: str) -> ImageInfo:
    return ImageInfo(9, 9, 3, 8, False, name, 1, 100)


class FullDisk:
    """A file that takes a little and then fails as a full disk does."""

    def __init__(self, file: object, room: int) -> None:
        self._file, self._room = file, room

    def write(self, data: bytes) -> int:
        self._room -= len(data)
        if self._room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._file.write(data)  # type: ignore[attr-defined,no-any-return]

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)

    def __enter__(self) -> FullDisk:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", [*WRITABLE, "large jpeg"])
def test_a_full_disk(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "large jpeg":
        monkeypatch.setattr(encode, "LARGE_PIXELS", 10)
        name = "jpeg"
    create = atomic._create_temporary

    def small(folder: Path) -> tuple[Path, FullDisk]:
        path, file = create(folder)
        return path, FullDisk(file, 2000)

    monkeypatch.setattr(atomic, "_create_temporary", small)
    path = tmp_path / f"a{extension(name)}"
    path.write_bytes(b"old")
    options = WriteOptions(name, existing="overwrite")
    with pytest.raises(ImageWriteError, match="disk is full") as caught:
        write_image(path, noise("rgb8", 128, 128), options)
    assert str(caught.value).startswith(str(path))
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == [path.name]


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(ImageWriteError, match="folder does not exist"):
        write_image(tmp_path / "none" / "a.png", picture("rgb8"), WriteOptions("png"))


def test_a_folder_that_vanishes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    true_fsync = os.fsync

    def vanish(descriptor: int) -> None:
        true_fsync(descriptor)
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()

    monkeypatch.setattr(os, "fsync", vanish)
    with pytest.raises(ImageWriteError, match="folder does not exist"):
        write_image(folder / "a.png", picture("rgb8"), WriteOptions("png"))


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ImageWriteError, match="not a folder"):
        write_image(tmp_path / "file" / "a.png", picture("rgb8"), WriteOptions("png"))


def test_a_folder_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    options = WriteOptions("png", existing="overwrite")
    with pytest.raises(ImageWriteError):
        write_image(tmp_path / "a.png", picture("rgb8"), options)
    assert names(tmp_path) == ["a.png"]
    written = write_image(tmp_path / "a.png", picture("rgb8"), WriteOptions("png"))
    assert written.path == tmp_path / "a (1).png"


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_read_only_folder(tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))  # an administrator may write everywhere

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(ImageWriteError, match="another folder"):
        write_image(tmp_path / "a.png", picture("rgb8"), WriteOptions("png"))


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 300 + ".png")
    for existing in ("rename", "skip", "overwrite"):
        with pytest.raises(ImageWriteError, match="too long"):
            write_image(path, picture("rgb8"), WriteOptions("png", existing=existing))
    with pytest.raises(ImageWriteError, match="too long"):
        free_target(path, "rename")
    assert names(tmp_path) == []


def test_the_longest_names_work(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 246 + ".png")
    assert write_image(path, picture("rgb8"), WriteOptions("png")).path == path
    assert write_image(path, picture("rgb8"), WriteOptions("png")).path.name.endswith(" (1).png")


def test_encoders_that_fail_or_lack_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for error, words in ((MemoryError(), "not enough memory"), (ValueError("odd"), "odd")):

        def fail(*_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setitem(encode._ENCODERS, "png", fail)
        with pytest.raises(ImageWriteError, match=words):
            write_image(tmp_path / "a.png", picture("rgb8"), WriteOptions("png"))
    assert names(tmp_path) == []


def test_existing_files(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    first, second = noise("rgb8", seed=1), noise("rgb8", seed=2)
    write_image(path, first, WriteOptions("png"))
    skipped = write_image(path, second, WriteOptions("png", existing="skip"))
    assert (skipped.path, skipped.skipped, skipped.warnings) == (path, True, ())
    renamed = write_image(path, second, WriteOptions("png"))
    assert renamed.path == tmp_path / "a (1).png"
    assert np.array_equal(read_image(path).pixels, first.pixels)
    write_image(path, second, WriteOptions("png", existing="overwrite"))
    assert np.array_equal(read_image(path).pixels, second.pixels)
    assert free_target(path, "rename") == tmp_path / "a (2).png"
    assert free_target(path, "skip") is None


@pytest.mark.parametrize("quality", [0, 101, -5])
def test_quality_out_of_range(tmp_path: Path, quality: int) -> None:
    with pytest.raises(UsageError, match="1 to 100"):
        write_image(tmp_path / "a.jpg", picture("rgb8"), WriteOptions("jpeg", quality=quality))


@pytest.mark.parametrize(
    ("name", "width", "height"),
    [
        ("jpeg", 65_536, 10),
        ("webp", 10, 16_384),
        ("avif", 65_536, 10),
        ("avif", 20_000, 20_000),
        ("bmp", 40_000, 40_000),
        ("heic", 70_000, 10),
        ("heic", 40_000, 40_000),
    ],
)
def test_sizes_a_format_cannot_hold(name: str, width: int, height: int) -> None:
    path = Path(f"a{extension(name)}")
    with pytest.raises(FormatLimitError, match="choose PNG or TIFF"):
        check_target(path, name, width, height)
    check_target(path, None, 1000, 1000)
    check_target(Path("a.png"), "png", width, height)


def test_a_picture_too_wide_is_refused_before_the_work(tmp_path: Path) -> None:
    wide = RasterImage(np.zeros((1, 65_536, 1), np.uint8))
    with pytest.raises(FormatLimitError, match="65536 x 1"):
        write_image(tmp_path / "a.jpg", wide, WriteOptions("jpeg"))
    assert names(tmp_path) == []


def test_targets_that_make_no_sense(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FormatLimitError, match=r"use one of \.png, \.jpg"):
        check_target("a.xyz", None, 9, 9)
    with pytest.raises(FormatLimitError, match="use one of"):
        check_target("a", None, 9, 9)
    with pytest.raises(FormatLimitError, match=r"needs the ending \.jpg"):
        check_target("a.png", "jpeg", 9, 9)
    with pytest.raises(FormatLimitError, match="animations only"):
        check_target("a.gif", None, 9, 9)
    monkeypatch.setattr(formats, "_is_there", lambda module: module != "libjxl")
    with pytest.raises(FormatLimitError, match="opencodecs"):
        check_target("a.jxl", None, 9, 9)


def test_which_format_is_written() -> None:
    assert target_format("same", info("jpeg")) == "jpeg"
    assert target_format("same", info("gif")) == "png"
    assert target_format("same", info("jpeg"), "out.webp") == "webp"
    assert target_format("same", info("jpeg"), "out") == "jpeg"
    assert target_format("avif", info("jpeg"), "out.avif") == "avif"
    with pytest.raises(FormatLimitError, match="change one of them"):
        target_format("avif", info("jpeg"), "out.png")
    with pytest.raises(UsageError, match="unknown picture format bpm"):
        target_format("bpm", info("jpeg"))


def test_names_and_endings() -> None:
    assert format_of_extension("A.JPG") == format_of_extension(Path("x/y.jpeg")) == "jpeg"
    assert format_of_extension("a.txt") is format_of_extension("jpg") is None
    assert is_image_name("a.HEIC")
    assert not is_image_name("a.jpg.txt")
    for name, entry in FORMATS.items():
        assert extension(name) == entry.extensions[0]
        assert format_of_extension(f"a{extension(name)}") == name


@pytest.mark.parametrize("name", ["png", "tiff"])
def test_large_pictures_need_little_memory_beside_their_own(tmp_path: Path, name: str) -> None:
    source = RasterImage(np.zeros((3000, 4000, 3), np.uint8))
    tracemalloc.start()
    try:
        write_image(tmp_path / f"a{extension(name)}", source, WriteOptions(name))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # a block is 1 MB; filtering it takes some twenty times that on each thread
    assert peak < 30_000_000 * min(os.cpu_count() or 1, 8)


def test_a_bare_codestream_holds_no_metadata(tmp_path: Path) -> None:
    source = picture("rgb8", xmp=b"<x:xmpmeta/>", dpi=(72.0, 72.0))
    result = write_image(tmp_path / "a.j2k", source, WriteOptions("jpeg2000"))
    assert result.path.read_bytes()[:4] == b"\xff\x4f\xff\x51"
    assert any("XMP" in text for text in result.warnings)
    assert np.array_equal(read_image(result.path).pixels, source.pixels)
