"""An animation that is opened on the Upscale page and handed to the Batch page whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from batch_driver import BatchDriver
from PIL import Image
from waiting import wait_until

from srgan_desktop.core.images.io import probe
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.gui.batch.run import State
from srgan_desktop.gui.upscale.page import UpscalePage

OpenBatch = Callable[[], BatchDriver]


def made_of_three(path: Path) -> Path:
    """Three pictures of one colour each in one file."""
    path.parent.mkdir(exist_ok=True)
    first, *rest = (Image.new("RGB", (12, 8), colour) for colour in ("red", "green", "blue"))
    first.save(path, save_all=True, append_images=rest, duration=80, loop=0)
    return path


def upscale_page(batch: BatchDriver) -> UpscalePage:
    """Of the same window."""
    return next(page for page in batch.window.pages if isinstance(page, UpscalePage))


def open_in(upscale: UpscalePage, path: Path) -> None:
    wait_until(lambda: upscale.requests.model is not None)
    upscale.open_paths([path])
    wait_until(lambda: upscale.session.picture and upscale.session.picture.path == path)


@pytest.mark.parametrize(
    ("name", "said", "button"),
    [
        ("moves.gif", "This animation has 3 frames; you see the first one.", "Enlarge all frames"),
        ("moves.png", "This animation has 3 frames; you see the first one.", "Enlarge all frames"),
        ("pages.tif", "This document has 3 pages; you see the first one.", "Enlarge all pages"),
    ],
)
def test_all_of_it_is_enlarged_by_the_batch(
    batch: BatchDriver, tmp_path: Path, name: str, said: str, button: str
) -> None:
    window, upscale = batch.window, upscale_page(batch)
    window.show_page(window.pages.index(upscale))
    path = made_of_three(tmp_path / name)
    open_in(upscale, path)
    assert upscale.messages.text == said
    assert upscale.messages.action.text() == button
    upscale.requests.choose_size(TargetSize("scale", 2))
    upscale.messages.action.click()
    assert window.page is batch.page
    batch.settle()
    assert batch.names == [name]
    assert batch.chosen == [name]
    assert batch.state is State.IDLE, "it starts only when told"
    batch.run_to_the_end()
    (result,) = tmp_path.glob(f"*_2x{path.suffix}")
    facts = probe(result)
    assert (facts.width, facts.height, facts.frames) == (24, 16, 3)


def test_a_still_picture_says_nothing(open_batch: OpenBatch, tmp_path: Path) -> None:
    upscale = upscale_page(open_batch())
    path = tmp_path / "still.gif"
    Image.new("P", (12, 8)).save(path)
    open_in(upscale, path)
    assert upscale.messages.text == ""


def test_one_that_waits_already_is_selected(batch: BatchDriver, tmp_path: Path) -> None:
    upscale = upscale_page(batch)
    path = made_of_three(tmp_path / "moves.gif")
    Image.new("RGB", (12, 8)).save(tmp_path / "other.png")
    batch.add(path, tmp_path / "other.png")
    batch.select("other.png")
    open_in(upscale, path)
    upscale.messages.action.click()
    batch.settle()
    assert sorted(batch.names) == ["moves.gif", "other.png"]
    assert batch.chosen == ["moves.gif"]
