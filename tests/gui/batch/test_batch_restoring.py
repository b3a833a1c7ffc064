"""The model of factor 1 that pictures of a batch go through before they are enlarged."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from batch_driver import BatchDriver, written
from PIL import Image
from waiting import wait_until

from srgan_desktop.core.jobs import estimate as job_estimate
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.gui.batch.estimate import Estimate
from srgan_desktop.gui.batch.options_panel import OptionsPanel

sys.path.insert(0, str(Path(__file__).parents[2] / "core" / "weights" / "third_party"))
from third_party_makers import compact_tensors, save

MakePhotos = Callable[..., Path]
OpenBatch = Callable[[], BatchDriver]
BOX = "Restore first"


@pytest.fixture
def with_restorer(home: Path, open_batch: OpenBatch) -> BatchDriver:
    """The page, with a model of factor 1 among the others."""
    save(home / "models" / "clean.pth", compact_tensors(1))
    batch = open_batch()
    batch.settle()
    wait_until(lambda: len(batch.panel._models) == 2)
    return batch


def options_of_rows(batch: BatchDriver) -> list[BatchOptions]:
    queue = batch.page.session.queue
    assert queue is not None
    return [queue.options(item.options) for item in queue.items()]


def test_pictures_go_through_it_first_and_their_rows_keep_it(
    with_restorer: BatchDriver, open_batch: OpenBatch, make_photos: MakePhotos, tmp_path: Path
) -> None:
    batch, top = with_restorer, make_photos("a.png")
    batch.choose_folder(tmp_path / "plain")
    batch.add(top)
    batch.run_to_the_end()
    batch.pick(BOX, "clean")
    batch.choose_folder(tmp_path / "clean")
    (top / "b.png").write_bytes((top / "a.png").read_bytes())
    batch.add(top / "b.png")
    assert [options.before for options in options_of_rows(batch)] == [None, "clean"]
    batch.window.close()
    batch = open_batch()
    batch.settle()
    assert batch.panel.before.name == "clean"
    assert [options.before for options in options_of_rows(batch)] == [None, "clean"]
    batch.run_to_the_end()
    assert written(tmp_path / "clean") == ["b_4x.png"]
    plain, clean = (
        np.asarray(Image.open(tmp_path / name)) for name in ("plain/a_4x.png", "clean/b_4x.png")
    )
    assert plain.shape == clean.shape and not np.array_equal(plain, clean)
    batch.pick(BOX, "Off")
    options = batch.panel.options()
    assert options is not None and options.before is None


def test_the_estimate_counts_it(
    with_restorer: BatchDriver, make_photos: MakePhotos, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = with_restorer
    monkeypatch.setattr(
        job_estimate, "measure_speed", lambda engine: 1.0 if engine.scale == 1 else 0.5
    )
    batch.add(make_photos("a.png", size=(20, 24)))
    wait_until(lambda: "about 4 min" in batch.cost)
    batch.pick(BOX, "clean")
    wait_until(lambda: "about 12 min" in batch.cost)


def test_where_it_makes_no_sense_it_is_not_offered(with_restorer: BatchDriver) -> None:
    panel = with_restorer.panel
    assert panel.before_row.isVisibleTo(panel)
    with_restorer.pick(BOX, "clean")
    with_restorer.pick("Model", "clean")
    assert not panel.before_row.isVisibleTo(panel)
    options = panel.options()
    assert options is not None and options.before is None
    with_restorer.pick("Model", "Tiny")
    assert panel.before.name == "clean", "it comes back with a model that enlarges"


def test_until_models_are_listed_it_says_so(batch: BatchDriver, home: Path) -> None:
    fresh = OptionsPanel(batch.page.session.services)
    assert not fresh.model.isEnabled()
    assert fresh.model.placeholderText() == "Looking for models…"
    fresh.set_models([])
    assert fresh.model.placeholderText() == "No model yet"
    fresh.deleteLater()


def test_without_such_models_there_is_no_field(batch: BatchDriver) -> None:
    assert not batch.panel.before_row.isVisibleTo(batch.panel)


def test_what_cannot_be_processed_costs_nothing() -> None:
    assert Estimate(total=2, looked_at=2, refused=1, skipped=1).text() == "2 pictures"
