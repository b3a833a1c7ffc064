"""The Upscale page: what stands where, and which part hears of what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QMimeData, QStandardPaths, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication, QPixmap, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common import drop_data, files
from srgan_desktop.gui.common.dialogs import image_filter
from srgan_desktop.gui.common.drop_zone import DropZone
from srgan_desktop.gui.common.empty_state import EmptyState
from srgan_desktop.gui.common.files import Found
from srgan_desktop.gui.common.message_bar import MessageBar
from srgan_desktop.gui.common.page import Page
from srgan_desktop.gui.common.qimages import image_of
from srgan_desktop.gui.common.requests import OpenedImage, Result
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.settings import Settings
from srgan_desktop.gui.common.shown_pixels import Shown
from srgan_desktop.gui.common.thumbnail_strip import ImageStrip
from srgan_desktop.gui.common.worker import TaskSlot
from srgan_desktop.gui.upscale.bottom_bar import BottomBar
from srgan_desktop.gui.upscale.closer_look import CloserLook
from srgan_desktop.gui.upscale.commands import UpscaleCommands
from srgan_desktop.gui.upscale.cropping import CropController
from srgan_desktop.gui.upscale.image_opener import forget_pasted
from srgan_desktop.gui.upscale.panel import ControlPanel
from srgan_desktop.gui.upscale.request_model import RequestModel
from srgan_desktop.gui.upscale.result_view import ResultView
from srgan_desktop.gui.upscale.sample_maker import SampleMaker
from srgan_desktop.gui.upscale.saver import Saver
from srgan_desktop.gui.upscale.saving import SavingController
from srgan_desktop.gui.upscale.session import Session
from srgan_desktop.gui.upscale.status import StatusDisplay
from srgan_desktop.gui.upscale.stopping import ask_stop
from srgan_desktop.gui.upscale.switching import ImageSwitcher
from srgan_desktop.gui.viewer import BeforeAfterViewer

PREVIEW_SIDE = 96
# loading torch would hold up the first frame
FIRST_FRAME_MS = 50
# less work is lost without a question
ASK_FROM_S = 60


class UpscalePage(Page):
    """Drop a photo, watch it sharpen, save it.

    Attributes:
        requests: how pictures are enlarged; the panel writes it, the session follows it.
        session: the picture, the work and the result.
        saving, switching, status: what is done with results, which picture comes next, and what
            is said of the work.
    """

    icon_name = "upscale"
    all_frames_wanted = Signal(Path)
    """Of this animation or document not only the first picture is to be enlarged."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self._began = False
        self._finding = TaskSlot()
        self.requests = RequestModel(services.settings)
        self.session = Session(services, self.requests)
        self.saver = Saver(services)
        self.samples = SampleMaker(services, self.session, self.requests)
        self._make_widgets()
        self.saving = SavingController(self.session, self.saver, self.messages, self)
        # a message is about the picture that was chosen before
        self.strip.chosen.connect(self.messages.clear)
        self.switching = ImageSwitcher(self.session, self.saver, self.saving, self.strip, self)
        self.cropping = CropController(self.session, self.requests, self.view, self.viewer)
        self.closer_look = CloserLook(services.settings, self.session, self.viewer.navigation)
        self.status = StatusDisplay(services, self.session, self.saver, self.bottom)
        self._lay_out()
        self._connect()
        self.viewer.set_before_method(_before_method(self.services.settings))
        self._refresh()

    # what the frame asks

    def title(self) -> str:
        """For the switcher."""
        return tr("Upscale")

    def file_actions(self) -> list[QAction]:
        """Open, open recent, save, close."""
        return self.commands.file_menu

    def edit_actions(self) -> list[QAction]:
        """The clipboard, and the part of the photo that is enlarged."""
        return [*self.commands.edit_menu, self.bottom.crop]

    def view_actions(self) -> list[QAction]:
        """How to look."""
        return [*self.bottom.view_actions, self.bottom.readout]

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Files and folders from anywhere; the first picture opens, the others stand in a strip."""
        wanted = list(paths)
        self._finding.put(
            self.services.file_lane.submit(
                lambda: files.find(wanted),
                on_done=self._found,
                on_failed=self.services.faults.report,
            )
        )

    def may_close(self) -> bool:
        """Ask where finished results were never saved."""
        return self.switching.may_close(self.window().close)

    def focus_home(self) -> QWidget:
        """The picture, where keys zoom and compare."""
        return self.viewer if self._stack.currentWidget() is self._picture_side else self

    def shutdown(self) -> None:
        """Stop everything of this page."""
        self._finding.cancel()
        self.samples.stop()
        self.session.shutdown()
        self.bottom.show_progress(None, "")
        self.saver.forget_drag_files()
        forget_pasted()
        self.viewer.shutdown()

    # what a person asks

    @Slot()
    def choose_files(self) -> None:
        """The Open dialog."""
        names, _ = QFileDialog.getOpenFileNames(self, tr("Open"), self._folder(), image_filter())
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
        # some platforms give none at all where it is empty
        if not data or not self._open_data(data):
            self.messages.show_message(tr("There is no picture in the clipboard."))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Everything heavy begins once the window is there."""
        if not self._began:
            self._began = True
            QTimer.singleShot(FIRST_FRAME_MS, self.session.list_models)

    @Slot()
    def retranslate(self) -> None:
        """All texts in the present language."""
        parts = (self.commands, self.panel, self.messages, self.empty, self.bottom, self.strip)
        for part in (*parts, self.viewer, self.cropping.bar):
            part.retranslate()
        self._refresh()

    # what comes of it

    @Slot(QMimeData)
    def _take_drop(self, data: QMimeData) -> None:
        if not self._open_data(data):
            self.messages.show_message(
                tr("Only files can be dropped here; save the picture to a file first."), "warning"
            )

    def _open_data(self, data: QMimeData) -> bool:
        paths, image = drop_data.paths_in(data), drop_data.image_in(data)
        if paths:
            self.open_paths(paths)
        elif image is not None:
            self.messages.clear()
            self.switching.leave_for(lambda: self.session.open_pasted(image))
        return bool(paths) or image is not None

    def _found(self, found: Found) -> None:
        if found.refused:
            self.messages.show_message(drop_data.refusal(found), "warning")
        else:
            self.messages.clear()
        if found.pictures:
            self.switching.switch_to(found.pictures[0], found.pictures)

    @Slot(object)
    def _opened(self, picture: OpenedImage) -> None:
        if not picture.pasted:
            self.services.settings.add_recent(picture.path)
        self._stack.setCurrentWidget(self._picture_side)
        self.panel.show_source()
        self.title_changed.emit(picture.path.name)
        self.viewer.setFocus()
        if picture.frames > 1 and picture.crop is None and not self.messages.text:
            text, action = drop_data.frames_texts(picture)
            self.messages.show_message(
                text, action=action, act=lambda: self.all_frames_wanted.emit(picture.path)
            )

    @Slot()
    def _closed(self) -> None:
        self.messages.clear()
        self._stack.setCurrentWidget(self.empty)
        self.panel.show_source()
        self.title_changed.emit("")
        self.empty.open_button.setFocus()

    @Slot(object)
    def _restored(self, result: Result) -> None:
        self._show_on_drag(result)
        if not self.session.up_to_date:
            text = tr("Settings have changed. Press Start to update the result.")
            self.messages.show_message(text)

    @Slot(str)
    def _setting_changed(self, key: str) -> None:
        if key == "upscale/before":
            self.viewer.set_before_method(_before_method(self.services.settings))

    @Slot()
    def _escape(self) -> None:
        if self.cropping.active:
            self.cropping.cancel()
        elif self.session.working:
            self._stop()
        else:
            self.messages.clear()

    @Slot()
    def _stop(self) -> None:
        seconds = self.session.seconds_at_risk
        if seconds < ASK_FROM_S or ask_stop(self, seconds):
            self.session.stop()

    @Slot(object)
    def _show_on_drag(self, result: Result) -> None:
        preview = image_of(_thinned(result.shown))
        self.panel.drag.preview = QPixmap.fromImage(preview)

    @Slot(Exception)
    def _reading_failed(self, error: Exception) -> None:
        self.messages.show_message(
            tr("A part of the picture cannot be shown: {reason}", reason=error), "warning"
        )

    @Slot()
    def _refresh(self) -> None:
        """Which buttons make sense now."""
        session, can_save = self.session, self.saving.result is not None
        self.panel.show_state(can_start=session.can_start, can_save=can_save)
        self.commands.show_state(
            can_start=session.can_start,
            can_save=can_save,
            has_saved=self.saver.saved_path is not None,
            can_close=session.picture is not None,
        )
        self.bottom.enable_view(session.picture is not None)

    # inside

    def _folder(self) -> str:
        picture = self.session.picture
        if picture is not None and not picture.pasted:
            return str(picture.path.parent)
        recent = self.services.settings.recent()
        if recent:
            return str(recent[0].parent)
        return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)

    def _make_widgets(self) -> None:
        services = self.services
        self.viewer = BeforeAfterViewer()
        self.view = ResultView(self.viewer, self.session, self.requests)
        self.panel = ControlPanel(services, self.requests)
        self.messages = MessageBar(services.theme)
        self.empty = EmptyState(services.theme)
        self.bottom = BottomBar(services, self.viewer)
        self.strip = ImageStrip(services.thumbnail_lane)
        self.commands = UpscaleCommands(services.settings, self)
        self._drop_zone = DropZone(self, drop_data.takes)
        self._stack = QStackedWidget()

    def _connect(self) -> None:
        session, panel, saving, commands = self.session, self.panel, self.saving, self.commands
        self.services.language_changed.connect(self.retranslate)
        self.services.settings.changed.connect(self._setting_changed)
        self._drop_zone.inviting.connect(self.empty.set_inviting)
        self._drop_zone.dropped.connect(self._take_drop)
        session.devices_listed.connect(panel.advanced.set_devices)
        session.opened.connect(self._opened)
        session.closed.connect(self._closed)
        session.restored.connect(self._restored)
        session.finished.connect(self._show_on_drag)
        session.judged.connect(panel.show_judged)
        session.costs.known.connect(panel.show_cost)
        session.notice.connect(self.messages.show_message)
        session.changed.connect(self._refresh)
        self.saver.changed.connect(self._refresh)
        self.saver.drag_ready.connect(panel.drag.offer)
        self.samples.changed.connect(panel.sample.show_image)
        self.viewer.reading_failed.connect(self._reading_failed)
        commands.recent_chosen.connect(self.open_paths)
        for signal, slot in (
            (commands.open.triggered, self.choose_files),
            (commands.open_folder.triggered, self.choose_folder),
            (commands.paste.triggered, self.paste),
            (commands.start.triggered, session.start),
            (commands.stop.triggered, self._escape),
            (commands.save.triggered, saving.save),
            (commands.save_as.triggered, saving.save_as),
            (commands.show_saved.triggered, saving.show_saved),
            (commands.copy.triggered, saving.copy),
            (commands.close.triggered, self.switching.close_current),
            (panel.start_wanted, session.start),
            (panel.save_wanted, saving.save),
            (panel.save_as_wanted, saving.save_as),
            (panel.copy_wanted, saving.copy),
            (panel.drag.file_wanted, saving.prepare_drag),
            (self.bottom.stop_wanted, self._stop),
            (self.bottom.crop.triggered, self.cropping.begin),
            (self.empty.open_wanted, self.choose_files),
        ):
            signal.connect(slot)

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
        left.addWidget(self.cropping.bar)
        left.addWidget(self._stack, 1)
        left.addWidget(self.strip)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(left, 1)
        whole.addWidget(self.panel)


def _before_method(settings: Settings) -> Literal["bicubic", "nearest"]:
    return "nearest" if settings.text("upscale/before") == "nearest" else "bicubic"


def _thinned(shown: Shown) -> Shown:
    """Every n-th pixel: enough for the picture under the pointer while dragging."""
    step = max(1, max(shown.shape[:2]) // PREVIEW_SIDE)
    return shown[::step, ::step]
