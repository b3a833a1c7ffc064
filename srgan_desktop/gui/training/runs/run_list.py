"""The history at the left: each training with how it stands."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import (
    QAbstractListModel,
    QDate,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base.translation import language, tr
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.training.runs.state import Phase, StageState, is_paused, phase_of
from srgan_desktop.gui.training.runs.stored import Training

WIDTH = 208
ROW_HEIGHT = 48
DETAIL = Qt.ItemDataRole.UserRole
PHASE = Qt.ItemDataRole.UserRole + 1
_SMALLER = 0.9

Index = QModelIndex | QPersistentModelIndex
Standing = Phase | Literal["paused"]


def phase_name(phase: str) -> str:
    """In a word, for people."""
    return {
        "waiting": tr("not started"),
        "running": tr("running"),
        "paused": tr("paused"),
        "done": tr("done"),
        "stopped": tr("stopped"),
        "failed": tr("failed"),
        "killed": tr("interrupted"),
        "gone": tr("folder gone"),
    }[phase]


class RunListModel(QAbstractListModel):
    """Trainings, the newest first."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[tuple[Training, Standing]] = []

    def set_rows(self, rows: list[tuple[Training, Standing]]) -> None:
        """Others; where only their states are others the selection stays."""
        same = [row[0].folder for row in rows] == [row[0].folder for row in self.rows]
        if rows == self.rows:
            return
        if same:
            self.rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """How many."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name, state and time."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        training, phase = self.rows[index.row()]
        detail = f"{phase_name(phase)} · {_when(training.created)}"
        known: dict[int, object] = {
            Qt.ItemDataRole.DisplayRole: training.plan.name,
            Qt.ItemDataRole.ToolTipRole: f"{tr(training.plan.title)}\n{training.folder}".strip(),
            Qt.ItemDataRole.AccessibleTextRole: f"{training.plan.name}, {detail}",
            DETAIL: detail,
            PHASE: phase,
        }
        return known.get(role)


class RunDelegate(QStyledItemDelegate):
    """Name above, state below, a dot that is filled while it trains."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """As wide as the list."""
        return QSize(WIDTH - 2 * SPACE, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """A rounded row."""
        rect = option.rect.adjusted(0, 1, 0, -1)
        palette: QPalette = option.palette
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent = palette.color(QPalette.ColorRole.Accent)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            back = QColor(accent)
            back.setAlpha(46 if chosen else 20)
            painter.setBrush(back)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(rect, 6, 6)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(accent)
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 6, 6)
        phase = index.data(PHASE)
        painter.setPen(accent if phase != "failed" else palette.color(QPalette.ColorRole.Text))
        painter.setBrush(accent if phase == "running" else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(rect.left() + SPACE, rect.top() + 13, 7, 7)
        text = rect.adjusted(3 * SPACE, 5, -SPACE, -4)
        self._write(painter, palette, text, index)
        painter.restore()

    def _write(self, painter: QPainter, palette: QPalette, rect: Any, index: Index) -> None:
        metrics = painter.fontMetrics()
        name = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, rect.width())
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        painter.drawText(rect, Qt.AlignmentFlag.AlignTop, name)
        font = painter.font()
        font.setPointSizeF(font.pointSizeF() * _SMALLER)
        painter.setFont(font)
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        detail = painter.fontMetrics().elidedText(
            str(index.data(DETAIL)), Qt.TextElideMode.ElideRight, rect.width()
        )
        painter.drawText(rect, Qt.AlignmentFlag.AlignBottom, detail)


class RunList(QFrame):
    """The list, and a button for another training."""

    chosen = Signal(object)
    """The ``Training`` that was clicked."""
    new_wanted = Signal()

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("switcher")
        self.setFixedWidth(WIDTH)
        self.new = QPushButton()
        self.new.clicked.connect(self.new_wanted)
        self.model = RunListModel()
        self.view = QListView()
        self.view.setModel(self.model)
        self.view.setItemDelegate(RunDelegate(self.view))
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setMouseTracking(True)
        self.view.setUniformItemSizes(True)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.viewport().setAutoFillBackground(False)
        self.view.setAcceptDrops(False)
        self.view.selectionModel().currentChanged.connect(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        column.setSpacing(SPACE)
        column.addWidget(self.new)
        column.addWidget(self.view, 1)
        self.retranslate()

    def set_trainings(self, rows: list[tuple[Training, Standing]], current: Path | None) -> None:
        """Show these, with one of them marked."""
        self.model.set_rows(rows)
        self.mark(current)

    def mark(self, folder: Path | None) -> None:
        """Mark one, or none, without telling anybody."""
        selection = self.view.selectionModel()
        folders = [training.folder for training, _ in self.model.rows]
        selection.blockSignals(True)
        if folder in folders:
            self.view.setCurrentIndex(self.model.index(folders.index(folder)))
        else:
            self.view.setCurrentIndex(QModelIndex())
            self.view.clearSelection()
        selection.blockSignals(False)
        self.view.viewport().update()

    def retranslate(self) -> None:
        """All texts in the present language."""
        self.new.setText(tr("New training"))
        self.view.setAccessibleName(tr("Trainings"))
        self.view.viewport().update()

    @Slot(QModelIndex, QModelIndex)
    def _choose(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self.chosen.emit(self.model.rows[current.row()][0])


def _when(seconds: float) -> str:
    made = datetime.fromtimestamp(seconds)
    if made.date() == datetime.now().date():
        return made.strftime("%H:%M")
    day = QDate(made.year, made.month, made.day)
    return str(QLocale(language()).toString(day, QLocale.FormatType.ShortFormat))


def rows_of(
    listed: list[tuple[Training, tuple[StageState, ...]]],
) -> list[tuple[Training, Standing]]:
    """What the desk lists, with one word for each."""
    return [
        (training, "paused" if is_paused(states) else phase_of(states))
        for training, states in listed
    ]
