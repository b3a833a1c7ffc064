"""What the Upscale page is made of: its pieces, where they stand, its actions and their texts."""

from __future__ import annotations

import time

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.empty_state import EmptyState
from srgan_desktop.gui.common.message_bar import MessageBar
from srgan_desktop.gui.common.page import Page
from srgan_desktop.gui.common.requests import Result
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.strip import ImageStrip
from srgan_desktop.gui.upscale.bottom_bar import BottomBar
from srgan_desktop.gui.upscale.panel import ControlPanel
from srgan_desktop.gui.upscale.progress import Progress
from srgan_desktop.gui.upscale.result_view import ResultView
from srgan_desktop.gui.upscale.sample_maker import SampleMaker
from srgan_desktop.gui.upscale.saver import Saver
from srgan_desktop.gui.upscale.session import Session
from srgan_desktop.gui.viewer import BeforeAfterViewer


class PageParts(Page):
    """The pieces, put in their places but not yet connected."""

    icon_name = "upscale"

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.session = Session(services)
        self.saver = Saver(services)
        self.samples = SampleMaker(services, self.session)
        self.viewer = BeforeAfterViewer()
        self.view = ResultView(self.viewer)
        self.panel = ControlPanel(services)
        self.messages = MessageBar(services.theme)
        self.empty = EmptyState(services.theme)
        self.bottom = BottomBar(services, self.viewer)
        self.strip = ImageStrip(services.thumbnail_lane)
        self._stack = QStackedWidget()
        self._progress = Progress(time.monotonic)
        self._done_text = ""
        self._make_actions()
        self._lay_out()

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
        return [*self.bottom.actions_shown, self.bottom.readout]

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

    def _result_shown(self) -> Result | None:
        """The result that is whole on the screen."""
        return None if self.session.working else self.session.result

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
        if session.picture is not None and not session.opening:
            # also where another could not be opened
            self.strip.mark(session.picture.path)
        if session.working:
            share = self._progress.done / self._progress.total if self._progress.total else -1.0
            self.bottom.show_progress(share, self._progress.text())
        elif session.opening:
            self.bottom.show_progress(None, tr("Opening…"))
        elif self.saver.busy:
            self.bottom.show_progress(None, tr("Saving…"))
        else:
            self._progress = Progress(time.monotonic)
            said = self._done_text if session.picture else ""
            self.bottom.show_progress(None, said or self.services.device_note)

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

    def _make_actions(self) -> None:
        standard = QKeySequence.StandardKey
        self.open_action = self._action(QKeySequence(standard.Open))
        self.open_folder_action = self._action(QKeySequence("Ctrl+Shift+O"))
        self.recent_menu = QMenu(self)
        self.recent_menu.setToolTipsVisible(True)
        self.save_action = self._action(QKeySequence(standard.Save))
        self.save_as_action = self._action(QKeySequence("Ctrl+Shift+S"))
        self.show_saved_action = QAction(self)
        self.copy_action = self._action(QKeySequence(standard.Copy))
        self.paste_action = self._action(QKeySequence(standard.Paste))
        self.start_action = self._action(QKeySequence("Ctrl+Return"))
        self.stop_action = self._action(QKeySequence("Esc"))
        self.addActions([self.start_action, self.stop_action])

    def _action(self, keys: QKeySequence) -> QAction:
        action = QAction(self)
        action.setShortcut(keys)
        return action

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
