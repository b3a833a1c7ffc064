"""The small picture of what the chosen model does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from waiting import WaitUntil
from window_helpers import MakePhoto, finish

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.gui.common import model_sample
from srgan_desktop.gui.upscale.page import UpscalePage

PHOTO = places.resources() / "samples" / "otter.jpg"


@pytest.fixture
def folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the pictures are kept; the window has the sample photo."""
    monkeypatch.setattr(model_sample, "sample_path", lambda: PHOTO)
    kept = home / "cache" / "thumbnails"
    for path in kept.glob("*"):
        path.unlink()
    return kept


def choose(page: UpscalePage, name: str) -> None:
    page.panel.model.setCurrentIndex(page.panel.model.findData(name))
    page.panel.model.activated.emit(page.panel.model.currentIndex())


def pixels_of(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def test_each_model_shows_what_it_does(
    folder: Path, page: UpscalePage, wait_until: WaitUntil
) -> None:
    sample = page.panel.sample
    wait_until(lambda: sample.has_picture)
    assert "Tiny-X4" in sample.accessibleDescription()
    (first,) = folder.iterdir()
    pair = pixels_of(first)
    assert pair.shape == (180, 480, 3)
    left, right = pair[:, :240], pair[:, 240:]
    x, y, width, height = model_sample.PIECE
    dx, dy = model_sample.MARGIN
    with Image.open(PHOTO) as photo:
        piece = photo.convert("RGB").crop((x + dx, y + dy, x + width - dx, y + height - dy))
    bicubic = np.asarray(piece.resize((240, 180), Image.Resampling.BICUBIC)).astype(int)
    assert np.abs(left.astype(int) - bicubic)[8:-8, 8:-8].max() <= 1
    assert not np.array_equal(left, right)
    choose(page, "tiny-x2")
    assert not sample.has_picture
    assert sample.isVisibleTo(page.panel), "its place is kept"
    wait_until(lambda: sample.has_picture)
    assert len(list(folder.iterdir())) == 2


def test_a_low_window_leaves_its_place_to_the_size(
    folder: Path, page: UpscalePage, wait_until: WaitUntil
) -> None:
    panel = page.panel
    page.window().resize(1000, 500)
    page.window().show()
    wait_until(lambda: panel.sample.has_picture)
    assert not panel.sample.isVisibleTo(panel)
    choose(page, "tiny-x2")
    wait_until(lambda: panel.sample.has_picture)
    assert not panel.sample.isVisibleTo(panel), "nor that of another model"
    page.window().resize(1000, 900)
    assert panel.sample.isVisibleTo(panel)


def test_what_is_kept_is_not_made_again_and_what_is_damaged_is(
    folder: Path,
    page: UpscalePage,
    wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wait_until(lambda: page.panel.sample.has_picture)
    (first,) = folder.iterdir()
    good = first.read_bytes()
    choose(page, "tiny-x2")
    wait_until(lambda: page.panel.sample.has_picture)
    runs: list[int] = []
    run = Engine.enlarge
    monkeypatch.setattr(Engine, "enlarge", lambda *a, **k: runs.append(1) or run(*a, **k))
    choose(page, "tiny-x4")
    wait_until(lambda: page.panel.sample.has_picture and not page.services.device_lane.busy)
    before = len(runs)
    choose(page, "tiny-x2")
    wait_until(lambda: page.panel.sample.has_picture and not page.services.device_lane.busy)
    made = [path for path in folder.iterdir() if path.read_bytes() == good]
    assert made == [first]
    first.write_bytes(good[: len(good) // 2])
    choose(page, "tiny-x4")
    wait_until(lambda: page.panel.sample.has_picture)
    assert len(runs) > before
    assert first.read_bytes() == good


def test_a_persons_work_comes_first(
    folder: Path, page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page.panel.advanced.tile.setValue(32)
    shown: list[bool] = []
    page.session.tile_finished.connect(lambda _: shown.append(page.panel.sample.has_picture))
    page.open_paths([make_photo("photo.png", (400, 300))])
    finish(page, wait_until)
    assert shown
    assert not any(shown)
    wait_until(lambda: page.panel.sample.has_picture)


def test_its_turn_is_given_up(
    folder: Path,
    page: UpscalePage,
    make_photo: MakePhoto,
    wait_until: WaitUntil,
) -> None:
    wait_until(lambda: page.requests.listed and not page.services.device_lane.busy)
    page.samples._make()
    assert page.samples._task.busy
    page.session.open_file(make_photo("photo.png", (60, 40)))
    assert not page.samples._task.busy
    finish(page, wait_until)
    wait_until(lambda: page.panel.sample.has_picture)


def test_without_the_sample_there_is_no_place_for_it(
    page: UpscalePage, wait_until: WaitUntil
) -> None:
    wait_until(lambda: page.requests.listed)
    assert page.requests.request is not None
    assert not page.panel.sample.isVisibleTo(page.panel)


def test_a_damaged_sample_is_no_fault(
    folder: Path,
    page: UpscalePage,
    make_photo: MakePhoto,
    wait_until: WaitUntil,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = tmp_path / "otter.jpg"
    broken.write_bytes(PHOTO.read_bytes()[:100])
    monkeypatch.setattr(model_sample, "sample_path", lambda: broken)
    wait_until(lambda: page.requests.listed)
    wait_until(lambda: not page.panel.sample.isVisibleTo(page.panel))
    assert page.messages.text == ""
    page.open_paths([make_photo("photo.png", (30, 20))])
    finish(page, wait_until)


def test_only_so_many_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_sample, "KEPT_FILES", 3)
    pair = np.zeros((2, 4, 3), np.uint8)
    for number in range(5):
        model_sample._keep(pair, tmp_path / "thumbnails" / f"{number}.png")
    assert len(list((tmp_path / "thumbnails").iterdir())) == 3
