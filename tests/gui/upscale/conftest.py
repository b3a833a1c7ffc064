"""A window with a real, tiny model, in a home of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from waiting import WaitUntil
from window_helpers import MakePhoto

from srgan_desktop.core.base import translation
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.images.io import WriteOptions, write_image
from srgan_desktop.gui.common import model_sample
from srgan_desktop.gui.common.errors_dialog import FaultReporter
from srgan_desktop.gui.shell.app import make_window
from srgan_desktop.gui.shell.main_window import MainWindow
from srgan_desktop.gui.upscale.page import UpscalePage

MODELS = {"tiny-x4": 4, "tiny-x2": 2}


@pytest.fixture(scope="session")
def model_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tiny models, and the cache that remembers how they run fastest."""
    import torch

    from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
    from srgan_desktop.core.weights.model_file import ModelCard, save_model

    home = tmp_path_factory.mktemp("home")
    (home / "models").mkdir()
    for seed, (name, scale) in enumerate(MODELS.items()):
        torch.manual_seed(seed)
        network = SRResNet(SRResNetConfig(scale=scale, blocks=2, channels=8))
        card = ModelCard(name=name, title=name.title(), description=f"A tiny model of {scale}")
        save_model(home / "models" / f"{name}.safetensors", network, card)
    return home


@pytest.fixture
def home(model_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The program's folders; settings as on the first day, but with the tiny model."""
    from srgan_desktop.core.weights import catalogue

    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(model_home))
    monkeypatch.setattr(catalogue, "shipped_folder", lambda: model_home / "no-shipped-models")
    # tests of other things shall not meet what is made when the device is idle
    monkeypatch.setattr(model_sample, "sample_path", lambda: model_home / "no-sample.jpg")
    settings = model_home / "settings"
    settings.mkdir(exist_ok=True)
    (settings / "settings.ini").write_text(
        "[window]\nlanguage=en\n[upscale]\nmodel=tiny-x4\nprecision=fp32\ndevice=cpu\n"
    )
    yield model_home
    (settings / "settings.ini").unlink(missing_ok=True)
    translation.set_language("en")


@pytest.fixture
def make_photo(tmp_path: Path) -> MakePhoto:
    """Writes a picture with something to see in it."""

    def make(
        name: str = "photo.png",
        size: tuple[int, int] = (60, 40),
        *,
        channels: int = 3,
        depth: int = 8,
        alpha: bool = False,
        folder: Path | None = None,
    ) -> Path:
        width, height = size
        y, x = np.mgrid[:height, :width]
        waves = np.stack([np.sin(x / 7), np.cos(y / 5), np.sin((x + y) / 9)], -1)
        kind, limit = (np.uint8, 255) if depth == 8 else (np.uint16, 65535)
        pixels = ((waves[..., :channels] + 1) / 2 * limit).astype(kind)
        see_through = None
        if alpha:
            see_through = np.linspace(0, limit, width).astype(kind)[None].repeat(height, 0)
        folder = folder or tmp_path
        folder.mkdir(parents=True, exist_ok=True)
        kind_of_file = {"jpg": "jpeg"}.get(name.rpartition(".")[2], name.rpartition(".")[2])
        picture = RasterImage(np.ascontiguousarray(pixels), see_through)
        return write_image(folder / name, picture, WriteOptions(kind_of_file)).path

    return make


@pytest.fixture
def window(home: Path, qapp: QApplication, wait_until: WaitUntil) -> Iterator[MainWindow]:
    """The real window, shown; it closes without questions."""
    faults = FaultReporter()
    made = make_window(qapp, faults)
    made.show()
    page = made.page
    assert isinstance(page, UpscalePage)
    page.viewer.set_fade_ms(0)
    yield made
    assert faults.dialog is None, faults.dialog and faults.dialog.details.toPlainText()
    made.asks = False
    made.close()
    made.deleteLater()
    qapp.processEvents()
    qapp.setStyleSheet("")


@pytest.fixture
def page(window: MainWindow) -> UpscalePage:
    """The Upscale page of that window."""
    page = window.page
    assert isinstance(page, UpscalePage)
    return page
