"""What whoever watches a run reads of its folder: events, summary, end, process, and no torch."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from srgan_desktop.core.base.errors import RunFolderError
from trainer.run import events as ev
from trainer.run.events import KINDS, Event, read_event
from trainer.run.process import is_alive, last_problem, note_process, preparing_text, process_of
from trainer.run.run_folder import RunFolder

SEAM = ("events", "run_folder", "control_file", "process")

EXAMPLES = (
    ev.Preparing(1, 3),
    ev.Asking(1, 3, 2.5),
    ev.Fetching("VGG19", 5, None),
    ev.Started("runs/a", "pixel", 0, 100, None, 20, "cpu", "bf16"),
    ev.Step(7, None, {"pixel": 0.5, "content": 0.25}, 1e-4, 3.0, 60.0, 12.5, 0.75, 0.25),
    ev.Step(8, 10, {}, 1e-4, 3.0, 60.0, 12.5),
    ev.Validated(7, 30.5, 0.9, 29.0, True, ("samples/00000007/00_a.png",)),
    ev.RolledBack(90, 60, "the loss is no number", 0.5, 1),
    ev.Saved(7, "last.pt"),
    ev.Warned("careful"),
    ev.Paused(3),
    ev.Resumed(3),
    ev.EndChanged(3, None, 90.5),
    ev.Finished(10, "done", 3.5, "model.safetensors"),
    ev.NextStage("b", "srgan-x4", "adversarial", "model.safetensors"),
    ev.Failed("no room", "training"),
    ev.Checking(1, 2),
    ev.Measuring(5, 2.5, 3.0, 60.0),
    ev.Estimate("cpu", "fp32", 2.5, 9, 60.0, 100, None, 50.0, 100, 1.5, 20, 1000, 2000, None),
)


def test_there_is_an_example_of_every_kind() -> None:
    assert {type(example) for example in EXAMPLES} == set(KINDS.values())
    told = {
        kind for kind in vars(ev).values() if isinstance(kind, type) and issubclass(kind, Event)
    }
    assert set(KINDS.values()) == told - {Event}


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.event)
def test_an_event_is_read_as_it_was_told(event: Event) -> None:
    assert read_event(event.to_json()) == event
    assert read_event(event.to_json().encode()) == event


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.event)
def test_events_of_other_versions_are_read_as_far_as_they_go(event: Event) -> None:
    values = json.loads(event.to_json())
    assert read_event(json.dumps(values | {"of a later version": [1, {"a": 2}]})) == event
    for name in values.keys() - {"event", "step"}:
        less = {key: value for key, value in values.items() if key != name}
        for found in (read_event(json.dumps(less)), read_event(json.dumps(less | {name: {}}))):
            assert type(found) is type(event)
            others = dataclasses.asdict(event) | {name: None}
            assert dataclasses.asdict(found) | {name: None} == others  # type: ignore[arg-type]


def test_what_is_missing_is_nothing_rather_than_wrong() -> None:
    found = read_event('{"event": "step", "step": 3, "eta_s": null, "d_real": "much"}')
    assert isinstance(found, ev.Step)
    assert (found.step, found.losses, found.d_real, found.steps) == (3, {}, None, None)
    assert math.isnan(found.eta_s) and math.isnan(found.learning_rate)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[1]",
        "null",
        '"step"',
        '{"event": "step"}',
        '{"event": "step", "step": "7"}',
        '{"event": "step", "step": true}',
        '{"event": "sung", "step": 1}',
        '{"event": 7}',
        '{"step": 7}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_event_of_this_version_is_none(line: str | bytes) -> None:
    assert read_event(line) is None


def test_the_last_event_is_the_last_that_is_whole_and_known(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert folder.last_event() is None
    assert not folder.is_done()
    done = ev.Finished(3, "done", 1.0, None)
    later = '{"event": "of a later version", "step": 4}'
    folder.events_path.write_text(f'{ev.Paused(2).to_json()}\n{done.to_json()}\n{later}\n{{"ev')
    assert folder.last_event() == done
    assert folder.is_done()
    with folder.events_path.open("a") as file:
        file.write("\n" + ev.Finished(3, "interrupted", 1.0, None).to_json() + "\n")
    assert not folder.is_done()


def test_a_summary_and_another_end(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    inputs = {"preset": "tiny", "data": "/photos", "steps": 5, "budget_s": None}
    values = {"config": {"stage": "pixel", "title": "Tiny", "batch": 3}, "inputs": inputs}
    folder.write_values(values)
    found = folder.summary()
    assert (found.preset, found.title, found.stage) == ("tiny", "Tiny", "pixel")
    assert (found.data, found.steps, found.budget_s) == (Path("/photos"), 5, None)
    folder.change_end(None, 90.0)
    assert (folder.summary().steps, folder.summary().budget_s) == (None, 90.0)
    assert folder.read_values()["config"] == values["config"]


@pytest.mark.parametrize("text", [None, "{", "[]", "{}", '{"config": {}, "inputs": 5}'])
def test_a_config_that_makes_no_sense_is_named(tmp_path: Path, text: str | None) -> None:
    folder = RunFolder(tmp_path)
    if text is not None:
        folder.config_path.write_text(text)
    for read in (folder.summary, lambda: folder.change_end(1, None)):
        with pytest.raises(RunFolderError, match=r"config\.json"):
            read()


def test_a_process_is_known_by_its_note(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert not is_alive(folder)
    note_process(folder, os.getpid())
    assert process_of(folder) == psutil.Process(os.getpid())
    assert is_alive(folder)
    # another process has got the number since
    values = json.loads(folder.process_note.read_text())
    folder.process_note.write_text(json.dumps(values | {"created": values["created"] - 1000}))
    assert process_of(folder) is None
    assert not is_alive(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="there a lock cannot be asked for")
def test_a_process_of_the_command_line_is_known_by_its_lock(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    with folder.lock():
        assert is_alive(folder)
    assert not is_alive(folder)


def test_what_a_process_said_last(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert (preparing_text(folder), last_problem(folder)) == ("", "")
    folder.progress.write_text("  5%  reading pictures: 1 of 20\n 10%  reading pictures: 2 of 20\n")
    folder.problems.write_text("warning: a\nerror: the disk is full\n")
    assert preparing_text(folder) == "reading pictures: 2 of 20"
    assert last_problem(folder) == "the disk is full"


@pytest.mark.parametrize("module", SEAM)
def test_a_window_that_watches_loads_no_torch(module: str) -> None:
    code = f"import sys, trainer.run.{module}; print(*sys.modules, sep='\\n')"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in found.stdout.split()}
    assert loaded & {"torch", "numpy", "PIL", "safetensors", "PySide6"} == set()
