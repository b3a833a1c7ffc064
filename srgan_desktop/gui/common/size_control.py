"""How large the result shall be: a factor at a press, or whatever people measure pictures by."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.upscaling.size import TargetSize
from srgan_desktop.gui.common.custom_size import CustomSize
from srgan_desktop.gui.common.dialogs import quiet_label
from srgan_desktop.gui.common.theme import SPACE

FACTORS = (2, 3, 4, 8)
CUSTOM = 0


class SizeControl(QWidget):
    """2× 3× 4× 8×, or another factor, megapixels, a side in pixels or on paper.

    Says what comes out of it.

    Attributes:
        custom: where that other size is chosen.
    """

    changed = Signal()

    def __init__(self, size: TargetSize, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source: tuple[int, int] | None = None
        self._group = QButtonGroup(self)
        self.custom = CustomSize()
        self.result = QLabel()
        self.problem = quiet_label()
        self.problem.setProperty("wrong", True)
        self._lay_out()
        self._choose(size)
        self._group.idClicked.connect(self._pressed)
        self.custom.changed.connect(self._change)
        self.retranslate()

    @property
    def size_wanted(self) -> TargetSize:
        """The rule that is chosen."""
        factor = self._group.checkedId()
        return self.custom.size_wanted if factor == CUSTOM else TargetSize("scale", factor)

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
        known = wanted.rule in ("scale", "percent") and self._source is None
        return wanted.factor(1, 1) if known else None

    def set_source(self, size: tuple[int, int] | None) -> None:
        """The picture that is enlarged."""
        self._source = size
        self.custom.set_source(size)
        self._refresh()

    def show_size(self, size: TargetSize) -> None:
        """Choose a rule, telling nobody."""
        self.blockSignals(True)
        self._choose(size)
        self._refresh()
        self.blockSignals(False)

    def retranslate(self) -> None:
        """All texts in the present language."""
        for button in self._group.buttons():
            factor = self._group.id(button)
            text = tr("Custom") if factor == CUSTOM else f"{factor}×"
            button.setText(text)
            button.setAccessibleName(
                tr("Another size") if factor == CUSTOM else tr("{n} times larger", n=factor)
            )
            button.setToolTip(
                tr("Any factor, percent, megapixels, a side in pixels, or the size of a print")
                if factor == CUSTOM
                else button.accessibleName()
            )
        self.custom.retranslate()
        self._refresh()

    @Slot(int)
    def _pressed(self, factor: int) -> None:
        if factor != CUSTOM:
            # where another size is chosen next, it begins with this one
            self.custom.follow(TargetSize("scale", factor))
        self._change()

    @Slot()
    def _change(self) -> None:
        self._refresh()
        self.changed.emit()

    def _choose(self, size: TargetSize) -> None:
        plain = size.rule == "scale" and size.value in FACTORS
        self._group.button(int(size.value) if plain else CUSTOM).setChecked(True)
        self.custom.follow(size) if plain else self.custom.show_size(size)

    def _refresh(self) -> None:
        self._make_one_tab_stop()
        self.custom.setVisible(self._group.checkedId() == CUSTOM)
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
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(segments)
        for widget in (self.custom, self.result, self.problem):
            column.addWidget(widget)
