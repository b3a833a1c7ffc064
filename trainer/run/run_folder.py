"""A run's folder on disk: the names and rules that the trainer and whoever watches it share.

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
control.json         what whoever watches asks of the run, see ``control_file``
stop                 whoever makes this file asks the run to save and end
process.json         which process trains here, and what it said, where the window started it,
progress.txt         see ``process``
problems.txt

Imports no torch: a window that only looks is not to wait for it. ``inputs`` and ``checkpoints``
read and write what needs it.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, TextIO

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import RunFolderError, UsageError
from srgan_desktop.core.base.locks import try_lock
from srgan_desktop.core.base.paths import is_folder, is_there
from srgan_desktop.core.base.translation import tr
from trainer.run.events import Event, Finished, Step, read_event

# whoever looks whether a folder is locked holds it for a moment
_LOCK_TRIES, _LOCK_WAIT_S = 10, 0.05
# enough for the last line of events.jsonl, also where that is a long warning
_TAIL_BYTES = 65536


@dataclass(frozen=True)
class RunSummary:
    """What config.json tells those who list runs.

    Attributes:
        preset, title: the preset's name or path, and its line for people.
        data: folder of the photos.
        stage: "pixel", "adversarial" or "cycle".
        steps, budget_s: where the run ends; at least one is set.
        began: when it was begun, in seconds since 1970.
    """

    preset: str
    title: str
    data: Path
    stage: str
    steps: int | None
    budget_s: float | None
    began: float


class _Inside:
    """A path inside a run's folder."""

    def __init__(self, *parts: str) -> None:
        self._parts = parts

    def __get__(self, run: RunFolder, owner: type) -> Path:
        return run.path.joinpath(*self._parts)


