"""Saving, copying and dragging out, and the question before what was not saved is lost."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from srgan_desktop.core.picture_files import Written
from srgan_desktop.core.translation import tr
from srgan_desktop.gui.dialogs import open_once
from srgan_desktop.gui.services import Services
from srgan_desktop.gui.upscale.page_parts import PageParts
from srgan_desktop.gui.upscale.save_dialog import SaveDialog
from srgan_desktop.gui.upscale.unsaved import ask_unsaved


class SavingPage(PageParts):
    """The part of the page that gets results out of it."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._closing_after_save = False
        self._last_folder: Path | None = None
        panel, saver = self.panel, self.saver
        self.save_action.triggered.connect(self.save)
        self.save_as_action.triggered.connect(self.save_as)
        self.show_saved_action.triggered.connect(self.show_saved)
        self.copy_action.triggered.connect(self.copy)
        panel.save_wanted.connect(self.save)
        panel.save_as_wanted.connect(self.save_as)
        panel.copy_wanted.connect(self.copy)
        panel.drag.file_wanted.connect(self._prepare_drag)
        saver.saved.connect(self._saved)
        saver.copied.connect(self._copied)
        saver.failed.connect(self._save_failed)
        saver.drag_ready.connect(panel.drag.offer)

    def may_close(self) -> bool:
        """Ask where a finished result was never saved."""
        result = self.session.result
        if self.saver.busy:
            self._closing_after_save = True
            return False
        if result is None or self.saver.is_safe(result):
            return True
        answer = ask_unsaved(self, result.source.path.name)
        if answer == "save":
            self._closing_after_save = True
            self.save()
        return answer == "discard"

    @Slot()
    def save(self) -> None:
        """Beside the source; a pasted picture has no such place and asks for one."""
        result = self._result_shown()
        if result is None or self.saver.busy:
            return
        if result.source.pasted:
            self.save_as()
            return
        written = self.saver.saved_path
        if self.saver.is_safe(result) and written is not None and written.exists():
            self._say_saved(written, tr("Already saved as {name}", name=written.name))
            return
        self.bottom.show_progress(None, tr("Saving…"))
        self.saver.save(result)

    @Slot()
    def save_as(self) -> None:
        """Ask for name, format and quality."""
        result = self._result_shown()
        if result is None:
            return
        path, format_name = self.saver.usual_target(result)
        if result.source.pasted:
            pictures = QStandardPaths.StandardLocation.PicturesLocation
            path = Path(QStandardPaths.writableLocation(pictures)) / path.name
        if self._last_folder is not None:
            path = self._last_folder / path.name
        dialog = SaveDialog(
            path,
            format_name,
            (result.picture.width, result.picture.height),
            keep_metadata=self.services.settings.flag("save/metadata"),
            parent=self,
        )

        def take() -> None:
            self._last_folder = dialog.target.parent
            self.bottom.show_progress(None, tr("Saving…"))
            self.saver.save(result, dialog.wish())

        dialog.accepted.connect(take)
        open_once(dialog)

    @Slot()
    def copy(self) -> None:
        """The result into the clipboard."""
        result = self._result_shown()
        if result is not None:
            self.saver.copy(result)

    @Slot()
    def show_saved(self) -> None:
        """Open the folder of the file saved last."""
        if self.saver.saved_path is not None:
            folder = QUrl.fromLocalFile(str(self.saver.saved_path.parent))
            QDesktopServices.openUrl(folder)

    @Slot()
    def _prepare_drag(self) -> None:
        result = self._result_shown()
        if result is not None:
            self.saver.prepare_drag(result)

    @Slot(object)
    def _saved(self, written: Written) -> None:
        text = tr("Saved as {name}", name=written.path.name)
        if written.warnings:
            text += ". " + "; ".join(written.warnings)
        self._say_saved(written.path, text)
        self._refresh()
        if self._closing_after_save:
            self.window().close()

    def _say_saved(self, path: Path, text: str) -> None:
        self.messages.show_message(text, "done", action=tr("Open folder"), act=self.show_saved)
        self.messages.label.setToolTip(str(path))

    @Slot(str)
    def _save_failed(self, text: str) -> None:
        self._closing_after_save = False
        self.messages.show_message(text, "warning")
        self._refresh()

    @Slot()
    def _copied(self) -> None:
        self.messages.show_message(tr("The result is in the clipboard."), "done")
