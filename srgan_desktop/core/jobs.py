"""From files to larger files, as a generator of events."""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np

from srgan_desktop.core import atomic
from srgan_desktop.core.canvas import IN_MEMORY_BYTES
from srgan_desktop.core.engine import Engine
from srgan_desktop.core.errors import PictureWriteError, SrganDesktopError
from srgan_desktop.core.events import (
    Event,
    FileDone,
    FileFailed,
    FileSkipped,
    FileStarted,
    FileTile,
    Finished,
    Planned,
    PlannedAll,
    Started,
)
from srgan_desktop.core.picture import Picture, PictureInfo
from srgan_desktop.core.picture_files import (
    DEFAULT_MAX_PIXELS,
    WriteOptions,
    Written,
    check_size,
    check_target,
    free_target,
    has_frames,
    holds_frames,
    probe,
    read_picture,
    target_format,
    write_picture,
    write_reel,
)
from srgan_desktop.core.reel import Reel
from srgan_desktop.core.size import TargetSize, plan_passes
from srgan_desktop.core.sources import Naming, Source
from srgan_desktop.core.translation import tr
from srgan_desktop.core.upscale import (
    TileDone,
    UpscaleEvent,
    UpscaleOptions,
    UpscaleWarning,
    upscale_picture,
)
from srgan_desktop.core.upscale_reel import FrameTileDone, upscale_reel

_log = logging.getLogger(__name__)


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


@dataclass(frozen=True)
class Plan:
    """What one source becomes. ``target`` is None where it is skipped; sizes in pixels.

    ``frames``: how many of the file's pictures are enlarged; 1 unless the result holds several.
    """

    source: Source
    info: PictureInfo
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


class _Guard:
    """Keeps a run from losing its own sources and results under "overwrite" and "skip"."""

    def __init__(self, sources: Sequence[Source], options: JobOptions) -> None:
        self._active = options.existing != "rename"
        self._overwrites = options.existing == "overwrite"
        listed = (_file_id(source.path) for source in sources) if self._overwrites else ()
        self._sources = {key for key in listed if key is not None}
        self._results: set[Path] = set()

    def check(self, plan: Plan) -> None:
        """Raises PictureWriteError: this result would take the place of a source or a result."""
        if self._overwrites and _file_id(plan.wanted) in self._sources:
            raise PictureWriteError(
                plan.wanted, tr("is itself one of the sources; choose another name or folder")
            )
        if self._active and plan.wanted.resolve() in self._results:
            raise PictureWriteError(
                plan.wanted,
                tr(
                    "{source} would get the same name as another result; choose another --name, "
                    "or --existing rename",
                    source=plan.source.path,
                ),
            )

    def add(self, result: Path) -> None:
        self._results.add(result.resolve())


