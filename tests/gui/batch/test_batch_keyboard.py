"""The Batch page by keyboard alone, in both languages, and named for screen readers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from batch_driver import BatchDriver
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QSpinBox, QWidget
from waiting import wait_until

from srgan_desktop.gui.batch.cells import Column
from srgan_desktop.gui.batch.run import State

MakePhotos = Callable[..., Path]


def test_everything_has_a_name(batch: BatchDriver) -> None:
    kinds: tuple[type[QWidget], ...] = (QAbstractButton, QComboBox, QLineEdit, QSpinBox)
    nameless = [
        widget
        for kind in kinds
        for widget in batch.page.findChildren(kind)
        if not (widget.accessibleName() or getattr(widget, "text", str)())
        and not widget.objectName().startswith("qt_")
        and not isinstance(widget.parent(), QLineEdit | QSpinBox)
        and widget.isVisible()
    ]
    assert nameless == []
    assert batch.table.accessibleName() == "Pictures of the batch"


def test_tab_reaches_the_table_and_leaves_it(batch: BatchDriver, make_photos: MakePhotos) -> None:
    batch.add(make_photos("a.png", "b.png"))
    top, panel = batch.view.top, batch.panel
    top.add.setFocus()
    seen: list[QWidget] = []
    for _ in range(60):
        now = QApplication.focusWidget()
        if now is None or now in seen:
            break
        seen.append(now)
        QTest.keyClick(now, Qt.Key.Key_Tab)
    assert {batch.table, top.add, top.more, panel.model, panel.output.name} <= set(seen)
    assert panel.start in seen


def test_keys_of_the_table(batch: BatchDriver, make_photos: MakePhotos) -> None:
    batch.add(make_photos("a.png", "b.png", *(f"c{n}.png" for n in range(8)), size=(160, 120)))
    batch.table.setFocus()
    batch.key(Qt.Key.Key_B)
    assert batch.chosen == ["b.png"]
    batch.key(Qt.Key.Key_Delete)
    batch.settle()
    assert "b.png" not in batch.names
    assert len(batch.chosen) == 1, "the next row is where keys go on"
    batch.key(Qt.Key.Key_A, ctrl=True)
    assert len(batch.chosen) == 9
    batch.key(Qt.Key.Key_Space)
    batch.wait_for("done")
    batch.key(Qt.Key.Key_Space)
    assert batch.state is State.PAUSED
    batch.key(Qt.Key.Key_Space)
    batch.wait_for("done", 9)
    batch.wait_for_the_end()
    batch.key(Qt.Key.Key_Return)
    dialog = batch.comparison()
    wait_until(lambda: not dialog.state.isVisible())
    dialog.close()


def test_keys_go_to_the_list_once_there_is_one(batch: BatchDriver, make_photos: MakePhotos) -> None:
    batch.view.empty.open_button.setFocus()
    batch.add(make_photos("a.png"))
    assert batch.focused is batch.table
    window = batch.window
    window.show_page(0)
    window.show_page(window.pages.index(batch.page))
    assert batch.focused is batch.table


def test_space_pauses_after_start_was_pressed(batch: BatchDriver, make_photos: MakePhotos) -> None:
    batch.add(make_photos(*(f"{n:02}.png" for n in range(30)), size=(160, 120)))
    batch.window.activateWindow()
    batch.start_button.setFocus()
    QTest.mouseClick(batch.start_button, Qt.MouseButton.LeftButton)
    batch.wait_for("done")
    assert batch.focused is batch.table
    batch.key(Qt.Key.Key_Space)
    assert batch.state is State.PAUSED
    assert batch.window.page is batch.page
    batch.view.bottom.pause.setFocus()
    batch.key(Qt.Key.Key_Space)
    assert batch.state is not State.PAUSED
    batch.wait_for_the_end()
    assert batch.focused is batch.table, "the button that had the focus is gone"


def test_in_chinese_and_back(batch: BatchDriver, make_photos: MakePhotos) -> None:
    batch.add(make_photos("a.png"))
    services, model = batch.window.services, batch.page.model
    services.set_language("zh_CN")
    header = [model.headerData(c, Qt.Orientation.Horizontal) for c in Column]
    assert header == ["图片", "文件夹", "尺寸", "状态", "用时"]
    assert batch.page.title() == "批量"
    assert batch.start_button.text() == "开始(&S)"
    services.set_language("en")
    assert batch.start_button.text() == "&Start"
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Picture"
