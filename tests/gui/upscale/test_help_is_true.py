"""Every key that Help names does what Help says, in the real window; the guide is complete."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QWidget
from waiting import WaitUntil
from window_helpers import MakePhoto, finish

from srgan_desktop.core.base import app_paths as places
from srgan_desktop.core.base import translation
from srgan_desktop.gui.shell import guide, help_dialogs
from srgan_desktop.gui.shell.main_window import MainWindow
from srgan_desktop.gui.upscale.page import UpscalePage
from srgan_desktop.gui.viewer import ViewMode

ROOT = Path(__file__).parents[3]
# pressed on the table itself, by tests/gui/batch/test_batch_keyboard.py
ON_THE_TABLE = {"Pause and resume", "View result", "Remove from list"}
# pressed there, by the tests of the Models page, of the comparison and of the blind rating
ELSEWHERE = {
    "Use this model",
    "One at a time",
    "Side by side",
    "Rate the picture",
    "Rate the last one again",
}
KEYS = {"←": "Left", "→": "Right", "↑": "Up", "↓": "Down", "−": "-"}


def press(widget: QWidget, keys: str) -> None:
    """As a person would; ``keys`` as Qt writes them."""
    QTest.keySequence(widget, QKeySequence(KEYS.get(keys, keys)))
    QApplication.processEvents()


def fires(action: QAction, widget: QWidget, keys: str) -> bool:
    """Whether these keys trigger the action."""
    told = QSignalSpy(action.triggered)
    press(widget, keys)
    return told.count() == 1


@pytest.fixture
def ready(
    window: MainWindow,
    page: UpscalePage,
    make_photo: MakePhoto,
    wait_until: WaitUntil,
    monkeypatch: pytest.MonkeyPatch,
) -> UpscalePage:
    """A finished picture; dialogs and saving only note that they were asked for."""
    window.activateWindow()
    QApplication.clipboard().clear()  # what another test left would be opened by Ctrl+V
    page.open_paths([make_photo("photo.png", (60, 40))])
    finish(page, wait_until)
    page.viewer.setFocus()
    return page


def checks(window: MainWindow, page: UpscalePage) -> dict[str, Callable[[str], bool]]:
    """What each line of Help promises, by its text."""
    view, commands = page.viewer, page.commands
    navigation = view.navigation

    def moved(keys: str) -> bool:
        before = navigation.divider
        press(view, keys)
        small = abs(navigation.divider - before)
        press(view, f"Shift+{KEYS[keys]}")
        return 0 < small < abs(navigation.divider - before) - small

    def zooms(keys: str) -> bool:
        navigation.zoom_to(4.0)
        press(view, keys)
        return navigation.zoom > 4 if keys == "+" else navigation.zoom < 4

    def looks(keys: str) -> bool:
        navigation.zoom_to(8.0)
        before = navigation.centre
        press(view, keys)
        return navigation.centre != before

    def shows(keys: str) -> bool:
        navigation.zoom_to(4.0)
        press(view, keys)
        wanted = {"0": None, "1": 1.0, "2": 2.0}[keys[-1]]
        return navigation.fitting if wanted is None else navigation.zoom == wanted

    def holds(keys: str) -> bool:
        QTest.keyPress(view, Qt.Key.Key_Space)
        held = navigation.state.holding
        QTest.keyRelease(view, Qt.Key.Key_Space)
        return held and not navigation.state.holding

    def ends(keys: str) -> bool:
        press(view, keys)
        return navigation.divider == {"Home": 0.0, "End": 1.0}[keys]

    def mode(keys: str) -> bool:
        press(view, keys)
        order = (ViewMode.DIVIDER, ViewMode.SIDE_BY_SIDE, ViewMode.SINGLE)
        return navigation.mode is order[int(keys[1:]) - 6]

    def crops(keys: str) -> bool:
        press(view, keys)
        begun = page.cropping.active
        page.cropping.cancel()
        return begun

    def on(action: QAction) -> Callable[[str], bool]:
        return lambda keys: action.isEnabled() and fires(action, view, keys)

    def of_page(number: int, text: str) -> Callable[[str], bool]:
        def found(keys: str) -> bool:
            actions = [a for a in window.pages[number].findChildren(QAction) if a.text() == text]
            return any(a.shortcut() == QKeySequence(keys) for a in actions)

        return found

    def of_batch(text: str) -> Callable[[str], bool]:
        return of_page(1, text)

    def either(texts: tuple[str, str]) -> Callable[[str], bool]:
        return lambda keys: any(of_batch(text)(keys) for text in texts)

    return {
        "Open pictures": on(commands.open),
        "Open what is in the clipboard": on(commands.paste),
        "Save the result beside the original": on(commands.save),
        "Save with another name, format or quality": on(commands.save_as),
        "Copy the result": on(commands.copy),
        "Close the photo": lambda keys: commands.close.shortcut() == QKeySequence(keys),
        "Crop: arrow keys move, with Ctrl stretch; Enter takes it": crops,
        "Start": lambda keys: commands.start.shortcut() == QKeySequence(keys),
        "Stop": on(commands.stop),
        "Hold to see the original": holds,
        "Move the divider (with Shift in large steps)": moved,
        "Look at another part": looks,
        "Zoom in and out": zooms,
        "Whole picture / 100 % / 200 %": shows,
        "Whole picture / 100 %, from anywhere": shows,
        "Divider to the left or right end": ends,
        "Divider / side by side / one picture": mode,
        "Retry / cancel": either(("Retry", "Cancel")),
        "Move up or down in the list": either(("Move up", "Move down")),
        "Save report (CSV)…": of_batch("Save report (CSV)…"),
        **{text: of_page(2, text) for text in ("Add models…", "Rename…", "Remove…")},
        "Settings": on(window.settings_action),
        "Show this list": on(window.shortcuts_action),
        "Quit": lambda keys: window.quit_action.shortcut() == QKeySequence(keys),
    }


def keys_in(text: str) -> list[str]:
    """One after the other, out of "Ctrl+0 / Ctrl+1", "← →" or "Ctrl + arrow keys, ↑ ↓"."""
    if text.startswith("Ctrl + arrow keys"):
        return ["Ctrl+Left", "Ctrl+Right", "↑", "↓"]
    return re.split(r" / | ", text)


def test_every_key_does_what_help_says(
    window: MainWindow, ready: UpscalePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    # what a shortcut opens is not looked at here
    monkeypatch.setattr(QDialog, "open", lambda dialog: dialog.deleteLater())
    monkeypatch.setattr(
        "srgan_desktop.gui.upscale.page.QFileDialog.getOpenFileNames", lambda *_: ([], "")
    )
    promised = checks(window, ready)
    wrong = []
    for _, lines in help_dialogs.shortcuts():
        for keys, text in lines:
            if text in ON_THE_TABLE | ELSEWHERE:
                continue
            assert text in promised, f"nobody checks: {keys}: {text}"
            ready.viewer.setFocus()
            ready.bottom.modes[ViewMode.DIVIDER].trigger()
            wrong += [f"{key}: {text}" for key in keys_in(keys) if not promised[text](key)]
    assert wrong == [], "\n".join(wrong)


def test_the_guide_has_its_pictures_and_says_what_the_document_says(qapp: QApplication) -> None:
    document = " ".join((ROOT / "docs" / "GUIDE.md").read_text(encoding="utf-8").split())
    for section in guide.sections():
        assert section.title in document
        assert section.text in document
        assert f"guide/en/{section.picture}.webp" in document
        for language in ("en", "zh_CN"):
            assert (places.resources() / "guide" / language / f"{section.picture}.webp").is_file()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_guide_opens(window: MainWindow, language: str) -> None:
    translation.set_language(language)
    dialog = guide.GuideDialog(window)
    dialog.show()
    pictures = [label for label in dialog.findChildren(QLabel) if not label.pixmap().isNull()]
    assert len(pictures) == len(guide.sections())
    assert {label.accessibleName() for label in pictures} == {
        section.title for section in guide.sections()
    }
    dialog.close()
    dialog.deleteLater()
