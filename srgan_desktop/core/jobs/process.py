"""From files to larger files, as a generator of events."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from srgan_desktop.core.base.errors import SrganDesktopError
from srgan_desktop.core.base.events import (
    Event,
    FileAdapted,
    FileDone,
    FileFailed,
    FileSkipped,
    FileStarted,
    FileTile,
    Finished,
    Started,
)
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.images.animation import Animation
from srgan_desktop.core.images.image import RasterImage
from srgan_desktop.core.images.io import (
    WriteOptions,
    Written,
    read_image,
    write_animation,
    write_image,
)
from srgan_desktop.core.jobs.plan import JobOptions, Plan, ResultGuard, make_folder, plan_file
from srgan_desktop.core.jobs.sources import Source
from srgan_desktop.core.upscaling.upscale import (
    Adapted,
    TileDone,
    UpscaleEvent,
    UpscaleOptions,
    UpscaleWarning,
    upscale_image,
)
from srgan_desktop.core.upscaling.upscale_animation import FrameTileDone, upscale_animation

_log = logging.getLogger(__name__)


def upscale_files(
    sources: Sequence[Source], engine: Engine, options: JobOptions
) -> Generator[Event, None, Finished]:
    """Enlarge files one after the other; one that fails is told and the rest goes on.

    Closing the generator stops between tiles; what is finished stays, nothing is half-written.
    """
    done = failed = skipped = 0
    guard = ResultGuard(sources, options)
    yield Started(len(sources), engine.card.name, engine.device, engine.precision)
    for source in sources:
        last: Event | None = None
        for last in upscale_file(source, engine, options, guard):
            yield last
        done += isinstance(last, FileDone)
        failed += isinstance(last, FileFailed)
        skipped += isinstance(last, FileSkipped)
    finished = Finished(done, failed, skipped)
    yield finished
    return finished


def upscale_file(
    source: Source, engine: Engine, options: JobOptions, guard: ResultGuard | None = None
) -> Iterator[Event]:
    """Enlarge one file; the last event is FileDone, FileSkipped or FileFailed."""
    try:
        yield from _upscale_file(source, engine, options, guard or ResultGuard([source], options))
    except Exception as error:  # a fault of ours in one must not stop the rest
        yield explain_failure(source, error)


def explain_failure(source: Source, error: Exception, item: int | None = None) -> FileFailed:
    """What to tell of an error that ended the work on one file."""
    if isinstance(error, SrganDesktopError):
        return FileFailed(source.path, str(error), error.kind, item)
    if isinstance(error, MemoryError):
        message = tr("{path}: not enough memory for this picture", path=source.path)
        return FileFailed(source.path, message, "out_of_memory", item)
    _log.debug("%s failed", source.path, exc_info=error)
    reason = f"{type(error).__name__}: {error}"
    message = tr("{path}: this should not have happened: {reason}", path=source.path, reason=reason)
    return FileFailed(source.path, message, "unexpected", item)


def _upscale_file(
    source: Source, engine: Engine, options: JobOptions, guard: ResultGuard
) -> Iterator[Event]:
    began = time.monotonic()
    plan = plan_file(source, engine, options)
    guard.check(plan)
    if plan.target is None:
        yield FileSkipped(source.path, plan.wanted)
        return
    yield FileStarted(source.path, plan.info.width, plan.info.height, *plan.size)
    enlarged = yield from enlarge(plan, read_source(plan, options), engine, options)
    written = write_result(enlarged, plan.wanted, options)
    if written.skipped:
        yield FileSkipped(source.path, written.path)
        return
    guard.add(written.path)
    warnings = (*enlarged.warnings, *written.warnings)
    yield FileDone(source.path, written.path, time.monotonic() - began, warnings)


@dataclass(frozen=True)
class Enlarged:
    """A result in memory, and what was lost on the way to it."""

    plan: Plan
    result: RasterImage | Animation
    warnings: tuple[str, ...]

    @property
    def nbytes(self) -> int:
        """Of the pixels of all frames, transparency left out."""
        if isinstance(self.result, Animation):
            return sum(frame.picture.pixels.nbytes for frame in self.result.frames)
        return self.result.pixels.nbytes


def read_source(plan: Plan, options: JobOptions) -> RasterImage:
    """The planned source's (first) picture; makes the folder for its result.

    Raises:
        PictureReadError, PictureTooLargeError: the source is no usable picture.
        PictureWriteError: the result could not be written.
    """
    picture = read_image(plan.source.path, max_pixels=options.max_pixels)
    # after reading, so that a bad source leaves no folder; before the work, so that none is in vain
    make_folder(plan.wanted.parent)
    return picture


def enlarge(
    plan: Plan, picture: RasterImage, engine: Engine, options: JobOptions, item: int | None = None
) -> Generator[FileTile | FileAdapted, None, Enlarged]:
    """The planned enlargement, tile by tile. Raises what ``upscale_image`` raises.

    Of a plan with several frames, ``picture`` is not used: all are read from the source in turn.
    """
    how = UpscaleOptions(options.size, options.tile, options.tta, wishes=options.wishes)
    warnings: dict[str, None] = {}
    events: Generator[UpscaleEvent | FrameTileDone, None, RasterImage | Animation]
    if plan.frames > 1:
        events = upscale_animation(plan.source.path, engine, how, max_pixels=options.max_pixels)
    else:
        warnings |= dict.fromkeys(picture.warnings)
        events = upscale_image(picture, engine, how)
    while True:
        try:
            event = next(events)
        except StopIteration as stop:
            return Enlarged(plan, stop.value, tuple(warnings))
        if isinstance(event, TileDone | FrameTileDone):
            yield FileTile(plan.source.path, event.done, event.total, item)
        elif isinstance(event, Adapted):
            yield FileAdapted(plan.source.path, event.found.percent(), event.used.percent(), item)
        elif isinstance(event, UpscaleWarning):
            warnings[event.message] = None


def write_result(
    enlarged: Enlarged,
    path: Path,
    options: JobOptions,
    existing: Literal["rename", "skip", "overwrite"] | None = None,
) -> Written:
    """Write to ``path``; ``existing`` instead of what the options say. As ``write_image``."""
    how = WriteOptions(
        enlarged.plan.format,
        options.quality,
        existing or options.existing,
        options.strip_metadata,
    )
    if isinstance(enlarged.result, Animation):
        return write_animation(path, enlarged.result, how)
    return write_image(path, enlarged.result, how)
