"""Wishes to a run that trains: pause, save, sample, another end."""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from srgan_desktop.core.base.errors import RunFolderError
from trainer.config.run_config import RunConfig
from trainer.run.control_file import (
    ControlCommands,
    clear_requests,
    read_commands,
    send_end,
    send_pause,
    send_sample,
    send_save,
    send_stop,
)
from trainer.run.events import EndChanged, Event, Finished, Paused, Resumed, Saved, Step, Validated
from trainer.run.inputs import RunInputs, read_run
from trainer.run.run_folder import RunFolder
from trainer.run.throttle import Throttle
from trainer.training import control as control_module
from trainer.training.session import resume, start

Inputs = Callable[..., RunInputs]


@pytest.fixture(autouse=True)
def _look_at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Throttle, "due", lambda self: True)
    monkeypatch.setattr(control_module, "PAUSE_LOOK_S", 0.01)


def drained(events: Iterator[Event], after: dict[int, Callable[[], None]]) -> list[Event]:
    """All events; once step N was told, ``after[N]`` is called."""
    seen = []
    for event in events:
        seen.append(event)
        if isinstance(event, Step) and event.step in after:
            after.pop(event.step)()
    return seen


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[1]",
        '{"pause": 1}',
        '{"save": -3}',
        '{"save": true}',
        '{"steps": "many"}',
        '{"budget_s": NaN}',
    ],
)
def test_what_makes_no_sense_is_not_asked_for(tmp_path: Path, text: str) -> None:
    folder = RunFolder(tmp_path)
    folder.control.write_text(text)
    assert read_commands(folder) == ControlCommands()
    send_save(folder)
    assert read_commands(folder).save == 1


def test_what_is_written_is_read(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert read_commands(folder) == ControlCommands()
    send_pause(folder, True)
    send_save(folder)
    send_save(folder)
    send_sample(folder)
    send_end(folder, None, 90.5)
    assert read_commands(folder) == ControlCommands(True, 2, 1, (None, 90.5))
    send_pause(folder, False)
    send_end(folder, 30, None)
    assert read_commands(folder) == ControlCommands(False, 2, 1, (30, None))
    send_stop(folder)
    assert folder.stop_request.exists()
    clear_requests(folder)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RunFolderError):
        send_save(RunFolder(tmp_path / "gone"))


def test_the_file_is_what_the_documentation_says(tmp_path: Path) -> None:
    """Other programs write it too."""
    folder = RunFolder(tmp_path)
    text = '{"pause": true, "save": 2, "sample": 1, "steps": null, "budget_s": 90.5}'
    folder.control.write_text(text)
    assert read_commands(folder) == ControlCommands(True, 2, 1, (None, 90.5))
    send_pause(folder, True)
    assert json.loads(folder.control.read_text()) == json.loads(text)


def test_what_was_asked_of_an_earlier_life_is_forgotten(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs
) -> None:
    folder = RunFolder(tmp_path / "run")
    list(start(exact_config, inputs(6), folder))
    folder.control.write_text('{"steps": 4, "pause": true}')
    events = list(resume(folder, end=(12, None)))
    assert not [event for event in events if isinstance(event, Paused | EndChanged)]
    assert isinstance(events[-1], Finished)
    assert events[-1].step == 12
    assert read_run(folder)[1].steps == 12


def test_saving_and_sampling_at_once(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs
) -> None:
    validation = dataclasses.replace(exact_config.validation, every_steps=1000)
    config = dataclasses.replace(exact_config, validation=validation, checkpoint_seconds=1000)
    folder = RunFolder(tmp_path / "run")
    events = drained(
        start(config, inputs(12), folder),
        {3: lambda: send_save(folder), 8: lambda: send_sample(folder)},
    )
    # granted before the step after the one that follows the wish
    assert {event.step for event in events if isinstance(event, Saved)} == {4, 9, 12}
    assert [event.step for event in events if isinstance(event, Validated)] == [9, 12]


def test_a_pause_takes_no_time_of_the_run(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs
) -> None:
    folder = RunFolder(tmp_path / "run")

    def pause() -> None:
        send_pause(folder, True)
        threading.Timer(0.6, lambda: send_pause(folder, False)).start()

    began = time.monotonic()
    events = drained(start(exact_config, inputs(12), folder), {4: pause})
    took = time.monotonic() - began
    kinds = [type(event) for event in events if isinstance(event, Paused | Resumed | Step)]
    assert kinds[4:6] == [Paused, Resumed]
    last = events[-1]
    assert isinstance(last, Finished)
    assert last.reason == "done"
    assert last.seconds < took - 0.3


def test_a_paused_run_can_be_stopped(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs
) -> None:
    folder = RunFolder(tmp_path / "run")

    def pause() -> None:
        send_pause(folder, True)
        threading.Timer(0.3, folder.stop_request.touch).start()

    events = drained(start(exact_config, inputs(12), folder), {4: pause})
    last = events[-1]
    assert isinstance(last, Finished)
    assert (last.reason, last.step) == ("interrupted", 5)


def test_the_end_can_be_moved_and_stays_so(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs
) -> None:
    folder = RunFolder(tmp_path / "run")
    events = drained(
        start(exact_config, inputs(24), folder),
        {3: lambda: send_end(folder, 30, None), 10: folder.stop_request.touch},
    )
    assert [event for event in events if isinstance(event, EndChanged)] == [EndChanged(4, 30, None)]
    rest = list(resume(folder))
    last = rest[-1]
    assert isinstance(last, Finished)
    assert (last.reason, last.step) == ("done", 30)


def test_a_run_by_steps_can_get_a_budget(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs
) -> None:
    folder = RunFolder(tmp_path / "run")
    events = drained(
        start(exact_config, inputs(100_000), folder),
        {3: lambda: send_end(folder, None, 2.0)},
    )
    last = events[-1]
    assert isinstance(last, Finished)
    assert last.reason == "done"
    assert 1.0 < last.seconds < 20
    assert any(isinstance(event, Validated) for event in events)
