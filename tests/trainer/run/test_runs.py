"""What a run leaves in its folder, from its first step to its last."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from PIL import Image

from srgan_desktop.core.weights.model_file import load_model, read_card
from trainer.config.presets import load_preset
from trainer.config.run_config import RunConfig
from trainer.run import run_folder
from trainer.run.checkpoints import load_checkpoint
from trainer.run.events import Event, Finished, RolledBack, Saved, Started, Step, Validated, Warned
from trainer.run.inputs import RunInputs
from trainer.run.process import is_alive, note_process
from trainer.run.run_folder import RunFolder
from trainer.training.session import resume, start
from trainer.training.warm_start import first_network, what_is_new

Inputs = Callable[..., RunInputs]
Run = tuple[RunFolder, list[Event]]


def test_a_run_leaves_models_samples_and_its_history(straight_run: Run) -> None:
    folder, events = straight_run
    told = [json.loads(line) for line in folder.events_path.read_text().splitlines()]
    assert told == [json.loads(event.to_json()) for event in events if event.event != "preparing"]
    assert isinstance(events[-1], Finished)
    assert events[-1].model == str(folder.final_model)
    validated = [event for event in events if isinstance(event, Validated)]
    assert [event.step for event in validated] == [
        2,
        3,
        4,
        5,
        6,
        8,
        9,
        10,
        11,
        12,
        14,
        15,
        16,
        17,
        18,
        20,
        21,
        22,
        23,
        24,
    ]
    samples = [Path(path) for event in validated for path in event.samples]
    assert len(samples) == len(validated)
    with Image.open(samples[0]) as strip:
        assert strip.size == (4 * 64, 64)


def test_the_models_tell_of_the_run(straight_run: Run) -> None:
    folder, events = straight_run
    card = read_card(folder.final_model)
    assert card.name == "tiny"
    assert card.training["steps"] == 24
    assert card.training["config"]["batch"] == 4
    best = max((e for e in events if isinstance(e, Validated)), key=lambda e: e.psnr_y)
    best_card = read_card(folder.best_model)
    assert best_card.training["steps"] == best.step
    assert best_card.training["validation_psnr_y"] == round(best.psnr_y, 3)


def test_training_makes_the_loss_smaller_and_beats_bicubic(tmp_path: Path, photos: Path) -> None:
    settings = ["threads=1", 'precision="fp32"', "validation.every_steps=1000", "seed=3"]
    config = load_preset("tiny", [*settings, "optimiser.learning_rate=1e-3"])
    inputs = RunInputs("tiny", photos, None, 250, None, "cpu")
    events = list(start(config, inputs, RunFolder(tmp_path / "run")))
    validated = [event for event in events if isinstance(event, Validated)]
    assert len(validated) == 1
    assert validated[0].psnr_y > validated[0].psnr_y_bicubic


def test_what_cannot_be_read_is_not_set_aside_for_validation(
    tmp_path: Path, photos: Path, exact_config: RunConfig
) -> None:
    folder = tmp_path / "photos"
    shutil.copytree(photos, folder)
    (folder / "a-broken.png").write_bytes(b"no picture")
    Image.new("RGB", (12, 12)).save(folder / "b-tiny.png")
    inputs = RunInputs("tiny", folder, None, 2, None, "cpu")
    events = list(start(exact_config, inputs, RunFolder(tmp_path / "run")))
    assert any(isinstance(event, Validated) for event in events)
    assert any("a-broken.png" in event.message for event in events if isinstance(event, Warned))


def test_held_out_photos_are_not_trained_on(straight_run: Run) -> None:
    started = [event for event in straight_run[1] if isinstance(event, Started)]
    assert started[0].pictures == 5


def test_a_validation_folder_is_used_whole(tmp_path: Path, photos: Path) -> None:
    held_out = tmp_path / "val"
    shutil.copytree(photos, held_out)
    (held_out / "broken.jpg").write_bytes(b"no picture")
    inputs = RunInputs("tiny", photos, held_out, 2, None, "cpu")
    events = list(start(load_preset("tiny", ["threads=1"]), inputs, RunFolder(tmp_path / "run")))
    assert [event.pictures for event in events if isinstance(event, Started)] == [6]
    assert [event for event in events if isinstance(event, Validated)]


def test_damaged_photos_are_named_and_the_rest_is_used(
    tmp_path: Path, photos: Path, exact_config: RunConfig
) -> None:
    mixed = tmp_path / "mixed"
    shutil.copytree(photos, mixed)
    (mixed / "zz_broken.jpg").write_bytes(b"no picture")
    Image.fromarray(np.zeros((20, 90, 3), np.uint8)).save(mixed / "zz_small.png")
    inputs = RunInputs("tiny", mixed, None, 2, None, "cpu")
    events = list(start(exact_config, inputs, RunFolder(tmp_path / "run")))
    warnings = [event.message for event in events if isinstance(event, Warned)]
    assert any("zz_broken.jpg" in text and "not a picture" in text for text in warnings)
    assert any("1 picture that is too small" in text and "90 x 20" in text for text in warnings)


def test_a_run_begins_with_the_weights_it_is_given(
    straight_run: Run, tmp_path: Path, exact_config: RunConfig, inputs: Inputs
) -> None:
    first = straight_run[0].final_model
    config = dataclasses.replace(
        exact_config,
        ema_decay=0.0,
        optimiser=dataclasses.replace(exact_config.optimiser, learning_rate=1e-12),
    )
    again = RunFolder(tmp_path / "again")
    list(start(config, dataclasses.replace(inputs(1), init=first), again))
    given, kept = load_model(first)[0], load_model(again.final_model)[0]
    for a, b in zip(given.parameters(), kept.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-8)


def test_a_model_of_another_scale_gives_what_both_networks_have(
    straight_run: Run, tmp_path: Path, exact_config: RunConfig, inputs: Inputs
) -> None:
    first = straight_run[0].final_model
    theirs = load_model(first)[0].state_dict()
    twice = dataclasses.replace(exact_config.generator, scale=2)
    ours = first_network(twice, first, seed=1)
    taken = {name for name, value in ours.state_dict().items() if torch.equal(value, theirs[name])}
    assert taken == set(ours.state_dict())
    larger = dataclasses.replace(exact_config.generator, scale=8)
    ours = first_network(larger, first, seed=1)
    assert all(value.requires_grad for value in ours.parameters())
    new = set(ours.state_dict()) - set(theirs)
    assert new and all(name.startswith("upsample.2.") for name in new)
    config = dataclasses.replace(exact_config, generator=twice)
    events = list(
        start(config, dataclasses.replace(inputs(1), init=first), RunFolder(tmp_path / "x2"))
    )
    warned = [event.message for event in events if isinstance(event, Warned)]
    assert any("enlarges 4 times, this run 2 times" in message for message in warned)


def test_a_model_that_upsamples_otherwise_gives_its_body(
    straight_run: Run, exact_config: RunConfig
) -> None:
    first = straight_run[0].final_model
    single = dataclasses.replace(exact_config.generator, upsampling="single")
    theirs = load_model(first)[0].state_dict()
    ours = first_network(single, first, seed=1).state_dict()
    taken = {name for name, value in ours.items() if torch.equal(value, theirs[name])}
    assert {name for name in ours if not name.startswith("tail.")} <= taken
    assert "tail.weight" not in taken
    assert "enlarges in another way" in what_is_new(single, first)


def test_checkpoints_are_plain_torch_files(straight_run: Run) -> None:
    state = torch.load(straight_run[0].last_checkpoint, weights_only=True)
    assert state["step"] == 24


def test_a_stop_file_ends_the_run_and_is_gone_after_resuming(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs
) -> None:
    folder = RunFolder(tmp_path / "run")
    events = []
    for event in start(exact_config, inputs(100_000), folder):
        events.append(event)
        if isinstance(event, Step):
            folder.stop_request.touch()
    assert [type(event) for event in events[-2:]] == [Saved, Finished]
    assert dataclasses.astuple(events[-1])[1] == "interrupted"
    again = resume(folder, stop=lambda: True)
    assert isinstance(list(again)[-1], Finished)
    assert not folder.stop_request.exists()


# a noted process was started by a window, which has cleared the old requests; on Windows it may
# be the launcher that is noted
@pytest.mark.parametrize("noted", ["this process", "its parent", "one that has ended", "none"])
def test_a_stop_file_that_was_made_while_it_is_starting_ends_a_resumed_run(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs, noted: str
) -> None:
    folder = RunFolder(tmp_path / "run")
    list(start(exact_config, inputs(3), folder))
    folder.change_end(6, None)
    match noted:
        case "this process":
            note_process(folder, os.getpid())
        case "its parent":
            note_process(folder, os.getppid())
        case "one that has ended":
            created = psutil.Process().create_time() - 1000
            folder.process_note.write_text(json.dumps({"pid": os.getpid(), "created": created}))
    folder.stop_request.touch()
    finished = list(resume(folder))[-1]
    assert isinstance(finished, Finished)
    stops = noted in ("this process", "its parent")
    assert finished.reason == ("interrupted" if stops else "done")
    assert folder.stop_request.exists() is stops


@pytest.mark.skipif(os.name == "nt", reason="asking for the lock would take it there")
def test_a_run_that_is_resumed_in_a_terminal_is_seen_to_train(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs
) -> None:
    folder = RunFolder(tmp_path / "run")
    list(start(exact_config, inputs(3), folder))
    folder.change_end(6, None)
    # the window had started it, and that process is gone
    created = psutil.Process().create_time() - 1000
    folder.process_note.write_text(json.dumps({"pid": os.getpid(), "created": created}))
    assert not is_alive(folder)
    alive = [is_alive(folder) for event in resume(folder) if isinstance(event, Step)]
    assert alive == [True] * len(alive) and alive
    assert not is_alive(folder)


def test_who_only_looks_whether_a_folder_is_locked_keeps_no_trainer_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder(tmp_path)
    answers = iter([False, True])
    monkeypatch.setattr(run_folder, "try_lock", lambda _: next(answers))
    with folder.lock():
        pass


def test_a_budget_ends_in_time_with_the_rate_at_its_end(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs
) -> None:
    folder = RunFolder(tmp_path / "run")
    began = time.monotonic()
    events = list(start(exact_config, inputs(None, 3.0), folder))
    assert time.monotonic() - began < 4.5
    rates = [event.learning_rate for event in events if isinstance(event, Step)]
    assert rates[-1] < 0.1 * exact_config.optimiser.learning_rate
    finished = events[-1]
    assert isinstance(finished, Finished)
    validated = [event for event in events if isinstance(event, Validated)]
    assert validated[-1].step == finished.step
    assert finished.seconds < 3.6


def test_a_budget_goes_on_where_it_was_left(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs
) -> None:
    folder = RunFolder(tmp_path / "run")
    list(start(exact_config, inputs(None, 3.0), folder, stop=_after(1.2)))
    state, _ = load_checkpoint(folder)
    assert state is not None
    assert 1.0 < state["elapsed"] < 3.0
    began = time.monotonic()
    events = list(resume(folder))
    assert time.monotonic() - began < 3.0
    steps = [event for event in events if isinstance(event, Step)]
    assert steps[0].seconds > state["elapsed"]
    assert steps[-1].learning_rate < 0.1 * exact_config.optimiser.learning_rate


def _after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def test_the_smallest_budget_still_makes_a_model(
    tmp_path: Path, exact_config: RunConfig, inputs: Inputs
) -> None:
    folder = RunFolder(tmp_path / "run")
    events = list(start(exact_config, inputs(None, 0.01), folder))
    assert dataclasses.astuple(events[-1])[:2] == (1, "done")
    assert load_model(folder.final_model)[0].config == exact_config.generator


def test_without_validation_pictures_a_run_still_ends_with_a_model(
    tmp_path: Path, inputs: Inputs
) -> None:
    config = load_preset("tiny", ["validation.pictures=0", "threads=1"])
    folder = RunFolder(tmp_path / "run")
    events = list(start(config, inputs(3), folder))
    assert not [event for event in events if isinstance(event, Validated)]
    assert folder.final_model.exists()
    assert not folder.best_model.exists()


def test_a_grey_model_trains_on_colour_photos(tmp_path: Path, inputs: Inputs) -> None:
    config = load_preset("tiny", ["generator.colours=1", "threads=1"])
    folder = RunFolder(tmp_path / "run")
    list(start(config, inputs(3), folder))
    assert load_model(folder.final_model)[0].config.colours == 1


def test_changed_pictures_are_pointed_out(
    tmp_path: Path, photos: Path, exact_config: RunConfig
) -> None:
    data = tmp_path / "data"
    shutil.copytree(photos, data)
    folder = RunFolder(tmp_path / "run")
    inputs = RunInputs("tiny", data, None, 50, None, "cpu")
    list(start(exact_config, inputs, folder, stop=lambda: True))
    (data / "photo5.png").unlink()
    warnings = [e.message for e in resume(folder, stop=lambda: True) if isinstance(e, Warned)]
    assert any("are not those of before" in text for text in warnings)


def test_on_changed_pictures_the_best_is_found_anew(
    tmp_path: Path, photos: Path, exact_config: RunConfig
) -> None:
    """Else what was reached on easier ones would stay the best, or the run seem astray."""
    data = tmp_path / "data"
    shutil.copytree(photos, data)
    folder = RunFolder(tmp_path / "run")
    config = dataclasses.replace(
        exact_config, rescue=dataclasses.replace(exact_config.rescue, grace_steps=0)
    )
    told: list[Event] = []
    inputs = RunInputs("tiny", data, None, 40, None, "cpu")
    for event in start(config, inputs, folder, stop=lambda: len(looks(told)) > 8):
        told.append(event)
    noise = np.random.default_rng(1)
    for path in data.iterdir():
        with Image.open(path) as photo:
            pixels = np.asarray(photo) + noise.normal(0, 25, (112, 128, 3))
        # of another size, by which others are known
        Image.fromarray(pixels[:-8].clip(0, 255).astype(np.uint8)).save(path)
    events = list(resume(folder))
    assert not any(isinstance(event, RolledBack) for event in events)
    assert looks(events)[0].psnr_y < looks(told)[-1].psnr_y - 3
    assert looks(events)[0].best
    assert read_card(folder.best_model).training["validation_psnr_y"] < looks(told)[-1].psnr_y


def looks(events: list[Event]) -> list[Validated]:
    return [event for event in events if isinstance(event, Validated)]
