"""How long: a time from a list, a time that is typed, or steps."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.common.wheel import QuietComboBox
from srgan_desktop.gui.training.form import durations
from srgan_desktop.gui.training.form.plan import Recipe

OWN, TIME, STEPS = "own", "time", "steps"


@dataclass(frozen=True)
class Length:
    """Where a training ends; one of them is set."""

    steps: int | None = None
    budget_s: float | None = None

    def half(self) -> Length:
        """For each of two stages."""
        if self.budget_s is not None:
            return Length(None, self.budget_s / 2)
        return Length(max(1, (self.steps or 1) // 2))


class LengthControl(QWidget):
    """Gives a ``Length``, or raises what is wrong with it."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recipe: Recipe | None = None
        self.choice = QuietComboBox()
        self.setFocusProxy(self.choice)
        self.text = QLineEdit()
        self.text.setAcceptDrops(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addWidget(self.choice)
        column.addWidget(self.text)
        self.choice.activated.connect(self._choose)
        self.text.textChanged.connect(self.changed)
        self.retranslate()

    def set_recipe(self, recipe: Recipe | None) -> None:
        """Offer what this recipe says of itself too."""
        self._recipe = recipe
        self.retranslate()

    def length(self) -> Length:
        """What is chosen.

        Raises:
            UsageError: what is typed makes no sense.
        """
        chosen = self.choice.currentData()
        if chosen == STEPS:
            return Length(durations.read_steps(self.text.text()))
        if chosen == TIME:
            return Length(None, durations.read_time(self.text.text()))
        if chosen == OWN and self._recipe is not None:
            own = self._recipe
            return Length(None, own.budget_s) if own.budget_s else Length(own.steps)
        return Length(None, float(chosen or durations.OFFERED[0]))

    def set_length(self, length: Length) -> None:
        """Show this one."""
        if length.budget_s is not None:
            at = self.choice.findData(length.budget_s)
            if at < 0:
                at = self.choice.findData(TIME)
                self.text.setText(f"{length.budget_s:g}s")
        else:
            at = self.choice.findData(STEPS)
            self.text.setText(str(length.steps))
        self.choice.setCurrentIndex(at)
        self._choose()

    def retranslate(self) -> None:
        """All texts in the present language."""
        chosen = self.choice.currentData()
        with QSignalBlocker(self.choice):
            self.choice.clear()
            for seconds in durations.OFFERED:
                self.choice.addItem(durations.time_name(seconds), seconds)
            recipe = self._recipe
            if recipe is not None and recipe.budget_s is None:
                text = tr("As the recipe says: {n} steps", n=f"{recipe.steps:,}")
                self.choice.addItem(text, OWN)
            self.choice.addItem(tr("Another time…"), TIME)
            self.choice.addItem(tr("Steps…"), STEPS)
            self.choice.setCurrentIndex(max(0, self.choice.findData(chosen)))
        self._show_text()

    @Slot()
    def _choose(self) -> None:
        self._show_text()
        self.changed.emit()

    def _show_text(self) -> None:
        chosen = self.choice.currentData()
        self.text.setVisible(chosen in (TIME, STEPS))
        steps = chosen == STEPS
        self.text.setPlaceholderText(tr("such as 20000") if steps else tr("such as 90m or 1h30m"))
        self.text.setAccessibleName(tr("Steps") if steps else tr("Time"))
