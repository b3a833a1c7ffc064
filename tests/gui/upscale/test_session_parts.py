"""Opening, estimating and saving, each by itself with a lane of its own."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QStandardPaths
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication, QWidget
from waiting import WaitUntil
from window_helpers import MakePhoto

from srgan_desktop.core.base.events import drain
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.images.io import Written
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.gui.common import files
from srgan_desktop.gui.common.engine_worker import EngineWorker, cost
from srgan_desktop.gui.common.errors_dialog import FaultReporter
from srgan_desktop.gui.common.files import SaveRequest, stamp_of
from srgan_desktop.gui.common.message_bar import MessageBar
from srgan_desktop.gui.common.requests import (
    Cost,
    EngineRequest,
    OpenedImage,
    Result,
    SpeedMeasured,
    UpscaleRequest,
)
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.settings import Settings
from srgan_desktop.gui.common.thumbnail_strip import ImageStrip
from srgan_desktop.gui.common.worker import TaskSlot
from srgan_desktop.gui.upscale.costs import CostEstimator
from srgan_desktop.gui.upscale.image_opener import ImageOpener, forget_pasted
from srgan_desktop.gui.upscale.request_model import RequestModel
from srgan_desktop.gui.upscale.saver import Saver
from srgan_desktop.gui.upscale.saving import SavingController
from srgan_desktop.gui.upscale.session import Session
from srgan_desktop.gui.upscale.switching import ImageSwitcher
from srgan_desktop.gui.upscale.unsaved_results import Kept


@pytest.fixture
def services(home: Path, qapp: QApplication) -> Iterator[Services]:
    made = Services(qapp, Settings(), FaultReporter())
    yield made
    made.shutdown()
    qapp.setStyleSheet("")


def result_of(path: Path, size: tuple[int, int] = (6, 4), *, pasted: bool = False) -> Result:
    """A result that was never computed."""
    small = np.zeros((size[1], size[0], 3), np.uint8)
    large = np.full((4 * size[1], 4 * size[0], 3), 9, np.uint8)
    source = OpenedImage(path, RasterImage(small), small, pasted, stamp_of(path))
    return Result(source, RasterImage(large), large, "tiny", 0.1)


def test_the_picture_that_was_wanted_last_is_opened(
    services: Services, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    opener = ImageOpener(services.file_lane)
    opened = QSignalSpy(opener.opened)
    opener.open_file(make_photo("a.png"))
    opener.open_file(make_photo("b.png"))
    assert opener.busy
    wait_until(lambda: opened.count() == 1)
    assert opened.at(0)[0].path.name == "b.png"
    assert not opener.busy
    wait_until(lambda: not services.file_lane.busy)
    assert opened.count() == 1


def test_what_cannot_be_opened_is_told(
    services: Services, tmp_path: Path, wait_until: WaitUntil
) -> None:
    opener = ImageOpener(services.file_lane)
    failed = QSignalSpy(opener.failed)
    opener.open_file(tmp_path / "gone.png")
    wait_until(lambda: failed.count() == 1)
    assert not opener.busy


def test_a_pasted_picture_is_ours(services: Services, wait_until: WaitUntil) -> None:
    opener = ImageOpener(services.file_lane)
    opened = QSignalSpy(opener.opened)
    image = QImage(12, 8, QImage.Format.Format_RGB32)
    image.fill(QColor(10, 200, 30))
    opener.open_pasted(image)
    wait_until(lambda: opened.count() == 1)
    picture: OpenedImage = opened.at(0)[0]
    assert picture.pasted
    assert picture.shown[3, 5].tolist() == [10, 200, 30]
    forget_pasted()
    assert not picture.path.exists()


def test_a_slot_holds_one_task(services: Services, wait_until: WaitUntil) -> None:
    slot = TaskSlot()
    done: list[str] = []

    def work(name: str):  # type: ignore[no-untyped-def]
        yield
        return name

    for name in ("first", "second"):
        slot.put(services.file_lane.submit(lambda name=name: work(name), on_done=done.append))
    assert slot.busy
    wait_until(lambda: not slot.busy)
    assert done == ["second"]
    slot.put(services.file_lane.submit(lambda: work("third"), on_done=done.append))
    slot.cancel()
    assert not slot.busy
    wait_until(lambda: not services.file_lane.busy)
    assert done == ["second"]


def test_costs_are_known_once_the_network_is(
    services: Services, make_photo: MakePhoto, wait_until: WaitUntil, home: Path
) -> None:
    costs = CostEstimator(services.file_lane)
    known = QSignalSpy(costs.known)
    picture = result_of(make_photo("a.png", (60, 40)), (60, 40)).source
    request = UpscaleRequest(
        EngineRequest(home / "models" / "tiny-x4.safetensors", "cpu", "fp32"),
        TargetSize("scale", 4),
    )
    costs.estimate(picture, request)
    assert [known.at(0)[0], known.count()] == [None, 1]
    ready, speed = EngineWorker(services.engines).prepare(request.engine), 0.001
    next(ready)
    costs.engine_ready(next(ready))
    wait_until(lambda: known.count() == 2)
    first: Cost = known.at(1)[0]
    assert first.size == (240, 160)
    assert first.seconds is None
    assert first.memory_bytes > 0
    costs.speed_measured(SpeedMeasured(request.engine, speed))
    wait_until(lambda: known.count() == 3)
    assert known.at(2)[0].seconds == pytest.approx(60 * 40 * speed, rel=0.5)
    costs.estimate(picture, replace(request, size=TargetSize("scale", 2)))
    assert known.at(3)[0] is None, "what was said is of another request"
    costs.stop()
    ready.close()


@pytest.mark.parametrize("ending", ["gif", "tif"])
def test_the_cost_is_that_of_the_one_picture_that_is_enlarged(
    services: Services, make_photo: MakePhoto, tmp_path: Path, home: Path, ending: str
) -> None:
    request = UpscaleRequest(
        EngineRequest(home / "models" / "tiny-x4.safetensors", "cpu", "fp32"),
        TargetSize("scale", 4),
    )
    preparing = EngineWorker(services.engines).prepare(request.engine)
    next(preparing)
    engine = next(preparing).engine
    preparing.close()
    pages = [Image.new("RGB", (60, 40), (n, 0, 0)) for n in range(0, 200, 10)]
    told = []
    for count in (1, len(pages)):
        path = tmp_path / f"{count}.{ending}"
        pages[0].save(path, save_all=True, append_images=pages[1:count])
        told.append(drain(cost(engine, result_of(path, (60, 40)).source, request, 0.001)))
    assert told[0] == told[1]


class Desk:
    """The page's parts around one session, without the page."""

    def __init__(self, services: Services) -> None:
        self.over = QWidget()
        self.session = Session(services, RequestModel(services.settings))
        self.saver = Saver(services)
        self.messages = MessageBar(services.theme)
        self.messages.setParent(self.over)
        self.saving = SavingController(self.session, self.saver, self.messages, self.over)
        self.strip = ImageStrip(services.thumbnail_lane, self.over)
        self.switching = ImageSwitcher(self.session, self.saver, self.saving, self.strip, self.over)


