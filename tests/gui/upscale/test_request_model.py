"""What is asked for, without any widget."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication

from srgan_desktop.core.networks.strengths import ChosenStrengths
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.gui.common.errors_dialog import FaultReporter
from srgan_desktop.gui.common.requests import ModelChoice
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.settings import Settings
from srgan_desktop.gui.upscale.panel import ControlPanel
from srgan_desktop.gui.upscale.request_model import RequestModel

SMOOTH = ModelChoice("smooth", "Smooth", "", Path("smooth.safetensors"), 4)
SHARP = ModelChoice("sharp", "Sharp", "", Path("sharp.safetensors"), 4, has_partner=True)
ADAPTIVE = ModelChoice("adaptive", "Adaptive", "", Path("adaptive.safetensors"), 4, adapts=True)
BROKEN = ModelChoice("broken", "Broken", "", Path("broken.safetensors"), 0, "damaged")


@pytest.fixture
def requests(qapp: QApplication, tmp_path: Path) -> RequestModel:
    return RequestModel(Settings(tmp_path))


def test_nothing_can_be_asked_before_there_are_models(requests: RequestModel) -> None:
    assert requests.model is None
    assert requests.request is None
    changed = QSignalSpy(requests.changed)
    requests.set_models([SMOOTH, SHARP])
    assert changed.count() == 1
    assert requests.listed
    assert requests.model is SMOOTH, "the one chosen last is not there"
    assert requests.request is not None


def test_a_damaged_model_is_shown_but_asks_for_nothing(requests: RequestModel) -> None:
    requests.set_models([BROKEN])
    assert requests.model is BROKEN
    assert requests.request is None


def test_detail_is_for_models_that_have_both_sides(requests: RequestModel) -> None:
    requests.set_models([SMOOTH, SHARP])
    requests.choose_detail(40.0)
    assert requests.request is not None
    assert requests.request.engine.detail is None
    requests.choose_model("sharp")
    assert requests.request.engine.detail == 40.0
    requests.choose_detail(100.0)
    assert requests.request.engine.detail is None, "the model as it is"


def test_another_model_under_the_same_name_is_another_request(requests: RequestModel) -> None:
    restorer = ModelChoice("clean", "Clean", "", Path("clean.safetensors"), 1, weights="a")
    requests.set_models([SMOOTH, restorer])
    requests.choose_before("clean")
    first = requests.request
    assert first is not None and first.before is not None
    requests.set_models([replace(SMOOTH), restorer])
    assert requests.request == first
    requests.set_models([replace(SMOOTH, weights="b"), restorer])
    second = requests.request
    assert second is not None and second != first and second.engine == first.engine
    requests.set_models([replace(SMOOTH, weights="b"), replace(restorer, weights="b")])
    third = requests.request
    assert third is not None and third != second and third.before == first.before


def test_strengths_are_for_models_that_adapt(requests: RequestModel) -> None:
    requests.set_models([SMOOTH, ADAPTIVE])
    requests.choose_strength("noise", 40.0)
    assert requests.request is not None
    assert not requests.request.chosen_strengths.are_set
    requests.choose_model("adaptive")
    assert requests.request.chosen_strengths == ChosenStrengths(noise=40.0)
    requests.choose_strength("compression", 10.0)
    assert requests.request.chosen_strengths == ChosenStrengths(noise=40.0, compression=10.0)
    requests.choose_strength("noise", None)
    assert requests.request.chosen_strengths == ChosenStrengths(compression=10.0)


def test_the_size_of_the_result(requests: RequestModel) -> None:
    assert requests.result_size() is None
    requests.set_source((60, 40))
    assert requests.result_size() == (240, 160)
    requests.choose_size(TargetSize("width", 90))
    assert requests.result_size() == (90, 60)
    requests.choose_size(TargetSize("scale", 2))
    assert requests.result_size() == (120, 80)


def test_a_model_that_is_new_is_waited_for(requests: RequestModel) -> None:
    requests.set_models([SMOOTH, SHARP])
    requests.await_model("sharp")
    assert requests.model is SHARP
    requests.await_model("just trained")
    assert requests.model is None and requests.request is None and not requests.listed
    new = ModelChoice("just trained", "Just trained", "", Path("new.safetensors"), 4)
    requests.set_models([SMOOTH, SHARP, new])
    assert requests.model is new


def test_what_was_chosen_is_there_the_next_time(requests: RequestModel, tmp_path: Path) -> None:
    requests.choose_model("sharp")
    requests.choose_detail(25.0)
    requests.choose_size(TargetSize("long", 1000))
    again = RequestModel(Settings(tmp_path))
    again.set_models([SMOOTH, SHARP])
    assert again.model is SHARP
    assert again.detail == 25.0
    assert again.size == TargetSize("long", 1000)


def test_the_panel_shows_what_others_choose(qapp: QApplication, home: Path, tmp_path: Path) -> None:
    services = Services(qapp, Settings(tmp_path), FaultReporter())
    requests = RequestModel(services.settings)
    panel = ControlPanel(services, requests)
    requests.set_models([SMOOTH, SHARP])
    requests.choose_model("sharp")
    requests.choose_size(TargetSize("scale", 2))
    requests.choose_detail(35.0)
    assert panel.model.currentData() == "sharp"
    assert panel.size_control.size_wanted == TargetSize("scale", 2)
    assert (panel.detail.slider.value(), panel.detail.value.value()) == (35, 35)
    # but not under a person's hand
    panel.detail.slider.setValue(60)
    requests.choose_size(TargetSize("width", 900))
    assert panel.detail.slider.value() == 60
    assert panel.size_control.size_wanted == TargetSize("width", 900)
    panel.deleteLater()
    services.shutdown()
    qapp.setStyleSheet("")
