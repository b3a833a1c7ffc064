"""A run's folder on disk: what a run leaves behind and resumes from.

config.json          the full config and where the data is
events.jsonl         every event, over all lives of the run, as one consistent history
checkpoints/last.pt  everything to go on exactly; replaced in one step
checkpoints/previous.pt        the one before, should the last be damaged
checkpoints/good.pt            the last that a validation found good: where a run goes back to
checkpoints/best.safetensors   the averaged weights that validated best: a usable model
model.safetensors    the finished model
tensorboard/         the same for TensorBoard, where asked for
samples/             strips LR | bicubic | now | original by step
lock                 held while a process trains here
stop                 whoever makes this file asks the run to save and end
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

import torch

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import (
    ModelFileError,
    RunFolderError,
    SrganDesktopError,
    TrainingError,
    UsageError,
)
from srgan_desktop.core.base.locks import try_lock
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.weights.model_file import write_whole
from trainer.config.run_config import RunConfig, from_mapping, to_mapping
from trainer.run.chaining import ChainedStage
from trainer.run.events import Event

# enough for the last line of events.jsonl, also where that is a long warning
_TAIL_BYTES = 65536
# after the checkpoint itself, where readers of zip files do not look
_SEAL = b"sha256:"


@dataclass(frozen=True)
class RunInputs:
    """What a run was started with besides its config.

    Attributes:
        preset: name or path of the preset.
        data, validation: folders; without the second some training pictures are set aside.
        steps, budget_s: where the run ends; at least one is set.
        device: as the command line takes it, "auto" too, so that a resume may be elsewhere.
        init: model file whose weights the run begins with.
        pairs: folder with the LR pictures of ``data``, for degradation.kind pairs.
        real: folder with bad photos, for stage cycle.
        then: the run that follows this one by itself.
    """

    preset: str
    data: Path
    validation: Path | None
    steps: int | None
    budget_s: float | None
    device: str = "auto"
    init: Path | None = None
    pairs: Path | None = None
    real: Path | None = None
    then: ChainedStage | None = None


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
    def previous_checkpoint(self) -> Path:
        return self.path / "checkpoints" / "previous.pt"

    @property
    def good_checkpoint(self) -> Path:
        return self.path / "checkpoints" / "good.pt"

    @property
    def _fresh_checkpoint(self) -> Path:
        return self.path / "checkpoints" / "next.pt"

    @property
    def best_model(self) -> Path:
        return self.path / "checkpoints" / "best.safetensors"

    @property
    def final_model(self) -> Path:
        return self.path / "model.safetensors"

    @property
    def kept_model(self) -> Path:
        """The model that another run would begin with: the best, or where none is, the last."""
        return self.best_model if self.best_model.exists() else self.final_model

    @property
    def samples(self) -> Path:
        return self.path / "samples"

    @property
    def tensorboard(self) -> Path:
        return self.path / "tensorboard"

    @property
    def stop_request(self) -> Path:
        return self.path / "stop"

    @property
    def control(self) -> Path:
        return self.path / "control.json"

    def check_free(self) -> None:
        """Find out, touching nothing, whether a run can begin here.

        Raises:
            UsageError: the folder holds a run, or something that is no folder is in the way.
        """
        if self.config_path.exists():
            raise UsageError(
                tr(
                    "{folder}: already holds a run; go on with it by resume, or choose another "
                    "folder with --out",
                    folder=self.path,
                )
            )
        standing = next(p for p in (self.path, *self.path.absolute().parents) if p.exists())
        if not standing.is_dir():
            raise UsageError(tr("{path}: is a file, not a folder", path=standing))
        if not os.access(standing, os.W_OK):
            raise UsageError(tr("{path}: no permission to write there", path=standing))

    def create(self, config: RunConfig, inputs: RunInputs) -> None:
        """Make the folder; one that already holds a run is refused.

        Raises:
            UsageError: as ``check_free``.
            RunFolderError: it cannot be written.
        """
        self.check_free()
        try:
            (self.path / "checkpoints").mkdir(parents=True, exist_ok=True)
            self.samples.mkdir(exist_ok=True)
        except OSError as error:
            raise RunFolderError(self.path, atomic.explain(error)) from error
        values = {"config": to_mapping(config), "inputs": _inputs_to_json(inputs)}
        self._write(self.config_path, json.dumps(values, indent=2).encode())

    def read(self) -> tuple[RunConfig, RunInputs]:
        """What the run was started with.

        Raises:
            RunFolderError: no run there, or its config is damaged.
        """
        if not self.config_path.is_file():
            raise RunFolderError(self.path, tr("holds no run (there is no config.json in it)"))
        try:
            values = json.loads(self.config_path.read_text(encoding="utf-8"))
            return from_mapping(RunConfig, values["config"]), _inputs_from_json(values["inputs"])
        except (OSError, ValueError, KeyError, TypeError, SrganDesktopError) as error:
            raise RunFolderError(
                self.config_path, tr("cannot be read: {reason}", reason=error)
            ) from error

    def is_done(self) -> bool:
        """Whether the run has come to its end, as far as its last event tells."""
        try:
            with self.events_path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - _TAIL_BYTES))
                lines = file.read().splitlines()
            last = json.loads(lines[-1]) if lines else {}
        except (OSError, ValueError):
            return False
        return bool(last.get("event") == "finished" and last.get("reason") == "done")

    def check_there(self) -> None:
        """Find out whether the folder is still there while a run writes to it.

        Raises:
            RunFolderError: someone removed or renamed it.
        """
        if not self.config_path.exists():
            raise RunFolderError(
                self.path, tr("was removed or renamed while the run was writing to it; stopped")
            )

    def save_checkpoint(self, state: dict[str, Any]) -> Path:
        """Make ``state`` the last checkpoint and the last the previous one.

        The position in the event log is kept with it. A failure leaves what was there.

        Raises:
            RunFolderError: the run's folder is gone.
            TrainingError: it cannot be written (disk full).
        """
        self.check_there()
        buffer = io.BytesIO()
        torch.save(state | {"events_bytes": self._size_of_events()}, buffer)
        payload = buffer.getvalue()
        fresh = self._fresh_checkpoint
        try:
            self.last_checkpoint.parent.mkdir(exist_ok=True)
            self._write(fresh, payload + _SEAL + hashlib.sha256(payload).digest())
            if self.last_checkpoint.exists():
                self.last_checkpoint.replace(self.previous_checkpoint)
            fresh.replace(self.last_checkpoint)
        except OSError as error:
            raise TrainingError(f"{self.last_checkpoint}: {atomic.explain(error)}") from error
        return self.last_checkpoint

    def keep_as_good(self) -> None:
        """Let the last checkpoint be the one to go back to; else the one from before stays."""
        temporary = self.path / "checkpoints" / ".good.part"
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
            try:
                # checkpoints are replaced, never written to: one file may have two names
                temporary.hardlink_to(self.last_checkpoint)
                temporary.replace(self.good_checkpoint)
            except OSError:
                with atomic.replace_file(self.good_checkpoint) as new:
                    new.file.write(self.last_checkpoint.read_bytes())
            temporary.unlink(missing_ok=True)

    def load_good(self) -> dict[str, Any] | None:
        """The state to go back to, tensors on the CPU; None where there is none yet.

        Raises:
            RunFolderError: it is damaged.
        """
        return _read_sealed(self.good_checkpoint) if self.good_checkpoint.exists() else None

    def _size_of_events(self) -> int:
        return self.events_path.stat().st_size if self.events_path.exists() else 0

    def load_checkpoint(self) -> tuple[dict[str, Any] | None, list[str]]:
        """The newest sound checkpoint's state, tensors on the CPU, and warnings.

        None where the run was stopped before its first checkpoint.

        Raises:
            RunFolderError: there are checkpoints, but all are damaged.
        """
        damage: list[RunFolderError] = []
        for path in (self.last_checkpoint, self.previous_checkpoint, self.good_checkpoint):
            if not path.exists():
                continue
            try:
                state = _read_sealed(path)
            except RunFolderError as error:
                damage.append(error)
            else:
                return state, [tr("{problem}; going on from the one before", problem=damage[0])
                               ] if damage else []  # fmt: skip
        if damage:
            raise RunFolderError(
                damage[0].path,
                damage[0].problem
                + tr("; start a new run with --init {model}", model=self.best_model),
            )
        return None, []

    def _write(self, path: Path, data: bytes) -> None:
        try:
            write_whole(path, data)
        except ModelFileError as error:
            raise TrainingError(str(error)) from error

    def remove_leftovers(self) -> None:
        """Delete what a killed process left half-written, and a request to stop already met."""
        with contextlib.suppress(OSError):
            for path in self.path.rglob(".*.part"):
                path.unlink(missing_ok=True)
            self._fresh_checkpoint.unlink(missing_ok=True)
            self.stop_request.unlink(missing_ok=True)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder against a second trainer; freed by the system if this process dies.

        Raises:
            RunFolderError: another process trains here, or the folder cannot be written.
        """
        try:
            file = (self.path / "lock").open("a+")
        except OSError as error:
            raise RunFolderError(self.path, atomic.explain(error)) from error
        with file:
            if not try_lock(file):
                raise RunFolderError(self.path, tr("another process is training in this folder"))
            yield

    @contextlib.contextmanager
    def event_log(self, keep_bytes: int) -> Iterator[EventLog]:
        """Append to events.jsonl after its first ``keep_bytes``.

        What lies beyond was told after the checkpoint by a process that did not live to save
        again; the steps will be repeated and reported again.

        Raises:
            RunFolderError: it cannot be written.
        """
        try:
            # unbuffered: a line is in the file, or it is not
            file = self.events_path.open("ab", buffering=0)
            if file.seek(0, os.SEEK_END) > keep_bytes:
                file.truncate(keep_bytes)
        except OSError as error:
            raise RunFolderError(self.events_path, atomic.explain(error)) from error
        with file:
            yield EventLog(file)


