"""Which model of factor 1 pictures go through first, if any."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.requests import ModelChoice


def restorers(models: Sequence[ModelChoice]) -> list[ModelChoice]:
    """Those that restore pictures at their own size."""
    return [model for model in models if model.scale == 1 and not model.problem]


class RestorerBox(QComboBox):
    """ "Off", or one of the models that restore pictures at their own size."""

    chosen = Signal(str)
    """By a person: the model's name; empty for none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumContentsLength(10)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.activated.connect(self._tell)

    @property
    def name(self) -> str:
        """Of the one that is chosen; empty for none."""
        return str(self.currentData() or "")

    def offer(self, models: Sequence[ModelChoice], name: str) -> None:
        """These; chosen is the one of that name, or nothing at all where it is not among them."""
        self.clear()
        self.addItem(tr("Off"), "")
        for model in models:
            self.addItem(tr(model.title), model.name)
        self.setPlaceholderText(name)
        self.setCurrentIndex(self.findData(name))
        self.setToolTip(tr("A 1x model that the photo goes through first"))
        self.setAccessibleName(self.title())

    @staticmethod
    def title() -> str:
        """What stands beside it."""
        return tr("Restore first")

    @Slot()
    def _tell(self) -> None:
        self.chosen.emit(self.name)
