"""A run that goes astray goes back, lowers its rate, and gives up in the end; nothing is lost."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from poison import make_next_step_nan

from srgan_desktop.core.base.errors import TrainingError
from srgan_desktop.core.weights.model_file import load_model, read_card
from trainer.cli import main
from trainer.config.presets import load_preset
from trainer.config.rollback_settings import RollbackConfig
from trainer.config.run_config import RunConfig
from trainer.run.checkpoints import load_checkpoint, save_checkpoint
from trainer.run.events import Event, Finished, RolledBack, Saved, Started, Step, Validated
from trainer.run.inputs import RunInputs
from trainer.run.run_folder import RunFolder
from trainer.training.rollback import DivergedError, judge_psnr, judge_scores
from trainer.training.session import resume, start
from trainer.training.stages import pixel
from trainer.training.stages.pixel import PixelStage

Inputs = Callable[..., RunInputs]

EXACT = ("threads=1", "precision=fp32")
ADVERSARIAL = (
    "stage=adversarial",
    "discriminator.kind=stride4",
    "discriminator.channels=4",
    "content.network=discriminator",
    "content.weight=0.1",
)


@pytest.fixture
def config() -> RunConfig:
    return load_preset("tiny", EXACT)


@pytest.fixture
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell of every step, however fast it was."""
    monkeypatch.setattr("trainer.run.throttle.Throttle.due", lambda self: True)


