"""A window on its Models page with tiny models in a home of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from PySide6.QtWidgets import QApplication

from srgan_desktop.core.networks.srresnet import SRResNet, SRResNetConfig
from srgan_desktop.core.weights import catalogue
from srgan_desktop.core.weights.model_file import ModelCard, save_model
from srgan_desktop.gui.common.errors_dialog import FaultReporter
from srgan_desktop.gui.shell.app import make_window
from srgan_desktop.gui.shell.main_window import MainWindow


def save_tiny(path: Path, scale: int = 4, seed: int = 0, **card: object) -> Path:
    """A network of 1 block and 4 channels."""
    torch.manual_seed(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    network = SRResNet(SRResNetConfig(scale=scale, blocks=1, channels=4))
    save_model(path, network, ModelCard(name=path.stem, title=path.stem.title(), **card))  # type: ignore[arg-type]
    return path


@contextmanager
def opened_window(
    home: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch, *, settings: str = ""
) -> Iterator[MainWindow]:
    """The real window, shown; it closes without questions and has had no fault."""
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(home))
    monkeypatch.setattr(catalogue, "shipped_folder", lambda: home / "shipped")
    (home / "settings").mkdir(parents=True, exist_ok=True)
    (home / "settings" / "settings.ini").write_text(
        f"[window]\nlanguage=en\n[upscale]\nmodel=shipped-x4\nprecision=fp32\ndevice=cpu\n{settings}"
    )
    faults = FaultReporter()
    window = make_window(qapp, faults)
    window.show()
    try:
        yield window
        assert faults.dialog is None, faults.dialog and faults.dialog.details.toPlainText()
    finally:
        window.asks = False
        window.close()
        window.deleteLater()
        qapp.processEvents()
        qapp.setStyleSheet("")
