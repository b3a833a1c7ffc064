"""The window tells of a model that was made for the size that is wished for."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtTest import QSignalSpy
from waiting import WaitUntil
from window_helpers import MakePhoto, finish

from srgan_desktop.gui.common.requests import ModelChoice
from srgan_desktop.gui.common.size_advice import made_for
from srgan_desktop.gui.upscale.page import UpscalePage


def model(name: str, scale: int, problem: str = "") -> ModelChoice:
    return ModelChoice(name, name.title(), "", Path(name), scale, problem)


FOUR, TWO, OTHER = model("photo-x4", 4), model("photo-x2", 2), model("face-x2", 2)


@pytest.mark.parametrize(
    ("factor", "chosen", "best"),
    [
        (1.5, FOUR, TWO),
        (2.0, FOUR, TWO),
        (2.1, FOUR, None),
        (4.0, FOUR, None),
        (8.0, FOUR, None),
        (2.0, TWO, None),
        (3.0, TWO, FOUR),
        (4.0, TWO, FOUR),
        (9.0, TWO, FOUR),
        (4.0, OTHER, None),
    ],
)
def test_the_smallest_factor_that_gets_there_is_advised(
    factor: float, chosen: ModelChoice, best: ModelChoice | None
) -> None:
    assert made_for(factor, chosen, [FOUR, TWO, OTHER]) is best


def test_what_cannot_be_used_is_not_advised() -> None:
    damaged = model("photo-x2", 2, "damaged")
    assert made_for(2.0, FOUR, [FOUR, damaged]) is None
    assert made_for(4.0, damaged, [FOUR, damaged]) is None


def test_advice_comes_with_the_size_and_is_taken_with_a_click(
    page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    page.open_paths([make_photo("photo.png", (60, 40))])
    finish(page, wait_until)
    panel = page.panel
    now = page.requests.model
    assert now is not None and now.scale == 4
    twin = ModelChoice("tiny-x2", "Tiny x2", "", now.path, 2)
    four = ModelChoice("tiny-x4", "Tiny x4", "", now.path, 4)
    page.panel._settings.set("upscale/model", "tiny-x4")
    page.requests.set_models([four, twin])
    assert panel.advice.isHidden(), "four times is what the chosen model does"
    panel.size_control._group.button(2).click()
    assert not panel.advice.isHidden()
    assert panel.advice.use.text() == "Use Tiny x2"
    requested = QSignalSpy(page.requests.changed)
    panel.advice.use.click()
    assert page.requests.model is twin and requested.count() == 1
    assert panel.advice.isHidden()
    assert page.panel._settings.text("upscale/model") == "tiny-x2"
    panel.size_control._group.button(4).click()
    assert panel.advice.use.text() == "Use Tiny x4"
