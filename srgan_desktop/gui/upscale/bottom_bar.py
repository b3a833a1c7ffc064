"""Below the picture: how to look at it, and how far the work is."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QWidget,
)

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import quiet_label
from srgan_desktop.gui.common.elided_label import LastPartLabel
from srgan_desktop.gui.common.icons import icon
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.taskbar import Taskbar
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.viewer import BeforeAfterViewer, PixelSample, ViewMode

ICON = QSize(20, 20)
MODES = {
    ViewMode.DIVIDER: ("divider", "F6"),
    ViewMode.SIDE_BY_SIDE: ("side-by-side", "F7"),
    ViewMode.SINGLE: ("single", "F8"),
}


class BottomBar(QFrame):
    """Buttons of the viewer at the left, progress at the right."""

    stop_wanted = Signal()

    def __init__(
        self, services: Services, viewer: BeforeAfterViewer, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("bottomBar")
        self._services = services
        self._viewer = viewer
        self._taskbar = Taskbar()
        self._make_actions()
        self.zoom = QLabel()
        self.zoom.setMinimumWidth(48)
        self.pixel = quiet_label(wrap=False)
        self.status = LastPartLabel()
        self.status.setProperty("quiet", True)
        self.status.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        # a line along the upper edge: a narrow window has no room for it beside the words
        self.progress = QProgressBar(self)
        self.progress.setObjectName("line")
        self.progress.setTextVisible(False)
        self.stop = QPushButton()
        self.stop.clicked.connect(self.stop_wanted)
        self._buttons = [self._button(action) for action in self.actions_shown]
        self._lay_out()
        viewer.navigation.zoom_changed.connect(self._show_zoom)
        viewer.pixel_hovered.connect(self._show_pixel)
        self._show_pixel(None)
        services.theme.changed.connect(self.recolour)
        self.retranslate()
        self.recolour()
        self.show_progress(None, "")

    @property
    def actions_shown(self) -> list[QAction]:
        """Those that have a button, in their order."""
        return [*self.view_actions, self.crop]

    @property
    def view_actions(self) -> list[QAction]:
        """Those that change the view, also for the View menu."""
        return [*self.modes.values(), self.zoom_out, self.zoom_in, self.fit, self.full_size]

    def show_progress(self, share: float | None, text: str) -> None:
        """``share`` 0..1 of the work, below 0 where it is not known yet; None: no work."""
        working = share is not None
        self.progress.setVisible(working)
        self.stop.setVisible(working)
        if share is not None:
            self.progress.setRange(0, 0 if share < 0 else 1000)
            self.progress.setValue(round(max(0.0, share) * 1000))
        self.status.setText(text)
        self._taskbar.show(share)

    def enable_view(self, on: bool) -> None:
        """Without a picture there is nothing to look at."""
        for action in self.actions_shown:
            action.setEnabled(on)
        self.zoom.setVisible(on)

    def retranslate(self) -> None:
        """All texts in the present language."""
        names = {
            self.modes[ViewMode.DIVIDER]: tr("Divider"),
            self.modes[ViewMode.SIDE_BY_SIDE]: tr("Side by side"),
            self.modes[ViewMode.SINGLE]: tr("One picture (hold Space for the original)"),
            self.zoom_out: tr("Zoom out"),
            self.zoom_in: tr("Zoom in"),
            self.fit: tr("Whole picture"),
            self.full_size: tr("100 %, pixel for pixel"),
            self.crop: tr("Crop"),
            self.readout: tr("Colours under the pointer"),
        }
        for action, text in names.items():
            action.setText(text)
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{text} ({keys})" if keys else text)
        for button, action in zip(self._buttons, self.actions_shown, strict=True):
            button.setAccessibleName(action.text())
        self.stop.setText(tr("Stop"))
        self.stop.setToolTip(tr("Stop (Esc)"))
        self.progress.setAccessibleName(tr("Progress"))
        self.zoom.setAccessibleName(tr("Zoom"))
        self.pixel.setToolTip(tr("Column, row: red, green and blue before → after, 0 to 255"))
        self._show_zoom(self._viewer.navigation.zoom)

    @Slot()
    def recolour(self) -> None:
        """Icons in the theme's colours."""
        for mode, (name, _) in MODES.items():
            self.modes[mode].setIcon(icon(name, self.palette()))
        self.zoom_out.setIcon(icon("zoom-out", self.palette()))
        self.zoom_in.setIcon(icon("zoom-in", self.palette()))
        self.fit.setIcon(icon("fit", self.palette()))
        self.full_size.setIcon(icon("full-size", self.palette()))
        self.crop.setIcon(icon("crop", self.palette()))

    def _make_actions(self) -> None:
        self.modes: dict[ViewMode, QAction] = {}
        group = QActionGroup(self)
        for mode, (_, keys) in MODES.items():
            action = QAction(self)
            action.setCheckable(True)
            action.setShortcut(QKeySequence(keys))
            action.setData(str(mode))
            group.addAction(action)
            self.modes[mode] = action
        group.triggered.connect(self._choose_mode)
        chosen = ViewMode(self._services.settings.text("upscale/mode"))
        self.modes[chosen].setChecked(True)
        self._viewer.navigation.mode = chosen
        self.zoom_out, self.zoom_in, self.fit, self.full_size = (QAction(self) for _ in range(4))
        self.zoom_out.setShortcut(QKeySequence("Ctrl+-"))
        self.zoom_in.setShortcut(QKeySequence("Ctrl+="))
        self.readout = QAction(self)
        self.readout.setCheckable(True)
        self.readout.setChecked(self._services.settings.flag("upscale/readout"))
        self.readout.toggled.connect(self._choose_readout)
        self.crop = QAction(self)
        self.crop.setShortcut(QKeySequence("F9"))
        self.fit.setShortcut(QKeySequence("Ctrl+0"))
        self.full_size.setShortcut(QKeySequence("Ctrl+1"))
        self.full_size.triggered.connect(self._zoom_to_full)
        self.zoom_out.triggered.connect(self._zoom_out)
        self.zoom_in.triggered.connect(self._zoom_in)
        self.fit.triggered.connect(self._viewer.navigation.fit)

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setIconSize(ICON)
        button.setFocusPolicy(button.focusPolicy().TabFocus)
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE, SPACE // 2, SPACE, SPACE // 2)
        row.setSpacing(SPACE // 4)
        modes, zooms, crop = self._buttons[:3], self._buttons[3:-1], self._buttons[-1]
        for button in modes:
            row.addWidget(button)
        row.addSpacing(SPACE)
        for button in zooms:
            row.addWidget(button)
        row.addWidget(self.zoom)
        row.addWidget(crop)
        row.addSpacing(SPACE)
        row.addWidget(self.pixel)
        row.addWidget(self.status, 1)
        row.addSpacing(SPACE)
        row.addWidget(self.stop)
        self.setFixedHeight(5 * SPACE + 4)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """The line is as long as the bar."""
        super().resizeEvent(event)
        self.progress.setGeometry(0, 0, self.width(), self.progress.sizeHint().height())

    @Slot(QAction)
    def _choose_mode(self, action: QAction) -> None:
        mode = ViewMode(action.data())
        self._viewer.navigation.mode = mode
        self._services.settings.set("upscale/mode", str(mode))

    @Slot(float)
    def _show_zoom(self, zoom: float) -> None:
        percent = zoom * 100
        text = f"{percent:.0f}" if percent >= 10 else f"{percent:.1f}"
        self.zoom.setText(f"{text} %")

    @Slot(bool)
    def _choose_readout(self, on: bool) -> None:
        self._services.settings.set("upscale/readout", on)
        self._show_pixel(None)

    @Slot(object)
    def _show_pixel(self, sample: PixelSample | None) -> None:
        shown = self.readout.isChecked() and sample is not None
        self.pixel.setVisible(shown)
        if shown and sample is not None:
            before, after = _colour(sample.before), _colour(sample.after)
            self.pixel.setText(f"{sample.x}, {sample.y}: {before} → {after}")

    @Slot()
    def _zoom_in(self) -> None:
        self._viewer.navigation.zoom_step(1)

    @Slot()
    def _zoom_to_full(self) -> None:
        self._viewer.navigation.zoom_to(1.0)

    @Slot()
    def _zoom_out(self) -> None:
        self._viewer.navigation.zoom_step(-1)


def _colour(colour: tuple[int, int, int] | None) -> str:
    """Red, green, blue; a dash while it is not computed."""
    return "–" if colour is None else " ".join(map(str, colour))
