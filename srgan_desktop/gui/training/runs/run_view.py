"""A training while it learns, and afterwards: how it goes, curves, samples, what can be done."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QColor, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import quiet_label
from srgan_desktop.gui.common.elided_label import ElidedLabel
from srgan_desktop.gui.common.icons import pixmap
from srgan_desktop.gui.common.scroll_area import scroll_area
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.common.wheel import guard_late
from srgan_desktop.gui.common.worker import Task
from srgan_desktop.gui.training.runs.history import History
from srgan_desktop.gui.training.runs.manager import RunManager
from srgan_desktop.gui.training.runs.run_facts import continue_text_of, facts_of, part_of, what_of
from srgan_desktop.gui.training.runs.run_status import run_status
from srgan_desktop.gui.training.runs.samples import SamplesView

if TYPE_CHECKING:
    from srgan_desktop.gui.training.charts.curves_view import CurvesView

BAR_STEPS = 1000
ICON_SIDE = 20
MARGIN = 2 * SPACE
_WARNINGS_SHOWN = 20


def load_library() -> Generator[None, None, None]:
    """What draws curves: a third of a second and more of reading modules, so not for the window."""
    yield
    import pyqtgraph  # noqa: F401


class RunStatusBar(QFrame):
    """How it goes, in a sentence."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.setObjectName("messageBar")
        self._theme = services.theme
        self._mood = "info"
        self._icon = QLabel()
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        row.setSpacing(SPACE)
        row.addWidget(self._icon)
        row.addWidget(self.label, 1)
        self._theme.changed.connect(self.recolour)

    def show_text(self, text: str, mood: str) -> None:
        """Say it, where it is not said already."""
        if text == self.label.text() and mood == self._mood:
            return
        self._mood = mood
        self.label.setText(text)
        self.setAccessibleName(text)
        self.setProperty("kind", mood)
        self.style().unpolish(self)
        self.style().polish(self)
        self.recolour()

    @Slot()
    def recolour(self) -> None:
        """The icon in the theme's colour."""
        shades = self._theme.shades
        colour = QColor(shades.warning if self._mood == "warning" else shades.accent)
        self._icon.setPixmap(pixmap(self._mood, colour, ICON_SIDE, self.devicePixelRatioF()))


