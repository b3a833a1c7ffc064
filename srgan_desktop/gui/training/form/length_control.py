"""How long: a time from a list, a time that is typed, or steps."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.common.wheel import QuietComboBox
from srgan_desktop.gui.training.form.plan import Recipe

OWN, TIME, STEPS = "own", "time", "steps"
# seconds; what is offered beside the recipe's own and what is typed
OFFERED = (600.0, 1800.0, 3600.0, 3 * 3600.0, 8 * 3600.0)
LEAST_S = 10.0


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
            return Length(read_steps(self.text.text()))
        if chosen == TIME:
            return Length(None, read_time(self.text.text()))
        if chosen == OWN and self._recipe is not None:
            own = self._recipe
            return Length(None, own.budget_s) if own.budget_s else Length(own.steps)
        return Length(None, float(chosen or OFFERED[0]))

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
            for seconds in OFFERED:
                self.choice.addItem(time_name(seconds), seconds)
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


def read_time(text: str) -> float:
    """ "1h30m" as seconds.

    Raises:
        UsageError: it is no time, or too short to be of use.
    """
    from trainer.commands.options import seconds

    try:
        value = seconds(text)
    except argparse.ArgumentTypeError as error:
        raise UsageError(str(error)) from error
    if value < LEAST_S:
        raise UsageError(tr("ten seconds are the least"))
    return value


def read_steps(text: str) -> int:
    """ "20 000" as a number.

    Raises:
        UsageError: it is not a whole number from 1.
    """
    plain = "".join(text.split()).replace(",", "").replace("_", "")
    if not plain.isascii() or not plain.isdigit() or not 0 < int(plain) <= 10**9:
        raise UsageError(tr("{text} is not a whole number from 1", text=repr(text)))
    return int(plain)


def time_name(seconds: float) -> str:
    """ "10 minutes", "1 hour", "Overnight (8 hours)"."""
    if seconds == 8 * 3600:
        return tr("Overnight (8 hours)")
    if seconds >= 3600 and seconds % 3600 == 0:
        hours = int(seconds // 3600)
        return tr("1 hour") if hours == 1 else tr("{n} hours", n=hours)
    return tr("{n} minutes", n=f"{seconds / 60:g}")
