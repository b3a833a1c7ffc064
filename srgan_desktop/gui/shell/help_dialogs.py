"""Help: the shortcuts, the text for a bug report, about the program."""

from __future__ import annotations

from collections.abc import Generator

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QWidget,
)

from srgan_desktop import __version__
from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import (
    Standard,
    buttons,
    column,
    fixed_text,
    heading,
    quiet_label,
)
from srgan_desktop.gui.common.icons import app_icon
from srgan_desktop.gui.common.scroll_area import scroll_area
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.theme import SPACE

KEYS_HEIGHT = 560


def shortcuts() -> list[tuple[str, list[tuple[str, str]]]]:
    """(group, [(keys, what they do)]) in the present language."""

    def keys(text: str) -> str:
        return QKeySequence(text).toString(QKeySequence.SequenceFormat.NativeText)

    return [
        (
            tr("Pictures"),
            [
                (keys("Ctrl+O"), tr("Open pictures")),
                (keys("Ctrl+V"), tr("Open what is in the clipboard")),
                (keys("Ctrl+S"), tr("Save the result beside the original")),
                (keys("Ctrl+Shift+S"), tr("Save with another name, format or quality")),
                (keys("Ctrl+C"), tr("Copy the result")),
                (keys("Ctrl+W"), tr("Close the photo")),
                (keys("F9"), tr("Crop: arrow keys move, with Ctrl stretch; Enter takes it")),
                (keys("Ctrl+Return"), tr("Start")),
                (keys("Esc"), tr("Stop")),
            ],
        ),
        (
            tr("View"),
            [
                (tr("Space"), tr("Hold to see the original")),
                ("← →", tr("Move the divider (with Shift in large steps)")),
                (tr("Ctrl + arrow keys, ↑ ↓"), tr("Look at another part")),
                ("+ −", tr("Zoom in and out")),
                ("0 / 1 / 2", tr("Whole picture / 100 % / 200 %")),
                (
                    f"{keys('Ctrl+0')} / {keys('Ctrl+1')}",
                    tr("Whole picture / 100 %, from anywhere"),
                ),
                ("Home / End", tr("Divider to the left or right end")),
                (
                    f"{keys('F6')} / {keys('F7')} / {keys('F8')}",
                    tr("Divider / side by side / one picture"),
                ),
            ],
        ),
        (
            tr("Batch"),
            [
                (tr("Space"), tr("Pause and resume")),
                (keys("Return"), tr("View result")),
                (keys("Del"), tr("Remove from list")),
                (f"{keys('Ctrl+R')} / {keys('Ctrl+K')}", tr("Retry / cancel")),
                (f"{keys('Alt+Up')} {keys('Alt+Down')}", tr("Move up or down in the list")),
                (keys("Ctrl+E"), tr("Save report (CSV)…")),
            ],
        ),
        (
            tr("Models"),
            [
                (keys("Ctrl+O"), tr("Add models…")),
                (keys("Return"), tr("Use this model")),
                (keys("F2"), tr("Rename…")),
                (keys("Del"), tr("Remove…")),
            ],
        ),
        (
            tr("Compare models"),
            [
                ("1 – 6", tr("One at a time")),
                ("G", tr("Side by side")),
            ],
        ),
        (
            tr("Blind rating"),
            [
                ("1 – 5", tr("Rate the picture")),
                (keys("Backspace"), tr("Rate the last one again")),
            ],
        ),
        (
            tr("Program"),
            [
                (keys("Ctrl+,"), tr("Settings")),
                (keys("F1"), tr("Show this list")),
                (keys("Ctrl+Q"), tr("Quit")),
            ],
        ),
    ]


