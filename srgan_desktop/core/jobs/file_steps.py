"""The three steps of a planned file: read, enlarge, write; and what to tell of a failure."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path

from srgan_desktop.core.base.errors import FileError, SrganDesktopError
from srgan_desktop.core.base.events import FileAdapted, FileFailed, FileTile, drain, relay
from srgan_desktop.core.base.printable import printable_path
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
from srgan_desktop.core.jobs.plan import Plan, make_folder
from srgan_desktop.core.jobs.sources import Source
from srgan_desktop.core.networks.strengths import AS_FOUND
from srgan_desktop.core.upscaling.size import TargetSize
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


def explain_failure(source: Source, error: Exception, item: int | None = None) -> FileFailed:
    """What to tell of an error that ended the work on one file."""
    if isinstance(error, SrganDesktopError):
        # of many files a person must know which; an error may name it, its result, or a folder
        named = isinstance(error, FileError) and error.path.name.startswith(source.path.stem)
        message = str(error) if named else f"{printable_path(source.path)}: {error}"
        return FileFailed(source.path, message, error.kind, item)
    if isinstance(error, MemoryError):
        message = tr("{path}: not enough memory for this picture", path=source.path)
        return FileFailed(source.path, message, "out_of_memory", item)
    _log.debug("%s failed", source.path, exc_info=error)
    reason = f"{type(error).__name__}: {error}"
    message = tr("{path}: this should not have happened: {reason}", path=source.path, reason=reason)
    return FileFailed(source.path, message, "unexpected", item)


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


def read_planned(plan: Plan) -> RasterImage:
    """The (first) picture of the source, or the part of it that is enlarged.

    Raises:
        ImageReadError, ImageTooLargeError: the source is no usable picture.
    """
    picture = read_image(plan.source.path, max_pixels=plan.options.max_pixels)
    return picture if plan.options.part is None else picture.cropped(plan.options.part)


def read_source(plan: Plan) -> RasterImage:
    """The planned source's (first) picture; makes the folder for its result.

    Raises:
        ImageReadError, ImageTooLargeError: the source is no usable picture.
        ImageWriteError: the result could not be written.
    """
    picture = read_planned(plan)
    # after reading, so that a bad source leaves no folder; before the work, so that none is in vain
    make_folder(plan.wanted.parent)
    return picture


def enlarge(
    plan: Plan,
    picture: RasterImage,
    engine: Engine,
    item: int | None = None,
    tile_limit: int | None = None,
    before: Engine | None = None,
    watch: Callable[[UpscaleEvent | FrameTileDone, RasterImage], None] = lambda *_: None,
) -> Generator[FileTile | FileAdapted, None, Enlarged]:
    """The planned enlargement, tile by tile. Raises what ``upscale_image`` raises.

    Of a plan with several frames, ``picture`` is not used: all are read from the source in turn.

    Args:
        tile_limit: tiles have at most this side in source pixels, whatever the options say.
        before: of factor 1; the picture goes through it first.
        watch: hears of each event of ``engine``, and what is enlarged; before it is passed on.
    """
    options = plan.options
    tile = min(filter(None, (options.tile, tile_limit)), default=None)
    how = UpscaleOptions(plan.rule, tile, options.tta, chosen_strengths=options.chosen_strengths)
    warnings = dict.fromkeys(picture.warnings if plan.frames == 1 else ())
    # the two networks of a still picture are each a half of the work
    halves = 2 if before is not None and plan.frames == 1 else 1
    half = 0

    def as_file_event(event: UpscaleEvent | FrameTileDone) -> FileTile | FileAdapted | None:
        if half == halves - 1:
            watch(event, picture)
        if isinstance(event, UpscaleWarning):
            warnings[event.message] = None
        if isinstance(event, TileDone | FrameTileDone):
            done, total = event.done + half * event.total, halves * event.total
            return FileTile(plan.source.path, done, total, item)
        if isinstance(event, Adapted):
            found, used = event.found.percent(), event.used.percent()
            return FileAdapted(plan.source.path, found, used, item)
        return None

    first = replace(how, size=TargetSize("scale", 1), chosen_strengths=AS_FOUND)
    events: Generator[FileTile | FileAdapted, None, RasterImage | Animation]
    if before is not None and plan.frames == 1:
        work: Generator[FileTile | FileAdapted, None, RasterImage]
        work = relay(upscale_image(picture, before, first), as_file_event)
        picture, half = (yield from work), 1

    def prepare(frame: RasterImage) -> RasterImage:
        part = plan.options.part
        frame = frame if part is None else frame.cropped(part)
        return frame if before is None else drain(upscale_image(frame, before, first))

    events = relay(_upscaled(plan, picture, engine, how, prepare), as_file_event)
    result = yield from events
    return Enlarged(plan, result, tuple(warnings))


def _upscaled(
    plan: Plan,
    picture: RasterImage,
    engine: Engine,
    how: UpscaleOptions,
    prepare: Callable[[RasterImage], RasterImage],
) -> Generator[UpscaleEvent | FrameTileDone, None, RasterImage | Animation]:
    if plan.frames == 1:
        return upscale_image(picture, engine, how)
    limit = plan.options.max_pixels
    return upscale_animation(plan.source.path, engine, how, max_pixels=limit, prepare=prepare)


def write_options(plan: Plan) -> WriteOptions:
    """How the planned result is written to a place that is its own."""
    options = plan.options
    return WriteOptions(
        plan.format, options.quality, "overwrite", options.strip_metadata, options.dpi
    )


def write_result(enlarged: Enlarged, path: Path) -> Written:
    """Write to ``path``, over what is there. As ``write_image``."""
    how = write_options(enlarged.plan)
    if isinstance(enlarged.result, Animation):
        return write_animation(path, enlarged.result, how)
    return write_image(path, enlarged.result, how)
