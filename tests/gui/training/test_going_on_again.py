"""A training that is continued is not told by what its process before said."""

from __future__ import annotations

import json
import os
from pathlib import Path

import psutil
from training_helpers import make_training, started_line, step_line, write_lines

from srgan_desktop.gui.training.runs.history import History
from srgan_desktop.gui.training.runs.run_facts import facts_of
from srgan_desktop.gui.training.runs.run_status import run_status
from srgan_desktop.gui.training.runs.state import StageState, part_done, training_states
from srgan_desktop.gui.training.runs.stored import Training
from srgan_desktop.gui.training.runs.tail import StageLog

INTERRUPTED = {"event": "finished", "step": 500, "reason": "interrupted", "seconds": 50.0}


def read_all(training: Training) -> History:
    history, log = History(training), StageLog(0, training.stages[0])
    while (chunk := log.read()) is not None:
        history.add(chunk)
    return history


def test_the_end_of_its_time_before_is_forgotten(tmp_path: Path) -> None:
    training = make_training(tmp_path / "run")
    write_lines(
        training.stages[0].events_path,
        started_line(),
        step_line(500),
        INTERRUPTED,
        started_line(500),
        step_line(2000),
        {"event": "paused", "step": 2000},
    )
    history = read_all(training)
    history.states = (StageState("running", begun=True),)
    assert run_status(history).text.startswith("Paused at step 2,000")
    assert history.finished == {}
    assert history.steps == 2000


def note_this_process(training: Training) -> None:
    """As though a trainer had just been started."""
    mine = psutil.Process(os.getpid())
    note = {"pid": mine.pid, "created": mine.create_time()}
    training.stages[0].process_note.write_text(json.dumps(note))


def test_it_is_getting_ready_until_its_process_tells_something(tmp_path: Path) -> None:
    training = make_training(tmp_path / "run")
    stage = training.stages[0]
    # killed while it was held
    write_lines(stage.events_path, started_line(), step_line(500), {"event": "paused", "step": 500})
    stage.config_path.write_text("{}")
    an_hour = 3600 * 10**9
    before = stage.events_path.stat().st_mtime_ns - an_hour
    os.utime(stage.events_path, ns=(before, before))
    note_this_process(training)
    stage.progress.write_text(" 50%  reading pictures: 3 of 6\n")
    history = read_all(training)
    history.states = training_states(training)
    assert run_status(history).text == "Reading pictures: 3 of 6"
    assert not history.paused
    assert "steps a second" not in facts_of(history)
    assert "to go" not in facts_of(history)
    part, left_s = part_done(history.states)
    assert part > 0 and left_s is None

    write_lines(stage.events_path, started_line(500), step_line(501), append=True)
    after = stage.process_note.stat().st_mtime_ns + an_hour
    os.utime(stage.events_path, ns=(after, after))
    history = read_all(training)
    history.states = training_states(training)
    assert "Warming up" in run_status(history).text
    assert "steps a second" in facts_of(history) and "to go" in facts_of(history)
    assert part_done(history.states)[1] == 5.0
