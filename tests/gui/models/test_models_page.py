"""The Models page: listing, adding by drop, choosing, renaming, exporting, removing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from models_window import opened_window, save_tiny
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog
from waiting import wait_until

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.weights.model_file import load_model, read_card
from srgan_desktop.core.weights.onnx_export import export_onnx
from srgan_desktop.gui.common import model_sample, save_file
from srgan_desktop.gui.models.page import ModelsPage
from srgan_desktop.gui.models.samples import SampleQueue
from srgan_desktop.gui.shell.main_window import MainWindow
from srgan_desktop.gui.upscale.page import UpscalePage


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    scores = {"Set5": {"psnr_y": 31.5, "ssim_y": 0.88}}
    save_tiny(home / "shipped" / "shipped-x4.safetensors", scores=scores, licence="MIT")
    save_tiny(home / "models" / "mine.safetensors", 2, seed=1)
    photo = tmp_path / "sample.png"
    pixels = np.random.default_rng(0).integers(0, 255, (150, 220, 3), np.uint8)
    Image.fromarray(pixels).save(photo)
    monkeypatch.setattr(model_sample, "sample_path", lambda: photo)
    return home


@pytest.fixture
def window(home: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    with opened_window(home, qapp, monkeypatch) as window:
        yield window


@pytest.fixture
def page(window: MainWindow) -> ModelsPage:
    page = next(page for page in window.pages if isinstance(page, ModelsPage))
    window.show_page(window.pages.index(page))
    wait_until(lambda: page.side.models.models)
    return page


def names(page: ModelsPage) -> list[str]:
    return [model.choice.name for model in page.side.models.models]


def drop(page: ModelsPage, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    at, button = QPointF(50, 50), Qt.MouseButton.LeftButton
    plain, copy = Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    enter = QDragEnterEvent(at.toPoint(), copy, data, button, plain)
    QApplication.sendEvent(page, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(page, QDropEvent(at, copy, data, button, plain))
    wait_until(lambda: not page.catalogue.busy)


def test_the_list_and_the_card(page: ModelsPage) -> None:
    rows = [
        page.side.models.data(page.side.models.index(row))
        for row in range(page.side.models.rowCount())
    ]
    assert rows == ["Shipped", "Shipped-X4", "Your own", "Mine"]
    assert page.side.chosen is not None
    assert page.side.chosen.choice.name == "shipped-x4"
    assert page.details.title.text() == "Shipped-X4"
    assert not page.details.remove.isEnabled()
    texts = [label.text() for label in page.details.findChildren(type(page.details.title))]
    for said in ("31.50 dB", "0.8800", "MIT", "4 times", "SRResNet"):
        assert said in texts
    page.side.choose("mine")
    assert page.details.remove.isEnabled()
    assert page.details._scores.isHidden()
    # every model gets its picture while the page is looked at
    wait_until(lambda: set(page._images) == {"shipped-x4", "mine"})
    assert page.details.sample.has_picture


def test_return_uses_the_chosen_model(window: MainWindow, page: ModelsPage) -> None:
    used: list[str] = []
    page.use_wanted.connect(used.append)
    page.side.choose("mine")
    QTest.keyClick(page.side.list, Qt.Key.Key_Return)
    assert used == ["mine"]


def test_each_picture_is_made_once_though_the_models_are_shown_again(
    window: MainWindow, page: ModelsPage
) -> None:
    wait_until(lambda: set(page._images) == {"shipped-x4", "mine"})
    shutil.rmtree(places.cache_folder() / "thumbnails")
    queue, made = SampleQueue(window.services), list[str]()
    queue.made.connect(lambda name, _: made.append(name))
    for _ in range(2):
        queue.show_models(page.catalogue.models)
    queue.set_wanted(True)
    wait_until(lambda: {"shipped-x4", "mine"} <= set(made))
    wait_until(lambda: not queue._waiting and queue._task is None)
    assert sorted(made) == ["mine", "shipped-x4"]
    queue.stop()


def test_files_that_are_dropped_are_added_or_refused(page: ModelsPage, tmp_path: Path) -> None:
    network, card = load_model(places.models() / "mine.safetensors")
    export_onnx(network, card, tmp_path / "other.onnx")
    bad = tmp_path / "bad.pth"
    bad.write_text("no model")
    drop(page, tmp_path / "other.onnx", bad)
    assert page.messages.kind == "warning"
    assert page.messages.text == "bad.pth: not a PyTorch checkpoint"
    wait_until(lambda: "other" in names(page))
    assert page.side.chosen is not None
    assert page.side.chosen.choice.name == "other"
    assert page.side.chosen.third_party
    assert not (places.models() / "bad.pth").exists()
    drop(page, tmp_path / "other.onnx")
    assert "already" in page.messages.text


def test_an_added_model_is_offered_for_upscaling_at_once(
    window: MainWindow, page: ModelsPage, tmp_path: Path
) -> None:
    upscale = window.pages[0]
    assert isinstance(upscale, UpscalePage)
    drop(page, save_tiny(tmp_path / "new.safetensors", 3, seed=2))
    wait_until(lambda: page.side.chosen and page.side.chosen.choice.name == "new")
    wait_until(lambda: upscale.panel.model.findData("new") >= 0)
    page.details.use.click()
    assert window.page is upscale
    wait_until(lambda: upscale.panel.model.currentData() == "new")


def test_renaming_by_key(page: ModelsPage, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(*_: object, text: str) -> tuple[str, bool]:
        asked.append(text)
        return "yours", True

    monkeypatch.setattr(QInputDialog, "getText", answer)
    page.commands.rename.trigger()
    assert asked == []  # the shipped one keeps its name
    page.services.settings.set("upscale/model", "mine")
    page.side.choose("mine")
    page.commands.rename.trigger()
    assert asked == ["mine"]
    wait_until(lambda: names(page) == ["shipped-x4", "yours"])
    assert page.side.chosen is not None
    assert page.side.chosen.choice.name == "yours"
    assert read_card(places.models() / "yours.safetensors").name == "yours"
    assert page.services.settings.text("upscale/model") == "yours"  # it stays the chosen one
    page.catalogue.rename("yours", "a/b")
    wait_until(lambda: page.messages.kind == "warning")
    assert "cannot be the name" in page.messages.text


def test_removing_asks_first(page: ModelsPage, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([False, True])
    monkeypatch.setattr(page, "ask_removal", lambda model: next(answers))
    page.side.choose("mine")
    page.commands.remove.trigger()
    wait_until(lambda: not page.catalogue.busy)
    assert (places.models() / "mine.safetensors").exists()
    page.commands.remove.trigger()
    wait_until(lambda: names(page) == ["shipped-x4"])
    assert not (places.models() / "mine.safetensors").exists()
    assert page.side.chosen is not None  # another card is shown


def test_exporting(page: ModelsPage, tmp_path: Path) -> None:
    source = places.models() / "mine.safetensors"
    page.catalogue.export(source, tmp_path / "copy.safetensors")
    wait_until(lambda: (tmp_path / "copy.safetensors").exists() and not page.catalogue.busy)
    assert (tmp_path / "copy.safetensors").read_bytes() == source.read_bytes()
    page.catalogue.export(source, tmp_path / "copy.onnx")
    wait_until(lambda: not page.catalogue.busy)
    assert (tmp_path / "copy.onnx").stat().st_size > 1000
    assert page.messages.kind == "done"
    page.catalogue.export(source, tmp_path / "nowhere" / "copy.onnx")
    wait_until(lambda: page.messages.kind == "warning")


def test_exporting_asks_about_the_file_that_it_will_write(
    page: ModelsPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "copy.safetensors"
    there.write_text("another")
    questions: list[str] = []
    names = iter([str(tmp_path / "copy"), ""])
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (next(names), ""))
    monkeypatch.setattr(save_file, "ask", lambda _, text, *__, **___: questions.append(text))
    page.side.choose("mine")
    page.details.export.click()
    wait_until(lambda: not page.catalogue.busy)
    assert questions == ["Replace copy.safetensors?"]
    assert there.read_text() == "another"


def test_exporting_as_onnx_by_the_kind_alone(
    page: ModelsPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def take(_parent: object, _title: str, first: str, kinds: str, *_: object) -> tuple[str, str]:
        return str(tmp_path / Path(first).name), kinds.rsplit(";;", maxsplit=1)[-1]

    monkeypatch.setattr(QFileDialog, "getSaveFileName", take)
    page.side.choose("mine")
    page.details.export.click()
    wait_until(lambda: page.messages.text.startswith("Written"))
    assert [file.name for file in tmp_path.glob("mine*")] == ["mine.onnx"]


def test_a_damaged_model_says_why(
    home: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "models" / "broken.safetensors").write_bytes(b"{" * 40)
    with opened_window(home, qapp, monkeypatch) as window:
        page = next(page for page in window.pages if isinstance(page, ModelsPage))
        window.show_page(window.pages.index(page))
        wait_until(lambda: page.side.models.models)
        page.side.choose("broken")
        assert page.details.problem.text().startswith("It cannot be used: ")
        assert not page.details.use.isEnabled()
        assert page.details.remove.isEnabled()


def test_the_page_speaks_chinese(page: ModelsPage) -> None:
    page.services.set_language("zh_CN")
    try:
        assert page.side.models.data(page.side.models.index(0)) != "Shipped"
        assert page.side.chosen is not None
    finally:
        page.services.set_language("en")


def test_keys_go_to_the_list(window: MainWindow, page: ModelsPage) -> None:
    window.activateWindow()
    assert page.focusWidget() is page.side.list, "not to the button that begins a rating"
