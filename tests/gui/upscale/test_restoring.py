"""Models of factor 1 in the window: alone at their own size, and before another."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from waiting import WaitUntil
from window_helpers import MakePhoto, finish

from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.gui.shell.app import handover_by
from srgan_desktop.gui.upscale.page import UpscalePage

sys.path.insert(0, str(Path(__file__).parents[2] / "core" / "weights" / "third_party"))
from third_party_makers import compact_tensors, save


@pytest.fixture
def with_restorer(page: UpscalePage, home: Path, wait_until: WaitUntil) -> Iterator[UpscalePage]:
    """The page, with a model of factor 1 among the others."""
    wait_until(lambda: page.requests.listed)
    path = save(home / "models" / "clean.pth", compact_tensors(1))
    page.session.list_models()
    wait_until(lambda: page.panel.model.findData("clean") >= 0)
    yield page
    path.unlink()


def choose(page: UpscalePage, name: str) -> None:
    page.panel.model.setCurrentIndex(page.panel.model.findData(name))
    page.panel.model.activated.emit(page.panel.model.currentIndex())


def test_alone_it_works_at_the_photo_s_own_size(
    with_restorer: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page = with_restorer
    choose(page, "clean")
    panel = page.panel
    assert not panel.size_control.isVisibleTo(panel) and panel.own_size.isVisibleTo(panel)
    page.open_paths([make_photo("photo.png", (60, 40))])
    finish(page, wait_until)
    result = page.session.result
    assert result is not None and result.picture.pixels.shape == (40, 60, 3)
    choose(page, "tiny-x4")
    assert panel.size_control.isVisibleTo(panel) and not panel.own_size.isVisibleTo(panel)
    finish(page, wait_until)
    page.saver.forget(page.session.result)  # type: ignore[arg-type]


def test_before_another_the_photo_goes_through_it_first(
    with_restorer: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page = with_restorer
    page.open_paths([make_photo("photo.png", (60, 40))])
    finish(page, wait_until)
    plain = page.session.result
    before = page.panel.advanced.before
    before.setCurrentIndex(before.findData("clean"))
    before.activated.emit(before.currentIndex())
    assert page.requests.before is not None
    handed = handover_by(page)
    assert handed is not None and handed.options(BatchOptions()).before == "clean"
    finish(page, wait_until)
    result = page.session.result
    assert plain is not None and result is not None and result is not plain
    assert result.picture.pixels.shape == plain.picture.pixels.shape
    assert not np.array_equal(result.picture.pixels, plain.picture.pixels)
    page.saver.forget(result)
