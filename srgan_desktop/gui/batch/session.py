"""What the Batch page is busy with: the queue, changes of it, and its run. No widgets."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.networks.strengths import AS_FOUND, ChosenStrengths
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.gui.batch import queue_worker
from srgan_desktop.gui.batch.presets import Presets
from srgan_desktop.gui.batch.queue_worker import Added, Opened
from srgan_desktop.gui.batch.rows import Snapshot
from srgan_desktop.gui.common.error_text import explain
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.size_setting import kept_size
from srgan_desktop.gui.common.worker import Lane, Task

if TYPE_CHECKING:
    from srgan_desktop.core.jobs.options import BatchOptions
    from srgan_desktop.core.jobs.queue import Queue

SETTLE_MS = 300


@dataclass(frozen=True)
class HandoverOptions:
    """Settings of its own for what is handed over; models are catalogue names."""

    model: str
    detail: float | None
    size: TargetSize
    tile: int | None = None
    tta: bool = False
    chosen_strengths: ChosenStrengths = AS_FOUND
    before: str | None = None

    def options(self, usual: BatchOptions) -> BatchOptions:
        """Where the result goes is as chosen on the Batch page.

        All frames or pages are enlarged, and kept in the source's own format: the one chosen for
        other pictures might hold one only.
        """
        return replace(
            usual.with_size(self.size),
            model=self.model,
            detail=self.detail,
            file=None,
            format="same",
            tile=self.tile,
            tta=self.tta,
            frames="all",
            before=self.before,
            **asdict(self.chosen_strengths),
        )


class QueueSession(QObject):
    """Asks the queue's own thread for everything; what it answers goes out as signals."""

    opened = Signal()
    refused = Signal(str)
    """The queue cannot be had; why."""
    listed = Signal(object)
    """A ``Snapshot`` of the whole queue."""
    finding = Signal(int)
    """So many pictures are found in what was given, so far."""
    added = Signal(object)
    """The ``Added``; the pictures are in the queue, at its end."""
    exported = Signal(Path)
    presets_changed = Signal(str)
    """They are others now; the name of the one that was kept, or empty."""
    notice = Signal(str, str)
    """A message and its kind: "info", "warning"."""
    changed = Signal()
    """Whether something is found, or can be started."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.lane = Lane("batch queue", self)
        self.queue: Queue | None = None
        self.presets: Presets | None = None
        self.options: BatchOptions | None = None
        self._opening: Task | None = None
        self._adding: Task | None = None
        # open, be it that nobody was told yet: the window may close before that
        self._held: Queue | None = None
        self._given: list[tuple[Path, HandoverOptions | None]] = []
        self._followed: BatchOptions | None = None
        self._renamed: list[tuple[str, str]] = []
        services.model_renamed.connect(self._rename_model)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._follow)

    # state

    @property
    def is_open(self) -> bool:
        """Whether the queue is there."""
        return self.queue is not None

    @property
    def opening(self) -> bool:
        """Whether it is on its way."""
        return self._opening is not None

    @property
    def adding(self) -> bool:
        """Whether what was given is being searched."""
        return self._adding is not None or bool(self._given)

    # requests

    def open(self) -> None:
        """Open the queue, in the background; again after it was refused."""
        if self.queue is not None or self._opening is not None:
            return
        settings = self.services.settings
        kept, model = settings.text("batch/options"), settings.text("upscale/model")
        size = kept_size(settings)
        detail = settings.number("upscale/detail")

        def work() -> Generator[None, None, Opened]:
            opened = yield from queue_worker.open_queue(kept, model, size, detail)
            self._held = opened.queue
            return opened

        self._opening = self.lane.submit(
            work,
            on_done=self._opened,
            on_failed=self._refused,
        )
        self.changed.emit()

    def add(self, paths: Sequence[Path], handover: HandoverOptions | None = None) -> None:
        """Files and folders; what comes before the queue is open, or while another drop is
        searched, waits for its turn. ``handover``: not with the panel's options, but with these."""
        self._given += [(path, handover) for path in paths]
        self.open()
        self._add_next()

    def stop_adding(self) -> None:
        """Take nothing more of what is being searched."""
        self._given.clear()
        if self._adding is not None:
            self._adding.cancel()
            self._adding = None
        self.changed.emit()

    def retry(self, ids: Sequence[int]) -> None:
        """Let what is over wait again."""
        self._change(lambda queue: queue.retry(ids))

    def cancel(self, ids: Sequence[int]) -> None:
        """What waits or is in work shall not be done."""
        self._change(lambda queue: queue.cancel(ids))

    def remove(self, ids: Sequence[int]) -> None:
        """Off the list; no file is touched."""
        self._change(lambda queue: queue.remove(ids))

    def clear_over(self) -> None:
        """All that is over and no failure goes off the list."""
        self._change(lambda queue: queue.clear(["done", "skipped", "cancelled"]))

    def move(self, ids: Sequence[int], before: int | None) -> None:
        """Put them before another; None: at the end."""
        self._change(lambda queue: queue.move(ids, before))

    def refresh(self) -> None:
        """Look at the queue again."""
        self._change(lambda queue: None)

    def set_options(self, options: BatchOptions | None) -> None:
        """What is added, and what waits with the former options, is done with these."""
        if options is None or options == self.options:
            return
        if self._followed is None:
            self._followed = self.options
        self.options = options
        self.services.settings.set("batch/options", options.to_json())
        self._settle.start()

    def settle(self) -> None:
        """Whatever was chosen just now counts from now on."""
        if self._settle.isActive():
            self._settle.stop()
            self._follow()

    def same_for_all(self) -> None:
        """All that waits is done with the present options."""
        queue, options = self.queue, self.options
        if queue is not None and options is not None:
            self._ask(lambda: queue_worker.same_for_all(queue, options))

    def export(self, path: Path) -> None:
        """Write the report."""
        queue = self.queue
        if queue is not None:
            self.lane.submit(
                lambda: queue_worker.export(queue, path),
                on_done=self.exported.emit,
                on_failed=self.fail,
            )

    def keep_preset(self, name: str, options: BatchOptions | None) -> None:
        """Keep options under a name; None forgets it."""
        presets = self.presets
        if presets is not None:
            self.lane.submit(
                lambda: queue_worker.keep_preset(presets, name, options),
                on_done=self.presets_changed.emit,
                on_failed=self.fail,
            )

    def shutdown(self) -> None:
        """Close the queue; nothing uses it any more."""
        self._settle.stop()
        self.lane.shutdown()
        self.queue = None
        held, self._held = self._held, None
        if held is not None:
            held.close()

    def fail(self, error: BaseException) -> None:
        """Say what went wrong; what nobody has foreseen goes to the fault dialog."""
        text = explain(error)
        if text is None:
            self.services.faults.report(error)
        else:
            self.notice.emit(text, "warning")

    # inside

    def _ask(self, work: Callable[[], Generator[Any, None, Snapshot]]) -> None:
        self.lane.submit(work, on_done=self.listed.emit, on_failed=self.fail)

    def _change(self, work: Callable[[Queue], object]) -> None:
        queue = self.queue
        if queue is not None:
            options = self.options
            self._ask(lambda: queue_worker.change(queue, options, work))

    @Slot()
    def _follow(self) -> None:
        before, self._followed = self._followed, None
        queue, after = self.queue, self.options
        if queue is not None and before is not None and after is not None:
            self._ask(lambda: queue_worker.follow(queue, before, after))

    @Slot(str, str)
    def _rename_model(self, old: str, new: str) -> None:
        """The queue and the presets follow; once it is open, if it is not yet."""
        queue, presets, options = self.queue, self.presets, self.options
        if queue is None or presets is None or options is None:
            self._renamed.append((old, new))
            if self.services.settings.text("batch/options"):
                self.open()  # there is something to follow
            return
        self.settle()
        self.options = options = options.with_model_renamed(old, new)
        self.services.settings.set("batch/options", options.to_json())
        self._ask(lambda: queue_worker.rename_model(queue, presets, options, (old, new)))

    def _opened(self, opened: Opened) -> None:
        self._opening = None
        self.queue, self.presets, self.options = opened.queue, opened.presets, opened.options
        renamed, self._renamed = self._renamed, []
        for names in renamed:
            self._rename_model(*names)
        self.opened.emit()
        self.listed.emit(opened.snapshot)
        for notice in (opened.queue.notice, opened.presets.notice):
            if notice:
                self.notice.emit(notice, "warning")
        self._add_next()
        self.changed.emit()

    def _refused(self, error: BaseException) -> None:
        self._opening = None
        text = explain(error)
        if text is None:
            self.services.faults.report(error)
            text = tr("The list of pictures cannot be opened.")
        self._given.clear()
        self.refused.emit(text)
        self.changed.emit()

    def _add_next(self) -> None:
        queue, options = self.queue, self.options
        if queue is None or options is None or self._adding is not None or not self._given:
            return
        handover = self._given[0][1]
        paths = [path for path, way in self._given if way == handover]
        self._given = [(path, way) for path, way in self._given if way != handover]
        options = options if handover is None else handover.options(options)
        self.settle()
        self._adding = self.lane.submit(
            lambda: queue_worker.add(queue, options, paths),
            on_event=self._found_some,
            on_done=self._added,
            on_failed=self._adding_failed,
        )
        self.changed.emit()

    def _found_some(self, finding: Any) -> None:
        self.finding.emit(finding.pictures)

    def _added(self, added: Added) -> None:
        self._adding = None
        self.added.emit(added)
        self._add_next()
        self.changed.emit()

    def _adding_failed(self, error: BaseException) -> None:
        self._adding = None
        self.fail(error)
        self._add_next()
        self.changed.emit()
