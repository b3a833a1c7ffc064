"""A run's folder on disk: what a run leaves behind and resumes from.

    config.json          the full config and where the data is
    events.jsonl         every event, appended, over all lives of the run
    checkpoints/last.pt  everything to go on exactly; replaced in one step
    checkpoints/best.safetensors   the averaged weights that validated best: a usable model
    model.safetensors    the finished model
    samples/             strips LR | bicubic | now | original by step
    lock                 held while a process trains here
"""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import torch

from srgan_desktop.core.errors import ModelFileError, RunFolderError, TrainingError
from srgan_desktop.core.weights import write_whole
from trainer.config import RunConfig, from_mapping, to_mapping
from trainer.events import Event


@dataclass(frozen=True)
class RunInputs:
    """What a run was started with besides its config."""

    preset: str
    data: Path
    validation: Path | None
    steps: int | None
    budget_s: float | None
    device: str
    init: Path | None = None


@dataclass(frozen=True)
class RunFolder:
    """Paths inside a run's folder, and reading and writing them."""

    path: Path

    @property
    def config_path(self) -> Path:
        return self.path / "config.json"

    @property
    def events_path(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def last_checkpoint(self) -> Path:
        return self.path / "checkpoints" / "last.pt"

    @property
    def best_model(self) -> Path:
        return self.path / "checkpoints" / "best.safetensors"

    @property
    def final_model(self) -> Path:
        return self.path / "model.safetensors"

    @property
    def samples(self) -> Path:
        return self.path / "samples"

    def create(self, config: RunConfig, inputs: RunInputs) -> None:
        """Make the folder; one that already holds a run is refused.

        Raises:
            RunFolderError: it holds a run, or cannot be written.
        """
        if self.config_path.exists():
            raise RunFolderError(
                self.path, "already holds a run; resume it or choose another folder with --out"
            )
        try:
            (self.path / "checkpoints").mkdir(parents=True, exist_ok=True)
            self.samples.mkdir(exist_ok=True)
        except OSError as error:
            raise RunFolderError(
                self.path, f"cannot be made: {error.strerror or error}"
            ) from error
        values = {"config": to_mapping(config), "inputs": _inputs_to_json(inputs)}
        self._write(self.config_path, json.dumps(values, indent=2).encode())

    def read(self) -> tuple[RunConfig, RunInputs]:
        """What the run was started with.

        Raises:
            RunFolderError: no run there, or its config is damaged.
        """
        if not self.config_path.is_file():
            raise RunFolderError(self.path, "holds no run (no config.json)")
        try:
            values = json.loads(self.config_path.read_text(encoding="utf-8"))
            return from_mapping(RunConfig, values["config"]), _inputs_from_json(values["inputs"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunFolderError(self.config_path, f"cannot be read: {error}") from error

    def save_checkpoint(self, state: dict[str, Any]) -> Path:
        """Replace the last checkpoint in one step; the old one survives a failure.

        Raises:
            TrainingError: it cannot be written (disk full, folder gone).
        """
        buffer = io.BytesIO()
        torch.save(state, buffer)
        self._write(self.last_checkpoint, buffer.getvalue())
        return self.last_checkpoint

    def load_checkpoint(self) -> dict[str, Any] | None:
        """The last checkpoint's state, tensors on the CPU; None where there is none yet.

        Raises:
            RunFolderError: damaged.
        """
        if not self.last_checkpoint.exists():
            return None
        try:
            state: dict[str, Any] = torch.load(
                self.last_checkpoint, map_location="cpu", weights_only=True
            )
        except Exception as error:  # torch raises a different type for each kind of damage
            raise RunFolderError(self.last_checkpoint, f"cannot be read: {error}") from error
        return state

    def _write(self, path: Path, data: bytes) -> None:
        try:
            write_whole(path, data)
        except ModelFileError as error:
            raise TrainingError(str(error)) from error

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder against a second trainer; freed by the system if this process dies.

        Raises:
            RunFolderError: another process trains here.
        """
        with (self.path / "lock").open("a+") as file:
            if not _try_lock(file):
                raise RunFolderError(self.path, "another process is training in this folder")
            yield

    @contextlib.contextmanager
    def event_log(self) -> Iterator[EventLog]:
        """Append to events.jsonl."""
        with self.events_path.open("a", encoding="utf-8") as file:
            yield EventLog(file)


class EventLog:
    """Writes each event as a line and flushes it, so that a watcher sees it at once."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, event: Event) -> None:
        with contextlib.suppress(OSError):  # a full disk must not end the run: checkpoints tell
            self._file.write(event.to_json() + "\n")
            self._file.flush()


def _try_lock(file: TextIO) -> bool:
    if os.name == "nt":
        import msvcrt

        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _inputs_to_json(inputs: RunInputs) -> dict[str, Any]:
    return {
        "preset": inputs.preset,
        "data": str(inputs.data),
        "validation": str(inputs.validation) if inputs.validation else None,
        "steps": inputs.steps,
        "budget_s": inputs.budget_s,
        "device": inputs.device,
        "init": str(inputs.init) if inputs.init else None,
    }


def _inputs_from_json(values: dict[str, Any]) -> RunInputs:
    return RunInputs(
        preset=values["preset"],
        data=Path(values["data"]),
        validation=Path(values["validation"]) if values["validation"] else None,
        steps=values["steps"],
        budget_s=values["budget_s"],
        device=values["device"],
        init=Path(values["init"]) if values["init"] else None,
    )
