"""The model that a finished run announces is what it says of itself."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from srgan_desktop.core.weights.model_file import load_model, read_card
from trainer.config.run_config import RunConfig
from trainer.run.events import Event, Finished, Validated, Warned
from trainer.run.inputs import RunInputs
from trainer.run.run_folder import RunFolder
from trainer.training import validator as validator_module
from trainer.training.session import start

Inputs = Callable[..., RunInputs]


def scored(monkeypatch: pytest.MonkeyPatch, *psnr: float) -> None:
    """Let the validations find these, one after the other."""
    real, wanted = validator_module.Validator._scores, iter(psnr)

    def scores(self: validator_module.Validator) -> object:
        _, ssim, pictures = real(self)
        return next(wanted), ssim, pictures

    monkeypatch.setattr(validator_module.Validator, "_scores", scores)


@pytest.fixture
def config(exact_config: RunConfig) -> RunConfig:
    """Validates after three steps each, and measures nothing before the first."""
    return dataclasses.replace(
        exact_config,
        validation=dataclasses.replace(exact_config.validation, every_steps=3),
        rescue=dataclasses.replace(exact_config.rescue, enabled=False),
    )


def warnings_in(events: list[Event]) -> list[str]:
    return [event.message for event in events if isinstance(event, Warned)]


def test_the_model_is_the_best_and_has_its_own_score(
    tmp_path: Path, config: RunConfig, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored(monkeypatch, 50.0, 52.0, 51.0)
    folder = RunFolder(tmp_path / "run")
    events = list(start(config, inputs(9), folder))
    assert [event.best for event in events if isinstance(event, Validated)] == [True, True, False]
    last = events[-1]
    assert isinstance(last, Finished)
    assert (last.step, last.model) == (9, str(folder.final_model))
    card = read_card(folder.final_model)
    assert (card.training["steps"], card.training["validation_psnr_y"]) == (6, 52.0)
    best, final = load_model(folder.best_model)[1], load_model(folder.final_model)[1]
    assert best.weights_sha256 == final.weights_sha256
    assert warnings_in(events) == []


def test_a_model_worse_than_bicubic_is_said_to_be(
    tmp_path: Path, config: RunConfig, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored(monkeypatch, 10.0, 11.0, 9.0)
    events = list(start(config, inputs(9), RunFolder(tmp_path / "run")))
    (warning,) = warnings_in(events)
    assert "worse than bicubic" in warning
    assert "11.00 dB" in warning


def test_without_validation_the_model_is_the_last_and_claims_no_score(
    tmp_path: Path, config: RunConfig, inputs: Inputs
) -> None:
    validation = dataclasses.replace(config.validation, pictures=0)
    config = dataclasses.replace(config, validation=validation)
    folder = RunFolder(tmp_path / "run")
    events = list(start(config, inputs(4), folder))
    assert not [event for event in events if isinstance(event, Validated)]
    training = read_card(folder.final_model).training
    assert (training["steps"], training["validation_psnr_y"]) == (4, None)
    assert warnings_in(events) == []


def test_of_an_adversarial_stage_the_newest_is_kept_and_so_it_is_said(
    tmp_path: Path, config: RunConfig, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trainer.commands.run import _validated

    scored(monkeypatch, 12.0, 11.0, 10.0)
    discriminator = dataclasses.replace(config.discriminator, kind="patch", channels=4)
    config = dataclasses.replace(
        config,
        stage="adversarial",
        discriminator=discriminator,
        content=dataclasses.replace(config.content, weight=0.0),
    )
    folder = RunFolder(tmp_path / "run")
    events = list(start(config, inputs(9), folder))
    looks = [event for event in events if isinstance(event, Validated)]
    assert [(event.best, event.newest) for event in looks] == [(True, True)] * 3
    assert all(_validated(event).endswith(", kept (newest)") for event in looks)
    assert read_card(folder.final_model).training["steps"] == 9
    assert not any("bicubic" in text for text in warnings_in(events))
    assert math.isclose(read_card(folder.final_model).training["validation_psnr_y"], 10.0)
