"""The Upscale page: puts the pieces together and passes on what is wished for and what is told."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QStandardPaths, Qt, QTimer, QUrl, Slot
from PySide6.QtGui import (
    QAction,
    QDesktopServices,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
    QPixmap,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from srgan_desktop.core import places
from srgan_desktop.core.console import seconds_text
from srgan_desktop.core.picture_files import FORMATS, Written
from srgan_desktop.core.translation import tr, trn
from srgan_desktop.gui.dialogs import open_once
from srgan_desktop.gui.page import Page
from srgan_desktop.gui.services import Services
from srgan_desktop.gui.upscale import files, intake
from srgan_desktop.gui.upscale.bottom_bar import BottomBar
from srgan_desktop.gui.upscale.empty_state import EmptyState
from srgan_desktop.gui.upscale.files import Found
from srgan_desktop.gui.upscale.message_bar import MessageBar
from srgan_desktop.gui.upscale.panel import ControlPanel
from srgan_desktop.gui.upscale.progress import Progress
from srgan_desktop.gui.upscale.requests import Cost, OpenedPicture, Result, TileLanded
from srgan_desktop.gui.upscale.result_view import ResultView
from srgan_desktop.gui.upscale.save_dialog import SaveDialog
from srgan_desktop.gui.upscale.saver import Saver
from srgan_desktop.gui.upscale.session import PASTED, Session
from srgan_desktop.gui.upscale.shown_pixels import Shown
from srgan_desktop.gui.upscale.strip import PictureStrip
from srgan_desktop.gui.viewer import BeforeAfterViewer

PREVIEW_SIDE = 96
# loading torch would hold up the first frame
FIRST_FRAME_MS = 50


class UpscalePage(Page):
    """Drop a photo, watch it sharpen, save it."""

    icon_name = "upscale"

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.session = Session(services)
        self.saver = Saver(services)
        self.viewer = BeforeAfterViewer()
        self.view = ResultView(self.viewer)
        self.panel = ControlPanel(services)
        self.messages = MessageBar(services.theme)
        self.empty = EmptyState(services.theme)
        self.bottom = BottomBar(services, self.viewer)
        self.strip = PictureStrip(services.thumbnail_lane)
        self._stack = QStackedWidget()
        self._progress = Progress(time.monotonic)
        self._began = False
        self._closing_after_save = False
        self._finding: object = None
        self._last_folder: Path | None = None
        self._done_text = ""
        self.setAcceptDrops(True)
        self._make_actions()
        self._lay_out()
        self._connect()
        self.viewer.set_before_method(self._before_method())
        self.retranslate()
        self._refresh()

    # what the frame asks

    def title(self) -> str:
        """For the switcher."""
        return tr("Upscale")

    def file_actions(self) -> list[QAction]:
        """Open, open recent, save."""
        return [
            self.open_action,
            self.open_folder_action,
            self.recent_menu.menuAction(),
            self.save_action,
            self.save_as_action,
            self.show_saved_action,
        ]

    def edit_actions(self) -> list[QAction]:
        """The clipboard."""
        return [self.copy_action, self.paste_action]

    def view_actions(self) -> list[QAction]:
        """How to look."""
        return self.bottom.actions_shown

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Files and folders from anywhere; the first picture opens, the others stand in a strip."""
        wanted = list(paths)
        task = self.services.file_lane.submit(
            lambda: files.find(wanted), on_done=self._found, on_failed=self.services.faults.report
        )
        self._finding = task

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

    def shutdown(self) -> None:
        """Stop everything of this page."""
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
        paths, image = intake.paths_in(data), intake.image_in(data)
        if paths:
            self.open_paths(paths)
        elif image is not None:
            self.strip.set_paths([], Path())
            self.session.open_pasted(image)
        else:
            self.messages.show_message(tr("There is no picture in the clipboard."))

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

    # Qt

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's names
        """Everything heavy begins once the window is there."""
        if not self._began:
            self._began = True
            QTimer.singleShot(FIRST_FRAME_MS, self.session.list_models)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Invite what can be opened."""
        if intake.takes(event.mimeData()):
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
        paths, image = intake.paths_in(data), intake.image_in(data)
        if paths:
            self.open_paths(paths)
        elif image is not None:
            self.session.open_pasted(image)
        else:
            self.messages.show_message(
                tr("Only files can be dropped here; save the picture to a file first."), "warning"
            )

    # what is told

    def _found(self, found: Found) -> None:
        if found.refused:
            self.messages.show_message(refusal(found), "warning")
        else:
            self.messages.clear()
        if not found.pictures:
            return
        first = found.pictures[0]
        self.strip.set_paths(found.pictures, first)
        self.session.open_file(first)

    @Slot(Path)
    def _choose_from_strip(self, path: Path) -> None:
        self.messages.clear()
        self.session.open_file(path)

    @Slot(list)
    def _models_listed(self, models: list[object]) -> None:
        self.panel.set_models(models)  # type: ignore[arg-type]
        self._wish_changed()

    @Slot(object)
    def _opened(self, picture: OpenedPicture) -> None:
        if not picture.pasted:
            self.services.settings.add_recent(picture.path)
            self._last_folder = None
        self._done_text = ""
        self._stack.setCurrentWidget(self._picture_side)
        self.panel.set_source(picture.size)
        size = self.panel.size_control.resolved() or picture.size
        self.view.show_picture(picture, size)
        self.strip.mark(picture.path)
        self.title_changed.emit(picture.path.name)
        self.viewer.setFocus()

    @Slot()
    def _wish_changed(self) -> None:
        size = self.panel.size_control.resolved()
        if size is not None:
            self.view.resize(size)
        before = self.session.wish
        self._progress = Progress(time.monotonic)
        self.session.set_wish(self.panel.wish())
        if before is not None and before != self.session.wish:
            self.panel.show_cost(None)
        self._refresh()

    @Slot(object)
    def _result_started(self, started: object) -> None:
        self.view.begin(started)  # type: ignore[arg-type]

    @Slot(object)
    def _tile_landed(self, tile: TileLanded) -> None:
        self._progress.advance(tile.done, tile.total)
        if tile.rect is not None:
            self.view.land(tile.rect)
        self.bottom.show_progress(tile.done / tile.total, self._progress.text())

    @Slot(object)
    def _finished(self, result: Result) -> None:
        self.view.settle()
        self._done_text = tr("Done in {time}", time=seconds_text(result.seconds))
        preview = files.image_of(_thinned(result.shown))
        self.panel.drag.preview = QPixmap.fromImage(preview)

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
    def _told(self, text: str, kind: str) -> None:
        self.messages.show_message(text, kind)

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

    @Slot()
    def _prepare_drag(self) -> None:
        result = self._result_shown()
        if result is not None:
            self.saver.prepare_drag(result)

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

    def _result_shown(self) -> Result | None:
        """The result that is whole on the screen."""
        return None if self.session.working else self.session.result

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

    @Slot()
    def _refresh(self) -> None:
        """Which buttons make sense, and what the status says."""
        session = self.session
        can_save = self._result_shown() is not None
        self.panel.show_state(can_start=session.can_start, can_save=can_save)
        for action in (self.save_action, self.save_as_action, self.copy_action):
            action.setEnabled(can_save)
        self.start_action.setEnabled(session.can_start)
        self.stop_action.setEnabled(True)
        self.show_saved_action.setEnabled(self.saver.saved_path is not None)
        self.bottom.enable_view(session.picture is not None)
        if session.working:
            share = self._progress.done / self._progress.total if self._progress.total else -1.0
            self.bottom.show_progress(share, self._progress.text())
        elif session.opening:
            self.bottom.show_progress(None, tr("Opening…"))
        elif self.saver.busy:
            self.bottom.show_progress(None, tr("Saving…"))
        else:
            self._progress = Progress(time.monotonic)
            self.bottom.show_progress(None, self._done_text if session.picture else "")

    @Slot()
    def retranslate(self) -> None:
        """All texts in the present language."""
        self.open_action.setText(tr("Open…"))
        self.open_folder_action.setText(tr("Open folder…"))
        self.recent_menu.setTitle(tr("Open recent"))
        self.save_action.setText(tr("Save"))
        self.save_as_action.setText(tr("Save as…"))
        self.show_saved_action.setText(tr("Show saved file in its folder"))
        self.copy_action.setText(tr("Copy"))
        self.paste_action.setText(tr("Paste"))
        self._fill_recent()
        for part in (self.panel, self.messages, self.empty, self.bottom, self.strip, self.viewer):
            part.retranslate()
        self._done_text = ""
        self._refresh()

    def _fill_recent(self) -> None:
        self.recent_menu.clear()
        for path in self.services.settings.recent():
            action = self.recent_menu.addAction(path.name.replace("&", "&&"))
            action.setToolTip(str(path))
            action.setData(str(path))
        self.recent_menu.setEnabled(not self.recent_menu.isEmpty())
        if not self.recent_menu.isEmpty():
            self.recent_menu.addSeparator()
            self.recent_menu.addAction(tr("Clear this list"))

    @Slot(QAction)
    def _open_recent(self, action: QAction) -> None:
        if action.data():
            self.open_paths([Path(action.data())])
        else:
            self.services.settings.clear_recent()

    def _make_actions(self) -> None:
        standard = QKeySequence.StandardKey
        self.open_action = self._action(self.choose_files, QKeySequence(standard.Open))
        self.open_folder_action = self._action(self.choose_folder, QKeySequence("Ctrl+Shift+O"))
        self.recent_menu = QMenu(self)
        self.recent_menu.setToolTipsVisible(True)
        self.recent_menu.triggered.connect(self._open_recent)
        self.save_action = self._action(self.save, QKeySequence(standard.Save))
        self.save_as_action = self._action(self.save_as, QKeySequence("Ctrl+Shift+S"))
        self.show_saved_action = self._action(self.show_saved)
        self.copy_action = self._action(self.copy, QKeySequence(standard.Copy))
        self.paste_action = self._action(self.paste, QKeySequence(standard.Paste))
        self.start_action = self._action(self.session.start, QKeySequence("Ctrl+Return"))
        self.stop_action = self._action(self._escape, QKeySequence("Esc"))
        self.addActions([self.start_action, self.stop_action])

    def _action(self, slot: Callable[[], object], keys: QKeySequence | None = None) -> QAction:
        action = QAction(self)
        action.triggered.connect(slot)
        if keys is not None:
            action.setShortcut(keys)
        return action

    def _connect(self) -> None:
        session, panel, saver = self.session, self.panel, self.saver
        self.services.language_changed.connect(self.retranslate)
        self.services.settings.changed.connect(self._setting_changed)
        session.models_listed.connect(self._models_listed)
        session.devices_listed.connect(panel.advanced.set_devices)
        session.opened.connect(self._opened)
        session.result_started.connect(self._result_started)
        session.tile_landed.connect(self._tile_landed)
        session.finished.connect(self._finished)
        session.stopped.connect(self._stopped)
        session.cost_known.connect(self._cost_known)
        session.told.connect(self._told)
        session.changed.connect(self._refresh)
        self.view.looked_at.connect(session.look_at)
        self.viewer.reading_failed.connect(self._reading_failed)
        panel.wish_changed.connect(self._wish_changed)
        panel.start_wanted.connect(session.start)
        panel.save_wanted.connect(self.save)
        panel.save_as_wanted.connect(self.save_as)
        panel.copy_wanted.connect(self.copy)
        panel.drag.file_wanted.connect(self._prepare_drag)
        saver.saved.connect(self._saved)
        saver.copied.connect(self._copied)
        saver.failed.connect(self._save_failed)
        saver.drag_ready.connect(panel.drag.offer)
        self.bottom.stop_wanted.connect(session.stop)
        self.empty.open_wanted.connect(self.choose_files)
        self.strip.chosen.connect(self._choose_from_strip)

    @Slot(Exception)
    def _reading_failed(self, error: Exception) -> None:
        self.messages.show_message(
            tr("A part of the picture cannot be shown: {reason}", reason=error), "warning"
        )

    def _lay_out(self) -> None:
        self._picture_side = QWidget()
        picture_column = QVBoxLayout(self._picture_side)
        picture_column.setContentsMargins(0, 0, 0, 0)
        picture_column.setSpacing(0)
        picture_column.addWidget(self.viewer, 1)
        picture_column.addWidget(self.bottom)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._picture_side)
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addWidget(self.messages)
        left.addWidget(self._stack, 1)
        left.addWidget(self.strip)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(left, 1)
        whole.addWidget(self.panel)


def refusal(found: Found) -> str:
    """What was left out of a drop, in one sentence."""
    if found.problem and len(found.refused) == 1:
        return found.problem
    if len(found.refused) == 1:
        return tr("{name} is no picture that can be opened.", name=found.refused[0].name)
    return trn(
        "{n} file is no picture and was left out.",
        "{n} files are no pictures and were left out.",
        len(found.refused),
    )


def ask_unsaved(parent: QWidget, name: str) -> str:
    """ "save", "discard" or "cancel"."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("SRGAN Desktop")
    box.setText(tr("The result for {name} has not been saved.", name=name))
    box.setInformativeText(tr("Save it before closing?"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    save = box.addButton(tr("Save"), QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton(tr("Discard"), QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(save)
    box.setEscapeButton(cancel)
    box.exec()
    clicked = box.clickedButton()
    return "save" if clicked is save else "discard" if clicked is discard else "cancel"


def _thinned(shown: Shown) -> Shown:
    """Every n-th pixel: enough for the picture under the pointer while dragging."""
    step = max(1, max(shown.shape[:2]) // PREVIEW_SIDE)
    return shown[::step, ::step]
