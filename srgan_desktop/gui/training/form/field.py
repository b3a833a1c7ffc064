"""A control with its name above and what is wrong with it below."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from srgan_desktop.gui.common.dialogs import heading, quiet_label
from srgan_desktop.gui.common.theme import SPACE


def problem_label() -> QLabel:
    """Where it is told what is wrong; hidden as long as nothing is."""
    label = quiet_label()
    label.setProperty("wrong", True)
    label.hide()
    return label


class Field(QWidget):
    """Several controls may share one name and one problem."""

    def __init__(
        self, *controls: QWidget, is_heading: bool = True, problem: QLabel | None = None
    ) -> None:
        """``problem``: where it is told, if not below."""
        super().__init__()
        self.name = heading() if is_heading else QLabel()
        self.problem = problem or problem_label()
        self.controls = controls
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        for widget in (self.name, *controls):
            column.addWidget(widget)
        if problem is None:
            column.addWidget(self.problem)

    def set_name(self, name: str) -> None:
        """Also for a screen reader, which begins at the control."""
        self.name.setText(name)
        if self.controls:
            self.controls[0].setAccessibleName(name)

    def set_problem(self, text: str) -> None:
        """What is wrong; empty: nothing."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        if self.controls:
            self.controls[0].setAccessibleDescription(text)
