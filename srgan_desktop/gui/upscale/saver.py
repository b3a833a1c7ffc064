"""Getting the result out: to a file, to the clipboard, to another program."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtGui import QGuiApplication, QImage

from srgan_desktop.core.base.defaults import DEFAULT_NAME
from srgan_desktop.core.base.errors import UsageError
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.io import Written, writable_formats
from srgan_desktop.core.jobs.result_names import check_template
from srgan_desktop.gui.common import files
from srgan_desktop.gui.common.error_text import explain
from srgan_desktop.gui.common.files import SaveRequest
from srgan_desktop.gui.common.requests import Result
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.typed_path import typed_path


class Saver(QObject):
    """Writes results on the files' thread; remembers what is safe."""

    changed = Signal()
    """Whether a file is being written."""
    saved = Signal(object)
    """The ``Written`` of a file the person asked for."""
    copied = Signal()
    failed = Signal(str)
    drag_ready = Signal(object)
    """The path of a file to drag, or None where there can be none."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self._files: WeakKeyDictionary[Result, Path] = WeakKeyDictionary()
        self._unwanted: WeakSet[Result] = WeakSet()
        self.saved_path: Path | None = None
        self._writing: list[Result] = []
        self._drag_folder: tempfile.TemporaryDirectory[str] | None = None
        self._drag_file: tuple[Result, Path] | None = None
        self._writing_for_drag: Result | None = None

    @property
    def busy(self) -> bool:
        """Whether a file is being written."""
        return bool(self._writing)

    def is_writing(self, result: Result) -> bool:
        """Whether a file of this very result is being written, or waits to be."""
        return result in self._writing

    def is_safe(self, result: Result | None) -> bool:
        """Whether nothing would be lost without it."""
        return result is None or result in self._files or result in self._unwanted

    def forget(self, result: Result) -> None:
        """The person does not want it."""
        self._unwanted.add(result)

    def path_of(self, result: Result) -> Path | None:
        """The file that it was saved to last, if that is still there."""
        path = self._files.get(result)
        return path if path is not None and path.exists() else None

    def save(
        self,
        result: Result,
        request: SaveRequest | None = None,
        then: Callable[[], object] | None = None,
    ) -> None:
        """Write a file; unless asked otherwise as the settings say.

        ``then`` is called once it is written, after ``saved``; never if that fails.
        """
        request = self.usual_request(result) if request is None else request

        def fail(error: BaseException) -> None:
            self._writing.remove(result)
            self._report(error)
            self.changed.emit()

        def keep(written: Written) -> None:
            self._writing.remove(result)
            self._files[result] = self.saved_path = written.path
            self.saved.emit(written)
            self.changed.emit()
            if then is not None:
                then()

        self._writing.append(result)
        self.changed.emit()
        self._services.file_lane.submit(
            lambda: files.save(result, request), on_done=keep, on_failed=fail
        )

    def copy(self, result: Result) -> None:
        """Put the picture into the clipboard, in 8-bit sRGB."""
        self._services.file_lane.submit(
            lambda: files.clipboard_image(result.shown),
            on_done=self._put_into_clipboard,
            on_failed=self._report,
        )

    def prepare_drag(self, result: Result) -> None:
        """Have a file to drag out: the one saved already, else a temporary one."""
        saved = self.path_of(result)
        if saved is not None:
            self.drag_ready.emit(saved)
            return
        if self._drag_file is not None and self._drag_file[0] is result:
            self.drag_ready.emit(self._drag_file[1])
        elif self._writing_for_drag is not result:  # else it is told once it is there
            self._write_for_drag(result)

    def usual_request(self, result: Result) -> SaveRequest:
        """What the settings say; beside the source, or among the pictures what was pasted, for
        that has no file that its result could lie beside.
        """
        settings = self._services.settings
        template = settings.text("save/name")
        try:
            check_template(template)
        except UsageError:  # edited by hand
            template = DEFAULT_NAME
        folder = typed_path(settings.text("save/folder"))
        if folder is None and result.source.pasted:
            pictures = QStandardPaths.StandardLocation.PicturesLocation
            folder = Path(QStandardPaths.writableLocation(pictures))
        return SaveRequest(
            format=self._default_format(),
            quality=int(settings.number("save/quality")) or None,
            keep_metadata=settings.flag("save/metadata"),
            template=template,
            folder=folder,
        )

    def usual_target(self, result: Result) -> tuple[Path, str]:
        """(path, format's name) that Save would use."""
        request = self.usual_request(result)
        format_name = files.format_for(result, request)
        return files.usual_path(result, request, format_name), format_name

    def forget_drag_files(self) -> None:
        """Remove what was written for drags; what is still being written goes once that ends."""
        if self._drag_folder is not None and self._writing_for_drag is None:
            self._drag_folder.cleanup()
        self._drag_folder = self._drag_file = self._writing_for_drag = None

    def _write_for_drag(self, result: Result) -> None:
        self.forget_drag_files()
        name = self.usual_target(result)[0].name
        try:
            folder = tempfile.TemporaryDirectory(prefix="srgan-desktop-")
        except OSError as error:
            self._report(error)
            return
        self._drag_folder, self._writing_for_drag = folder, result
        request = replace(self.usual_request(result), target=Path(folder.name) / name)

        def offer(written: Written) -> None:
            if self._drag_written(folder):
                self._drag_file = (result, written.path)
                self.drag_ready.emit(written.path)

        def fail(error: BaseException) -> None:
            if self._drag_written(folder):
                self._drag_failed(error)

        self._services.file_lane.submit(
            lambda: files.save(result, request), on_done=offer, on_failed=fail
        )

    def _drag_written(self, folder: tempfile.TemporaryDirectory[str]) -> bool:
        """Whether what was written there is still wanted; else it goes."""
        if folder is not self._drag_folder:
            folder.cleanup()
            return False
        self._writing_for_drag = None
        return True

    def _default_format(self) -> str:
        wanted = self._services.settings.text("save/format")
        return wanted if wanted in writable_formats() else "same"

    def _put_into_clipboard(self, image: QImage) -> None:
        QGuiApplication.clipboard().setImage(image)
        self.copied.emit()

    def _drag_failed(self, error: BaseException) -> None:
        self._report(error)
        self.drag_ready.emit(None)

    def _report(self, error: Any) -> None:
        text = explain(error)
        if text is None:
            self._services.faults.report(error)
            text = tr("The result could not be saved.")
        self.failed.emit(text)
