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
from srgan_desktop.gui.common.requests import Cost, SpeedMeasured
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


def test_the_estimate_counts_both(
    with_restorer: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page, pixels = with_restorer, 60 * 40
    page.session._services.settings.set("upscale/work_on_drop", False)
    page.open_paths([make_photo("photo.png", (60, 40))])
    wait_until(lambda: page.session.picture is not None)
    before = page.panel.advanced.before
    before.setCurrentIndex(before.findData("clean"))
    before.activated.emit(before.currentIndex())
    told: list[Cost] = []
    costs, request = page.session.costs, page.session.request
    costs.known.connect(lambda cost: told.append(cost) if cost is not None else None)
    wait_until(lambda: told and told[-1].seconds is not None)  # both are measured by themselves
    assert request is not None and request.before is not None
    costs.speed_measured(SpeedMeasured(request.engine, 1.0))
    costs.speed_measured(SpeedMeasured(request.before, 2.0))
    wait_until(lambda: told[-1].seconds == pytest.approx(pixels * (1.0 + 2.0)))
    page.session.start()
    finish(page, wait_until)
    wait_until(lambda: 0 < (told[-1].seconds or 0) < pixels)
    speeds = [costs._speeds[one.speed_key] for one in (request.engine, request.before)]
    result = page.session.result
    assert result is not None and min(speeds) > 0
    assert pixels * sum(speeds) == pytest.approx(result.seconds, rel=0.05)
    page.saver.forget(result)
