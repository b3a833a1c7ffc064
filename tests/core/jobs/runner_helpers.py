"""Pictures, engines and questions for tests of a queue that is worked off."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from file_runs import FixedDevice
from network_makers import make_network
from PIL import Image

from srgan_desktop.core.base.events import (
    Event,
)
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.jobs.options import BatchOptions
from srgan_desktop.core.jobs.queue import Item, Queue
from srgan_desktop.core.jobs.runner import run_queue
from srgan_desktop.core.jobs.sources import Source
from srgan_desktop.core.weights.model_file import ModelCard

E = TypeVar("E", bound=Event)
OPTIONS = BatchOptions()


def make_engine(name: str = "tiny", **config: object) -> Engine:
    network = make_network(blocks=1, **config)
    return Engine(
        network, ModelCard(name=name, config=network.config), torch.device("cpu"), "fp32", 1
    )


def save(path: Path, width: int = 20, height: int = 12, seed: int = 0) -> Source:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return Source(path)


def photos(folder: Path, count: int) -> list[Source]:
    return [save(folder / "in" / f"{number:03}.png", seed=number) for number in range(count)]


def run(queue: Queue, engine: Engine, **more: object) -> list[Event]:
    return list(run_queue(queue, [FixedDevice(engine)], **more))  # type: ignore[arg-type]


def of(kind: type[E], events: list[Event]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def statuses(queue: Queue) -> list[str]:
    return [item.status for item in queue.items()]


def item(queue: Queue, item_id: int) -> Item:
    found = queue.get(item_id)
    assert found is not None
    return found
