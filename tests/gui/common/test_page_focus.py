"""A control that goes leaves its focus to its page, not to the next button of the window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget

from srgan_desktop.gui.common.page import Page


class TwoButtons(Page):
    """A page in a window that has a button before it."""

    def __init__(self) -> None:
        super().__init__()
        self.start, self.other, self.list = QPushButton(), QPushButton(), QLineEdit()
        column = QVBoxLayout(self)
        for widget in (self.start, self.other, self.list):
            column.addWidget(widget)

    def focus_home(self) -> QWidget:
        return self.list


@pytest.fixture
def page(qapp: QApplication) -> Iterator[TwoButtons]:
    window = QWidget()
    column = QVBoxLayout(window)
    column.addWidget(QPushButton("elsewhere"))
    page = TwoButtons()
    column.addWidget(page)
    window.show()
    window.activateWindow()
    page.start.setFocus()
    yield page
    window.close()
    window.deleteLater()


@pytest.mark.parametrize("going", ["setDisabled", "setHidden"])
def test_what_goes_leaves_the_focus_to_the_page(page: TwoButtons, going: str) -> None:
    getattr(page.start, going)(True)
    assert QApplication.focusWidget() is page.list


def test_tab_goes_on_as_ever(page: TwoButtons) -> None:
    QTest.keyClick(page.start, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is page.other
    QTest.keyClick(page.other, Qt.Key.Key_Backtab)
    assert QApplication.focusWidget() is page.start
