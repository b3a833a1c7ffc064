"""The settings; each takes effect at once."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QFormLayout, QLineEdit, QWidget

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.jobs.sources import check_template
from srgan_desktop.gui.common.dialogs import Standard, buttons, column, quiet_label
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.theme import SPACE


class SettingsDialog(QDialog):
    """Language, theme, what happens on a drop, and how results are named."""

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        settings = services.settings
        self.setMinimumWidth(460)
        self.language = QComboBox()
        self.theme = QComboBox()
        self.before = QComboBox()
        self.work_on_drop = QCheckBox()
        self.work_on_drop.setChecked(settings.flag("upscale/work_on_drop"))
        self.closer_look = QCheckBox()
        self.closer_look.setChecked(settings.flag("upscale/closer_look"))
        self.metadata = QCheckBox()
        self.metadata.setChecked(settings.flag("save/metadata"))
        self.name = QLineEdit(settings.text("save/name"))
        self.name_problem = quiet_label()
        self.name_problem.setProperty("wrong", True)
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(2 * SPACE)
        self._form.setVerticalSpacing(SPACE)
        rows = (self.language, self.theme, self.work_on_drop, self.closer_look, self.before)
        for widget in (*rows, self.name, self.name_problem, self.metadata):
            self._form.addRow(" ", widget)
        layout = column(self)
        layout.addLayout(self._form)
        layout.addStretch(1)
        self._buttons = buttons(self, Standard.Close)
        layout.addWidget(self._buttons)
        self.retranslate()
        self.language.activated.connect(self._choose_language)
        self.theme.activated.connect(self._choose_theme)
        self.before.activated.connect(self._choose_before)
        self.work_on_drop.toggled.connect(self._choose_work_on_drop)
        self.closer_look.toggled.connect(self._choose_closer_look)
        self.metadata.toggled.connect(self._choose_metadata)
        self.name.textEdited.connect(self._choose_name)
        services.language_changed.connect(self.retranslate)

    @Slot()
    def retranslate(self) -> None:
        """All texts in the present language."""
        self.setWindowTitle(tr("Settings"))
        settings = self._services.settings
        _offer(
            self.language,
            {"system": tr("As the system"), "en": "English", "zh_CN": "简体中文"},
            settings.text("window/language"),
        )
        _offer(
            self.theme,
            {"system": tr("As the system"), "light": tr("Light"), "dark": tr("Dark")},
            settings.text("window/theme"),
        )
        _offer(
            self.before,
            {
                "bicubic": tr("Smooth (bicubic)"),
                "nearest": tr("Raw pixels (nearest)"),
            },
            settings.text("upscale/before"),
        )
        self.work_on_drop.setText(tr("Start as soon as a picture is opened"))
        self.closer_look.setText(tr("Zoom to 100 % when a picture is done"))
        self.metadata.setText(tr("Keep date, place and camera data in saved files"))
        self.name.setToolTip(
            tr("Fields: {fields}", fields="{stem} {scale} {width} {height} {model}")
        )
        labels = {
            self.language: tr("Language"),
            self.theme: tr("Appearance"),
            self.before: tr("Show the original as"),
            self.name: tr("Name of saved files"),
        }
        for widget, text in labels.items():
            self._form.labelForField(widget).setText(text)  # type: ignore[attr-defined]
            widget.setAccessibleName(text)
        self._buttons.button(Standard.Close).setText(tr("Close"))
        self._check_name()

    @Slot()
    def _choose_language(self) -> None:
        choice = str(self.language.currentData())
        self._services.settings.set("window/language", choice)
        self._services.set_language(choice)

    @Slot()
    def _choose_theme(self) -> None:
        choice = str(self.theme.currentData())
        self._services.settings.set("window/theme", choice)
        self._services.theme.choose(choice)

    @Slot()
    def _choose_before(self) -> None:
        self._services.settings.set("upscale/before", str(self.before.currentData()))

    @Slot(bool)
    def _choose_work_on_drop(self, on: bool) -> None:
        self._services.settings.set("upscale/work_on_drop", on)

    @Slot(bool)
    def _choose_closer_look(self, on: bool) -> None:
        self._services.settings.set("upscale/closer_look", on)

    @Slot(bool)
    def _choose_metadata(self, on: bool) -> None:
        self._services.settings.set("save/metadata", on)

    @Slot()
    def _choose_name(self) -> None:
        if self._check_name():
            self._services.settings.set("save/name", self.name.text())

    def _check_name(self) -> bool:
        """Whether the name template can be used; says beside it why not."""
        try:
            check_template(self.name.text())
        except UsageError:
            problem = tr(
                "A file name; {fields} are filled in",
                fields="{stem} {scale} {width} {height} {model}",
            )
        else:
            problem = ""
        self.name_problem.setText(problem)
        self._form.setRowVisible(self.name_problem, bool(problem))
        return not problem


def _offer(box: QComboBox, choices: dict[str, str], chosen: str) -> None:
    box.blockSignals(True)
    box.clear()
    for key, text in choices.items():
        box.addItem(text, key)
    box.setCurrentIndex(box.findData(chosen))
    box.blockSignals(False)
