"""The window for blind rating: set up, rate, see the results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QLabel, QStackedWidget, QVBoxLayout, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.evaluation.rating import Study, list_studies
from srgan_desktop.gui.common import drop_data, files
from srgan_desktop.gui.common.error_text import explain
from srgan_desktop.gui.common.requests import ModelChoice
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.worker import Task, TaskSlot
from srgan_desktop.gui.rating.preparing import Prepared, prepare, studies_folder
from srgan_desktop.gui.rating.rating_view import RatingView
from srgan_desktop.gui.rating.results_view import ResultsView
from srgan_desktop.gui.rating.setup_view import SetupView

FIRST_SIZE = (940, 760)


class RatingDialog(QDialog):
    """Three pages in turn; closing it at any time loses nothing."""

    def __init__(
        self, services: Services, models: Sequence[ModelChoice], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._task: Task | None = None
        self._finding = TaskSlot()
        self.study: Study | None = None
        self.setWindowTitle(tr("Blind rating"))
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.resize(*FIRST_SIZE)
        self.setup = SetupView(models)
        self.rating = RatingView()
        self.results = ResultsView(services.theme)
        self.pages = QStackedWidget()
        for page in (self.setup, self.rating, self.results):
            self.pages.addWidget(page)
        self.problem = QLabel()
        self.problem.setProperty("wrong", True)
        self.problem.setWordWrap(True)
        self.problem.setMargin(8)
        self.problem.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.problem)
        column.addWidget(self.pages, 1)
        self.setup.paths_chosen.connect(self.find_pictures)
        self.setup.start_wanted.connect(self._start)
        self.setup.study_wanted.connect(self.rate)
        self.setup.results_wanted.connect(self.show_results)
        self.rating.finished.connect(self._rated)
        self.rating.failed.connect(self._fail)
        self.results.failed.connect(self._fail)
        self.results.back_wanted.connect(self.show_setup)
        self.finished.connect(self._end)
        self.show_setup()

    @Slot()
    def show_setup(self) -> None:
        """The first page, with the studies there are now."""
        self.setup.set_studies(list_studies(studies_folder()))
        self.pages.setCurrentWidget(self.setup)

    @Slot(list)
    def find_pictures(self, paths: list[Path]) -> None:
        """Rate these pictures, and those in these folders."""
        self.setup.show_looking()
        self._finding.put(
            self._services.file_lane.submit(
                lambda: files.find(paths), on_done=self._found, on_failed=self._not_found
            )
        )

    @Slot(object)
    def rate(self, study: Study) -> None:
        """Let the named rater go on with a study."""
        self.study = study
        self._say("")
        self.pages.setCurrentWidget(self.rating)
        try:
            self.rating.begin(study, self.setup.rater.text())
        except Exception as error:  # told where all is told
            self.show_setup()
            self._fail(error)

    @Slot(object)
    def show_results(self, study: Study) -> None:
        """The opinions so far."""
        self.study = study
        try:
            self.results.show_study(study)
        except Exception as error:  # told where all is told
            self._fail(error)
        else:
            self.pages.setCurrentWidget(self.results)

    # inside

    def _found(self, found: files.Found) -> None:
        self.setup.set_pictures(found.pictures)
        self.setup.say(drop_data.refusal(found) if found.refused else "")

    def _not_found(self, error: BaseException) -> None:
        self.setup.set_pictures(())
        text = explain(error)
        if text is None:
            self._services.faults.report(error)
        self.setup.say(text or "")

    @Slot()
    def _start(self) -> None:
        settings = self._services.settings
        request = self.setup.request(
            settings.text("upscale/device"), settings.text("upscale/precision")
        )
        self._say("")
        self.setup.show_progress(0.0)
        self._task = self._services.device_lane.submit(
            lambda: prepare(request),
            on_event=self._advance,
            on_done=self._made,
            on_failed=self._not_made,
        )

    def _advance(self, prepared: Prepared) -> None:
        self.setup.show_progress(prepared.done / max(1, prepared.total))

    def _made(self, study: Study) -> None:
        self._task = None
        self.setup.show_progress(None)
        self.rate(study)

    def _not_made(self, error: BaseException) -> None:
        self._task = None
        self.setup.show_progress(None)
        self._fail(error)

    @Slot()
    def _rated(self) -> None:
        if self.study is not None:
            self.show_results(self.study)

    @Slot(Exception)
    def _fail(self, error: BaseException) -> None:
        text = explain(error)
        if text is None:
            self._services.faults.report(error)
        else:
            self._say(text)

    def _say(self, problem: str) -> None:
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))

    @Slot()
    def _end(self) -> None:
        self._finding.cancel()
        if self._task is not None:
            self._task.cancel()
