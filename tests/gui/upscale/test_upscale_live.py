"""From a drop to a saved file, with a real network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt
from PySide6.QtGui import QClipboard, QGuiApplication, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication
from waiting import WaitUntil
from window_helpers import MakePhoto, drop, finish, mime_of

from srgan_desktop.cli import main as run_command
from srgan_desktop.core.images.io import read_image
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.gui.common.qimages import image_of
from srgan_desktop.gui.common.requests import TileFinished
from srgan_desktop.gui.upscale.page import UpscalePage


def test_a_dropped_picture_sharpens_and_is_saved_beside_itself(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    photo = make_photo("photo.png", (300, 200))
    data = mime_of([photo])
    tiles: list[TileFinished] = []
    page.session.tile_finished.connect(tiles.append)
    drop(page, data)
    finish(page, wait_until)
    assert [tile.done for tile in tiles] == list(range(1, len(tiles) + 1))
    assert len(tiles) > 1
    assert page.messages.text == ""
    assert page.viewer.pixel_at(page.viewer.rect().center().toPointF()) is not None
    page.commands.save.trigger()
    target = photo.with_name("photo_4x.png")
    wait_until(target.exists)
    wait_until(lambda: page.messages.text == "Saved as photo_4x.png")
    assert read_image(target).pixels.shape == (800, 1200, 3)


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        ({"channels": 3}, TargetSize("scale", 4)),
        ({"channels": 1, "depth": 16}, TargetSize("scale", 2)),
        ({"alpha": True}, TargetSize("scale", 3)),
        ({"channels": 3, "depth": 16}, TargetSize("scale", 8)),
        ({"channels": 3}, TargetSize("width", 777)),
    ],
)
def test_the_window_writes_what_the_command_line_writes(
    page: UpscalePage,
    make_photo: MakePhoto,
    wait_until: WaitUntil,
    kind: dict[str, int],
    size: TargetSize,
    home: Path,
) -> None:
    """Pixel for pixel, although the command line cuts larger tiles."""
    photo = make_photo("photo.png", (250, 205), **kind)
    settings = page.services.settings
    control = page.panel.size_control
    if size.rule == "scale":
        control._group.button(round(size.value)).click()
    else:
        control._group.button(0).click()
        assert control.custom.size_wanted.rule == "width"
        control.custom.value.setValue(round(size.value))
    assert control.size_wanted == size
    page.open_paths([photo])
    finish(page, wait_until)
    page.saving.save()
    wait_until(lambda: page.saver.saved_path is not None)
    by_window = page.saver.saved_path
    assert by_window is not None
    by_command = photo.with_name("command.png")
    arguments = ["upscale", str(photo), "-o", str(by_command), "--model", "tiny-x4"]
    arguments += [f"--{size.rule}", f"{size.value:g}", "--precision", "fp32", "--device", "cpu"]
    assert run_command(arguments) == 0
    one, other = read_image(by_window), read_image(by_command)
    assert np.array_equal(one.pixels, other.pixels)
    assert (one.alpha is None) == (other.alpha is None)
    if one.alpha is not None and other.alpha is not None:
        assert np.array_equal(one.alpha, other.alpha)
    assert settings.text("upscale/size_rule") == size.rule


def test_what_is_looked_at_comes_first(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    # the test says where one looks, not the viewer
    page.viewer.navigation.visible_region_changed.disconnect(page.view.look)
    page.panel.advanced.tile.setValue(32)
    page.services.settings.set("upscale/work_on_drop", False)
    page.open_paths([make_photo("wide.png", (320, 64))])
    wait_until(lambda: page.session.can_start)
    page.session.look_at(0.95, 0.5)
    tiles: list[TileFinished] = []
    page.session.tile_finished.connect(tiles.append)
    page.panel.start.click()
    finish(page, wait_until)
    columns = [tile.rect[0] for tile in tiles if tile.rect]
    assert columns[0] == max(columns)
    assert columns[-1] == 0


def test_looking_elsewhere_reorders_what_is_left(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    # the test says where one looks, not the viewer
    page.viewer.navigation.visible_region_changed.disconnect(page.view.look)
    page.panel.advanced.tile.setValue(32)
    page.session.look_at(0.0, 0.5)
    columns: list[int] = []

    def turn(tile: TileFinished) -> None:
        columns.append(tile.rect[0] if tile.rect else -1)
        page.session.look_at(1.0, 0.5)

    page.session.tile_finished.connect(turn)
    page.services.settings.set("upscale/work_on_drop", False)
    page.open_paths([make_photo("wide.png", (640, 32))])
    wait_until(lambda: page.session.can_start)
    page.session.look_at(0.0, 0.5)
    page.session.start()
    finish(page, wait_until)
    assert columns[0] == 0
    last_third = columns[len(columns) // 2 :]
    assert last_third == sorted(last_third, reverse=True)


def test_another_size_keeps_the_old_result_until_the_new_one_comes(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page.open_paths([make_photo("photo.png", (120, 80))])
    finish(page, wait_until)
    picture = page.session.picture
    page.panel.size_control._group.button(2).click()
    assert page.session.working
    assert page.view.has_result
    assert page.viewer.navigation.state.transform is not None
    assert page.viewer.navigation.state.transform.picture == (480, 320)
    finish(page, wait_until)
    assert page.session.picture is picture, "the file is not read again"
    assert page.viewer.navigation.state.transform.picture == (240, 160)


def test_another_model_of_the_same_size_replaces_piece_by_piece(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page.open_paths([make_photo("photo.png", (120, 80))])
    finish(page, wait_until)
    old = page.session.result
    assert old is not None
    page.panel.model.setCurrentIndex(page.panel.model.findData("tiny-x2"))
    page.panel.model.activated.emit(page.panel.model.currentIndex())
    assert page.session.working
    finish(page, wait_until)
    new = page.session.result
    assert new is not None
    assert new.name == "tiny-x2"
    assert not np.array_equal(new.shown, old.shown)
    shown = page.view._after
    assert shown is not None
    assert np.array_equal(shown.pyramid.pixels[0:320, 0:480], new.shown)


def test_going_back_to_what_is_there_does_no_work(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page.open_paths([make_photo("photo.png", (500, 400))])
    finish(page, wait_until)
    result = page.session.result
    page.panel.size_control._group.button(8).click()
    page.panel.size_control._group.button(4).click()
    assert not page.session.working
    assert page.session.result is result


def test_escape_stops_and_the_old_result_is_there_again(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page.open_paths([make_photo("photo.png", (400, 300))])
    finish(page, wait_until)
    result = page.session.result
    page.panel.advanced.tile.setValue(32)
    wait_until(lambda: page.status.progress.done > 1)
    page.commands.stop.trigger()
    assert not page.session.working
    assert page.bottom.status.text().startswith("Stopped")
    assert page.session.result is result
    assert page.session.can_start
    assert page.panel.start.isEnabled()
    assert page.panel.save.isEnabled()
    wait_until(lambda: not page.services.device_lane.busy)


def test_a_second_drop_takes_the_place_of_the_first(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    first, second = make_photo("a.png", (600, 500)), make_photo("b.png", (60, 50))
    page.panel.advanced.tile.setValue(32)
    page.open_paths([first])
    wait_until(lambda: page.status.progress.done > 1)
    page.open_paths([second])
    wait_until(lambda: page.session.picture is not None and page.session.picture.path == second)
    finish(page, wait_until)
    assert page.session.result is not None
    assert page.session.result.picture.width == 240


def test_many_pictures_stand_in_a_strip(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil, tmp_path: Path
) -> None:
    folder = tmp_path / "many"
    photos = [make_photo(f"{name}.png", (30, 20), folder=folder) for name in "abc"]
    (folder / "notes.txt").write_text("no picture")
    page.open_paths([folder])
    finish(page, wait_until)
    assert page.strip.pictures.paths == photos
    assert page.strip.isVisible()
    index = page.strip.pictures.index(2)
    page.strip.pictures.data(index, 1)
    wait_until(lambda: photos[2] in page.strip.pictures._previews)
    page.strip.setCurrentIndex(index)
    wait_until(lambda: page.session.picture is not None and page.session.picture.path == photos[2])
    finish(page, wait_until)


def test_a_picture_in_the_clipboard_opens(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    QGuiApplication.clipboard().setImage(QImage(str(make_photo("a.png", (33, 21)))))
    page.commands.paste.trigger()
    finish(page, wait_until)
    result = page.session.result
    assert result is not None
    assert result.source.pasted
    assert result.source.size == (33, 21)
    page.commands.copy.trigger()
    wait_until(lambda: "clipboard" in page.messages.text)
    copied = QGuiApplication.clipboard().image()
    assert (copied.width(), copied.height()) == (132, 84)
    kept = result.source.path
    assert kept.exists()
    page.shutdown()
    assert not kept.exists(), "what was pasted does not stay behind"


def test_an_empty_clipboard_says_so(page: UpscalePage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QClipboard, "mimeData", lambda _clipboard: None)
    page.paste()
    assert "no picture in the clipboard" in page.messages.text


def test_a_path_in_the_clipboard_opens(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    data = QMimeData()
    data.setText(str(make_photo("a b.png", (33, 21))))
    QGuiApplication.clipboard().setMimeData(data)
    page.paste()
    finish(page, wait_until)
    QGuiApplication.clipboard().setText("just words")
    page.paste()
    assert page.messages.text == "There is no picture in the clipboard."


def test_the_result_can_be_dragged_out(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    photo = make_photo("photo.png", (40, 30))
    page.open_paths([photo])
    finish(page, wait_until)
    offered: list[Path] = []
    page.saver.drag_ready.connect(offered.append)
    page.panel.drag.file_wanted.emit()
    wait_until(lambda: offered)
    assert offered[0].name == "photo_4x.png"
    assert offered[0].parent != photo.parent
    assert read_image(offered[0]).width == 160
    urls = page.panel.drag.mime_data(offered[0]).urls()
    assert urls[0].toLocalFile() == str(offered[0])
    page.saving.save()
    wait_until(lambda: page.saver.saved_path is not None)
    page.panel.drag.file_wanted.emit()
    wait_until(lambda: len(offered) == 2)
    assert offered[1] == photo.with_name("photo_4x.png"), "what is saved is dragged itself"


def test_costs_are_told(page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil) -> None:
    page.open_paths([make_photo("photo.png", (60, 40))])
    wait_until(lambda: "memory" in page.panel.cost.text())
    assert page.panel.size_control.result.text() == "from 60 × 40 to 240 × 160"
    page.panel.size_control._group.button(0).click()
    page.panel.size_control.custom.value.setValue(10)
    assert "smaller than the source" in page.panel.size_control.problem.text()
    assert not page.session.can_start
    assert page.panel.cost.text() == "", "said once, beside the size"
    page.panel.size_control.custom.value.setValue(120)
    assert page.panel.cost.text() == "Estimating…"
    wait_until(lambda: "memory" in page.panel.cost.text())


@pytest.fixture
def with_detail(page: UpscalePage, wait_until: WaitUntil, home: Path) -> Iterator[UpscalePage]:
    """The page with a model chosen that has a smooth partner."""
    import torch

    from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
    from srgan_desktop.core.weights.model_file import ModelCard, save_model

    wait_until(lambda: page.requests.listed)
    assert not page.panel.detail.isVisibleTo(page.panel), "tiny-x4 has no partner"
    torch.manual_seed(9)
    sharp = home / "models" / "sharp-x4.safetensors"
    card = ModelCard(name="sharp-x4", partner="tiny-x4")
    save_model(sharp, SRResNet(SRResNetConfig(blocks=2, channels=8)), card)
    page.session.list_models()
    wait_until(lambda: page.panel.model.count() == 3)
    page.panel.model.setCurrentIndex(page.panel.model.findData("sharp-x4"))
    page.panel.model.activated.emit(page.panel.model.currentIndex())
    assert page.panel.detail.isVisibleTo(page.panel)
    yield page
    sharp.unlink()


def test_detail_moves_between_a_model_and_its_partner(
    with_detail: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page, photo = with_detail, make_photo("photo.png", (40, 30))
    page.open_paths([photo])
    finish(page, wait_until)
    whole = page.session.result
    page.panel.detail.slider.setValue(25)
    wait_until(lambda: page.session.working)
    finish(page, wait_until)
    part = page.session.result
    assert whole is not None
    assert part is not None
    assert not np.array_equal(whole.shown, part.shown)
    by_command = photo.with_name("command.png")
    arguments = ["upscale", str(photo), "-o", str(by_command), "--model", "sharp-x4"]
    arguments += ["--detail", "25", "--precision", "fp32", "--device", "cpu"]
    assert run_command(arguments) == 0
    assert np.array_equal(read_image(by_command).pixels, part.picture.pixels)


def test_moving_the_slider_stops_the_work_at_once(
    with_detail: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page, slider = with_detail, with_detail.panel.detail.slider
    page.panel.advanced.tile.setValue(32)
    page.open_paths([make_photo("photo.png", (400, 300))])
    wait_until(lambda: page.status.progress.done > 2)
    before, request = slider.value(), page.session.request
    slider.setValue(before - 20)
    assert not page.session.working, "not only once the slider rests"
    wait_until(lambda: page.session.working)
    assert page.session.request != request
    wait_until(lambda: page.status.progress.done > 2)
    # there and back while it does not rest: the same is asked for again, and made
    slider.setValue(before)
    slider.setValue(before - 20)
    assert not page.session.working
    wait_until(lambda: page.session.working)
    page.panel.detail.value.setValue(31)
    assert slider.value() == 31
    wait_until(lambda: page.session.working)
    assert page.session.request is not None
    assert page.session.request.engine.detail == 31


def test_a_slider_that_comes_back_lets_the_work_go_on(
    with_detail: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    """Also where nothing starts by itself: it was started, and the same is asked for."""
    page, slider = with_detail, with_detail.panel.detail.slider
    page.services.settings.set("upscale/work_on_drop", False)
    page.panel.advanced.tile.setValue(32)
    page.open_paths([make_photo("photo.png", (300, 200))])
    wait_until(lambda: page.session.can_start)
    page.panel.start.click()
    request, before = page.session.request, slider.value()
    slider.setValue(before - 20)
    slider.setValue(before)
    assert not page.session.working
    wait_until(lambda: page.session.working)
    assert page.session.request == request
    slider.setValue(before - 20)
    wait_until(lambda: page.session.request != request)
    assert not page.session.working, "this waits for Start"


def test_colours_under_the_pointer_are_told_when_wanted(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page.open_paths([make_photo("photo.png", (60, 40))])
    finish(page, wait_until)
    assert page.bottom.readout in page.view_actions()
    viewer, label = page.viewer, page.bottom.pixel
    middle = viewer.rect().center().toPointF()
    point_at(page, middle)
    assert not label.isVisible(), "off at first"
    page.bottom.readout.trigger()
    point_at(page, middle)
    assert label.isVisible()
    sample = viewer.pixel_at(middle)
    result = page.session.result
    assert sample is not None
    assert result is not None
    after = result.shown[sample.y, sample.x].tolist()
    before = result.source.shown[sample.y // 4, sample.x // 4].tolist()
    colours = [" ".join(map(str, colour)) for colour in (before, after)]
    assert label.text() == f"{sample.x}, {sample.y}: {colours[0]} → {colours[1]}"
    QApplication.sendEvent(viewer, QEvent(QEvent.Type.Leave))
    assert not label.isVisible()
    assert page.services.settings.flag("upscale/readout")


def test_hovering_over_a_result_that_replaced_another(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    """Also while it replaces it: the fixture of the window fails where a fault was reported."""
    page.bottom.readout.trigger()
    page.open_paths([make_photo("photo.png", (300, 200))])
    finish(page, wait_until)
    first = page.session.result
    page.panel.advanced.tile.setValue(64)
    wait_until(lambda: page.status.progress.done > 2)
    middle = page.viewer.rect().center().toPointF()
    for _ in range(2):
        point_at(page, middle)
        sample = page.viewer.pixel_at(middle)
        assert sample is not None
        assert sample.after is not None
        assert page.bottom.pixel.isVisible()
        finish(page, wait_until)
    assert page.session.result is not first


def point_at(page: UpscalePage, point: QPointF) -> None:
    viewer, none = page.viewer, Qt.MouseButton.NoButton
    plain = Qt.KeyboardModifier.NoModifier
    move = QMouseEvent(QEvent.Type.MouseMove, point, viewer.mapToGlobal(point), none, none, plain)
    QApplication.sendEvent(viewer, move)


@pytest.mark.parametrize("size", [(3840, 2160), (64, 64), (65, 33)])
@pytest.mark.parametrize("dropped", [False, True])
def test_pictures_that_come_as_pixels(
    page: UpscalePage, wait_until: WaitUntil, size: tuple[int, int], dropped: bool
) -> None:
    page.services.settings.set("upscale/work_on_drop", False)
    width, height = size
    pixels = (np.arange(width * height * 3, dtype=np.uint32) * 7 % 251).astype(np.uint8)
    pixels = pixels.reshape(height, width, 3)
    if dropped:
        data = QMimeData()
        data.setImageData(image_of(pixels))
        drop(page, data)
    else:
        QGuiApplication.clipboard().setImage(image_of(pixels))
        page.commands.paste.trigger()
    wait_until(lambda: page.session.picture is not None)
    assert page.session.picture is not None
    assert page.session.picture.size == size
    assert np.array_equal(page.session.picture.shown, pixels)
