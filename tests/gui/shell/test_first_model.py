"""What the window begins with on its first day."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from srgan_desktop.core.base.defaults import DEFAULT_DETAIL, DEFAULT_MODEL, PLAIN_MODEL
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.core.weights import catalogue
from srgan_desktop.gui.batch.queue_worker import Opened, open_queue
from srgan_desktop.gui.common.settings import Settings


def result_of(events: Generator[None, None, Opened]) -> Opened:
    try:
        while True:
            next(events)
    except StopIteration as stop:
        return stop.value


def test_the_first_models_are_shipped_and_the_window_s_has_a_detail() -> None:
    shipped = {entry.name: entry for entry in catalogue.list_models() if entry.shipped}
    assert PLAIN_MODEL in shipped
    card = shipped[DEFAULT_MODEL].card
    assert card is not None and card.partner in shipped
    assert 0 < DEFAULT_DETAIL < 100


@pytest.mark.parametrize(
    ("model", "detail", "wanted"),
    [
        (DEFAULT_MODEL, DEFAULT_DETAIL, DEFAULT_DETAIL),
        (DEFAULT_MODEL, 100.0, None),
        (PLAIN_MODEL, DEFAULT_DETAIL, None),
        ("gone", DEFAULT_DETAIL, None),
    ],
)
def test_a_batch_begins_with_what_single_pictures_have(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    model: str,
    detail: float,
    wanted: float | None,
) -> None:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path))
    opened = result_of(open_queue("", model, TargetSize("scale", 4.0), detail))
    assert (opened.options.model, opened.options.detail) == (model, wanted)
    opened.queue.close()


def test_settings_of_the_first_day(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    assert settings.text("upscale/model") == DEFAULT_MODEL
    assert settings.number("upscale/detail") == DEFAULT_DETAIL
