"""When memory is short a step takes its batch in portions, with the same gradients."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from srgan_desktop.core.base.errors import DeviceMemoryError
from trainer.config.presets import load_preset
from trainer.run.events import Finished, Step, Warned
from trainer.run.inputs import RunInputs
from trainer.run.run_folder import RunFolder
from trainer.training.accumulation import Compared, accumulate
from trainer.training.distributed import ALONE, Group
from trainer.training.forward import TrainingForward
from trainer.training.session import resume, start

Inputs = Callable[..., RunInputs]

EXACT = ("threads=1", "precision=fp32")
ADVERSARIAL = (
    "stage=adversarial",
    "discriminator.kind=stride4",
    "discriminator.channels=4",
    "content.network=discriminator",
    "content.weight=0.1",
)


@dataclasses.dataclass
class FakeStage:
    micro_batches: int = 1
    group: Group = ALONE
    notices: list[str] = dataclasses.field(default_factory=list)


def _out_of_memory(text: str = "CUDA out of memory") -> RuntimeError:
    return torch.OutOfMemoryError(text)


def _linear() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(3, 2)


@pytest.mark.parametrize("room", [7, 3, 2, 1])
@pytest.mark.parametrize(
    "error",
    [
        _out_of_memory(),
        RuntimeError("can't allocate memory"),
        RuntimeError("MPS backend out of memory (MPS allocated: 8 GB)"),
        RuntimeError("CUDA error: out of memory"),
        MemoryError(),
    ],
)
def test_the_gradients_are_those_of_the_whole_batch(room: int, error: Exception) -> None:
    network = _linear()
    x = torch.randn(7, 3)

    def loss_of(x: Tensor) -> Compared:
        y = network(x)
        if len(x) > room:
            raise error
        loss = y.square().mean()
        return loss, {"square": loss}, (y, x)

    stage = FakeStage()
    terms, kept = accumulate(stage, network, 7, (x,), loss_of)
    assert torch.allclose(kept[0], network(x)) and not kept[0].requires_grad
    assert torch.equal(kept[1], x)
    assert network.weight.grad is not None
    found = network.weight.grad.clone()
    network.zero_grad()
    whole = network(x).square().mean()
    whole.backward()
    assert torch.allclose(found, network.weight.grad, atol=1e-6)
    assert float(terms["square"]) == pytest.approx(whole.item(), rel=1e-5)
    assert bool(stage.notices) == (room < 7)


def test_less_than_one_crop_is_an_error_that_says_what_to_do() -> None:
    network = _linear()

    def loss_of(x: Tensor) -> Compared:
        raise _out_of_memory()

    with pytest.raises(DeviceMemoryError, match=r"data\.crop"):
        accumulate(FakeStage(), network, 4, (torch.randn(4, 3),), loss_of)


def test_memory_is_given_back_before_another_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    network = _linear()
    done: list[str] = []

    def loss_of(x: Tensor) -> Compared:
        done.append(f"tried {len(x)}")
        if len(x) > 2:
            raise RuntimeError("MPS backend out of memory")
        return network(x).sum(), {}, ()

    monkeypatch.setattr(torch.accelerator, "is_available", lambda: True)
    monkeypatch.setattr(torch.accelerator, "empty_cache", lambda: done.append("gave back"))
    accumulate(FakeStage(), network, 4, (torch.ones(4, 3),), loss_of)
    assert done == ["tried 4", "gave back", "tried 2", "tried 2"]


def test_other_errors_are_not_taken_for_memory() -> None:
    def loss_of(x: Tensor) -> Compared:
        raise RuntimeError("something else")

    with pytest.raises(RuntimeError, match="something else"):
        accumulate(FakeStage(), _linear(), 4, (torch.randn(4, 3),), loss_of)


@pytest.mark.parametrize("settings", [(), ADVERSARIAL], ids=["pixel", "adversarial"])
def test_a_run_goes_on_in_portions_and_resumes_in_them(
    settings: tuple[str, ...], tmp_path: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.run.throttle.Throttle.due", lambda self: True)
    config = load_preset("tiny", (*EXACT, *settings))
    whole, small = RunFolder(tmp_path / "whole"), RunFolder(tmp_path / "small")
    straight = [e for e in start(config, inputs(8), whole) if isinstance(e, Step)]

    real = TrainingForward.forward

    def forward(self: TrainingForward, x: Tensor) -> Tensor:
        if self.training and len(x) > 1:
            raise _out_of_memory()
        return real(self, x)

    monkeypatch.setattr(TrainingForward, "forward", forward)
    calls = iter(range(10**6))
    events = list(start(config, inputs(8), small, stop=lambda: next(calls) >= 4))
    warnings = [e.message for e in events if isinstance(e, Warned) and "memory" in e.message]
    assert ["in portions of 2" in text for text in warnings] == [True, False]
    assert "in portions of 1" in warnings[1]
    rest = list(resume(small))
    assert not [e for e in rest if isinstance(e, Warned) and "memory" in e.message]
    assert isinstance(rest[-1], Finished)
    halves = [e for e in events + rest if isinstance(e, Step)]
    assert [e.step for e in halves] == [e.step for e in straight]
    for a, b in zip(halves, straight, strict=True):
        for name, value in b.losses.items():
            assert a.losses[name] == pytest.approx(value, rel=2e-3, abs=1e-5), (a.step, name)


def test_the_choice_of_a_precision_survives_too_little_memory(
    tmp_path: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = TrainingForward.forward

    def forward(self: TrainingForward, x: Tensor) -> Tensor:
        if len(x) > 2:
            raise _out_of_memory()
        return real(self, x)

    monkeypatch.setattr(TrainingForward, "forward", forward)
    events: list[Any] = list(
        start(load_preset("tiny", ("threads=1",)), inputs(2), RunFolder(tmp_path / "run"))
    )
    assert isinstance(events[-1], Finished)
    told = map(json.loads, (tmp_path / "run" / "events.jsonl").read_text().splitlines())
    warnings = [event["message"] for event in told if event["event"] == "warning"]
    assert ["memory" in text for text in warnings].count(True) == 1
