"""What several tests of the Batch page need."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path

from srgan_desktop.gui.batch.page import BatchPage

WaitUntil = Callable[..., None]
MakePhotos = Callable[..., Path]


def settle(page: BatchPage, wait_until: WaitUntil) -> None:
    """Wait until the queue's thread has nothing more to do and has told everything."""
    wait_until(lambda: page.session.is_open and not page.session.adding)
    page.session.settle()
    wait_until(lambda: not page.session.lane.busy)
    notice: list[bool] = []
    page.session.lane.submit(_nothing, on_done=lambda _: notice.append(True))
    wait_until(lambda: notice)


def run_to_its_end(page: BatchPage, wait_until: WaitUntil) -> None:
    """Start, and wait until nothing is left to do."""
    page.start()
    assert page.run.active
    wait_until(lambda: not page.run.active, 60)
    settle(page, wait_until)


def names(page: BatchPage) -> list[str]:
    """Of the pictures shown, from top to bottom."""
    return [page.model.item(row).source.name for row in range(page.model.rowCount())]


def written(folder: Path) -> list[str]:
    """All files below a folder."""
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def _nothing() -> Generator[None, None, None]:
    yield
