"""What is asked on closing and deleting is true."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox
from training_helpers import make_training

from srgan_desktop.gui.training.form.plan import Plan, StagePlan
from srgan_desktop.gui.training.form.questions import ask_leave_running
from srgan_desktop.gui.training.runs import launch

ONE = (StagePlan("1-pixel", "tiny", budget_s=60.0),)
TWO = (*ONE, StagePlan("2-detail", "srgan-quick", "adversarial", budget_s=60.0))


def asked_on_closing(monkeypatch: pytest.MonkeyPatch, stages: tuple[StagePlan, ...]) -> str:
    asked: list[str] = []

    def answer(box: QMessageBox) -> int:
        asked.append(f"{box.text()} {box.informativeText()}")
        box.defaultButton().click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)
    assert ask_leave_running(None, [Plan("mine", Path("photos"), stages)]) == "leave"  # type: ignore[arg-type]
    return asked[0]


def test_a_training_of_two_stages_goes_on_without_the_window_and_so_it_is_said(
    qapp: QApplication, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked_on_closing(monkeypatch, TWO) == asked_on_closing(monkeypatch, ONE)
    called: list[launch.Command] = []
    monkeypatch.setattr(launch, "_start", lambda run, call: called.append(call))
    training = make_training(tmp_path / "two", 2)
    launch.start_stage(training, 0, None)
    # the process that is left running begins the second stage by itself
    words = called[0].arguments
    assert words[words.index("--then-out") + 1] == str(training.stages[1].path)
