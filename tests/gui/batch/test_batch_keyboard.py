"""The Batch page by keyboard alone, in both languages, and named for screen readers."""

from __future__ import annotations

from batch_helpers import MakePhotos, names, settle
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QSpinBox, QWidget
from waiting import WaitUntil

from srgan_desktop.gui.batch.comparison import ComparisonDialog
from srgan_desktop.gui.batch.page import BatchPage
from srgan_desktop.gui.batch.run import State
from srgan_desktop.gui.batch.table_model import Column


def test_everything_has_a_name(page: BatchPage) -> None:
    kinds: tuple[type[QWidget], ...] = (QAbstractButton, QComboBox, QLineEdit, QSpinBox)
    nameless = [
        widget
        for kind in kinds
        for widget in page.findChildren(kind)
        if not (widget.accessibleName() or getattr(widget, "text", str)())
        and not widget.objectName().startswith("qt_")
        and not isinstance(widget.parent(), QLineEdit | QSpinBox)
        and widget.isVisible()
    ]
    assert nameless == []
    assert page.table.accessibleName() == "Pictures of the batch"


def test_tab_reaches_the_table_and_leaves_it(
    page: BatchPage, make_photos: MakePhotos, wait_until: WaitUntil
) -> None:
    page.open_paths([make_photos("a.png", "b.png")])
    settle(page, wait_until)
    page.top.add.setFocus()
    seen: list[QWidget] = []
    for _ in range(60):
        now = QApplication.focusWidget()
        if now is None or now in seen:
            break
        seen.append(now)
        QTest.keyClick(now, Qt.Key.Key_Tab)
    assert page.table in seen
    assert {page.top.add, page.top.more, page.panel.model, page.panel.output.name} <= set(seen)
    assert page.panel.start in seen


def test_keys_of_the_table(page: BatchPage, make_photos: MakePhotos, wait_until: WaitUntil) -> None:
    top = make_photos("a.png", "b.png", *(f"c{n}.png" for n in range(8)), size=(160, 120))
    page.open_paths([top])
    settle(page, wait_until)
    table = page.table
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_B)
    assert [item.source.name for item in page._chosen()] == ["b.png"]
    QTest.keyClick(table, Qt.Key.Key_Delete)
    settle(page, wait_until)
    assert "b.png" not in names(page)
    assert len(page._chosen()) == 1, "the next row is where keys go on"
    QTest.keyClick(table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(page._chosen()) == 9
    QTest.keyClick(table, Qt.Key.Key_Space)
    wait_until(lambda: page.model.counts["done"] >= 1)
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert page.run.state is State.PAUSED
    QTest.keyClick(table, Qt.Key.Key_Space)
    wait_until(lambda: page.model.counts["done"] == 9)
    wait_until(lambda: not page.run.active)
    QTest.keyClick(table, Qt.Key.Key_Return)
    dialog = page.findChild(ComparisonDialog)
    assert dialog is not None
    wait_until(lambda: not dialog.state.isVisible())
    dialog.close()


def test_in_chinese_and_back(
    page: BatchPage, make_photos: MakePhotos, wait_until: WaitUntil
) -> None:
    page.open_paths([make_photos("a.png")])
    settle(page, wait_until)
    services = page.services
    services.set_language("zh_CN")
    header = [page.model.headerData(c, Qt.Orientation.Horizontal) for c in Column]
    assert header == ["图片", "文件夹", "尺寸", "状态", "用时"]
    assert page.title() == "批量"
    assert page.panel.start.text() == "开始(&S)"
    services.set_language("en")
    assert page.panel.start.text() == "&Start"
    assert page.model.headerData(0, Qt.Orientation.Horizontal) == "Picture"
