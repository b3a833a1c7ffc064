"""A window with a real, tiny model, its Batch page in front, in a home of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from batch_driver import BatchDriver
from PIL import Image
from PySide6.QtWidgets import QApplication
from waiting import wait_until

from srgan_desktop.core.base import translation
from srgan_desktop.gui.common import model_sample, notify
from srgan_desktop.gui.common.errors_dialog import FaultReporter
from srgan_desktop.gui.shell.app import make_window
from srgan_desktop.gui.shell.main_window import MainWindow

MakePhotos = Callable[..., Path]
OpenBatch = Callable[[], BatchDriver]
SETTINGS = "[window]\nlanguage=en\n[upscale]\nmodel=tiny-x4\nprecision=fp32\ndevice=cpu\n"


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file of two blocks."""
    import torch

    from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
    from srgan_desktop.core.weights.model_file import ModelCard, save_model

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("tiny") / "tiny-x4.safetensors"
    network = SRResNet(SRResNetConfig(scale=4, blocks=2, channels=8))
    save_model(path, network, ModelCard(name="tiny-x4", title="Tiny", description="A tiny model"))
    return path


@pytest.fixture
def home(
    tiny_model: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """The program's folders, as on the first day."""
    from srgan_desktop.core.weights import catalogue

    home = tmp_path_factory.mktemp("home")
    (home / "models").mkdir()
    (home / "models" / tiny_model.name).write_bytes(tiny_model.read_bytes())
    (home / "settings").mkdir()
    (home / "settings" / "settings.ini").write_text(SETTINGS)
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(home))
    monkeypatch.setattr(catalogue, "shipped_folder", lambda: home / "no-shipped-models")
    monkeypatch.setattr(model_sample, "sample_path", lambda: home / "no-sample.jpg")
    # how the model runs fastest is measured once for all tests
    speeds, known = home / "cache" / "speeds.json", tiny_model.with_name("speeds.json")
    if known.exists():
        speeds.parent.mkdir()
        speeds.write_bytes(known.read_bytes())
    yield home
    if speeds.exists():
        known.write_bytes(speeds.read_bytes())
    translation.set_language("en")


@pytest.fixture
def notices(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What the desktop would have shown."""
    notice: list[tuple[str, str]] = []
    monkeypatch.setattr(notify, "notify", lambda title, text: notice.append((title, text)))
    return notice


@pytest.fixture
def make_photos(tmp_path: Path) -> MakePhotos:
    """Writes small pictures, each another, below ``pictures``."""

    def make(*names: str, size: tuple[int, int] = (24, 16)) -> Path:
        top = tmp_path / "pictures"
        for seed, name in enumerate(names):
            path = top / name
            path.parent.mkdir(parents=True, exist_ok=True)
            pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), np.uint8)
            Image.fromarray(pixels).save(path)
        return top

    return make


@pytest.fixture
def open_batch(
    home: Path, qapp: QApplication, notices: list[tuple[str, str]]
) -> Iterator[OpenBatch]:
    """Opens the real window with the Batch page in front; each closes without questions."""
    opened: list[tuple[MainWindow, FaultReporter]] = []

    def open_one() -> BatchDriver:
        faults = FaultReporter()
        window = make_window(qapp, faults)
        opened.append((window, faults))
        window.asks = False
        window.resize(1240, 780)
        window.show()
        batch = BatchDriver(window)
        window.show_page(window.pages.index(batch.page))
        wait_until(lambda: batch.panel.model_chosen is not None)
        return batch

    yield open_one
    for window, faults in opened:
        assert faults.dialog is None, faults.dialog and faults.dialog.details.toPlainText()
        window.close()
        window.deleteLater()
    qapp.processEvents()
    qapp.setStyleSheet("")


@pytest.fixture
def batch(open_batch: OpenBatch) -> BatchDriver:
    """The Batch page, its queue open and empty."""
    batch = open_batch()
    batch.settle()
    return batch
