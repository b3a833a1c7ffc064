"""What is read of a run's folder: curves, validations, going back, half-written lines."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import psutil
import pytest
from training_helpers import look_line, make_training, started_line, step_line, write_lines

from srgan_desktop.gui.training.runs import stored
from srgan_desktop.gui.training.runs.history import History, best_until
from srgan_desktop.gui.training.runs.run_status import run_status
from srgan_desktop.gui.training.runs.state import phase_of, stage_state, training_states
from srgan_desktop.gui.training.runs.stored import Training
from srgan_desktop.gui.training.runs.tail import CHUNK_BYTES, Chunk, StageLog, States, follow
from trainer.run.run_folder import RunFolder


def read_all(training: Training) -> History:
    history = History(training)
    events = follow(training)
    caught_up = stated = False
    for what in events:
        if isinstance(what, Chunk):
            history.add(what)
            caught_up = caught_up or what.caught_up
        elif isinstance(what, States):
            history.states, stated = what.states, True
        if caught_up and stated:
            break
    events.close()
    return history


def test_curves_of_two_stages_follow_each_other(tmp_path: Path) -> None:
    training = make_training(tmp_path / "run", 2)
    first, second = training.stages
    write_lines(
        first.events_path,
        started_line(),
        *[step_line(n) for n in range(1, 11)],
        look_line(10, 26.0),
        {"event": "finished", "step": 10, "reason": "done", "seconds": 1.0},
    )
    discriminator_scores = {
        "losses": {"pixel": 0.5, "adversarial": 2.0},
        "d_real": 0.9,
        "d_fake": 0.2,
    }
    write_lines(
        second.events_path,
        started_line(),
        *[step_line(n, **discriminator_scores) for n in range(1, 6)],
        look_line(5, 25.5),
    )
    history = read_all(training)
    assert history.curves["loss:pixel"].raw.x.tolist() == list(range(1, 16))
    assert history.curves["d_real"].raw.x.tolist() == list(range(11, 16))
    assert history.boundaries == [10]
    assert [look.at for look in history.validations] == [10, 15]
    assert history.validations[0].samples == (first.samples / "00000010" / "00_a.png",)
    assert history.stage == 1


def test_two_stages_with_large_logs_follow_each_other(tmp_path: Path) -> None:
    training = make_training(tmp_path / "run", 2)
    ends = (3000, 2000)
    for stage, end in zip(training.stages, ends, strict=True):
        lines = [started_line()]
        for step in range(1, end + 1):
            lines += [step_line(step)] + ([look_line(step, 26.0)] if step % 500 == 0 else [])
        write_lines(stage.events_path, *lines)
        assert stage.events_bytes > CHUNK_BYTES
    history = read_all(training)
    assert history.curves["loss:pixel"].raw.x.tolist() == list(range(1, sum(ends) + 1))
    assert [look.at for look in history.validations] == list(range(500, sum(ends) + 1, 500))


# also one that has written more than there was by the time somebody looks
@pytest.mark.parametrize("end", [60, 400])
def test_a_resumed_run_takes_back_what_was_not_saved(end: int, tmp_path: Path) -> None:
    training = make_training(tmp_path / "run")
    path = training.stages[0].events_path
    write_lines(path, started_line(), *[step_line(n) for n in range(1, 101)], look_line(90, 26.0))
    log, history = StageLog(0, training.stages[0]), History(training)

    def read() -> None:
        while (chunk := log.read()) is not None:
            history.add(chunk)

    read()
    assert history.steps == 100
    # as the trainer does: cut back to the checkpoint's place, then told anew
    write_lines(path, started_line(), *[step_line(n) for n in range(1, 51)])
    write_lines(path, started_line(50), *[step_line(n) for n in range(51, end + 1)], append=True)
    read()
    assert history.curves["loss:pixel"].raw.x.tolist() == list(range(1, end + 1))
    assert history.started[0].step == 50
    assert history.validations == []


def test_a_run_that_goes_back_to_a_good_step_goes_back_here(tmp_path: Path) -> None:
    training = make_training(tmp_path / "run")
    back = {
        "event": "rolled_back",
        "step": 30,
        "to_step": 20,
        "reason": "astray",
        "rate_factor": 0.5,
        "count": 1,
    }
    write_lines(
        training.stages[0].events_path,
        started_line(),
        *[step_line(n) for n in range(1, 31)],
        back,
        started_line(20),
        *[step_line(n) for n in range(21, 26)],
    )
    history = read_all(training)
    assert history.curves["rate"].raw.x.tolist() == list(range(1, 26))
    assert history.warnings == ["astray"]


def test_half_a_line_waits_for_its_other_half(tmp_path: Path) -> None:
    training = make_training(tmp_path / "run")
    path = training.stages[0].events_path
    path.parent.mkdir()
    whole = json.dumps(step_line(7)).encode() + b"\n"
    path.write_bytes(b"no json\n" + whole[:30])
    log = StageLog(0, training.stages[0])
    chunk = log.read()
    assert chunk is not None
    assert len(chunk.steps) == 0
    with path.open("ab") as file:
        file.write(whole[30:])
    chunk = log.read()
    assert chunk is not None
    assert chunk.steps.tolist() == [7]
    assert log.read() is None


def test_states_of_a_stage(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "stage")
    assert stage_state(folder).phase == "waiting"
    folder.path.mkdir()
    mine = psutil.Process(os.getpid())
    note = {"pid": mine.pid, "created": mine.create_time()}
    folder.process_note.write_text(json.dumps(note))
    folder.progress.write_text(" 50%  reading pictures: 3 of 6\n")
    state = stage_state(folder)
    assert (state.phase, state.preparing) == ("running", "reading pictures: 3 of 6")
    # another process has got the number since
    note["created"] -= 1000
    folder.process_note.write_text(json.dumps(note))
    assert stage_state(folder).phase == "stopped"
    folder.problems.write_text("warning: a\nerror: the disk is full\n")
    assert (stage_state(folder).phase, stage_state(folder).problem) == (
        "failed",
        "the disk is full",
    )
    folder.problems.write_text("")
    folder.config_path.write_text("{}")
    write_lines(folder.events_path, started_line(), step_line(1))
    assert stage_state(folder).phase == "killed"
    finished = {"event": "finished", "step": 1, "reason": "interrupted", "seconds": 1.0}
    write_lines(folder.events_path, finished, append=True)
    assert stage_state(folder).phase == "stopped"
    write_lines(folder.events_path, finished | {"reason": "done"}, append=True)
    assert stage_state(folder).phase == "done"


def test_a_folder_that_goes_away_is_said_to_be_gone(tmp_path: Path) -> None:
    training = make_training(tmp_path / "run")
    history = read_all(training)
    assert history.phase == "waiting"
    (training.folder / stored.PLAN_FILE).unlink()
    training.folder.rmdir()
    history.states = training_states(training)
    assert history.phase == "gone"
    assert "removed" in run_status(history).text


def test_a_killed_trainer_is_told_with_the_step_that_is_safe(tmp_path: Path) -> None:
    training = make_training(tmp_path / "run")
    stage = training.stages[0]
    write_lines(
        stage.events_path,
        started_line(),
        *[step_line(n) for n in range(1, 41)],
        {"event": "saved", "step": 30, "path": "x"},
        step_line(41),
    )
    stage.config_path.write_text("{}")
    history = read_all(training)
    assert history.phase == "killed"
    said = run_status(history)
    assert "Step 30" in said.text
    assert said.mood == "warning"


def test_what_is_said_of_how_it_goes(tmp_path: Path) -> None:
    training = make_training(tmp_path / "run")

    def said(*psnr: float, left_s: float = 5.0) -> str:
        path = training.stages[0].events_path
        best = 0.0
        lines = []
        for number, value in enumerate(psnr, 1):
            lines += [step_line(10 * number, eta_s=left_s)]
            lines += [look_line(10 * number, value, best=value > best)]
            best = max(best, value)
        write_lines(path, started_line(), *lines)
        history = read_all(training)
        from srgan_desktop.gui.training.runs.state import StageState

        history.states = (StageState("running", begun=True),)
        return run_status(history).text

    assert "Not better than bicubic yet" in said(24.0)
    assert said(25.2, 25.5, 25.9).startswith("Learning well: 0.90 dB")
    level = (25.2, 25.5, 25.8, 25.9, *[25.9] * 4)
    assert "hardly rising" in said(*level, left_s=1.0)
    # it may rise once the learning rate falls
    assert "hardly rising" not in said(*level, left_s=24.0)
    # a few equal looks among some that rise
    assert "hardly rising" not in said(
        25.2, 25.3, 25.4, 25.4, 25.4, 25.4, 25.5, 25.5, 25.5, 25.5, left_s=1.0
    )
    assert "Overfitting" in said(25.5, 26.5, 26.0, 25.9, 25.8, 25.7)


def test_the_winning_discriminator_is_told(tmp_path: Path) -> None:
    from srgan_desktop.gui.training.runs.state import StageState

    training = make_training(tmp_path / "run", 2)
    write_lines(training.stages[0].events_path, started_line(), step_line(5))
    for real, fake, word in ((0.999, 0.001, "winning"), (0.3, 0.7, "fooled")):
        lines = [step_line(n, d_real=real, d_fake=fake) for n in range(1, 400)]
        write_lines(training.stages[1].events_path, started_line(), *lines, look_line(399, 25.0))
        history = read_all(training)
        history.states = (StageState("done"), StageState("running", begun=True))
        assert word in run_status(history).text


def test_the_best_is_that_of_its_time(tmp_path: Path) -> None:
    training = make_training(tmp_path / "run")
    write_lines(
        training.stages[0].events_path,
        started_line(),
        step_line(30),
        look_line(10, 26.0),
        look_line(20, 27.0),
        look_line(30, 26.5, best=False),
    )
    history = read_all(training)
    assert history.best is not None
    assert history.best.step == 20
    early = best_until(history.validations, 15)
    assert early is not None
    assert early.step == 10


def test_a_large_log_is_read_in_pieces_and_fast_enough(tmp_path: Path) -> None:
    training = make_training(tmp_path / "run")
    write_lines(training.stages[0].events_path, *[step_line(n) for n in range(1, 20001)])
    began = time.process_time()
    history = read_all(training)
    assert history.steps == 20000
    assert time.process_time() - began < 5


def test_phases_of_two_stages() -> None:
    from srgan_desktop.gui.training.runs.state import StageState as State

    assert phase_of((State("done"), State("waiting"))) == "stopped"
    assert phase_of((State("done"), State("done"))) == "done"
    assert phase_of((State("running"), State("waiting"))) == "running"
    assert phase_of((State("waiting"),)) == "waiting"


def test_a_held_trainer_is_told(tmp_path: Path) -> None:
    from srgan_desktop.gui.training.runs.state import StageState

    training = make_training(tmp_path / "run")
    path = training.stages[0].events_path
    write_lines(path, started_line(), step_line(7), {"event": "paused", "step": 7})
    history = read_all(training)
    history.states = (StageState("running", begun=True),)
    assert run_status(history).text.startswith("Paused at step 7")
    write_lines(path, {"event": "resumed", "step": 7}, step_line(8), append=True)
    assert not read_all(training).paused


def note_process(folder: RunFolder, *, alive: bool) -> None:
    """As though a trainer had been started in ``folder``."""
    folder.path.mkdir(exist_ok=True)
    mine = psutil.Process(os.getpid())
    created = mine.create_time() - (0 if alive else 1000)
    folder.process_note.write_text(json.dumps({"pid": mine.pid, "created": created}))


DONE = {"event": "finished", "step": 1, "reason": "done", "seconds": 1.0}


def test_one_process_goes_from_stage_to_stage(tmp_path: Path) -> None:
    training = make_training(tmp_path / "run", 2)
    first, second = training.stages

    def phases() -> tuple[str, ...]:
        return tuple(state.phase for state in training_states(training))

    note_process(first, alive=True)
    write_lines(first.events_path, started_line(), step_line(1))
    assert phases() == ("running", "waiting")
    write_lines(first.events_path, DONE, append=True)
    first.progress.write_text(" 50%  reading pictures: 3 of 6\n")
    assert phases() == ("done", "running")
    assert training_states(training)[1].preparing == "reading pictures: 3 of 6"
    second.path.mkdir()
    second.config_path.write_text("{}")
    write_lines(second.events_path, started_line(), step_line(1))
    assert phases() == ("done", "running")
    note_process(first, alive=False)
    assert phases() == ("done", "killed")
    first.problems.write_text("error: no room\n")
    assert training_states(training)[1].problem == "no room"
    # it was gone on with alone
    note_process(second, alive=True)
    assert phases() == ("done", "running")
    note_process(second, alive=False)
    assert phases() == ("done", "killed")
    write_lines(second.events_path, DONE, append=True)
    assert phases() == ("done", "done")


def test_between_two_stages_the_second_can_be_begun(tmp_path: Path) -> None:
    training = make_training(tmp_path / "run", 2)
    first, _ = training.stages
    write_lines(first.events_path, started_line(), step_line(1), DONE)
    note_process(first, alive=False)
    history = read_all(training)
    assert history.phase == "stopped"
    assert "second has not begun" in run_status(history).text