class ShortcutsDialog(QDialog):
    """All keys on one page, which scrolls: it is higher than many a screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        body = QWidget()
        body.setObjectName("panelBody")
        grid = QGridLayout(body)
        # the longest line does not touch the scroll bar
        grid.setContentsMargins(0, 0, 2 * SPACE, 0)
        grid.setHorizontalSpacing(3 * SPACE)
        grid.setVerticalSpacing(SPACE // 2)
        row = 0
        for group, lines in shortcuts():
            grid.addWidget(heading(group), row, 0, 1, 2)
            row += 1
            for keys, text in lines:
                grid.addWidget(quiet_label(keys, wrap=False), row, 0)
                grid.addWidget(QLabel(text), row, 1)
                row += 1
            grid.setRowMinimumHeight(row, SPACE)
            row += 1
        area = scroll_area(body, focusable=True)
        area.setAccessibleName(self.windowTitle())
        bar = area.verticalScrollBar().sizeHint().width()
        area.setMinimumWidth(body.sizeHint().width() + bar)
        layout = column(self)
        layout.addWidget(area)
        layout.addWidget(buttons(self, Standard.Close))
        self.resize(self.sizeHint().width(), KEYS_HEIGHT)


class DiagnosticsDialog(QDialog):
    """What ``doctor`` prints, gathered in the background and put into the clipboard."""

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Diagnostics"))
        self.resize(680, 520)
        self.state = quiet_label(tr("Gathering…"))
        self.text = fixed_text()
        self.text.setAccessibleName(tr("Diagnostics"))
        self.copy_button = QPushButton(tr("Copy"))
        self.copy_button.setEnabled(False)
        self.copy_button.clicked.connect(self._copy)
        row = buttons(self, Standard.Close)
        row.addButton(self.copy_button, row.ButtonRole.ActionRole)
        layout = column(self)
        for widget in (self.state, self.text, row):
            layout.addWidget(widget)
        self._task = services.file_lane.submit(
            _diagnose, on_done=self._show, on_failed=self._show_failure
        )
        self.finished.connect(self._forget)

    @Slot()
    def _forget(self) -> None:
        self._task.cancel()

    def _show(self, text: str) -> None:
        self.text.setPlainText(text)
        self.copy_button.setEnabled(True)
        self._copy()

    def _show_failure(self, error: BaseException) -> None:
        self.state.setText(str(error))

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.state.setText(tr("Copied to the clipboard, ready to paste into a report."))


def _diagnose() -> Generator[None, None, str]:
    from srgan_desktop.core.diagnostics import as_text, diagnose

    yield
    return as_text(diagnose())


class AboutDialog(QDialog):
    """Version, what it is built on, and the licences."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("About SRGAN Desktop"))
        self.resize(560, 520)
        picture = QLabel()
        picture.setPixmap(app_icon().pixmap(64, 64))
        name = heading(f"SRGAN Desktop {__version__}")
        words = QLabel(
            tr(
                "Enlarges photos with SRResNet and SRGAN (Ledig et al., 2017) and trains such "
                "models on your own pictures. Everything happens on this computer."
            )
        )
        words.setWordWrap(True)
        licences = QLabel(licence_text())
        licences.setWordWrap(True)
        licences.setMargin(SPACE)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(licences)
        area.setAccessibleName(tr("Licences"))
        layout = column(self)
        for widget in (picture, name, words, heading(tr("Licences")), area):
            layout.addWidget(widget)
        layout.addWidget(buttons(self, Standard.Close))


def licence_text() -> str:
    """The program's own licence, and those of what it is built on."""
    own = places.resources().parent / "LICENSE"
    inside = places.resources() / "LICENSE"
    text = tr("SRGAN Desktop is free software under the MIT licence.")
    for path in (inside, own):
        if path.is_file():
            text = path.read_text(encoding="utf-8").strip()
            break
    built_on = (
        "PySide6 / Qt (LGPL-3.0), PyTorch (BSD-3-Clause), OpenVINO (Apache-2.0), "
        "NumPy (BSD-3-Clause), Pillow (MIT-CMU), libvips / pyvips (LGPL-2.1 / MIT), "
        "safetensors (Apache-2.0), platformdirs (MIT), "
        "pi-heif / libheif (BSD-3-Clause / LGPL-3.0), psutil (BSD-3-Clause)"
    )
    return tr("Built on: {list}", list=built_on) + "\n\n" + text
