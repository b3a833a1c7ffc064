"""Looks into a folder for new pictures, on a thread of its own, for as long as it is wanted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from srgan_desktop.core.base.errors import NoSpaceError
from srgan_desktop.core.base.translation import tr, trn
from srgan_desktop.gui.batch.session import QueueSession
from srgan_desktop.gui.common.error_text import explain
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.worker import Lane, Task

if TYPE_CHECKING:
    from srgan_desktop.core.jobs.options import BatchOptions
    from srgan_desktop.core.jobs.queue import Queue
    from srgan_desktop.core.jobs.watch import Found, Watcher

LOOK_EACH_S = 2.0


@dataclass(frozen=True)
class Looked:
    """What one look gave.

    Attributes:
        there: whether the folder was.
        taken: so many new pictures are in the queue.
        problem: why others are not yet, or "".
    """

    there: bool
    taken: int
    problem: str = ""


class FolderWatcher(QObject):
    """One folder at a time. What it takes is done with the panel's options of that moment."""

    took = Signal()
    """New pictures are in the queue."""
    notice = Signal(str, bool)
    """How it goes, and whether something is wrong."""
    ended = Signal()
    """Of itself: something went wrong for good."""

    def __init__(self, services: Services, session: QueueSession) -> None:
        super().__init__()
        self._session = session
        self._lane = Lane("batch watch", self)
        self._task: Task | None = None
        self._stop = threading.Event()
        self._taken = 0
        self.look_each_s = self.settle_s = LOOK_EACH_S
        services.language_changed.connect(self._say)
        session.opened.connect(self._begin)
        session.changed.connect(self._say)
        self._folder: Path | None = None
        self._there = True
        self._problem = ""

    def watch(self, folder: Path | None) -> None:
        """Watch another folder, or none; from when the queue is open on."""
        self._end_task()
        self._folder, self._taken, self._there, self._problem = folder, 0, True, ""
        self._begin()
        self._say()

    @Slot()
    def _begin(self) -> None:
        folder, queue = self._folder, self._session.queue
        if folder is not None and queue is not None:
            stop = self._stop = threading.Event()

            def wait() -> bool:
                return stop.wait(self.look_each_s)

            self._task = self._lane.submit(
                lambda: watch(queue, folder, self._options, wait, self.settle_s),
                on_event=self._looked,
                on_failed=self._fail,
            )

    def shutdown(self) -> None:
        """Stop."""
        self._end_task()
        self._lane.shutdown()

    def _end_task(self) -> None:
        self._stop.set()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _options(self) -> BatchOptions | None:
        """Asked by the watching thread; replaced as a whole, so never half of two."""
        return self._session.options

    def _looked(self, looked: Looked) -> None:
        self._there = looked.there
        self._problem = looked.problem and tr("Paused: {reason}", reason=looked.problem)
        self._taken += looked.taken
        self._say()
        if looked.taken:
            self._session.refresh()
            self.took.emit()

    def _fail(self, error: BaseException) -> None:
        self._task = self._folder = None
        self.ended.emit()
        # stays until something is watched again: whoever left it alone must see it
        reason = explain(error) or type(error).__name__
        self._problem = tr("Watching has ended: {reason}", reason=reason)
        self._say()
        self._session.fail(error)

    @Slot()
    def _say(self) -> None:
        if self._folder is None:
            self.notice.emit(self._problem, bool(self._problem))
        elif self._session.opening:
            self.notice.emit(tr("Opening…"), False)
        elif not self._session.is_open:
            self.notice.emit(tr("The list of pictures cannot be opened."), True)
        elif not self._there:
            self.notice.emit(tr("Folder not found; waiting for it"), True)
        elif self._problem:
            self.notice.emit(self._problem, True)
        else:
            text = trn("{n} new picture so far", "{n} new pictures so far", self._taken)
            self.notice.emit(text if self._taken else tr("Waiting for new pictures"), False)


def watch(
    queue: Queue,
    folder: Path,
    options: Callable[[], BatchOptions | None],
    wait: Callable[[], bool],
    settle_s: float,
) -> Generator[Looked, None, None]:
    """Take what is new and has stopped growing, until ``wait`` says to stop.

    What was taken once is remembered in the queue, and taken again only where the file changed.
    Where its disk is full, each look tries again.

    Raises QueueError.
    """
    from srgan_desktop.core.jobs.watch import Watcher

    watcher: Watcher | None = None
    made_for: BatchOptions | None = None
    while True:
        wanted = options()
        if wanted is not None and (watcher is None or wanted != made_for) and folder.is_dir():
            # results are told from pictures by the folder and the names that they get
            made_for = wanted
            watcher = Watcher(
                folder,
                queue.seen(),
                leave_out=wanted.out,
                template=wanted.template,
                settle_s=settle_s,
            )
        if watcher is None or wanted is None:
            yield Looked(False, 0)
        else:
            yield _look(queue, watcher, wanted)
        if wait():
            return


def _look(queue: Queue, watcher: Watcher, options: BatchOptions) -> Looked:
    found = watcher.look()
    taken, problem = 0, ""
    try:
        taken = _take(queue, found, options) if found else 0
    except NoSpaceError as error:
        watcher.put_back(found)
        problem = str(error)
    return Looked(watcher.reachable, taken, problem)


def _take(queue: Queue, found: Sequence[Found], options: BatchOptions) -> int:
    """Append what is no result of the queue itself, whose names may tell nothing; how many."""
    results = queue.results()
    sources = [new.source for new in found if new.source.path not in results]
    queue.add(sources, options, seen=[new.mark for new in found])
    return len(sources)
