"""Mean opinion scores with their confidence intervals: bars and a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base import atomic
from srgan_desktop.core.base.errors import FileError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.evaluation.rating import (
    LEAST,
    MOST,
    Opinion,
    Study,
    opinions,
    opinions_csv,
    ratings_csv,
)
from srgan_desktop.gui.common.dialogs import quiet_label
from srgan_desktop.gui.common.save_file import CSV, ask_for_target
from srgan_desktop.gui.common.theme import SPACE, Theme

AXIS = 28
FOOT = 34
WHISKER = 7


class OpinionChart(QWidget):
    """A bar for each method from 1 to 5, with its interval as a whisker."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._bars: list[tuple[str, Opinion]] = []
        self.setMinimumSize(320, 200)
        theme.changed.connect(self.update)

    def show_opinions(self, bars: Sequence[tuple[str, Opinion]]) -> None:
        """(title, opinion) of each method."""
        self._bars = list(bars)
        self.setAccessibleName(tr("Mean opinion scores"))
        self.setAccessibleDescription("; ".join(f"{title}: {figures(o)}" for title, o in bars))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Lines for 1 to 5, bars, whiskers, names."""
        shades = self._theme.shades
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(AXIS, SPACE, self.width() - AXIS - SPACE, self.height() - FOOT - SPACE)
        for score in range(LEAST, MOST + 1):
            y = _height(area, score)
            painter.setPen(QPen(QColor(shades.line), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(shades.quiet))
            painter.drawText(
                QRectF(0, y - 10, AXIS - 8, 20),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                str(score),
            )
        step = area.width() / max(1, len(self._bars))
        for number, (title, opinion) in enumerate(self._bars):
            place = QRectF(area.left() + number * step, area.top(), step, area.height())
            self._paint_bar(painter, place, title, opinion)
        painter.end()

    def _paint_bar(self, painter: QPainter, place: QRectF, title: str, opinion: Opinion) -> None:
        shades = self._theme.shades
        middle = place.center().x()
        painter.setPen(QColor(shades.text))
        metrics = QFontMetrics(painter.font())
        name = metrics.elidedText(title, Qt.TextElideMode.ElideMiddle, int(place.width() - 6))
        foot = QRectF(place.left(), place.bottom() + 4, place.width(), FOOT - 8)
        painter.drawText(foot, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, name)
        if math.isnan(opinion.mean):
            return
        wide = min(place.width() * 0.55, 72.0)
        top = _height(place, opinion.mean)
        bar = QRectF(middle - wide / 2, top, wide, place.bottom() - top)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(shades.accent))
        painter.drawRoundedRect(bar, 3, 3)
        if not math.isnan(opinion.low):
            low, high = _height(place, opinion.low), _height(place, opinion.high)
            painter.setPen(QPen(QColor(shades.text), 1.5))
            painter.drawLine(QPointF(middle, low), QPointF(middle, high))
            for y in (low, high):
                painter.drawLine(QPointF(middle - WHISKER, y), QPointF(middle + WHISKER, y))


def _height(area: QRectF, score: float) -> float:
    return area.bottom() - (score - LEAST) / (MOST - LEAST) * area.height()


def figures(opinion: Opinion) -> str:
    """ "3.58 ± 0.12 (24 ratings)" in few letters."""
    if math.isnan(opinion.mean):
        return "–"
    if math.isnan(opinion.low):
        return f"{opinion.mean:.2f}"
    return f"{opinion.mean:.2f} [{opinion.low:.2f}, {opinion.high:.2f}]"


class ResultsView(QWidget):
    """For one study."""

    back_wanted = Signal()
    failed = Signal(Exception)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._study: Study | None = None
        self.chart = OpinionChart(theme)
        self.summary = quiet_label("")
        self._table = QWidget()
        self._grid = QGridLayout(self._table)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(3 * SPACE)
        self.back, self.export = QPushButton(tr("Back")), QPushButton(tr("Export CSV…"))
        self.back.clicked.connect(self.back_wanted)
        self.export.clicked.connect(self._choose_target)
        row = QHBoxLayout()
        row.addWidget(self.back)
        row.addStretch(1)
        row.addWidget(self.export)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        column.setSpacing(2 * SPACE)
        column.addWidget(self.summary)
        column.addWidget(self.chart, 1)
        column.addWidget(self._table)
        column.addLayout(row)

    def show_study(self, study: Study) -> None:
        """All opinions so far.

        Raises what ``Study.ratings`` raises.
        """
        self._study = study
        notice = opinions(study)
        bars = [(study.titles.get(opinion.method, opinion.method), opinion) for opinion in notice]
        self.chart.show_opinions(bars)
        raters = study.raters()
        names = ", ".join(raters) or tr("nobody yet")
        self.summary.setText(
            tr(
                "{title}. Rated by: {names}. Bars are means, whiskers 95 % confidence intervals.",
                title=study.title,
                names=names,
            )
        )
        self._fill(bars)

    def write(self, target: Path) -> None:
        """The means to ``target``, every rating to a file beside it.

        Raises:
            FileError: it cannot be written.
        """
        if self._study is None:
            return
        opinions, ratings = opinions_csv(self._study), ratings_csv(self._study)
        for path, text in ((target, opinions), (_beside(target), ratings)):
            try:
                with atomic.replace_file(path) as new:
                    # the mark at the start lets spreadsheets see that it is UTF-8
                    new.file.write(text.encode("utf-8-sig"))
            except OSError as error:
                raise FileError(path, atomic.explain(error)) from error

    @Slot()
    def _choose_target(self) -> None:
        first = Path.home() / "ratings.csv"
        target = ask_for_target(self, tr("Export"), first, [CSV], beside=_beside)
        if target is not None:
            try:
                self.write(target)
            except FileError as error:
                self.failed.emit(error)

    def _fill(self, bars: Sequence[tuple[str, Opinion]]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        head = (tr("Method"), tr("Mean"), tr("95 % interval"), tr("Ratings"), tr("Raters"))
        for column, text in enumerate(head):
            self._grid.addWidget(quiet_label(text, wrap=False), 0, column)
        for row, (title, opinion) in enumerate(bars, 1):
            known = not math.isnan(opinion.mean)
            interval = "–" if math.isnan(opinion.low) else f"{opinion.low:.2f} – {opinion.high:.2f}"
            values = (
                title,
                f"{opinion.mean:.2f}" if known else "–",
                interval,
                str(opinion.count),
                str(opinion.raters),
            )
            for column, text in enumerate(values):
                self._grid.addWidget(QLabel(text), row, column)
        self._grid.setColumnStretch(len(head), 1)


def _beside(target: Path) -> Path:
    return target.with_name(f"{target.stem}-ratings{target.suffix}")
