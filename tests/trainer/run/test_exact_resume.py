"""A run that was stopped, at whatever moment, ends as one that was not: to the last bit."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from srgan_desktop.core.weights.model_file import load_model
from trainer.config.run_config import RunConfig
from trainer.run.checkpoints import load_checkpoint
from trainer.run.events import Event, Finished, Saved, Step, Validated, Warned
from trainer.run.inputs import RunInputs
from trainer.run.run_folder import RunFolder
from trainer.training.session import resume, start

Inputs = Callable[..., RunInputs]
Run = tuple[RunFolder, list[Event]]


def _history(folder: RunFolder) -> list[dict[str, Any]]:
    return [json.loads(line) for line in folder.events_path.read_text().splitlines()]


def _losses(folder: RunFolder) -> dict[int, float]:
    return {e["step"]: e["losses"]["pixel"] for e in _history(folder) if e["event"] == "step"}


def _validations(folder: RunFolder) -> list[tuple[Any, ...]]:
    return [
        (e["step"], e["psnr_y"], e["ssim_y"], e["best"])
        for e in _history(folder)
        if e["event"] == "validated"
    ]


def assert_same_run(one: RunFolder, other: RunFolder) -> None:
    for a, b in ((one.final_model, other.final_model), (one.best_model, other.best_model)):
        left, right = load_model(a)[0].state_dict(), load_model(b)[0].state_dict()
        assert all(torch.equal(left[key], right[key]) for key in left)
    assert _validations(one) == _validations(other)
    ours, theirs = _losses(one), _losses(other)
    common = ours.keys() & theirs.keys()
    assert common
    assert {step: ours[step] for step in common} == {step: theirs[step] for step in common}
    steps = [e["step"] for e in _history(other) if e["event"] == "step"]
    assert steps == sorted(set(steps)), "a step is told twice"


def stop_at(step: int, events: Iterator[Event]) -> list[Event]:
    """Close the run once it tells of ``step`` or a later one."""
    seen = []
    for event in events:
        seen.append(event)
        if getattr(event, "step", 0) >= step:
            break
    events.close()  # type: ignore[attr-defined]
    return seen


@pytest.fixture
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell of every step, however fast it was."""
    monkeypatch.setattr("trainer.run.throttle.Throttle.due", lambda self: True)


@pytest.mark.parametrize("step", [1, 7, 8, 23])
@pytest.mark.usefixtures("every_step")
def test_closed_and_resumed(
    step: int, tmp_path: Path, exact_config: RunConfig, inputs: Inputs, straight_run: Run
) -> None:
    folder = RunFolder(tmp_path / "stopped")
    stop_at(step, start(exact_config, inputs(), folder))
    events = list(resume(folder))
    assert isinstance(events[-1], Finished)
    assert_same_run(straight_run[0], folder)


@pytest.mark.usefixtures("every_step")
def test_asked_to_stop_again_and_again(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs, straight_run: Run
) -> None:
    folder = RunFolder(tmp_path / "stopped")
    asked = iter([False] * 5 + [True])
    events = list(start(exact_config, inputs(), folder, stop=lambda: next(asked)))
    assert [type(event) for event in events[-2:]] == [Saved, Finished]
    assert dataclasses.astuple(events[-1])[:2] == (5, "interrupted")
    for calls in (3, 9):
        answers = iter([False] * calls + [True])
        list(resume(folder, stop=lambda answers=answers: next(answers)))  # type: ignore[misc]
    list(resume(folder))
    assert_same_run(straight_run[0], folder)


@pytest.mark.usefixtures("every_step")
def test_batch_norm_and_paper_settings_resume_exactly_too(tmp_path: Path, inputs: Inputs) -> None:
    from trainer.config.presets import load_preset

    settings = ["threads=1", 'precision="fp32"', "generator.norm=batch", "generator.skip=none"]
    config = load_preset("tiny", [*settings, "ema_decay=0.0", "generator.activation=prelu"])
    straight, stopped = RunFolder(tmp_path / "a"), RunFolder(tmp_path / "b")
    list(start(config, inputs(12), straight))
    stop_at(5, start(config, inputs(12), stopped))
    list(resume(stopped))
    assert_same_run(straight, stopped)


