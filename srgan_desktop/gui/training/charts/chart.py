"""One chart: curves over steps with zoom, hover values, a log axis and the stages' boundary."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.theme import SPACE, Shades, Theme
from srgan_desktop.gui.training.charts.series import Numbers, Series, Smoothed

FRAME_MS = 33
LEAST_LOG = 1e-12
# told apart also by people who do not see red and green as others do
COLOURS_LIGHT = ("#17708a", "#c4622d", "#7a4fa3", "#3d7d2f", "#9c2f5f")
COLOURS_DARK = ("#56b6d0", "#f0a06a", "#b897e0", "#8fcf7f", "#ea86b3")
_PALE = 70
_MARGIN = 0.06
# of what is not smoothed so much is within the height
_MOST = (5, 90)


@dataclass(frozen=True)
class Line:
    """A curve to draw. ``other``: of the training that is compared with."""

    title: str
    curve: Smoothed
    colour: int
    dots: bool = False
    other: bool = False


class Chart(QWidget):
    """Draws what it is given, at most once a frame, however many points there are."""

    range_changed = Signal(float, float)
    """The person looks at these steps; both nan for the whole."""
    hovered = Signal(float)
    """The pointer is over this step; nan: over none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines: list[Line] = []
        self._levels: list[tuple[str, float]] = []
        self._items: list[tuple[Any, Any]] = []
        self._level_items: list[Any] = []
        self._boundaries: list[Any] = []
        self._log = False
        self._following = True
        self._setting = False
        self._hover = math.nan
        self._values_shown = True
        self._make_plot()
        self.legend = QLabel()
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.legend.setWordWrap(True)
        self.empty = QLabel(self._plot)
        self.empty.setProperty("quiet", True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        row = QHBoxLayout()
        row.setContentsMargins(SPACE, 0, 0, 0)
        row.addWidget(self.legend, 1)
        column.addLayout(row)
        column.addWidget(self._plot, 1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.draw)
        theme.changed.connect(self.recolour)
        self.recolour()

    # what is shown

    def set_lines(self, lines: Sequence[Line], levels: Sequence[tuple[str, float]] = ()) -> None:
        """Other curves, and horizontal lines with their names."""
        same = [line.title for line in lines] == [line.title for line in self._lines]
        self._lines, self._levels = list(lines), list(levels)
        if not same or len(self._items) != len(lines) or len(self._level_items) != len(levels):
            self._rebuild()
        self.draw_soon()

    def set_boundaries(self, places: Sequence[float]) -> None:
        """Where another stage begins."""
        if [item.value() for item in self._boundaries] == list(places):
            return
        for item in self._boundaries:
            self._plot.removeItem(item)
        self._boundaries = []
        for place in places:
            item = pg.InfiniteLine(place, angle=90, pen=self._pen(self._shades.quiet, dashed=True))
            self._plot.addItem(item)
            self._boundaries.append(item)

    def set_log(self, log: bool) -> None:
        """A logarithmic axis for the values."""
        self._log = log
        self._plot.getAxis("left").setLogMode(y=log)
        self.draw_soon()

    def show_range(self, start: float, end: float) -> None:
        """Look at these steps; nan for the whole, following what comes."""
        self._following = math.isnan(start)
        if not self._following:
            self._set_x(start, end)
        self.draw_soon()

    def show_hover(self, step: float) -> None:
        """Values at this step in the legend; nan: the newest."""
        self._hover = step
        self._cross.setVisible(not math.isnan(step))
        if not math.isnan(step):
            self._cross.setValue(step)
        self._write_legend()

    def draw_soon(self) -> None:
        """Draw with the next frame."""
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def draw(self) -> None:
        """Bring the curves to the screen now."""
        lengths = [len(line.curve.raw) for line in self._lines]
        self._show_values(any(lengths))
        self.empty.setText(tr("Nothing to show yet"))
        self._place_empty()
        start, end = self._range()
        seen: list[Numbers] = []
        columns = max(100, self._plot.width())
        for line, (pale, strong) in zip(self._lines, self._items, strict=True):
            x, y = self._points(line.curve.smooth, start, end, columns)
            strong.setData(x, y)
            seen.append(y)
            if pale is not None:
                x, y = self._points(line.curve.raw, start, end, columns)
                pale.setData(x, y)
                if len(y):
                    seen.append(np.percentile(y, _MOST))
        for item, (_, value) in zip(self._level_items, self._levels, strict=True):
            item.setValue(self._scaled(value))
            seen.append(np.array([self._scaled(value)]))
        self._set_y(seen)
        self._write_legend()

    # inside

    @property
    def _shades(self) -> Shades:
        return self._theme.shades

    def _range(self) -> tuple[float, float]:
        """The steps in view; the whole while it follows."""
        if self._following:
            ends = [float(line.curve.raw.x[-1]) for line in self._lines if len(line.curve.raw)]
            self._set_x(0.0, max(ends, default=1.0) * 1.02 or 1.0)
        (start, end), _ = self._plot.viewRange()
        return float(start), float(end)

    def _points(
        self, series: Series, start: float, end: float, columns: int
    ) -> tuple[Numbers, Numbers]:
        x, y = series.view(start, end, columns)
        return x, np.log10(np.maximum(y, LEAST_LOG)) if self._log else y

    def _scaled(self, value: float) -> float:
        return math.log10(max(value, LEAST_LOG)) if self._log else value

    def _set_x(self, start: float, end: float) -> None:
        self._setting = True
        self._plot.setXRange(start, max(end, start + 1e-9), padding=0)
        self._setting = False

    def _set_y(self, seen: list[Numbers]) -> None:
        """So that the curves fill the height, without giving it all to one early peak."""
        there = [values for values in seen if len(values)]
        if not there:
            return
        least = min(float(values.min()) for values in there)
        largest = max(_top(values) for values in there)
        margin = max(largest - least, abs(largest) * 1e-3, 1e-9) * _MARGIN
        self._plot.setYRange(least - margin, largest + margin, padding=0)

    def _make_plot(self) -> None:
        axes = {name: pg.AxisItem(name) for name in ("left", "bottom")}
        self._plot = pg.PlotWidget(self, axisItems=axes, enableMenu=False)
        self._plot.hideButtons()
        self._plot.setMouseEnabled(x=True, y=False)
        self._plot.setMinimumHeight(110)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # a drop belongs to the page
        self._plot.setAcceptDrops(False)
        for axis in axes.values():
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickLength=-4, autoExpandTextSpace=False)
        axes["left"].setWidth(52)
        self._plot.getViewBox().sigRangeChangedManually.connect(self._zoomed)
        self._plot.scene().sigMouseMoved.connect(self._moved)
        self._plot.viewport().installEventFilter(self)
        self._cross = pg.InfiniteLine(0, angle=90)
        self._cross.hide()
        self._plot.addItem(self._cross)

    def eventFilter(self, watched: Any, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """The pointer leaves, or a double click asks for the whole."""
        if event.type() == QEvent.Type.Leave:
            self.hovered.emit(math.nan)
        elif event.type() == QEvent.Type.MouseButtonDblClick:
            self.range_changed.emit(math.nan, math.nan)
        return False

    @Slot()
    def _zoomed(self) -> None:
        if not self._setting:
            (start, end), _ = self._plot.viewRange()
            self._following = False
            self.range_changed.emit(float(start), float(end))
            self.draw_soon()

    @Slot(QPointF)
    def _moved(self, at: QPointF) -> None:
        box = self._plot.getViewBox()
        if box.sceneBoundingRect().contains(at):
            self.hovered.emit(float(box.mapSceneToView(at).x()))

    def _rebuild(self) -> None:
        for pair in self._items:
            for item in filter(None, pair):
                self._plot.removeItem(item)
        for item in self._level_items:
            self._plot.removeItem(item)
        self._items = [self._new_items(line) for line in self._lines]
        self._level_items = [
            pg.InfiniteLine(0, angle=0, pen=self._pen(self._shades.quiet, dashed=True))
            for _ in self._levels
        ]
        for item in self._level_items:
            self._plot.addItem(item)

    def _new_items(self, line: Line) -> tuple[Any, Any]:
        colour = self._colour(line)
        pale = None
        if not line.dots and not line.other:
            pale = pg.PlotCurveItem(pen=pg.mkPen(_with_alpha(colour, _PALE), width=1))
            self._plot.addItem(pale)
        pen = pg.mkPen(colour, width=2 if not line.other else 1)
        if line.other:
            pen.setStyle(Qt.PenStyle.DashLine)
        if line.dots:
            strong = pg.PlotDataItem(
                pen=pen, symbol="o", symbolSize=6, symbolBrush=colour, symbolPen=None
            )
        else:
            strong = pg.PlotCurveItem(pen=pen)
        self._plot.addItem(strong)
        return pale, strong

    def _colour(self, line: Line) -> QColor:
        colours = COLOURS_DARK if self._theme.dark else COLOURS_LIGHT
        return QColor(colours[line.colour % len(colours)])

    def _pen(self, colour: str, *, dashed: bool = False) -> Any:
        pen = pg.mkPen(QColor(colour), width=1)
        if dashed:
            pen.setStyle(Qt.PenStyle.DashLine)
        return pen

    @Slot()
    def recolour(self) -> None:
        """The theme's colours."""
        shades = self._shades
        self._plot.setBackground(QColor(shades.base))
        for name in ("left", "bottom"):
            axis = self._plot.getAxis(name)
            axis.setPen(self._pen(shades.line))
            axis.setTextPen(QColor(shades.quiet))
            font = QFont(self.font())
            font.setPointSizeF(max(7.0, font.pointSizeF() * 0.85))
            axis.setStyle(tickFont=font)
        self._plot.showGrid(x=False, y=True, alpha=0.25)
        self._cross.setPen(self._pen(shades.quiet))
        for item in self._boundaries:
            item.setPen(self._pen(shades.quiet, dashed=True))
        self._rebuild()
        self.draw_soon()

    def _write_legend(self) -> None:
        parts = []
        for line in self._lines:
            value = self._value(line.curve.smooth)
            if value is None:
                continue
            mark = "╌" if line.other else "●"
            parts.append(
                f'<span style="color:{self._colour(line).name()}">{mark}</span>'
                + _unbroken(f" {line.title} ", value)
            )
        parts += [_unbroken(f"┄ {name} ", value) for name, value in self._levels]
        self.legend.setText("&nbsp;&nbsp; ".join(parts) or "&nbsp;")

    def _value(self, series: Series) -> float | None:
        if not math.isnan(self._hover):
            return series.value_at(self._hover)
        return float(series.y[-1]) if len(series) else None

    def _show_values(self, there: bool) -> None:
        """Numbers along the axes only where they are those of a curve."""
        self.empty.setVisible(not there)
        if there != self._values_shown:
            self._values_shown = there
            for name in ("left", "bottom"):
                self._plot.getAxis(name).setStyle(showValues=there)

    def _place_empty(self) -> None:
        self.empty.resize(self._plot.size())


def _top(values: Numbers) -> float:
    """The largest value, but an early peak counts no more than twice what most need."""
    usual, largest = float(np.percentile(values, 98)), float(values.max())
    least = float(values.min())
    return min(largest, usual + (usual - least)) if len(values) > 20 else largest


def _unbroken(name: str, value: float) -> str:
    """A name and its value, as rich text that stays in one line."""
    return f"{escape(name).replace(' ', '&nbsp;')}<b>{_short(value)}</b>"


def _short(value: float) -> str:
    if abs(value) < 0.01:
        return f"{value:.3g}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.2f}"


def _with_alpha(colour: QColor, alpha: int) -> QColor:
    made = QColor(colour)
    made.setAlpha(alpha)
    return made
