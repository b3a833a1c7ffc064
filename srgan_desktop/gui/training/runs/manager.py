"""Trainings on their way and those of before: starts, stops, goes on, tells. No widgets."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from srgan_desktop.core.base.errors import SrganDesktopError
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.worker import Lane, Task, TaskSlot
from srgan_desktop.gui.training.form import offers
from srgan_desktop.gui.training.form.plan import Plan, Recipe
from srgan_desktop.gui.training.runs import launch, stored
from srgan_desktop.gui.training.runs.history import History
from srgan_desktop.gui.training.runs.state import StageState, phase_of, training_states
from srgan_desktop.gui.training.runs.stored import Training
from srgan_desktop.gui.training.runs.tail import Chunk, States, follow
from trainer.run.control_file import send_end, send_pause, send_sample, send_save
from trainer.run.process import ask_to_stop
from trainer.run.run_folder import RunFolder

LIST_EVERY_MS = 2000
FRAME_MS = 33

Listed = list[tuple[Training, tuple[StageState, ...]]]


class RunManager(QObject):
    """Everything the page is busy with."""

    recipes_read = Signal(list)
    listed = Signal(list)
    """All trainings with the states of their stages, the newest first."""
    grown = Signal()
    """There is more of the training that is looked at."""
    state_changed = Signal()
    """The training that is looked at stands otherwise."""
    notice = Signal(str, str)
    """A message and its kind: "info", "warning", "done"."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self.lane = Lane("training", self)
        self._tail_lane = Lane("training events", self)
        self.recipes: list[Recipe] = []
        self.trainings: Listed = []
        self.history: History | None = None
        self.other: History | None = None
        self._tail: Task | None = None
        self._listing: Task | None = None
        self._comparing = TaskSlot()
        self._stopping: set[Path] = set()
        self._timer = QTimer(self)
        self._timer.setInterval(LIST_EVERY_MS)
        self._timer.timeout.connect(self._every_now_and_then)
        self._frame = QTimer(self)
        self._frame.setSingleShot(True)
        self._frame.setInterval(FRAME_MS)
        self._frame.timeout.connect(self.grown)

    # life

    def begin(self) -> None:
        """Read presets and former trainings; from now on look after them."""
        self.lane.submit(
            offers.recipes, on_done=self._recipes_read, on_failed=self._services.faults.report
        )
        self.list_trainings()
        self._timer.start()

    def shutdown(self) -> None:
        """End the threads; trainers go on."""
        self._timer.stop()
        self._frame.stop()
        self._tail_lane.shutdown()
        self.lane.shutdown()

    @property
    def running(self) -> list[Training]:
        """Those that have a process now."""
        return [
            training
            for training, states in self.trainings
            if any(state.phase == "running" for state in states)
        ]

    # requests

    def start(self, plan: Plan) -> Training | None:
        """Begin a training and look at it; tells why where that fails."""
        try:
            training = stored.create(plan)
        except SrganDesktopError as error:
            self.notice.emit(str(error), "warning")
            return None
        if not self._start_stage(training, 0):
            stored.delete(training)
            return None
        self.look_at(training)
        self.list_trainings()
        return training

    def look_at(self, training: Training | None) -> None:
        """Follow this one from now on."""
        if self._tail is not None:
            self._tail.cancel()
        self._comparing.cancel()
        self._tail, self.other = None, None
        self.history = None if training is None else History(training)
        if training is not None:
            wanted = training
            self._tail = self._tail_lane.submit(
                lambda: follow(wanted), on_event=self._followed, on_failed=self._tail_failed
            )
        self.state_changed.emit()
        self.grown.emit()

    def compare_with(self, training: Training | None) -> None:
        """Show this one's curves beside those that are looked at."""
        self._comparing.cancel()
        self.other = None
        if training is not None:
            wanted = training
            self._comparing.put(
                self.lane.submit(
                    lambda: _whole(wanted), on_done=self._compared, on_failed=self._tail_failed
                )
            )
        self.grown.emit()

    def stop(self, training: Training) -> None:
        """Save and end; it can go on later."""
        self._stopping.add(training.folder)
        for stage, state in _running_stages(training):
            ask_to_stop(stage, state.noted_in)
        self.state_changed.emit()

    @Slot()
    def stop_all(self) -> None:
        """All that are running."""
        for training in self.running:
            self.stop(training)

    def is_stopping(self, training: Training) -> bool:
        """Whether it was asked to stop and has not yet."""
        return training.folder in self._stopping

    def go_on(
        self, training: Training, *, steps: int | None = None, budget_s: float | None = None
    ) -> None:
        """Continue where it was left; with ``steps`` or ``budget_s`` to another end."""
        states = training_states(training)
        number = next(
            (n for n, state in enumerate(states) if state.phase != "done"), len(states) - 1
        )
        run = training.stages[number]
        self._stopping.discard(training.folder)
        if states[number].begun:
            try:
                if steps is not None or budget_s is not None:
                    run.change_end(steps, budget_s)
                launch.resume_stage(run, training.plan.device)
            except SrganDesktopError as error:
                self.notice.emit(str(error), "warning")
        else:
            self._start_stage(training, number)
        self.list_trainings()

    def pause(self, training: Training, pause: bool) -> None:
        """Let the running trainer hold, or go on."""
        self._send(training, lambda run: send_pause(run, pause))

    def save_now(self, training: Training) -> None:
        """Let it write a checkpoint."""
        self._send(training, send_save)

    def validate_now(self, training: Training) -> None:
        """Let it validate, with samples."""
        self._send(training, send_sample)

    def change_end(self, training: Training, steps: int | None, budget_s: float | None) -> None:
        """Let the running stage end elsewhere, now and after a resume."""
        self._send(training, lambda run: send_end(run, steps, budget_s))

    def _send(self, training: Training, request: Callable[[RunFolder], None]) -> None:
        for run, state in _running_stages(training):
            # one that follows another has no folder yet while it reads pictures
            if state.begun or state.noted_in == run:
                self._try(lambda run=run: request(run))  # type: ignore[misc]

    def rename(self, training: Training, name: str) -> None:
        """Call it otherwise."""
        try:
            changed = stored.rename(training, name)
        except SrganDesktopError as error:
            self.notice.emit(str(error), "warning")
            return
        if self.history is not None and self.history.training.folder == changed.folder:
            self.history.training = changed
            self.state_changed.emit()
        self.list_trainings()

    def delete(self, training: Training) -> None:
        """Remove it with its models; whoever asks has asked the person."""
        if self.history is not None and self.history.training.folder == training.folder:
            self.look_at(None)
        self._try(lambda: stored.delete(training))
        self.list_trainings()

    def list_trainings(self) -> None:
        """Look at the folder of runs."""
        if self._listing is not None and not self._listing.ended:
            self._listing.cancel()
        self._listing = self.lane.submit(
            _list, on_done=self._listed, on_failed=self._services.faults.report
        )

    # inside

    def _start_stage(self, training: Training, number: int) -> bool:
        stage = training.plan.stages[number]
        init = Path(stage.init) if stage.init else None
        if number and init is None:
            init = training.stages[number - 1].kept_model
        return self._try(lambda: launch.start_stage(training, number, init))

    def _try(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except SrganDesktopError as error:
            self.notice.emit(str(error), "warning")
            return False
        return True

    @Slot()
    def _every_now_and_then(self) -> None:
        if self._listing is None or self._listing.ended:
            self.list_trainings()

    def _recipes_read(self, recipes: list[Recipe]) -> None:
        self.recipes = recipes
        self.recipes_read.emit(recipes)

    def _listed(self, found: Listed) -> None:
        self.trainings = found
        for training, states in found:
            if phase_of(states) != "running":
                self._stopping.discard(training.folder)
            elif training.folder in self._stopping:
                # it has gone on with the next stage since, or is one that nobody noted
                for stage, state in zip(training.stages, states, strict=True):
                    if state.phase == "running" and state.begun:
                        ask_to_stop(stage)
        self.listed.emit(found)

    def _followed(self, what: Chunk | States | None) -> None:
        if self.history is None or what is None:
            return
        if isinstance(what, States):
            before, self.history.states = self.history.phase, what.states
            if phase_of(what.states) != "running":
                self._stopping.discard(self.history.training.folder)
            self.state_changed.emit()
            if self.history.phase != before:
                self.list_trainings()
            return
        self.history.add(what)
        if not self._frame.isActive():
            self._frame.start()

    def _compared(self, other: History) -> None:
        self.other = other
        self.grown.emit()

    def _tail_failed(self, error: BaseException) -> None:
        self._services.faults.report(error)


def _running_stages(training: Training) -> list[tuple[RunFolder, StageState]]:
    """Those that have a process now, looked at afresh."""
    states = zip(training.stages, training_states(training), strict=True)
    return [(stage, state) for stage, state in states if state.phase == "running"]


def _list() -> Generator[None, None, Listed]:
    found: Listed = []
    for training in stored.list_trainings():
        yield
        found.append((training, training_states(training)))
    return found


def _whole(training: Training) -> Generator[None, None, History]:
    """All of a training's curves, once."""
    history = History(training)
    for what in follow(training):
        yield
        if isinstance(what, Chunk):
            history.add(what)
            if what.caught_up:
                break
    return history