@pytest.mark.usefixtures("every_step")
def test_a_damaged_last_checkpoint_falls_back_to_the_previous(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs, straight_run: Run
) -> None:
    folder = RunFolder(tmp_path / "stopped")
    stop_at(9, start(exact_config, inputs(), folder))
    data = bytearray(folder.last_checkpoint.read_bytes())
    data[len(data) // 2] ^= 1
    folder.last_checkpoint.write_bytes(data)
    events = list(resume(folder))
    warnings = [event.message for event in events if isinstance(event, Warned)]
    assert any(
        "damaged" in message and "going on from the one before" in message for message in warnings
    )
    assert_same_run(straight_run[0], folder)


def test_resuming_a_finished_run_changes_nothing(straight_run: Run) -> None:
    folder, _ = straight_run

    def files() -> dict[Path, tuple[int, bytes]]:
        paths = [path for path in folder.path.rglob("*") if path.is_file()]
        return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in paths}

    before = files()
    warned, finished = list(resume(folder))
    assert isinstance(warned, Warned) and "is done" in warned.message
    assert finished == straight_run[1][-1]
    assert files() == before


def test_a_finished_run_whose_model_was_removed_writes_it_again(straight_run: Run) -> None:
    folder, _ = straight_run
    before = load_model(folder.final_model)[1].weights_sha256
    folder.final_model.unlink()
    events = list(resume(folder))
    assert not [event for event in events if isinstance(event, Step | Validated)]
    assert isinstance(events[-1], Finished)
    assert load_model(folder.final_model)[1].weights_sha256 == before


def _command(folder: RunFolder, inputs: RunInputs, *settings: str) -> list[str]:
    words = [sys.executable, "-m", "trainer", "run", "--json", "--preset", "tiny"]
    words += ["--data", str(inputs.data), "--out", str(folder.path), "--device", "cpu"]
    words += ["--steps", str(inputs.steps), "--threads", "1"]
    for setting in ("precision=fp32", *settings):
        words += ["--set", setting]
    return words


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_killed_and_resumed(tmp_path: Path, exact_config: RunConfig, inputs: Inputs) -> None:
    straight, killed = RunFolder(tmp_path / "straight"), RunFolder(tmp_path / "killed")
    # long enough that the kill comes in the midst of it
    few_validations = "validation.every_steps=150"
    command = _command(killed, inputs(400), few_validations, "checkpoint_seconds=0.3")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        saved = 0
        for line in process.stdout:
            event = json.loads(line)
            saved += event["event"] == "saved"
            if event["event"] == "step" and saved >= 2:
                os.kill(process.pid, signal.SIGKILL)
                break
        process.stdout.read()
    assert process.returncode == -signal.SIGKILL
    assert not killed.final_model.exists()

    list(resume(killed))
    config = dataclasses.replace(
        exact_config, validation=dataclasses.replace(exact_config.validation, every_steps=150)
    )
    list(start(config, inputs(400), straight))
    assert_same_run(straight, killed)


@pytest.mark.skipif(os.name == "nt", reason="signals are other ones there")
@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_a_signal_saves_and_says_how_to_go_on(
    number: signal.Signals, tmp_path: Path, inputs: Inputs
) -> None:
    folder = RunFolder(tmp_path / "run")
    command = [word for word in _command(folder, inputs(100_000)) if word != "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            if "step " in line:
                process.send_signal(number)
                break
        rest, errors = process.stdout.read(), process.stderr.read()
    assert process.returncode == 130
    assert f"python -m trainer resume {folder.path}" in rest
    assert errors == ""
    state, problems = load_checkpoint(folder)
    assert state is not None
    assert state["step"] > 0
    assert problems == []
    assert _history(folder)[-1]["reason"] == "interrupted"
