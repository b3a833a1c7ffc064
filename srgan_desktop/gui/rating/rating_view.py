"""One picture, five buttons; nothing says who made it."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal, Slot
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.evaluation.rating import Rating, Study, Trial
from srgan_desktop.gui.common.dialogs import quiet_label
from srgan_desktop.gui.common.theme import SPACE


class PictureView(QWidget):
    """A picture in the middle: pixel for pixel, or smaller where there is no room."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self.setMinimumSize(320, 240)
        self.setAccessibleName(tr("The picture to rate"))

    def show_image(self, image: QImage) -> None:
        """This one from now on."""
        self._image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The picture and nothing else."""
        if self._image.isNull():
            return
        ratio = self.devicePixelRatioF()
        wide, high = self._image.width() / ratio, self._image.height() / ratio
        share = min(1.0, self.width() / wide, self.height() / high)
        target = QRect(0, 0, round(wide * share), round(high * share))
        target.moveCenter(self.rect().center())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, share < 1)
        painter.drawImage(target, self._image)
        painter.end()


class RatingView(QWidget):
    """Asks for one trial after the other; each answer is on the disk before the next."""

    finished = Signal()
    failed = Signal(Exception)

    def __init__(self) -> None:
        super().__init__()
        self._study: Study | None = None
        self._rater = ""
        self._waiting: list[Trial] = []
        self._given: list[Trial] = []
        self._total = 0
        self.picture = PictureView()
        self.progress = quiet_label("", wrap=False)
        texts = (tr("Bad"), tr("Poor"), tr("Fair"), tr("Good"), tr("Excellent"))
        self.buttons = [QPushButton(f"{score}  {text}") for score, text in enumerate(texts, 1)]
        for score, button in enumerate(self.buttons, 1):
            button.setProperty("score", score)
            button.clicked.connect(self._press)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.back = QPushButton(tr("Back"))
        self.back.setToolTip(tr("Rate the last one again (Backspace)"))
        self.back.clicked.connect(self.go_back)
        self.later = QPushButton(tr("Pause"))
        self.later.setToolTip(tr("Everything is kept; go on another time"))
        self.later.clicked.connect(self.finished)
        for button in (self.back, self.later):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lay_out()

    @property
    def trial(self) -> Trial | None:
        """What is shown."""
        return self._waiting[0] if self._waiting else None

    def begin(self, study: Study, rater: str) -> None:
        """Go on where this rater has stopped.

        Raises what ``Study.open_trials`` raises.
        """
        self._study, self._rater = study, rater
        self._waiting, self._given = study.open_trials(rater), []
        self._total = len(study.trials_of(rater))
        self._show_next()
        self.setFocus()

    def rate(self, score: int) -> Rating | None:
        """The answer for what is shown."""
        if self._study is None or not self._waiting:
            return None
        trial = self._waiting[0]
        try:
            rating = self._study.rate(trial, self._rater, score)
        except Exception as error:  # told where all is told; the trial stays
            self.failed.emit(error)
            return None
        self._given.append(self._waiting.pop(0))
        self._show_next()
        return rating

    @Slot()
    def go_back(self) -> None:
        """The last one again; its next answer counts."""
        if self._given:
            self._waiting.insert(0, self._given.pop())
            self._show_next()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """1 to 5 rate, Backspace goes back."""
        score = event.key() - Qt.Key.Key_0
        if 1 <= score <= 5 and not event.isAutoRepeat():
            self.rate(score)
        elif event.key() == Qt.Key.Key_Backspace:
            self.go_back()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _press(self) -> None:
        self.rate(int(self.sender().property("score")))

    def _show_next(self) -> None:
        self.back.setEnabled(bool(self._given))
        done = self._total - len(self._waiting)
        self.progress.setText(tr("{n} of {total}", n=min(done + 1, self._total), total=self._total))
        if self._study is None or not self._waiting:
            self.picture.show_image(QImage())
            self.finished.emit()
            return
        self.picture.show_image(QImage(str(self._study.file_of(self._waiting[0]))))

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        row.addWidget(self.back)
        row.addStretch(1)
        for button in self.buttons:
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.progress)
        row.addWidget(self.later)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        column.setSpacing(2 * SPACE)
        column.addWidget(self.picture, 1)
        column.addLayout(row)