class EventLog:
    """Writes each event as a line and flushes it, so that a watcher sees it at once.

    A full disk does not end the run: the lines that find no room are left out, whole.
    """

    def __init__(self, file: FileIO) -> None:
        self._file = file

    def write(self, event: Event) -> None:
        line = (event.to_json() + "\n").encode()
        with contextlib.suppress(OSError):
            end = self._file.seek(0, os.SEEK_END)
            try:
                complete = self._file.write(line) == len(line)
            except OSError:
                complete = False
            if not complete:
                self._file.truncate(end)


def _read_sealed(path: Path) -> dict[str, Any]:
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or error
        raise RunFolderError(path, tr("cannot be read: {reason}", reason=reason)) from error
    payload, seal = data[: -len(_SEAL) - 32], data[-len(_SEAL) - 32 :]
    if seal != _SEAL + hashlib.sha256(payload).digest():
        raise RunFolderError(path, tr("the checkpoint is damaged or cut short"))
    state: dict[str, Any] = torch.load(io.BytesIO(payload), map_location="cpu", weights_only=True)
    return state


def _inputs_to_json(inputs: RunInputs) -> dict[str, Any]:
    return {
        "preset": inputs.preset,
        "data": str(inputs.data.absolute()),
        "validation": str(inputs.validation.absolute()) if inputs.validation else None,
        "steps": inputs.steps,
        "budget_s": inputs.budget_s,
        "device": inputs.device,
        "init": str(inputs.init.absolute()) if inputs.init else None,
        "pairs": str(inputs.pairs.absolute()) if inputs.pairs else None,
        "real": str(inputs.real.absolute()) if inputs.real else None,
        "then": inputs.then.to_json() if inputs.then else None,
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
        # runs of an earlier version know none of these
        pairs=Path(values["pairs"]) if values.get("pairs") else None,
        real=Path(values["real"]) if values.get("real") else None,
        then=ChainedStage.from_json(values["then"]) if values.get("then") else None,
    )
