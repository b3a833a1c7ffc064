"""Long work beside the window: a thread that drains generators, one after the other.

Work is a function that gives a generator. What it yields, returns or raises is handed to plain
callables in the window's thread. After ``Task.cancel`` nothing more of a task is told, so a
stale answer cannot reach anybody; the generator is closed at its next yield, by its own thread.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal, Slot

Work = Callable[[], Generator[Any, None, Any]]


def _ignore(_: Any) -> None:
    """Nobody wants to know."""


class Task:
    """One piece of work on its way; made by ``Lane.submit``."""

    def __init__(
        self,
        work: Work,
        on_event: Callable[[Any], None],
        on_done: Callable[[Any], None],
        on_failed: Callable[[BaseException], None],
    ) -> None:
        self.work: Work | None = work
        self.on_event = on_event
        self.on_done = on_done
        self.on_failed = on_failed
        self.ended = False
        self._cancelled = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for it any more."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Stop at the next yield and tell nothing more."""
        self._cancelled.set()


class Lane(QThread):
    """One thread, one piece of work at a time, in the order of asking.

    To be made, used and shut down by the window's thread. The thread starts with the first work.
    """

    _show_notice = Signal(object, str, object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._waiting: deque[Task] = deque()
        self._now: Task | None = None
        self._condition = threading.Condition()
        self._closing = False
        self._show_notice.connect(self._deliver)

    def submit(
        self,
        work: Work,
        *,
        on_event: Callable[[Any], None] = _ignore,
        on_done: Callable[[Any], None] = _ignore,
        on_failed: Callable[[BaseException], None] = _ignore,
    ) -> Task:
        """Do ``work`` when its turn comes; the callables are called in the window's thread."""
        task = Task(work, on_event, on_done, on_failed)
        with self._condition:
            if self._closing:
                task.cancel()
                return task
            self._waiting.append(task)
            self._condition.notify()
        if not self.isRunning():
            self.start()
        return task

    @property
    def busy(self) -> bool:
        """Whether something is being done or waits."""
        with self._condition:
            return self._now is not None or bool(self._waiting)

    @property
    def crowded(self) -> bool:
        """Whether others wait for the work that is being done. May be asked from any thread."""
        with self._condition:
            return any(not task.cancelled for task in self._waiting)

    def shutdown(self) -> None:
        """Cancel everything and wait for the thread; it takes no more work."""
        with self._condition:
            self._closing = True
            for task in (*self._waiting, *filter(None, [self._now])):
                task.cancel()
            self._waiting.clear()
            self._condition.notify()
        self.wait()

    def run(self) -> None:
        """The thread: take, drain, repeat."""
        while (task := self._next()) is not None:
            self._drain(task)
            with self._condition:
                self._now = None
            del task

    def _next(self) -> Task | None:
        with self._condition:
            while not self._waiting and not self._closing:
                self._condition.wait()
            if self._closing:
                return None
            self._now = self._waiting.popleft()
            return self._now

    def _drain(self, task: Task) -> None:
        work, task.work = task.work, None
        if task.cancelled or work is None:
            return
        try:
            steps = work()
            try:
                result = self._steps_of(task, steps)
            finally:
                steps.close()
        except BaseException as error:  # whatever it is, the window tells it
            self._show_notice.emit(task, "failed", error)
        else:
            self._show_notice.emit(task, "done", result)

    def _steps_of(self, task: Task, steps: Generator[Any, None, Any]) -> Any:
        while not task.cancelled:
            try:
                event = next(steps)
            except StopIteration as stop:
                return stop.value
            self._show_notice.emit(task, "event", event)
            del event
        return None

    @Slot(object, str, object)
    def _deliver(self, task: Task, kind: str, payload: Any) -> None:
        if task.cancelled:
            return
        if kind == "event":
            task.on_event(payload)
            return
        task.ended = True
        (task.on_done if kind == "done" else task.on_failed)(payload)


class TaskSlot:
    """Holds at most one task at a time: another one takes the place of the one before."""

    def __init__(self) -> None:
        self._task: Task | None = None

    @property
    def busy(self) -> bool:
        """Whether a task is waited for."""
        return self._task is not None and not self._task.ended

    def put(self, task: Task) -> None:
        """Wait for ``task``, and no longer for the one before."""
        self.cancel()
        self._task = task

    def replace(self, task: Task) -> None:
        """Wait for ``task``; the one before goes on and ends as it was asked to."""
        self._task = task

    def cancel(self) -> None:
        """Wait for nothing."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
