"""Runs that learn from a larger model: what they learn, when they begin, what stops them."""

from __future__ import annotations

import dataclasses
import shutil
import threading
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from srgan_desktop.core.base.errors import (
    ModelNotFoundError,
    NoSpaceError,
    TrainingError,
    UsageError,
)
from srgan_desktop.core.weights.architectures import build_network
from srgan_desktop.core.weights.model_file import ModelCard, load_model, save_model
from trainer.cli import main
from trainer.config.presets import load_preset
from trainer.config.run_config import RunConfig
from trainer.run.chaining import ChainedStage
from trainer.run.events import Asking, Finished, Step, Warned
from trainer.run.inputs import RunInputs, read_run
from trainer.run.run_folder import RunFolder
from trainer.training import estimate as estimating
from trainer.training import teacher as teaching
from trainer.training.estimate import Estimate, estimate
from trainer.training.session import resume, start

Inputs = Callable[..., RunInputs]


def save_network(path: Path, *settings: str) -> Path:
    """A model of the tiny preset's network, other than a student begins with."""
    config = load_preset("tiny", settings).generator
    torch.manual_seed(99)
    save_model(path, build_network(config), ModelCard(path.stem, config=config))
    return path


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return save_network(tmp_path / "teacher.safetensors")


def with_teacher(model: Path, *settings: str) -> RunConfig:
    return load_preset(
        "tiny",
        [
            "threads=1",
            "precision=fp32",
            f"teacher.model={model}",
            "teacher.crop=16",
            "teacher.answers=32",
            *settings,
        ],
    )


def inverted(lr: np.ndarray) -> np.ndarray:
    """A teacher with an opinion of its own."""
    return 255 - lr.repeat(4, axis=0).repeat(4, axis=1)


def answer_with(monkeypatch: pytest.MonkeyPatch, answer: teaching.Answer) -> None:
    monkeypatch.setattr(teaching, "_answering", lambda *_: answer)