@dataclasses.dataclass
class FakeStage:
    step: int = 1000
    precision: str = "fp32"
    next_validation: float = 0.0
    micro_batches: int = 1
    rollbacks: int = 0
    rate_factor: float = 1.0
    top_psnr: float = 30.0
    won_since: int = -1

    def state(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    def restore(self, state: dict[str, Any]) -> None:
        raise AssertionError("nobody asked for that")


def test_psnr_is_judged_by_its_mark_after_the_first_steps() -> None:
    rescue, stage = RollbackConfig(), FakeStage()
    assert judge_psnr(rescue, stage, 31.0) is None
    assert stage.top_psnr == 31.0
    assert judge_psnr(rescue, stage, 28.1) is None
    assert stage.top_psnr == 31.0
    wrong = judge_psnr(rescue, stage, 27.5)
    assert wrong is not None
    assert "27.50 dB, 3.5 dB below" in wrong
    stage.step = 499
    assert judge_psnr(rescue, stage, 5.0) is None
    assert judge_psnr(RollbackConfig(enabled=False), FakeStage(), 5.0) is None


def test_what_a_teacher_leads_away_by_and_by_is_not_astray() -> None:
    rescue, stage = RollbackConfig(), FakeStage()
    for psnr in (28.0, 26.0, 24.0):
        assert judge_psnr(rescue, stage, psnr, may_sink=True) is None
    wrong = judge_psnr(rescue, stage, 20.5, may_sink=True)
    assert wrong is not None
    assert "20.50 dB, 3.5 dB below" in wrong


@pytest.mark.parametrize("kind", ["bce", "lsgan", "relativistic"])
def test_a_discriminator_may_win_for_a_while_but_not_for_long(kind: Any) -> None:
    rescue, stage = RollbackConfig(patience_steps=100), FakeStage()
    judge_scores(rescue, kind, stage, 1.0, 0.0)
    assert stage.won_since == 1000
    stage.step = 1050
    judge_scores(rescue, kind, stage, 0.9, 0.0)
    assert stage.won_since == -1
    judge_scores(rescue, kind, stage, 1.0, 0.0)
    stage.step = 1149
    judge_scores(rescue, kind, stage, 1.0, 0.0)
    stage.step = 1150
    with pytest.raises(DivergedError, match="discriminator has won for 100 steps"):
        judge_scores(rescue, kind, stage, 1.0, 0.0)


def test_a_hinge_is_not_judged_by_probability() -> None:
    stage = FakeStage()
    judge_scores(RollbackConfig(patience_steps=1), "hinge", stage, 1.0, 0.0)
    assert stage.won_since == -1


@pytest.fixture
def poison_at_13(monkeypatch: pytest.MonkeyPatch) -> None:
    """At step 13 the weights become nan, unless the run went back before."""
    real = pixel.pixel_step

    def step(config: RunConfig, stage: PixelStage, *rest: Any) -> dict[str, torch.Tensor]:
        if stage.step == 13 and stage.rollbacks == 0:
            with torch.no_grad():
                next(stage.generator.parameters()).fill_(math.nan)
        return real(config, stage, *rest)

    monkeypatch.setattr(pixel, "pixel_step", step)


def _weights(folder: RunFolder) -> dict[str, torch.Tensor]:
    return load_model(folder.final_model)[0].state_dict()


def _equal(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


@pytest.mark.usefixtures("poison_at_13", "every_step")
def test_it_goes_back_to_the_last_good_checkpoint_at_half_the_rate(
    tmp_path: Path, config: RunConfig, inputs: Inputs
) -> None:
    folder = RunFolder(tmp_path / "run")
    events = list(start(config, inputs(24), folder))
    (back,) = [event for event in events if isinstance(event, RolledBack)]
    assert (back.step, back.to_step, back.rate_factor, back.count) == (14, 12, 0.5, 1)
    assert "not a number" in back.reason
    assert [type(event) for event in events].count(Started) == 1
    assert isinstance(events[-1], Finished)
    rates = {e.step: e.learning_rate for e in events[: events.index(back)] if isinstance(e, Step)}
    again = {e.step: e.learning_rate for e in events[events.index(back) :] if isinstance(e, Step)}
    assert again[13] == pytest.approx(rates[13] / 2)
    told = [json.loads(line) for line in folder.events_path.read_text().splitlines()]
    assert [e["event"] for e in told].count("rolled_back") == 1


@pytest.mark.usefixtures("poison_at_13", "every_step")
@pytest.mark.parametrize("moment", ["before", "rolled back", "saved", "after"])
def test_stopped_around_going_back_it_ends_the_same(
    moment: str, tmp_path: Path, config: RunConfig, inputs: Inputs
) -> None:
    whole, parts = RunFolder(tmp_path / "whole"), RunFolder(tmp_path / "parts")
    list(start(config, inputs(24), whole))
    _stop_at(moment, start(config, inputs(24), parts))
    rest = list(resume(parts))
    # nothing repeats for ever: what was saved after going back is not gone through again
    expected = 1 if moment in ("before", "rolled back") else 0
    assert len([event for event in rest if isinstance(event, RolledBack)]) == expected
    assert _equal(_weights(whole), _weights(parts))
    state, _ = load_checkpoint(parts)
    assert state is not None
    assert (state["rollbacks"], state["rate_factor"]) == (1, 0.5)


def _stop_at(moment: str, events: Iterator[Event]) -> None:
    went_back = saved = False
    for event in events:
        if moment == "before" and isinstance(event, Step) and event.step == 13:
            break
        went_back |= isinstance(event, RolledBack)
        if moment == "rolled back" and went_back:
            break
        saved |= went_back and isinstance(event, Saved)
        if moment == "saved" and saved:
            break
        if moment == "after" and saved and isinstance(event, Validated) and event.step == 15:
            break
    # as SIGKILL would: not even the last words are written
    events.close()  # type: ignore[attr-defined]


@pytest.mark.usefixtures("every_step")
def test_before_the_first_good_checkpoint_it_goes_back_to_the_beginning(
    tmp_path: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load_preset("tiny", (*EXACT, "validation.every_steps=10"))
    real = pixel.pixel_step

    def step(config: RunConfig, stage: PixelStage, *rest: Any) -> dict[str, torch.Tensor]:
        if stage.step == 4 and stage.rollbacks == 0:
            with torch.no_grad():
                next(stage.generator.parameters()).fill_(math.nan)
        return real(config, stage, *rest)

    monkeypatch.setattr(pixel, "pixel_step", step)
    events = list(start(config, inputs(8), RunFolder(tmp_path / "run")))
    (back,) = [event for event in events if isinstance(event, RolledBack)]
    assert back.to_step == 0
    steps = [e for e in events if isinstance(e, Step)]
    first, again = [e for e in steps if e.step == 1]
    assert again.losses == first.losses
    assert again.learning_rate == first.learning_rate / 2


@pytest.mark.parametrize("settings", [(), ADVERSARIAL], ids=["pixel", "adversarial"])
def test_a_provoked_collapse_stops_with_its_cause_and_the_best_stays(
    settings: tuple[str, ...], tmp_path: Path, inputs: Inputs, capsys: pytest.CaptureFixture[str]
) -> None:
    judged_soon = (
        "optimiser.learning_rate=1e-3",
        "validation.every_steps=10",
        "rescue.grace_steps=30",
    )
    config = load_preset("tiny", (*EXACT, *settings, *judged_soon))
    folder = RunFolder(tmp_path / "run")
    calls = iter(range(10**6))
    list(start(config, inputs(400), folder, stop=lambda: next(calls) >= 60))
    before = read_card(folder.best_model)
    values = json.loads(folder.config_path.read_text())
    values["config"]["optimiser"]["learning_rate"] *= 1000
    folder.config_path.write_text(json.dumps(values))

    assert main(["resume", str(folder.path), "--json"]) == 1
    said = capsys.readouterr()
    told = [json.loads(line) for line in said.out.splitlines()]
    backs = [event for event in told if event["event"] == "rolled_back"]
    assert [(e["count"], e["rate_factor"]) for e in backs] == [(1, 0.5), (2, 0.25), (3, 0.125)]
    assert told[-1]["event"] == "failed"
    assert told[-1]["kind"] == "training"
    assert "went back 3 times" in told[-1]["error"]
    assert "dB below what it was" in told[-1]["error"] or "not a number" in told[-1]["error"]
    assert str(folder.best_model) in told[-1]["error"]
    assert "Traceback" not in said.err
    best, card = load_model(folder.best_model)
    assert all(bool(torch.isfinite(weight).all()) for weight in best.parameters())
    assert card.weights_sha256 == before.weights_sha256
    # and again: it stops at once, and does not begin another three
    assert main(["resume", str(folder.path), "--json"]) == 1
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert not [event for event in told if event["event"] == "rolled_back"]


def test_without_rescue_it_stops_at_once(tmp_path: Path, inputs: Inputs) -> None:
    config = load_preset("tiny", (*EXACT, "rescue.enabled=false", "validation.every_steps=1"))
    folder = RunFolder(tmp_path / "run")
    poisoned = False
    events = []
    with pytest.raises(TrainingError, match=r"not a number.*optimiser\.learning_rate"):
        for event in start(config, inputs(100_000), folder):
            events.append(event)
            if isinstance(event, Saved) and not poisoned:
                poisoned = True
                make_next_step_nan()
    assert not [event for event in events if isinstance(event, RolledBack)]


def test_a_run_of_an_earlier_version_has_something_to_go_back_to(
    tmp_path: Path, config: RunConfig, inputs: Inputs
) -> None:
    folder = RunFolder(tmp_path / "run")
    calls = iter(range(10**6))
    list(start(config, inputs(24), folder, stop=lambda: next(calls) >= 6))
    folder.good_checkpoint.unlink()
    state, _ = load_checkpoint(folder)
    assert state is not None
    for key in ("good", "rollbacks", "rate_factor", "portions", "top_psnr", "won_since"):
        del state[key]
    save_checkpoint(folder, state)
    events = list(resume(folder, stop=lambda: True))
    assert isinstance(events[-1], Finished)
    assert folder.good_checkpoint.exists()
