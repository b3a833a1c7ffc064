"""All settings of a recipe as forms, made from the config's dataclasses themselves."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QLineEdit, QWidget

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import quiet_label
from srgan_desktop.gui.common.theme import SPACE

# said elsewhere: what the recipe is for, and where it ends
HIDDEN = {"title", "description", "needs", "steps", "budget_minutes"}
CONTROL_WIDTH = 200
NAME_WIDTH = 150
_ROWS_A_SETTING = 3


class SettingRow:
    """One setting: its control, its help, and what is wrong with it."""

    def __init__(self, name: str, kind: Any, help_text: str) -> None:
        self.name, self._kind = name, kind
        self.label = QLabel(name)
        self.help = quiet_label(help_text)
        self.problem = quiet_label()
        self.problem.setProperty("wrong", True)
        self.problem.hide()
        self.control = self._make()
        self.control.setAccessibleName(name)
        self.control.setToolTip(help_text)

    def _make(self) -> QWidget:
        if self._kind is bool:
            return QCheckBox()
        if typing.get_origin(self._kind) is typing.Literal:
            box = QComboBox()
            box.setFixedWidth(CONTROL_WIDTH)
            for value in typing.get_args(self._kind):
                box.addItem(str(value), value)
            return box
        edit = QLineEdit()
        edit.setAcceptDrops(False)
        edit.setFixedWidth(CONTROL_WIDTH)
        return edit

    def show(self, value: Any) -> None:
        """Put a value into the control."""
        if isinstance(self.control, QCheckBox):
            self.control.setChecked(bool(value))
        elif isinstance(self.control, QComboBox):
            self.control.setCurrentIndex(max(0, self.control.findData(value)))
        elif isinstance(self.control, QLineEdit):
            self.control.setText(_text_of(value))

    def value(self) -> Any:
        """What is in the control.

        Raises:
            UsageError: it is of another kind than the setting.
        """
        if isinstance(self.control, QCheckBox):
            return self.control.isChecked()
        if isinstance(self.control, QComboBox):
            return self.control.currentData()
        if isinstance(self.control, QLineEdit):
            return _value_of(self.control.text(), self._kind)
        raise TypeError(self.control)

    def set_problem(self, text: str) -> None:
        """Show it beside the control; empty hides it."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def when_changed(self, act: Any) -> None:
        """Call ``act`` after each change by the person."""
        if isinstance(self.control, QCheckBox):
            self.control.toggled.connect(act)
        elif isinstance(self.control, QComboBox):
            self.control.activated.connect(act)
        elif isinstance(self.control, QLineEdit):
            self.control.textEdited.connect(act)


class SectionForm(QWidget):
    """The settings of one config dataclass."""

    changed = Signal()

    def __init__(self, section: Any) -> None:
        super().__init__()
        self._section = section
        self.rows: dict[str, SettingRow] = {}
        hints = typing.get_type_hints(type(section))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 2 * SPACE, 0)
        grid.setHorizontalSpacing(2 * SPACE)
        grid.setVerticalSpacing(2)
        grid.setColumnMinimumWidth(0, NAME_WIDTH)
        grid.setColumnStretch(1, 1)
        for field in dataclasses.fields(section):
            value = getattr(section, field.name)
            if dataclasses.is_dataclass(value) or field.name in HIDDEN:
                continue
            self._add(grid, field, hints[field.name])
        grid.setRowStretch(grid.rowCount(), 1)
        self.show_values(section)

    def _add(self, grid: QGridLayout, field: dataclasses.Field[Any], kind: Any) -> None:
        help_text = field.metadata.get("help", "")
        row = SettingRow(field.name, kind, tr(help_text) if help_text else "")
        row.when_changed(self._edited)
        self.rows[field.name] = row
        at = len(self.rows) * _ROWS_A_SETTING
        grid.addWidget(row.label, at, 0)
        grid.addWidget(row.control, at, 1, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(row.help, at + 1, 1)
        grid.addWidget(row.problem, at + 2, 1)
        grid.setRowMinimumHeight(at + 2, SPACE)
        row.help.setVisible(bool(help_text))

    def show_values(self, section: Any) -> None:
        """Another config of the same class."""
        for name, row in self.rows.items():
            row.show(getattr(section, name))
        self.check()

    @Slot()
    def _edited(self) -> None:
        self.check()
        self.changed.emit()

    def check(self) -> bool:
        """Show what is wrong beside each setting; whether nothing is."""
        sound = True
        for name, row in self.rows.items():
            problem = ""
            try:
                dataclasses.replace(self._section, **{name: row.value()})
            except UsageError as error:
                problem = str(error)
            # one that stands alone as sound may still not fit the others
            row.set_problem(problem)
            sound = sound and not problem
        return sound

    def values(self) -> dict[str, Any]:
        """All settings as plain values.

        Raises:
            UsageError: one of them is of another kind.
        """
        return {name: row.value() for name, row in self.rows.items()}


def sections_of(config: Any) -> dict[str, Any]:
    """The config's own settings under "", then each dataclass within it."""
    found = {"": config}
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if dataclasses.is_dataclass(value):
            found[field.name] = value
    return found


def merged(values: Mapping[str, Any], section: str, new: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` with one section's settings replaced."""
    if not section:
        return {**values, **new}
    return {**values, section: {**values.get(section, {}), **new}}


def _text_of(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_text_of(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _value_of(text: str, kind: Any) -> Any:
    if typing.get_origin(kind) is tuple:
        item = typing.get_args(kind)[0]
        parts = [part.strip() for part in text.replace(";", ",").split(",")]
        return tuple(_value_of(part, item) for part in parts if part)
    text = text.strip()
    try:
        if kind is int:
            return int(text.replace("_", ""))
        if kind is float:
            return float(text)
    except ValueError:
        if kind is int:
            raise UsageError(tr("Enter a whole number, e.g. 16")) from None
        raise UsageError(tr("Enter a number with a decimal point, e.g. 0.0001")) from None
    return text
