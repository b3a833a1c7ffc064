"""What stops a run, or cannot begin one: what is said, and what is left behind."""

from __future__ import annotations

import dataclasses
import errno
import itertools
import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from poison import make_next_step_nan

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import (
    DatasetError,
    DeviceError,
    ModelFileError,
    RunFolderError,
    TrainingError,
    UsageError,
)
from srgan_desktop.core.networks.srresnet import SRResNet
from srgan_desktop.core.weights.model_file import load_model, save_model
from trainer.config.presets import load_preset
from trainer.config.run_config import RunConfig
from trainer.run.checkpoints import load_checkpoint, save_checkpoint
from trainer.run.events import Event, RolledBack, Saved, Step, Validated, Warned
from trainer.run.inputs import RunInputs
from trainer.run.run_folder import RunFolder
from trainer.training.session import resume, start

Inputs = Callable[..., RunInputs]
Run = tuple[RunFolder, list[Event]]


def _refused(config: RunConfig, inputs: RunInputs, folder: Path, error: type[Exception]) -> str:
    with pytest.raises(error) as caught:
        list(start(config, inputs, RunFolder(folder)))
    assert not folder.exists()
    return str(caught.value)


def test_a_call_that_cannot_work_creates_nothing(
    tmp_path: Path, photos: Path, exact_config: RunConfig
) -> None:
    out = tmp_path / "deep" / "run"
    good = RunInputs("tiny", photos, None, 5, None, "cpu")

    missing = dataclasses.replace(good, data=tmp_path / "nowhere")
    assert "nowhere" in _refused(exact_config, missing, out, UsageError)
    missing = dataclasses.replace(good, validation=tmp_path / "nowhere")
    assert "nowhere" in _refused(exact_config, missing, out, UsageError)
    (tmp_path / "empty").mkdir()
    empty = dataclasses.replace(good, data=tmp_path / "empty")
    assert "no pictures" in _refused(exact_config, empty, out, DatasetError)
    large = load_preset("tiny", ["data.crop=128"])
    assert "data.crop needs 144 pixels" in _refused(large, good, out, UsageError)
    absent = dataclasses.replace(good, device="cuda:77")
    assert "cuda" in _refused(exact_config, absent, out, DeviceError)
    nonsense = dataclasses.replace(good, device="toaster")
    assert "toaster is not a device" in _refused(exact_config, nonsense, out, UsageError)
    other = dataclasses.replace(good, init=tmp_path / "model.safetensors")
    assert "model.safetensors" in _refused(exact_config, other, out, ModelFileError)
    other_network = dataclasses.replace(exact_config.generator, blocks=3)
    save_model(tmp_path / "model.safetensors", SRResNet(other_network), read_card_of())
    assert "blocks 3 instead of 2" in _refused(exact_config, other, out, UsageError)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError, match="file: is a file"):
        list(start(exact_config, good, RunFolder(tmp_path / "file" / "run")))


def read_card_of() -> Any:
    from srgan_desktop.core.weights.model_file import ModelCard

    return ModelCard(name="other")


def test_a_folder_that_holds_a_run_is_refused_and_left_alone(
    straight_run: Run, exact_config: RunConfig, inputs: Inputs
) -> None:
    folder, _ = straight_run
    before = {p: p.read_bytes() for p in folder.path.rglob("*") if p.is_file()}
    with pytest.raises(UsageError, match="already holds a run"):
        list(start(exact_config, inputs(), folder))
    assert {p: p.read_bytes() for p in folder.path.rglob("*") if p.is_file()} == before


def test_what_is_no_run_cannot_be_resumed(tmp_path: Path, straight_run: Run) -> None:
    for folder in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(RunFolderError, match="holds no run"):
            list(resume(RunFolder(folder)))
    straight_run[0].config_path.write_text('{"config": {"batch": "x"}, "inputs": {}}')
    with pytest.raises(RunFolderError, match=r"config\.json: cannot be read: batch is a whole"):
        list(resume(straight_run[0]))


def test_when_every_checkpoint_is_damaged_the_best_model_is_named(straight_run: Run) -> None:
    folder, _ = straight_run
    folder.last_checkpoint.write_bytes(b"")
    folder.previous_checkpoint.write_bytes(b"zip")
    with pytest.raises(RunFolderError, match=r"damaged.*--init .*best\.safetensors"):
        list(resume(folder))


