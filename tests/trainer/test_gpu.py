"""What only a graphics card can show; left out where there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from srgan_desktop.core.base.events import drain
from srgan_desktop.core.engine.engine import Engine, open_engine
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.core.upscaling.upscale import UpscaleOptions, enlarge_with, upscale_image
from srgan_desktop.core.weights.catalogue import find_model
from srgan_desktop.core.weights.model_file import load_model
from trainer.config.presets import load_preset
from trainer.run.events import Finished, Started
from trainer.run.inputs import RunInputs
from trainer.run.run_folder import RunFolder
from trainer.training.session import resume, start

pytestmark = pytest.mark.gpu


@pytest.mark.parametrize("precision", ["fp32", "fp16", "bf16"])
def test_the_card_enlarges_as_the_processor_does(precision: str) -> None:
    path = find_model("srresnet-x4")
    network, card = load_model(path)
    lr = np.random.default_rng(0).integers(0, 256, (64, 80, 3), dtype=np.uint8)
    expected = enlarge_with(Engine(network, card, torch.device("cpu"), "fp32"))(lr)
    engine = open_engine(path, "cuda", precision)  # type: ignore[arg-type]
    difference = enlarge_with(engine)(lr).astype(int) - expected
    assert np.sqrt((difference**2).mean()) < {"fp32": 0.1, "fp16": 0.5, "bf16": 2.0}[precision]


@pytest.mark.parametrize("tile", [48, 400])
@pytest.mark.parametrize("factor", [4, 2.7])
def test_tiles_ahead_of_each_other_make_one_picture(tile: int, factor: float) -> None:
    """Together, from recorded launches, on three streams."""
    path = find_model("srresnet-x4")
    network, card = load_model(path)
    lr = np.random.default_rng(0).integers(0, 256, (400, 500, 3), dtype=np.uint8)
    options = UpscaleOptions(TargetSize("scale", factor), tile=tile)
    engine = Engine(network, card, torch.device("cpu"), "fp32")
    expected = drain(upscale_image(RasterImage(lr), engine, options)).pixels
    engine = open_engine(path, "cuda", "fp16")
    for _ in range(2):
        made = drain(upscale_image(RasterImage(lr), engine, options)).pixels
        difference = made.astype(int) - expected
        assert np.sqrt((difference**2).mean()) < 0.5
        assert np.abs(difference).max() < 12


@pytest.mark.parametrize("preset", ["photo-x4", "srgan-x4"])
@pytest.mark.parametrize("compiled", ["false", "true"])
def test_a_run_trains_stops_and_goes_on(
    preset: str, compiled: str, tmp_path: Path, photos: Path
) -> None:
    settings = [
        "generator.blocks=2",
        "generator.channels=16",
        "data.crop=64",
        "batch=8",
        f"compile={compiled}",
        "content.weight=0",
        "validation.crop=64",
        "discriminator.kind=srgan",
        "discriminator.channels=8",
        "loss.jitter=0",
    ]
    config = load_preset(preset, settings)
    inputs = RunInputs(preset, photos, None, 20, None, "cuda")
    folder = RunFolder(tmp_path / "run")
    asked_to = iter([False] * 4 + [True] * 99)
    began = list(start(config, inputs, folder, stop=lambda: next(asked_to)))
    assert [event.device for event in began if isinstance(event, Started)] == ["cuda:0"]
    events = list(resume(folder))
    assert isinstance(events[-1], Finished)
    assert events[-1].step == 20
    network, _ = load_model(folder.final_model)
    assert all(bool(torch.isfinite(p).all()) for p in network.parameters())


def test_a_teacher_answers_on_the_card(tmp_path: Path, photos: Path) -> None:
    settings = ["teacher.model=srresnet-x4", "teacher.crop=16", "teacher.answers=32"]
    config = load_preset("tiny", settings)
    inputs = RunInputs("tiny", photos, None, 30, None, "cuda")
    events = list(start(config, inputs, RunFolder(tmp_path / "run")))
    assert isinstance(events[-1], Finished)
