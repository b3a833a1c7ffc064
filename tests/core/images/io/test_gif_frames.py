"""Frames that lie outside the picture are cut to it, whatever they claim."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from odd_makers import gif
from PIL import Image

from srgan_desktop.core.base.errors import ImageReadError
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.images.io import (
    WriteOptions,
    open_frames,
    probe,
    read_image,
    write_image,
)

FULL = ((0, 0), np.full((4, 4), 1))


def frames_of(path: Path) -> list[np.ndarray]:
    with open_frames(path) as source:
        return [frame.picture.pixels for frame in source.frames]


def test_a_frame_is_cut_to_the_canvas(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    path.write_bytes(
        gif((4, 4), [FULL, ((2, 3), np.full((4, 4), 2)), ((9, 9), np.full((2, 2), 3))])
    )
    info = probe(path)
    assert (info.width, info.height, info.frames) == (4, 4, 3)
    first, second, third = frames_of(path)
    assert (first == (255, 0, 0)).all()
    expected = np.broadcast_to((255, 0, 0), (4, 4, 3)).copy()
    expected[3, 2:] = (0, 255, 0)
    np.testing.assert_array_equal(second, expected)
    np.testing.assert_array_equal(third, expected)


def test_times_and_transparency_of_cut_frames(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    clear = np.full((6, 6), 3)
    clear[0, 0] = 2
    path.write_bytes(gif((4, 4), [FULL, ((2, 2), clear)], transparent=3, delay=7, loop=4))
    with open_frames(path) as source:
        frames = list(source.frames)
        assert source.plays == 5
    assert [frame.duration_ms for frame in frames] == [70, 70]
    assert frames[1].picture.pixels[2, 2].tolist() == [0, 255, 0]
    assert frames[1].picture.pixels[3, 3].tolist() == [255, 0, 0]


def test_a_first_frame_beyond_the_canvas_enlarges_it(tmp_path: Path) -> None:
    """As in browsers: what a still reader shows and the frames have one size."""
    path = tmp_path / "a.gif"
    path.write_bytes(gif((4, 4), [((2, 2), np.full((8, 8), 1)), FULL]))
    info = probe(path)
    assert (info.width, info.height) == (10, 10)
    assert read_image(path).pixels.shape == (10, 10, 3)
    assert [pixels.shape for pixels in frames_of(path)] == [(10, 10, 3)] * 2


# what Pillow reads past, before a frame
PASSED_OVER = {
    "junk": b"\x00\x07",
    "a comment without any text": b"!\xfe\x00",
    "an extension whose first block is empty": b"!\xf9\x00\x02ab\x00",
    "repetitions that end early": b"!\xff\x0bNETSCAPE2.0\x00\x02ab\x00",
}


@pytest.mark.parametrize("passed_over", PASSED_OVER.values(), ids=PASSED_OVER)
def test_frames_are_found_where_pillow_finds_them(passed_over: bytes, tmp_path: Path) -> None:
    plain = gif((4, 4), [FULL])
    second = gif((4, 4), [((40, 40), np.full((2, 2), 2))])
    start = gif((4, 4), [])  # all but the byte that ends a file
    for data in (
        start[:-1] + passed_over + plain[len(start) - 1 : -1] + second[len(start) - 1 :],
        plain[:-1] + passed_over.replace(b"NETSCAPE", b"ANOTHERX") + second[len(start) - 1 :],
    ):
        path = tmp_path / "a.gif"
        path.write_bytes(data)
        with Image.open(path) as image:
            image.seek(1)
            assert image.size == (42, 42), "Pillow makes the canvas larger"
        with contextlib.suppress(ImageReadError):
            assert [pixels.shape for pixels in frames_of(path)] == [(4, 4, 3)] * 2


@pytest.mark.timeout(30)
def test_other_files_can_be_read_while_a_frame_is_worked_on(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    path.write_bytes(gif((4, 4), [FULL, ((2, 3), np.full((4, 4), 2))]))
    page = tmp_path / "a.tif"
    write_image(page, RasterImage(np.zeros((3, 4, 3), np.uint8)), WriteOptions("tiff"))
    with open_frames(path) as source:
        assert [read_image(page).width for _ in source.frames] == [4, 4]


def test_a_far_frame_takes_no_memory(tmp_path: Path) -> None:
    """Some hundred bytes must not make a canvas of 65,000 x 65,000 pixels."""
    far = ((65_000, 65_000), np.full((1, 1), 2))
    (tmp_path / "a.gif").write_bytes(gif((4, 4), [FULL, far, far]))
    program = (
        "import pathlib, re, sys\n"
        "from srgan_desktop.core.images.io import open_frames, read_image\n"
        "read_image(sys.argv[1])\n"
        "with open_frames(sys.argv[1]) as source:\n"
        "    print(*[frame.picture.pixels.shape for frame in source.frames])\n"
        "status = pathlib.Path('/proc/self/status')\n"  # elsewhere the time limit must do
        "text = status.read_text() if status.exists() else 'VmHWM: 0'\n"
        "print(re.search(r'VmHWM:\\s*(\\d+)', text)[1])\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "a.gif")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    shapes, kilobytes = done.stdout.splitlines()
    assert shapes == "(4, 4, 3) (4, 4, 3) (4, 4, 3)"
    assert int(kilobytes) < 400_000


def test_without_libvips_such_a_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("srgan_desktop.core.images.io.vips.available", lambda: False)
    (tmp_path / "a.gif").write_bytes(gif((4, 4), [FULL, ((9, 9), np.full((2, 2), 3))]))
    assert read_image(tmp_path / "a.gif").pixels.shape == (4, 4, 3)
    with pytest.raises(ImageReadError, match="frames lie outside the picture"):
        frames_of(tmp_path / "a.gif")
