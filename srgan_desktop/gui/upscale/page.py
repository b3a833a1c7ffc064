"""The Upscale page: puts the pieces together and passes on what is wished for and what is told."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QStandardPaths, QTimer, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QPixmap,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QFileDialog,
)

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base.console import seconds_text
from srgan_desktop.core.base.translation import tr
from srgan_desktop.core.images.io import FORMATS
from srgan_desktop.gui.common import drop_data, files
from srgan_desktop.gui.common.files import Found
from srgan_desktop.gui.common.requests import Cost, OpenedImage, Result, TileFinished
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.shown_pixels import Shown
from srgan_desktop.gui.common.worker import Task
from srgan_desktop.gui.upscale.page_keeping import KeepingPage
from srgan_desktop.gui.upscale.progress import Progress
from srgan_desktop.gui.upscale.session import PASTED

PREVIEW_SIDE = 96
# loading torch would hold up the first frame
FIRST_FRAME_MS = 50


class UpscalePage(KeepingPage):
    """Drop a photo, watch it sharpen, save it."""

    all_frames_wanted = Signal(Path)
    """Of this animation or document not only the first picture is to be enlarged."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._began = False
        self._finding: Task | None = None
        self.setAcceptDrops(True)
        self._connect_actions()
        self._connect()
        self.viewer.set_before_method(self._before_method())
        self.retranslate()

    # what the frame asks

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Files and folders from anywhere; the first picture opens, the others stand in a strip."""
        wanted = list(paths)
        if self._finding is not None:
            self._finding.cancel()
        self._finding = self.services.file_lane.submit(
            lambda: files.find(wanted), on_done=self._found, on_failed=self.services.faults.report
        )

    def shutdown(self) -> None:
        """Stop everything of this page."""
        self.samples.stop()
        self.session.shutdown()
        self.bottom.show_progress(None, "")
        self.saver.forget_drag_files()
        shutil.rmtree(places.cache_folder() / PASTED, ignore_errors=True)
        self.viewer.shutdown()

    # wishes

    @Slot()
    def choose_files(self) -> None:
        """The Open dialog."""
        endings = " ".join(f"*{end}" for entry in FORMATS.values() for end in entry.extensions)
        pattern = f"{tr('Pictures')} ({endings} {endings.upper()});;{tr('All files')} (*)"
        names, _ = QFileDialog.getOpenFileNames(self, tr("Open"), self._folder(), pattern)
        if names:
            self.open_paths([Path(name) for name in names])

    @Slot()
    def choose_folder(self) -> None:
        """The dialog for a folder of pictures."""
        name = QFileDialog.getExistingDirectory(self, tr("Open folder"), self._folder())
        if name:
            self.open_paths([Path(name)])

    @Slot()
    def paste(self) -> None:
        """Open what is in the clipboard."""
        data = QGuiApplication.clipboard().mimeData()
        paths, image = drop_data.paths_in(data), drop_data.image_in(data)
        if paths:
            self.open_paths(paths)
        elif image is not None:
            self.leave_for(lambda: self.session.open_pasted(image))
        else:
            self.messages.show_message(tr("There is no picture in the clipboard."))

    # Qt

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's names
        """Everything heavy begins once the window is there."""
        if not self._began:
            self._began = True
            QTimer.singleShot(FIRST_FRAME_MS, self.session.list_models)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Invite what can be opened."""
        if drop_data.takes(event.mimeData()):
            event.acceptProposedAction()
            self.empty.set_inviting(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        """It went on."""
        self.empty.set_inviting(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Open it."""
        self.empty.set_inviting(False)
        event.acceptProposedAction()
        data = event.mimeData()
        paths, image = drop_data.paths_in(data), drop_data.image_in(data)
        if paths:
            self.open_paths(paths)
        elif image is not None:
            self.leave_for(lambda: self.session.open_pasted(image))
        else:
            self.messages.show_message(
                tr("Only files can be dropped here; save the picture to a file first."), "warning"
            )

    # what is told

    def _found(self, found: Found) -> None:
        if found.refused:
            self.messages.show_message(drop_data.refusal(found), "warning")
        else:
            self.messages.clear()
        if not found.pictures:
            return
        self.switch_to(found.pictures[0], found.pictures)

    @Slot(list)
    def _models_listed(self, models: list[object]) -> None:
        self.panel.set_models(models)  # type: ignore[arg-type]
        self._request_changed()

    @Slot(object)
    def _opened(self, picture: OpenedImage) -> None:
        if not picture.pasted:
            self.services.settings.add_recent(picture.path)
            self._last_folder = None
        self._done_text = ""
        self._stack.setCurrentWidget(self._picture_side)
        self.panel.set_source(picture.size)
        size = self.panel.size_control.resolved() or picture.size
        self.view.show_picture(picture, size)
        if picture.path not in self._given and picture.path not in self.store:
            self._given = (*self._given, picture.path)
        self._show_strip(picture.path)
        self.title_changed.emit(picture.path.name)
        self.viewer.setFocus()
        if picture.frames > 1 and not self.messages.text:
            text, action = drop_data.frames_texts(picture)
            self.messages.show_message(
                text, action=action, act=lambda: self.all_frames_wanted.emit(picture.path)
            )

    @Slot()
    def _request_changed(self) -> None:
        size = self.panel.size_control.resolved()
        if size is not None:
            self.view.resize(size)
        before = self.session.request
        self._progress = Progress(time.monotonic)
        request = self.panel.request()
        self.session.set_request(request)
        self.samples.want(self.panel.model_chosen, None if request is None else request.engine)
        if before is not None and before != self.session.request:
            self.panel.show_cost(None)
        self._refresh()

    @Slot(object)
    def _result_started(self, started: object) -> None:
        self.view.begin(started)  # type: ignore[arg-type]

    @Slot(object)
    def _tile_finished(self, tile: TileFinished) -> None:
        self._progress.advance(tile.done, tile.total)
        if tile.rect is not None:
            self.view.add_tile(tile.rect)
        self.bottom.show_progress(tile.done / tile.total, self._progress.text())

    @Slot(object)
    def _finished(self, result: Result) -> None:
        self.view.settle()
        self._done_text = tr("Done in {time}", time=seconds_text(result.seconds))
        self._show_on_drag(result)
        self._mark_unsaved()

    @Slot(object)
    def _restored(self, result: Result) -> None:
        self.view.restore(result.shown)
        self._done_text = tr("Not saved yet")
        self._show_on_drag(result)
        if not self.session.up_to_date:
            text = tr(
                "This result was made with other settings. Press Start to apply the present ones."
            )
            self.messages.show_message(text)

    @Slot()
    def _stopped(self) -> None:
        result = self.session.result
        self._done_text = tr("Stopped")
        if result is not None:
            self.view.restore(result.shown)

    @Slot(object)
    def _cost_known(self, cost: Cost) -> None:
        self.panel.show_cost(cost)

    @Slot(str, str)
    def _show_notice(self, text: str, kind: str) -> None:
        self.messages.show_message(text, kind)

    @Slot(str)
    def _setting_changed(self, key: str) -> None:
        if key == "upscale/before":
            self.viewer.set_before_method(self._before_method())
        elif key == "recent/files":
            self._fill_recent()

    @Slot()
    def _escape(self) -> None:
        if self.session.working:
            self.session.stop()
        else:
            self.messages.clear()

    # inside

    def _before_method(self) -> Literal["bicubic", "nearest"]:
        nearest = self.services.settings.text("upscale/before") == "nearest"
        return "nearest" if nearest else "bicubic"

    def _folder(self) -> str:
        picture = self.session.picture
        if picture is not None and not picture.pasted:
            return str(picture.path.parent)
        recent = self.services.settings.recent()
        if recent:
            return str(recent[0].parent)
        return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)

    @Slot(QAction)
    def _open_recent(self, action: QAction) -> None:
        if action.data():
            self.open_paths([Path(action.data())])
        else:
            self.services.settings.clear_recent()

    def _connect_actions(self) -> None:
        slots: dict[QAction, Callable[[], object]] = {
            self.open_action: self.choose_files,
            self.open_folder_action: self.choose_folder,
            self.paste_action: self.paste,
            self.start_action: self.session.start,
            self.stop_action: self._escape,
        }
        for action, slot in slots.items():
            action.triggered.connect(slot)
        self.recent_menu.triggered.connect(self._open_recent)

    def _connect(self) -> None:
        session, panel = self.session, self.panel
        self.services.language_changed.connect(self.retranslate)
        self.services.device_note_changed.connect(self._refresh)
        self.services.settings.changed.connect(self._setting_changed)
        session.models_listed.connect(self._models_listed)
        session.devices_listed.connect(panel.advanced.set_devices)
        session.opened.connect(self._opened)
        session.restored.connect(self._restored)
        session.result_started.connect(self._result_started)
        session.tile_finished.connect(self._tile_finished)
        session.finished.connect(self._finished)
        session.stopped.connect(self._stopped)
        session.cost_known.connect(self._cost_known)
        session.notice.connect(self._show_notice)
        session.changed.connect(self._refresh)
        self.view.looked_at.connect(session.look_at)
        self.samples.changed.connect(panel.sample.show_image)
        self.viewer.reading_failed.connect(self._reading_failed)
        panel.request_changed.connect(self._request_changed)
        panel.start_wanted.connect(session.start)
        self.bottom.stop_wanted.connect(session.stop)
        self.empty.open_wanted.connect(self.choose_files)

    def _show_on_drag(self, result: Result) -> None:
        preview = files.image_of(_thinned(result.shown))
        self.panel.drag.preview = QPixmap.fromImage(preview)

    @Slot(Exception)
    def _reading_failed(self, error: Exception) -> None:
        self.messages.show_message(
            tr("A part of the picture cannot be shown: {reason}", reason=error), "warning"
        )


def _thinned(shown: Shown) -> Shown:
    """Every n-th pixel: enough for the picture under the pointer while dragging."""
    step = max(1, max(shown.shape[:2]) // PREVIEW_SIDE)
    return shown[::step, ::step]
