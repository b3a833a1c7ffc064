"""How much of one kind of damage is undone, for models that adapt to the picture."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import quiet_label
from srgan_desktop.gui.common.percent_slider import PercentSlider
from srgan_desktop.gui.common.theme import SPACE

# the kinds, by the names of ``ChosenStrengths``
NOISE, BLUR, COMPRESSION = "noise", "blur", "compression"


class StrengthControl(QWidget):
    """A slider that stands where the model's own finding stands until a person moves it.

    Attributes:
        kind: "noise", "blur" or "compression".
        auto: pressed while the model decides; pressing it goes back to that.
    """

    moved = Signal()
    """The value is another now; ``changed`` follows once it rests."""
    changed = Signal(str, object)
    """The kind and what is chosen."""

    def __init__(self, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = kind
        self._found: float | None = None
        self._label = quiet_label(wrap=False)
        self.auto = QToolButton()
        self.auto.setCheckable(True)
        self.auto.setChecked(True)
        self._percent = PercentSlider(0, self)
        self.slider, self.value = self._percent.slider, self._percent.value
        self._lay_out()
        self._percent.moved.connect(self._take_over)
        self._percent.changed.connect(self._settled)
        self.auto.clicked.connect(self._switch)
        self.auto.toggled.connect(self._show_unknown)
        self._show_unknown()
        self.retranslate()

    @property
    def chosen(self) -> float | None:
        """0 to 100; None leaves it to the model."""
        return None if self.auto.isChecked() else float(self.slider.value())

    def show_chosen(self, chosen: float | None) -> None:
        """Show a choice without a signal; not while a person is about to choose another."""
        if not self._percent.rests:
            return
        self.auto.setChecked(chosen is None)
        self._percent.show_percent((self._found or 0) if chosen is None else chosen)

    def show_found(self, percent: float | None) -> None:
        """What the model finds in the picture; the slider follows while that is used.

        None: it has not looked at this picture.
        """
        self._found = percent
        self._show_unknown()
        if self.auto.isChecked():
            self._percent.show_percent(percent or 0)

    def retranslate(self) -> None:
        """All texts in the present language."""
        name = {NOISE: tr("Noise"), BLUR: tr("Blur"), COMPRESSION: tr("Compression")}[self.kind]
        self._label.setText(name)
        self.slider.setAccessibleName(name)
        self.value.setAccessibleName(tr("{name} in percent", name=name))
        self.auto.setText(tr("Auto"))
        self.auto.setAccessibleName(tr("{name}: automatic", name=name))
        self.auto.setToolTip(tr("As much as the model finds in the picture"))

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._label, 1)
        top.addWidget(self.auto)
        top.addWidget(self.value)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addLayout(top)
        column.addWidget(self.slider)

    @Slot()
    def _show_unknown(self) -> None:
        """No number for what differs from picture to picture, or has not been looked at."""
        unknown = self.auto.isChecked() and self._found is None
        self.value.setSpecialValueText("–" if unknown else "")

    @Slot()
    def _take_over(self) -> None:
        self.auto.setChecked(False)
        self.moved.emit()

    @Slot()
    def _settled(self) -> None:
        # "auto" may have been pressed while the slider came to rest: that has been told
        if not self.auto.isChecked():
            self.changed.emit(self.kind, self.chosen)

    @Slot()
    def _switch(self) -> None:
        if self.auto.isChecked():
            self._percent.show_percent(self._found or 0)
        self.moved.emit()
        self.changed.emit(self.kind, self.chosen)


def make_controls() -> dict[str, StrengthControl]:
    """One for each kind, by its name."""
    return {kind: StrengthControl(kind) for kind in (NOISE, BLUR, COMPRESSION)}
