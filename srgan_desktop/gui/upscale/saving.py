"""Saving, copying and dragging out what the page shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.io import Written
from srgan_desktop.gui.common.dialogs import open_once
from srgan_desktop.gui.common.message_bar import MessageBar
from srgan_desktop.gui.common.requests import Result
from srgan_desktop.gui.upscale.save_dialog import SaveDialog
from srgan_desktop.gui.upscale.saver import Saver
from srgan_desktop.gui.upscale.session import Session


class SavingController(QObject):
    """Gets results out of the page; asks where to, and says what came of it."""

    all_saved = Signal()
    """Nothing is being written any more, and nothing failed."""

    def __init__(
        self,
        session: Session,
        saver: Saver,
        messages: MessageBar,
        parent: QWidget,
    ) -> None:
        """``parent``: the widget over which dialogs open."""
        super().__init__(parent)
        self._session = session
        self._saver = saver
        self._messages = messages
        self._over = parent
        # what failed among several is not talked over by those that went well
        self._failed = False
        self._last_folder: Path | None = None
        session.opened.connect(self._forget_folder)
        saver.saved.connect(self._saved)
        saver.copied.connect(self._copied)
        saver.failed.connect(self._save_failed)

    @property
    def result(self) -> Result | None:
        """The result that is whole on the screen."""
        return None if self._session.working else self._session.result

    @Slot()
    def save(self) -> None:
        """Beside the source; a pasted picture has no such place and asks for one."""
        result = self.result
        if result is None or self._saver.is_writing(result):
            return
        if result.source.pasted:
            self.save_as()
            return
        written = self._saver.path_of(result)
        if written is not None:
            self._say_saved(written, tr("Already saved as {name}", name=written.name))
            return
        self._saver.save(result)

    @Slot()
    def save_as(self) -> None:
        """Ask for name, format and quality."""
        if self.result is not None:
            self.ask_where(self.result)

    def ask_where(self, result: Result, then: Callable[[], object] | None = None) -> None:
        """The dialog for one result; ``then`` is called once it is written."""
        usual = self._saver.usual_request(result)
        path, format_name = self._saver.usual_target(result)
        if self._last_folder is not None:
            path = self._last_folder / path.name
        dialog = SaveDialog(
            path,
            format_name,
            (result.picture.width, result.picture.height),
            keep_metadata=usual.keep_metadata,
            quality=usual.quality,
            makes=usual.folder,
            source=result.source.path,
            parent=self._over,
        )

        def take() -> None:
            self._last_folder = dialog.target.parent
            self._saver.save(result, dialog.request(), then)

        dialog.accepted.connect(take)
        open_once(dialog)

    def save_all(self, results: list[Result], then: Callable[[], object]) -> None:
        """``then`` once all are saved; if one cannot be, that is said and nothing follows."""
        if len(results) == 1 and results[0].source.pasted:
            self.ask_where(results[0], then)
            return

        def check() -> None:
            if all(self._saver.is_safe(result) for result in results):
                then()

        for result in results:
            self._saver.save(result, None, check)

    @Slot()
    def copy(self) -> None:
        """The result into the clipboard."""
        if self.result is not None:
            self._saver.copy(self.result)

    @Slot()
    def show_saved(self) -> None:
        """Open the folder of the file saved last."""
        if self._saver.saved_path is not None:
            folder = QUrl.fromLocalFile(str(self._saver.saved_path.parent))
            QDesktopServices.openUrl(folder)

    @Slot()
    def prepare_drag(self) -> None:
        """Have a file ready that can be dragged out."""
        if self.result is not None:
            self._saver.prepare_drag(self.result)

    # inside

    @Slot()
    def _forget_folder(self) -> None:
        picture = self._session.picture
        if picture is not None and not picture.pasted:
            self._last_folder = None

    @Slot(object)
    def _saved(self, written: Written) -> None:
        text = tr("Saved as {name}", name=written.path.name)
        if written.warnings:
            text += ". " + "; ".join(written.warnings)
        if not self._failed:
            self._say_saved(written.path, text)
        self._failed = self._failed and self._saver.busy
        if not self._saver.busy:
            self.all_saved.emit()

    def _say_saved(self, path: Path, text: str) -> None:
        self._messages.show_message(text, "done", action=tr("Open folder"), act=self.show_saved)
        self._messages.label.setToolTip(str(path))

    @Slot(str)
    def _save_failed(self, text: str) -> None:
        self._failed = self._saver.busy
        self._messages.show_message(text, "warning")

    @Slot()
    def _copied(self) -> None:
        self._messages.show_message(tr("The result is in the clipboard."), "done")
