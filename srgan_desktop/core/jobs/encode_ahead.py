"""Encoding a large result while its last tiles are still computed."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace
from pathlib import Path

from srgan_desktop.core.images.finished_rows import FinishedRows
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.images.io import Written, can_write_in_rows, write_image
from srgan_desktop.core.jobs.file_steps import write_options
from srgan_desktop.core.jobs.plan import Plan
from srgan_desktop.core.jobs.staging import Stages
from srgan_desktop.core.upscaling.tiling import Rect
from srgan_desktop.core.upscaling.upscale import PassStarted

# less is encoded in a moment
LEAST_PIXELS = 4_000_000


def begin(
    plan: Plan, picture: RasterImage, started: PassStarted, stages: Stages, item: int
) -> EncodeAhead | None:
    """Of the pass that ``started`` on ``picture``; None where that is not the result, or in vain.

    Args:
        stages: where the file is until it gets its name.
        item: its number, which names it there.
    """
    height, width = started.pixels.shape[:2]
    result = replace(picture, pixels=started.pixels, alpha=started.alpha)
    if (
        started.index + 1 < started.count
        or plan.frames > 1
        or started.tiles < 2
        or width * height < LEAST_PIXELS
        or not can_write_in_rows(result, write_options(plan))
    ):
        return None
    try:
        return EncodeAhead(plan, result, stages, item)
    except OSError:
        return None  # writing it in the end meets the same, and knows how to wait or what to say


class EncodeAhead:
    """Writes a file in a thread of its own, never ahead of the rows that are ``finished``."""

    def __init__(self, plan: Plan, result: RasterImage, stages: Stages, item: int) -> None:
        self._plan, self._result = plan, result
        self._rows = FinishedRows(result.width, result.height)
        self._held = contextlib.ExitStack()
        stage = self._held.enter_context(stages.within(plan.wanted.parent))
        self.path: Path = stage / f"{item}-ahead{plan.wanted.suffix}"
        self._written: Written | None = None
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._write, name="encode-ahead")
        self._thread.start()

    def finished(self, rect: Rect) -> None:
        """These pixels of the result are final."""
        self._rows.add((rect.y, rect.bottom), rect.width)

    def wait(self) -> Written:
        """Until the file is whole. Raises as ``write_image``."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        assert self._written is not None
        return self._written

    def close(self) -> None:
        """Stop where not all rows are final, and remove the file if it has no name yet."""
        self._rows.abandon()
        self._thread.join()
        self.path.unlink(missing_ok=True)
        self._held.close()

    def _write(self) -> None:
        try:
            self._written = write_image(
                self.path, self._result, write_options(self._plan), self._rows
            )
        except Exception as error:  # raised again where it is waited for
            self._error = error
