"""The check of the window that ``doctor --window`` makes: it is fine, and it tells what is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from srgan_desktop.core.base import translation
from srgan_desktop.gui.shell import self_check
from srgan_desktop.gui.shell.main_window import MainWindow

PARTS = (
    "Upscale",
    "Batch",
    "Models",
    "Train",
    "sample photo",
    "settings",
    "shortcuts",
    "about",
    "diagnostics",
    "rating",
    "comparison",
)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> None:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path))
    monkeypatch.setenv("SRGAN_DESKTOP_LANGUAGE", "en")
    translation.set_language("en")


def test_every_part_of_the_window_opens_and_settings_stay(tmp_path: Path) -> None:
    section = self_check.check_window()
    assert dict(section.lines) == dict.fromkeys(PARTS, self_check.FINE)
    assert self_check.is_fine(section)
    assert not (tmp_path / "settings").exists()


@pytest.mark.slow
def test_a_training_is_opened_and_what_its_view_lacks_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from srgan_desktop.gui.training.charts import chart

    run = tmp_path / "runs" / "flowers"
    run.mkdir(parents=True)
    config = {"stage": "pixel", "title": "Flowers"}
    inputs = {"preset": "tiny", "data": str(tmp_path), "steps": 20, "budget_s": None}
    (run / "config.json").write_text(json.dumps({"config": config, "inputs": inputs}))
    (run / "events.jsonl").write_text("")

    def missing(*_: object) -> None:
        raise ModuleNotFoundError("No module named 'pyqtgraph'")

    monkeypatch.setattr(chart.Chart, "draw", missing, raising=True)
    section = self_check.check_window()
    assert "pyqtgraph" in dict(section.lines)["Train: flowers"]
    assert not self_check.is_fine(section)


@pytest.mark.slow
def test_a_dialog_that_does_not_open_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MainWindow, "show_about", lambda _window: None)
    lines = dict(self_check.check_window().lines)
    assert lines["about"] == "did not open"
    assert lines["settings"] == self_check.FINE
