"""The catalogue's controller without the page: files change, and it says what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from models_window import save_tiny
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication
from waiting import wait_until

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.weights import catalogue
from srgan_desktop.gui.common.errors_dialog import FaultReporter
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.settings import Settings
from srgan_desktop.gui.models.catalogue import CatalogueController


@pytest.fixture
def controller(
    tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> Iterator[CatalogueController]:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(catalogue, "shipped_folder", lambda: tmp_path / "shipped")
    save_tiny(tmp_path / "shipped" / "shipped-x4.safetensors")
    settings = Settings()
    settings.set("window/language", "en")
    services = Services(qapp, settings, FaultReporter())
    yield CatalogueController(services)
    services.shutdown()
    qapp.setStyleSheet("")


def names(controller: CatalogueController) -> list[str]:
    return [model.choice.name for model in controller.models]


def test_a_model_comes_gets_another_name_and_goes(
    controller: CatalogueController, tmp_path: Path
) -> None:
    chosen, said = QSignalSpy(controller.chosen), QSignalSpy(controller.notice)
    controller.refresh()
    wait_until(lambda: names(controller) == ["shipped-x4"])
    controller.add([save_tiny(tmp_path / "mine.safetensors", 2)])
    assert controller.busy
    wait_until(lambda: names(controller) == ["shipped-x4", "mine"])
    assert chosen.at(0) == ["mine"]
    controller.rename("mine", "yours")
    wait_until(lambda: names(controller) == ["shipped-x4", "yours"])
    assert said.at(said.count() - 1) == ["Renamed to yours.", "done"]
    controller.remove("yours")
    wait_until(lambda: names(controller) == ["shipped-x4"])
    assert not (places.models() / "yours.safetensors").exists()
    assert not controller.busy


def test_what_is_wrong_is_said_and_nothing_is_chosen(
    controller: CatalogueController, tmp_path: Path
) -> None:
    chosen, said = QSignalSpy(controller.chosen), QSignalSpy(controller.notice)
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"no model")
    controller.add([bad])
    wait_until(lambda: not controller.busy)
    text, kind = said.at(said.count() - 1)
    assert text.startswith("bad.safetensors: ")
    assert kind == "warning"
    controller.remove("shipped-x4")
    wait_until(lambda: not controller.busy)
    assert "stays" in said.at(said.count() - 1)[0]
    assert chosen.count() == 0