class RunView(QWidget):
    """Shows the desk's history; says what the person wants of it."""

    use_wanted = Signal()
    continue_wanted = Signal()
    longer_wanted = Signal()
    rename_wanted = Signal()
    delete_wanted = Signal()
    folder_wanted = Signal()

    def __init__(self, services: Services, manager: RunManager) -> None:
        super().__init__()
        self._services, self._manager = services, manager
        self._shown: History | None = None
        self.curves: CurvesView | None = None
        self._loading: Task | None = None
        self._can_draw = False
        self.title = ElidedLabel()
        font = self.title.font()
        font.setPointSizeF(font.pointSizeF() * 1.4)
        self.title.setFont(font)
        self.what = ElidedLabel()
        self.what.setProperty("quiet", True)
        self.pause, self.stop = QPushButton(), QPushButton()
        self.go_on, self.longer, self.use = QPushButton(), QPushButton(), QPushButton()
        self.use.setProperty("primary", True)
        self.more = QToolButton()
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setProperty("menuOnly", True)
        self.run_status = RunStatusBar(services)
        self.bar = QProgressBar()
        self.bar.setRange(0, BAR_STEPS)
        self.bar.setTextVisible(False)
        self.facts = quiet_label()
        self.warning = quiet_label()
        self.warning.setTextFormat(Qt.TextFormat.PlainText)
        self.samples = SamplesView(services)
        self._make_menu()
        self._lay_out()
        self.pause.clicked.connect(self._pause)
        self.stop.clicked.connect(self._stop)
        self.go_on.clicked.connect(self._go_on)
        self.longer.clicked.connect(self.longer_wanted)
        self.use.clicked.connect(self.use_wanted)
        manager.state_changed.connect(self.refresh)
        manager.grown.connect(self.refresh)
        self.retranslate()

    # what is shown

    @Slot()
    def refresh(self) -> None:
        """All that may have changed."""
        history = self._manager.history
        if history is not self._shown:
            self._shown = history
            self.samples.show_history(history)
        if history is None:
            return
        self._show_curves(history)
        self.samples.refresh()
        plan = history.training.plan
        self.title.setText(plan.name)
        self.what.setText(what_of(history))
        said = run_status(history)
        stopping = self._manager.is_stopping(history.training)
        if stopping and history.phase == "running":
            self.run_status.show_text(tr("Saving, then it stops…"), "info")
        else:
            self.run_status.show_text(said.text, said.mood)
        self._show_warnings(history.warnings)
        self.facts.setText(facts_of(history))
        part = part_of(history)
        self.bar.setValue(round(BAR_STEPS * part))
        self.bar.setVisible(history.phase not in ("done", "gone"))
        self._show_buttons(history, stopping)

    def _show_warnings(self, warnings: list[str]) -> None:
        """The newest in a line, more of them under the pointer."""
        text = warnings[-1] if warnings else ""
        if len(warnings) > 1:
            text = tr("{text} (and {n} more)", text=text, n=len(warnings) - 1)
        self.warning.setText(text)
        self.warning.setVisible(bool(text))
        self.warning.setToolTip("\n".join(warnings[-_WARNINGS_SHOWN:]))

    def _show_buttons(self, history: History, stopping: bool) -> None:
        running = history.phase == "running"
        self.pause.setVisible(running)
        self.pause.setText(tr("Resume") if history.paused else tr("Pause"))
        self.stop.setVisible(running)
        for button in (self.pause, self.stop):
            button.setEnabled(not stopping)
        self.go_on.setVisible(history.phase not in ("running", "gone"))
        self.go_on.setText(continue_text_of(history))
        has_model = bool(history.validations) or history.phase == "done"
        self.use.setEnabled(has_model and history.phase != "gone")
        for action in (self.save_action, self.sample_action):
            action.setVisible(running)
        # of one that is done the button that goes on says the same
        self.longer.setVisible(history.state.begun and history.phase not in ("done", "gone"))
        self.longer.setEnabled(not stopping)
        self.delete_action.setEnabled(not running)
        self.delete_action.setToolTip(tr("Stop it first") if running else "")

    def retranslate(self) -> None:
        """All texts in the present language."""
        self.pause.setToolTip(tr("Holds the trainer for a while; it keeps its memory"))
        self.stop.setText(tr("Stop"))
        self.stop.setToolTip(
            tr("Saves everything and ends the trainer; continue whenever you like, exactly there")
        )
        self.use.setText(tr("Use this model…"))
        self.use.setToolTip(tr("Enlarge photos with the best model so far, or save it to a file"))
        self.more.setText("⋯")
        self.more.setAccessibleName(tr("More"))
        self.more.setToolTip(tr("More"))
        self.save_action.setText(tr("Save now"))
        self.sample_action.setText(tr("Validate now"))
        self.longer.setText(tr("Train longer…"))
        self.longer.setToolTip(tr("Choose how long it trains in all"))
        self.compare_menu.setTitle(tr("Compare with"))
        self.rename_action.setText(tr("Rename…"))
        self.folder_action.setText(tr("Open folder"))
        self.delete_action.setText(tr("Delete…"))
        if self.curves is not None:
            self.curves.retranslate()
        self.samples.retranslate()
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """The samples get the width beside a scroll bar, whether there is one or not."""
        super().resizeEvent(event)
        bar = self._area.verticalScrollBar().sizeHint().width()
        self.samples.fit(self.width() - bar - 2 * MARGIN)

    # inside

    def _show_curves(self, history: History) -> None:
        """As soon as the library that draws them is there."""
        if not self._can_draw:
            if self._loading is None:
                self._loading = self._manager.lane.submit(
                    load_library,
                    on_done=self._begin_to_draw,
                    on_failed=self._services.faults.report,
                )
            return
        if self.curves is None:
            from srgan_desktop.gui.training.charts.curves_view import CurvesView

            self.curves = CurvesView(self._services)
            self._curves_place.addWidget(self.curves)
            guard_late(self.curves)
        self.curves.show_history(history, self._manager.other)

    def _begin_to_draw(self, _: object) -> None:
        self._can_draw = True
        self.refresh()

    @Slot()
    def _pause(self) -> None:
        history = self._manager.history
        if history is not None:
            self._manager.pause(history.training, not history.paused)

    @Slot()
    def _go_on(self) -> None:
        history = self._manager.history
        is_done = history is not None and history.phase == "done"
        (self.longer_wanted if is_done else self.continue_wanted).emit()

    @Slot()
    def _stop(self) -> None:
        if self._manager.history is not None:
            self._manager.stop(self._manager.history.training)

    @Slot()
    def _save_now(self) -> None:
        if self._manager.history is not None:
            self._manager.save_now(self._manager.history.training)

    @Slot()
    def _sample_now(self) -> None:
        if self._manager.history is not None:
            self._manager.validate_now(self._manager.history.training)

    @Slot()
    def _offer_comparisons(self) -> None:
        self.compare_menu.clear()
        history = self._manager.history
        none = self.compare_menu.addAction(tr("Nothing"))
        none.setData(None)
        for training, _ in self._manager.trainings:
            if history is None or training.folder != history.training.folder:
                self.compare_menu.addAction(training.plan.name.replace("&", "&&")).setData(training)

    @Slot(QAction)
    def _compare(self, action: QAction) -> None:
        self._manager.compare_with(action.data())

    def _make_menu(self) -> None:
        menu = QMenu(self)
        self.save_action, self.sample_action = menu.addAction(""), menu.addAction("")
        self.compare_menu = QMenu(menu)
        menu.addMenu(self.compare_menu)
        menu.addSeparator()
        self.rename_action, self.folder_action = menu.addAction(""), menu.addAction("")
        self.delete_action = menu.addAction("")
        self.more.setMenu(menu)
        self.save_action.triggered.connect(self._save_now)
        self.sample_action.triggered.connect(self._sample_now)
        self.rename_action.triggered.connect(self.rename_wanted)
        self.folder_action.triggered.connect(self.folder_wanted)
        self.delete_action.triggered.connect(self.delete_wanted)
        self.compare_menu.aboutToShow.connect(self._offer_comparisons)
        self.compare_menu.triggered.connect(self._compare)

    def _lay_out(self) -> None:
        self._curves_place = QVBoxLayout()
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self.title)
        names.addWidget(self.what)
        head.addLayout(names, 1)
        for button in (self.pause, self.stop, self.go_on, self.longer, self.use, self.more):
            head.addWidget(button)
        body = QWidget()
        body.setObjectName("panelBody")
        column = QVBoxLayout(body)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(SPACE)
        column.addLayout(head)
        column.addWidget(self.run_status)
        column.addWidget(self.bar)
        column.addWidget(self.facts)
        column.addWidget(self.warning)
        column.addLayout(self._curves_place, 1)
        column.addWidget(self.samples)
        self._area = area = scroll_area(body)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)
