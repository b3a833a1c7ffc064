"""A run's events for TensorBoard: curves and sample strips, in the run's folder.

Wants the package ``tensorboard``; nothing else in the trainer does.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from PIL import Image

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from trainer.run.events import Event, RolledBack, Step, Validated, Warned

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

_FLUSH_SECONDS = 10


class Log(Protocol):
    """Who is told every event."""

    def write(self, event: Event) -> None: ...


def check_tensorboard() -> None:
    """
    Raises:
        UsageError: the package is not installed; says how to get it.
    """
    if find_spec("tensorboard") is None:
        raise UsageError(
            tr(
                "TensorBoard files want the package tensorboard: pip install tensorboard, or leave "
                "out --tensorboard (logging.tensorboard)"
            )
        )


@contextlib.contextmanager
def board(folder: Path, step: int) -> Iterator[Board]:
    """Write into ``folder``; what an earlier life of the run told after ``step`` is hidden."""
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(str(folder), purge_step=step + 1, flush_secs=_FLUSH_SECONDS)
    try:
        yield Board(writer)
    finally:
        # a full disk: what was written stays
        with contextlib.suppress(OSError):
            writer.close()


class Board:
    """Draws events as curves by step, and strips as pictures.

    A disk that is full, or a folder that is gone, ends the drawing and not the run.
    """

    def __init__(self, writer: SummaryWriter) -> None:
        self._writer: SummaryWriter | None = writer

    def write(self, event: Event) -> None:
        try:
            self._draw(event)
        except OSError:
            self._writer = None

    def _draw(self, event: Event) -> None:
        match event:
            case Step():
                curves = {f"loss/{name}": value for name, value in event.losses.items()}
                curves |= {"learning_rate": event.learning_rate, "steps_per_s": event.it_per_s}
                discriminator_scores = {"D/real": event.d_real, "D/fake": event.d_fake}
                curves |= {
                    name: value for name, value in discriminator_scores.items() if value is not None
                }
                self._curves(curves, event.step)
            case Validated():
                self._curves(
                    {
                        "validation/psnr_y": event.psnr_y,
                        "validation/ssim_y": event.ssim_y,
                        "validation/psnr_y_bicubic": event.psnr_y_bicubic,
                    },
                    event.step,
                )
                for path in event.samples:
                    self._picture(Path(path), event.step)
            case RolledBack():
                self._text("rolled_back", event.reason, event.step)
            case Warned():
                self._text("warning", event.message, 0)

    def _curves(self, curves: dict[str, float], step: int) -> None:
        for name, value in curves.items():
            if self._writer is not None and math.isfinite(value):
                self._writer.add_scalar(name, value, step)

    def _picture(self, path: Path, step: int) -> None:
        if self._writer is not None:
            with Image.open(path) as strip:
                pixels = np.asarray(strip.convert("RGB"))
            self._writer.add_image(f"samples/{path.stem}", pixels, step, dataformats="HWC")

    def _text(self, name: str, text: str, step: int) -> None:
        if self._writer is not None:
            self._writer.add_text(name, text, step)
