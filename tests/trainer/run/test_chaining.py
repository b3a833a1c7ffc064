"""Two stages, one after the other: begun together, interrupted in either, gone on with."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
import torch

from srgan_desktop.core.base.errors import SrganDesktopError, UsageError
from srgan_desktop.core.weights.model_file import load_model
from trainer.cli import main
from trainer.config.presets import load_preset
from trainer.config.run_config import RunConfig
from trainer.run.chaining import ChainedStage
from trainer.run.events import Event, Finished, NextStage, Started
from trainer.run.inputs import RunInputs, read_run
from trainer.run.run_folder import RunFolder
from trainer.training.session import resume, start

Inputs = Callable[..., RunInputs]
Runs = tuple[RunFolder, RunFolder]

STEPS = 6
SECOND = (
    "stage=adversarial",
    "discriminator.kind=patch",
    "discriminator.channels=4",
    "content.weight=0",
)


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return RunFolder(tmp_path / "one" / "1-pixel"), RunFolder(tmp_path / "one" / "2-detail")


@pytest.fixture
def both(inputs: Inputs) -> RunInputs:
    """A short first stage, and a second beside it."""
    config = load_preset("tiny", ["threads=1", "precision=fp32", *SECOND])
    return dataclasses.replace(
        inputs(STEPS), then=ChainedStage("../2-detail", "tiny", config, STEPS, None)
    )


def names(events: list[Event]) -> list[str]:
    """What happened, steps and looks left out."""
    kept = ("started", "finished", "next_stage")
    return [event.event for event in events if event.event in kept]


def stages(events: list[Event]) -> list[str]:
    return [event.stage for event in events if isinstance(event, Started)]


def stop_at(step: int, stage: str) -> Callable[[list[Event]], bool]:
    """Whether that step of that stage is done, asked before the first and after each.

    Told are ten steps a second at most, so that what is told says too little.
    """
    asked = 0

    def is_there(told: list[Event]) -> bool:
        nonlocal asked
        asked += stages(told)[-1:] == [stage]
        return asked > step

    return is_there


def run_until(
    config: RunConfig, inputs: RunInputs, folder: RunFolder, enough: Callable[[list[Event]], bool]
) -> list[Event]:
    told: list[Event] = []
    for event in start(config, inputs, folder, lambda: enough(told)):
        told.append(event)
    return told


def test_the_second_stage_begins_with_the_model_of_the_first(
    runs: Runs, exact_config: RunConfig, both: RunInputs
) -> None:
    first, second = runs
    events = list(start(exact_config, both, first))
    assert names(events) == ["started", "finished", "next_stage", "started", "finished"]
    assert stages(events) == ["pixel", "adversarial"]
    (between,) = [event for event in events if isinstance(event, NextStage)]
    assert between == NextStage(str(second.path), "tiny", "adversarial", str(first.best_model))
    _, inputs = read_run(second)
    assert (inputs.init, inputs.then) == (first.best_model, None)
    for folder, stage in ((first, "pixel"), (second, "adversarial")):
        told = [json.loads(line) for line in folder.events_path.read_text().splitlines()]
        assert [event["stage"] for event in told if event["event"] == "started"] == [stage]
        assert told[-1]["event"] == "finished"
        assert folder.final_model.exists()


def test_stopped_in_the_first_stage_the_second_follows_after_all(
    runs: Runs, exact_config: RunConfig, both: RunInputs
) -> None:
    first, second = runs
    told = run_until(exact_config, both, first, stop_at(3, "pixel"))
    assert names(told) == ["started", "finished"]
    assert not second.path.exists()
    events = list(resume(first))
    assert stages(events) == ["pixel", "adversarial"]
    assert second.is_done()


@pytest.mark.parametrize("by", ["first", "second"])
def test_stopped_in_the_second_stage_it_goes_on_there(
    by: str, runs: Runs, exact_config: RunConfig, both: RunInputs
) -> None:
    first, second = runs
    told = run_until(exact_config, both, first, stop_at(3, "adversarial"))
    assert isinstance(told[-1], Finished) and told[-1].reason == "interrupted"
    events = list(resume(first if by == "first" else second))
    (started,) = [event for event in events if isinstance(event, Started)]
    assert started.stage == "adversarial" and started.step >= 3
    assert isinstance(events[-1], Finished) and events[-1].reason == "done"


def test_a_request_to_stop_that_the_first_stage_missed_holds_the_second(
    runs: Runs, exact_config: RunConfig, both: RunInputs
) -> None:
    first, second = runs
    told: list[Event] = []
    for event in start(exact_config, both, first):
        told.append(event)
        if isinstance(event, Finished):
            first.stop_request.touch()
    assert names(told) == ["started", "finished", "next_stage"]
    assert not second.config_path.exists()
    assert stages(list(resume(first))) == ["adversarial"]
    assert second.is_done()


def test_what_is_in_the_way_of_the_second_is_told_before_the_first(
    runs: Runs, exact_config: RunConfig, both: RunInputs
) -> None:
    first, second = runs
    assert both.then is not None
    cycle = dataclasses.replace(both.then, config=load_preset("cycle-x4"))
    for then in (cycle, dataclasses.replace(both.then, folder=".")):
        with pytest.raises(UsageError):
            next(iter(start(exact_config, dataclasses.replace(both, then=then), first)))
    second.path.mkdir(parents=True)
    second.config_path.write_text("{}")
    with pytest.raises(UsageError, match="2-detail"):
        next(iter(start(exact_config, both, first)))
    assert not first.path.exists()


def test_other_threads_hold_for_both_stages(
    runs: Runs, exact_config: RunConfig, both: RunInputs
) -> None:
    first, second = runs
    run_until(exact_config, both, first, stop_at(3, "pixel"))
    list(resume(first, threads=2))
    assert read_run(second)[0].threads == 2


# the command line


def words(photos: Path, out: Path, *more: str, steps: int = STEPS) -> list[str]:
    call = ["run", "--preset", "tiny", "--data", str(photos), "--out", str(out), "--device", "cpu"]
    call += ["--steps", str(steps), "--threads", "1", "--set", "precision=fp32", *more]
    return call


def then_words(steps: int = STEPS) -> list[str]:
    call = ["--then", "tiny", "--then-steps", str(steps), "--then-set", "precision=fp32"]
    for setting in SECOND:
        call += ["--then-set", setting]
    return call


def test_both_stages_from_the_command_line(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    other = ["--set", "generator.channels=4"]
    assert main(words(photos, out, *then_words(), *other)) == 0
    assert f"second stage: tiny, into {tmp_path / 'run-2'}" in capsys.readouterr().out
    first, second = read_run(RunFolder(out))[0], read_run(RunFolder(tmp_path / "run-2"))[0]
    assert second.generator == first.generator
    assert second.generator.channels == 4
    assert main(["resume", str(out)]) == 0


def test_how_without_what_is_refused(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(photos, tmp_path / "run", "--then-steps", "5")) == 2
    assert "--then" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.timeout(600)
def test_killed_in_either_stage_and_between_them_the_weights_are_the_same(
    photos: Path, tmp_path: Path
) -> None:
    def call(out: Path) -> list[str]:
        often = ["--set", "checkpoint_seconds=0.05", "--then-set", "checkpoint_seconds=0.05"]
        return [*words(photos, out, *then_words(60), *often, steps=60), "--json"]

    def life(arguments: list[str], is_enough: Callable[[dict[str, object]], bool]) -> bool:
        """Whether it was killed."""
        program = [sys.executable, "-m", "trainer", *arguments]
        with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if is_enough(json.loads(line)):
                    process.kill()  # SIGKILL where there are signals
                    process.stdout.read()
                    return True
        assert process.returncode == 0
        return False

    def saved(event: dict[str, object]) -> bool:
        return event["event"] == "saved"

    def between(event: dict[str, object]) -> bool:
        return event["event"] == "next_stage"

    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert not life(call(whole), lambda event: False)
    again = ["resume", str(killed), "--json"]
    assert life(call(killed), saved)
    assert life(again, between)
    assert life(again, saved)
    assert not life(again, lambda event: False)
    for end in ("", "-2"):
        weights = [
            load_model(RunFolder(Path(f"{path}{end}")).final_model)[0].state_dict()
            for path in (whole, killed)
        ]
        assert all(torch.equal(value, weights[1][key]) for key, value in weights[0].items())


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (("discriminator.kind=unet", "data.crop=36"), "multiple of 8"),
        (("data.crop=112",), "no photo in it is large enough for the second stage"),
        (
            ("content.weight=1", "content.network=vgg16", "content.file=nowhere.pth"),
            "there is no such file",
        ),
    ],
)
def test_what_the_second_stage_could_not_begin_with_is_told_before_the_first(
    runs: Runs, exact_config: RunConfig, both: RunInputs, settings: tuple[str, ...], reason: str
) -> None:
    config = load_preset("tiny", (*SECOND, *settings))
    then = dataclasses.replace(cast(ChainedStage, both.then), config=config)
    with pytest.raises(SrganDesktopError, match=reason):
        list(start(exact_config, dataclasses.replace(both, then=then), runs[0]))
    assert not runs[0].path.exists()
