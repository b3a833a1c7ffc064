"""Stop and Start: what is finished is kept, and what would be lost is asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from waiting import WaitUntil
from window_helpers import MakePhoto, finish

from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
from srgan_desktop.core.weights.model_file import ModelCard, save_model
from srgan_desktop.gui.common.requests import TileFinished
from srgan_desktop.gui.upscale import page as page_module
from srgan_desktop.gui.upscale.page import UpscalePage


def begin(page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil) -> None:
    page.panel.advanced.tile.setValue(32)
    page.open_paths([make_photo("photo.png", (300, 200))])
    wait_until(lambda: page.status.progress.done >= 4)


def test_start_goes_on_where_it_stopped(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    begin(page, make_photo, wait_until)
    page.commands.stop.trigger()
    assert not page.session.working
    assert page.bottom.status.text() == "Stopped; Start goes on from there"
    wait_until(lambda: not page.services.device_lane.busy)
    told: list[TileFinished] = []
    page.session.tile_finished.connect(told.append)
    page.panel.start.click()
    finish(page, wait_until)
    kept = [tile for tile in told if tile.kept]
    assert len(kept) >= 4 and told[: len(kept)] == kept
    result = page.session.result
    assert result is not None

    page.saver.forget(result)
    page.panel.advanced.tile.setValue(64)
    finish(page, wait_until)
    again = page.session.result
    assert again is not None and again is not result
    # in larger tiles, which may round another way
    apart = np.abs(again.picture.pixels.astype(int) - result.picture.pixels)
    assert apart.max() <= 1 and (apart > 0).mean() < 0.001
    page.saver.forget(again)


def test_another_request_begins_anew(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    begin(page, make_photo, wait_until)
    page.commands.stop.trigger()
    told: list[TileFinished] = []
    page.session.tile_finished.connect(told.append)
    page.panel.size_control._group.button(2).click()
    assert not page.session.goes_on
    finish(page, wait_until)
    assert not [tile for tile in told if tile.kept]
    page.saver.forget(page.session.result)  # type: ignore[arg-type]


@pytest.fixture
def other_weights(home: Path) -> Iterator[Callable[[], None]]:
    """Puts another network into the chosen model's file."""
    file = home / "models" / "tiny-x4.safetensors"
    before = file.read_bytes()

    def write() -> None:
        torch.manual_seed(99)
        network = SRResNet(SRResNetConfig(scale=4, blocks=2, channels=8))
        save_model(file, network, ModelCard(name="tiny-x4", title="Tiny-X4"))

    yield write
    file.write_bytes(before)


def test_another_model_under_the_same_name_begins_anew(
    page: UpscalePage,
    make_photo: MakePhoto,
    wait_until: WaitUntil,
    other_weights: Callable[[], None],
) -> None:
    begin(page, make_photo, wait_until)
    page.commands.stop.trigger()
    assert page.session.goes_on
    page.services.settings.set("upscale/work_on_drop", False)
    other_weights()
    page.session.list_models()
    wait_until(lambda: not page.session.goes_on)
    told: list[TileFinished] = []
    page.session.tile_finished.connect(told.append)
    page.panel.start.click()
    finish(page, wait_until)
    assert told and not [tile for tile in told if tile.kept]
    page.saver.forget(page.session.result)  # type: ignore[arg-type]


def test_the_result_of_the_model_before_under_the_same_name_is_out_of_date(
    page: UpscalePage,
    make_photo: MakePhoto,
    wait_until: WaitUntil,
    other_weights: Callable[[], None],
) -> None:
    page.open_paths([make_photo("photo.png")])
    finish(page, wait_until)
    first = page.session.result
    assert first is not None and page.session.up_to_date
    page.saver.forget(first)
    known = page.session._known._ready[False].engine
    page.services.settings.set("upscale/work_on_drop", False)
    other_weights()
    page.session.list_models()
    wait_until(lambda: page.session.can_start)
    # what it would take is told of the new one before it runs
    wait_until(lambda: page.session._known._ready.get(False, None) is not None)
    assert page.session._known._ready[False].engine is not known
    page.panel.start.click()
    finish(page, wait_until)
    second = page.session.result
    assert second is not None
    assert not np.array_equal(first.picture.pixels, second.picture.pixels)
    page.saver.forget(second)


def test_other_threads_are_for_what_comes_next(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page.open_paths([make_photo("photo.png")])
    finish(page, wait_until)
    session, settings = page.session, page.services.settings
    known = session._known._ready[False].engine
    settings.set("compute/threads", 3)
    wait_until(lambda: bool(session._known._ready))
    assert session._known._ready[False].engine is not known
    assert session._known._ready[False].engine._threads == 3
    session.list_models()
    wait_until(lambda: not page.services.device_lane.busy)
    assert session.up_to_date, "the result would be the same"
    settings.set("compute/threads", 0)
    wait_until(lambda: not page.services.device_lane.busy)
    page.saver.forget(session.result)  # type: ignore[arg-type]


def test_another_request_that_waits_for_start_shows_the_old_result(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page.open_paths([make_photo("photo.png", (400, 300))])
    finish(page, wait_until)
    result = page.session.result
    assert result is not None
    page.services.settings.set("upscale/work_on_drop", False)
    page.panel.advanced.tile.setValue(32)
    page.panel.start.click()
    wait_until(lambda: page.status.progress.done > 1)
    assert page.view._shown is not result.shown
    page.panel.size_control._group.button(2).click()
    assert not page.session.working
    assert page.view._shown is result.shown, "which is what Save would write"
    assert page.bottom.status.text() == "Stopped"
    assert page.panel.start.isEnabled()
    wait_until(lambda: not page.services.device_lane.busy)


@pytest.mark.parametrize("answer", [True, False])
def test_stop_asks_where_more_than_a_minute_is_lost(
    page: UpscalePage,
    make_photo: MakePhoto,
    wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch,
    answer: bool,
) -> None:
    asked: list[float] = []

    def ask(_: object, seconds: float) -> bool:
        asked.append(seconds)
        return answer

    monkeypatch.setattr(page_module, "ask_stop", ask)
    begin(page, make_photo, wait_until)
    # as with a network whose tiles are blended, after a while
    page.session._attempt._unfinished.keeps = False
    page.session._attempt._began -= 90
    page.bottom.stop.click()
    assert len(asked) == 1 and asked[0] >= 90
    assert page.session.working is not answer
    page.session._attempt._unfinished.keeps = True
    if not answer:
        finish(page, wait_until)
        page.saver.forget(page.session.result)  # type: ignore[arg-type]
