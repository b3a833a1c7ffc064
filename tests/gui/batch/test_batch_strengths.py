"""The options of the Batch page for models that adapt to the picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.images.io import read_image
from srgan_desktop.core.jobs import file_steps
from srgan_desktop.core.jobs.estimate import EngineSpeed
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.core.jobs.sources import Source
from srgan_desktop.core.networks.strengths import ChosenStrengths
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.gui.batch.estimate import estimate
from srgan_desktop.gui.batch.options_panel import OptionsPanel
from srgan_desktop.gui.batch.run_worker import NetworkFacts
from srgan_desktop.gui.batch.session import HandoverOptions
from srgan_desktop.gui.common.errors_dialog import FaultReporter
from srgan_desktop.gui.common.requests import ModelChoice
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.settings import Settings

PLAIN = ModelChoice("plain", "Plain", "", Path("plain.safetensors"), 4)
ADAPTIVE = ModelChoice("adaptive", "Adaptive", "", Path("adaptive.safetensors"), 4, adapts=True)


@pytest.fixture
def panel(qapp: QApplication, home: Path) -> Iterator[OptionsPanel]:
    services = Services(qapp, Settings(), FaultReporter())
    made = OptionsPanel(services)
    made.set_models([PLAIN, ADAPTIVE])
    yield made
    made.deleteLater()
    services.shutdown()
    qapp.setStyleSheet("")


def test_auto_or_fixed(panel: OptionsPanel) -> None:
    panel.show_options(BatchOptions(model="adaptive"))
    options = panel.options()
    assert options is not None and options.chosen_strengths == ChosenStrengths()
    panel.strengths["noise"].slider.setValue(30)
    options = panel.options()
    assert options is not None and options.chosen_strengths == ChosenStrengths(noise=30)
    panel.strengths["noise"].auto.click()
    options = panel.options()
    assert options is not None and options.chosen_strengths == ChosenStrengths()


def test_kept_options_are_shown(panel: OptionsPanel) -> None:
    kept = BatchOptions(model="adaptive", blur=25.0, compression=0.0)
    panel.show_options(BatchOptions.from_json(kept.to_json()))
    assert panel.strengths["blur"].isVisibleTo(panel)
    options = panel.options()
    assert options is not None and options.chosen_strengths == kept.chosen_strengths


def test_models_that_do_not_adapt_have_none(panel: OptionsPanel) -> None:
    panel.show_options(BatchOptions(model="adaptive", blur=25.0))
    panel.show_options(BatchOptions(model="plain"))
    panel.strengths["blur"].show_chosen(25.0)
    assert not panel.strengths["blur"].isVisibleTo(panel)
    options = panel.options()
    assert options is not None and not options.chosen_strengths.are_set


def test_options_of_earlier_versions_leave_it_to_the_model() -> None:
    assert BatchOptions.from_json('{"model": "adaptive"}').chosen_strengths == ChosenStrengths()


def test_what_is_handed_over_keeps_its_strengths() -> None:
    handed = HandoverOptions(
        "adaptive",
        None,
        TargetSize("scale", 4),
        chosen_strengths=ChosenStrengths(noise=10, blur=20),
    )
    assert handed.options(BatchOptions()).chosen_strengths == ChosenStrengths(noise=10, blur=20)


def test_the_estimate_reads_no_picture(
    make_photos: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from srgan_desktop.core.engine.engine import Engine
    from srgan_desktop.core.networks.dasr import Dasr, DasrConfig
    from srgan_desktop.core.weights.model_file import ModelCard

    config = DasrConfig(blocks=1, channels=4, experts=2, predictor_channels=4)
    card = ModelCard(name="adaptive", config=config)
    engine = Engine(Dasr(config).eval(), card, torch.device("cpu"), "fp32", 1)
    read: list[Path] = []

    def watched(path: Path, *, max_pixels: int | None) -> RasterImage:
        read.append(path)
        return read_image(path, max_pixels=max_pixels)

    monkeypatch.setattr(file_steps, "read_image", watched)
    folder = make_photos("a.png", "b.png", "cut.png", size=(120, 80))
    cut = folder / "cut.png"
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    with Queue() as queue:
        sources = [Source(path) for path in sorted(folder.iterdir())]
        queue.add(sources, BatchOptions(model="adaptive"))
        *_, last = estimate(queue, NetworkFacts(EngineSpeed(engine, 1e-3), None))
    assert read == []
    assert (last.looked_at, last.total) == (3, 3)
