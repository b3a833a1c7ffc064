"""Curves and strips for TensorBoard, and a clear word where it is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trainer.cli import main
from trainer.config.presets import load_preset
from trainer.run.events import RolledBack, Step, Validated
from trainer.run.inputs import RunInputs
from trainer.run.run_folder import RunFolder
from trainer.run.tensorboard import Board, board
from trainer.training.session import start

Inputs = Callable[..., RunInputs]


def test_a_run_is_drawn(tmp_path: Path, inputs: Inputs) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    config = load_preset("tiny", ("threads=1", "precision=fp32", "logging.tensorboard=true"))
    folder = RunFolder(tmp_path / "run")
    events = list(start(config, inputs(6), folder))
    read = EventAccumulator(str(folder.tensorboard))
    read.Reload()
    validated = [event for event in events if isinstance(event, Validated)]
    curve = read.Scalars("validation/psnr_y")
    assert [point.step for point in curve] == [event.step for event in validated]
    assert curve[-1].value == pytest.approx(validated[-1].psnr_y, rel=1e-5)
    steps = [event for event in events if isinstance(event, Step)]
    assert [point.step for point in read.Scalars("loss/pixel")] == [event.step for event in steps]
    (name,) = read.Tags()["images"]
    assert name.startswith("samples/00_")
    assert read.Images(name)[0].width == 4 * 64


def test_without_the_package_it_is_a_clear_error_before_anything_is_made(
    tmp_path: Path,
    photos: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("trainer.run.tensorboard.find_spec", lambda name: None)
    words = ["--preset", "tiny", "--data", str(photos), "--out", str(tmp_path / "run")]
    assert main(["run", *words, "--tensorboard"]) == 2
    assert "pip install tensorboard" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_full_disk_ends_the_drawing_and_not_the_run() -> None:
    calls = []

    class Full:
        def add_scalar(self, *args: Any) -> None:
            calls.append(args)
            raise OSError(28, "No space left on device")

    drawn = Board(Full())  # type: ignore[arg-type]
    event = Step(1, 2, {"pixel": 0.1}, 1e-4, 1.0, 1.0, 1.0)
    drawn.write(event)
    drawn.write(event)
    assert len(calls) == 1


def test_going_back_is_noted(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    with board(tmp_path, 0) as drawn:
        drawn.write(RolledBack(20, 10, "the loss of step 20 is no number", 0.5, 1))
    assert list(tmp_path.iterdir())
