"""What enlarging files costs: time, memory and disk, before the work."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from srgan_desktop.core.backends import Part
from srgan_desktop.core.base.errors import SrganDesktopError
from srgan_desktop.core.base.events import Event, FileAdapted, FileSkipped, Planned, PlannedAll
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.images.canvas import IN_MEMORY_BYTES
from srgan_desktop.core.jobs.file_steps import explain_failure, read_planned
from srgan_desktop.core.jobs.options import BatchOptions, ModelFacts
from srgan_desktop.core.jobs.plan import Plan, TargetGuard, plan_source
from srgan_desktop.core.jobs.sources import Source
from srgan_desktop.core.upscaling.adapting import find_strengths
from srgan_desktop.core.upscaling.size import plan_passes


@dataclass(frozen=True, eq=False)
class EngineSpeed:
    """An engine, only to be asked for its facts, and how fast it is (see ``measure_speed``)."""

    engine: Engine
    seconds_per_pixel: float


def plan_files(
    sources: Sequence[Source],
    engine: Engine,
    options: BatchOptions,
    seconds_per_pixel: float,
    before: EngineSpeed | None = None,
    *,
    look: bool = False,
) -> Generator[Event, None, None]:
    """Dry run: what would be written and what it costs; writes nothing.

    Args:
        engine: of the model that the options ask for; only asked for its facts unless ``look``.
        seconds_per_pixel: of network time for one source pixel, as ``measure_speed`` gives it.
        before: the network that works before ``engine``, counted where the options ask for one.
        look: whether an ``engine`` that adapts looks at each picture, which takes the time and
            memory to read it; else only the beginnings of the files are read.

    Yields:
        Planned, FileSkipped or FileFailed for each source; after Planned of a picture that was
        looked at, FileAdapted; the last is PlannedAll.
    """
    plans: list[Planned] = []
    model = ModelFacts(engine.card.name, engine.scale)
    guard = TargetGuard(_once([source.path for source in sources]))
    owners: dict[Path, Path] = {}
    failed = skipped = 0
    free: int | None = None
    for source in sources:
        try:
            plan = plan_source(source, model, options)
            guard.check(plan, owners.get(plan.wanted))
            # before it is told of, so that what cannot be read fails and is not planned as well
            seen = _adapted(plan, engine) if look and plan.target is not None else None
        except (SrganDesktopError, MemoryError) as error:
            failed += 1
            yield explain_failure(source, error)
            continue
        if options.existing != "rename":
            owners[plan.wanted] = source.path
        if plan.target is None:
            skipped += 1
            yield FileSkipped(source.path, plan.wanted)
            continue
        planned = estimate(plan, engine, seconds_per_pixel, before)
        plans.append(planned)
        free = free_disk_bytes(planned.target) if free is None else free
        yield planned
        if seen is not None:
            yield seen
    yield PlannedAll(
        len(plans),
        failed,
        skipped,
        sum(plan.seconds for plan in plans),
        max((plan.memory_bytes for plan in plans), default=0),
        sum(plan.disk_bytes for plan in plans),
        free,
    )


def _once(paths: list[Path]) -> Callable[[], list[Path]]:
    """All of them when asked first, none after that."""

    def rest() -> list[Path]:
        taken = list(paths)
        paths.clear()
        return taken

    return rest


def _adapted(plan: Plan, engine: Engine) -> FileAdapted | None:
    """What a model that adapts finds in the picture, which is read for that; else None.

    Raises:
        ImageReadError, ImageTooLargeError, MemoryError: it cannot be read.
    """
    if not engine.adapts:
        return None
    found = find_strengths(engine, read_planned(plan).pixels)
    used = plan.options.chosen_strengths.applied(found)
    return FileAdapted(plan.source.path, found.percent(), used.percent())


# bytes a pixel, for the estimate of disk space only: the means over eight photos of nature,
# animals, people and buildings, enlarged four times and written with the default qualities
_BYTES_PER_PIXEL = {
    "png": 1.35,
    "jpeg": 0.40,
    "webp": 0.24,
    "tiff": 1.52,
    "bmp": 3.0,
    "avif": 0.18,
    "jpeg2000": 1.12,
    "heic": 0.47,
    "jxl": 0.21,
    "gif": 0.9,
}


def estimate(
    plan: Plan, engine: Engine, seconds_per_pixel: float, before: EngineSpeed | None = None
) -> Planned:
    """What a planned enlargement costs; the arguments as for ``plan_files``."""
    info, size, options = plan.info, plan.size, plan.options
    source = (info.width, info.height)
    worked = sum(w * h for w, h in _pass_sources(source, size, engine.scale))
    seconds = worked * seconds_per_pixel
    memory = _tile_bytes(engine, options, source)
    if options.before is not None and before is not None:
        seconds += info.width * info.height * before.seconds_per_pixel
        # one after the other
        memory = max(memory, _tile_bytes(before.engine, options, source))
    sample = info.depth // 8 * (info.channels + info.has_alpha)
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
        seconds=seconds * plan.frames * (8 if options.tta else 1),
        memory_bytes=int(memory),
        disk_bytes=int(
            size[0] * size[1] * plan.frames * _BYTES_PER_PIXEL[plan.format] * depth_factor
        ),
        warnings=plan.warnings,
    )


def _pass_sources(
    source: tuple[int, int], target: tuple[int, int], scale: int
) -> list[tuple[int, int]]:
    """What goes into the network, pass by pass."""
    return [source, *plan_passes(source, target, scale)[:-1]]


def _tile_bytes(engine: Engine, options: BatchOptions, source: tuple[int, int]) -> float:
    tile = (options.tile or engine.tile_side()) + 2 * engine.overlap
    return min(tile * tile, source[0] * source[1]) * engine.bytes_per_pixel


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
    side = 128
    shape = (side, side, engine.config.colours)
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    _enlarge(engine, pixels)
    began = time.perf_counter()
    _enlarge(engine, pixels)
    return (time.perf_counter() - began) / side**2


def _enlarge(engine: Engine, pixels: NDArray[np.uint8]) -> None:
    height, width = pixels.shape[:2]
    if engine.enlarge(pixels, Part((0, height), (0, width))) is None:
        import torch

        engine.run(torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255)
