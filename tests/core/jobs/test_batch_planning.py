"""What a queue would give and cost; nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from network_makers import make_network
from PIL import Image

from srgan_desktop.core.base.events import FileFailed, FileSkipped, Planned, PlannedAll
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.planning import plan_queue
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.core.jobs.sources import Source
from srgan_desktop.core.weights.model_file import ModelCard


@pytest.fixture(scope="module")
def engine() -> Engine:
    network = make_network(blocks=1)
    card = ModelCard(name="tiny", config=network.config)
    return Engine(network, card, torch.device("cpu"), "fp32", 1)


def test_each_item_and_everything_together(engine: Engine, tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "c.png"):
        Image.new("RGB", (20, 10)).save(tmp_path / name)
    (tmp_path / "bad.png").write_bytes(b"no picture")
    (tmp_path / "c_4x.png").write_bytes(b"taken")
    queue = Queue()
    ids = queue.add(
        [Source(tmp_path / name) for name in ("a.png", "bad.png", "b.png", "c.png")],
        BatchOptions(existing="skip"),
    )
    before = {path.name for path in tmp_path.iterdir()}
    events = list(plan_queue(queue, engine, seconds_per_pixel=0.01))
    kinds = [type(event) for event in events]
    assert kinds == [Planned, FileFailed, Planned, FileSkipped, PlannedAll]
    assert [getattr(event, "item", None) for event in events[:-1]] == ids
    everything = events[-1]
    assert isinstance(everything, PlannedAll)
    assert (everything.files, everything.failed, everything.skipped) == (2, 1, 1)
    assert everything.seconds == pytest.approx(4, rel=0.05)
    assert everything.free_disk_bytes is not None
    assert {path.name for path in tmp_path.iterdir()} == before
    first = queue.get(ids[0])
    assert first is not None
    assert (first.status, first.width, first.out_width) == ("waiting", 20, 80)
    assert queue.waiting_pixels() == (400, 2, 2)


def test_an_empty_queue(engine: Engine) -> None:
    (everything,) = plan_queue(Queue(), engine, 0.01)
    assert everything == PlannedAll(0, 0, 0, 0.0, 0, 0, None)
