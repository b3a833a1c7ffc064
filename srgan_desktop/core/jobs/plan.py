"""What becomes of a file, as far as it can be known before the work."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import ImageWriteError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.images.image import ImageInfo
from srgan_desktop.core.images.io import (
    DEFAULT_MAX_PIXELS,
    check_size,
    check_target,
    free_target,
    has_frames,
    holds_frames,
    probe,
    target_format,
)
from srgan_desktop.core.jobs.sources import Naming, Source
from srgan_desktop.core.networks.strengths import AS_FOUND, StrengthWishes
from srgan_desktop.core.upscaling.size import TargetSize


@dataclass(frozen=True)
class JobOptions:
    """How files are enlarged and written; see ``UpscaleOptions`` and ``WriteOptions``."""

    size: TargetSize
    naming: Naming = field(default_factory=Naming)
    format: str = "same"
    quality: int | None = None
    existing: Literal["rename", "skip", "overwrite"] = "rename"
    strip_metadata: bool = False
    tile: int | None = None
    tta: bool = False
    max_pixels: int | None = DEFAULT_MAX_PIXELS
    frames: Literal["all", "first"] = "all"
    wishes: StrengthWishes = AS_FOUND


@dataclass(frozen=True)
class Plan:
    """What one source becomes. ``target`` is None where it is skipped; sizes in pixels.

    ``frames``: how many of the file's pictures are enlarged; 1 unless the result holds several.
    """

    source: Source
    info: ImageInfo
    size: tuple[int, int]
    wanted: Path
    target: Path | None
    format: str
    frames: int = 1


def plan_file(source: Source, engine: Engine, options: JobOptions) -> Plan:
    """As ``plan_source``, for the engine's model."""
    return plan_source(source, engine.card.name, options)


def plan_source(source: Source, model: str, options: JobOptions) -> Plan:
    """Everything that can be known, and refused, before the work; ``model`` is its name.

    Raises:
        PictureReadError, PictureTooLargeError: the source is no usable picture.
        UsageError: the size asked for makes no sense for it.
        FormatLimitError: the format cannot hold the result.
        PictureWriteError: the target's folder or name is impossible.
    """
    info = probe(source.path)
    check_size(source.path, info.width, info.height, options.max_pixels)
    size = options.size.resolve(info.width, info.height)
    if options.frames == "first" or not has_frames(info):
        info = replace(info, frames=1)
    format_name = target_format(options.format, info, options.naming.file)
    frames = info.frames if holds_frames(format_name, info) else 1
    factor = size[0] / info.width
    wanted = options.naming.target(source, size, factor, model, format_name)
    check_target(wanted, format_name, *size, frames=frames)
    target = free_target(wanted, options.existing)
    return Plan(source, info, size, wanted, target, format_name, frames)


class ResultGuard:
    """Keeps a run from losing its own sources and results under "overwrite" and "skip"."""

    def __init__(self, sources: Sequence[Source], options: JobOptions) -> None:
        self._active = options.existing != "rename"
        self._overwrites = options.existing == "overwrite"
        listed = (file_id(source.path) for source in sources) if self._overwrites else ()
        self._sources = {key for key in listed if key is not None}
        self._results: set[Path] = set()

    def check(self, plan: Plan) -> None:
        """Raises PictureWriteError: this result would take the place of a source or a result."""
        if self._overwrites and file_id(plan.wanted) in self._sources:
            raise ImageWriteError(
                plan.wanted, tr("is itself one of the sources; choose another name or folder")
            )
        if self._active and plan.wanted.resolve() in self._results:
            raise ImageWriteError(
                plan.wanted,
                tr(
                    "{source} would get the same name as another result; choose another --name, "
                    "or --existing rename",
                    source=plan.source.path,
                ),
            )

    def add(self, result: Path) -> None:
        self._results.add(result.resolve())


def file_id(path: Path) -> tuple[int, int] | None:
    """What tells a file from all others, whatever it is called; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def make_folder(folder: Path) -> None:
    """Make it where missing, and try whether files can be made in it.

    The file for that has no name, or goes at once.

    Raises:
        PictureWriteError: neither.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except FileExistsError as error:
        problem = tr("a file has this name, so no folder can; choose another folder")
        raise ImageWriteError(folder, problem) from error
    except OSError as error:
        raise ImageWriteError(folder, atomic.explain(error)) from error
