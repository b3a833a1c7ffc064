"""The cycle stage: what each network learns, and exact resume."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.events import drain
from srgan_desktop.core.weights.architectures import build_network
from srgan_desktop.core.weights.model_file import load_model
from trainer.config.cycle_settings import CycleConfig
from trainer.config.presets import load_preset
from trainer.config.run_config import RunConfig
from trainer.data.degradations.packing import unpacked
from trainer.data.user_pairs import UnpairedPhotos
from trainer.networks.degrader import NOISE_CHANNELS, Degrader
from trainer.run.events import Event, Finished, Step, Validated
from trainer.run.inputs import RunInputs
from trainer.run.run_folder import RunFolder
from trainer.training.session import load_data, resume, start
from trainer.training.stages import new_stage, train_step
from trainer.training.stages.common import crop_sampler
from trainer.training.stages.cycle import CycleStage

TINY = (
    "threads=1",
    "precision=fp32",
    "stage=cycle",
    "data.crop=96",
    "data.margin=false",
    "adversarial.kind=lsgan",
    "adversarial.weight=0.1",
    "discriminator.kind=patch",
    "discriminator.channels=4",
    "cycle.channels=8",
    "cycle.blocks=1",
)
CPU = torch.device("cpu")


@pytest.fixture
def config() -> RunConfig:
    return load_preset("tiny", TINY)


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """Five bad photos: grey noise around a brightness, 40 pixels a side."""
    folder = tmp_path / "real"
    folder.mkdir()
    random = np.random.default_rng(1)
    for number in range(5):
        noise = random.normal(100 + 10 * number, 25, (40, 44, 1)).repeat(3, 2)
        Image.fromarray(noise.clip(0, 255).astype(np.uint8)).save(folder / f"bad{number}.png")
    return folder


@pytest.fixture
def inputs(photos: Path, real: Path) -> RunInputs:
    return RunInputs("tiny", photos, None, 8, None, "cpu", None, None, real)


@pytest.fixture
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell of every step, however fast it was."""
    monkeypatch.setattr("trainer.run.throttle.Throttle.due", lambda self: True)


def test_the_degrader_begins_by_making_smaller() -> None:
    hr = torch.rand(2, 3, 32, 24, generator=torch.Generator().manual_seed(1))
    degrader = Degrader(CycleConfig(channels=8, blocks=1), 4, 3)
    noise = torch.randn(2, NOISE_CHANNELS, 8, 6)
    expected = hr.reshape(2, 3, 8, 4, 6, 4).mean((3, 5))
    assert torch.allclose(degrader(hr, noise), expected, atol=1e-6)


def test_good_and_bad_photos_are_cut_side_by_side(config: RunConfig, inputs: RunInputs) -> None:
    data = drain(load_data(config, inputs))
    assert isinstance(data.photos, UnpairedPhotos)
    assert len(data.photos.real) == 5
    sampler = crop_sampler(config, data.photos)
    crops = sampler.crops(3)
    assert torch.equal(crops, crop_sampler(config, data.photos).crops(3))
    assert not torch.equal(crops, sampler.crops(4))
    bad, good = unpacked(crops, 4, 3)
    assert (bad.shape, good.shape) == ((4, 3, 24, 24), (4, 3, 96, 96))
    # the bad ones have no colour, the good ones are pieces of the photos
    assert torch.equal(bad[:, 0], bad[:, 2])
    photo, top, left, turn = (int(row[0]) for row in sampler.places(3))
    piece = data.photos.photo(photo)[top : top + 96, left : left + 96].numpy()
    from trainer.data.crops import oriented

    assert np.array_equal(good[0].permute(1, 2, 0).numpy(), oriented(piece, turn))


def test_each_network_learns_in_a_step(config: RunConfig, inputs: RunInputs) -> None:
    data = drain(load_data(config, inputs))
    torch.manual_seed(1)
    stage = new_stage(config, build_network(config.generator), CPU, None)
    assert isinstance(stage, CycleStage)
    stage.precision = "fp32"
    sampler = crop_sampler(config, data.photos)
    networks = (stage.generator, stage.degrader, stage.discriminator)
    before = [[p.detach().clone() for p in network.parameters()] for network in networks]
    history = [
        {k: float(v) for k, v in train_step(config, stage, stage.generator, crops, 2e-3).items()}
        for crops in (sampler.crops(step) for step in range(25))
    ]
    for network, old in zip(networks, before, strict=True):
        changed = [not torch.equal(p, q) for p, q in zip(network.parameters(), old, strict=True)]
        assert all(changed)
        assert all(p.requires_grad for p in network.parameters())
    assert history[-1]["pixel"] < history[0]["pixel"]
    assert history[-1]["cycle"] < history[0]["cycle"]
    # the degrader draws in noise without leaving the picture
    assert history[-1]["keep"] < 0.5
    assert 0 <= history[-1]["d_fake"] <= 1


@pytest.mark.usefixtures("every_step")
def test_a_stopped_run_ends_as_one_that_was_not(
    tmp_path: Path, config: RunConfig, inputs: RunInputs
) -> None:
    straight, stopped = RunFolder(tmp_path / "a"), RunFolder(tmp_path / "b")
    events: list[Event] = list(start(config, inputs, straight))
    steps = [event for event in events if isinstance(event, Step)]
    assert set(steps[0].losses) == {"pixel", "cycle", "keep", "adversarial", "discriminator"}
    assert steps[0].d_real is not None
    assert any(isinstance(event, Validated) and event.best for event in events)
    assert isinstance(events[-1], Finished)
    asked = iter([False] * 3 + [True])
    list(start(config, inputs, stopped, stop=lambda: next(asked)))
    list(resume(stopped))
    one, other = (load_model(f.final_model)[0].state_dict() for f in (straight, stopped))
    assert all(torch.equal(one[key], other[key]) for key in one)
    told = [
        [
            (event["step"], event["losses"])
            for event in map(json.loads, folder.events_path.read_text().splitlines())
            if event["event"] == "step"
        ]
        for folder in (straight, stopped)
    ]
    assert told[0] == told[1]


def test_other_bad_photos_are_noticed_at_a_resume(
    tmp_path: Path, config: RunConfig, inputs: RunInputs, real: Path
) -> None:
    folder = RunFolder(tmp_path / "run")
    asked = iter([False] * 2 + [True])
    list(start(config, inputs, folder, stop=lambda: next(asked)))
    (real / "bad0.png").unlink()
    messages = [getattr(event, "message", "") for event in resume(folder)]
    assert any("are not those of before" in message for message in messages)


def test_what_cannot_be_is_said(inputs: RunInputs, tmp_path: Path) -> None:
    small = load_preset("tiny", [*TINY, "data.crop=80"])
    with pytest.raises(UsageError, match="choose 96"):
        list(start(small, inputs, RunFolder(tmp_path / "a")))
    both = load_preset("tiny", [*TINY, "degradation.kind=second_order"])
    with pytest.raises(UsageError, match=r"degradation\.kind is bicubic"):
        list(start(both, inputs, RunFolder(tmp_path / "b")))
    with pytest.raises(UsageError, match=r"cycle\.blocks is from 1"):
        load_preset("tiny", [*TINY, "cycle.blocks=0"])
