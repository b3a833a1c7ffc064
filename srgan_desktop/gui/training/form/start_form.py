"""What the form of a new training is made of: its controls, their places and texts."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import quiet_label
from srgan_desktop.gui.common.icons import icon
from srgan_desktop.gui.common.scroll_area import scroll_area
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.common.wheel import QuietComboBox
from srgan_desktop.gui.common.worker import Lane
from srgan_desktop.gui.training.form.dataset_panel import DatasetPanel
from srgan_desktop.gui.training.form.field import Field
from srgan_desktop.gui.training.form.length_control import LengthControl
from srgan_desktop.gui.training.form.recipe_choice import RecipeChoice

WITHOUT, GIVEN, CHOOSE = "without", "given", "choose"


class FolderChoice(QuietComboBox):
    """The folder is chosen in a dialog; the box remembers it."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.folder: Path | None = None
        self._without = self._title = ""
        self.activated.connect(self._choose)

    def set_texts(self, without: str, title: str) -> None:
        """What is said without a folder, and above the dialog."""
        self._without, self._title = without, title
        self._offer()

    def set_folder(self, folder: Path | None) -> None:
        """This one, or none."""
        self.folder = folder
        self._offer()
        self.changed.emit()

    @Slot()
    def _choose(self) -> None:
        chosen = self.currentData()
        if chosen == CHOOSE:
            start = str(self.folder or "")
            name = QFileDialog.getExistingDirectory(self, self._title, start)
            self.set_folder(Path(name) if name else self.folder)
        else:
            self.set_folder(self.folder if chosen == GIVEN else None)

    def _offer(self) -> None:
        with QSignalBlocker(self):
            self.clear()
            self.addItem(self._without, WITHOUT)
            if self.folder is not None:
                self.addItem(str(self.folder), GIVEN)
            self.addItem(tr("Choose folder…"), CHOOSE)
            self.setCurrentIndex(0 if self.folder is None else 1)