def test_nobodys_folder_in_the_settings_is_none(services: Services, make_photo: MakePhoto) -> None:
    services.settings.set("save/folder", "~nobody-of-that-name/out")
    photo = make_photo("a.png", (6, 4))
    assert Saver(services).usual_target(result_of(photo))[0] == photo.with_name("a_4x.png")


def test_saving_says_where_and_does_it_once(
    services: Services, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    desk = Desk(services)
    photo = make_photo("a.png", (6, 4))
    desk.session.restore(Kept(result_of(photo), None))
    desk.saving.save()
    wait_until(lambda: not desk.saver.busy)
    assert photo.with_name("a_4x.png").exists()
    assert desk.messages.label.text() == "Saved as a_4x.png"
    desk.saving.save()
    assert desk.messages.label.text() == "Already saved as a_4x.png"
    assert not photo.with_name("a_4x (2).png").exists()


def test_each_result_is_saved_while_others_are_written(
    services: Services,
    make_photo: MakePhoto,
    wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_write, save = threading.Event(), files.save

    def save_slowly(result: Result, request: SaveRequest) -> Generator[None, None, Written]:
        may_write.wait(30)
        return (yield from save(result, request))

    monkeypatch.setattr(files, "save", save_slowly)
    desk = Desk(services)
    photos = [make_photo(name, (6, 4)) for name in ("a.png", "b.png")]
    for photo in photos:
        desk.session.restore(Kept(result_of(photo), None))
        desk.saving.save()
        desk.saving.save()  # pressed once more: it is being written
    assert desk.saver.busy
    may_write.set()
    wait_until(lambda: not desk.saver.busy)
    assert desk.saver.path_of(desk.session.result) == photos[1].with_name("b_4x.png")
    made = sorted(path.name for path in photos[0].parent.glob("*_4x*"))
    assert made == ["a_4x.png", "b_4x.png"]


def test_saving_all_goes_on_once_the_last_is_safe(
    services: Services, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    desk = Desk(services)
    results = [result_of(make_photo(name, (6, 4))) for name in ("a.png", "b.png")]
    went_on: list[bool] = []
    desk.saving.save_all(
        results, lambda: went_on.append(all(desk.saver.is_safe(one) for one in results))
    )
    wait_until(lambda: went_on)
    assert went_on == [True]


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[SaveRequest]:
    """How files were to be saved."""
    asked: list[SaveRequest] = []
    save = files.save

    def note(result: Result, request: SaveRequest) -> Generator[None, None, Written]:
        asked.append(request)
        return save(result, request)

    monkeypatch.setattr(files, "save", note)
    return asked


def test_pasted_pictures_are_saved_as_the_settings_say(
    services: Services,
    make_photo: MakePhoto,
    wait_until: WaitUntil,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    requests: list[SaveRequest],
) -> None:
    pictures = tmp_path / "home" / "Pictures"
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _: str(pictures))
    services.settings.set("save/quality", 40)
    services.settings.set("save/format", "jpeg")
    desk, chosen = Desk(services), tmp_path / "chosen" / "below"
    results = [result_of(make_photo(name), pasted=True) for name in ("a.png", "b.png")]
    for folder, setting in ((pictures, ""), (chosen, str(chosen))):
        services.settings.set("save/folder", setting)
        desk.saving.save_all(results, lambda: None)
        wait_until(lambda: not desk.saver.busy)
        assert sorted(path.name for path in folder.iterdir()) == ["a_4x.jpg", "b_4x.jpg"]
    assert [request.quality for request in requests] == [40] * 4


def test_what_is_dragged_out_is_written_as_the_settings_say(
    services: Services,
    make_photo: MakePhoto,
    wait_until: WaitUntil,
    tmp_path: Path,
    requests: list[SaveRequest],
) -> None:
    services.settings.set("save/quality", 40)
    services.settings.set("save/format", "webp")
    services.settings.set("save/folder", str(tmp_path / "chosen"))
    saver = Saver(services)
    ready = QSignalSpy(saver.drag_ready)
    saver.prepare_drag(result_of(make_photo("a.png")))
    wait_until(lambda: ready.count() == 1)
    assert ready.at(0)[0].name == "a_4x.webp"
    assert [request.quality for request in requests] == [40]
    assert not (tmp_path / "chosen").exists()
    saver.forget_drag_files()


def test_a_file_to_drag_is_written_once_however_often_it_is_asked_for(
    services: Services,
    make_photo: MakePhoto,
    wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_write, save, folders = threading.Event(), files.save, []

    def save_slowly(result: Result, request: SaveRequest) -> Generator[None, None, Written]:
        folders.append(request.target.parent)
        may_write.wait(30)
        return (yield from save(result, request))

    monkeypatch.setattr(files, "save", save_slowly)
    first, second = result_of(make_photo("a.png", (6, 4))), result_of(make_photo("b.png", (6, 4)))
    saver = Saver(services)
    ready, failed = QSignalSpy(saver.drag_ready), QSignalSpy(saver.failed)
    saver.prepare_drag(first)
    saver.prepare_drag(first)
    saver.prepare_drag(second)
    may_write.set()
    wait_until(lambda: ready.count() == 1)
    assert [folder.exists() for folder in folders] == [False, True], "one for each picture"
    assert ready.at(0)[0] == folders[1] / "b_4x.png"
    assert ready.at(0)[0].exists()
    saver.prepare_drag(first)
    wait_until(lambda: ready.count() == 2)
    assert ready.at(1)[0].name == "a_4x.png" and ready.at(1)[0].exists()
    assert not folders[1].exists()
    saver.forget_drag_files()
    assert not folders[2].exists()
    assert failed.count() == 0


def test_leaving_a_picture_keeps_what_is_not_saved(
    services: Services, make_photo: MakePhoto
) -> None:
    desk = Desk(services)
    first, second = result_of(make_photo("a.png", (6, 4))), result_of(make_photo("b.png", (6, 4)))
    desk.session.restore(Kept(first, None))
    assert desk.switching.unsaved == [first]
    desk.session.restore(Kept(second, None))
    assert desk.switching.unsaved == [first, second]
    desk.switching.switch_to(first.source.path)
    assert desk.session.result is first
    desk.saver.forget(first)
    assert desk.switching.unsaved == [second]
