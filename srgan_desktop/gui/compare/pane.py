"""One model's result with its name above it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import quiet_label
from srgan_desktop.gui.common.shown_pixels import Shown
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.viewer import BeforeAfterViewer, TiledImage, ViewMode


class Pane(QFrame):
    """Shows the original until something better is there."""

    def __init__(self, number: int, title: str) -> None:
        super().__init__()
        self.number = number
        self.title = title
        self.viewer = BeforeAfterViewer()
        self.viewer.set_labels_visible(False)
        self.viewer.navigation.mode = ViewMode.SINGLE
        self.viewer.setAccessibleName(title)
        self._name = QLabel(f"{number}  {title}")
        self._name.setProperty("heading", True)
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._state = quiet_label("", wrap=False)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(80)
        self._bar.hide()
        head = QHBoxLayout()
        head.setContentsMargins(SPACE, SPACE // 2, SPACE, SPACE // 2)
        head.addWidget(self._name)
        head.addStretch(1)
        head.addWidget(self._state)
        head.addWidget(self._bar)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.viewer, 1)
        self._before: TiledImage | None = None
        self._after: TiledImage | None = None
        self.complete = False

    def show_before(self, shown: Shown, size: tuple[int, int]) -> None:
        """The original, enlarged to ``size``."""
        self._before, self._after = TiledImage(shown), None
        self.viewer.set_images(self._before, None, size)

    def begin(self, shown: Shown) -> None:
        """This array fills from now on."""
        self._after = TiledImage(shown, written=False)
        self.viewer.set_images(self._before, self._after, (shown.shape[1], shown.shape[0]))

    def add_tile(self, rect: tuple[int, int, int, int], share: float) -> None:
        """A part of the result is final."""
        if self._after is not None:
            self._after.mark_written(*rect)
        self._bar.setVisible(share < 1)
        self._bar.setValue(round(share * 100))

    def finish(self) -> None:
        """The result is complete."""
        self.complete = True
        self._bar.hide()

    def fail(self, reason: str) -> None:
        """There will be no result."""
        self._bar.hide()
        self._state.setText(tr("no result: {reason}", reason=reason))
        self._state.setToolTip(reason)
        self._state.setProperty("wrong", True)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """The head is no handle of the window."""
        event.accept()