def test_the_student_comes_to_answer_as_its_teacher(
    tmp_path: Path, model: Path, inputs: Inputs, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def darker(lr: np.ndarray) -> np.ndarray:
        return (0.5 * lr.repeat(4, axis=0).repeat(4, axis=1)).astype(np.uint8)

    answer_with(monkeypatch, darker)
    settings = ["teacher.weight=1", "optimiser.learning_rate=4e-3", "rescue.enabled=false"]
    folder = RunFolder(tmp_path / "run")
    list(start(with_teacher(model, *settings), inputs(300), folder))
    # what the run ends with, though this teacher leads away from the photos that it validates on
    network, card = load_model(folder.final_model)
    assert card.training["steps"] == 300
    student = network.eval()
    with Image.open(photos / "photo1.png") as photo:
        lr = np.asarray(photo.resize((32, 28), Image.Resampling.BICUBIC))
    with torch.no_grad():
        sr = student(torch.from_numpy(lr.copy()).permute(2, 0, 1)[None].float() / 255)
    made = sr[0].permute(1, 2, 0).numpy() * 255
    assert np.abs(made - darker(lr)).mean() < 0.3 * np.abs(made - 2.0 * darker(lr)).mean()


def test_training_begins_before_all_answers_are_there(
    tmp_path: Path, model: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = threading.Event()
    given = []

    def slow(lr: np.ndarray) -> np.ndarray:
        given.append(lr.shape)
        if len(given) > 16:
            assert may_go_on.wait(60)
        return inverted(lr)

    answer_with(monkeypatch, slow)
    events = []
    for event in start(
        with_teacher(model, "teacher.weight=1"), inputs(4), RunFolder(tmp_path / "run")
    ):
        events.append(event)
        if isinstance(event, Step):
            assert may_go_on.is_set() or len(given) == 17
            may_go_on.set()
    assert isinstance(events[-1], Finished)
    asking = [event for event in events if isinstance(event, Asking)]
    assert (16, 32) in [(event.done, event.total) for event in asking]
    assert set(given) == {(16, 16, 3)}


def answer_late(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A teacher that answers nothing before this is set."""
    may_answer = threading.Event()

    def late(lr: np.ndarray) -> np.ndarray:
        assert may_answer.wait(60)
        return inverted(lr)

    answer_with(monkeypatch, late)
    return may_answer


def test_photos_are_learned_from_until_the_teacher_answers(
    tmp_path: Path, model: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_answer = answer_late(monkeypatch)
    events = start(with_teacher(model), inputs(4), RunFolder(tmp_path / "run"))
    first = next(event for event in events if isinstance(event, Step))
    may_answer.set()
    assert first.losses["pixel"] < 0.2
    assert isinstance(list(events)[-1], Finished)


def test_the_stop_file_is_seen_while_the_teacher_is_waited_for(
    tmp_path: Path, model: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_answer = answer_late(monkeypatch)
    folder = RunFolder(tmp_path / "run")
    events = []
    for event in start(with_teacher(model, "teacher.background=false"), inputs(4), folder):
        events.append(event)
        if isinstance(event, Asking):
            assert sum(isinstance(one, Asking) for one in events) < 50, "it goes on asking"
            folder.stop_request.touch()
        else:
            may_answer.set()
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "interrupted"


def test_notes_on_the_validation_photos_are_told_with_a_teacher_too(
    tmp_path: Path, model: Path, inputs: Inputs
) -> None:
    same = inputs(1)
    same = dataclasses.replace(same, validation=same.data)
    events = start(with_teacher(model), same, RunFolder(tmp_path / "run"))
    assert any("also trained on" in event.message for event in events if isinstance(event, Warned))


def test_a_stopped_run_with_all_answers_ends_as_one_that_was_not(
    tmp_path: Path, model: Path, inputs: Inputs
) -> None:
    config = with_teacher(model, "teacher.background=false", "degradation.kind=second_order")
    straight, stopped = RunFolder(tmp_path / "a"), RunFolder(tmp_path / "b")
    events = list(start(config, inputs(8), straight))
    assert max(e.done for e in events if isinstance(e, Asking)) == 32
    asked_to = iter([False] * 3 + [True] * 99)
    list(start(config, inputs(8), stopped, stop=lambda: next(asked_to)))
    list(resume(stopped))
    one, other = (load_model(f.final_model)[0].state_dict() for f in (straight, stopped))
    assert all(torch.equal(one[key], other[key]) for key in one)


def test_answers_are_given_once(
    tmp_path: Path, model: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_with(monkeypatch, inverted)
    config = with_teacher(model, "teacher.background=false")
    folder = RunFolder(tmp_path / "run")
    list(start(config, inputs(3), folder, stop=lambda: True))
    assert len(list((folder.path / "teacher").rglob("*.safetensors"))) in (0, 1, 2)
    list(resume(folder))

    def never(lr: np.ndarray) -> np.ndarray:
        raise AssertionError("asked again")

    answer_with(monkeypatch, never)
    kept = str(folder.path / "teacher")
    again = dataclasses.replace(config, teacher=dataclasses.replace(config.teacher, folder=kept))
    events = list(start(again, inputs(3), RunFolder(tmp_path / "again")))
    assert isinstance(events[-1], Finished)
    assert not (tmp_path / "again" / "teacher").exists()


def test_a_second_stage_takes_the_answers_of_the_first(
    tmp_path: Path, model: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = []

    def answer(lr: np.ndarray) -> np.ndarray:
        answered.append(1)
        return inverted(lr)

    answer_with(monkeypatch, answer)
    config = with_teacher(model, "teacher.background=false")
    second = dataclasses.replace(config, steps=3)
    both = dataclasses.replace(inputs(3), then=ChainedStage("../two", "tiny", second, 3, None))
    events = list(start(config, both, RunFolder(tmp_path / "one")))
    assert len([event for event in events if isinstance(event, Finished)]) == 2
    assert len(answered) == 32


def test_a_second_stage_finds_the_answers_from_wherever_it_is_resumed(
    tmp_path: Path, model: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_with(monkeypatch, inverted)
    monkeypatch.chdir(tmp_path)
    config = with_teacher(model)
    then = ChainedStage("../two", "tiny", dataclasses.replace(config, steps=3), 3, None)
    list(start(config, dataclasses.replace(inputs(3), then=then), RunFolder(Path("one"))))
    kept = read_run(RunFolder(tmp_path / "two"))[0].teacher.folder
    assert Path(kept) == tmp_path / "one" / "teacher"


def test_files_of_the_settings_are_found_from_wherever_the_run_is_resumed(
    tmp_path: Path, model: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    call = (
        "run --preset tiny --steps 1 --out run --set teacher.folder=kept --set teacher.answers=16"
    )
    named = ["--set", f"teacher.model={model.name}", "--data", str(photos)]
    assert main([*call.split(), *named]) == 0
    teacher = read_run(RunFolder(tmp_path / "run"))[0].teacher
    assert (teacher.model, teacher.folder) == (str(model), str(tmp_path / "kept"))


def test_a_teacher_that_fails_on_the_way_is_told_of_and_the_run_goes_on(
    tmp_path: Path, model: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = []

    def failing(lr: np.ndarray) -> np.ndarray:
        given.append(1)
        if len(given) > 16:
            raise RuntimeError("out of chalk")
        return inverted(lr)

    answer_with(monkeypatch, failing)
    events = list(start(with_teacher(model), inputs(200), RunFolder(tmp_path / "run")))
    warnings = [event.message for event in events if isinstance(event, Warned)]
    assert any("stopped after 16 answers" in text and "out of chalk" in text for text in warnings)
    assert isinstance(events[-1], Finished)


@pytest.mark.parametrize("weight", ["1", "0.5"])
def test_a_teacher_that_cannot_answer_at_all_ends_the_run(
    weight: str, tmp_path: Path, model: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(lr: np.ndarray) -> np.ndarray:
        raise RuntimeError("out of chalk")

    answer_with(monkeypatch, failing)
    config = with_teacher(model, f"teacher.weight={weight}")
    with pytest.raises(TrainingError, match="the teacher failed: out of chalk"):
        list(start(config, inputs(2000), RunFolder(tmp_path / "run")))
    assert not any(thread.name == "teacher" for thread in threading.enumerate())


def test_teachers_that_cannot_teach_are_refused(
    tmp_path: Path, model: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunFolder(tmp_path / "run")

    def begin(config: RunConfig, **changes: object) -> None:
        list(start(config, dataclasses.replace(inputs(2), **changes), run))  # type: ignore[arg-type]

    with pytest.raises(ModelNotFoundError, match="no model or file called nobody"):
        begin(with_teacher(Path("nobody")))
    double = save_network(tmp_path / "double.safetensors", "generator.scale=2")
    with pytest.raises(UsageError, match="enlarges 2 times and the run's network 4 times"):
        begin(with_teacher(double))
    with pytest.raises(UsageError, match="is the teacher and the model to begin with"):
        begin(with_teacher(model), init=shutil.copy(model, tmp_path / "copy.safetensors"))
    wiser = with_teacher(model, "teacher.ensemble=true", "teacher.answers=16")
    itself = dataclasses.replace(inputs(2), init=model)
    assert isinstance(list(start(wiser, itself, RunFolder(tmp_path / "itself")))[-1], Finished)
    usage = namedtuple("usage", "total used free")(10**9, 10**9 - 5, 5)
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _: usage)
        with pytest.raises(NoSpaceError, match="0 MB are free; make room"):
            begin(with_teacher(model))
    assert not run.path.exists()
    with pytest.raises(UsageError, match="not with pairs"):
        with_teacher(model, "degradation.kind=pairs")
    with pytest.raises(UsageError, match="--real is for a --teacher"):
        begin(load_preset("tiny"), real=tmp_path)


def test_bad_photos_may_teach_too(tmp_path: Path, model: Path, inputs: Inputs) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    Image.fromarray(np.full((40, 50, 3), 90, np.uint8)).save(bad / "bad.jpg")
    config = with_teacher(model, "teacher.weight=1", "teacher.real_part=1")
    given = dataclasses.replace(inputs(3), real=bad)
    events = list(start(config, given, RunFolder(tmp_path / "run")))
    assert isinstance(events[-1], Finished)


def estimated(config: RunConfig, photos: Path, budget_s: float | None = None) -> Estimate:
    steps = None if budget_s else 5
    events = estimate(config, photos, steps=steps, budget_s=budget_s, seconds=0.1, device="cpu")
    return next(event for event in events if isinstance(event, Estimate))


def test_the_estimate_tells_how_long_the_teacher_takes(model: Path, photos: Path) -> None:
    found = estimated(with_teacher(model), photos)
    assert found.teacher_seconds is not None
    assert 0 < found.teacher_seconds < 60


def test_answers_of_other_teachers_make_no_room(
    tmp_path: Path, model: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = tmp_path / "kept" / "0123456789ab" / "00000.safetensors"
    others.parent.mkdir(parents=True)
    others.write_bytes(bytes(10**6))
    free = teaching._SPARE_BYTES + 32 * 16 * 16 * 3 * 17 - 1
    usage = namedtuple("usage", "total used free")(10**9, 10**9 - free, free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    run = RunFolder(tmp_path / "run")
    with pytest.raises(NoSpaceError, match="make room"):
        list(start(with_teacher(model, f"teacher.folder={others.parent.parent}"), inputs(1), run))
    assert not run.path.exists()


@pytest.mark.parametrize(
    ("background", "takes", "lost"), [(0, 700, 700), (1, 100, 100), (1, 700, 500)]
)
def test_the_estimate_allows_for_what_the_teacher_takes(
    model: Path,
    photos: Path,
    monkeypatch: pytest.MonkeyPatch,
    background: int,
    takes: int,
    lost: int,
) -> None:
    monkeypatch.setattr(estimating, "seconds_to_answer", lambda *_: takes)
    monkeypatch.setattr(estimating, "peak_resident_bytes", lambda: 0)
    config = with_teacher(model, f"teacher.background={'true' if background else 'false'}")
    found = estimated(config, photos, budget_s=1000)
    expected = (1000 - lost) * found.it_per_s
    assert 0.85 * expected < found.run_steps < expected
    assert found.teacher_first == (not background)
    assert found.memory_bytes == 32 * 16 * 16 * 3 * 17, "the answers are held in memory"
    by_steps = estimated(config, photos)
    assert takes < by_steps.run_seconds < takes + 60


def test_the_command_line_names_a_teacher(
    tmp_path: Path, model: Path, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [
        "run",
        "--preset",
        "tiny",
        "--data",
        str(photos),
        "--teacher",
        str(model),
        "--set",
        "teacher.crop=16",
        "--set",
        "teacher.answers=16",
        "--steps",
        "2",
        "--out",
        str(tmp_path / "run"),
        "--device",
        "cpu",
    ]
    assert main(arguments) == 0
    config, _ = read_run(RunFolder(tmp_path / "run"))
    assert config.teacher.model == str(model)
    assert "done: 2 steps" in capsys.readouterr().out
