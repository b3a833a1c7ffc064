"""What is painted: alignment to the pixel, golden images, parts that arrive one by one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPalette

from srgan_desktop.gui.viewer import BeforeAfterViewer, TiledImage, ViewMode
from srgan_desktop.gui.viewer.before_resampler import BicubicEnlargement
from srgan_desktop.gui.viewer.pyramid import Box, Pixels, Pyramid

MakeViewer = Callable[..., BeforeAfterViewer]
Settle = Callable[[BeforeAfterViewer], Pixels]
Pause = Callable[[int], None]
AsArray = Callable[[QImage], Pixels]
Pattern = Callable[[int, int], Pixels]

GOLDEN = Path(__file__).parents[2] / "golden" / "viewer"
# set to write the golden images anew instead of comparing with them
WRITE_GOLDEN = "SRGAN_DESKTOP_WRITE_GOLDEN"
MAX_SINGLE_PIXEL_ERROR = 2


def both_sides(viewer: BeforeAfterViewer, settle: Settle) -> tuple[Pixels, Pixels]:
    """The same view with nothing but the before-, then nothing but the after-picture."""
    viewer.navigation.mode = ViewMode.SINGLE
    viewer.navigation.show_before(True)
    before = settle(viewer)
    viewer.navigation.show_before(False)
    return before, settle(viewer)


def bicubic(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    return BicubicEnlargement(Pyramid(pixels), size).read(0, Box(0, 0, *size))


@pytest.mark.parametrize("zoom", [1.0, 1.37, 2.0, 3.3, 8.0])
def test_an_after_picture_that_is_the_enlargement_looks_the_same(
    make_viewer: MakeViewer, settle: Settle, pattern: Pattern, zoom: float
) -> None:
    small, size = pattern(160, 120), (375, 281)
    viewer = make_viewer()
    viewer.set_images(TiledImage(small), TiledImage(bicubic(small, size)), size)
    viewer.navigation.zoom_to(zoom, QPointF(61, 33))
    before, after = both_sides(viewer, settle)
    assert (before == after).all()
    assert after.std() > 10


@pytest.mark.parametrize("zoom", [1.0, 2.0, 3.0, 8.0])
def test_squares_lie_on_squares(
    make_viewer: MakeViewer, settle: Settle, pattern: Pattern, zoom: float
) -> None:
    small = pattern(90, 70)
    large = small.repeat(4, axis=0).repeat(4, axis=1)
    viewer = make_viewer()
    viewer.set_before_method("nearest")
    viewer.set_images(TiledImage(small), TiledImage(large), (360, 280))
    viewer.navigation.zoom_to(zoom, QPointF(150, 20))
    before, after = both_sides(viewer, settle)
    assert (before == after).all()


@pytest.mark.parametrize("zoom", [0.11, 0.23, 0.5, 0.77])
def test_pictures_made_smaller_are_aligned(
    make_viewer: MakeViewer, settle: Settle, zoom: float
) -> None:
    # a smooth picture, so that any difference is one of position
    y, x = np.mgrid[:360, :480]
    waves = [np.sin(x / 9 + y / 20), np.cos(y / 11), np.sin((x - y) / 13)]
    small = (128 + 100 * np.stack(waves, -1)).astype(np.uint8)
    size = (1920, 1440)
    viewer = make_viewer()
    viewer.set_images(TiledImage(small), TiledImage(bicubic(small, size)), size)
    viewer.navigation.zoom_to(zoom, QPointF(100, 75))
    before, after = both_sides(viewer, settle)
    assert np.abs(before.astype(int) - after).max() <= 8
    shifted = np.roll(before, 1, axis=1).astype(int)
    assert np.abs(before.astype(int) - after).mean() < 0.25 * np.abs(shifted - after).mean()


def test_at_full_size_the_screen_shows_the_pixels_themselves(
    make_viewer: MakeViewer, settle: Settle, pattern: Pattern
) -> None:
    large = pattern(700, 600)
    viewer = make_viewer()
    viewer.set_images(TiledImage(large[::2, ::2].copy()), TiledImage(large), (700, 600))
    viewer.navigation.mode = ViewMode.SINGLE
    viewer.navigation.zoom_to(1.0)
    viewer.navigation.centre = QPointF(350, 300)
    assert (settle(viewer) == large[225:375, 250:450]).all()
    viewer.navigation.zoom_to(2.0)
    viewer.navigation.centre = QPointF(350, 300.5)
    assert (settle(viewer) == large[263:338, 300:400].repeat(2, 0).repeat(2, 1)).all()


def test_tiles_meet_without_seams(make_viewer: MakeViewer, settle: Settle) -> None:
    grey = TiledImage(np.full((1500, 1700, 3), 77, np.uint8))
    viewer = make_viewer(400, 300)
    viewer.set_images(TiledImage(np.full((300, 340, 3), 77, np.uint8)), grey, (1700, 1500))
    for zoom in (0.0, 0.213, 0.517, 0.93, 1.13, 1.9, 5.7):
        viewer.navigation.zoom_to(zoom)
        frame = settle(viewer)
        inside = frame[5:-5, 40:-40]
        assert (inside == 77).all(), zoom


def test_the_divider_parts_the_pictures(make_viewer: MakeViewer, settle: Settle) -> None:
    viewer = make_viewer()
    before = TiledImage(np.full((75, 100, 3), 50, np.uint8))
    viewer.set_images(before, TiledImage(np.full((150, 200, 3), 200, np.uint8)), (200, 150))
    viewer.navigation.divider = 0.25
    frame = settle(viewer)
    assert (frame[:, :50] == 50).all()
    assert (frame[:, 50:] == 200).all()


def test_side_by_side_shows_the_same_part_twice(
    make_viewer: MakeViewer, settle: Settle, pattern: Pattern
) -> None:
    small, size = pattern(100, 80), (400, 320)
    viewer = make_viewer(202, 150)
    viewer.set_images(TiledImage(small), TiledImage(bicubic(small, size)), size)
    viewer.navigation.mode = ViewMode.SIDE_BY_SIDE
    viewer.navigation.zoom_to(1.5, QPointF(150, 40))
    frame = settle(viewer)
    assert (frame[:, :100] == frame[:, 102:]).all()
    left, right = viewer.pixel_at(QPointF(30.5, 60.5)), viewer.pixel_at(QPointF(132.5, 60.5))
    assert left == right
    assert left is not None


def test_parts_appear_as_they_are_written(make_viewer: MakeViewer, settle: Settle) -> None:
    pixels = np.zeros((600, 800, 3), np.uint8)
    after = TiledImage(pixels, written=False)
    viewer = make_viewer()
    viewer.set_images(TiledImage(np.full((150, 200, 3), 50, np.uint8)), after, (800, 600))
    viewer.navigation.divider = 0.0
    assert (settle(viewer) == 50).all()
    for x, y in [(0, 0), (400, 300), (400, 0), (0, 300)]:
        pixels[y : y + 300, x : x + 400] = 200
        after.mark_written(x, y, 400, 300)
        # never the zeros of what has been written to the array but not been read again
        assert set(np.unique(viewer.render_visible(overlay_too=False).constBits())) <= {
            50,
            200,
            255,
        }
        frame = settle(viewer)
        assert set(np.unique(frame)) <= {50, 200}
        column, row = x // 4, y // 4
        assert (frame[row + 5 : row + 70, column + 5 : column + 95] == 200).all()
    assert (settle(viewer) == 200).all()


def test_a_part_written_again_is_shown_again(make_viewer: MakeViewer, settle: Settle) -> None:
    pixels = np.full((600, 800, 3), 100, np.uint8)
    after = TiledImage(pixels)
    viewer = make_viewer()
    viewer.set_images(TiledImage(pixels[::4, ::4].copy()), after, (800, 600))
    viewer.navigation.mode = ViewMode.SINGLE
    assert (settle(viewer) == 100).all()
    pixels[:] = 30
    after.mark_written(0, 0, 800, 600)
    assert (settle(viewer) == 30).all()


def test_a_new_part_fades_in(make_viewer: MakeViewer, settle: Settle, pause: Pause) -> None:
    after = TiledImage(np.full((150, 200, 3), 200, np.uint8), written=False)
    viewer = make_viewer()
    viewer.set_images(TiledImage(np.full((75, 100, 3), 50, np.uint8)), after, (200, 150))
    viewer.navigation.divider = 0.0
    settle(viewer)
    viewer.set_fade_ms(60_000)
    after.mark_written(0, 0, 200, 150)
    early = settle(viewer)
    assert 50 <= early.min() <= early.max() < 80
    viewer.set_fade_ms(100)
    pause(120)
    assert (settle(viewer) == 200).all()


def test_transparency_shows_the_checkerboard(make_viewer: MakeViewer, settle: Settle) -> None:
    clear = np.zeros((150, 200, 4), np.uint8)
    viewer = make_viewer()
    viewer.set_images(TiledImage(clear[::2, ::2].copy()), TiledImage(clear), (200, 150))
    frame = settle(viewer)
    assert set(np.unique(frame)) == {214, 255}
    assert (frame[:8, :8] == frame[8:16, 8:16]).all()
    assert (frame[:8, :8] != frame[:8, 8:16]).all()


def test_dark_and_light_canvas_are_grey(make_viewer: MakeViewer, settle: Settle) -> None:
    viewer = make_viewer()
    viewer.setPalette(QPalette(QColor(240, 230, 220)))
    light = settle(viewer)
    viewer.setPalette(QPalette(QColor(30, 40, 50)))
    dark = settle(viewer)
    assert len(np.unique(light)) == len(np.unique(dark)) == 1
    assert dark.max() < 60
    assert light.min() > 180


def compare_with_golden(name: str, image: QImage, as_array: AsArray) -> None:
    path = GOLDEN / f"{name}.png"
    if os.environ.get(WRITE_GOLDEN):
        path.parent.mkdir(parents=True, exist_ok=True)
        assert image.convertToFormat(QImage.Format.Format_RGB888).save(str(path))
    golden = QImage(str(path))
    assert not golden.isNull(), f"no {path}; set {WRITE_GOLDEN}=1 to make it, then look at it"
    assert golden.size() == image.size()
    error = np.abs(as_array(golden).astype(int) - as_array(image)).max()
    assert error <= MAX_SINGLE_PIXEL_ERROR


@pytest.mark.parametrize(
    ("name", "mode", "zoom"),
    [
        ("divider_fit", ViewMode.DIVIDER, 0.0),
        ("divider_100", ViewMode.DIVIDER, 1.0),
        ("divider_150", ViewMode.DIVIDER, 1.5),
        ("divider_800", ViewMode.DIVIDER, 8.0),
        ("side_by_side_200", ViewMode.SIDE_BY_SIDE, 2.0),
        ("single_67", ViewMode.SINGLE, 2 / 3),
    ],
)
def test_the_viewer_looks_as_it_did(
    make_viewer: MakeViewer,
    settle: Settle,
    pattern: Pattern,
    as_array: AsArray,
    name: str,
    mode: ViewMode,
    zoom: float,
) -> None:
    small = pattern(80, 60)
    after = bicubic(small, (250, 188))
    after[40:120, 60:130] = 255 - after[40:120, 60:130]
    viewer = make_viewer(160, 120)
    viewer.set_images(TiledImage(small), TiledImage(after), (250, 188))
    viewer.navigation.mode = mode
    viewer.navigation.zoom_to(zoom, QPointF(70, 50))
    settle(viewer)
    compare_with_golden(name, viewer.render_visible(), as_array)
