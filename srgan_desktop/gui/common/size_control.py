"""How large the result shall be: a factor at a press, or one side in pixels."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.upscaling.size import Rule, TargetSize
from srgan_desktop.gui.common.dialogs import quiet_label
from srgan_desktop.gui.common.theme import SPACE

FACTORS = (2, 3, 4, 8)
SIDES: tuple[Rule, ...] = ("width", "height", "long", "short")
LARGEST_SIDE = 200_000
FIRST_SIDE = 3840
CUSTOM = 0


class SizeControl(QWidget):
    """2× 3× 4× 8×, or width, height, long or short side; says what comes out of it."""

    changed = Signal()

    def __init__(self, size: TargetSize, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source: tuple[int, int] | None = None
        self._group = QButtonGroup(self)
        self._side = QComboBox()
        self._pixels = QSpinBox()
        self._pixels.setRange(1, LARGEST_SIDE)
        self._pixels.setValue(FIRST_SIDE)
        self._pixels.setKeyboardTracking(False)
        self._pixels.setAcceptDrops(False)
        self._custom_row = QWidget()
        self.result = QLabel()
        self.problem = quiet_label()
        self.problem.setProperty("wrong", True)
        self._lay_out()
        self._set(size)
        self._group.idClicked.connect(self._change)
        self._side.activated.connect(self._change)
        self._pixels.valueChanged.connect(self._change)
        self.retranslate()

    @property
    def size_wanted(self) -> TargetSize:
        """The rule that is chosen."""
        factor = self._group.checkedId()
        if factor != CUSTOM:
            return TargetSize("scale", factor)
        return TargetSize(SIDES[max(0, self._side.currentIndex())], self._pixels.value())

    def resolved(self) -> tuple[int, int] | None:
        """The result's size for the present source; None where it makes no sense."""
        if self._source is None:
            return None
        try:
            return self.size_wanted.resolve(*self._source)
        except UsageError:
            return None

    @property
    def factor_wanted(self) -> float | None:
        """So many times larger; None where that depends on a picture that is not there."""
        size = self.resolved()
        if self._source is not None and size is not None:
            return max(size[0] / self._source[0], size[1] / self._source[1])
        wanted = self.size_wanted
        return wanted.value if wanted.rule == "scale" and self._source is None else None

    def set_source(self, size: tuple[int, int] | None) -> None:
        """The picture that is enlarged."""
        self._source = size
        self._refresh()

    def show_size(self, size: TargetSize) -> None:
        """Choose a rule, telling nobody; a factor that has no button becomes the nearest."""
        self.blockSignals(True)
        if size.rule == "scale":
            nearest = min(FACTORS, key=lambda factor: abs(factor - size.value))
            self._group.button(nearest).setChecked(True)
        else:
            self._group.button(CUSTOM).setChecked(True)
            self._side.setCurrentIndex(SIDES.index(size.rule))
            self._pixels.setValue(int(size.value))
        self._refresh()
        self.blockSignals(False)

    def retranslate(self) -> None:
        """All texts in the present language."""
        for button in self._group.buttons():
            factor = self._group.id(button)
            text = tr("Custom") if factor == CUSTOM else f"{factor}×"
            button.setText(text)
            button.setAccessibleName(
                tr("Size by one side") if factor == CUSTOM else tr("{n} times larger", n=factor)
            )
            button.setToolTip(button.accessibleName())
        chosen = max(0, self._side.currentIndex())
        self._side.clear()
        self._side.addItems([tr("Width"), tr("Height"), tr("Long side"), tr("Short side")])
        self._side.setCurrentIndex(chosen)
        self._side.setAccessibleName(tr("Side that is given"))
        self._pixels.setAccessibleName(tr("Pixels"))
        self._pixels.setSuffix(" " + tr("px"))
        self._refresh()

    @Slot()
    def _change(self) -> None:
        self._refresh()
        self.changed.emit()

    def _set(self, size: TargetSize) -> None:
        if size.rule == "scale":
            factor = round(size.value)
            self._group.button(factor if factor in FACTORS else 4).setChecked(True)
            return
        self._group.button(CUSTOM).setChecked(True)
        self._side.addItems(list(SIDES))
        self._side.setCurrentIndex(SIDES.index(size.rule))
        self._pixels.setValue(int(size.value))

    def _refresh(self) -> None:
        self._make_one_tab_stop()
        self._custom_row.setVisible(self._group.checkedId() == CUSTOM)
        text = problem = ""
        if self._source is not None:
            try:
                width, height = self.size_wanted.resolve(*self._source)
                text = tr(
                    "from {width} × {height} to {out_width} × {out_height}",
                    width=self._source[0],
                    height=self._source[1],
                    out_width=width,
                    out_height=height,
                )
            except UsageError as error:
                problem = str(error)
        self.result.setText(text)
        self.result.setVisible(bool(text))
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))

    def _make_one_tab_stop(self) -> None:
        """Tab comes to the chosen segment; the arrow keys choose another."""
        for button in self._group.buttons():
            chosen = button.isChecked()
            policy = Qt.FocusPolicy.StrongFocus if chosen else Qt.FocusPolicy.ClickFocus
            button.setFocusPolicy(policy)

    def _lay_out(self) -> None:
        segments = QHBoxLayout()
        segments.setSpacing(SPACE // 2)
        for factor in (*FACTORS, CUSTOM):
            button = QToolButton()
            button.setCheckable(True)
            button.setProperty("segment", True)
            button.setMinimumWidth(36)
            self._group.addButton(button, factor)
            segments.addWidget(button, 2 if factor == CUSTOM else 1)
            button.setSizePolicy(
                button.sizePolicy().Policy.Expanding, button.sizePolicy().Policy.Fixed
            )
        custom = QHBoxLayout(self._custom_row)
        custom.setContentsMargins(0, 0, 0, 0)
        custom.setSpacing(SPACE)
        custom.addWidget(self._side, 1)
        custom.addWidget(self._pixels, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(segments)
        for widget in (self._custom_row, self.result, self.problem):
            column.addWidget(widget)
