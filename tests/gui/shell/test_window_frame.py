"""The window's frame: pages, menus, settings, theme, language, place on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QColor, QGuiApplication, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QScrollArea,
    QTabBar,
    QWidget,
)
from waiting import wait_until

from srgan_desktop.core.base import translation
from srgan_desktop.gui.common.errors_dialog import FaultReporter
from srgan_desktop.gui.common.page import Page
from srgan_desktop.gui.common.services import Services
from srgan_desktop.gui.common.settings import Settings
from srgan_desktop.gui.common.theme import DARK, LIGHT
from srgan_desktop.gui.shell import help_dialogs
from srgan_desktop.gui.shell.main_window import MainWindow
from srgan_desktop.gui.shell.settings_dialog import SettingsDialog
from srgan_desktop.gui.shell.single_instance import InstanceServer


class EmptyPage(Page):
    """Says its name and remembers what it was given."""

    icon_name = "picture"

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.given: list[Path] = []

    def title(self) -> str:
        return self.name

    def open_paths(self, paths: object) -> None:
        self.given += paths  # type: ignore[operator]


class PageWithSubmenu(EmptyPage):
    """Has a menu of recent files, as the Upscale page does."""

    def __init__(self) -> None:
        super().__init__("Two")
        self.submenu = QMenu(self)

    def file_actions(self) -> list[QAction]:
        return [self.submenu.menuAction()]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SRGAN_DESKTOP_HOME", str(tmp_path))
    monkeypatch.setenv("SRGAN_DESKTOP_LANGUAGE", "en")
    return Settings()


@pytest.fixture
def services(qapp: QApplication, settings: Settings) -> Iterator[Services]:
    made = Services(qapp, settings, FaultReporter())
    yield made
    made.shutdown()
    made.theme.choose("light")
    qapp.setStyleSheet("")
    translation.set_language("en")


@pytest.fixture
def window(services: Services, qapp: QApplication) -> Iterator[MainWindow]:
    made = MainWindow(services)
    made.add_page(EmptyPage("One"))
    made.show()
    yield made
    made.close()
    made.deleteLater()
    qapp.processEvents()


def test_one_page_needs_no_switcher_two_do(window: MainWindow) -> None:
    assert not window.switcher.isVisible()
    second = EmptyPage("Two")
    window.add_page(second)
    assert window.switcher.isVisible()
    texts = [button.text() for button in window.switcher.findChildren(QAbstractButton)]
    assert sorted(texts) == ["One", "Two"]
    window.switcher._group.button(1).click()
    assert window.page is second
    window.open_paths([Path("a.png")])
    assert second.given == [Path("a.png")]


def test_the_title_follows_the_page(window: MainWindow) -> None:
    window.page.title_changed.emit("otter.jpg")
    assert window.windowTitle() == "otter.jpg – SRGAN Desktop"
    window.page.title_changed.emit("")
    assert window.windowTitle() == "SRGAN Desktop"


def test_a_window_that_ends_is_asked_nothing_more(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = InstanceServer(f"srgan-desktop-test-{tmp_path.parent.name}-{tmp_path.name}"[-60:])
    assert server.listening
    window.ending.connect(server.close)
    seen: list[tuple[bool, bool]] = []
    monkeypatch.setattr(
        window.page, "shutdown", lambda: seen.append((server.listening, window.isVisible()))
    )
    window.close()
    assert seen == [(False, False)]


def test_the_window_comes_back_as_it_was_left(qapp: QApplication, settings: Settings) -> None:
    for size in ((800, 560), None):
        services = Services(qapp, settings, FaultReporter())
        window = MainWindow(services)
        window.add_page(EmptyPage("One"))
        window.show()
        if size is not None:
            window.resize(*size)
        else:
            assert (window.width(), window.height()) == (800, 560)
        assert window.close()
        window.deleteLater()
    qapp.setStyleSheet("")


def test_settings_that_make_no_sense_count_as_not_set(tmp_path: Path) -> None:
    (tmp_path / "settings.ini").write_text(
        "[window]\ntheme=purple\n[upscale]\nsize_value=many\ntile=-3\nwork_on_drop=maybe\n"
    )
    settings = Settings(tmp_path)
    assert settings.text("window/theme") == "system"
    assert settings.number("upscale/size_value") == 4.0
    assert settings.number("upscale/tile") == 0
    assert settings.flag("upscale/work_on_drop") is False


def test_settings_are_kept(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    notice: list[str] = []
    settings.changed.connect(notice.append)
    settings.set("upscale/work_on_drop", False)
    settings.set("upscale/work_on_drop", False)
    settings.set("upscale/size_value", 2.0)
    settings.set("upscale/model", "mine")
    assert notice == ["upscale/work_on_drop", "upscale/size_value", "upscale/model"]
    for number in range(15):
        settings.add_recent(Path(f"/pictures/{number}.png"))
    settings.add_recent(Path("/pictures/9.png"))
    assert settings.sync()
    again = Settings(tmp_path)
    assert not again.flag("upscale/work_on_drop")
    assert again.number("upscale/size_value") == 2.0
    assert again.text("upscale/model") == "mine"
    assert [path.stem for path in again.recent()][:3] == ["9", "14", "13"]
    assert len(again.recent()) == 12
    again.clear_recent()
    assert again.recent() == []


def test_settings_take_effect_at_once(window: MainWindow, services: Services) -> None:
    dialog = SettingsDialog(services, window)
    dialog.show()
    dialog.theme.setCurrentIndex(dialog.theme.findData("dark"))
    dialog.theme.activated.emit(dialog.theme.currentIndex())
    assert services.theme.dark
    palette = QApplication.palette()
    assert palette.color(QPalette.ColorRole.Window) == QColor(DARK.window)
    dialog.theme.setCurrentIndex(dialog.theme.findData("light"))
    dialog.theme.activated.emit(dialog.theme.currentIndex())
    assert QApplication.palette().color(QPalette.ColorRole.Window) == QColor(LIGHT.window)
    dialog.work_on_drop.click()
    assert not services.settings.flag("upscale/work_on_drop")
    dialog.tabs.setCurrentIndex(1)
    dialog.name.setText("{stem}{what}")
    dialog.name.textEdited.emit(dialog.name.text())
    assert dialog.name_problem.isVisible()
    assert services.settings.text("save/name") == "{stem}_{scale}x"
    dialog.name.setText("{stem}-large")
    dialog.name.textEdited.emit(dialog.name.text())
    assert not dialog.name_problem.isVisible()
    assert services.settings.text("save/name") == "{stem}-large"
    dialog.close()


def test_texts_are_readable_in_both_themes() -> None:
    """WCAG: 4.5 to 1 for text."""
    for shades in (LIGHT, DARK):
        pairs = [
            (shades.text, shades.window),
            (shades.text, shades.base),
            (shades.quiet, shades.window),
            (shades.on_accent, shades.accent),
            (shades.warning, shades.window),
            (shades.text, shades.warning_back),
            (shades.text, shades.good_back),
        ]
        for ink, paper in pairs:
            assert contrast(ink, paper) >= 4.5, (ink, paper)
        assert contrast(shades.accent, shades.window) >= 3


def contrast(one: str, other: str) -> float:
    def light(name: str) -> float:
        parts = []
        for value in QColor(name).getRgbF()[:3]:
            parts.append(value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4)
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_diagnostics_are_copied(
    window: MainWindow, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    from srgan_desktop.core import diagnostics

    monkeypatch.setattr(
        diagnostics, "diagnose", lambda: [diagnostics.Section("Program", (("a", "b"),))]
    )
    dialog = help_dialogs.DiagnosticsDialog(services, window)
    dialog.show()
    wait_until(dialog.copy_button.isEnabled)
    assert QGuiApplication.clipboard().text() == "Program\n  a  b"
    dialog.close()


def test_help_names_every_shortcut_of_the_window(window: MainWindow) -> None:
    dialog = help_dialogs.ShortcutsDialog(window)
    said = " ".join(label.text() for label in dialog.findChildren(QLabel))
    for action in (window.settings_action, window.shortcuts_action, window.quit_action):
        assert action.shortcut().toString() in said
    dialog.show()
    area = dialog.findChild(QScrollArea)
    assert dialog.height() <= 600, "it fits on small screens"
    assert area.verticalScrollBar().maximum() > 0
    assert area.widget().minimumSizeHint().width() <= area.viewport().width()
    QTest.keyClick(area, Qt.Key.Key_PageDown)
    assert area.verticalScrollBar().value() > 0
    about = help_dialogs.AboutDialog(window)
    licences = " ".join(label.text() for label in about.findChildren(QLabel))
    assert "MIT License" in licences
    assert "LGPL" in licences
    for made in (dialog, about):
        made.deleteLater()


def nameless(widget: QWidget) -> list[QWidget]:
    """Controls that a screen reader could not name."""
    controls = widget.findChildren(QAbstractButton) + widget.findChildren(QComboBox)
    return [
        control
        for control in controls
        if not control.accessibleName()
        and not (isinstance(control, QAbstractButton) and control.text())
        and not control.objectName().startswith("qt_")
        and not isinstance(control.parent(), QTabBar | QLineEdit)  # Qt's own
    ]


def test_controls_have_names(window: MainWindow, services: Services) -> None:
    dialog = SettingsDialog(services, window)
    assert nameless(dialog) == []
    dialog.deleteLater()


def test_dialogs_open_from_the_menu_and_leave_nothing(
    window: MainWindow, services: Services, qapp: QApplication
) -> None:
    for action, kind in (
        (window.settings_action, SettingsDialog),
        (window.shortcuts_action, help_dialogs.ShortcutsDialog),
        (window.about_action, help_dialogs.AboutDialog),
    ):
        action.trigger()
        dialog = window.findChild(kind)
        assert dialog is not None
        assert dialog.isVisible()
        dialog.close()
        wait_until(lambda kind=kind: window.findChild(kind) is None)  # type: ignore[misc]
    services.set_language("en")


def test_a_page_with_a_menu_within_its_menu_can_be_shown_twice(window: MainWindow) -> None:
    page = PageWithSubmenu()
    window.add_page(page)
    for _ in range(3):
        window.show_page(1)
    assert page.submenu.menuAction() in window.file_menu.actions()
