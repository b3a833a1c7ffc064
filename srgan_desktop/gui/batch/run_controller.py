"""The run of the queue on the Batch page: begun, held, ended, and how far it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from srgan_desktop.core.base.translation import tr, trn
from srgan_desktop.gui.batch import after_run as ending
from srgan_desktop.gui.batch.actions import BatchActions
from srgan_desktop.gui.batch.rows import Filter
from srgan_desktop.gui.batch.run import BatchRun, State
from srgan_desktop.gui.batch.session import QueueSession
from srgan_desktop.gui.batch.table_model import BatchModel
from srgan_desktop.gui.batch.view import BatchView
from srgan_desktop.gui.common import notify
from srgan_desktop.gui.common.awake import Awake
from srgan_desktop.gui.common.dialogs import ask
from srgan_desktop.gui.common.estimate_text import rough_time
from srgan_desktop.gui.common.services import Services

if TYPE_CHECKING:
    from srgan_desktop.core.base.events import BatchFinished


class RunController(QObject):
    """Start, pause, stop; the bar below the table; what happens at the end.

    Attributes:
        percent: how far the run is; None where there is none.
        awake: keeps the computer from sleeping while it works.
    """

    percent_changed = Signal()
    started = Signal()

    def __init__(
        self,
        services: Services,
        session: QueueSession,
        model: BatchModel,
        view: BatchView,
        actions: BatchActions,
        run: BatchRun,
    ) -> None:
        super().__init__(view)
        self._services, self._session, self._rows = services, session, model.rows
        self._view, self._actions, self._run = view, actions, run
        self.awake = Awake(self)
        self.percent: int | None = None
        self._searching = self._offer = self._outcome = ""
        self._starts_when_listed = False
        run.state_changed.connect(self._run_changed)
        run.shares_changed.connect(model.set_shares)
        run.progressed.connect(self.refresh)
        run.held.connect(self._held)
        run.ended.connect(self._ended)
        run.failed.connect(session.fail)
        session.changed.connect(self.refresh)
        model.counts_changed.connect(self.refresh)
        actions.start.triggered.connect(self.start)
        view.panel.start_wanted.connect(self.start)
        view.table.pause_wanted.connect(self.pause_or_resume)
        view.bottom.pause_wanted.connect(self.pause_or_resume)
        view.bottom.stop_wanted.connect(run.stop)

    # requests

    @Slot()
    def start(self) -> None:
        """Work off what waits, or go on with it."""
        queue = self._session.queue
        if self._run.state is State.PAUSED:
            self._run.resume()
        elif queue is not None and not self._run.active and self._rows.counts["waiting"]:
            self._session.settle()
            self._view.messages.clear()
            self.started.emit()
            self._run.start(queue)

    @Slot()
    def start_when_listed(self) -> None:
        """The list is being looked at anew; before that nothing waits as far as is known here."""
        self._starts_when_listed = True

    @Slot()
    def pause_or_resume(self) -> None:
        """Space: pause, resume, or start."""
        if self._run.state in (State.RUNNING, State.YIELDING):
            self._run.pause()
        else:
            self.start()

    @Slot(int)
    def offer(self, count: int) -> None:
        """To go on with pictures of an earlier day; it is not done unasked."""
        if self._run.active or self._view.messages.text or self._starts_when_listed:
            return
        text = trn("{n} picture waits from last time.", "{n} pictures wait from last time.", count)
        self._offer = text
        self._view.messages.show_message(text, action=tr("Continue"), act=self.start)

    def may_close(self, parent: QWidget) -> bool:
        """Nothing is lost, but a run that nobody sees any more ends; one that pauses may go."""
        if self._run.state not in (State.RUNNING, State.YIELDING):
            return True
        counts = self._rows.counts
        return _ask_close(parent, counts["waiting"] + counts["working"])

    def shutdown(self) -> None:
        """End the run; what was in work waits again."""
        self._run.shutdown()
        self.awake.release()
        self._view.bottom.show_progress(None)

    # what is told

    @Slot()
    def listed(self) -> None:
        """Other pictures are on the list."""
        messages = self._view.messages
        if self._offer and not self._rows.counts["waiting"] and messages.text == self._offer:
            messages.clear()
        if self._outcome and self._rows.counts["waiting"] and messages.text == self._outcome:
            messages.clear()  # it is not finished any more
        if self._starts_when_listed:
            self._starts_when_listed = False
            if not self._run.active:
                self.start()

    @Slot(str)
    def show_searching(self, text: str) -> None:
        """How far the search of what was given is; empty: it is over."""
        self._searching = text
        self.refresh()

    @Slot()
    def _run_changed(self) -> None:
        if self._run.active and self._run.state is not State.PAUSED:
            self.awake.hold(tr("A batch of pictures is being enlarged"))
        else:
            self.awake.release()
        self._services.set_device_note(_note(self._run.state))
        self.refresh()

    @Slot(str)
    def _held(self, reason: str) -> None:
        held = self._view.held
        if reason:
            again = tr("Try again")
            held.show_message(reason, "warning", action=again, act=self._run.look_again)
        else:
            held.clear()

    @Slot(object)
    def _ended(self, finished: BatchFinished | None) -> None:
        self._session.refresh()
        if finished is None or self._rows.counts["waiting"]:
            return
        skipped = finished.skipped + finished.cancelled
        counts = {"done": finished.done, "failed": finished.failed, "skipped": skipped}
        said = ending.counts_text(counts)
        if not said:
            return
        failed = counts["failed"]
        self._outcome = tr("Finished: {counts}.", counts=said)
        self._view.messages.show_message(
            self._outcome,
            "warning" if failed else "done",
            action=tr("Show failed") if failed else tr("Open folder"),
            act=self._show_failed if failed else self._open_folder,
        )
        notify.notify(tr("Batch finished"), said)
        self._finish(counts)

    def _finish(self, counts: dict[str, int]) -> None:
        settings = self._services.settings
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
                self._view.messages.show_message(problem, "warning")

    # what is shown

    @Slot()
    def refresh(self) -> None:
        """Whether it can start, and what the bar below says."""
        active, state = self._run.active, self._run.state
        usable = self._session.is_open and self._view.panel.options() is not None
        waits = bool(self._rows.counts["waiting"])
        can_start = waits and usable and (not active or state is State.PAUSED)
        text = tr("&Resume") if state is State.PAUSED else tr("&Start")
        self._view.panel.show_start(text, enabled=can_start)
        self._actions.start.setEnabled(can_start)
        bottom, share = self._view.bottom, self._share()
        bottom.show_paused(state is State.PAUSED)
        bottom.show_progress(share)
        bottom.show_text(self._status_text())
        percent = None if share is None else int(100 * share)
        if percent != self.percent:
            self.percent = percent
            self.percent_changed.emit()

    def _share(self) -> float | None:
        progress = self._run.progress
        if not self._run.active or progress is None:
            return 0.0 if self._run.active else None
        return (progress.done + progress.failed + progress.skipped) / max(1, progress.total)

    def _status_text(self) -> str:
        if self._searching:
            return self._searching
        if not self._run.active:
            counts = self._rows.counts
            skipped = counts["skipped"] + counts["cancelled"]
            done = {"done": counts["done"], "failed": counts["failed"], "skipped": skipped}
            return ending.counts_text(done)
        state, progress = self._run.state, self._run.progress
        parts = []
        if progress is not None:
            over = progress.done + progress.failed + progress.skipped
            parts.append(tr("{done} of {total}", done=over, total=progress.total))
        words = {
            State.PAUSED: tr("paused"),
            State.STOPPING: tr("stopping…"),
            State.YIELDING: tr("waiting for another picture"),
        }
        if state in words:
            parts.append(words[state])
        elif progress is None:
            parts.append(tr("Preparing…"))
        elif progress.eta_s is not None:
            parts.append(tr("about {time} left", time=rough_time(progress.eta_s)))
        return tr(", ").join(parts)

    # inside

    @Slot()
    def _show_failed(self) -> None:
        self._view.top.choose(Filter.FAILED)
        self._view.table.selectRow(0)  # what it says of the first is seen at once

    @Slot()
    def _open_folder(self) -> None:
        folder = self._last_folder()
        if folder is not None:
            ending.open_folder(folder)

    def _last_folder(self) -> Path | None:
        """The output folder, or the one that the last result went to."""
        options = self._session.options
        if options is not None and options.out is not None:
            return options.out
        done = [item for item in self._rows.items() if item.target is not None]
        last = max(done, key=lambda item: (item.finished or 0, item.id), default=None)
        return last.target.parent if last is not None and last.target is not None else None


def _note(state: State) -> str:
    """What other pages say of the device meanwhile."""
    return {
        State.RUNNING: tr("A batch is running; a picture you open goes first."),
        State.YIELDING: tr("The batch continues after this picture."),
    }.get(state, "")


def _ask_close(parent: QWidget, left: int) -> bool:
    """Whether the window shall close although the batch works; ``left`` pictures are not done."""
    return ask(
        parent,
        trn(
            "The batch is still running: {n} picture left.",
            "The batch is still running: {n} pictures left.",
            left,
        ),
        tr("The list and all results are kept; you can continue next time."),
        yes=tr("Close"),
        no=tr("Keep running"),
        destructive=False,
    )
