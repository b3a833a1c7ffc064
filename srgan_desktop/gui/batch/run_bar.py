"""Below the table: how far all of it is, and holding or ending it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QSizePolicy, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import quiet_label
from srgan_desktop.gui.common.taskbar import Taskbar
from srgan_desktop.gui.common.theme import SPACE


class RunBar(QFrame):
    """Text and bar at the left, buttons at the right."""

    pause_wanted = Signal()
    stop_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bottomBar")
        self._taskbar = Taskbar()
        self._paused = False
        self.status = quiet_label(wrap=False)
        # a narrow window cuts the words, not the buttons
        self.status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(160)
        self.progress.setRange(0, 1000)
        self.pause, self.stop = QPushButton(), QPushButton()
        self.pause.clicked.connect(self.pause_wanted)
        self.stop.clicked.connect(self.stop_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * SPACE, SPACE // 2, SPACE, SPACE // 2)
        row.setSpacing(SPACE)
        row.addWidget(self.progress)
        row.addWidget(self.status, 1)
        row.addWidget(self.pause)
        row.addWidget(self.stop)
        self.setFixedHeight(5 * SPACE + 4)
        self.retranslate()
        self.show_progress(None)

    def show_progress(self, share: float | None) -> None:
        """``share`` 0..1 of the work; None: there is none."""
        working = share is not None
        for widget in (self.progress, self.pause, self.stop):
            widget.setVisible(working)
        self.progress.setValue(round((share or 0.0) * 1000))
        self._taskbar.show(share)

    def show_text(self, text: str) -> None:
        """How far it is, in words."""
        if text != self.status.text():
            self.status.setText(text)
            self.status.setToolTip(text)

    def show_paused(self, paused: bool) -> None:
        """Whether the button holds the work or lets it go on."""
        self._paused = paused
        self.pause.setText(tr("&Resume") if paused else tr("&Pause"))
        self.pause.setToolTip(
            tr("Resume (Space)") if paused else tr("Pause after the current tile (Space)")
        )

    def retranslate(self) -> None:
        """All texts in the present language."""
        self.stop.setText(tr("Stop"))
        self.stop.setToolTip(tr("Stop; what is not done stays on the list (Esc)"))
        self.progress.setAccessibleName(tr("Progress of the batch"))
        self.show_paused(self._paused)
