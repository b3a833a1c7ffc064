"""Each controller of the Batch page alone: with a view and a model, but no page and no queue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication
from test_rows import item, snapshot

from srgan_desktop.core.base.events import BatchFinished, BatchProgress
from srgan_desktop.core.jobs.item import Item
from srgan_desktop.core.jobs.sources import LeftOut
from srgan_desktop.gui.batch.actions import BatchActions
from srgan_desktop.gui.batch.finding import Found
from srgan_desktop.gui.batch.list_controller import ListController
from srgan_desktop.gui.batch.previews import Previews
from srgan_desktop.gui.batch.queue_worker import Added
from srgan_desktop.gui.batch.rows import Filter
from srgan_desktop.gui.batch.rows_controller import RowsController
from srgan_desktop.gui.batch.run import State
from srgan_desktop.gui.batch.run_controller import RunController
from srgan_desktop.gui.batch.session import QueueSession
from srgan_desktop.gui.batch.table_model import BatchModel
from srgan_desktop.gui.batch.view import BatchView
from srgan_desktop.gui.common.errors_dialog import FaultReporter
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.settings import Settings


class RecordingSession(QueueSession):
    """Asks no queue; remembers what it was asked for."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.asked: list[tuple[object, ...]] = []

    def retry(self, ids: Sequence[int]) -> None:
        self.asked.append(("retry", list(ids)))

    def cancel(self, ids: Sequence[int]) -> None:
        self.asked.append(("cancel", list(ids)))

    def remove(self, ids: Sequence[int]) -> None:
        self.asked.append(("remove", list(ids)))

    def move(self, ids: Sequence[int], before: int | None) -> None:
        self.asked.append(("move", list(ids), before))

    def refresh(self) -> None:
        self.asked.append(("refresh",))


class QuietRun(QObject):
    """A run that only says what it is told to."""

    state_changed, progressed = Signal(), Signal()
    shares_changed, ended = Signal(object), Signal(object)
    held, failed = Signal(str), Signal(Exception)

    def __init__(self) -> None:
        super().__init__()
        self.state, self.progress = State.IDLE, None
        self.asked: list[str] = []

    @property
    def active(self) -> bool:
        return self.state is not State.IDLE

    def become(self, state: State, progress: BatchProgress | None = None) -> None:
        self.state, self.progress = state, progress
        self.state_changed.emit()

    def start(self, queue: object) -> None:
        self.asked.append("start")

    def pause(self) -> None:
        self.asked.append("pause")

    def resume(self) -> None:
        self.asked.append("resume")

    def stop(self) -> None:
        self.asked.append("stop")

    def look_again(self) -> None:
        self.asked.append("look again")


