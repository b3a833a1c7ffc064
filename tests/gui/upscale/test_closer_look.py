"""Where a finished picture is looked at first."""

from __future__ import annotations

import numpy as np
import pytest
from waiting import WaitUntil
from window_helpers import MakePhoto, finish

from srgan_desktop.gui.upscale.closer_look import most_detailed
from srgan_desktop.gui.upscale.page import UpscalePage


@pytest.mark.parametrize("corner", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_the_part_with_most_detail(corner: tuple[int, int]) -> None:
    pixels = np.full((300, 400, 3), 90, np.uint8)
    rng = np.random.default_rng(3)
    top, left = corner[0] * 200, corner[1] * 300
    pixels[top : top + 100, left : left + 100] = rng.integers(0, 255, (100, 100, 3), np.uint8)
    x, y = most_detailed(pixels, (0.25, 1 / 3))
    assert x == pytest.approx((left + 50) / 400, abs=0.02)
    assert y == pytest.approx((top + 50) / 300, abs=0.02)


@pytest.mark.parametrize("size", [(1, 1), (2, 900), (900, 1), (40, 30), (2000, 1500)])
def test_any_size_has_a_middle(size: tuple[int, int]) -> None:
    pixels = np.zeros((size[1], size[0], 4), np.uint8)
    assert most_detailed(pixels, (0.3, 0.3)) == pytest.approx((0.5, 0.5), abs=0.02)


def test_one_sharp_border_does_not_win_over_texture() -> None:
    pixels = np.zeros((200, 400, 3), np.uint8)
    pixels[:, 40:] = 255
    pixels[50:150, 250:350] = np.random.default_rng(0).integers(150, 255, (100, 100, 3), np.uint8)
    x, _ = most_detailed(pixels, (0.25, 0.5))
    assert x == pytest.approx(300 / 400, abs=0.05)


def test_a_finished_picture_is_seen_at_full_size_once(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page.open_paths([make_photo("large.png", (500, 400))])
    finish(page, wait_until)
    view = page.viewer.navigation
    assert view.zoom == 1
    assert not view.fitting
    view.fit()
    page.panel.detail.changed.emit()
    page.panel.advanced.tile.setValue(96)
    finish(page, wait_until)
    assert view.fitting, "only once for each picture"
    page.bottom.full_size.trigger()
    assert view.zoom == 1


def test_who_has_zoomed_stays_there(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page.panel.advanced.tile.setValue(96)
    page.open_paths([make_photo("large.png", (500, 400))])
    wait_until(lambda: page.session.working)
    page.viewer.navigation.zoom_to(2.0)
    centre = page.viewer.navigation.centre
    finish(page, wait_until)
    assert page.viewer.navigation.zoom == 2
    assert page.viewer.navigation.centre == centre


def test_it_can_be_switched_off(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page.services.settings.set("upscale/closer_look", False)
    page.open_paths([make_photo("large.png", (500, 400))])
    finish(page, wait_until)
    assert page.viewer.navigation.fitting
