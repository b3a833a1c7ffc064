"""Starting the trainer in a process of its own, and finding it again.

The process belongs to nobody: it goes on when the window closes or dies.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QProcessEnvironment

import srgan_desktop
from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import RunFolderError, TrainingError
from srgan_desktop.core.base.self_command import is_frozen, own_command
from srgan_desktop.core.base.translation import language, tr
from srgan_desktop.gui.training.form.plan import Plan, StagePlan
from srgan_desktop.gui.training.runs.stored import Training

PROCESS_FILE = "process.json"
PROGRESS_FILE = "progress.txt"
PROBLEMS_FILE = "problems.txt"
CONTROL_FILE = "control.json"
STOP_FILE = "stop"
# lets the window, and whatever else the person does, go first
NICENESS = 10
_SAME_TIME_S = 2.0
# of Windows alone: a group of its own, and no black window
_WITHOUT_CONSOLE = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(
    subprocess, "CREATE_NEW_PROCESS_GROUP", 0
)


@dataclass(frozen=True)
class Command:
    """A program and its arguments."""

    program: str
    arguments: tuple[str, ...]


def command(*arguments: str) -> Command:
    """``srgan-desktop train ...``, also where the program is frozen into one executable."""
    program, *rest = own_command("train", *arguments)
    return Command(program, tuple(rest))


def environment() -> QProcessEnvironment:
    """The window's, in which this program is found and speaks the window's language."""
    values = QProcessEnvironment.systemEnvironment()
    values.insert("SRGAN_DESKTOP_LANGUAGE", language())
    values.insert("PYTHONUTF8", "1")
    if not is_frozen():
        root = str(Path(srgan_desktop.__file__).resolve().parent.parent)
        known = values.value("PYTHONPATH")
        values.insert("PYTHONPATH", os.pathsep.join(filter(None, [root, known])))
    return values


def recipe_options(plan: Plan, stage: StagePlan) -> list[str]:
    """Options that a run and its measurement have in common."""
    options = ["--preset", stage.preset, "--data", str(plan.data), "--device", plan.device]
    for name, folder in (("--pairs", plan.pairs), ("--real", plan.real)):
        options += [name, str(folder)] if folder is not None else []
    for item in stage.overrides:
        options += ["--set", item]
    if stage.budget_s is not None:
        options += ["--budget", f"{stage.budget_s:g}s"]
    elif stage.steps is not None:
        options += ["--steps", str(stage.steps)]
    return options


def start_stage(training: Training, number: int, init: Path | None) -> None:
    """Begin a stage in its folder, in the background; the process goes on with those after it.

    Raises:
        RunFolderError: the folder cannot be written.
        TrainingError: the process cannot be started.
    """
    plan, folder = training.plan, training.stages[number]
    arguments = ["run", *recipe_options(plan, plan.stages[number]), "--out", str(folder)]
    if number + 1 < len(plan.stages):
        arguments += _then_options(plan.stages[number + 1], training.stages[number + 1])
    if plan.validation is not None:
        arguments += ["--val", str(plan.validation)]
    if init is not None:
        arguments += ["--init", str(init)]
    _start(folder, command(*arguments))


def _then_options(stage: StagePlan, folder: Path) -> list[str]:
    options = ["--then", stage.preset, "--then-out", str(folder)]
    for item in stage.overrides:
        options += ["--then-set", item]
    if stage.budget_s is not None:
        options += ["--then-budget", f"{stage.budget_s:g}s"]
    elif stage.steps is not None:
        options += ["--then-steps", str(stage.steps)]
    return options


def resume_stage(folder: Path, device: str = "auto") -> None:
    """Go on with a stage where it was left, and with those after it.

    Raises:
        RunFolderError: the folder cannot be written.
        TrainingError: the process cannot be started.
    """
    _start(folder, command("resume", str(folder), "--device", device))


def _start(folder: Path, call: Command) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (STOP_FILE, CONTROL_FILE):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise RunFolderError(folder, atomic.explain(error)) from error
    try:
        pid = _spawn(folder, call)
    except OSError as error:
        reason = error.strerror or str(error)
        raise TrainingError(tr("the trainer cannot be started: {reason}", reason=reason)) from error
    _note(folder, pid)


def _spawn(folder: Path, call: Command) -> int:
    """A process in a session of its own; its number."""
    values = environment()
    with (
        (folder / PROGRESS_FILE).open("wb") as progress,
        (folder / PROBLEMS_FILE).open("wb") as problems,
    ):
        process = subprocess.Popen(
            [call.program, *call.arguments],
            stdin=subprocess.DEVNULL,
            stdout=progress,
            stderr=problems,
            cwd=Path.home(),
            env={key: values.value(key) for key in values.keys()},  # noqa: SIM118 - not a dict
            start_new_session=True,
            creationflags=_WITHOUT_CONSOLE,
        )
    # takes note of its end, lest it stay in the system's table; waits for nothing else
    threading.Thread(target=process.wait, daemon=True).start()
    return process.pid


def _note(folder: Path, pid: int) -> None:
    """Remember which process trains here; without that it is still known by its lock."""
    import psutil

    values: dict[str, Any] = {"pid": pid}
    with contextlib.suppress(psutil.Error, OSError):
        process = psutil.Process(pid)
        values["created"] = process.create_time()
        # before its threads are made, which take it over
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if os.name == "nt" else NICENESS)
    with contextlib.suppress(OSError), atomic.replace_file(folder / PROCESS_FILE) as new:
        new.file.write(json.dumps(values).encode())


def is_alive(folder: Path, noted_in: Path | None = None) -> bool:
    """Whether a process trains in this run's folder; it may be noted in that of the run before."""
    return process_of(noted_in or folder) is not None or _is_locked(folder)


