"""Looking at a folder of photos, beside the window."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHOWN = 48


@dataclass(frozen=True)
class Photos:
    """The folder's pictures, some of them for the grid."""

    shown: tuple[Path, ...]
    total: int


def look_at_folder(
    folder: Path, validation: Path | None, crop: int, scale: int, pairs: Path | None = None
) -> Generator[Any, None, Any]:
    """``Photos``, the trainer's ``Checking`` events, and its ``FolderReport`` as the result.

    Raises what ``check_folder`` raises.
    """
    yield
    from trainer.data.check import check_folder
    from trainer.data.dataset import image_paths

    paths = image_paths(folder)
    every = max(1, len(paths) // SHOWN)
    yield Photos(tuple(paths[::every][:SHOWN]), len(paths))
    return (yield from check_folder(folder, validation, crop=crop, scale=scale, pairs=pairs))
