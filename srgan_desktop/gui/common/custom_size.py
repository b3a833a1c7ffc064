"""A size of one's own: a factor, percent, megapixels, or one side in pixels or on paper."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.upscaling.size import MAX_DPI, USUAL_DPI, Rule, TargetSize, Unit
from srgan_desktop.gui.common.theme import SPACE

SIDES: tuple[Rule, ...] = ("width", "height", "long", "short")
RULES: tuple[Rule, ...] = ("scale", "percent", "megapixels", *SIDES)
UNITS: tuple[Unit, ...] = ("px", "cm", "in")
# what one begins with where there is no picture to measure
FIRST = {"scale": 4.0, "percent": 400.0, "megapixels": 12.0, "px": 3840.0, "cm": 30.0, "in": 12.0}
DECIMALS = {"scale": 2, "percent": 0, "megapixels": 1, "px": 0, "cm": 1, "in": 2}
LARGEST = 200_000.0


class CustomSize(QWidget):
    """Tells of a change once it rests. Another measure says the same size in its own words.

    Attributes:
        rule, value: what is measured, and how much of it.
        unit, dpi: of a side; on paper it needs the print's resolution.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source: tuple[int, int] | None = None
        self._shown = TargetSize("width", FIRST["px"])
        self.rule, self.unit = QComboBox(), QComboBox()
        self.value = QDoubleSpinBox()
        self.dpi = QSpinBox()
        self.dpi.setRange(1, int(MAX_DPI))
        self.dpi.setValue(int(USUAL_DPI))
        for box in (self.value, self.dpi):
            box.setKeyboardTracking(False)
            box.setAcceptDrops(False)
        self._lay_out()
        self.retranslate()
        self.show_size(self._shown)
        self.rule.activated.connect(self._measure_otherwise)
        self.unit.activated.connect(self._measure_otherwise)
        self.value.valueChanged.connect(self._change)
        self.dpi.valueChanged.connect(self._change)

    @property
    def size_wanted(self) -> TargetSize:
        """What is chosen; exactly what was shown, as long as nobody changed it."""
        return self._shown

    def set_source(self, size: tuple[int, int] | None) -> None:
        """The picture that is measured."""
        self._source = size

    def show_size(self, size: TargetSize) -> None:
        """Show it as it is said, telling nobody."""
        self._shown = size
        for box in (self.value, self.dpi):
            box.blockSignals(True)
        self.rule.setCurrentIndex(RULES.index(size.rule))
        self.unit.setCurrentIndex(UNITS.index(size.unit))
        kind = size.unit if size.rule in SIDES else size.rule
        self.value.setDecimals(DECIMALS[kind])
        least = 10 ** -DECIMALS[kind]
        self.value.setRange(least, LARGEST)
        self.value.setSingleStep(0.5 if kind == "scale" else max(1.0, least))
        self.value.setValue(size.value)
        if size.dpi is not None:
            self.dpi.setValue(round(size.dpi))
        for box in (self.value, self.dpi):
            box.blockSignals(False)
        self._say_unit()
        self._paper.setVisible(size.rule in SIDES)
        self.dpi.setVisible(size.unit != "px")

    def follow(self, size: TargetSize) -> None:
        """Say ``size`` in the present words, where there is a picture to do that by."""
        if self._source is not None:
            shown = self._shown
            self.show_size(self._rounded(size.expressed(shown.rule, self._source, shown.unit)))

    def retranslate(self) -> None:
        """All texts in the present language."""
        for box, texts in (
            (
                self.rule,
                [
                    tr("Factor"),
                    tr("Percent"),
                    tr("Megapixels"),
                    tr("Width"),
                    tr("Height"),
                    tr("Long side"),
                    tr("Short side"),
                ],
            ),
            (self.unit, [tr("pixels"), tr("cm on paper"), tr("inches on paper")]),
        ):
            chosen = max(0, box.currentIndex())
            box.clear()
            box.addItems(texts)
            box.setCurrentIndex(chosen)
        self.rule.setAccessibleName(tr("What is given"))
        self.unit.setAccessibleName(tr("Unit"))
        self.value.setAccessibleName(tr("Size"))
        self.dpi.setAccessibleName(tr("Resolution of the print"))
        self.dpi.setToolTip(tr("Pixels per inch; the file will say so too"))
        self.dpi.setSuffix(" dpi")
        self._say_unit()

    def _say_unit(self) -> None:
        size = self._shown
        kind = size.unit if size.rule in SIDES else size.rule
        suffixes = {"scale": "×", "percent": " %", "megapixels": " MP", "px": " " + tr("px")}
        self.value.setSuffix(suffixes.get(kind, f" {kind}"))

    @Slot()
    def _measure_otherwise(self) -> None:
        rule = RULES[max(0, self.rule.currentIndex())]
        unit = UNITS[max(0, self.unit.currentIndex())] if rule in SIDES else "px"
        if (rule, unit) == (self._shown.rule, self._shown.unit):
            return
        dpi = None if unit == "px" else float(self.dpi.value())
        if self._source is not None:
            plain = TargetSize("scale", self._shown.factor(*self._source), dpi=dpi)
            size = plain.expressed(rule, self._source, unit)
        else:
            size = TargetSize(rule, FIRST[unit if rule in SIDES else rule], unit, dpi)
        self.show_size(self._rounded(size))
        self.changed.emit()

    def _rounded(self, size: TargetSize) -> TargetSize:
        """As it can be shown; never 0."""
        decimals = DECIMALS[size.unit if size.rule in SIDES else size.rule]
        value = max(10**-decimals, round(size.value, decimals))
        return TargetSize(size.rule, value, size.unit, size.dpi)

    @Slot()
    def _change(self) -> None:
        shown = self._shown
        dpi = None if shown.unit == "px" else float(self.dpi.value())
        self._shown = TargetSize(shown.rule, self.value.value(), shown.unit, dpi)
        self.changed.emit()

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        self._paper = QWidget()
        second = QHBoxLayout(self._paper)
        for row, boxes in ((first, (self.rule, self.value)), (second, (self.unit, self.dpi))):
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(SPACE)
            for box in boxes:
                row.addWidget(box, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(first)
        column.addWidget(self._paper)
