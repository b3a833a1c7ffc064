"""Starting the trainer in a process of its own, which goes on when the window closes or dies."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QProcessEnvironment

import srgan_desktop
from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import RunFolderError, TrainingError
from srgan_desktop.core.base.self_command import is_frozen, own_command
from srgan_desktop.core.base.translation import language, tr
from srgan_desktop.gui.training.form.plan import Plan, StagePlan
from srgan_desktop.gui.training.runs.stored import Training
from trainer.run.control_file import clear_requests
from trainer.run.process import note_process
from trainer.run.run_folder import RunFolder

# lets the window, and whatever else the person does, go first
NICENESS = 10
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
    if plan.teacher:
        options += ["--teacher", plan.teacher]
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
    plan, run = training.plan, training.stages[number]
    arguments = ["run", *recipe_options(plan, plan.stages[number]), "--out", str(run.path)]
    if number + 1 < len(plan.stages):
        arguments += _then_options(plan.stages[number + 1], training.stages[number + 1])
    if plan.validation is not None:
        arguments += ["--val", str(plan.validation)]
    if init is not None:
        arguments += ["--init", str(init)]
    _start(run, command(*arguments))


def _then_options(stage: StagePlan, run: RunFolder) -> list[str]:
    options = ["--then", stage.preset, "--then-out", str(run.path)]
    for item in stage.overrides:
        options += ["--then-set", item]
    if stage.budget_s is not None:
        options += ["--then-budget", f"{stage.budget_s:g}s"]
    elif stage.steps is not None:
        options += ["--then-steps", str(stage.steps)]
    return options


def resume_stage(run: RunFolder, device: str = "auto") -> None:
    """Go on with a stage where it was left, and with those after it.

    Raises:
        RunFolderError: the folder cannot be written.
        TrainingError: the process cannot be started.
    """
    _start(run, command("resume", str(run.path), "--device", device))


def _start(run: RunFolder, call: Command) -> None:
    try:
        run.path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFolderError(run.path, atomic.explain(error)) from error
    clear_requests(run)
    try:
        pid = _spawn(run, call)
    except OSError as error:
        reason = error.strerror or str(error)
        raise TrainingError(tr("the trainer cannot be started: {reason}", reason=reason)) from error
    _be_modest(pid)
    note_process(run, pid)


def _spawn(run: RunFolder, call: Command) -> int:
    """A process in a session of its own; its number."""
    values = environment()
    with run.progress.open("wb") as progress, run.problems.open("wb") as problems:
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


def _be_modest(pid: int) -> None:
    """Lower the process's priority, before its threads are made, which take it over."""
    import psutil

    with contextlib.suppress(psutil.Error, OSError):
        psutil.Process(pid).nice(
            psutil.BELOW_NORMAL_PRIORITY_CLASS if os.name == "nt" else NICENESS
        )
