"""Animations and documents of several pages: read and written whole."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srgan_desktop.core.base.errors import (
    FormatLimitError,
    ImageReadError,
    ImageTooLargeError,
    NoSpaceError,
    UsageError,
)
from srgan_desktop.core.images.animation import FOREVER, Animation, Frame
from srgan_desktop.core.images.image import Metadata, RasterImage
from srgan_desktop.core.images.io import (
    WriteOptions,
    colour,
    has_frames,
    open_frames,
    probe,
    read_image,
    tiff_write,
    vips,
    write_animation,
)

DURATIONS = [40.0, 120.0, 250.0, 40.0]


def moving_square(
    channels: int = 3, dtype: type = np.uint8, *, alpha: bool = False, count: int = 4
) -> list[RasterImage]:
    """A square on a gradient, a step further in each frame."""
    most = np.iinfo(dtype).max
    pictures = []
    for index in range(count):
        pixels: np.ndarray = np.zeros((30, 40, channels), dtype)
        pixels[...] = np.linspace(0, most / 2, 40).astype(dtype)[None, :, None]
        pixels[10:20, 5 * index : 5 * index + 10] = most
        seen: np.ndarray | None = None
        if alpha:
            seen = np.zeros((30, 40), dtype)
            seen[5:25, 5 * index : 5 * index + 15] = most
        pictures.append(RasterImage(pixels, seen))
    return pictures


def animation_of(pictures: list[RasterImage], plays: int = FOREVER) -> Animation:
    return Animation([Frame(p, d) for p, d in zip(pictures, DURATIONS, strict=True)], plays)


def read_all(path: Path) -> tuple[list[Frame], int]:
    with open_frames(path) as source:
        frames = list(source.frames)
        assert source.count == len(frames)
        return frames, source.plays


@pytest.mark.parametrize("plays", [FOREVER, 1, 3])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("alpha", [False, True])
def test_animated_png_is_exact(tmp_path: Path, channels: int, alpha: bool, plays: int) -> None:
    pictures = moving_square(channels, alpha=alpha)
    path = write_animation(
        tmp_path / "a.png", animation_of(pictures, plays), WriteOptions("png")
    ).path
    assert has_frames(probe(path))
    frames, read_plays = read_all(path)
    assert read_plays == plays
    assert [frame.duration_ms for frame in frames] == DURATIONS
    for frame, picture in zip(frames, pictures, strict=True):
        np.testing.assert_array_equal(
            frame.picture.pixels, np.broadcast_to(picture.pixels, frame.picture.pixels.shape)
        )
        if alpha:
            np.testing.assert_array_equal(frame.picture.alpha, picture.alpha)
        else:
            assert frame.picture.alpha is None


def test_a_frame_that_changes_nothing_keeps_its_time(tmp_path: Path) -> None:
    still = moving_square()[0]
    path = write_animation(tmp_path / "a.png", animation_of([still] * 4), WriteOptions("png")).path
    frames, _ = read_all(path)
    assert sum(frame.duration_ms or 0 for frame in frames) == sum(DURATIONS)
    assert path.stat().st_size < 3000


def test_animated_png_with_16_bits_is_written_exactly(tmp_path: Path) -> None:
    pictures = moving_square(dtype=np.uint16)
    path = write_animation(tmp_path / "a.apng", animation_of(pictures), WriteOptions("png")).path
    np.testing.assert_array_equal(read_image(path).pixels, pictures[0].pixels)
    frames, _ = read_all(path)
    assert "16 bits per channel and was read with 8" in " ".join(frames[0].picture.warnings)
    assert frames[1].picture.warnings == ()


@pytest.mark.parametrize("alpha", [False, True])
def test_animated_webp(tmp_path: Path, alpha: bool) -> None:
    pictures = moving_square(alpha=alpha)
    options = WriteOptions("webp", quality=100)
    path = write_animation(tmp_path / "a.webp", animation_of(pictures, 2), options).path
    frames, plays = read_all(path)
    assert plays == 2
    assert [frame.duration_ms for frame in frames] == DURATIONS
    for frame, picture in zip(frames, pictures, strict=True):
        seen = np.ones((30, 40), bool) if picture.alpha is None else picture.alpha > 0
        np.testing.assert_array_equal(frame.picture.pixels[seen], picture.pixels[seen])
        if alpha:
            np.testing.assert_array_equal(frame.picture.alpha, picture.alpha)


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("plays", [FOREVER, 1, 3])
def test_animated_gif(tmp_path: Path, alpha: bool, plays: int) -> None:
    pictures = moving_square(alpha=alpha)
    path = write_animation(
        tmp_path / "a.gif", animation_of(pictures, plays), WriteOptions("gif")
    ).path
    frames, read_plays = read_all(path)
    assert read_plays == plays
    assert [frame.duration_ms for frame in frames] == DURATIONS
    for frame, picture in zip(frames, pictures, strict=True):
        seen = np.ones((30, 40), bool) if picture.alpha is None else picture.alpha > 0
        difference = np.abs(
            frame.picture.pixels[seen].astype(int) - picture.pixels[seen].astype(int)
        )
        assert difference.mean() < 3
        if alpha:
            np.testing.assert_array_equal(frame.picture.alpha, picture.alpha)


@pytest.mark.parametrize(
    ("kind", "plays", "said"),
    [
        ("webp", 65_535, 65_535),
        ("webp", 65_536, FOREVER),
        ("gif", 65_536, 65_536),
        ("gif", 65_537, FOREVER),
        ("png", 2**20, 2**20),
    ],
)
def test_more_plays_than_a_format_can_count_have_no_end(
    tmp_path: Path, kind: str, plays: int, said: int
) -> None:
    reel = animation_of(moving_square(), plays)
    path = write_animation(tmp_path / f"a.{kind}", reel, WriteOptions(kind)).path
    assert read_all(path)[1] == said


def test_gif_frames_without_a_time_get_the_usual_one(tmp_path: Path) -> None:
    images = [Image.fromarray(picture.pixels) for picture in moving_square()]
    images[0].save(tmp_path / "a.gif", save_all=True, append_images=images[1:], duration=0)
    frames, plays = read_all(tmp_path / "a.gif")
    assert {frame.duration_ms for frame in frames} == {100.0}
    assert plays == 1


def test_a_still_picture_beside_the_animation_is_no_frame(tmp_path: Path) -> None:
    images = [Image.fromarray(picture.pixels) for picture in moving_square()]
    images[0].save(
        tmp_path / "a.png",
        save_all=True,
        append_images=images[1:],
        default_image=True,
        duration=50,
    )
    frames, _ = read_all(tmp_path / "a.png")
    assert len(frames) == 3
    np.testing.assert_array_equal(frames[0].picture.pixels, np.asarray(images[1]))


@pytest.mark.parametrize("with_vips", [True, False])
def test_pages_keep_their_sizes_depths_and_notes(
    tmp_path: Path, with_vips: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = RasterImage(
        np.arange(20 * 50 * 3, dtype=np.uint16).reshape(20, 50, 3) * 20,
        metadata=Metadata(icc=colour.srgb_profile(), dpi=(300.0, 300.0)),
    )
    grey = RasterImage(
        np.arange(64, dtype=np.uint8).reshape(8, 8, 1), np.full((8, 8), 77, np.uint8)
    )
    animation = Animation([Frame(wide), Frame(grey), Frame(moving_square()[0])])
    written = write_animation(tmp_path / "a.tif", animation, WriteOptions("tiff"))
    assert written.warnings == ()
    assert probe(written.path).frames == 3
    if not with_vips:
        monkeypatch.setattr(vips, "available", lambda: False)
    frames, _ = read_all(written.path)
    assert [frame.duration_ms for frame in frames] == [None] * 3
    pages = [frame.picture for frame in frames]
    if with_vips:  # Pillow knows no 16-bit colours
        np.testing.assert_array_equal(pages[0].pixels, wide.pixels)
    assert pages[0].pixels.shape == wide.pixels.shape
    assert pages[0].metadata.dpi == (300.0, 300.0)
    assert pages[0].metadata.icc == wide.metadata.icc
    np.testing.assert_array_equal(pages[1].pixels, grey.pixels)
    np.testing.assert_array_equal(pages[1].alpha, grey.alpha)
    assert pages[1].metadata.icc is None
    np.testing.assert_array_equal(pages[2].pixels, animation.frames[2].picture.pixels)


def test_pages_of_a_large_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiff_write, "CLASSIC_LIMIT_BYTES", 5000)
    pages = moving_square()
    path = write_animation(
        tmp_path / "a.tif", Animation([Frame(page) for page in pages]), WriteOptions("tiff")
    ).path
    assert path.read_bytes()[2] == 43
    frames, _ = read_all(path)
    for frame, page in zip(frames, pages, strict=True):
        np.testing.assert_array_equal(frame.picture.pixels, page.pixels)


def test_other_programs_read_the_pages(tmp_path: Path) -> None:
    pages = moving_square()
    write_animation(tmp_path / "a.tif", Animation([Frame(p) for p in pages]), WriteOptions("tiff"))
    with Image.open(tmp_path / "a.tif") as image:
        assert image.n_frames == 4  # type: ignore[attr-defined]
        for index, page in enumerate(pages):
            image.seek(index)
            np.testing.assert_array_equal(np.asarray(image), page.pixels)


def test_a_format_for_one_picture_gets_the_first_with_a_word(tmp_path: Path) -> None:
    written = write_animation(
        tmp_path / "a.jpg", animation_of(moving_square()), WriteOptions("jpeg")
    )
    assert "the other 3 were left out" in written.warnings[0]
    assert probe(written.path).frames == 1
    pages = Animation([Frame(page) for page in moving_square()])
    assert (
        "the other 3" in write_animation(tmp_path / "a.png", pages, WriteOptions("png")).warnings[0]
    )


def test_a_still_picture_is_not_written_as_gif(tmp_path: Path) -> None:
    with pytest.raises(FormatLimitError, match="animations only"):
        write_animation(
            tmp_path / "a.gif", Animation([Frame(moving_square()[0])]), WriteOptions("gif")
        )


def test_frames_of_different_colours_become_alike(tmp_path: Path) -> None:
    grey, colour_, seen = (
        moving_square(1)[0],
        moving_square(3)[1],
        moving_square(3, np.uint16, alpha=True)[2],
    )
    animation = Animation([Frame(p, 100.0) for p in (grey, colour_, seen)])
    path = write_animation(tmp_path / "a.webp", animation, WriteOptions("webp", quality=100)).path
    frames, _ = read_all(path)
    assert [frame.picture.channels for frame in frames] == [3, 3, 3]
    np.testing.assert_array_equal(frames[0].picture.pixels[..., :1], grey.pixels)


def test_a_damaged_frame_is_named(tmp_path: Path) -> None:
    path = write_animation(
        tmp_path / "a.png", animation_of(moving_square()), WriteOptions("png")
    ).path
    path.write_bytes(path.read_bytes()[:-60])
    with open_frames(path) as source, pytest.raises(ImageReadError, match=r"a\.png"):
        list(source.frames)


@pytest.mark.parametrize(
    "error", [UsageError("x"), NoSpaceError("x"), OSError(errno.ENOSPC, "x"), MemoryError()]
)
@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_what_fails_between_frames_is_no_damage_of_the_file(
    tmp_path: Path, kind: str, error: Exception
) -> None:
    pictures = moving_square()
    reel = animation_of(pictures) if kind == "png" else Animation([Frame(p) for p in pictures])
    path = write_animation(tmp_path / f"a.{kind}", reel, WriteOptions(kind)).path
    with pytest.raises(type(error)) as caught, open_frames(path) as source:
        next(source.frames)
        raise error
    assert caught.value is error


def test_the_limit_holds_for_every_page(tmp_path: Path) -> None:
    pages = [
        RasterImage(np.zeros((5, 5, 1), np.uint8)),
        RasterImage(np.zeros((50, 50, 1), np.uint8)),
    ]
    path = write_animation(
        tmp_path / "a.tif", Animation([Frame(page) for page in pages]), WriteOptions("tiff")
    ).path
    with pytest.raises(ImageTooLargeError), open_frames(path, max_pixels=100):
        pass  # told before anything is decoded
    with open_frames(path, max_pixels=2500) as source:
        assert [frame.picture.width for frame in source.frames] == [5, 50]


def test_a_picture_of_its_own_is_a_reel_of_one(tmp_path: Path) -> None:
    picture = moving_square()[0]
    write_animation(tmp_path / "a.png", Animation([Frame(picture)]), WriteOptions("png"))
    assert not has_frames(probe(tmp_path / "a.png"))
    frames, _ = read_all(tmp_path / "a.png")
    np.testing.assert_array_equal(frames[0].picture.pixels, picture.pixels)
    assert frames[0].duration_ms is None
