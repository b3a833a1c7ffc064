"""The settings dialog: what is chosen is remembered, and counts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot
from waiting import wait_until
from widget_driver import find, pick, set_number, type_into

from srgan_desktop.core.base import translation
from srgan_desktop.gui.common.errors_dialog import FaultReporter
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.settings import Settings
from srgan_desktop.gui.shell.app import make_window, page_wanted
from srgan_desktop.gui.shell.settings_dialog import SettingsDialog
from srgan_desktop.gui.upscale.advanced import Advanced


@pytest.fixture
def services(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Services]:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path))
    monkeypatch.setenv("SRGAN_DESKTOP_LANGUAGE", "en")
    made = Services(qapp, Settings(), FaultReporter())
    yield made
    made.shutdown()
    qapp.setStyleSheet("")
    translation.set_language("en")


@pytest.fixture
def dialog(services: Services) -> Iterator[SettingsDialog]:
    made = SettingsDialog(services)
    made.show()
    yield made
    made.close()
    made.deleteLater()


def test_how_results_are_saved_is_remembered(
    dialog: SettingsDialog, services: Services, tmp_path: Path
) -> None:
    type_into(dialog, "Output folder", str(tmp_path))
    type_into(dialog, "Name of saved files", "{name}-large")
    pick(dialog, "Format", "WebP")
    set_number(dialog, "Quality", 80)
    settings = services.settings
    assert settings.text("save/folder") == str(tmp_path)
    assert settings.text("save/name") == "{stem}-large"
    assert settings.text("save/format") == "webp"
    assert settings.number("save/quality") == 80
    again = SettingsDialog(services)
    assert find(again, QComboBox, "Format").currentText() == "WebP"
    assert again.name.text() == "{name}-large"
    again.close()
    again.deleteLater()


def test_half_a_path_is_no_folder(
    dialog: SettingsDialog, services: Services, tmp_path: Path
) -> None:
    dialog.tabs.setCurrentIndex(1)
    type_into(dialog, "Output folder", str(tmp_path))
    assert not dialog.folder_problem.isVisible()
    type_into(dialog, "Output folder", "results")
    assert services.settings.text("save/folder") == str(tmp_path)
    assert dialog.folder_problem.text() == "Enter the full path of the folder"
    assert dialog.folder_problem.isVisible()
    type_into(dialog, "Output folder", "", enter=False)
    assert not dialog.folder_problem.isVisible()


def test_the_folder_icon_is_of_the_theme(dialog: SettingsDialog, services: Services) -> None:
    def side() -> QImage:
        return dialog.browse.icon().pixmap(16, 16).toImage()

    services.theme.choose("light")
    light = side()
    services.theme.choose("dark")
    assert side() != light
    services.theme.choose("light")
    assert side() == light


def test_devices_that_become_known_too_late_disturb_nobody(
    services: Services, qtbot: QtBot
) -> None:
    with qtbot.captureExceptions() as faults:
        made = SettingsDialog(services)
        # with its window, say; nobody closed it
        shiboken6.delete(made)
        wait_until(lambda: not services.device_lane.busy)
        QApplication.processEvents()
    assert not faults


def test_devices_come_once_they_are_known(dialog: SettingsDialog, services: Services) -> None:
    services.settings.set("upscale/device", "cuda:7")
    dialog.device.retranslate()
    assert dialog.device.currentText() == "cuda:7", "chosen elsewhere, and kept"
    wait_until(lambda: dialog.device.findData("cpu") >= 0)
    pick(dialog, "Device", dialog.device.itemText(dialog.device.findData("cpu")))
    assert services.settings.text("upscale/device") == "cpu"


def test_the_upscale_page_follows_the_device(dialog: SettingsDialog, services: Services) -> None:
    advanced = Advanced(services.settings, QWidget())
    told: list[bool] = []
    advanced.changed.connect(lambda: told.append(True))
    advanced.set_devices([("cpu", "a processor")])
    wait_until(lambda: dialog.device.findData("cpu") >= 0)
    pick(dialog, "Device", dialog.device.itemText(dialog.device.findData("cpu")))
    assert advanced.device.currentData() == "cpu"
    assert told == [True]
    advanced.deleteLater()


def test_threads_are_used(
    dialog: SettingsDialog, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    from srgan_desktop.core.backends import device

    used: list[int] = []
    monkeypatch.setattr(device, "set_threads", used.append)
    set_number(dialog, "Processor threads", 1)
    wait_until(lambda: used == [1])
    assert services.engines.threads == 1, "of networks that are opened from now on"
    dialog.close()
    later = Services(QApplication.instance(), services.settings, FaultReporter())
    try:
        assert later.engines.threads == 1
        assert not later.device_lane.busy, "a window that opens does not wait for torch"
        later.settings.set("compute/threads", 0)
        # both of them hear of it
        wait_until(lambda: used == [1, device.usual_threads(), device.usual_threads()])
        assert later.engines.threads == 0
    finally:
        later.shutdown()


def test_threads_of_torch_can_wait_until_that_is_there(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    from srgan_desktop.core.backends import device

    used: list[int] = []
    monkeypatch.setattr(device, "set_threads", used.append)
    monkeypatch.delitem(sys.modules, "torch")
    services.settings.set("compute/threads", 1)
    wait_until(lambda: not services.device_lane.busy)
    assert not used and services.engines.threads == 1


def test_recent_files_are_forgotten_where_that_is_wished(
    dialog: SettingsDialog, services: Services, tmp_path: Path
) -> None:
    settings = services.settings
    settings.add_recent(tmp_path / "a.png")
    dialog.remember.click()
    assert settings.recent() == []
    settings.add_recent(tmp_path / "b.png")
    assert settings.recent() == []


def test_all_of_it_speaks_chinese_at_once(dialog: SettingsDialog) -> None:
    pick(dialog, "Language", "简体中文")
    assert [dialog.tabs.tabText(n) for n in range(3)] == ["常规", "保存", "计算"]
    assert dialog.format.itemText(0) == "与原图相同"


def test_a_photo_is_shown_wherever_the_window_begins() -> None:
    assert page_wanted([], "") == ""
    assert page_wanted([Path("a.png")], "") == "upscale"
    assert page_wanted([Path("folder")], "batch") == "batch"


@pytest.mark.parametrize(
    ("chosen", "shown"), [("upscale", "upscale"), ("models", "models"), ("last", "batch")]
)
def test_the_window_begins_where_one_wants(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: str, shown: str
) -> None:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path))
    Settings().set("window/first_page", chosen)
    first = make_window(qapp, FaultReporter())
    first.show_page_named("batch")
    first.show()
    first.close()
    window = make_window(qapp, FaultReporter())
    assert window.page.icon_name == shown
    for made in (first, window):
        made.asks = False
        made.close()
        made.deleteLater()
    qapp.processEvents()
    qapp.setStyleSheet("")


def test_nobodys_folder_is_no_folder(dialog: SettingsDialog, services: Services) -> None:
    type_into(dialog, "Output folder", "~nobody-of-that-name/out")
    assert services.settings.text("save/folder") == ""
