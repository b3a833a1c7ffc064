"""Where results go, what they are called and how they are written; each field checked beside it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base.atomic import explain
from srgan_desktop.core.base.defaults import DEFAULT_NAME
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.io import FORMATS, writable_formats
from srgan_desktop.core.jobs.result_names import Naming
from srgan_desktop.core.jobs.sources import Source
from srgan_desktop.gui.common import name_template
from srgan_desktop.gui.common.dialogs import field_label, quiet_label
from srgan_desktop.gui.common.icons import icon
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.common.typed_path import typed_path

EXAMPLE = Source(Path("otter.jpg"))
EXAMPLE_SIZE = (640, 480)


class OutputControl(QWidget):
    """Folder, name, format, quality, existing files, metadata."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder = QLineEdit()
        self.folder.setClearButtonEnabled(True)
        self.browse = QToolButton()
        self.name = QLineEdit(name_template.shown(DEFAULT_NAME))
        self.preview = quiet_label()
        self.format = QComboBox()
        self.quality = QSpinBox()
        self.quality.setRange(0, 100)
        self.quality.setKeyboardTracking(False)
        self.existing = QComboBox()
        self.metadata = QCheckBox()
        self._example: tuple[Source, tuple[int, int], float, str] = (
            EXAMPLE,
            EXAMPLE_SIZE,
            4.0,
            "srresnet-x4",
        )
        for widget in (self.folder, self.name, self.quality):
            widget.setAcceptDrops(False)
        self._lay_out()
        self.retranslate()
        self.recolour()
        self.browse.clicked.connect(self._browse)
        self.folder.editingFinished.connect(self._change)
        self.name.textEdited.connect(self._change)
        self.format.activated.connect(self._change)
        self.quality.valueChanged.connect(self._change)
        self.existing.activated.connect(self._change)
        self.metadata.toggled.connect(self._change)

    # what is chosen

    @property
    def out(self) -> Path | None:
        """The output folder; None for beside each picture, or where ``problem`` says why."""
        return typed_path(self.folder.text())

    @property
    def template(self) -> str:
        """Of the names; the usual one while what is typed makes no sense."""
        return DEFAULT_NAME if self.problem() else name_template.typed(self.name.text())

    @property
    def format_name(self) -> str:
        """A format's short name, or "same"."""
        return str(self.format.currentData())

    @property
    def quality_wanted(self) -> int | None:
        """1 to 100; None for the usual one, or where the format has none."""
        return self.quality.value() or None if self.quality.isEnabled() else None

    @property
    def existing_wanted(self) -> str:
        """ "rename", "skip" or "overwrite"."""
        return str(self.existing.currentData())

    def problem(self) -> str:
        """What is wrong with what is typed; empty where nothing is."""
        unusable = name_template.problem(self.name.text())
        if unusable:
            return unusable
        return self._folder_problem()

    def _folder_problem(self) -> str:
        if not self.folder.text().strip():
            return ""
        out = self.out
        if out is None or not out.is_absolute():
            return tr("Enter the full path of the folder")
        try:
            is_file = out.is_file()
        except OSError as error:
            return explain(error)
        return tr("The output folder is a file; choose another") if is_file else ""

    def show_values(
        self,
        out: Path | None,
        name: str,
        form: str,
        quality: int | None,
        existing: str,
        *,
        strip_metadata: bool,
    ) -> None:
        """Set all, telling nobody."""
        self.blockSignals(True)
        self.folder.setText("" if out is None else str(out))
        self.name.setText(name_template.shown(name))
        self.format.setCurrentIndex(max(0, self.format.findData(form)))
        self.quality.setValue(quality or 0)
        self.existing.setCurrentIndex(max(0, self.existing.findData(existing)))
        self.metadata.setChecked(not strip_metadata)
        self.blockSignals(False)
        self._refresh()

    def set_example(
        self, source: Source | None, size: tuple[int, int], factor: float, model: str
    ) -> None:
        """The picture whose result's name is shown."""
        self._example = (source or EXAMPLE, size, factor, model)
        self._refresh()

    # what is shown

    def retranslate(self) -> None:
        """All texts in the present language."""
        self.folder.setPlaceholderText(tr("Source folder"))
        self.browse.setToolTip(tr("Choose the output folder"))
        self.browse.setAccessibleName(self.browse.toolTip())
        self.name.setToolTip(tr("Fields: {fields}", fields=name_template.FIELDS))
        _offer(
            self.format,
            {"same": tr("Same as source")}
            | {name: FORMATS[name].label for name in writable_formats()},
        )
        self.quality.setSpecialValueText(tr("Default"))
        _offer(
            self.existing,
            {
                "rename": tr("Keep both"),
                "skip": tr("Skip"),
                "overwrite": tr("Overwrite"),
            },
        )
        self.metadata.setText(tr("Keep metadata (date, place, camera)"))
        labels: dict[QWidget, str] = {
            self._where: tr("Folder"),
            self.name: tr("Name"),
            self.format: tr("Format"),
            self.quality: tr("Quality"),
            self.existing: tr("If the file exists"),
        }
        for widget, text in labels.items():
            self._form.labelForField(widget).setText(text)  # type: ignore[attr-defined]
            widget.setAccessibleName(text)
        self.folder.setAccessibleName(tr("Output folder"))
        self._refresh()

    def recolour(self) -> None:
        """The icon in the theme's colour."""
        self.browse.setIcon(icon("folder", self.palette()))

    def _refresh(self) -> None:
        form = self.format_name
        self.quality.setEnabled(form == "same" or (form in FORMATS and FORMATS[form].lossy))
        problem = self.problem()
        text = problem
        if not problem:
            source, size, factor, model = self._example
            kind = form if form != "same" else _format_of(source.path)
            target = Naming(template=self.template).target(source, size, factor, model, kind)
            text = f"{source.path.name} → {target.name}"
        self.preview.setText(text)
        self.preview.setProperty("wrong", bool(problem))
        self.preview.setProperty("quiet", not problem)
        self.preview.style().unpolish(self.preview)
        self.preview.style().polish(self.preview)

    @Slot()
    def _change(self) -> None:
        self._refresh()
        self.changed.emit()

    @Slot()
    def _browse(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Output folder"), self.folder.text())
        if name:
            self.folder.setText(name)
            self._change()

    def _lay_out(self) -> None:
        self._where = QWidget()
        where = QHBoxLayout(self._where)
        where.setContentsMargins(0, 0, 0, 0)
        where.setSpacing(SPACE // 2)
        where.addWidget(self.folder, 1)
        where.addWidget(self.browse)
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(SPACE)
        self._form.setVerticalSpacing(SPACE)
        for widget in (
            self._where,
            self.name,
            self.preview,
            self.format,
            self.quality,
            self.existing,
        ):
            if widget is self.preview:
                self._form.addRow(widget)
                continue
            self._form.addRow(field_label(), widget)
            widget.setSizePolicy(
                widget.sizePolicy().Policy.Expanding, widget.sizePolicy().Policy.Fixed
            )
        for box in (self.format, self.existing):
            box.setMinimumContentsLength(8)
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(self._form)
        column.addWidget(self.metadata)


def _format_of(path: Path) -> str:
    from srgan_desktop.core.images.io import format_of_extension

    form = format_of_extension(path)
    return form if form in writable_formats() else "png"


def _offer(box: QComboBox, choices: dict[str, str]) -> None:
    """Other words for the same choices; the chosen one stays."""
    chosen = box.currentData()
    box.blockSignals(True)
    box.clear()
    for key, text in choices.items():
        box.addItem(text, key)
    box.setCurrentIndex(max(0, box.findData(chosen)))
    box.blockSignals(False)
