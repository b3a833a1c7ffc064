"""The settings, on three pages; each takes effect at once."""

from __future__ import annotations

import os
from collections.abc import Mapping

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.io import FORMATS, writable_formats
from srgan_desktop.gui.common import name_template
from srgan_desktop.gui.common.dialogs import Standard, buttons, column, field_label, quiet_label
from srgan_desktop.gui.common.engine_worker import EngineWorker
from srgan_desktop.gui.common.icons import icon
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.common.typed_path import typed_path
from srgan_desktop.gui.shell.setting_controls import ChoiceSetting, FlagSetting, NumberSetting

LARGEST_QUALITY = 100


class SettingsDialog(QDialog):
    """The window itself, saving results, and what computes them."""

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._devices: dict[str, str] = {}
        self.setMinimumWidth(500)
        self._make_controls()
        self.tabs = QTabWidget()
        general = (
            self.language,
            self.theme,
            self.first_page,
            self.before,
            self.work_on_drop,
            self.closer_look,
            self.remember,
        )
        saving = (
            self._folder_row,
            self.folder_problem,
            self.name,
            self.name_problem,
            self.format,
            self.quality,
            self.metadata,
        )
        computing = (self.device, self.threads, self._threads_note)
        self._forms = [_form(self.tabs, *rows) for rows in (general, saving, computing)]
        layout = column(self)
        layout.addWidget(self.tabs)
        self._buttons = buttons(self, Standard.Close)
        # Enter in a field takes what is there; what is said of it then is to be seen
        self._buttons.button(Standard.Close).setAutoDefault(False)
        layout.addWidget(self._buttons)
        self.retranslate()
        self.recolour()
        self.language.chosen.connect(services.set_language)
        self.theme.chosen.connect(services.theme.choose)
        self.remember.toggled.connect(self._forget_recent)
        self.folder.editingFinished.connect(self._choose_folder)
        self.folder.textChanged.connect(self._forget_folder_problem)
        self.browse.clicked.connect(self._browse)
        self.name.textEdited.connect(self._choose_name)
        services.language_changed.connect(self.retranslate)
        services.theme.changed.connect(self.recolour)
        self._task = services.device_lane.submit(
            EngineWorker(services.engines).devices, on_done=self._devices_known
        )
        self.finished.connect(self._task.cancel)
        # a dialog may go with its window without having been closed
        self.destroyed.connect(self._task.cancel)

    @Slot()
    def retranslate(self) -> None:
        """All texts in the present language."""
        self.setWindowTitle(tr("Settings"))
        for number, title in enumerate((tr("General"), tr("Saving"), tr("Computing"))):
            self.tabs.setTabText(number, title)
        for box in (
            self.language,
            self.theme,
            self.first_page,
            self.before,
            self.format,
            self.device,
        ):
            box.retranslate()
        self.work_on_drop.setText(tr("Start as soon as a picture is opened"))
        self.closer_look.setText(tr("Zoom to 100 % when a picture is done"))
        self.remember.setText(tr("Remember recent files"))
        self.metadata.setText(tr("Keep metadata (date, place, camera)"))
        self.folder.setPlaceholderText(tr("Source folder"))
        self.browse.setToolTip(tr("Choose the output folder"))
        self.browse.setAccessibleName(self.browse.toolTip())
        self.name.setToolTip(tr("Fields: {fields}", fields=name_template.FIELDS))
        self.quality.setSpecialValueText(tr("Default"))
        self.quality.setToolTip(tr("For JPEG, WebP and other formats that lose detail"))
        self.threads.setSpecialValueText(tr("Automatic"))
        self._threads_note.setText(
            tr("Fewer threads leave more of the computer to other programs.")
        )
        self._label()
        self._buttons.button(Standard.Close).setText(tr("Close"))
        self._check_folder()
        self._check_name()

    @Slot()
    def recolour(self) -> None:
        """The icon in the theme's colour."""
        self.browse.setIcon(icon("folder", self.palette()))

    def _label(self) -> None:
        labels: dict[QWidget, str] = {
            self.language: tr("Language"),
            self.theme: tr("Appearance"),
            self.first_page: tr("Start with"),
            self.before: tr("Show the original as"),
            self._folder_row: tr("Folder"),
            self.name: tr("Name of saved files"),
            self.format: tr("Format"),
            self.quality: tr("Quality"),
            self.device: tr("Device"),
            self.threads: tr("Processor threads"),
        }
        for form in self._forms:
            for widget, text in labels.items():
                label = form.labelForField(widget)
                if isinstance(label, QLabel):
                    label.setText(text)
                    widget.setAccessibleName(text)
        self.folder.setAccessibleName(tr("Output folder"))

    def _make_controls(self) -> None:
        settings = self._services.settings
        self.language = ChoiceSetting(settings, "window/language", _languages)
        self.theme = ChoiceSetting(settings, "window/theme", _themes)
        self.first_page = ChoiceSetting(settings, "window/first_page", _pages)
        self.before = ChoiceSetting(settings, "upscale/before", _originals)
        self.work_on_drop = FlagSetting(settings, "upscale/work_on_drop")
        self.closer_look = FlagSetting(settings, "upscale/closer_look")
        self.remember = FlagSetting(settings, "recent/remember")
        self.folder = QLineEdit(settings.text("save/folder"))
        self.folder.setClearButtonEnabled(True)
        self.browse = QToolButton()
        self._folder_row = QWidget()
        row = QHBoxLayout(self._folder_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.folder, 1)
        row.addWidget(self.browse)
        self.name = QLineEdit(name_template.shown(settings.text("save/name")))
        self.folder_problem, self.name_problem = quiet_label(), quiet_label()
        for label in (self.folder_problem, self.name_problem):
            label.setProperty("wrong", True)
        self.format = ChoiceSetting(settings, "save/format", _formats)
        self.quality = NumberSetting(settings, "save/quality", LARGEST_QUALITY)
        self.metadata = FlagSetting(settings, "save/metadata")
        self.device = ChoiceSetting(settings, "upscale/device", self._device_texts)
        self.threads = NumberSetting(settings, "compute/threads", os.cpu_count() or 1)
        self._threads_note = quiet_label()

    # what is chosen

    def _device_texts(self) -> Mapping[str, str]:
        return {"auto": tr("Automatic")} | self._devices

    def _devices_known(self, devices: list[tuple[str, str]]) -> None:
        self._devices = {name: f"{name}: {title}" for name, title in devices}
        self.device.retranslate()

    @Slot(bool)
    def _forget_recent(self, on: bool) -> None:
        if not on:
            self._services.settings.clear_recent()

    @Slot()
    def _choose_folder(self) -> None:
        if self._check_folder():
            self._services.settings.set("save/folder", self.folder.text().strip())

    def _check_folder(self) -> bool:
        """Whether results can be saved there; says below it why not."""
        text = self.folder.text().strip()
        path = typed_path(text)
        usable = not text or (path is not None and path.is_absolute())
        self.folder_problem.setText("" if usable else tr("Enter the full path of the folder"))
        self._forms[1].setRowVisible(self.folder_problem, not usable)
        return usable

    @Slot()
    def _forget_folder_problem(self) -> None:
        """While it is being mended; nothing is said of what is only half typed."""
        if self.folder_problem.text():
            self._check_folder()

    @Slot()
    def _browse(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Output folder"), self.folder.text())
        if name:
            self.folder.setText(name)
            self._choose_folder()

    @Slot()
    def _choose_name(self) -> None:
        if self._check_name():
            self._services.settings.set("save/name", name_template.typed(self.name.text()))

    def _check_name(self) -> bool:
        """Whether the name template can be used; says beside it why not."""
        problem = name_template.problem(self.name.text())
        self.name_problem.setText(problem)
        self._forms[1].setRowVisible(self.name_problem, bool(problem))
        return not problem


def _form(tabs: QTabWidget, *rows: QWidget) -> QFormLayout:
    page = QWidget()
    whole = QVBoxLayout(page)
    whole.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
    form = QFormLayout()
    whole.addLayout(form)
    whole.addStretch(1)
    form.setHorizontalSpacing(2 * SPACE)
    form.setVerticalSpacing(SPACE)
    for widget in rows:
        form.addRow(field_label(), widget)
    tabs.addTab(page, "")
    return form


def _languages() -> dict[str, str]:
    return {"system": tr("As the system"), "en": "English", "zh_CN": "简体中文"}


def _themes() -> dict[str, str]:
    return {"system": tr("As the system"), "light": tr("Light"), "dark": tr("Dark")}


def _pages() -> dict[str, str]:
    return {
        "upscale": tr("Upscale"),
        "batch": tr("Batch"),
        "models": tr("Models"),
        "train": tr("Train"),
        "last": tr("The page used last"),
    }


def _originals() -> dict[str, str]:
    return {"bicubic": tr("Smooth (bicubic)"), "nearest": tr("Raw pixels (nearest)")}


def _formats() -> dict[str, str]:
    return {"same": tr("Same as source")} | {
        name: FORMATS[name].label for name in writable_formats()
    }