def process_of(folder: Path) -> Any:
    """The process that was started here, as psutil knows it; None where it is gone."""
    import psutil

    try:
        values = json.loads((folder / PROCESS_FILE).read_text(encoding="utf-8"))
        process = psutil.Process(int(values["pid"]))
        same = abs(process.create_time() - values["created"]) < _SAME_TIME_S
        if same and process.status() != psutil.STATUS_ZOMBIE:
            return process
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        pass
    return None


def _is_locked(folder: Path) -> bool:
    """Whether a trainer from elsewhere holds the folder; asked only where none of ours did."""
    lock = folder / "lock"
    if (folder / PROCESS_FILE).exists() or not lock.exists() or os.name == "nt":
        return False
    import fcntl

    try:
        with lock.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return True
    except OSError:
        return False
    return False


def ask_to_stop(folder: Path, noted_in: Path | None = None) -> None:
    """Let the trainer save and end; nothing happens where the folder is gone."""
    if (folder / "config.json").exists():
        with contextlib.suppress(OSError):
            (folder / STOP_FILE).touch()
        return
    # it is still reading pictures, and has nothing to save
    end_process(noted_in or folder)


def end_process(folder: Path) -> None:
    """Have the process end by the system's own request."""
    import psutil

    process = process_of(folder)
    if process is not None:
        with contextlib.suppress(psutil.Error):
            process.terminate()


def send(folder: Path, **requests: Any) -> None:
    """Write wishes that the trainer looks at now and then: pause, save, sample, budget_s.

    Raises:
        RunFolderError: the folder cannot be written.
    """
    path = folder / CONTROL_FILE
    values: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):
        values = json.loads(path.read_text(encoding="utf-8"))
    for name, value in requests.items():
        # "once more" for what is done once each time
        values[name] = int(values.get(name, 0)) + 1 if name in ("save", "sample") else value
    try:
        with atomic.replace_file(path) as new:
            new.file.write(json.dumps(values).encode())
    except OSError as error:
        raise RunFolderError(path, atomic.explain(error)) from error


def last_lines(path: Path, limit_bytes: int = 4096) -> list[str]:
    """The end of a text file; nothing where it cannot be read."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - limit_bytes))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    return [line.strip() for line in text.splitlines() if line.strip()]


def last_problem(folder: Path) -> str:
    """Why the trainer ended, in its own words; empty where it said nothing."""
    marks = {"error:", tr("error: {message}", message="").strip()}
    for line in reversed(last_lines(folder / PROBLEMS_FILE)):
        for mark in marks:
            if line.startswith(mark):
                return line.removeprefix(mark).strip()
    return ""
