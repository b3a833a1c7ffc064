"""What working a queue off would give and cost, found out from the files' headers."""

from __future__ import annotations

import math
from collections.abc import Generator

from srgan_desktop.core.base.errors import SrganDesktopError
from srgan_desktop.core.base.events import Event, FileSkipped, Planned, PlannedAll
from srgan_desktop.core.engine.engine import Engine
from srgan_desktop.core.jobs.estimate import estimate, free_disk_bytes
from srgan_desktop.core.jobs.plan import plan_source
from srgan_desktop.core.jobs.process import explain_failure
from srgan_desktop.core.jobs.queue import Queue
from srgan_desktop.core.jobs.sources import Source

# sizes are noted in the queue so many at a time
_CHUNK = 200
# before any file: what every file adds to the network's time (reading, naming, waking up)
SECONDS_A_FILE = 0.01


def plan_queue(
    queue: Queue, engine: Engine, seconds_per_pixel: float
) -> Generator[Event, None, PlannedAll]:
    """A dry run over the waiting items; writes nothing but their sizes into the queue.

    Args:
        engine: of the model that the items ask for; with several models the time is that of this.
        seconds_per_pixel: as ``measure_speed`` gives it.

    Yields:
        Planned, FileSkipped or FileFailed with the item's id for each item as soon as it is
        known; the last is PlannedAll. Items that fail here stay as they are in the queue.
    """
    plans: list[Planned] = []
    sizes: list[tuple[int, tuple[int, int], tuple[int, int]]] = []
    failed = skipped = 0
    free: int | None = None
    for item in queue.items("waiting"):
        source = Source(item.source, item.folder, named=False)
        try:
            options = queue.options(item.options).job_options(engine.scale)
            plan = plan_source(source, engine.card.name, options)
        except (SrganDesktopError, MemoryError) as error:
            failed += 1
            yield explain_failure(source, error, item.id)
            continue
        if plan.target is None:
            skipped += 1
            yield FileSkipped(source.path, plan.wanted, item.id)
            continue
        planned = estimate(plan, engine, options, seconds_per_pixel, item.id)
        plans.append(planned)
        sizes.append((item.id, (plan.info.width, plan.info.height), plan.size))
        if len(sizes) >= _CHUNK:
            queue.sized(sizes)
            sizes.clear()
        free = free_disk_bytes(plan.wanted) if len(plans) == 1 else free
        yield planned
    queue.sized(sizes)
    everything = PlannedAll(
        len(plans),
        failed,
        skipped,
        math.fsum(plan.seconds + SECONDS_A_FILE for plan in plans),
        max((plan.memory_bytes for plan in plans), default=0),
        sum(plan.disk_bytes for plan in plans),
        free,
    )
    yield everything
    return everything
