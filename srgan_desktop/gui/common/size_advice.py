"""A model that was made for the size that is asked for, where the chosen one was not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import quiet_label
from srgan_desktop.gui.common.requests import ModelChoice
from srgan_desktop.gui.common.theme import SPACE

# "photo-x2" and "photo-x4" are of one family: the same purpose, other factors
_FACTOR_AT_THE_END = re.compile(r"-x\d+$")


def family(name: str) -> str:
    """The part of a model's name that its factor is not."""
    return _FACTOR_AT_THE_END.sub("", name)


def made_for(
    factor: float, chosen: ModelChoice, models: Sequence[ModelChoice]
) -> ModelChoice | None:
    """The one of ``chosen``'s family that suits ``factor`` better, or None.

    That is the one of the smallest factor that gets there in one pass, which computes least and
    shrinks nothing away; where none does, the largest.
    """
    if chosen.problem:
        return None
    kin = [model for model in models if not model.problem and _are_kin(model, chosen)]
    enough = [model for model in kin if model.scale >= factor - 1e-9]
    best = min(enough, key=_scale) if enough else max(kin, key=_scale)
    return None if best.scale == chosen.scale else best


def _are_kin(one: ModelChoice, other: ModelChoice) -> bool:
    return family(one.name) == family(other.name)


def _scale(model: ModelChoice) -> int:
    return model.scale


class SizeAdvice(QWidget):
    """One sentence and a button; hidden where there is nothing to advise."""

    taken = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model: ModelChoice | None = None
        self._text = quiet_label()
        self.use = QPushButton()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addWidget(self._text)
        column.addWidget(self.use)
        self.use.clicked.connect(self._take)
        self._show(None)

    def show_for(
        self, factor: float | None, chosen: ModelChoice | None, models: Sequence[ModelChoice]
    ) -> None:
        """Advise what suits ``factor`` better than ``chosen``; None is not known yet."""
        if factor is None or chosen is None:
            self._show(None)
        else:
            self._show(made_for(factor, chosen, models))

    def _show(self, model: ModelChoice | None) -> None:
        self._model = model
        self.setVisible(model is not None)
        self.use.setAccessibleName(tr("Use the model that is made for this size"))
        if model is not None:
            self._text.setText(tr("There is a model for this size:"))
            self.use.setText(tr("Use {name}", name=tr(model.title)))
            self.use.setToolTip(tr("Computes only what this size needs, about twice as fast"))

    @Slot()
    def _take(self) -> None:
        if self._model is not None:
            self.taken.emit(self._model.name)
