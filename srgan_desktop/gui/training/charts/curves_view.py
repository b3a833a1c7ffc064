"""Two charts side by side, and what is shown in them."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, log10

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import quiet_label
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.training.charts.chart import Chart, Line
from srgan_desktop.gui.training.runs.history import FIRST_WEIGHT, History

# the slider's steps to the share of the old mean: each ten makes it ten times as long
_SLIDER_END = 30


@dataclass(frozen=True)
class Subject:
    """What a chart can show: curves by name, and whether a point stands for a validation."""

    key: str
    curves: tuple[str, ...]
    dots: bool = False


SUBJECTS = (
    Subject("quality", ("psnr",), dots=True),
    Subject("structure", ("ssim",), dots=True),
    Subject(
        "losses",
        ("loss:pixel", "loss:content", "loss:texture", "loss:adversarial", "loss:discriminator"),
    ),
    Subject("beliefs", ("d_real", "d_fake")),
    Subject("rate", ("rate",)),
)


class CurvesView(QWidget):
    """Follows a history; zooming one chart zooms the other."""

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history: History | None = None
        self._other: History | None = None
        self.charts = [Chart(services.theme), Chart(services.theme)]
        self.subjects = [QComboBox(), QComboBox()]
        self.log = QCheckBox()
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self.smoothing.setRange(0, _SLIDER_END)
        self.smoothing.setValue(_slider_of(FIRST_WEIGHT))
        self.smoothing.setMaximumWidth(120)
        self._smoothing_name = quiet_label(wrap=False)
        self._lay_out()
        for chart in self.charts:
            chart.range_changed.connect(self._show_range)
            chart.hovered.connect(self._show_hover)
        for box in self.subjects:
            box.activated.connect(self._choose_subject)
        self.log.toggled.connect(self._choose_log)
        self.smoothing.valueChanged.connect(self._choose_smoothing)
        self.retranslate()

    def show_history(self, history: History | None, other: History | None = None) -> None:
        """Another training, and one to compare it with."""
        if history is not self._history:
            for chart in self.charts:
                chart.show_range(float("nan"), float("nan"))
        self._history, self._other = history, other
        for known in filter(None, (history, other)):
            known.set_weight(self._weight)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """What has been added is drawn with the next frame."""
        if self._history is None:
            return
        for chart, box in zip(self.charts, self.subjects, strict=True):
            subject = SUBJECTS[max(0, box.currentIndex())]
            lines = self._lines(self._history, subject, other=False)
            if self._other is not None:
                lines += self._lines(self._other, subject, other=True)
            chart.set_lines(lines, self._levels(subject))
            chart.set_boundaries(self._history.boundaries)

    def retranslate(self) -> None:
        """All texts in the present language."""
        titles = {
            "quality": tr("Quality (PSNR in dB)"),
            "structure": tr("Structure (SSIM)"),
            "losses": tr("Losses"),
            "beliefs": tr("Discriminator: D(real), D(fake)"),
            "rate": tr("Learning rate"),
        }
        for box, first in zip(self.subjects, (0, 2), strict=True):
            chosen = box.currentIndex() if box.count() else first
            with QSignalBlocker(box):
                box.clear()
                for subject in SUBJECTS:
                    box.addItem(titles[subject.key])
                box.setCurrentIndex(chosen)
            box.setAccessibleName(tr("What the chart shows"))
        self.log.setText(tr("Log axis"))
        self._smoothing_name.setText(tr("Smoothing"))
        self.smoothing.setAccessibleName(tr("Smoothing"))
        tip = tr("Drag and turn the wheel to look closer; double-click for the whole")
        for chart in self.charts:
            chart.setToolTip(tip)
            chart.setAccessibleName(tr("Chart"))
        self.refresh()

    # inside

    def _lines(self, history: History, subject: Subject, *, other: bool) -> list[Line]:
        titles = _titles()
        return [
            Line(
                f"{titles[name]} ({history.training.plan.name})" if other else titles[name],
                history.curves[name],
                number,
                subject.dots,
                other,
            )
            for number, name in enumerate(subject.curves)
            if name in history.curves
        ]

    def _levels(self, subject: Subject) -> list[tuple[str, float]]:
        bicubic = self._history.bicubic if self._history else None
        if subject.key != "quality" or bicubic is None or isnan(bicubic):
            return []
        return [(tr("bicubic"), bicubic)]

    @property
    def _weight(self) -> float:
        value = self.smoothing.value()
        return 1 - 10 ** (-value / 10) if value else 0.0

    @Slot()
    def _choose_subject(self) -> None:
        self._choose_log(self.log.isChecked())
        self.refresh()

    @Slot(bool)
    def _choose_log(self, log: bool) -> None:
        for chart, box in zip(self.charts, self.subjects, strict=True):
            # decibels are logarithms already
            chart.set_log(log and not SUBJECTS[max(0, box.currentIndex())].dots)

    @Slot(int)
    def _choose_smoothing(self, _: int) -> None:
        for history in filter(None, (self._history, self._other)):
            history.set_weight(self._weight)
        self.refresh()

    @Slot(float, float)
    def _show_range(self, start: float, end: float) -> None:
        for chart in self.charts:
            chart.show_range(start, end)

    @Slot(float)
    def _show_hover(self, step: float) -> None:
        for chart in self.charts:
            chart.show_hover(step)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        for chart, box in zip(self.charts, self.subjects, strict=True):
            column = QVBoxLayout()
            column.setSpacing(SPACE // 2)
            column.addWidget(box, 0, Qt.AlignmentFlag.AlignLeft)
            column.addWidget(chart, 1)
            row.addLayout(column, 1)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE)
        foot.addStretch(1)
        foot.addWidget(self._smoothing_name)
        foot.addWidget(self.smoothing)
        foot.addSpacing(SPACE)
        foot.addWidget(self.log)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(SPACE // 2)
        whole.addLayout(row, 1)
        whole.addLayout(foot)


def _titles() -> dict[str, str]:
    return {
        "psnr": tr("PSNR"),
        "ssim": tr("SSIM"),
        "loss:pixel": tr("pixel"),
        "loss:content": tr("content"),
        "loss:texture": tr("texture"),
        "loss:adversarial": tr("adversarial"),
        "loss:discriminator": tr("discriminator"),
        "d_real": "D(real)",
        "d_fake": "D(fake)",
        "rate": tr("rate"),
    }


def _slider_of(weight: float) -> int:
    return round(-10 * log10(1 - weight))
