"""How a stage stands, as far as its folder tells."""

from __future__ import annotations

import math
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.training.runs.stored import Training
from trainer.run.control_file import read_commands
from trainer.run.events import Finished, Step
from trainer.run.process import is_alive, last_problem, memory_of, preparing_text
from trainer.run.run_folder import RunFolder

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
        paused: it holds, with its process.
        starting: its process has told nothing yet: all that is known is of the one before.
        last: its newest step, while it runs; None before the first.
        noted_in: the run that tells of its process: its own, or that of the stage before, whose
            process went on with this one.
    """

    phase: Phase
    problem: str = ""
    begun: bool = False
    preparing: str = ""
    memory_bytes: int = 0
    paused: bool = False
    starting: bool = False
    last: Step | None = None
    noted_in: RunFolder | None = None


def stage_state(run: RunFolder, before: RunFolder | None = None) -> StageState:
    """Look at a run's folder and at its process; ``before`` is the stage before, which is done."""
    noted_in = run
    if before is not None and not run.process_note.exists():
        noted_in = before
    elif not run.path.is_dir():
        return StageState("waiting")
    begun = run.holds_run
    if is_alive(run, noted_in):
        problem = ""
        if _disk_is_full(noted_in.path):
            # it cannot write that down itself, and its curves stand still
            problem = tr("The disk is full: it trains on, but nothing can be saved. Make room.")
        return StageState(
            "running",
            problem,
            begun,
            preparing_text(noted_in),
            memory_of(noted_in),
            paused=read_commands(run).pause,
            starting=_is_starting(run),
            last=run.last_step(),
            noted_in=noted_in,
        )
    last = run.last_event()
    if isinstance(last, Finished):
        return StageState("done" if last.reason == "done" else "stopped", "", begun)
    return _ended_early(run, begun, noted_in)


def _is_starting(run: RunFolder) -> bool:
    """Whether the newest line of the log is older than the process that is noted here."""
    try:
        told = run.events_path.stat().st_mtime_ns
        return told <= run.process_note.stat().st_mtime_ns
    except OSError:
        return False


def _ended_early(run: RunFolder, begun: bool, noted_in: RunFolder) -> StageState:
    """Of a stage whose process is gone without having said that it is finished."""
    problem = last_problem(noted_in)
    if problem:
        return StageState("failed", problem, begun)
    if _disk_is_full(noted_in.path):
        # the trainer could not even write down why it ended
        return StageState("failed", tr("The disk is full: make room, then continue."), begun)
    if begun:
        return StageState("killed", "", begun)
    if run.process_note.exists():
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
    for number, run in enumerate(training.stages):
        is_last = number == len(training.stages) - 1
        if not is_last and run.is_done():
            # its process, if there is one, is at work on the next by now
            found.append(StageState("done", begun=True))
            continue
        follows = number > 0 and found[-1].phase == "done"
        found.append(stage_state(run, training.stages[number - 1] if follows else None))
    return tuple(found)


def part_done(states: tuple[StageState, ...]) -> tuple[float, float | None]:
    """How much of a running training is done, 0..1, and the seconds to go where they are known."""
    done = sum(state.phase == "done" for state in states)
    now = next((state for state in states if state.phase == "running"), None)
    last = now.last if now is not None else None
    part = min(1.0, (done + part_of_stage(last)) / len(states))
    if now is None or now.starting or last is None:
        return part, None
    if not math.isfinite(last.eta_s) or last.eta_s <= 0:
        return part, None
    # a stage that has not begun takes as long as the one that runs, for want of better
    rest = len(states) - done - 1
    return part, last.eta_s + rest * (last.seconds + last.eta_s)


def part_of_stage(last: Step | None) -> float:
    """How much of its stage is done after this step, 0..1."""
    if last is None:
        return 0.0
    if last.steps:
        return last.step / last.steps
    whole = last.seconds + last.eta_s
    return last.seconds / whole if whole > 0 else 0.0


def is_paused(states: tuple[StageState, ...]) -> bool:
    """Whether it has a process that holds."""
    return any(state.phase == "running" and state.paused for state in states)


def phase_of(states: tuple[StageState, ...]) -> Phase:
    """The whole training's: that of the stage it has come to."""
    for state in states:
        if state.phase != "done":
            first = state is states[0]
            # between two stages it is not waiting to begin
            return "stopped" if state.phase == "waiting" and not first else state.phase
    return "done"
