"""Going on with what is there: another end, missing checkpoints, a changed config."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from srgan_desktop.core.base.errors import DeviceError, RunFolderError, UsageError
from trainer.cli import main
from trainer.config.run_config import RunConfig
from trainer.run.checkpoints import load_checkpoint, save_checkpoint
from trainer.run.events import Event, Finished, Started, Step, Validated, Warned
from trainer.run.inputs import RunInputs, read_run
from trainer.run.run_folder import RunFolder
from trainer.training.session import resume, start

Inputs = Callable[..., RunInputs]
Run = tuple[RunFolder, list[Event]]


def after(steps: int) -> Callable[[], bool]:
    """To be asked before the first step and after each: yes after so many."""
    asked = iter(range(steps))
    return lambda: next(asked, None) is None


def end_of(events: list[Event]) -> tuple[str, int]:
    last = events[-1]
    assert isinstance(last, Finished)
    return last.reason, last.step


def contents(folder: RunFolder) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}


def change_config(folder: RunFolder, section: str, **values: object) -> None:
    known = folder.read_values()
    known["config"][section] |= values
    folder.write_values(known)


# another end


def test_a_finished_run_goes_on_to_a_later_end(straight_run: Run) -> None:
    folder, _ = straight_run
    folder.change_end(30, None)
    events = list(resume(folder))
    assert [event.step for event in events if isinstance(event, Started)] == [24]
    assert end_of(events) == ("done", 30)
    assert [event.step for event in events if isinstance(event, Validated)][-1] == 30
    # and stays there
    assert end_of(list(resume(folder))) == ("done", 30)


def test_a_stopped_run_goes_on_to_another_end(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs
) -> None:
    folder = RunFolder(tmp_path / "run")
    assert end_of(list(start(exact_config, inputs(24), folder, after(6)))) == ("interrupted", 6)
    folder.change_end(9, None)
    assert end_of(list(resume(folder))) == ("done", 9)


@pytest.mark.slow
def test_a_run_that_was_done_by_the_clock_validates_on_the_way_to_its_new_end(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs
) -> None:
    folder = RunFolder(tmp_path / "run")
    first = list(start(exact_config, inputs(None, 1.5), folder))
    assert end_of(first)[0] == "done"
    folder.change_end(None, 6.0)
    events = list(resume(folder))
    assert end_of(events)[0] == "done"
    looks = [event.step for event in events if isinstance(event, Validated)]
    assert len(looks) > 1
    assert looks[0] > end_of(first)[1]


def test_the_command_line_trains_longer(straight_run: Run, capsys: pytest.CaptureFixture) -> None:
    folder, _ = straight_run
    assert main(["resume", str(folder.path)]) == 0
    assert "the run is done; to train longer" in capsys.readouterr().err
    assert main(["resume", str(folder.path), "--steps", "27"]) == 0
    assert "done: 27 steps" in capsys.readouterr().out
    assert read_run(folder)[1].steps == 27


def test_a_refused_resume_leaves_the_end_where_it_was(straight_run: Run, tmp_path: Path) -> None:
    folder, _ = straight_run
    before = folder.config_path.read_bytes()
    with pytest.raises(DeviceError):
        list(resume(folder, device="cuda:99", end=(30, None)))
    with folder.lock(), pytest.raises(RunFolderError, match="another process"):
        list(resume(folder, end=(30, None)))
    assert folder.config_path.read_bytes() == before
    known = folder.read_values()
    known["inputs"]["data"] = str(tmp_path / "nowhere")
    folder.write_values(known)
    with pytest.raises(UsageError, match="no such folder"):
        list(resume(folder, end=(30, None)))
    assert folder.read_values() == known


def test_an_end_that_is_reached_replaces_one_that_was_planned(straight_run: Run) -> None:
    folder, _ = straight_run
    folder.change_end(30, None)
    assert end_of(list(resume(folder, end=(24, None)))) == ("done", 24)
    assert end_of(list(resume(folder))) == ("done", 24)


def test_an_old_run_whose_end_was_moved_while_it_ran_keeps_that_end(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs
) -> None:
    """Earlier versions noted it in the checkpoint alone."""
    folder = RunFolder(tmp_path / "run")
    list(start(exact_config, inputs(24), folder, after(6)))
    state, _ = load_checkpoint(folder)
    assert state is not None
    save_checkpoint(folder, state | {"end": [9, None]})
    assert end_of(list(resume(folder))) == ("done", 9)


def test_an_old_run_goes_on_to_another_end(old_runs: Path) -> None:
    folder = RunFolder(old_runs / "runs" / "Stopped" / "1-pixel")
    folder.change_end(120, None)
    assert end_of(list(resume(folder))) == ("done", 120)


def test_an_old_run_that_is_done_is_left_alone(old_runs: Path) -> None:
    folder = RunFolder(old_runs / "runs" / "by-command")
    before = contents(folder)
    warned, finished = list(resume(folder))
    assert isinstance(warned, Warned)
    assert end_of([finished]) == ("done", 120)
    assert contents(folder) == before


# what is missing


def remove_checkpoints(folder: RunFolder) -> None:
    for path in folder.last_checkpoint.parent.glob("*.pt"):
        path.unlink()


@pytest.mark.parametrize("name", ["by-command", "Stopped/1-pixel", "Pair/2-detail"])
def test_without_its_checkpoints_a_run_is_not_begun_anew_over_its_model(
    old_runs: Path, name: str
) -> None:
    folder = RunFolder(old_runs / "runs" / name)
    remove_checkpoints(folder)
    before = contents(folder)
    with pytest.raises(RunFolderError, match="checkpoints are gone") as error:
        list(resume(folder))
    assert str(error.value).endswith(f"--init {folder.best_model}")
    assert contents(folder) == before


def test_no_model_is_advised_that_is_not_there(straight_run: Run) -> None:
    folder, _ = straight_run
    folder.best_model.unlink()
    folder.final_model.unlink()
    for path in (folder.last_checkpoint, folder.previous_checkpoint, folder.good_checkpoint):
        path.write_bytes(b"nonsense")
    with pytest.raises(RunFolderError, match="damaged") as error:
        list(resume(folder))
    assert "start a new run" in str(error.value)
    assert "--init" not in str(error.value)
    remove_checkpoints(folder)
    with pytest.raises(RunFolderError, match="checkpoints are gone") as error:
        list(resume(folder))
    assert "--init" not in str(error.value)


def test_damaged_checkpoints_lead_to_the_model_that_is_there(straight_run: Run) -> None:
    folder, _ = straight_run
    folder.best_model.unlink()
    for path in (folder.last_checkpoint, folder.previous_checkpoint, folder.good_checkpoint):
        path.write_bytes(b"nonsense")
    with pytest.raises(RunFolderError) as error:
        list(resume(folder))
    assert str(error.value).endswith(f"--init {folder.final_model}")


def test_a_run_that_had_saved_nothing_begins_anew_and_says_so(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs
) -> None:
    folder = RunFolder(tmp_path / "run")
    for event in start(exact_config, inputs(12), folder):
        if isinstance(event, Step):
            break
    # as a process leaves it that was killed before it saved
    remove_checkpoints(folder)
    lines = folder.events_path.read_text().splitlines(keepends=True)
    folder.events_path.write_text("".join(line for line in lines if '"saved"' not in line))
    events = list(resume(folder))
    assert any("nothing had been saved" in e.message for e in events if isinstance(e, Warned))
    assert [event.step for event in events if isinstance(event, Started)] == [0]
    assert end_of(events) == ("done", 12)


# what was changed


@pytest.mark.parametrize(
    ("section", "values"),
    [("generator", {"scale": 2}), ("generator", {"channels": 12}), ("generator", {"blocks": 3})],
)
def test_another_network_in_the_config_is_named(
    straight_run: Run, section: str, values: dict[str, int]
) -> None:
    folder, _ = straight_run
    folder.change_end(30, None)
    change_config(folder, section, **values)
    with pytest.raises(RunFolderError, match="config was changed") as error:
        list(resume(folder))
    assert str(folder.config_path) in str(error.value)


def test_another_stage_in_the_config_is_named(straight_run: Run) -> None:
    folder, _ = straight_run
    folder.change_end(30, None)
    values = folder.read_values()
    values["config"]["stage"] = "adversarial"
    values["config"]["content"] |= {"weight": 0}
    folder.write_values(json.loads(json.dumps(values)))
    with pytest.raises(RunFolderError, match="config was changed"):
        list(resume(folder))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("rate_factor", {}), ("portions", []), ("portions", 0), ("elapsed", {}), ("random", 3)),
        *(("generator", None), ("step", 2**70), ("best_psnr", float("nan")), ("end", [3])),
        *(("photos", 5), ("optimiser", "x"), ("optimiser", {}), ("generator", {}), ("stage", None)),
        ("average", {}),
    ],
)
def test_a_checkpoint_of_strange_entries_is_refused(
    straight_run: Run, key: str, value: object
) -> None:
    folder, _ = straight_run
    folder.change_end(30, None)
    state, _ = load_checkpoint(folder)
    assert state is not None
    for _ in range(2):  # the last, and the one before
        save_checkpoint(folder, state | {key: value})
    folder.good_checkpoint.unlink(missing_ok=True)
    with pytest.raises(RunFolderError):
        list(resume(folder))
