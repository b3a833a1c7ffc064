"""Saving, copying and dragging out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.io import Written
from srgan_desktop.gui.common.dialogs import open_once
from srgan_desktop.gui.common.requests import Result
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.upscale.page_parts import PageParts
from srgan_desktop.gui.upscale.save_dialog import SaveDialog


class SavingPage(PageParts):
    """The part of the page that gets results out of it."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._closing_after_save = False
        # what failed among several is not talked over by those that went well
        self._save_trouble = False
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

    @Slot()
    def save(self) -> None:
        """Beside the source; a pasted picture has no such place and asks for one."""
        result = self._result_shown()
        if result is None or self.saver.busy:
            return
        if result.source.pasted:
            self.save_as()
            return
        written = self.saver.path_of(result)
        if written is not None:
            self._say_saved(written, tr("Already saved as {name}", name=written.name))
            return
        self.bottom.show_progress(None, tr("Saving…"))
        self.saver.save(result)

    @Slot()
    def save_as(self) -> None:
        """Ask for name, format and quality."""
        result = self._result_shown()
        if result is not None:
            self.ask_where(result)

    def first_target(self, result: Result) -> tuple[Path, str]:
        """(path, format's name) to begin with; a pasted picture's is among the pictures."""
        path, format_name = self.saver.usual_target(result)
        if result.source.pasted:
            pictures = QStandardPaths.StandardLocation.PicturesLocation
            path = Path(QStandardPaths.writableLocation(pictures)) / path.name
        return path, format_name

    def ask_where(self, result: Result, then: Callable[[], object] | None = None) -> None:
        """The dialog for one result; ``then`` is called once it is written."""
        path, format_name = self.first_target(result)
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
            self.saver.save(result, dialog.request(), then)

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
        if not self._save_trouble:
            self._say_saved(written.path, text)
        self._save_trouble = self._save_trouble and self.saver.busy
        self._refresh()
        if self._closing_after_save and not self.saver.busy:
            self.window().close()

    def _say_saved(self, path: Path, text: str) -> None:
        self.messages.show_message(text, "done", action=tr("Open folder"), act=self.show_saved)
        self.messages.label.setToolTip(str(path))

    @Slot(str)
    def _save_failed(self, text: str) -> None:
        self._closing_after_save = False
        self._save_trouble = self.saver.busy
        self.messages.show_message(text, "warning")
        self._refresh()

    @Slot()
    def _copied(self) -> None:
        self.messages.show_message(tr("The result is in the clipboard."), "done")
