"""The part of the page that knows the run: begun, held, ended, and how far it is."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot

from srgan_desktop.core.base.console import seconds_text
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.jobs.item import Item
from srgan_desktop.gui.batch import ending
from srgan_desktop.gui.batch.estimate import Estimate, Estimator
from srgan_desktop.gui.batch.filters import Filter
from srgan_desktop.gui.batch.page_rows import RowsPage
from srgan_desktop.gui.batch.run import BatchRun, State
from srgan_desktop.gui.common import notify
from srgan_desktop.gui.common.awake import Awake
from srgan_desktop.gui.common.services import Services

if TYPE_CHECKING:
    from srgan_desktop.core.base.events import BatchFinished


class RunningPage(RowsPage):
    """Start, pause, stop; the bar below the table; what happens at the end."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.run = BatchRun(services, self.model.known)
        self.estimator = Estimator(services, self.run.worker)
        self.awake = Awake(self)
        self._touched: dict[int, tuple[float, Item]] = {}
        self._refusal = ""
        self._found_text = ""
        self._percent: int | None = None
        run = self.run
        run.state_changed.connect(self._run_changed)
        run.items_changed.connect(self._items_changed)
        run.shares_changed.connect(self.model.set_shares)
        run.progressed.connect(self._refresh)
        run.held.connect(self._held)
        run.ended.connect(self._ended)
        run.failed.connect(self._run_failed)
        self.estimator.known.connect(self._estimated)
        self.estimator.refused.connect(self._not_estimated)
        self.start_action.triggered.connect(self.start)
        self.panel.start_wanted.connect(self.start)
        self.table.pause_wanted.connect(self.hold_or_go_on)
        self.bottom.pause_wanted.connect(self.hold_or_go_on)
        self.bottom.stop_wanted.connect(run.stop)
        self.model.counts_changed.connect(self._counts_changed)

    def title(self) -> str:
        """For the switcher; while it works, with how far it is."""
        name = super().title()
        return name if self._percent is None else f"{name}\n{self._percent} %"

    @Slot()
    def start(self) -> None:
        """Work off what waits, or go on with it."""
        queue = self.session.queue
        if self.run.state is State.PAUSED:
            self.run.resume()
        elif queue is not None and not self.run.active and self.model.counts["waiting"]:
            self.session.settle()
            self.messages.clear()
            self.run.start(queue)

    @Slot()
    def hold_or_go_on(self) -> None:
        """Space: pause, resume, or start."""
        if self.run.state in (State.RUNNING, State.YIELDING):
            self.run.pause()
        else:
            self.start()

    @Slot(object)
    def _items_changed(self, items: list[Item]) -> None:
        now = time.monotonic()
        self._touched.update({item.id: (now, item) for item in items})
        self.model.apply(items)

    def apply_newer(self, taken: float) -> None:
        """What the run told since a look at the queue began may be newer than what was seen."""
        newer = {n: (at, item) for n, (at, item) in self._touched.items() if at >= taken}
        self._touched = newer
        self.model.apply(item for _, item in newer.values())

    @Slot()
    def _counts_changed(self) -> None:
        self.top.show_counts(self.model.counts)
        self._refresh()

    @Slot()
    def _run_changed(self) -> None:
        if self.run.active and self.run.state is not State.PAUSED:
            self.awake.hold(tr("A batch of pictures is being enlarged"))
        else:
            self.awake.release()
        if self.run.active:
            self.estimator.forget()
            self.panel.show_cost("")
        self.services.set_device_note(self._note())
        self._refresh()

    @Slot(str)
    def _held(self, reason: str) -> None:
        if reason:
            self.held.show_message(
                reason, "warning", action=tr("Try again"), act=self.run.look_again
            )
        elif not self._refusal:
            self.held.clear()

    @Slot(object)
    def _ended(self, finished: BatchFinished | None) -> None:
        self.session.refresh()
        if finished is None:
            return
        left_out = finished.skipped + finished.cancelled
        counts = {"done": finished.done, "failed": finished.failed, "left out": left_out}
        said = ending.counts_text(counts)
        whole = not self.model.counts["waiting"]
        if not said or not whole:
            return
        failed = counts["failed"]
        self.messages.show_message(
            tr("All done: {counts}.", counts=said),
            "warning" if failed else "done",
            action=tr("Show the failed ones") if failed else tr("Open folder"),
            act=self._show_failed if failed else self._open_folder,
        )
        notify.notify(tr("The batch is done"), said)
        self._finish(counts)

    def _finish(self, counts: dict[str, int]) -> None:
        settings = self.services.settings
        if settings.flag("batch/open_folder"):
            self._open_folder()
        command = settings.text("batch/command")
        if command:
            values = {
                "folder": self._last_folder() or "",
                "done": counts["done"],
                "failed": counts["failed"],
            }
            problem = ending.run_command(command, values)
            if problem:
                self.messages.show_message(problem, "warning")

    @Slot(Exception)
    def _run_failed(self, error: Exception) -> None:
        self.session.fail(error)

    @Slot(object)
    def _estimated(self, estimate: Estimate) -> None:
        if self.run.active or not estimate.total:
            self.panel.show_cost("")
        else:
            self.panel.show_cost(estimate.text(), estimate.warning())

    @Slot(str)
    def _not_estimated(self, reason: str) -> None:
        self.panel.show_cost("", reason)

    # inside

    def _note(self) -> str:
        return {
            State.RUNNING: tr("The batch is at work; a picture that you open goes first."),
            State.YIELDING: tr("The batch goes on after this picture."),
        }.get(self.run.state, "")

    def _counts_over(self) -> dict[str, int]:
        counts = self.model.counts
        left_out = counts["skipped"] + counts["cancelled"]
        return {"done": counts["done"], "failed": counts["failed"], "left out": left_out}

    @Slot()
    def _show_failed(self) -> None:
        self.top.choose(Filter.FAILED)

    @Slot()
    def _open_folder(self) -> None:
        folder = self._last_folder()
        if folder is not None:
            ending.open_folder(folder)

    def _last_folder(self) -> Path | None:
        """The output folder, or the one that the last result went to."""
        options = self.session.options
        if options is not None and options.out is not None:
            return options.out
        done = [item for item in self.model.items() if item.target is not None]
        last = max(done, key=lambda item: (item.finished or 0, item.id), default=None)
        return last.target.parent if last is not None and last.target is not None else None

    def _estimate(self) -> None:
        queue, options = self.session.queue, self.session.options
        if queue is None or options is None or self.run.active:
            return
        if self.model.counts["waiting"] and self.panel.model_chosen is not None:
            self.estimator.want(queue, options, self.run.where)
        else:
            self.estimator.forget()
            self.panel.show_cost("")

    @Slot()
    def _refresh(self) -> None:
        """Which buttons make sense, and what the bar below says."""
        some = len(self.model) > 0 or self.session.adding
        self._stack.setCurrentWidget(self._list_side if some else self.empty)
        counts = self.model.counts
        active, state = self.run.active, self.run.state
        usable = self.panel.options() is not None if self.session.is_open else False
        can_start = bool(counts["waiting"]) and usable and (not active or state is State.PAUSED)
        text = tr("&Resume") if state is State.PAUSED else tr("&Start")
        self.panel.show_start(text, enabled=can_start)
        self.start_action.setEnabled(can_start)
        self.retry_failed_action.setEnabled(bool(counts["failed"]))
        over = counts["done"] + counts["skipped"] + counts["cancelled"]
        self.clear_action.setEnabled(over > 0)
        self.export_action.setEnabled(len(self.model) > 0)
        self.bottom.show_paused(state is State.PAUSED)
        self.bottom.show_progress(self._share() if active else None)
        self.bottom.show_text(self._status_text())
        self._show_percent()

    def _share(self) -> float:
        progress = self.run.progress
        if progress is None:
            return 0.0
        over = progress.done + progress.failed + progress.skipped
        return over / max(1, progress.total)

    def _status_text(self) -> str:
        if self._found_text:
            return self._found_text
        if not self.run.active:
            return ending.counts_text(self._counts_over())
        state, progress = self.run.state, self.run.progress
        parts = []
        if progress is not None:
            over = progress.done + progress.failed + progress.skipped
            parts.append(tr("{done} of {total}", done=over, total=progress.total))
        words = {
            State.PAUSED: tr("paused"),
            State.STOPPING: tr("stopping…"),
            State.YIELDING: tr("another picture has the device"),
        }
        if state in words:
            parts.append(words[state])
        elif progress is None:
            parts.append(tr("Getting ready…"))
        elif progress.eta_s is not None:
            parts.append(tr("about {time} left", time=seconds_text(progress.eta_s)))
        return tr(", ").join(parts)

    def _show_percent(self) -> None:
        """In the switcher, so that it is seen from the other pages."""
        percent = int(100 * self._share()) if self.run.active else None
        if percent != self._percent:
            self._percent = percent
            self.label_changed.emit()
