"""Save as: where, as what, how well. Each field is checked beside it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base.atomic import explain
from srgan_desktop.core.base.errors import FormatLimitError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.io import (
    FORMATS,
    check_target,
    default_quality,
    extension,
    format_of_extension,
    free_target,
    writable_formats,
)
from srgan_desktop.gui.common.dialogs import Standard, buttons, column, field_label, quiet_label
from srgan_desktop.gui.common.files import SaveRequest
from srgan_desktop.gui.common.jump_slider import JumpSlider
from srgan_desktop.gui.common.theme import SPACE


class SaveDialog(QDialog):
    """Gives a ``SaveRequest``; nothing is written here."""

    def __init__(
        self,
        suggestion: Path,
        format_name: str,
        size: tuple[int, int],
        *,
        keep_metadata: bool,
        quality: int | None = None,
        makes: Path | None = None,
        source: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """
        Args:
            quality: to begin with; None for what each format begins with.
            makes: a folder that is made where it is missing.
            source: the original, which is never replaced.
        """
        super().__init__(parent)
        self._source, self._makes = source, makes
        self._quality_is_chosen = quality is not None
        self.setWindowTitle(tr("Save as"))
        self.setMinimumWidth(520)
        self._size = size
        self.folder = QLineEdit(str(suggestion.parent))
        self.name = QLineEdit(suggestion.stem)
        self.format = QComboBox()
        for name in writable_formats():
            self.format.addItem(FORMATS[name].label, name)
        self.format.setCurrentIndex(max(0, self.format.findData(format_name)))
        self.quality = JumpSlider(Qt.Orientation.Horizontal)
        self.quality.setRange(1, 100)
        self.quality.setValue(quality or default_quality(self.format_name))
        self._quality_value = QLabel()
        self.metadata = QCheckBox(tr("Keep date, place and camera data"))
        self.metadata.setChecked(keep_metadata)
        self.keep_both, self.replace = QRadioButton(), QRadioButton(tr("Replace"))
        self.keep_both.setChecked(True)
        self.problem = quiet_label()
        self.problem.setProperty("wrong", True)
        self._buttons = buttons(self, Standard.Save, Standard.Cancel)
        self._lay_out()
        self.folder.textChanged.connect(self._check)
        self.name.textChanged.connect(self._check)
        self.format.currentIndexChanged.connect(self._choose_format)
        self.quality.valueChanged.connect(self._choose_quality)
        self.replace.toggled.connect(self._check)
        self._check()
        self.name.setFocus()
        self.name.selectAll()

    @property
    def target(self) -> Path:
        """The file that is meant; an ending typed by hand that fits is not doubled."""
        name = self.name.text().strip()
        if format_of_extension(name) == self.format_name:
            return Path(self.folder.text()) / name
        return Path(self.folder.text()) / (name + extension(self.format_name))

    @property
    def format_name(self) -> str:
        """The format's short name."""
        return str(self.format.currentData())

    def request(self) -> SaveRequest:
        """What was chosen."""
        lossy = FORMATS[self.format_name].lossy
        return SaveRequest(
            self.target,
            self.format_name,
            self.quality.value() if lossy else None,
            self.metadata.isChecked(),
            folder=self._makes,
            overwrite=self.replace.isChecked() and self.target.exists(),
        )

    @Slot()
    def _choose_format(self) -> None:
        if not self._quality_is_chosen:
            with QSignalBlocker(self.quality):
                self.quality.setValue(default_quality(self.format_name))
        self._check()

    @Slot()
    def _choose_quality(self) -> None:
        self._quality_is_chosen = True
        self._check()

    @Slot()
    def _check(self) -> None:
        lossy = FORMATS[self.format_name].lossy
        self.quality.setEnabled(lossy)
        self._quality_value.setText(str(self.quality.value()) if lossy else tr("exact"))
        problem, taken = self._looked_up()
        self._form.setRowVisible(self._taken, taken)
        if taken:
            free = free_target(self.target, "rename") or self.target
            self.keep_both.setText(tr("Keep both, as {name}", name=free.name))
        if taken and self.replace.isChecked() and self._is_source():
            problem = tr("This is the original; choose another name.")
        self.problem.setText(problem)
        self._form.setRowVisible(self.problem, bool(problem))
        self._buttons.button(Standard.Save).setEnabled(not problem)

    def _looked_up(self) -> tuple[str, bool]:
        """What is wrong, empty for nothing; and whether there is a file of that name."""
        try:
            problem = self._problem()
            return problem, not problem and self.target.exists()
        except OSError as error:  # too long a name, a folder that may not be entered
            return explain(error), False

    def _problem(self) -> str:
        name = self.name.text().strip()
        if not name:
            return tr("A name is needed")
        if "/" in name or "\\" in name:
            return tr("The name cannot contain / or \\")
        folder = Path(self.folder.text())
        if not folder.is_dir() and folder != self._makes:
            return tr("There is no such folder")
        try:
            check_target(self.target, self.format_name, *self._size)
        except FormatLimitError as error:
            return error.problem
        return ""

    def _is_source(self) -> bool:
        try:
            return self._source is not None and self.target.samefile(self._source)
        except OSError:  # one of them has gone
            return False

    @Slot()
    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, tr("Folder"), self.folder.text())
        if folder:
            self.folder.setText(folder)

    def _lay_out(self) -> None:
        browse = QPushButton(tr("Choose…"))
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        where = QHBoxLayout()
        where.setSpacing(SPACE)
        where.addWidget(self.folder, 1)
        where.addWidget(browse)
        how = QHBoxLayout()
        how.setSpacing(SPACE)
        how.addWidget(self.quality, 1)
        how.addWidget(self._quality_value)
        self._quality_value.setMinimumWidth(40)
        form = self._form = QFormLayout()
        form.setHorizontalSpacing(2 * SPACE)
        form.setVerticalSpacing(SPACE)
        form.addRow(field_label(tr("Folder")), where)
        form.addRow(field_label(tr("Name")), self.name)
        form.addRow(field_label(tr("Format")), self.format)
        form.addRow(field_label(tr("Quality")), how)
        form.addRow(" ", self.metadata)
        self._taken = QWidget()
        choice = QVBoxLayout(self._taken)
        choice.setContentsMargins(0, 0, 0, 0)
        choice.setSpacing(SPACE // 2)
        for part in (
            QLabel(tr("A file with this name already exists.")),
            self.keep_both,
            self.replace,
        ):
            choice.addWidget(part)
        form.addRow(" ", self._taken)
        form.addRow(" ", self.problem)
        for widget, text in (
            (self.folder, tr("Folder")),
            (self.name, tr("Name")),
            (self.format, tr("Format")),
            (self.quality, tr("Quality")),
        ):
            widget.setAccessibleName(text)
        layout = column(self)
        layout.addLayout(form)
        layout.addStretch(1)
        layout.addWidget(self._buttons)
