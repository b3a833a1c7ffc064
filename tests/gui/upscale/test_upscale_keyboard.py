"""Everything without a mouse, and with a screen reader."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QSpinBox, QWidget
from waiting import WaitUntil
from window_helpers import MakePhoto, finish

from srgan_desktop.gui.shell import help_dialogs
from srgan_desktop.gui.shell.main_window import MainWindow
from srgan_desktop.gui.upscale.page import UpscalePage
from srgan_desktop.gui.viewer import ViewMode


def tab_stops(window: MainWindow) -> list[QWidget]:
    """Where Tab leads, once around."""
    stops: list[QWidget] = []
    for _ in range(60):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        widget = QApplication.focusWidget()
        if widget is None or widget in stops:
            return stops
        stops.append(widget)
    raise AssertionError("Tab does not come back")


def test_tab_reaches_every_control(
    window: MainWindow, page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    window.activateWindow()
    page.panel.advanced.toggle.click()
    page.open_paths([make_photo("photo.png", (60, 40))])
    finish(page, wait_until)
    panel, bottom = page.panel, page.bottom
    assert QApplication.focusWidget() is page.viewer, "keys move the divider at once"
    stops = tab_stops(window)
    wanted = [
        *bottom._buttons,
        panel.model,
        panel.size_control._group.checkedButton(),
        panel.advanced.toggle,
        panel.advanced.device,
        panel.advanced.precision,
        panel.advanced.tile,
        panel.advanced.tta,
        panel.save,
        panel.save_as,
        panel.copy,
        window.switcher._group.checkedButton(),
        page.viewer,
    ]
    assert stops == wanted
    assert page.panel.size_control._group.checkedId() == 4


def test_keys_go_to_the_picture_once_a_button_cannot_be_pressed(
    window: MainWindow, page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    window.activateWindow()
    page.open_paths([make_photo("photo.png", (60, 40))])
    finish(page, wait_until)
    page.panel.save.setFocus()
    assert QApplication.focusWidget() is page.panel.save
    page.panel.save.setEnabled(False)
    assert QApplication.focusWidget() is page.viewer


def test_every_control_has_a_name(page: UpscalePage) -> None:
    controls: list[QWidget] = [
        *page.findChildren(QAbstractButton),
        *page.findChildren(QComboBox),
        *page.findChildren(QSpinBox),
    ]
    nameless = [
        control
        for control in controls
        if not control.accessibleName()
        and not (isinstance(control, QAbstractButton) and control.text())
        and not control.objectName().startswith("qt_")
        and control is not page.messages.action
    ]
    assert nameless == []


def test_arrows_choose_the_size_and_keys_the_view(
    window: MainWindow, page: UpscalePage, make_photo: MakePhoto, wait_until: WaitUntil
) -> None:
    window.activateWindow()
    page.open_paths([make_photo("photo.png", (60, 40))])
    finish(page, wait_until)
    chosen = page.panel.size_control._group.checkedButton()
    chosen.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(chosen, Qt.Key.Key_Left)
    assert page.panel.size_control._group.checkedId() == 3
    finish(page, wait_until)
    page.viewer.setFocus()
    QTest.keyClick(page.viewer, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert page.viewer.navigation.divider == pytest.approx(0.4)
    QTest.keyClick(page.viewer, Qt.Key.Key_F7)
    assert page.viewer.navigation.mode is ViewMode.SIDE_BY_SIDE
    assert page.services.settings.text("upscale/mode") == "side by side"


def test_help_names_the_pages_shortcuts(window: MainWindow, page: UpscalePage) -> None:
    said = " ".join(keys for _, lines in help_dialogs.shortcuts() for keys, _ in lines)
    actions = [
        page.commands.open,
        page.commands.save,
        page.commands.save_as,
        page.commands.copy,
        page.commands.paste,
        page.commands.start,
        page.commands.stop,
        *page.bottom.modes.values(),
    ]
    for action in actions:
        assert action.shortcut().toString() in said
