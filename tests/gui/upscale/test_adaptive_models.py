"""The Upscale page with a model that adapts to the picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from waiting import WaitUntil
from window_helpers import MakePhoto

from srgan_desktop.cli import main as run_command
from srgan_desktop.core.engine.cache import EngineCache
from srgan_desktop.core.images.io import read_image
from srgan_desktop.gui.upscale.page import UpscalePage


@pytest.fixture
def adaptive(page: UpscalePage, wait_until: WaitUntil, home: Path) -> Iterator[UpscalePage]:
    """The page with a model chosen that adapts."""
    import torch

    from srgan_desktop.core.networks.dasr import Dasr, DasrConfig
    from srgan_desktop.core.weights.model_file import ModelCard, save_model

    wait_until(lambda: page.requests.listed)
    for control in page.panel.strengths.values():
        assert not control.isVisibleTo(page.panel), "tiny-x4 does not adapt"
    torch.manual_seed(9)
    path = home / "models" / "adaptive-x4.safetensors"
    network = Dasr(DasrConfig(blocks=1, channels=8, experts=2, predictor_channels=4))
    with torch.no_grad():
        for rows in network.experts.parameters():
            rows[1] *= 1.5
        network.experts.tail.weight.mul_(30)
    save_model(path, network, ModelCard(name="adaptive-x4"))
    page.session.list_models()
    wait_until(lambda: page.panel.model.count() == 3)
    page.panel.model.setCurrentIndex(page.panel.model.findData("adaptive-x4"))
    page.panel.model.activated.emit(page.panel.model.currentIndex())
    yield page
    path.unlink()


def finish(page: UpscalePage, wait_until: WaitUntil) -> np.ndarray:
    wait_until(lambda: page.session.up_to_date and not page.session.working)
    assert page.session.result is not None
    return page.session.result.picture.pixels


def test_sliders_stand_where_the_model_does(
    adaptive: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    panel = adaptive.panel
    assert all(panel.strengths[kind].isVisibleTo(panel) for kind in ("noise", "blur"))
    adaptive.open_paths([make_photo("photo.png", (60, 40))])
    as_found = finish(adaptive, wait_until)
    found = {kind: control.slider.value() for kind, control in panel.strengths.items()}
    assert all(control.chosen is None for control in panel.strengths.values())
    assert any(0 < value < 100 for value in found.values())

    noise = panel.strengths["noise"]
    noise.slider.setValue(100 if found["noise"] < 50 else 0)
    wait_until(lambda: adaptive.session.working)
    changed = finish(adaptive, wait_until)
    assert not np.array_equal(changed, as_found)
    assert panel.strengths["blur"].slider.value() == found["blur"]

    noise.auto.click()
    wait_until(lambda: adaptive.session.working)
    assert np.array_equal(finish(adaptive, wait_until), as_found)
    assert noise.slider.value() == found["noise"]


def shown(page: UpscalePage) -> dict[str, str]:
    """The numbers beside the sliders."""
    return {kind: control.value.text() for kind, control in page.panel.strengths.items()}


def make_judged(page: UpscalePage, path: Path, wait_until: WaitUntil) -> dict[str, str]:
    """Opens a picture and waits for its result; the numbers then."""
    page.open_paths([path])
    wait_until(lambda: page.session.picture and page.session.picture.path == path)
    finish(page, wait_until)
    return shown(page)


def test_each_picture_has_findings_of_its_own(
    adaptive: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    first, second = make_photo("a.png", (60, 40)), make_photo("b.png", (24, 90))
    third = make_photo("c.png", (32, 32))
    in_first = make_judged(adaptive, first, wait_until)
    in_second = make_judged(adaptive, second, wait_until)
    assert in_first != in_second
    strip = adaptive.strip
    strip.setCurrentIndex(strip.pictures.index(strip.pictures.paths.index(first)))
    assert not adaptive.session.working and adaptive.session.up_to_date, "the kept result"
    assert shown(adaptive) == in_first

    adaptive.services.settings.set("upscale/work_on_drop", False)
    adaptive.open_paths([third])
    wait_until(lambda: adaptive.session.picture and adaptive.session.picture.path == third)
    assert set(shown(adaptive).values()) == {"–"}, "nobody has looked at it"
    adaptive.session.start()
    finish(adaptive, wait_until)
    assert "–" not in shown(adaptive).values()
    adaptive.session.close()
    assert set(shown(adaptive).values()) == {"–"}


def test_the_window_makes_what_the_command_makes(
    adaptive: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    photo = make_photo("photo.png", (60, 40))
    adaptive.open_paths([photo])
    finish(adaptive, wait_until)
    adaptive.panel.strengths["blur"].slider.setValue(80)
    wait_until(lambda: adaptive.session.working)
    made = finish(adaptive, wait_until)
    by_command = photo.with_name("command.png")
    arguments = ["upscale", str(photo), "-o", str(by_command), "--model", "adaptive-x4"]
    arguments += ["--blur", "80", "--precision", "fp32", "--device", "cpu"]
    assert run_command(arguments) == 0
    assert np.array_equal(read_image(by_command).pixels, made)


def test_the_network_is_kept_for_the_next_start_when_nobody_waits(
    adaptive: UpscalePage,
    make_photo: MakePhoto,
    wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: list[str] = []
    monkeypatch.setattr(EngineCache, "keep", lambda cache, asked: kept.append(asked.model.stem))
    adaptive.session._keeper._rest.setInterval(0)
    adaptive.open_paths([make_photo("photo.png", (60, 40))])
    finish(adaptive, wait_until)
    wait_until(lambda: kept == ["adaptive-x4"])
