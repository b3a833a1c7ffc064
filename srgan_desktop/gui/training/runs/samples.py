"""The fixed validation pieces as the network makes them, from the first look to the newest."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import quiet_label
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.common.worker import Task
from srgan_desktop.gui.training.runs.history import History, Validation, best_until

KINDS = ("lr", "bicubic", "best", "now", "original")
LEAST_SIDE = 72
MOST_SIDE = 190


def sample_titles() -> dict[str, str]:
    """The kinds of samples, for people."""
    return {
        "lr": tr("Input"),
        "bicubic": tr("Bicubic"),
        "best": tr("Best"),
        "now": tr("Now"),
        "original": tr("Original"),
    }


@dataclass(frozen=True, eq=False)
class Strip:
    """One piece at one time; each a whole picture of the same size."""

    pictures: dict[str, QImage]


def read_strip(now: Path, best: Path) -> Generator[None, None, Strip]:
    """A strip as the trainer writes it (LR | bicubic | now | original), and what was best then.

    A picture that cannot be read is a null one.
    """
    yield
    parts = _parts(now)
    yield
    kept = parts["now"] if best == now else _parts(best)["now"]
    return Strip(parts | {"best": kept})


def _parts(path: Path) -> dict[str, QImage]:
    whole = QImage(str(path))
    width = whole.width() // 4
    names = ("lr", "bicubic", "now", "original")
    if whole.isNull():
        return dict.fromkeys(names, whole)
    return {
        name: whole.copy(number * width, 0, width, whole.height())
        for number, name in enumerate(names)
    }


class SampleLabel(QLabel):
    """One picture that can be clicked or opened with the keyboard."""

    clicked = Signal(str)

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.image = QImage()
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_image(self, image: QImage, side: int) -> None:
        """Fitted to a square of ``side`` logical pixels."""
        self.image = image
        self.setFixedSize(side, side)
        if image.isNull():
            self.setPixmap(QPixmap())
            return
        ratio = self.devicePixelRatioF()
        size = QSize(round(side * ratio), round(side * ratio))
        smooth = Qt.TransformationMode.SmoothTransformation
        if self.kind == "lr":
            smooth = Qt.TransformationMode.FastTransformation
        made = QPixmap.fromImage(image.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, smooth))
        made.setDevicePixelRatio(ratio)
        self.setPixmap(made)

    def mouseReleaseEvent(self, event: object) -> None:  # noqa: N802 - Qt's name
        """Look closer."""
        self.clicked.emit(self.kind)

    def event(self, event: QEvent) -> bool:
        """Also by Return and Space."""
        if event.type() == QEvent.Type.KeyPress and event.key() in (  # type: ignore[attr-defined]
            Qt.Key.Key_Return,
            Qt.Key.Key_Space,
        ):
            self.clicked.emit(self.kind)
            return True
        return bool(super().event(event))


class SamplesView(QWidget):
    """Five pictures, which piece, and a slider through time."""

    opened = Signal(object, str)
    """The ``Strip`` shown, and the kind that was clicked."""

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lane = services.thumbnail_lane
        self._task: Task | None = None
        self._history: History | None = None
        self._looks: list[Validation] = []
        self._shown: tuple[Path, Path] | None = None
        self.strip: Strip | None = None
        self._side = LEAST_SIDE
        self.labels = [SampleLabel(kind) for kind in KINDS]
        self._names = [quiet_label(wrap=False) for _ in KINDS]
        self.piece = QComboBox()
        self.time = QSlider(Qt.Orientation.Horizontal)
        self.time.setEnabled(False)
        self.when = quiet_label(wrap=False)
        self.newest = QToolButton()
        self._empty = quiet_label()
        self._lay_out()
        for label in self.labels:
            label.clicked.connect(self._open)
        self.time.valueChanged.connect(self._look)
        self.piece.activated.connect(self._look)
        self.newest.clicked.connect(self._show_newest)
        self.retranslate()
        self._show_state()

    def show_history(self, history: History | None) -> None:
        """Another training, or none."""
        self._history, self._looks, self._shown, self.strip = history, [], None, None
        for label in self.labels:
            label.show_image(QImage(), self._side)
        self.piece.clear()
        self.time.setRange(0, 0)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Newer samples; who looks at the newest sees them at once."""
        looks = (
            [look for look in self._history.validations if look.samples] if self._history else []
        )
        if len(looks) == len(self._looks):
            self._show_state()
            return
        follows = self.time.value() >= self.time.maximum()
        self._looks = looks
        if looks and self.piece.count() != len(looks[-1].samples):
            self._offer_pieces(looks[-1])
        self.time.setRange(0, max(0, len(looks) - 1))
        self.time.setEnabled(len(looks) > 1)
        if follows:
            self.time.setValue(self.time.maximum())
        self._look()

    def retranslate(self) -> None:
        """All texts in the present language."""
        titles = sample_titles()
        for label, name in zip(self.labels, self._names, strict=True):
            name.setText(titles[label.kind])
            label.setAccessibleName(titles[label.kind])
            label.setToolTip(tr("Click to look closer"))
        self.time.setAccessibleName(tr("Time"))
        self.piece.setAccessibleName(tr("Sample"))
        self.newest.setText(tr("Newest"))
        self._empty.setText(tr("Validation samples will appear here."))
        self._show_state()

    # inside

    def _offer_pieces(self, look: Validation) -> None:
        self.piece.clear()
        for path in look.samples:
            # "03_name" without the number that keeps them apart
            self.piece.addItem(path.stem.partition("_")[2] or path.stem)

    @Slot()
    def _show_newest(self) -> None:
        self.time.setValue(self.time.maximum())

    @Slot()
    def _look(self) -> None:
        self._show_state()
        number = self.time.value()
        if not 0 <= number < len(self._looks):
            return
        look = self._looks[number]
        piece = min(max(0, self.piece.currentIndex()), len(look.samples) - 1)
        best = best_until(self._looks, look.at) or look
        if piece >= len(best.samples):
            best = look
        wanted = (look.samples[piece], best.samples[piece])
        if wanted == self._shown:
            return
        self._shown = wanted
        if self._task is not None:
            self._task.cancel()
        self._task = self._lane.submit(lambda: read_strip(*wanted), on_done=self._show)

    def _show(self, strip: Strip) -> None:
        self.strip = strip
        for label in self.labels:
            label.show_image(strip.pictures[label.kind], self._side)

    def _show_state(self) -> None:
        there = bool(self._looks)
        self._empty.setVisible(not there)
        for widget in (*self.labels, *self._names, self.time, self.when, self.newest):
            widget.setVisible(there)
        self.piece.setVisible(self.piece.count() > 1)
        self.newest.setEnabled(self.time.value() < self.time.maximum())
        if there:
            look = self._looks[min(self.time.value(), len(self._looks) - 1)]
            self.when.setText(tr("step {n}", n=f"{look.step:,}"))

    @Slot(str)
    def _open(self, kind: str) -> None:
        if self.strip is not None and not self.strip.pictures["now"].isNull():
            self.opened.emit(self.strip, kind)

    def fit(self, width: int) -> None:
        """Pictures as large as there is room for in this width.

        It is given, not taken from the view's own: pictures that grow where a scroll bar goes
        would bring it back, and shrinking make it go again, without end.
        """
        wide = (width - SPACE * (len(KINDS) - 1)) // len(KINDS)
        side = max(LEAST_SIDE, min(MOST_SIDE, wide))
        if side != self._side:
            self._side = side
            for label in self.labels:
                label.show_image(label.image, side)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(SPACE // 2)
        grid.setHorizontalSpacing(SPACE)
        for number, (label, name) in enumerate(zip(self.labels, self._names, strict=True)):
            grid.addWidget(name, 0, number, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(label, 1, number, Qt.AlignmentFlag.AlignLeft)
        grid.setColumnStretch(len(KINDS), 1)
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        row.addWidget(self.piece)
        row.addWidget(self.time, 1)
        row.addWidget(self.when)
        row.addWidget(self.newest)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(self._empty)
        column.addLayout(grid)
        column.addLayout(row)
