"""The chosen folder: what is in it, what can be used and what not, and a grid of its photos."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QProgressBar,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base.console import bytes_text
from srgan_desktop.core.base.errors import SrganDesktopError
from srgan_desktop.core.base.translation import tr, trn
from srgan_desktop.gui.common.dialogs import heading, quiet_label
from srgan_desktop.gui.common.error_text import explain
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.common.thumbnail_strip import StripModel
from srgan_desktop.gui.common.worker import Lane, Task
from srgan_desktop.gui.training.form.field import problem_label
from trainer.run.events import Checking

if TYPE_CHECKING:
    from trainer.data.check import FolderReport

CELL = QSize(72, 58)
SHOWN = 48
_NAMED = 6
_FEW = 20


@dataclass(frozen=True)
class Photos:
    """The folder's pictures, some of them for the grid."""

    shown: tuple[Path, ...]
    total: int


def look_at_folder(
    folder: Path, validation: Path | None, **wanted: Any
) -> Generator[Any, None, Any]:
    """``Photos``, the trainer's ``Checking`` events, and its ``FolderReport`` as the result.

    Takes and raises what ``check_folder`` does.
    """
    yield
    from trainer.data.check import check_folder
    from trainer.data.dataset import image_paths

    paths = image_paths(folder)
    every = max(1, len(paths) // SHOWN)
    yield Photos(tuple(paths[::every][:SHOWN]), len(paths))
    return (yield from check_folder(folder, validation, **wanted))


class ImageOnly(QStyledItemDelegate):
    """Draws the pictures of a list without their names; each fills its cell, cropped to it."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """The middle of the picture."""
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        if not isinstance(picture, QPixmap) or picture.isNull():
            return
        rect: QRect = option.rect
        cell = rect.adjusted(0, 0, -SPACE // 2, -SPACE // 2)
        factor = min(picture.width() / cell.width(), picture.height() / cell.height())
        size = QSize(round(cell.width() * factor), round(cell.height() * factor))
        part = QRect(0, 0, size.width(), size.height())
        part.moveCenter(QRect(0, 0, picture.width(), picture.height()).center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(cell, picture, part)


class DatasetPanel(QWidget):
    """Tells of a folder while it is looked at; drops are taken by the page."""

    choose_wanted = Signal()
    changed = Signal()

    def __init__(self, services: Services, lane: Lane, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services, self._lane = services, lane
        self._task: Task | None = None
        self._asked: tuple[object, ...] = ()
        self.folder: Path | None = None
        self.report: FolderReport | None = None
        self.problem = ""
        self._heading = heading()
        self._make()
        self.retranslate()

    # what is asked for

    def look_at(
        self,
        folder: Path,
        validation: Path | None,
        crop: int,
        scale: int,
        *,
        margin: bool = True,
        pairs: Path | None = None,
        anew: bool = False,
    ) -> None:
        """Check this folder for crops of this size, unless that is what is known.

        Args:
            anew: also then: what lies in it may be other than it was.
        """
        asked = (folder, validation, crop, scale, margin, pairs)
        if asked == self._asked and not self.problem and not anew:
            return
        self._asked, self.folder, self.report, self.problem = asked, folder, None, ""
        if self._task is not None:
            self._task.cancel()
        self._bar.setRange(0, 0)
        self._bar.show()
        self._frame.hide()
        self._path.setText(str(folder))
        self._path.show()
        self._summary.setText(tr("Looking at the photos…"))
        self._show_details([])
        self._task = self._lane.submit(
            lambda: look_at_folder(
                folder, validation, crop=crop, scale=scale, margin=margin, pairs=pairs
            ),
            on_event=self._seen,
            on_done=self._checked,
            on_failed=self._failed,
        )
        self.changed.emit()

    # what is told

    def _seen(self, what: Any) -> None:
        if isinstance(what, Photos):
            self._photos.set_paths(list(what.shown))
            self.grid.show()
        elif isinstance(what, Checking):
            self._bar.setRange(0, max(1, what.total))
            self._bar.setValue(what.done)
            self._summary.setText(
                tr("Looking at the photos: {done} of {total}", done=what.done, total=what.total)
            )

    def _checked(self, report: FolderReport) -> None:
        self._task, self.report = None, report
        self._bar.hide()
        self._describe()
        self.changed.emit()

    def _failed(self, error: BaseException) -> None:
        self._task = None
        self._bar.hide()
        self.grid.hide()
        text = str(error) if isinstance(error, SrganDesktopError) else explain(error)
        if text is None:
            self._services.faults.report(error)
            text = tr("This folder cannot be looked at.")
        self.problem = text
        self._summary.setText("")
        self.changed.emit()

    @property
    def looking(self) -> bool:
        """Whether the check is still on its way."""
        return self._task is not None

    def _describe(self) -> None:
        report = self.report
        if report is None:
            return
        self._summary.setText(
            tr("{n} of {total} photos can be used", n=report.usable, total=report.pictures)
        )
        lines = [_sizes(report)] if report.sizes else []
        if report.is_usable and report.usable < _FEW:
            lines.append(tr("A few more would help: twenty or more give a sounder model."))
        doubles = sum(len(group) - 1 for group in report.exact_duplicates)
        alike = sum(len(group) - 1 for group in report.near_duplicates)
        if doubles:
            lines.append(trn("{n} duplicate", "{n} duplicates", doubles))
        if alike:
            lines.append(trn("{n} look-alike", "{n} look-alikes", alike))
        if report.small_alone:
            alone = len(report.small_alone)
            lines.append(
                trn("{n} small version has no photo", "{n} small versions have no photo", alone)
            )
        if report.grey:
            lines.append(trn("{n} grey picture", "{n} grey pictures", report.grey))
        if report.usable:
            lines.append(tr("{size} in memory", size=bytes_text(report.decoded_bytes)))
        if report.overlap:
            n = len(report.overlap)
            lines.append(tr("{n} are among the validation photos too: leave them out there", n=n))
        if report.unusable:
            lines.append(tr("Cannot be used:"))
            lines += [f"   {item.path.name}: {item.message}" for item in report.unusable[:_NAMED]]
            more = len(report.unusable) - _NAMED
            if more > 0:
                lines.append("   " + trn("and {n} more", "and {n} more", more))
        self._show_details(lines)

    def _show_details(self, lines: list[str]) -> None:
        self._details.setText("\n".join(lines))
        self._details.setVisible(bool(lines))

    def retranslate(self) -> None:
        """All texts in the present language."""
        self._heading.setText(tr("Your photos"))
        self._invitation.setText(tr("Drop a folder of photos here"))
        self._hint.setText(tr("Sharp ones of the kind you want to enlarge; fifty are a good start"))
        self.choose.setText(tr("Choose folder…"))
        self.grid.setAccessibleName(tr("Photos"))
        self._describe()

    def set_inviting(self, inviting: bool) -> None:
        """Something that can be taken hovers over the page."""
        self._frame.setProperty("inviting", inviting)
        self._frame.style().unpolish(self._frame)
        self._frame.style().polish(self._frame)

    def _make(self) -> None:
        self._make_frame()
        self._make_grid()
        # by the button that chooses the folder, not below it all
        self.problem_label = problem_label()
        self.choose = QPushButton()
        self.choose.clicked.connect(self.choose_wanted)
        self.setFocusProxy(self.choose)
        self._path = quiet_label()
        self._path.setTextFormat(Qt.TextFormat.PlainText)
        self._path.hide()
        self._summary = heading()
        self._summary.setWordWrap(True)
        self._details = quiet_label()
        self._details.setTextFormat(Qt.TextFormat.PlainText)
        self._details.hide()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.hide()
        row = QHBoxLayout()
        row.addWidget(self._heading, 1)
        row.addWidget(self.choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(row)
        column.addWidget(self.problem_label)
        column.addWidget(self._frame, 1)
        for widget in (self._path, self._summary, self._bar, self._details):
            column.addWidget(widget)
        column.addWidget(self.grid, 1)
        column.addStretch(0)  # what is said stays at the top while neither fills the rest

    def _make_frame(self) -> None:
        self._frame = QFrame()
        self._frame.setObjectName("dropFrame")
        self._invitation, self._hint = QLabel(), quiet_label()
        font = self._invitation.font()
        font.setPointSizeF(font.pointSizeF() * 1.2)
        self._invitation.setFont(font)
        for label in (self._invitation, self._hint):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inside = QVBoxLayout(self._frame)
        inside.setContentsMargins(3 * SPACE, 4 * SPACE, 3 * SPACE, 4 * SPACE)
        inside.setSpacing(SPACE)
        inside.addStretch(1)
        inside.addWidget(self._invitation)
        inside.addWidget(self._hint)
        inside.addStretch(1)

    def _make_grid(self) -> None:
        self._photos = StripModel(self._services.thumbnail_lane)
        self.grid = QListView()
        self.grid.setModel(self._photos)
        self.grid.setViewMode(QListView.ViewMode.IconMode)
        self.grid.setMovement(QListView.Movement.Static)
        self.grid.setResizeMode(QListView.ResizeMode.Adjust)
        self.grid.setUniformItemSizes(True)
        self.grid.setIconSize(CELL - QSize(SPACE, SPACE))
        self.grid.setGridSize(CELL)
        self.grid.setItemDelegate(ImageOnly(self.grid))
        self.grid.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.grid.setFrameShape(QFrame.Shape.NoFrame)
        self.grid.setMinimumHeight(3 * CELL.height() + SPACE)
        self.grid.viewport().setAutoFillBackground(False)
        self.grid.setAcceptDrops(False)
        self.grid.hide()


def _sizes(report: FolderReport) -> str:
    parts = []
    for low, high, count in report.sizes:
        span = tr("{low} and more", low=low) if high is None else f"{low}–{high - 1}"
        parts.append(f"{span} px: {count}")
    return tr("short sides:") + " " + " · ".join(parts)