class Desk:
    """What the controllers share."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.session = RecordingSession(services)
        self.model = BatchModel(Previews(services.thumbnail_lane))
        self.actions = BatchActions()
        self.view = BatchView(services, self.model, self.actions)
        self.view.resize(1000, 700)
        self.view.show()

    def show(self, *items: Item) -> None:
        """These are on the list."""
        self.model.take(snapshot(*items))

    def select(self, *numbers: int) -> None:
        self.view.table.choose(numbers, numbers[0])


@pytest.fixture
def desk(qapp: QApplication, home: Path) -> Iterator[Desk]:
    faults = FaultReporter()
    services = Services(qapp, Settings(), faults)
    made = Desk(services)
    yield made
    assert faults.dialog is None
    made.view.close()
    made.session.shutdown()
    services.shutdown()
    qapp.setStyleSheet("")


# rows


@pytest.fixture
def rows(desk: Desk) -> RowsController:
    return RowsController(desk.services, desk.session, desk.model, desk.view, desk.actions)


def test_what_is_asked_for_is_what_makes_sense(desk: Desk, rows: RowsController) -> None:
    desk.show(item(1), item(2, "done"), item(3, "working"), item(4))
    desk.select(1, 2, 3, 4)
    desk.actions.retry.trigger()
    desk.actions.cancel.trigger()
    desk.actions.last.trigger()
    desk.actions.remove.trigger()
    assert desk.session.asked == [
        ("retry", [2]),
        ("cancel", [1, 3, 4]),
        ("move", [1, 4], None),
        ("remove", [1, 2, 3, 4]),
    ]


def test_moves_go_round_what_does_not_wait(desk: Desk, rows: RowsController) -> None:
    desk.show(item(1), item(2, "done"), item(3), item(4))
    desk.select(3)
    desk.actions.up.trigger()
    desk.actions.down.trigger()
    desk.actions.first.trigger()
    desk.view.table.dropped.emit(0)
    assert desk.session.asked == [
        ("move", [3], 1),
        ("move", [3], None),
        ("move", [3], 1),
        ("move", [3], 1),
    ]
    desk.select(1)
    desk.session.asked.clear()
    desk.actions.up.trigger()
    assert desk.session.asked == [], "it is the first"


def test_actions_follow_the_selection(desk: Desk, rows: RowsController) -> None:
    actions = desk.actions
    desk.show(item(1), item(2, "done"))
    assert not actions.remove.isEnabled()
    desk.select(1)
    assert actions.cancel.isEnabled()
    assert actions.up.isEnabled()
    assert not actions.retry.isEnabled()
    desk.select(2)
    assert actions.retry.isEnabled()
    assert not actions.up.isEnabled()


# the list


@pytest.fixture
def pictures(desk: Desk) -> ListController:
    return ListController(desk.session, desk.model, desk.view, desk.actions)


def test_what_a_drop_brought_is_shown_and_said(desk: Desk, pictures: ListController) -> None:
    told: list[str] = []
    pictures.searching.connect(told.append)
    desk.session.finding.emit(1000)
    found = Found(passed_over=LeftOut(hidden=2))
    found.sources = [object()]
    desk.session.added.emit(Added(found, [item(1)], {}))
    assert told == ["Searching: 1000 pictures", ""]
    assert desk.view.messages.text == "1 picture added. Skipped: 2 hidden."
    assert desk.model.rows.shown == [1]
    assert desk.view.shows_list


def test_what_the_run_told_is_newer_than_an_older_look(
    desk: Desk, pictures: ListController
) -> None:
    before = snapshot(item(1), item(2))
    desk.session.listed.emit(before)
    pictures.apply([item(1, "done")])
    desk.session.listed.emit(before)
    assert desk.model.rows.known(1).status == "done"
    desk.session.listed.emit(snapshot(item(1), item(2)))
    assert desk.model.rows.known(1).status == "waiting", "that look began later"


def test_what_waits_from_before_is_told_once(desk: Desk, pictures: ListController) -> None:
    told: list[int] = []
    pictures.waits_from_before.connect(told.append)
    desk.session.listed.emit(snapshot(item(1), item(2, "done"), item(3)))
    desk.session.listed.emit(snapshot(item(1), item(3)))
    assert told == [2]


def test_a_refused_queue_is_said_until_it_opens(desk: Desk, pictures: ListController) -> None:
    desk.session.refused.emit("It is in use.")
    assert desk.view.held.text == "It is in use."
    desk.session.opened.emit()
    assert desk.view.held.text == ""


def test_all_failed_ones_wait_again_at_once(desk: Desk, pictures: ListController) -> None:
    desk.show(item(1, "failed"), item(2, "done"), item(3, "failed"))
    desk.actions.retry_failed.trigger()
    assert desk.session.asked == [("retry", [1, 3])]
    assert desk.actions.clear.isEnabled()


# the run


@pytest.fixture
def run() -> QuietRun:
    return QuietRun()


@pytest.fixture
def running(
    desk: Desk, run: QuietRun, notices: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> RunController:
    made = RunController(desk.services, desk.session, desk.model, desk.view, desk.actions, run)  # type: ignore[arg-type]
    monkeypatch.setattr(made.awake, "hold", lambda why: run.asked.append("stay awake"))
    return made


def progress(done: int = 3, eta_s: float | None = 90.0) -> BatchProgress:
    return BatchProgress(done=done, failed=1, skipped=0, total=10, eta_s=eta_s, items_per_s=1.0)


def test_the_bar_says_how_far_it_is(desk: Desk, running: RunController, run: QuietRun) -> None:
    said = desk.view.bottom.status
    run.become(State.RUNNING)
    assert said.text() == "Preparing…"
    run.become(State.RUNNING, progress())
    assert said.text() == "4 of 10, about 2 min left"
    assert running.percent == 40
    run.become(State.PAUSED, progress())
    assert said.text() == "4 of 10, paused"
    run.become(State.STOPPING, progress())
    assert said.text() == "4 of 10, stopping…"
    run.become(State.IDLE)
    assert running.percent is None


def test_one_key_pauses_and_resumes(desk: Desk, running: RunController, run: QuietRun) -> None:
    desk.session.queue = object()  # type: ignore[assignment]
    desk.show(item(1))
    running.pause_or_resume()
    run.become(State.RUNNING)
    running.pause_or_resume()
    run.become(State.PAUSED)
    running.pause_or_resume()
    assert [asked for asked in run.asked if asked != "stay awake"] == ["start", "pause", "resume"]
    desk.session.queue = None


def test_the_end_is_said_and_the_failed_ones_are_offered(
    desk: Desk,
    pictures: ListController,
    running: RunController,
    run: QuietRun,
    notices: list[tuple[str, str]],
) -> None:
    desk.show(item(1, "done"), item(2, "failed"))
    run.ended.emit(BatchFinished(done=1, failed=1, skipped=0, cancelled=0, seconds=1.0))
    assert "1 done, 1 failed" in desk.view.messages.text
    assert len(notices) == 1
    desk.view.messages.action.click()
    assert desk.view.top.chosen is Filter.FAILED
    assert desk.model.rows.shown == [2]


def test_a_stopped_run_says_nothing_of_an_end(
    desk: Desk, running: RunController, run: QuietRun, notices: list[tuple[str, str]]
) -> None:
    desk.show(item(1))
    run.ended.emit(None)
    assert desk.view.messages.text == ""
    assert notices == []


def test_why_it_waits_is_said_until_it_goes_on(
    desk: Desk, running: RunController, run: QuietRun
) -> None:
    run.held.emit("The disk is full.")
    assert desk.view.held.text == "The disk is full."
    desk.view.held.action.click()
    assert run.asked == ["look again"]
    run.held.emit("")
    assert desk.view.held.text == ""


def test_what_waits_from_before_is_offered_not_begun(
    desk: Desk, running: RunController, run: QuietRun
) -> None:
    desk.session.queue = object()  # type: ignore[assignment]
    desk.show(item(1))
    running.offer(1)
    assert desk.view.messages.text == "1 picture waits from last time."
    assert run.asked == []
    desk.view.messages.action.click()
    assert run.asked == ["start"]
    desk.session.queue = None
