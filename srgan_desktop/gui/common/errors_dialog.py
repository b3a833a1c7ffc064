"""What nobody has foreseen: logged, and shown once in one dialog, with details to copy."""

from __future__ import annotations

import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop import __version__
from srgan_desktop.core.base.printable import without_home
from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import fixed_text
from srgan_desktop.gui.common.logs import log_path, logger
from srgan_desktop.gui.common.theme import SPACE

DETAILS_LIMIT = 20_000


class FaultDialog(QDialog):
    """Says that something went wrong inside, that the window goes on, and what to send in."""

    def __init__(self, details: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Something went wrong"))
        self.setMinimumWidth(520)
        explanation = QLabel(
            tr(
                "An unexpected error occurred. Your files are safe. If the window misbehaves, "
                "save and restart.\n\n"
                "The log is in {path}",
                path=log_path(),
            )
        )
        explanation.setWordWrap(True)
        self.details = fixed_text(details)
        self.details.setAccessibleName(tr("Details"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton(tr("Copy details"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self.copy_details)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(tr("Close"))
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        layout.setSpacing(SPACE)
        for widget in (explanation, self.details, buttons):
            layout.addWidget(widget)

    def add(self, details: str) -> None:
        """One more fault while the dialog stands."""
        if self.details.document().characterCount() < DETAILS_LIMIT:
            self.details.appendPlainText("\n" + details)

    @Slot()
    def copy_details(self) -> None:
        """Put everything into the clipboard."""
        QGuiApplication.clipboard().setText(self.details.toPlainText())


class FaultReporter(QObject):
    """Catches what is raised anywhere; there is never more than one dialog."""

    _raised = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.dialog: FaultDialog | None = None
        self.window: QWidget | None = None
        # also from other threads: the dialog belongs to the window's
        self._raised.connect(self._show)

    def install(self) -> None:
        """From now on nothing ends the program without a word."""
        sys.excepthook = self.hook
        threading.excepthook = self._thread_hook

    @staticmethod
    def uninstall() -> None:
        """As it was before ``install``."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__

    def hook(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """As ``sys.excepthook``."""
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        self.report(error)

    def report(self, error: BaseException) -> None:
        """Log a fault and show it."""
        text = without_home("".join(traceback.format_exception(error)))
        logger.error("fault\n%s", text)
        self._raised.emit(f"srgan-desktop {__version__}, Python {sys.version.split()[0]}\n\n{text}")

    def _thread_hook(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self.report(arguments.exc_value)

    @Slot(str)
    def _show(self, details: str) -> None:
        if self.dialog is not None and self.dialog.isVisible():
            self.dialog.add(details)
            return
        self.dialog = FaultDialog(details, self.window)
        self.dialog.open()
