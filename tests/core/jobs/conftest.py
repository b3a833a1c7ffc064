"""A tiny engine, and a queue of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from runner_helpers import make_engine

from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.jobs.queue import Queue


@pytest.fixture(scope="module")
def engine() -> Engine:
    return make_engine()


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    (tmp_path / "state").mkdir()
    with Queue(tmp_path / "state" / "queue") as opened:
        yield opened
