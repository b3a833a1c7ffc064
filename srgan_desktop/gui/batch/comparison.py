"""A finished item, original and result, in the before/after viewer."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.io import read_image
from srgan_desktop.gui.common.dialogs import Standard, buttons, quiet_label
from srgan_desktop.gui.common.error_text import explain
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.shown_pixels import Shown, of_picture
from srgan_desktop.gui.common.theme import SPACE
from srgan_desktop.gui.viewer import BeforeAfterViewer, TiledImage

FIRST_SIZE = (980, 680)


class ComparisonDialog(QDialog):
    """Reads both files in the background; says so where one is gone."""

    def __init__(
        self, services: Services, source: Path, target: Path, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"{source.name} → {target.name}")
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.resize(*FIRST_SIZE)
        self._faults = services.faults
        self.viewer = BeforeAfterViewer()
        self.state = quiet_label(tr("Opening…"))
        self.state.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        row = buttons(self, Standard.Close)
        row.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget, stretch in ((self.state, 0), (self.viewer, 1), (row, 0)):
            column.addWidget(widget, stretch)
        self._task = services.file_lane.submit(
            lambda: _read(source, target), on_done=self._show, on_failed=self._fail
        )
        self.finished.connect(self._end)

    def _show(self, both: tuple[Shown, Shown]) -> None:
        before, after = both
        size = (after.shape[1], after.shape[0])
        self.viewer.set_images(TiledImage(before), TiledImage(after), size)
        self.state.hide()
        self.viewer.setFocus()

    def _fail(self, error: BaseException) -> None:
        text = explain(error)
        if text is None:
            self._faults.report(error)
            text = tr("The pictures cannot be shown.")
        self.state.setText(text)

    def _end(self) -> None:
        self._task.cancel()
        self.viewer.shutdown()


def _read(source: Path, target: Path) -> Generator[None, None, tuple[Shown, Shown]]:
    """Raises ImageReadError, ImageTooLargeError."""
    yield
    before = of_picture(read_image(source))
    yield
    return before, of_picture(read_image(target))
