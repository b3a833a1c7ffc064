"""A Train page in a home of its own, and photos to train on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication

from srgan_desktop.core.base import translation
from srgan_desktop.gui.common.errors_dialog import FaultReporter
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.settings import Settings
from srgan_desktop.gui.training.page import TrainingPage
from srgan_desktop.gui.training.runs import stored
from trainer.run.process import end_process


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(folder))
    monkeypatch.setenv("SRGAN_DESKTOP_LANGUAGE", "en")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return folder


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Six small pictures, one that is too small and one that is none."""
    folder = tmp_path / "my photos 照片"
    folder.mkdir()
    y, x = np.mgrid[:128, :128]
    for number in range(6):
        waves = np.stack([np.sin(x / (3 + number)), np.cos(y / 5), np.sin((x + y) / 9)], -1)
        pixels = ((waves + 1) * 127.5).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    Image.fromarray(np.zeros((20, 20, 3), np.uint8)).save(folder / "small.png")
    (folder / "z-broken.jpg").write_bytes(b"\xff\xd8nothing")
    return folder


@pytest.fixture
def services(qapp: QApplication, home: Path) -> Iterator[Services]:
    faults = FaultReporter()
    made = Services(qapp, Settings(), faults)
    yield made
    assert faults.dialog is None, faults.dialog and faults.dialog.details.toPlainText()
    made.shutdown()
    qapp.setStyleSheet("")
    translation.set_language("en")


@pytest.fixture
def page(services: Services, qapp: QApplication) -> Iterator[TrainingPage]:
    """Shown; no trainer outlives the test."""
    made = TrainingPage(services)
    made.resize(1000, 700)
    made.show()
    yield made
    made.shutdown()
    for training in stored.list_trainings():
        for stage in training.stages:
            end_process(stage)
    made.close()
    made.deleteLater()
    qapp.processEvents()