@pytest.mark.parametrize("key", ["generator", "average"])
def test_weights_that_are_no_numbers_are_not_gone_on_with(key: str, straight_run: Run) -> None:
    folder, _ = straight_run
    sound, _ = load_checkpoint(folder)
    assert sound is not None
    poisoned = {**sound, key: {name: value * math.nan for name, value in sound[key].items()}}
    save_checkpoint(folder, poisoned)
    state, warnings = load_checkpoint(folder)
    assert state is not None
    assert state["step"] == sound["step"]
    assert "going on from the one before" in warnings[0]
    save_checkpoint(folder, poisoned)
    folder.good_checkpoint.unlink(missing_ok=True)
    with pytest.raises(RunFolderError, match="no checkpoint that this program wrote"):
        load_checkpoint(folder)


def test_two_trainers_cannot_share_a_folder(straight_run: Run) -> None:
    folder, _ = straight_run
    with (
        folder.lock(),
        pytest.raises(RunFolderError, match="another process is training"),
    ):
        list(resume(folder))


def _failing_writes(monkeypatch: pytest.MonkeyPatch, fails: Callable[[Path], bool]) -> None:
    """Let the disk be full for these files."""
    real = atomic.replace_file

    def replace_file(path: Path, existing: atomic.Existing = "overwrite") -> Any:
        if fails(path):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(path, existing)

    monkeypatch.setattr(atomic, "replace_file", replace_file)


def test_a_full_disk_keeps_the_old_checkpoint_and_training_goes_on(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = itertools.count()
    # the first checkpoint is written, the next three find no room
    _failing_writes(
        monkeypatch, lambda path: path.name == "next.pt" and next(attempts) in (1, 2, 3)
    )
    folder = RunFolder(tmp_path / "run")
    warned_at, kept = [], []
    for event in start(exact_config, inputs(), folder):
        if isinstance(event, Warned) and "checkpoint" in event.message:
            warned_at.append(event.message)
            state, _ = load_checkpoint(folder)
            assert state is not None
            kept.append(state["step"])
    assert len(warned_at) == 3
    assert all("the disk is full" in text for text in warned_at)
    assert kept == [2, 2, 2]
    state, _ = load_checkpoint(folder)
    assert state is not None
    assert state["step"] == 24
    assert folder.final_model.exists()


def test_when_nothing_at_all_can_be_saved_the_end_is_an_error(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = ("config.json",)
    _failing_writes(monkeypatch, lambda path: path.name not in kept)
    events = []
    with pytest.raises(TrainingError, match="neither the model nor a checkpoint"):
        for event in start(exact_config, inputs(), RunFolder(tmp_path / "run")):
            events.append(event)
    assert max(event.step for event in events if isinstance(event, Step)) == 24


def test_a_removed_folder_is_noticed(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs
) -> None:
    folder = RunFolder(tmp_path / "run")
    with pytest.raises(RunFolderError, match="was removed or renamed"):
        for event in start(exact_config, inputs(100_000), folder):
            if isinstance(event, Validated | Step) and folder.path.exists():
                shutil.rmtree(folder.path)
    assert not folder.path.exists()


def test_a_loss_that_is_no_number_stops_with_advice_and_keeps_the_checkpoint(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs
) -> None:
    folder = RunFolder(tmp_path / "run")
    config = dataclasses.replace(
        exact_config,
        optimiser=dataclasses.replace(exact_config.optimiser, learning_rate=1.0),
        validation=dataclasses.replace(exact_config.validation, every_steps=1),
    )
    went_back = []
    with pytest.raises(TrainingError, match=r"not a number.*optimiser\.learning_rate"):
        for event in start(config, inputs(100_000), folder):
            if isinstance(event, Saved):
                make_next_step_nan()
            if isinstance(event, RolledBack):
                went_back.append(event)
    assert [event.count for event in went_back] == [1, 2, 3]
    state, _ = load_checkpoint(folder)
    assert state is not None
    assert all(bool(torch.isfinite(value).all()) for value in state["generator"].values())


def test_compiling_in_vain_is_a_warning_and_key_names_stay(
    tmp_path: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_compiler(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("no compiler here")

    monkeypatch.setattr(torch, "compile", no_compiler)
    config = load_preset("tiny", ["compile=true", "threads=1"])
    folder = RunFolder(tmp_path / "run")
    events = list(start(config, inputs(2), folder))
    assert any("no compiler here" in e.message for e in events if isinstance(e, Warned))
    assert set(load_model(folder.final_model)[0].state_dict()) == set(
        SRResNet(config.generator).state_dict()
    )


def test_running_out_of_memory_gives_advice(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_much(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate")

    monkeypatch.setattr("trainer.training.stages.pixel.pixel_step", too_much)
    with pytest.raises(TrainingError, match="--set batch=2"):
        list(start(exact_config, inputs(), RunFolder(tmp_path / "run")))
