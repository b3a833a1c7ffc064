"""An animation that is opened on the Upscale page and handed to the Batch page whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from batch_helpers import names, run_to_its_end, settle
from PIL import Image
from waiting import WaitUntil

from srgan_desktop.core.images.io import probe
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.gui.batch.page import BatchPage
from srgan_desktop.gui.shell.main_window import MainWindow
from srgan_desktop.gui.upscale.page import UpscalePage


def made_of_three(path: Path) -> Path:
    """Three pictures of one colour each in one file."""
    path.parent.mkdir(exist_ok=True)
    first, *rest = (Image.new("RGB", (12, 8), colour) for colour in ("red", "green", "blue"))
    first.save(path, save_all=True, append_images=rest, duration=80, loop=0)
    return path


def both(window: MainWindow) -> tuple[UpscalePage, BatchPage]:
    upscale = next(page for page in window.pages if isinstance(page, UpscalePage))
    return upscale, next(page for page in window.pages if isinstance(page, BatchPage))


def open_in(upscale: UpscalePage, path: Path, wait_until: WaitUntil) -> None:
    wait_until(lambda: upscale.panel.model_chosen is not None)
    upscale.open_paths([path])
    wait_until(lambda: upscale.session.picture and upscale.session.picture.path == path)


@pytest.mark.parametrize(("name", "said", "button"), [
    ("moves.gif", "This animation has 3 frames; you see the first one.", "Enlarge all frames"),
    ("moves.png", "This animation has 3 frames; you see the first one.", "Enlarge all frames"),
    ("pages.tif", "This document has 3 pages; you see the first one.", "Enlarge all pages"),
])  # fmt: skip
def test_all_of_it_is_enlarged_by_the_batch(
    open_window: Callable[[], MainWindow], wait_until: WaitUntil, tmp_path: Path,
    name: str, said: str, button: str,
) -> None:  # fmt: skip
    window = open_window()
    upscale, batch = both(window)
    settle(batch, wait_until)
    window.show_page(window.pages.index(upscale))
    path = made_of_three(tmp_path / name)
    open_in(upscale, path, wait_until)
    assert upscale.messages.text == said
    assert upscale.messages.action.text() == button
    upscale.panel.size_control.show_size(TargetSize("scale", 2))
    upscale.messages.action.click()
    assert window.page is batch
    settle(batch, wait_until)
    assert names(batch) == [name]
    assert [item.source for item in batch._chosen()] == [path]
    assert not batch.run.active, "it starts only when told"
    run_to_its_end(batch, wait_until)
    (result,) = tmp_path.glob(f"*_2x{path.suffix}")
    facts = probe(result)
    assert (facts.width, facts.height, facts.frames) == (24, 16, 3)


def test_a_still_picture_says_nothing(
    open_window: Callable[[], MainWindow], wait_until: WaitUntil, tmp_path: Path
) -> None:
    upscale, _ = both(open_window())
    path = tmp_path / "still.gif"
    Image.new("P", (12, 8)).save(path)
    open_in(upscale, path, wait_until)
    assert upscale.messages.text == ""


def test_one_that_waits_already_is_selected(
    open_window: Callable[[], MainWindow], wait_until: WaitUntil, tmp_path: Path
) -> None:
    window = open_window()
    upscale, batch = both(window)
    path = made_of_three(tmp_path / "moves.gif")
    Image.new("RGB", (12, 8)).save(tmp_path / "other.png")
    batch.open_paths([path, tmp_path / "other.png"])
    settle(batch, wait_until)
    batch.table.selectRow(1)
    open_in(upscale, path, wait_until)
    upscale.messages.action.click()
    settle(batch, wait_until)
    assert sorted(names(batch)) == ["moves.gif", "other.png"]
    assert [item.source for item in batch._chosen()] == [path]
