"""How a stage stands, as far as its folder tells."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.training.runs import launch
from srgan_desktop.gui.training.runs.stored import Training

# less is no room for a checkpoint
FULL_BYTES = 4_000_000

Phase = Literal["waiting", "running", "done", "stopped", "failed", "killed", "gone"]


@dataclass(frozen=True)
class StageState:
    """One stage.

    Attributes:
        phase: "waiting": not begun; "killed": the process ended without a word; "gone": its folder
            was removed.
        problem: why it failed, in the trainer's words; or what is wrong while it runs.
        begun: whether there is something to go on with.
        preparing: what it says while it reads pictures.
        memory_bytes: what its process holds, rounded; 0 where that is not known.
        noted_in: the folder that tells of its process: its own, or that of the stage before, whose
            process went on with this one.
    """

    phase: Phase
    problem: str = ""
    begun: bool = False
    preparing: str = ""
    memory_bytes: int = 0
    noted_in: Path | None = None


def stage_state(folder: Path, before: Path | None = None) -> StageState:
    """Look at a run's folder and at its process; ``before`` is the stage before, which is done."""
    noted_in = folder
    if before is not None and not (folder / launch.PROCESS_FILE).exists():
        noted_in = before
    elif not folder.is_dir():
        return StageState("waiting")
    begun = (folder / "config.json").exists()
    if launch.is_alive(folder, noted_in):
        said, memory_bytes = _preparing(noted_in), _memory_of(noted_in)
        problem = ""
        if _disk_is_full(noted_in):
            # it cannot write that down itself, and its curves stand still
            problem = tr("The disk is full: it trains on, but nothing can be saved. Make room.")
        return StageState("running", problem, begun, said, memory_bytes, noted_in)
    last = last_event(folder / "events.jsonl")
    if last.get("event") == "finished":
        return StageState("done" if last.get("reason") == "done" else "stopped", "", begun)
    return _ended_early(folder, begun, noted_in)


def _ended_early(folder: Path, begun: bool, noted_in: Path) -> StageState:
    """Of a stage whose process is gone without having said that it is finished."""
    problem = launch.last_problem(noted_in)
    if problem:
        return StageState("failed", problem, begun)
    if _disk_is_full(noted_in):
        # the trainer could not even write down why it ended
        return StageState("failed", tr("The disk is full: make room, then continue."), begun)
    if begun:
        return StageState("killed", "", begun)
    if (folder / launch.PROCESS_FILE).exists():
        return StageState("stopped", tr("stopped before the first step"), begun)
    return StageState("waiting")


def _disk_is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < FULL_BYTES
    except OSError:
        return False


def training_states(training: Training) -> tuple[StageState, ...]:
    """Of all its stages; "gone" where the training's folder is not there any more."""
    if not training.folder.is_dir():
        return (StageState("gone"),) * len(training.stages)
    found: list[StageState] = []
    for number, folder in enumerate(training.stages):
        is_last = number == len(training.stages) - 1
        if not is_last and _is_done(folder):
            # its process, if there is one, is at work on the next by now
            found.append(StageState("done", begun=True))
            continue
        follows = number > 0 and found[-1].phase == "done"
        found.append(stage_state(folder, training.stages[number - 1] if follows else None))
    return tuple(found)


def _is_done(folder: Path) -> bool:
    last = last_event(folder / "events.jsonl")
    return bool(last.get("event") == "finished" and last.get("reason") == "done")


def phase_of(states: tuple[StageState, ...]) -> Phase:
    """The whole training's: that of the stage it has come to."""
    for state in states:
        if state.phase != "done":
            first = state is states[0]
            # between two stages it is not waiting to begin
            return "stopped" if state.phase == "waiting" and not first else state.phase
    return "done"


def last_event(path: Path) -> dict[str, Any]:
    """The newest whole line of an event log; empty where there is none."""
    for line in reversed(launch.last_lines(path, 16384)):
        try:
            values = json.loads(line)
        except ValueError:
            continue
        if isinstance(values, dict):
            return values
    return {}


def _preparing(folder: Path) -> str:
    """The last line said before the first step; "12%  reading pictures: 3 of 20"."""
    lines = launch.last_lines(folder / launch.PROGRESS_FILE, 400)
    return lines[-1].partition("%")[2].strip() if lines and "%" in lines[-1] else ""


def _memory_of(folder: Path) -> int:
    import psutil

    process = launch.process_of(folder)
    if process is None:
        return 0
    try:
        return int(round(process.memory_info().rss, -7))
    except psutil.Error:
        return 0
