"""What is to be rated: pictures and methods, or a study of before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base.translation import tr, trn
from srgan_desktop.core.evaluation.rating import Study
from srgan_desktop.gui.common.dialogs import heading, image_filter, quiet_label
from srgan_desktop.gui.common.requests import ModelChoice
from srgan_desktop.gui.common.telling_models import telling_models
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.rating.preparing import MOST_PICTURES, StudyRequest

MOST_HEIGHT = 220
FIRST_COUNT = 3


class SetupView(QWidget):
    """Two halves: a new study, and those of before."""

    paths_chosen = Signal(list)
    """Files or a folder in which pictures to rate are to be found."""
    start_wanted = Signal()
    """Make the study that ``request`` describes."""
    study_wanted = Signal(object)
    """A ``Study`` to go on with."""
    results_wanted = Signal(object)
    """A ``Study`` whose results are to be seen."""

    def __init__(self, models: Sequence[ModelChoice]) -> None:
        super().__init__()
        self._models = [model for model in models if not model.problem]
        self.paths: list[Path] = []
        self.rater = QLineEdit()
        self.rater.setPlaceholderText(tr("Your name"))
        self.rater.setAccessibleName(tr("Your name"))
        self.pictures_button = QPushButton(tr("Pictures…"))
        self.folder_button = QPushButton(tr("Folder…"))
        self.pictures = quiet_label("", wrap=False)
        self.nearest, self.bicubic = QCheckBox(tr("Nearest")), QCheckBox(tr("Bicubic"))
        self.ticks = [QCheckBox(tr(model.title)) for model in self._models]
        self.original = QCheckBox(tr("The pictures are originals: shrink them, and rate them too"))
        first = telling_models(self._models)[:FIRST_COUNT]
        first = [model for model in first if model.scale == first[0].scale]
        self.nearest.setChecked(True)
        self.bicubic.setChecked(True)
        for model, box in zip(self._models, self.ticks, strict=True):
            box.setChecked(model in first)
        self.start = QPushButton(tr("Create study"))
        self.start.setProperty("primary", True)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("Progress"))
        self.progress.hide()
        self.problem = quiet_label("")
        self.problem.setProperty("wrong", True)
        self.studies = QListWidget()
        self.studies.setAccessibleName(tr("Earlier studies"))
        self.go_on, self.results = QPushButton(tr("Continue rating")), QPushButton(tr("Results"))
        for button in (self.pictures_button, self.folder_button, self.results, self.go_on):
            # Enter in the name's field is not to press the first button of the page
            button.setAutoDefault(False)
        self.start.setDefault(True)
        self.methods, self.earlier = self._methods(), self._studies_of_before()
        self._lay_out()
        self._connect()
        self.set_studies(())
        self._show_paths(0)

    def set_studies(self, studies: Sequence[Study]) -> None:
        """Those of before, the newest first."""
        self.studies.clear()
        for study in studies:
            item = QListWidgetItem(f"{study.folder.name[:16]}   {study.title}")
            item.setData(Qt.ItemDataRole.UserRole, study)
            self.studies.addItem(item)
        if studies:
            self.studies.setCurrentRow(0)
        self.earlier.setVisible(bool(studies))
        height = self._boxes.sizeHint().height()
        self.methods.setMaximumHeight(min(height, MOST_HEIGHT) if studies else height)
        self._refresh()

    def set_pictures(self, pictures: Sequence[Path]) -> None:
        """What was found; of very many the first."""
        self.paths = list(pictures[:MOST_PICTURES])
        self._show_paths(len(pictures))

    def show_looking(self) -> None:
        """They are being looked for."""
        self.paths = []
        self.say("")
        self._refresh()
        self.pictures.setText(tr("Looking for pictures…"))

    def request(self, device: str, precision: str) -> StudyRequest:
        """What is ticked."""
        models = [
            model for model, box in zip(self._models, self.ticks, strict=True) if box.isChecked()
        ]
        return StudyRequest(
            tuple(self.paths),
            tuple(models),
            self.nearest.isChecked(),
            self.bicubic.isChecked(),
            self.original.isChecked(),
            device,
            precision,
        )

    def show_progress(self, share: float | None) -> None:
        """How far the study is made; None: none is being made."""
        self.progress.setVisible(share is not None)
        self.progress.setValue(round((share or 0) * 100))
        self._refresh()

    def say(self, problem: str) -> None:
        """What went wrong, or nothing."""
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))

    @property
    def chosen_study(self) -> Study | None:
        """The marked one of those of before."""
        item = self.studies.currentItem()
        study = None if item is None else item.data(Qt.ItemDataRole.UserRole)
        return study if isinstance(study, Study) else None

    # inside

    def _offer_comparable(self) -> None:
        """Only models of one scale can be told apart by what they do, not by how large it is."""
        pairs = list(zip(self._models, self.ticks, strict=True))
        chosen = next((model.scale for model, box in pairs if box.isChecked()), None)
        for model, box in pairs:
            fits = chosen is None or box.isChecked() or model.scale == chosen
            box.setEnabled(fits)
            why = tr("Enlarges {n} times; only models of one factor are compared", n=model.scale)
            box.setToolTip("" if fits else why)

    @Slot()
    def _choose_pictures(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, tr("Pictures"), "", image_filter())
        if names:
            self.paths_chosen.emit([Path(name) for name in names])

    @Slot()
    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Folder"))
        if name:
            self.paths_chosen.emit([Path(name)])

    def _show_paths(self, total: int) -> None:
        n = len(self.paths)
        text = trn("{n} picture", "{n} pictures", n)
        if total > n:
            text = tr("{n} of {total} pictures", n=n, total=f"{total:,}")
        self.pictures.setText(text)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        self._offer_comparable()
        making = not self.progress.isHidden()
        named = bool(self.rater.text().strip())
        enough = len(self.request("", "").methods) >= 2 and bool(self.paths)
        self.start.setEnabled(enough and named and not making)
        study = self.chosen_study
        self.go_on.setEnabled(study is not None and named and not making)
        self.results.setEnabled(study is not None and not making)

    @Slot()
    def _go_on(self) -> None:
        if self.chosen_study is not None:
            self.study_wanted.emit(self.chosen_study)

    @Slot()
    def _show_results(self) -> None:
        if self.chosen_study is not None:
            self.results_wanted.emit(self.chosen_study)

    def _connect(self) -> None:
        self.pictures_button.clicked.connect(self._choose_pictures)
        self.folder_button.clicked.connect(self._choose_folder)
        self.rater.textChanged.connect(self._refresh)
        for box in (self.nearest, self.bicubic, self.original, *self.ticks):
            box.toggled.connect(self._refresh)
        self.start.clicked.connect(self.start_wanted)
        self.go_on.clicked.connect(self._go_on)
        self.results.clicked.connect(self._show_results)
        self.studies.itemSelectionChanged.connect(self._refresh)

    def _methods(self) -> QScrollArea:
        """Their boxes; however many models there are, the rest of the page stays in view."""
        self._boxes = QWidget()
        self._boxes.setObjectName("panelBody")
        column = QVBoxLayout(self._boxes)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        for box in (self.nearest, self.bicubic, *self.ticks):
            column.addWidget(box)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(self._boxes)
        return area

    def _studies_of_before(self) -> QWidget:
        """What is not there before the first study is."""
        after = QHBoxLayout()
        after.addStretch(1)
        after.addWidget(self.results)
        after.addWidget(self.go_on)
        place = QWidget()
        column = QVBoxLayout(place)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(heading(tr("Earlier studies")))
        column.addWidget(self.studies, 1)
        column.addLayout(after)
        return place

    def _lay_out(self) -> None:
        what = QHBoxLayout()
        for widget in (self.pictures_button, self.folder_button):
            what.addWidget(widget)
        what.addWidget(self.pictures, 1)
        begin = QHBoxLayout()
        begin.addWidget(self.progress, 1)
        begin.addStretch(0)
        begin.addWidget(self.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        column.setSpacing(SPACE)
        column.addWidget(
            quiet_label(
                tr(
                    "Pictures are shown one at a time in a shuffled order, without saying who "
                    "made them. Rate each from 1 (bad) to 5 (excellent); several people can rate "
                    "one study."
                )
            )
        )
        column.addWidget(heading(tr("Rater")))
        column.addWidget(self.rater)
        column.addWidget(heading(tr("A new study")))
        column.addLayout(what)
        column.addWidget(self.methods, 1)
        column.addWidget(self.original)
        column.addLayout(begin)
        column.addWidget(self.problem)
        column.addWidget(self.earlier, 1)
        # takes what the boxes leave where there are no studies yet
        column.addStretch(0)
        self.problem.hide()
