"""What becomes of the list when a model of it goes away or gets another name."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from batch_driver import BatchDriver
from models_window import save_tiny
from waiting import wait_until

from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.gui.models.page import ModelsPage

sys.path.insert(0, str(Path(__file__).parents[2] / "core" / "weights" / "third_party"))
from third_party_makers import compact_tensors, save

MakePhotos = Callable[..., Path]
OpenBatch = Callable[[], BatchDriver]


@pytest.fixture
def with_others(home: Path, open_batch: OpenBatch) -> BatchDriver:
    """The page, with another model before its own and one of factor 1."""
    save_tiny(home / "models" / "another-x4.safetensors")
    save(home / "models" / "clean.pth", compact_tensors(1))
    batch = open_batch()
    batch.settle()
    wait_until(lambda: len(batch.panel._models) == 3)
    return batch


def asked_for(batch: BatchDriver) -> list[tuple[str, str | None]]:
    """The model of each row, and the one before it."""
    queue = batch.page.session.queue
    assert queue is not None
    options = [queue.options(item.options) for item in queue.items()]
    return [(each.model, each.before) for each in options]


def kept(batch: BatchDriver) -> BatchOptions:
    """The options that the next start begins with."""
    return BatchOptions.from_json(batch.window.services.settings.text("batch/options"))


def list_again(batch: BatchDriver, count: int) -> None:
    batch.window.services.models_changed.emit()
    wait_until(lambda: len(batch.panel._models) == count)
    batch.settle()


def test_rows_keep_a_model_that_is_gone_until_another_is_chosen(
    with_others: BatchDriver, home: Path, make_photos: MakePhotos
) -> None:
    batch, file = with_others, home / "models" / "tiny-x4.safetensors"
    content = file.read_bytes()
    batch.choose_factor(2)
    batch.add(make_photos("a.png"))
    file.unlink()
    list_again(batch, 2)
    assert asked_for(batch) == [("tiny-x4", None)]
    assert kept(batch).model == "tiny-x4"
    assert batch.panel.model_chosen is None and batch.panel.options() is None
    assert batch.panel.missing.isVisibleTo(batch.panel)
    assert "tiny-x4" in batch.panel.missing.text()
    assert not batch.start_button.isEnabled()
    file.write_bytes(content)
    list_again(batch, 3)
    assert not batch.panel.missing.isVisibleTo(batch.panel)
    assert batch.start_button.isEnabled()
    file.unlink()
    list_again(batch, 2)
    batch.pick("Model", "Another-X4")
    batch.settle()
    assert asked_for(batch) == [("another-x4", None)]
    assert not batch.panel.missing.isVisibleTo(batch.panel)


def test_rows_keep_what_was_to_restore_first(
    with_others: BatchDriver, home: Path, make_photos: MakePhotos
) -> None:
    batch = with_others
    batch.pick("Restore first", "clean")
    batch.add(make_photos("a.png"))
    (home / "models" / "clean.pth").unlink()
    list_again(batch, 2)
    assert asked_for(batch) == [("tiny-x4", "clean")]
    assert batch.panel.options() is None
    assert "clean" in batch.panel.missing.text()
    batch.pick("Restore first", "Off")
    batch.settle()
    assert asked_for(batch) == [("tiny-x4", None)]
    assert batch.start_button.isEnabled()


def test_another_name_is_followed_everywhere(
    with_others: BatchDriver, make_photos: MakePhotos
) -> None:
    batch, session = with_others, with_others.page.session
    models = next(page for page in batch.window.pages if isinstance(page, ModelsPage))
    settings = batch.window.services.settings
    settings.set("upscale/before_model", "clean")
    batch.pick("Restore first", "clean")
    top = make_photos("a.png", "b.png")
    batch.add(top / "a.png")
    options = batch.panel.options()
    assert options is not None
    session.keep_preset("mine", options)
    batch.run_to_the_end()
    batch.add(top / "b.png")
    size = batch.page.model.rows.item(0).out_width
    for old, new in (("tiny-x4", "small"), ("clean", "tidy")):
        models.catalogue.rename(old, new)
        wait_until(lambda new=new: any(model.name == new for model in batch.panel._models))
        batch.settle()
    assert asked_for(batch) == [("small", "tidy")] * 2
    assert batch.page.model.rows.item(0).out_width == size
    assert (kept(batch).model, kept(batch).before) == ("small", "tidy")
    assert settings.text("upscale/before_model") == "tidy"
    assert session.presets is not None
    assert session.presets.get("mine") == batch.panel.options() == session.options
