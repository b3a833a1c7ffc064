"""The dialog of all settings: groups at the left, their settings with help at the right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import column, quiet_label
from srgan_desktop.gui.common.scroll_area import scroll_area
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.common.wheel import guard_late
from srgan_desktop.gui.training.form.settings_form import SectionForm, merged, sections_of

GROUPS_WIDTH = 170


class SettingsPage(QDialog):
    """Gives nested plain values; nothing is taken over before all of it makes sense.

    A group's form is made when it is first looked at: all of them together take a quarter of a
    second. What was not looked at is as it was, and that was sound.
    """

    chosen = Signal(dict)

    def __init__(
        self, values: Mapping[str, Any], recipe: Mapping[str, Any], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        from trainer.config.reading import from_mapping
        from trainer.config.run_config import RunConfig

        self.setWindowTitle(tr("All settings"))
        self.resize(820, 620)
        self._recipe = dict(recipe)
        self._values = dict(values)
        try:
            config = from_mapping(RunConfig, values)
        except UsageError:
            # what does not fit together is not shown one by one: begin with the recipe
            config = from_mapping(RunConfig, recipe)
            self._values = dict(recipe)
        self._sections = sections_of(config)
        self.forms: dict[str, SectionForm] = {}
        self.groups = QListWidget()
        self.groups.setFixedWidth(GROUPS_WIDTH)
        self.groups.setAccessibleName(tr("Groups"))
        self._pages = QStackedWidget()
        titles = _titles()
        for name in self._sections:
            self.groups.addItem(titles.get(name, name))
            self._pages.addWidget(QWidget())
        self.problem = quiet_label()
        self.problem.setProperty("wrong", True)
        self._make_buttons()
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        row.addWidget(self.groups)
        row.addWidget(self._pages, 1)
        layout = column(self)
        layout.addLayout(row, 1)
        layout.addWidget(self.problem)
        layout.addWidget(self._buttons)
        self.groups.currentRowChanged.connect(self._show_group)
        self.groups.setCurrentRow(0)
        self.check()

    def values(self) -> dict[str, Any]:
        """All settings, whether or not they fit together.

        Raises:
            UsageError: one of them is of another kind.
        """
        result = self._values
        for name, form in self.forms.items():
            result = merged(result, name, form.values())
        return result

    @Slot()
    def check(self) -> bool:
        """Say what is wrong; whether all makes sense."""
        from trainer.config.reading import from_mapping
        from trainer.config.run_config import RunConfig

        wrong = [name for name, form in self.forms.items() if not form.check()]
        text = ""
        if wrong:
            titles = _titles()
            names = ", ".join(titles.get(name, name) for name in wrong)
            text = tr("Please check: {groups}", groups=names)
        else:
            try:
                from_mapping(RunConfig, _plain(self.values()))
            except UsageError as error:
                text = str(error)
        self.problem.setText(text)
        self._take.setEnabled(not text)
        return not text

    @Slot()
    def reset(self) -> None:
        """Take the recipe's settings again."""
        from trainer.config.reading import from_mapping
        from trainer.config.run_config import RunConfig

        self._values = dict(self._recipe)
        self._sections = sections_of(from_mapping(RunConfig, self._recipe))
        for name, form in self.forms.items():
            form.show_values(self._sections[name])
        self.check()

    def form(self, name: str) -> SectionForm:
        """The form of a group, "" for the run's own settings."""
        if name not in self.forms:
            made = self.forms[name] = SectionForm(self._sections[name])
            made.changed.connect(self.check)
            index = list(self._sections).index(name)
            if (empty := self._pages.widget(index)) is not None:
                self._pages.removeWidget(empty)
                empty.deleteLater()
            self._pages.insertWidget(index, scroll_area(made, focusable=True))
            guard_late(made)
        return self.forms[name]

    @Slot(int)
    def _show_group(self, index: int) -> None:
        self.form(list(self._sections)[index])
        self._pages.setCurrentIndex(index)

    @Slot()
    def _accept(self) -> None:
        if self.check():
            self.chosen.emit(_plain(self.values()))
            self.accept()

    def _make_buttons(self) -> None:
        self._buttons = QDialogButtonBox()
        role = QDialogButtonBox.ButtonRole
        self._take = QPushButton(tr("Apply"))
        self._take.setProperty("primary", True)
        reset, cancel = QPushButton(tr("Reset to recipe")), QPushButton(tr("Cancel"))
        self._buttons.addButton(reset, role.ResetRole)
        self._buttons.addButton(cancel, role.RejectRole)
        self._buttons.addButton(self._take, role.AcceptRole)
        reset.clicked.connect(self.reset)
        self._take.clicked.connect(self._accept)
        self._buttons.rejected.connect(self.reject)


def _plain(values: Any) -> Any:
    """Tuples as lists, as TOML and JSON have them."""
    if isinstance(values, Mapping):
        return {key: _plain(value) for key, value in values.items()}
    return [_plain(value) for value in values] if isinstance(values, tuple) else values


def _titles() -> dict[str, str]:
    return {
        "": tr("Run"),
        "generator": tr("Network"),
        "data": tr("Data"),
        "degradation": tr("Degradation"),
        "loss": tr("Pixel loss"),
        "content": tr("Content loss"),
        "adversarial": tr("Adversarial loss"),
        "adaptive": tr("Adaptation"),
        "teacher": tr("Teacher"),
        "discriminator": tr("Discriminator"),
        "optimiser": tr("Optimiser"),
        "schedule": tr("Learning rate"),
        "validation": tr("Validation"),
        "cycle": tr("Cycle"),
        "rescue": tr("Rescue"),
        "logging": tr("Logging"),
    }
