"""The window's frame: menus, pages, place on the screen, closing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QMenu, QStackedWidget, QWidget

from srgan_desktop.core.base.translation import tr
from srgan_desktop.gui.common.dialogs import open_once
from srgan_desktop.gui.common.icons import app_icon
from srgan_desktop.gui.common.page import Page
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.wheel import WheelGuard
from srgan_desktop.gui.shell import help_dialogs
from srgan_desktop.gui.shell.guide import GuideDialog
from srgan_desktop.gui.shell.settings_dialog import SettingsDialog
from srgan_desktop.gui.shell.switcher import PageSwitcher

GEOMETRY = "window/geometry"
FIRST_SIZE = QSize(1240, 800)
LEAST_SIZE = QSize(800, 520)


class MainWindow(QMainWindow):
    """Holds the pages. ``add_page`` first, then ``show``."""

    ending = Signal()
    """It is hidden and ends, which may take a while; nothing more can be asked of it."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.pages: list[Page] = []
        self._subjects: dict[Page, str] = {}
        self.asks = True
        self._wheel = WheelGuard(self)
        self.setWindowIcon(app_icon())
        self.setMinimumSize(LEAST_SIZE)
        self._stack = QStackedWidget()
        self.switcher = PageSwitcher()
        self.switcher.chosen.connect(self.show_page)
        whole = QWidget()
        layout = QHBoxLayout(whole)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.switcher)
        layout.addWidget(self._stack, 1)
        self.setCentralWidget(whole)
        self._make_actions()
        self._make_menus()
        services.language_changed.connect(self.retranslate)
        services.theme.changed.connect(self.switcher.refresh)
        if not self.restoreGeometry(services.settings.bytes_of(GEOMETRY)):
            self.resize(FIRST_SIZE)
        self.retranslate()

    def add_page(self, page: Page) -> None:
        """One more page, the first is shown."""
        self.pages.append(page)
        page.title_changed.connect(self._note_subject)
        page.label_changed.connect(self.switcher.refresh)
        self._stack.addWidget(page)
        self.switcher.add(page)
        if len(self.pages) == 1:
            self.show_page(0)

    @Slot(int)
    def show_page(self, index: int) -> None:
        """Bring a page to the front, with its menus."""
        self._stack.setCurrentIndex(index)
        self.switcher.choose(index)
        page = self.pages[index]
        self._wheel.guard(page)
        _fill(self.file_menu, [*page.file_actions(), None, self.settings_action, self.quit_action])
        _fill(self.edit_menu, page.edit_actions())
        _fill(self.view_menu, page.view_actions())
        for menu in (self.edit_menu, self.view_menu):
            menu.menuAction().setVisible(not menu.isEmpty())
        self._show_title()

    @Slot(str)
    def show_page_named(self, name: str) -> None:
        """Bring the page with this icon to the front; nothing where there is none."""
        for index, page in enumerate(self.pages):
            if page.icon_name == name:
                self.show_page(index)

    @property
    def page(self) -> Page:
        """The one that is shown."""
        return self.pages[self._stack.currentIndex()]

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Files from outside: the command line, a second start."""
        if paths:
            self.page.open_paths(paths)

    @Slot(list)
    @Slot(list, str)
    def take_over(self, paths: list[Path], page: str = "") -> None:
        """A second start of the program: come to the front, open its files.

        page: the one to open them on; "" the one that is shown, if it can do anything with them.
        """
        if self.isMinimized():
            self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        if not page and paths and not any(self.page.accepts(path) for path in paths):
            page = "upscale"
        self.show_page_named(page)
        self.open_paths(paths)

    @Slot(str)
    def _note_subject(self, subject: str) -> None:
        """What a page works on; it stands in the title while that page is shown."""
        page = self.sender()
        if isinstance(page, Page):
            self._subjects[page] = subject
            self._show_title()

    def _show_title(self) -> None:
        subject = self._subjects.get(self.page, "") if self.pages else ""
        self.setWindowTitle(f"{subject} – SRGAN Desktop" if subject else "SRGAN Desktop")

    @Slot()
    def retranslate(self) -> None:
        """All of the frame's own texts."""
        self._show_title()
        self.file_menu.setTitle(tr("&File"))
        self.edit_menu.setTitle(tr("&Edit"))
        self.view_menu.setTitle(tr("&View"))
        self.help_menu.setTitle(tr("&Help"))
        self.settings_action.setText(tr("Settings…"))
        self.quit_action.setText(tr("Quit"))
        self.guide_action.setText(tr("Guide"))
        self.shortcuts_action.setText(tr("Keyboard shortcuts"))
        self.diagnostics_action.setText(tr("Copy diagnostics"))
        self.about_action.setText(tr("About SRGAN Desktop"))
        self.switcher.refresh()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Ask where something would be lost, then end all threads."""
        if self.asks and not all(page.may_close() for page in self.pages):
            event.ignore()
            return
        self.services.settings.set_bytes(GEOMETRY, self.saveGeometry())
        if self.page.icon_name:
            self.services.settings.set("window/last_page", self.page.icon_name)
        # what is on its way may take a second to stop; nobody needs to watch that
        self.hide()
        self.ending.emit()
        for page in self.pages:
            page.shutdown()
        self.services.shutdown()
        event.accept()

    @Slot()
    def close_at_once(self) -> None:
        """Close without a question, as the system wants it."""
        self.asks = False
        self.close()

    @Slot()
    def show_settings(self) -> None:
        """Open the settings."""
        open_once(SettingsDialog(self.services, self))

    @Slot()
    def show_guide(self) -> None:
        """Open the guide."""
        open_once(GuideDialog(self))

    @Slot()
    def show_shortcuts(self) -> None:
        """Open the page of shortcuts."""
        open_once(help_dialogs.ShortcutsDialog(self))

    @Slot()
    def show_diagnostics(self) -> None:
        """Gather the text of ``doctor`` and copy it."""
        open_once(help_dialogs.DiagnosticsDialog(self.services, self))

    @Slot()
    def show_about(self) -> None:
        """Open the page about the program."""
        open_once(help_dialogs.AboutDialog(self))

    def _make_actions(self) -> None:
        self.settings_action = self._action(
            self.show_settings, QKeySequence(Qt.Modifier.CTRL | Qt.Key.Key_Comma)
        )
        self.settings_action.setMenuRole(QAction.MenuRole.PreferencesRole)
        # said by Help on every system; the standard key is none on Windows
        self.quit_action = self._action(self.close, QKeySequence("Ctrl+Q"))
        self.quit_action.setMenuRole(QAction.MenuRole.QuitRole)
        self.guide_action = self._action(self.show_guide)
        self.shortcuts_action = self._action(self.show_shortcuts, QKeySequence(Qt.Key.Key_F1))
        self.diagnostics_action = self._action(self.show_diagnostics)
        self.about_action = self._action(self.show_about)
        self.about_action.setMenuRole(QAction.MenuRole.AboutRole)

    def _make_menus(self) -> None:
        bar = self.menuBar()
        self.file_menu, self.edit_menu, self.view_menu, self.help_menu = (
            bar.addMenu("") for _ in range(4)
        )
        _fill(
            self.help_menu,
            [
                self.guide_action,
                self.shortcuts_action,
                self.diagnostics_action,
                None,
                self.about_action,
            ],
        )

    def _action(
        self,
        slot: Callable[[], object],
        keys: QKeySequence | QKeySequence.StandardKey | None = None,
    ) -> QAction:
        action = QAction(self)
        action.triggered.connect(slot)
        if keys is not None:
            action.setShortcut(QKeySequence(keys))
        return action


def _fill(menu: QMenu, actions: Sequence[QAction | None]) -> None:
    """Put these into a menu, None for a line between.

    Not by ``clear``: that deletes what nothing else shows, and actions are the pages' own.
    """
    for old in menu.actions():
        menu.removeAction(old)
        if old.isSeparator():
            old.deleteLater()
    for action in actions:
        if action is None:
            menu.addSeparator()
        else:
            menu.addAction(action)
