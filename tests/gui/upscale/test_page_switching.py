"""Going from page to page, also to the one that is shown."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QSlider, QWidget
from waiting import WaitUntil

from srgan_desktop.gui.batch.page import BatchPage
from srgan_desktop.gui.shell.main_window import MainWindow


def texts(window: MainWindow) -> list[list[str]]:
    menus = (window.file_menu, window.edit_menu, window.view_menu)
    return [[action.text() for action in menu.actions()] for menu in menus]


def test_every_page_button_twice(window: MainWindow, wait_until: WaitUntil) -> None:
    first = texts(window)
    assert "Save" in first[0]
    assert first[0][-2:] == ["Settings…", "Quit"]
    for index in range(len(window.pages)):
        button = window.switcher._group.button(index)
        button.click()
        once = texts(window)
        button.click()
        assert texts(window) == once
    window.switcher._group.button(0).click()
    window.switcher._group.button(0).click()
    assert texts(window) == first
    # what the Batch page has begun to open is closed with the window once it is open
    batch = next(page for page in window.pages if isinstance(page, BatchPage))
    wait_until(lambda: batch.session.is_open)


def test_the_wheel_over_every_box_of_every_page(window: MainWindow, wait_until: WaitUntil) -> None:
    found = 0
    for index, page in enumerate(window.pages):
        window.show_page(index)
        boxes = [
            box
            for box in page.findChildren(QWidget)
            if isinstance(box, QComboBox | QAbstractSpinBox | QSlider) and box.isVisible()
        ]
        found += len(boxes)
        for box in boxes:
            at = QPointF(5, 5)
            event = QWheelEvent(
                at,
                box.mapToGlobal(at),
                QPoint(),
                QPoint(0, -120),
                Qt.MouseButton.NoButton,
                Qt.KeyboardModifier.NoModifier,
                Qt.ScrollPhase.NoScrollPhase,
                False,
            )
            QApplication.sendEvent(box, event)
            assert not event.isAccepted(), f"{page.title()}: {box.accessibleName()}"
    assert found > 5
    batch = next(page for page in window.pages if isinstance(page, BatchPage))
    wait_until(lambda: batch.session.is_open)


def test_the_title_is_the_shown_page_s(window: MainWindow) -> None:
    upscale, models = window.pages[0], window.pages[2]
    upscale.title_changed.emit("photo.png")
    assert window.windowTitle() == "photo.png – SRGAN Desktop"
    window.show_page(2)
    assert window.windowTitle() == "SRGAN Desktop"
    models.title_changed.emit("3 of 9")
    assert window.windowTitle() == "3 of 9 – SRGAN Desktop"
    upscale.title_changed.emit("other.png")
    assert window.windowTitle() == "3 of 9 – SRGAN Desktop"
    window.show_page(0)
    assert window.windowTitle() == "other.png – SRGAN Desktop"