class StartForm(QWidget):
    """The controls in their places and their texts; ``FormController`` gives them sense."""

    def __init__(self, services: Services, lane: Lane) -> None:
        super().__init__()
        self.check_lane = lane
        self.photos = DatasetPanel(services, lane)
        self.recipe = RecipeChoice()
        self.description, self.needs = quiet_label(), quiet_label()
        self.second = QCheckBox()
        self.length = LengthControl()
        self.length_hint = quiet_label()
        self.measure = QPushButton()
        self.measured = QLabel()
        self.measured.setWordWrap(True)
        self.measure_bar = QProgressBar()
        self.measure_bar.setTextVisible(False)
        self.name = QLineEdit()
        self.name.setAcceptDrops(False)
        self.real, self.pairs, self.validation = FolderChoice(), FolderChoice(), FolderChoice()
        self.init, self.teacher, self.device = QuietComboBox(), QuietComboBox(), QuietComboBox()
        boxes = (self.recipe, self.real, self.pairs, self.validation, self.init, self.teacher)
        for box in (*boxes, self.device):
            self._adapt(box)
        self.settings = QPushButton()
        self.start = QPushButton()
        self.start.setProperty("primary", True)
        self.problem = quiet_label()
        self.problem.setProperty("wrong", True)
        self.problem.hide()
        self.pairs_hint, self.teacher_hint = quiet_label(), quiet_label()
        self.fields = {
            "photos": Field(self.photos, problem=self.photos.problem_label),
            "recipe": Field(self.recipe, self.description, self.needs, self.second),
            "real": Field(self.real),
            "length": Field(
                self.length, self.length_hint, self.measure, self.measure_bar, self.measured
            ),
            "name": Field(self.name),
            "validation": Field(self.validation, is_heading=False),
            "pairs": Field(self.pairs, self.pairs_hint, is_heading=False),
            "init": Field(self.init, is_heading=False),
            "teacher": Field(self.teacher, self.teacher_hint, is_heading=False),
            "device": Field(self.device, is_heading=False),
            "settings": Field(self.settings, is_heading=False),
        }
        self.fields["settings"].name.hide()  # the button says it
        self.fields["photos"].name.hide()
        self.more = QToolButton()
        self.more.setObjectName("fold")
        self.more.setCheckable(True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._more_body = QWidget()
        self._more_body.hide()
        self.more.toggled.connect(self._unfold)
        self._title = QLabel()
        font = self._title.font()
        font.setPointSizeF(font.pointSizeF() * 1.4)
        self._title.setFont(font)
        self._promise = quiet_label()
        self._lay_out()
        self._unfold(False)
        services.theme.changed.connect(self._recolour)

    def retranslate(self) -> None:
        """All texts in the present language."""
        self._title.setText(tr("Train a model on your own photos"))
        self._promise.setText(
            tr(
                "It learns from your photos how fine detail looks. Everything stays on this "
                "computer. Training runs in the background at low priority and continues after you "
                "close this window."
            )
        )
        names = {
            "recipe": tr("What kind of model"),
            "real": tr("Bad photos to learn from"),
            "length": tr("How long"),
            "name": tr("Name"),
            "validation": tr("Validation photos"),
            "pairs": tr("Low-resolution versions"),
            "init": tr("Start from"),
            "teacher": tr("Learn from a larger model"),
            "device": tr("Device"),
            "settings": tr("All settings"),
        }
        for key, name in names.items():
            self.fields[key].set_name(name)
        self.teacher_hint.setText(
            tr(
                "It shows what to make of each piece of a photo: slow to ask, but asked only once, "
                "while the training already runs. It must enlarge as many times as the recipe."
            )
        )
        self.second.setText(tr("Then a second stage for lifelike detail (SRGAN)"))
        self.more.setText(tr("More"))
        self.start.setText(tr("Start training"))
        self.name.setPlaceholderText(tr("Model name"))
        self.photos.retranslate()
        self.length.retranslate()
        self.validation.set_texts(tr("Hold back every 20th photo"), names["validation"])
        self.pairs.set_texts(tr("Made from the photos"), names["pairs"])

    @staticmethod
    def _adapt(box: QComboBox) -> None:
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(12)

    @Slot(bool)
    def _unfold(self, unfolded: bool) -> None:
        self._more_body.setVisible(unfolded)
        self._recolour()

    @Slot()
    def _recolour(self) -> None:
        name = "expanded" if self.more.isChecked() else "collapsed"
        self.more.setIcon(icon(name, self.palette()))

    def _lay_out(self) -> None:
        more = QVBoxLayout(self._more_body)
        more.setContentsMargins(0, 0, 0, 0)
        more.setSpacing(SPACE)
        for key in ("validation", "pairs", "init", "teacher", "device", "settings"):
            more.addWidget(self.fields[key])
        right = QVBoxLayout()
        right.setSpacing(2 * SPACE)
        for key in ("recipe", "real", "length", "name"):
            right.addWidget(self.fields[key])
        right.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        right.addWidget(self._more_body)
        right.addStretch(1)
        columns = QHBoxLayout()
        columns.setSpacing(4 * SPACE)
        columns.addWidget(self.fields["photos"], 5)
        columns.addLayout(right, 4)
        body = QWidget()
        body.setObjectName("panelBody")
        column = QVBoxLayout(body)
        column.setContentsMargins(3 * SPACE, 2 * SPACE, 3 * SPACE, 2 * SPACE)
        column.setSpacing(SPACE)
        column.addWidget(self._title)
        column.addWidget(self._promise)
        column.addSpacing(SPACE)
        column.addLayout(columns, 1)
        area = scroll_area(body)
        foot = QFrame()
        foot.setObjectName("bottomBar")
        row = QHBoxLayout(foot)
        row.setContentsMargins(3 * SPACE, SPACE, 3 * SPACE, SPACE)
        row.setSpacing(SPACE)
        row.addWidget(self.problem, 1)
        row.addStretch(1)
        row.addWidget(self.start)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(area, 1)
        whole.addWidget(foot)