@dataclass(frozen=True)
class RunFolder:
    """Paths inside a run's folder, and what can be said of a run by looking there."""

    path: Path

    config_path = _Inside("config.json")
    events_path = _Inside("events.jsonl")
    last_checkpoint = _Inside("checkpoints", "last.pt")
    previous_checkpoint = _Inside("checkpoints", "previous.pt")
    good_checkpoint = _Inside("checkpoints", "good.pt")
    # what is being written; it becomes the last one
    fresh_checkpoint = _Inside("checkpoints", "next.pt")
    best_model = _Inside("checkpoints", "best.safetensors")
    final_model = _Inside("model.safetensors")
    samples = _Inside("samples")
    tensorboard = _Inside("tensorboard")
    lock_path = _Inside("lock")
    control = _Inside("control.json")
    stop_request = _Inside("stop")
    process_note = _Inside("process.json")
    progress = _Inside("progress.txt")
    problems = _Inside("problems.txt")

    @property
    def kept_model(self) -> Path:
        """The model that another run would begin with: the best, or where none is, the last."""
        return self.best_model if self.best_model.exists() else self.final_model

    @property
    def init_advice(self) -> str:
        """To be added where a new run is to be started: with this one's model, if it has one."""
        if not self.kept_model.exists():
            return ""
        return tr(", with --init {model}", model=self.kept_model)

    @property
    def has_model(self) -> bool:
        """Whether a model can be made of what is there."""
        return self.best_model.exists() or self.last_checkpoint.exists()

    def samples_at(self, step: int) -> Path:
        """The folder of the strips that the validation after ``step`` steps wrote."""
        return self.samples / f"{step:08d}"

    # what is there

    @property
    def holds_run(self) -> bool:
        """Whether a run was begun here: there is something to go on with."""
        return self.config_path.is_file()

    def check_free(self) -> None:
        """Find out, touching nothing, whether a run can begin here.

        Raises:
            UsageError: the folder holds a run, or something that is no folder is in the way.
        """
        if is_there(self.config_path):
            raise UsageError(
                tr(
                    "{folder}: already holds a run; go on with it by resume, or choose another "
                    "folder with --out",
                    folder=self.path,
                )
            )
        standing = next(p for p in (self.path, *self.path.absolute().parents) if is_there(p))
        if not is_folder(standing):
            raise UsageError(tr("{path}: is a file, not a folder", path=standing))
        if not os.access(standing, os.W_OK):
            raise UsageError(tr("{path}: no permission to write there", path=standing))

    def check_there(self) -> None:
        """Find out whether the folder is still there while a run writes to it.

        Raises:
            RunFolderError: someone removed or renamed it, or took the right to look into it.
        """
        if not self._has_config():
            raise RunFolderError(
                self.path, tr("was removed or renamed while the run was writing to it; stopped")
            )

    def events(self) -> Iterator[Event]:
        """All events of the log that this version knows, from the first on."""
        with contextlib.suppress(OSError), self.events_path.open("rb") as file:
            yield from filter(None, map(read_event, file))

    def last_event(self) -> Event | None:
        """The newest event of the log that this version knows."""
        lines = last_lines(self.events_path, _TAIL_BYTES)
        return next(filter(None, map(read_event, reversed(lines))), None)

    def last_step(self) -> Step | None:
        """The newest step of the log; None before the first."""
        lines = last_lines(self.events_path, _TAIL_BYTES)
        events = filter(None, map(read_event, reversed(lines)))
        return next((event for event in events if isinstance(event, Step)), None)

    def is_done(self) -> bool:
        """Whether the run has come to its end, as far as its last event tells."""
        last = self.last_event()
        return isinstance(last, Finished) and last.reason == "done"

    # config.json

    def read_values(self) -> dict[str, Any]:
        """What the run was started with: "config" and "inputs", as plain JSON.

        Raises:
            RunFolderError: no run there, or it cannot be read.
        """
        if not self._has_config():
            raise RunFolderError(self.path, tr("holds no run (there is no config.json in it)"))
        try:
            values = json.loads(self.config_path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise self.unreadable(error) from error
        if not isinstance(values, dict):
            raise self.unreadable(tr("it holds no settings"))
        return values

    def unreadable(self, reason: object) -> RunFolderError:
        """What to raise where config.json makes no sense."""
        return RunFolderError(self.config_path, tr("cannot be read: {reason}", reason=reason))

    def another_network(self) -> RunFolderError:
        """What to raise where config.json no longer fits the checkpoints."""
        problem = tr(
            "its stage, networks or optimiser are not those that were trained so far: the config "
            "was changed since the run began. Change it back, or start a new run"
        )
        return RunFolderError(self.config_path, problem + self.init_advice)

    def _has_config(self) -> bool:
        try:
            return self.holds_run
        except OSError as error:
            raise self.unreadable(error.strerror or error) from error

    def write_values(self, values: dict[str, Any]) -> None:
        """Replace config.json in one step.

        Raises:
            RunFolderError: it cannot be written.
        """
        try:
            with atomic.replace_file(self.config_path) as new:
                new.file.write(json.dumps(values, indent=2).encode())
        except OSError as error:
            raise RunFolderError(self.config_path, atomic.explain(error)) from error

    def summary(self) -> RunSummary:
        """What a list shows of the run.

        Raises:
            RunFolderError: no run there, or its config is damaged.
        """
        values = self.read_values()
        try:
            inputs, config = values["inputs"], values["config"]
            return RunSummary(
                preset=inputs["preset"],
                title=str(config.get("title", "")),
                data=Path(inputs["data"]),
                stage=config["stage"],
                steps=inputs["steps"],
                budget_s=inputs["budget_s"],
                began=self.config_path.stat().st_mtime,
            )
        except (OSError, KeyError, TypeError, AttributeError) as error:
            raise self.unreadable(error) from error

    def change_end(self, steps: int | None, budget_s: float | None) -> None:
        """Let the run end elsewhere, when it is resumed too; one of them is set.

        Raises:
            RunFolderError: its config cannot be read or written.
        """
        values = self.read_values()
        try:
            values["inputs"] |= {"steps": steps, "budget_s": budget_s, "end_moved": True}
        except (KeyError, TypeError) as error:
            raise self.unreadable(error) from error
        self.write_values(values)

    # while a run writes

    def remove_leftovers(self) -> None:
        """Delete what a killed process left half-written."""
        with contextlib.suppress(OSError):
            for path in self.path.rglob(".*.part"):
                path.unlink(missing_ok=True)
            self.fresh_checkpoint.unlink(missing_ok=True)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder against a second trainer; freed by the system if this process dies.

        Raises:
            RunFolderError: another process trains here, or the folder cannot be written.
        """
        try:
            file = self.lock_path.open("a+")
        except OSError as error:
            raise RunFolderError(self.path, atomic.explain(error)) from error
        with file:
            if not _lock_soon(file):
                raise RunFolderError(self.path, tr("another process is training in this folder"))
            yield

    def is_locked(self) -> bool:
        """Whether a process trains here; on Windows, where asking would take the lock, False."""
        if not self.lock_path.exists() or os.name == "nt":
            return False
        import fcntl

        try:
            with self.lock_path.open("a+") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except OSError:
                    return True
        except OSError:
            return False
        return False

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

    @property
    def events_bytes(self) -> int:
        """How long the log is now."""
        return self.events_path.stat().st_size if self.events_path.exists() else 0


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


def last_lines(path: Path, limit_bytes: int = 4096) -> list[str]:
    """The end of a text file, without empty lines; nothing where it cannot be read."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - limit_bytes))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    return [line.strip() for line in text.splitlines() if line.strip()]


def _lock_soon(file: TextIO) -> bool:
    for _ in range(_LOCK_TRIES):
        if try_lock(file):
            return True
        time.sleep(_LOCK_WAIT_S)
    return False
