"""The Batch page as a person meets it: what is seen on it, and what can be done there."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from waiting import wait_until
from widget_driver import find, is_clean, key, pick, press, set_number, type_into

from srgan_desktop.gui.batch.comparison import ComparisonDialog
from srgan_desktop.gui.batch.page import BatchPage
from srgan_desktop.gui.batch.rows import Filter
from srgan_desktop.gui.batch.run import State
from srgan_desktop.gui.shell.main_window import MainWindow

COPY, PLAIN = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier


class BatchDriver:
    """Everything by names and words; only waiting looks at what goes on behind the window."""

    def __init__(self, window: MainWindow) -> None:
        page = next(page for page in window.pages if isinstance(page, BatchPage))
        self.window, self.page = window, page
        self.view, self.table, self.panel = page.view, page.view.table, page.view.panel

    # what is seen

    @property
    def names(self) -> list[str]:
        """Of the pictures shown, from top to bottom."""
        return self.column(0)

    @property
    def counts(self) -> dict[str, int]:
        """How many pictures have each status, shown or not."""
        return {status: n for status, n in self.page.model.rows.counts.items() if n}

    @property
    def chosen(self) -> list[str]:
        """The names of the selected pictures."""
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        return [self.names[row] for row in rows]

    @property
    def message(self) -> str:
        """What is said above the list."""
        return self.view.messages.text

    @property
    def held(self) -> str:
        """Why nothing goes on."""
        return self.view.held.text

    @property
    def note(self) -> str:
        """What is said of the current picture, below the list."""
        return self.view.note.text

    @property
    def sees_work(self) -> bool:
        """Whether a picture in work is in sight."""
        model, seen = self.page.model, self.table.viewport().rect()
        return any(
            model.rows.item(row).status == "working"
            and seen.intersects(self.table.visualRect(model.index(row, 0)))
            for row in range(model.rowCount())
        )

    @property
    def progress(self) -> str:
        """What is said below the list."""
        return self.view.bottom.status.text()

    @property
    def cost(self) -> str:
        """What it will take, as it stands above the start."""
        return self.panel.cost.text()

    @property
    def preview(self) -> str:
        """What the result of one picture will be called, or what is wrong with the name."""
        return self.panel.output.preview.text()

    @property
    def start_button(self) -> QPushButton:
        """Start or Resume."""
        return self.panel.start

    @property
    def focused(self) -> object:
        """What keys go to."""
        return QApplication.focusWidget()

    def column(self, number: int) -> list[str]:
        """The texts of a column."""
        model = self.page.model
        return [str(model.index(row, number).data()) for row in range(model.rowCount())]

    def spoken(self, row: int, column: int) -> str:
        """What a screen reader says of a cell."""
        index = self.page.model.index(row, column)
        return str(index.data(Qt.ItemDataRole.AccessibleTextRole))

    def can(self, text: str) -> bool:
        """Whether the menus offer this."""
        return self._action(text).isEnabled()

    @property
    def comparisons(self) -> list[ComparisonDialog]:
        """The dialogs of original and result that are open."""
        return self.page.findChildren(ComparisonDialog)

    def comparison(self) -> ComparisonDialog:
        """The only one."""
        (dialog,) = self.comparisons
        return dialog

    # what is done

    def add(self, *paths: Path) -> None:
        """Files and folders, and wait until they are on the list."""
        self.page.open_paths(paths)
        self.settle()

    def drop(self, *paths: Path) -> None:
        """Drag them over the page and let go."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        at, left = QPointF(50, 50), Qt.MouseButton.LeftButton
        enter = QDragEnterEvent(at.toPoint(), COPY, data, left, PLAIN)
        self.page.dragEnterEvent(enter)
        assert enter.isAccepted()
        self.page.dropEvent(QDropEvent(at, COPY, data, left, PLAIN))
        self.settle()

    def select(self, *names: str) -> None:
        """These rows and no others."""
        rows, shown = self.page.model.rows, self.names
        ids = [rows.item(shown.index(name)).id for name in names]
        self.table.choose(ids, ids[0])

    def do(self, text: str) -> None:
        """Something from the menus, and wait until it is done."""
        assert self.can(text), f"{text} is not offered"
        self._action(text).trigger()
        self.settle()

    def start(self) -> None:
        """Press Start."""
        assert self.start_button.isEnabled(), "it cannot start"
        self.start_button.click()
        assert self.page.run.active

    def run_to_the_end(self) -> None:
        """Start, and wait until nothing is left to do."""
        self.start()
        self.wait_for_the_end()

    def wait_for_the_end(self) -> None:
        """Of the run that goes on."""
        wait_until(lambda: not self.page.run.active)
        self.settle()

    def wait_for(self, status: str, count: int = 1) -> None:
        """Until so many pictures have that status."""
        wait_until(lambda: self.counts.get(status, 0) >= count)

    def press(self, name: str) -> None:
        """A button of the page."""
        press(self.page, name)

    def key(self, which: Qt.Key, *, ctrl: bool = False) -> None:
        """To whatever has the focus."""
        key(None, which, ctrl=ctrl)

    def show_only(self, which: Filter) -> None:
        """One of the filters above the list."""
        self.view.top.choose(which)

    def open_row(self, row: int) -> None:
        """A double click."""
        index = self.page.model.index(row, 0)
        place = self.table.visualRect(index).center()
        viewport = self.table.viewport()
        QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place)
        QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=place)

    def choose_factor(self, factor: int) -> None:
        """One of the sizes at a press."""
        press(self.panel, f"{factor}×")

    def choose_folder(self, folder: Path) -> None:
        """Where results go."""
        type_into(self.panel, "Output folder", str(folder))

    def name_results(self, template: str) -> None:
        """What they are called."""
        type_into(self.panel, "Name", template, enter=False)

    def pick(self, box: str, text: str) -> None:
        """A line of one of the boxes."""
        pick(self.panel, box, text)

    def set_number(self, name: str, value: int) -> None:
        """A number of the options."""
        set_number(self.panel, name, value)

    def type_into(self, name: str, text: str) -> None:
        """A field of the options."""
        type_into(self.panel, name, text)

    def find(self, kind: type, name: str):  # type: ignore[no-untyped-def]
        """A control of the page by its name."""
        return find(self.page, kind, name)

    # what goes on behind

    def settle(self) -> None:
        """Wait until the queue's thread has nothing more to do and has told everything."""
        session = self.page.session
        wait_until(lambda: session.is_open and not session.adding)
        session.settle()
        wait_until(lambda: not session.lane.busy)
        over: list[bool] = []
        session.lane.submit(_nothing, on_done=lambda _: over.append(True))
        wait_until(lambda: over)

    @property
    def state(self) -> State:
        """Of the run."""
        return self.page.run.state

    def _action(self, text: str) -> QAction:
        offered = [*self.page.file_actions(), *self.page.edit_actions(), *self.page.actions()]
        menus = (self.view.top.add.menu(), self.view.top.more.menu())
        offered += [action for menu in menus for action in menu.actions()]
        found = {action for action in offered if is_clean(action.text()) == text}
        assert len(found) == 1, f"{text}: none of {sorted({a.text() for a in offered})}"
        return found.pop()


def written(folder: Path) -> list[str]:
    """All files below a folder."""
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def _nothing() -> Generator[None, None, None]:
    yield
