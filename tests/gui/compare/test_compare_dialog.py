"""Several models on one picture: in step, visible part first, one at a time by keys."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

sys.path.insert(0, str(Path(__file__).parents[1] / "models"))
from models_window import opened_window, save_tiny
from waiting import wait_until

from srgan_desktop.core.engine.engine import open_engine
from srgan_desktop.core.upscaling.upscale import enlarge_with
from srgan_desktop.gui.common import files, model_sample
from srgan_desktop.gui.common.requests import EngineRequest, ModelChoice, OpenedImage
from srgan_desktop.gui.compare import compare_worker as worker
from srgan_desktop.gui.compare.compare_worker import PaneDone, PaneFailed, PaneStarted, PaneTile
from srgan_desktop.gui.compare.dialog import CompareDialog, columns_for
from srgan_desktop.gui.shell.main_window import MainWindow
from srgan_desktop.gui.viewer import ViewMode


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    pixels = np.random.default_rng(0).integers(0, 255, (120, 160, 3), np.uint8)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    for seed, (name, scale) in enumerate((("a", 4), ("b", 2), ("c", 4))):
        save_tiny(home / "models" / f"{name}.safetensors", scale, seed)
    (home / "shipped").mkdir()
    monkeypatch.setattr(model_sample, "sample_path", lambda: home / "no-sample.jpg")
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(home))
    return home


@pytest.fixture
def window(home: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    with opened_window(home, qapp, monkeypatch) as window:
        yield window


def choices(home: Path) -> list[ModelChoice]:
    return [
        ModelChoice(name, name.upper(), "", home / "models" / f"{name}.safetensors", scale)
        for name, scale in (("a", 4), ("b", 2), ("c", 4))
    ]


@pytest.fixture
def dialog(window: MainWindow, home: Path, photo: Path) -> Iterator[CompareDialog]:
    dialog = CompareDialog(window.services, choices(home), "b", photo, window)
    dialog.show()
    wait_until(lambda: dialog.complete)
    yield dialog
    dialog.reject()


def opened(photo: Path) -> OpenedImage:
    work = files.open_file(photo)
    while True:
        try:
            next(work)
        except StopIteration as stop:
            result: OpenedImage = stop.value
            return result


def test_models_take_turns_and_give_what_they_give_alone(home: Path, photo: Path) -> None:
    source = opened(photo)
    requests = [EngineRequest(choice.path, "cpu", "fp32") for choice in choices(home)]
    requests.append(EngineRequest(home / "models" / "missing.safetensors", "cpu", "fp32"))
    # the lower right corner is looked at
    events = list(worker.compare(source, requests, 4, lambda x, y, w, h: -(x + w) - (y + h)))
    shown = {event.index: event.shown for event in events if isinstance(event, PaneStarted)}
    tiles = [event for event in events if isinstance(event, PaneTile)]
    assert {event.index for event in events if isinstance(event, PaneDone)} == {0, 1, 2}
    failed = [event for event in events if isinstance(event, PaneFailed)]
    assert [event.index for event in failed] == [3]
    assert "missing.safetensors" in failed[0].reason
    # all have their first tile before any has its last
    first = [next(i for i, t in enumerate(tiles) if t.index == index) for index in (0, 2)]
    last = [max(i for i, t in enumerate(tiles) if t.index == index) for index in (0, 2)]
    assert max(first) < min(last)
    for index in (0, 2):
        mine = [tile.rect for tile in tiles if tile.index == index]
        assert mine[0][0] + mine[0][2] == 640
        assert mine[0][1] + mine[0][3] == 480
        engine = open_engine(requests[index].model, "cpu", "fp32")
        expected = enlarge_with(engine)(source.picture.pixels)
        assert np.abs(shown[index].astype(int) - expected).max() <= 1


def test_a_picture_that_is_too_large_is_cut_to_its_middle(
    photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = opened(photo)
    assert worker.middle_of(source, 4, 3) == (source, False)
    monkeypatch.setattr(worker, "MOST_PIXELS", 3 * 16 * 80 * 60)
    middle, cut = worker.middle_of(source, 4, 3)
    assert cut
    assert middle.size == (80, 60)
    assert (middle.picture.pixels == source.picture.pixels[30:90, 40:120]).all()


def test_the_grid_looks_at_one_place(dialog: CompareDialog) -> None:
    assert [pane.title for pane in dialog.panes] == ["A", "B", "C"]
    first, second, third = (pane.viewer for pane in dialog.panes)
    second.navigation.zoom_to(3.0, QPointF(10, 10))
    assert first.navigation.zoom == third.navigation.zoom == 3.0
    assert first.navigation.centre == second.navigation.centre == third.navigation.centre
    third.navigation.pan(-40, -25)
    assert first.navigation.centre == third.navigation.centre
    assert second.navigation.centre == third.navigation.centre
    first.navigation.fit()
    assert second.navigation.fitting
    assert third.navigation.fitting
    second.navigation.set_holding(True)
    assert first.navigation.state.holding
    second.navigation.set_holding(False)
    assert not third.navigation.state.holding


def test_digits_put_one_model_in_the_place_of_another(dialog: CompareDialog) -> None:
    first, second, third = dialog.panes
    first.viewer.navigation.zoom_to(2.0)
    centre = first.viewer.navigation.centre
    QTest.keyClick(first.viewer, Qt.Key.Key_2)
    assert [pane.isVisible() for pane in dialog.panes] == [False, True, False]
    assert second.viewer.navigation.mode is ViewMode.DIVIDER
    assert second.viewer.navigation.zoom == 2.0
    second.viewer.navigation.divider = 0.25
    QTest.keyClick(second.viewer, Qt.Key.Key_3)
    assert [pane.isVisible() for pane in dialog.panes] == [False, False, True]
    assert third.viewer.navigation.divider == 0.25
    assert third.viewer.navigation.centre.x() == pytest.approx(centre.x(), abs=1)
    QTest.keyClick(third.viewer, Qt.Key.Key_6)  # there is none
    assert third.isVisible()
    QTest.keyClick(dialog, Qt.Key.Key_G)
    assert all(pane.isVisible() for pane in dialog.panes)


@pytest.mark.parametrize(
    ("count", "picture", "columns"),
    [
        (1, (1920, 1080), 1),
        (2, (1920, 1080), 2),
        (2, (3000, 1000), 1),
        (2, (1080, 1920), 2),
        (3, (1920, 1080), 2),
        (3, (1080, 1920), 3),
        (3, (5000, 500), 1),
        (4, (1920, 1080), 2),
        (6, (1000, 1000), 3),
        (6, (500, 5000), 6),
    ],
)
def test_as_many_columns_as_show_the_pictures_largest(
    count: int, picture: tuple[int, int], columns: int
) -> None:
    assert columns_for(count, picture, (1180, 700)) == columns


def test_other_models_and_pictures(dialog: CompareDialog, tmp_path: Path) -> None:
    dialog._ticks[1].setChecked(False)
    wait_until(lambda: dialog.complete and len(dialog.panes) == 2)
    assert [choice.name for choice in dialog.compared] == ["a", "c"]
    (tmp_path / "bad.png").write_text("no picture")
    dialog.open_image(tmp_path / "bad.png")
    wait_until(lambda: dialog.state.text().startswith("bad.png: "))


def test_ticking_while_a_picture_opens_leaves_it_opening(
    dialog: CompareDialog, photo: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.png"
    Image.open(photo).crop((0, 0, 100, 80)).save(other)
    dialog.open_image(other)
    dialog._ticks[1].setChecked(False)
    assert dialog.state.text() == "photo.png  640 × 480", "what is shown still"
    wait_until(lambda: dialog.state.text() == "other.png  400 × 320")
    wait_until(lambda: dialog.complete and len(dialog.panes) == 2)


def test_ticking_before_the_first_picture_is_open(
    window: MainWindow, home: Path, photo: Path
) -> None:
    dialog = CompareDialog(window.services, choices(home), "b", photo, window)
    dialog.show()
    for ticked in (False, True):
        for action in dialog._ticks:
            action.setChecked(ticked)
    assert dialog.state.text() == "Opening…"
    wait_until(lambda: dialog.complete and len(dialog.panes) == 3)
    dialog.reject()


def test_the_menu_stays_open_while_ticking(dialog: CompareDialog) -> None:
    menu = dialog.models_button.menu()
    menu.popup(dialog.mapToGlobal(QPoint(20, 40)))
    wait_until(menu.isVisible)
    for action in dialog._ticks[:2]:
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
        assert not action.isChecked()
        assert menu.isVisible()
    QTest.keyClick(menu, Qt.Key.Key_Space)
    assert dialog._ticks[1].isChecked()
    assert menu.isVisible()
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert not menu.isVisible()


def test_the_models_page_opens_it(window: MainWindow, photo: Path) -> None:
    page = next(page for page in window.pages if page.title() == "Models")
    window.show_page(window.pages.index(page))
    wait_until(lambda: page.catalogue.models)  # type: ignore[attr-defined]
    page.details.compare.click()  # type: ignore[attr-defined]
    dialog = next(child for child in window.children() if isinstance(child, CompareDialog))
    dialog.open_image(photo)
    wait_until(lambda: dialog.complete)
    dialog.reject()
