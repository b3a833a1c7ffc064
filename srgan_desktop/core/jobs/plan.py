"""What becomes of a file, as far as it can be known before the work."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import ImageWriteError
from srgan_desktop.core.base.translation import tr, trn
from srgan_desktop.core.images.image import ImageInfo
from srgan_desktop.core.images.io import (
    check_size,
    check_target,
    free_target,
    has_frames,
    holds_frames,
    probe,
    target_format,
)
from srgan_desktop.core.jobs.options import BatchOptions, ModelFacts
from srgan_desktop.core.jobs.sources import Source
from srgan_desktop.core.upscaling.size import TargetSize


@dataclass(frozen=True)
class Plan:
    """What one source becomes. ``target`` is None where it is skipped; sizes in pixels.

    Attributes:
        options: as they were given; ``rule`` is their size, the model's own factor filled in.
        info: of the source, or of its part where only that is enlarged.
        wanted: the result's path, if nothing has it.
        frames: how many of the file's pictures are enlarged; 1 unless the result holds several.
        warnings: what will be lost, as far as the header tells.
    """

    source: Source
    options: BatchOptions
    rule: TargetSize
    info: ImageInfo
    size: tuple[int, int]
    wanted: Path
    target: Path | None
    format: str
    frames: int = 1
    warnings: tuple[str, ...] = ()


def plan_source(source: Source, model: ModelFacts, options: BatchOptions) -> Plan:
    """Everything that can be known, and refused, before the work.

    Raises:
        ImageReadError, ImageTooLargeError: the source is no usable picture.
        UsageError: the size asked for makes no sense for it.
        FormatLimitError: the format cannot hold the result.
        ImageWriteError: the target's folder or name is impossible.
    """
    info = probe(source.path)
    check_size(source.path, info.width, info.height, options.max_pixels)
    if options.part is not None:
        options.part.check(info.width, info.height)
        info = replace(info, width=options.part.width, height=options.part.height)
    rule = options.target_size(model.scale)
    size = rule.resolve(info.width, info.height)
    in_file = info.frames
    if options.frames == "first" or not has_frames(info):
        info = replace(info, frames=1)
    format_name = target_format(options.format, info, options.file)
    frames = info.frames if holds_frames(format_name, info) else 1
    factor = size[0] / info.width
    wanted = options.naming.target(source, size, factor, model.name, format_name)
    check_target(wanted, format_name, *size, frames=frames)
    target = free_target(wanted, options.existing)
    lost = _lost_frames(in_file, frames)
    return Plan(source, options, rule, info, size, wanted, target, format_name, frames, lost)


def _lost_frames(in_file: int, kept: int) -> tuple[str, ...]:
    if in_file == kept:
        return ()
    return (
        trn(
            "the file holds {n} picture; only the first will be enlarged",
            "the file holds {n} pictures; only the first will be enlarged",
            in_file,
        ),
    )


class TargetGuard:
    """Keeps a run from losing sources and results under "overwrite" and "skip".

    Args:
        new_sources: gives the paths of sources that came since it was asked last.
    """

    def __init__(self, new_sources: Callable[[], Iterable[Path]]) -> None:
        self._new_sources = new_sources
        self._sources: set[tuple[int, int | str]] = set()

    def check(self, plan: Plan, owner: Path | None) -> None:
        """Refuse a result that would take the place of a source or of another's result.

        Args:
            owner: the other source whose result lies at ``plan.wanted``, if any.

        Raises:
            ImageWriteError: it would.
        """
        existing, wanted = plan.options.existing, plan.wanted
        if existing == "rename":
            return
        if existing == "overwrite" and file_id(wanted) in self._all_sources():
            raise ImageWriteError(
                wanted, tr("is itself one of the sources; choose another name or folder")
            )
        if owner is not None:
            raise ImageWriteError(
                wanted,
                tr(
                    "{source} would get the same name as another result; choose another --name, "
                    "or --existing rename",
                    source=plan.source.path,
                ),
            )

    def _all_sources(self) -> set[tuple[int, int | str]]:
        keys = (file_id(path) for path in self._new_sources())
        self._sources.update(key for key in keys if key is not None)
        return self._sources


def file_id(path: Path) -> tuple[int, int | str] | None:
    """What tells a file from all others, whatever it is called; None where there is none."""
    try:
        status = path.stat()
        # some network drives number none of their files; their names have to do
        number = status.st_ino or os.path.normcase(path.resolve())
    except OSError:
        return None
    return status.st_dev, number


def make_folder(folder: Path) -> None:
    """Make it where missing, and try whether files can be made in it.

    The file for that has no name, or goes at once.

    Raises:
        ImageWriteError: neither.
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