def _file_id(path: Path) -> tuple[int, int] | None:
    """What tells a file from all others, whatever it is called; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def upscale_files(
    sources: Sequence[Source], engine: Engine, options: JobOptions
) -> Generator[Event, None, Finished]:
    """Enlarge files one after the other; one that fails is told and the rest goes on.

    Closing the generator stops between tiles; what is finished stays, nothing is half-written.
    """
    done = failed = skipped = 0
    guard = _Guard(sources, options)
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
    source: Source, engine: Engine, options: JobOptions, guard: _Guard | None = None
) -> Iterator[Event]:
    """Enlarge one file; the last event is FileDone, FileSkipped or FileFailed."""
    try:
        yield from _upscale_file(source, engine, options, guard or _Guard([source], options))
    except Exception as error:  # the rest shall be done even where one meets a fault of ours
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
    source: Source, engine: Engine, options: JobOptions, guard: _Guard
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
    result: Picture | Reel
    warnings: tuple[str, ...]

    @property
    def nbytes(self) -> int:
        """Of the pixels of all frames, transparency left out."""
        if isinstance(self.result, Reel):
            return sum(frame.picture.pixels.nbytes for frame in self.result.frames)
        return self.result.pixels.nbytes


def read_source(plan: Plan, options: JobOptions) -> Picture:
    """The planned source's (first) picture; makes the folder for its result.

    Raises:
        PictureReadError, PictureTooLargeError: the source is no usable picture.
        PictureWriteError: the result could not be written.
    """
    picture = read_picture(plan.source.path, max_pixels=options.max_pixels)
    # after reading, so that a bad source leaves no folder; before the work, so that none is in vain
    make_folder(plan.wanted.parent)
    return picture


def enlarge(
    plan: Plan, picture: Picture, engine: Engine, options: JobOptions, item: int | None = None
) -> Generator[FileTile, None, Enlarged]:
    """The planned enlargement, tile by tile. Raises what ``upscale_picture`` raises.

    Of a plan with several frames, ``picture`` is not used: all are read from the source in turn.
    """
    how = UpscaleOptions(options.size, options.tile, options.tta)
    warnings: dict[str, None] = {}
    events: Generator[UpscaleEvent | FrameTileDone, None, Picture | Reel]
    if plan.frames > 1:
        events = upscale_reel(plan.source.path, engine, how, max_pixels=options.max_pixels)
    else:
        warnings |= dict.fromkeys(picture.warnings)
        events = upscale_picture(picture, engine, how)
    while True:
        try:
            event = next(events)
        except StopIteration as stop:
            return Enlarged(plan, stop.value, tuple(warnings))
        if isinstance(event, TileDone | FrameTileDone):
            yield FileTile(plan.source.path, event.done, event.total, item)
        elif isinstance(event, UpscaleWarning):
            warnings[event.message] = None


def write_result(
    enlarged: Enlarged,
    path: Path,
    options: JobOptions,
    existing: Literal["rename", "skip", "overwrite"] | None = None,
) -> Written:
    """Write to ``path``; ``existing`` instead of what the options say. As ``write_picture``."""
    how = WriteOptions(
        enlarged.plan.format,
        options.quality,
        existing or options.existing,
        options.strip_metadata,
    )
    if isinstance(enlarged.result, Reel):
        return write_reel(path, enlarged.result, how)
    return write_picture(path, enlarged.result, how)


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
        raise PictureWriteError(folder, problem) from error
    except OSError as error:
        raise PictureWriteError(folder, atomic.explain(error)) from error


def plan_files(
    sources: Sequence[Source], engine: Engine, options: JobOptions, seconds_per_pixel: float
) -> Generator[Event, None, None]:
    """Dry run: what would be written and what it costs; writes nothing.

    Args:
        seconds_per_pixel: of network time for one source pixel, as ``measure_speed`` gives it.
    """
    plans: list[Planned] = []
    guard = _Guard(sources, options)
    failed = skipped = 0
    free: int | None = None
    for source in sources:
        try:
            plan = plan_file(source, engine, options)
            guard.check(plan)
        except SrganDesktopError as error:
            failed += 1
            yield FileFailed(source.path, str(error), error.kind)
            continue
        if plan.target is None:
            skipped += 1
            yield FileSkipped(source.path, plan.wanted)
            continue
        guard.add(plan.target)
        planned = estimate(plan, engine, options, seconds_per_pixel)
        plans.append(planned)
        free = free_disk_bytes(planned.target) if free is None else free
        yield planned
    yield PlannedAll(
        len(plans),
        failed,
        skipped,
        sum(plan.seconds for plan in plans),
        max((plan.memory_bytes for plan in plans), default=0),
        sum(plan.disk_bytes for plan in plans),
        free,
    )


# bytes a pixel, for the estimate of disk space only: the means over eight photos of nature,
# animals, people and buildings, enlarged four times and written with the default qualities
_BYTES_PER_PIXEL = {
    "png": 1.35, "jpeg": 0.40, "webp": 0.24, "tiff": 1.52, "bmp": 3.0, "avif": 0.18,
    "jpeg2000": 1.12, "heic": 0.47, "jxl": 0.21, "gif": 0.9,
}  # fmt: skip


def estimate(
    plan: Plan,
    engine: Engine,
    options: JobOptions,
    seconds_per_pixel: float,
    item: int | None = None,
) -> Planned:
    """What a planned enlargement costs; ``seconds_per_pixel`` as for ``plan_files``."""
    info, size = plan.info, plan.size
    worked = 0
    before = (info.width, info.height)
    for after in plan_passes(before, size, engine.scale):
        worked += before[0] * before[1]
        before = after
    sample = info.depth // 8 * (info.channels + info.has_alpha)
    tile = (options.tile or engine.tile_side()) + 2 * engine.overlap
    tile_pixels = min(tile * tile, info.width * info.height)
    memory = tile_pixels * engine.bytes_per_pixel
    result = sample * size[0] * size[1]
    memory += sample * info.width * info.height + result
    memory += min((plan.frames - 1) * result, IN_MEMORY_BYTES)
    depth_factor = 2 if info.depth == 16 and plan.format in ("png", "tiff") else 1
    return Planned(
        plan.source.path,
        plan.target or plan.wanted,
        info.width,
        info.height,
        *size,
        seconds=worked * plan.frames * seconds_per_pixel * (8 if options.tta else 1),
        memory_bytes=int(memory),
        disk_bytes=int(
            size[0] * size[1] * plan.frames * _BYTES_PER_PIXEL[plan.format] * depth_factor
        ),
        item=item,
    )


def free_disk_bytes(target: Path) -> int | None:
    """Free on the disk that a file not yet there would lie on; None where nothing tells."""
    for folder in target.absolute().parents:
        if folder.exists():
            try:
                return shutil.disk_usage(folder).free
            except OSError:
                return None
    return None


def measure_speed(engine: Engine) -> float:
    """Seconds of network time for one source pixel, measured on a piece of noise."""
    import torch

    side = 128
    x = torch.from_numpy(
        np.random.default_rng(0).random((1, engine.config.colours, side, side), np.float32)
    )
    engine.run(x)
    began = time.perf_counter()
    engine.run(x)
    return (time.perf_counter() - began) / side**2
